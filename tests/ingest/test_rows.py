import pytest

from ingest.formats.text import release_of, units_of
from ingest.markup import lines_of_html
from ingest.rows import readable_rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Country\tExports\tImports\nKorea\t5.1\t4\nChina\t6\t",
            ["Country: Korea; Exports: 5.1; Imports: 4", "Country: China; Exports: 6"],
        ),
        ("| Name | Role |\n|---|:--|\n| Park | Minister |\n| Wang |  |", ["Name: Park; Role: Minister", "Name: Wang"]),
        ("Date:\t26 November\nPlace:\tBusan", ["Date: 26 November", "Place: Busan"]),
        (
            "Country\tLeader\tExports\nKorea\tPark\t5.1\nChina\tWang\t6",
            ["Country: Korea; Leader: Park; Exports: 5.1", "Country: China; Leader: Wang; Exports: 6"],
        ),
        ("Place\tBusan\nTime\t10:40", ["Place: Busan", "Time: 10:40"]),
        ("구분\t2022\t2023\n수출\t5\t6\n수입\t3\t4", ["구분: 수출; 2022: 5; 2023: 6", "구분: 수입; 2022: 3; 2023: 4"]),
    ],
)
def test_a_table_becomes_rows_that_can_be_read_alone(text: str, expected: list[str]) -> None:
    assert readable_rows(text).split("\n") == expected


@pytest.mark.parametrize("marks", [("1.", "2."), ("(1)", "(2)"), ("①", "②"), ("가.", "나."), ("□", "ㅇ"), ("•", "•")])
def test_a_tab_behind_a_number_or_bullet_makes_no_table(marks: tuple[str, str]) -> None:
    first, second = marks

    assert readable_rows(f"{first}\tThe ministers met.\n{second}\tThey agreed on 5 plans.").split("\n") == [
        f"{first} The ministers met.",
        f"{second} They agreed on 5 plans.",
    ]


def test_paragraphs_with_a_tab_behind_their_number_are_cited_by_it() -> None:
    text = "Ministers Meet in Busan\n1.\tThe ministers met in Busan on Sunday morning to talk.\n2.\tThey agreed."

    assert [(p.number, p.text) for p in release_of(text).paragraphs] == [
        ("1", "The ministers met in Busan on Sunday morning to talk."),
        ("2", "They agreed."),
    ]


@pytest.mark.parametrize(
    "text", ["They met.\tThey left.", "\t\tThey met.\n\t\tThey left.", "a | b\nc | d", "no table", ""]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert readable_rows(text) == text


def test_a_table_of_a_feed_becomes_rows() -> None:
    html = "<p>Exports:</p><table><tr><th>Country</th><th>Exports</th></tr>\n<tr><td><p>Korea</p></td><td>5.1</td></tr><tr><td>Japan</td><td></td></tr></table><p>They met.</p>"

    assert units_of(lines_of_html(html)) == ["Exports:", "Country: Korea; Exports: 5.1", "Country: Japan", "They met."]
