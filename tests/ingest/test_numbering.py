import pytest

from ingest.numbering import paragraphs, positioned, printed_numbers


def numbers(texts: list[str]) -> list[str | None]:
    return [found[0] if found else None for found in printed_numbers(texts)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1. We met.", "2. We agreed."], ["1", "2"]),
        (["1) We met.", "2) We agreed."], ["1", "2"]),
        (["(1) We met.", "(2) We agreed."], ["1", "2"]),
        (["Preamble", "1. We met.", "Heading", "2. We agreed."], [None, "1", None, "2"]),
        (["1. We met.", "2. We agreed.", "4. We left."], ["1", "2", "4"]),
        (["2. We agreed.", "3. We left."], ["2", "3"]),
    ],
)
def test_printed_numbers_are_read(texts: list[str], expected: list[str | None]) -> None:
    assert numbers(texts) == expected


@pytest.mark.parametrize(
    "texts",
    [
        ["2023. A good year.", "2024. A better one."],
        ["1. Only one number."],
        ["1. a", "1. b", "1. c"],
        ["5. a", "6. b"],
        ["10th meeting of the group", "3.5 million people"],
        ["1.5 degrees", "2.5 degrees"],
    ],
)
def test_other_numbers_are_left_alone(texts: list[str]) -> None:
    assert numbers(texts) == [None] * len(texts)


def test_a_note_joins_the_paragraph_above_it() -> None:
    first, second = paragraphs(["1. We met.", "* For the first time.", "※ In Busan.", "2. We agreed."])

    assert first.text == "We met.\n* For the first time.\n※ In Busan."
    assert [first.text[n.start : n.end] for n in first.notes] == ["* For the first time.", "※ In Busan."]
    assert [n.marker for n in first.notes] == ["*", "※"]
    assert (second.number, second.notes) == ("2", ())
    assert first.note_at(10, 20) == 1
    assert first.note_at(0, 7) is None


def test_starred_lists_are_no_notes() -> None:
    assert len(paragraphs(["They agreed on:", "* trade", "* peace"])) == 3
    assert len(paragraphs(["They agreed.", "* trade", "* peace", "* games"])) == 4


def test_a_record_keeps_the_positions_of_its_paragraphs() -> None:
    made = positioned(["We met.", "", "* For the first time.", "We agreed."])

    assert [(p.index, p.number, p.text) for p in made] == [
        (0, "1", "We met.\n* For the first time."),
        (3, "4", "We agreed."),
    ]


def test_unnumbered_paragraphs_of_a_numbered_release_share_no_number_with_others() -> None:
    made = positioned(["Preamble of the leaders", "1. We met.", "Trade", "- goods", "2. We agreed."])

    assert [(p.number, p.numbered) for p in made] == [
        ("0+1", False),
        ("1", True),
        ("1+1", False),
        ("1+2", False),
        ("2", True),
    ]
    assert made[2].label == "¶1+1 (unnumbered)"
