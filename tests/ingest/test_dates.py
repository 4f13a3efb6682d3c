from datetime import date

import pytest

from ingest.dates import Dated, find_dates, given_date, publication_date

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-11-26", date(2023, 11, 26)),
        ("2023. 11. 26.", date(2023, 11, 26)),
        ("2023/11/26 10:12", date(2023, 11, 26)),
        ("November 26, 2023", date(2023, 11, 26)),
        ("Nov. 26, 2023", date(2023, 11, 26)),
        ("26 November 2023", date(2023, 11, 26)),
        ("26th of November, 2023", date(2023, 11, 26)),
        ("Sunday, November 26, 2023", date(2023, 11, 26)),
        ("2023년 11월 26일(일)", date(2023, 11, 26)),
        ("Fri, 26 Jun 2026 08:00:03 GMT", date(2026, 6, 26)),
        ("2023-11-26T10:00:00Z", date(2023, 11, 26)),
        ("20231126", date(2023, 11, 26)),
    ],
)
def test_a_records_date_is_read_in_every_common_form(text: str, expected: date) -> None:
    assert given_date(text) == expected


@pytest.mark.parametrize("text", ["soon", "November 26", "2023", "31 February 2023", "November 2023", "{}"])
def test_what_is_no_whole_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (whole )?date"):
        given_date(text)


def test_days_are_found_with_their_weekday() -> None:
    text = "from 10:40 a.m., Sunday, November 26. Tours resumed (August 10); 11월 7일(화) followed."

    assert [(f.month, f.day, f.weekday, f.year) for f in find_dates(text)] == [
        (11, 26, 6, None),
        (8, 10, None, None),
        (11, 7, 1, None),
    ]


@pytest.mark.parametrize(
    ("head", "title", "body", "expected"),
    [
        (
            [],
            "Outcome of the Meeting (November 26)",
            "They met on Sunday, November 26. It joined in March 2023.",
            Dated(date(2023, 11, 26), "weekday in the text"),
        ),
        # The same weekday fell on that day in 2017 too; a year that the text names wins over a later one.
        (
            [],
            "Meeting (November 26)",
            "On Sunday, November 26, as in 2017, they met.",
            Dated(date(2017, 11, 26), "weekday in the text"),
        ),
        # Nothing but the weekday: the latest such year that is past.
        (
            [],
            "Meeting (November 26)",
            "They met on Sunday, November 26.",
            Dated(date(2023, 11, 26), "weekday in the text"),
        ),
        ([], "Meeting (July 14, 2026)", "They met.", Dated(date(2026, 7, 14), "title")),
        (
            ["Date 2023-11-27 Hit 12"],
            "Meeting (November 26)",
            "They met on Sunday, November 26.",
            Dated(date(2023, 11, 27), "page"),
        ),
        ([], "Meeting (March 3)", "They met. The plan of 2022 stands.", Dated(date(2022, 3, 3), "year in the text")),
        ([], "Meeting (March 3)", "They met. The plans of 2021 and 2022 stand.", Dated(None, "")),
        ([], "Meeting", "They met.", Dated(None, "")),
    ],
)
def test_the_publication_date_says_where_it_was_read(head: list[str], title: str, body: str, expected: Dated) -> None:
    assert publication_date(head, title, body, TODAY) == expected
