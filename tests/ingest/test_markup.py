import pytest

from ingest.markup import lines_of_html, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Get more people vaccinated**", "Get more people vaccinated"),
        (
            "a senior-level** Quad Vaccine Experts Group**, comprised",
            "a senior-level Quad Vaccine Experts Group, comprised",
        ),
        ("*et seq.*, as amended", "et seq., as amended"),
        ("see [the plan](https://example.org/a_(b)) of 2022", "see the plan of 2022"),
        (r"1\. Subject to \(i\)", "1. Subject to (i)"),
        (r"5 \* 3 is 15", "5 * 3 is 15"),
        ("* China joined the Convention.", "* China joined the Convention."),
        ("**<u>MADE IN AMERICA</u>**", "MADE IN AMERICA"),
        ("### Leading with Our Values", "Leading with Our Values"),
        ("<!-- -->", ""),
        ("Biden-\u2060Harris\u00a0Administration", "Biden-Harris Administration"),
        ("AT&amp;T", "AT&T"),
        ("a < b and b > c", "a < b and b > c"),
    ],
)
def test_a_reader_sees_words_not_markup(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_blocks_of_html_are_lines() -> None:
    html = "<p>They <b>met</b>.</p><script>alert('x')</script><p>They&nbsp;left.<br>At noon.</p>"

    assert [line.strip() for line in lines_of_html(html).split("\n") if line.strip()] == [
        "They met.",
        "They\xa0left.",
        "At noon.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "At the <Korea-US Energy Dialogue> the ministers agreed to <Plan A> only.",
        "<Summary> <Table 1> <A new vision> <Section 3>",
        "Growth was <b 2%> at home.",
    ],
)
def test_words_in_angle_brackets_are_words(text: str) -> None:
    assert (plain(text), lines_of_html(text)) == (text, text)


@pytest.mark.parametrize(
    "tagged",
    [
        "<P>They met.</P>",
        "<p class=lead>They met.</p>",
        "<o:p></o:p>They met.",
        '<my-frame src="a">They met.</my-frame>',
        "<details open>They met.</details>",
        "<BR/>They met.<!-- <Plan A> -->",
    ],
)
def test_tags_are_no_words(tagged: str) -> None:
    assert (plain(tagged), lines_of_html(tagged)) == ("They met.", "They met.")


def test_an_address_in_angle_brackets_stays_as_a_reader_sees_it() -> None:
    assert plain("Write to <press@state.gov> or see <https://state.gov/a>.") == (
        "Write to press@state.gov or see https://state.gov/a."
    )


def test_items_of_lists_bear_what_a_browser_shows() -> None:
    fragment = (
        "<p>They agreed on:</p><ul><li>trade</li><li>two steps<ol start='3'><li>one</li><li>two</li></ol></li></ul>"
    )

    assert [line for line in lines_of_html(fragment).split("\n") if line] == [
        "They agreed on:",
        "• trade",
        "• two steps",
        "3. one",
        "4. two",
    ]
