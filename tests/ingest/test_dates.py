from datetime import date

import pytest

from ingest.dates import Dated, event_date, find_dates, given_date, publication_date, short_date

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
        ("2023년 11월 26일(일요일)", date(2023, 11, 26)),
        ("2023.11.26.(일)", date(2023, 11, 26)),
        ("’23.11.26.", date(2023, 11, 26)),
        ("2023年11月26日", date(2023, 11, 26)),
        ("令和5年11月26日", date(2023, 11, 26)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("11/26/2023", date(2023, 11, 26)),
        ("26/11/2023", date(2023, 11, 26)),
        ("05.05.2023", date(2023, 5, 5)),
        ("2023 05 06", date(2023, 5, 6)),
        ("05-Jun-23", date(2023, 6, 5)),
        ("12/31/23", date(2023, 12, 31)),
        ("November 26-27, 2023", date(2023, 11, 26)),
        ("26th to 27th of November 2023", date(2023, 11, 26)),
        ("30 November – 1 December 2023", date(2023, 11, 30)),
    ],
)
def test_a_records_date_is_read_in_every_common_form(text: str, expected: date) -> None:
    assert given_date(text) == expected


@pytest.mark.parametrize("text", ["soon", "November 26", "2023", "31 February 2023", "November 2023", "{}"])
def test_what_is_no_whole_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (whole )?date"):
        given_date(text)


@pytest.mark.parametrize("text", ["05/06/2023", "05.06.2023", "05-06-2023", "05/06/2023 10:00 AM"])
def test_a_records_figures_that_may_be_several_days_are_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=rf"^'{text}' may be 2023-05-06 or 2023-06-05; write it as YYYY-MM-DD$"):
        given_date(text)


def test_two_figures_for_a_year_may_be_those_of_a_day() -> None:
    with pytest.raises(ValueError, match="may be 2006-05-23 or 2023-05-06 or 2023-06-05"):
        given_date("23.05.06")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on November 26-27, 2023", [(date(2023, 11, 26), "November 26"), (date(2023, 11, 27), "27, 2023")]),
        ("on 26 and 27 November 2023", [(date(2023, 11, 26), "26"), (date(2023, 11, 27), "27 November 2023")]),
        ("30 June – 1 July 2023", [(date(2023, 6, 30), "30 June"), (date(2023, 7, 1), "1 July 2023")]),
        # No spans.
        ("Statement 30 - 27 November 2023", [(date(2023, 11, 27), "27 November 2023")]),
        ("COVID-19 - 27 November 2023", [(date(2023, 11, 27), "27 November 2023")]),
        ("16:20 - 27 November 2023", [(date(2023, 11, 27), "27 November 2023")]),
        ("December 30 – January 2, 2024", [(None, "December 30"), (date(2024, 1, 2), "January 2, 2024")]),
    ],
)
def test_both_ends_of_a_span_of_days_have_its_year(text: str, expected: list[tuple[date | None, str]]) -> None:
    assert [(found.date, text[found.start : found.end]) for found in find_dates(text)] == expected


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
        (["03.27.13"], "Meeting", "They met.", Dated(date(2013, 3, 27), "page")),
        (["등록일 2023. 11. 27. 조회수 12"], "회담 결과", "만났다.", Dated(date(2023, 11, 27), "page")),
        ([], "회담 결과(11.26(일))", "2023년의 일이다.", Dated(date(2023, 11, 26), "weekday in the text")),
        ([], "Meeting", "SEOUL, Nov. 26, 2023 — They met.", Dated(date(2023, 11, 26), "dateline")),
        ([], "Meeting", "(Washington, March 3, 2013) – They met.", Dated(date(2013, 3, 3), "dateline")),
        ([], "Meeting", "They met on March 3, 2013: a first.", Dated(date(2013, 3, 3), "first lines")),
        (
            [],
            "Meeting",
            "WASHINGTON (Thursday, Jan. 3, 2013) Capping a year, they met.",
            Dated(date(2013, 1, 3), "dateline"),
        ),
        ([], "Meeting", "For Immediate Release: March 6, 2008 They met.", Dated(date(2008, 3, 6), "dateline")),
        ([], "회담 결과", "배포일시: 2023. 11. 27. 양측은 만났다.", Dated(date(2023, 11, 27), "dateline")),
        ([], "Meeting", "A first\nFriday, January 18, 2013\nThey met.", Dated(date(2013, 1, 18), "dateline")),
        ([], "Talks", "SEOUL, Nov. 26-27, 2023 — They met.", Dated(date(2023, 11, 26), "dateline")),
        ([], "Talks", "May 3-5, 2023 are the days of the festival.", Dated(None, "")),
        # The dateline says when; a title may name another day, and a remembered one lends no year either.
        (
            [],
            "Joint Statement on the 70th Anniversary of the Armistice of July 27, 1953",
            "SEOUL, July 27, 2023 — They met.",
            Dated(date(2023, 7, 27), "dateline"),
        ),
        (
            [],
            "Statement on the 70th Anniversary of the Armistice of July 27, 1953",
            "SEOUL, July 27 — In 2023 they met.",
            Dated(date(2023, 7, 27), "year in the text"),
        ),
        (
            [],
            "Resolution of May 3, 2013",
            "SEOUL, May 6, 2013 — They met.",
            Dated(date(2013, 5, 6), "dateline"),
        ),
        ([], "On the Anniversary of the Treaty of July 27, 1953", "They spoke of it.", Dated(None, "")),
        ([], "The Agreement Signed on March 3, 2013", "It has served well.", Dated(None, "")),
        ([], "1953년 7월 27일 체결된 정전협정", "의의를 설명하였다.", Dated(None, "")),
        ([], "Anniversary of the Treaty (July 14, 2026)", "They met.", Dated(date(2026, 7, 14), "title")),
        # Days that a release remembers, awaits or only mentions are not its own.
        ([], "Statement", "They met on the anniversary of September 11, 2001.", Dated(None, "")),
        ([], "Statement", "The minister will visit Tokyo on Friday, November 13.", Dated(None, "")),
        ([], "Statement", "The deadline is March 3, 2013.", Dated(None, "")),
        ([], "The budget of March 3, 2013 was …", "The budget of March 3, 2013 was passed late.", Dated(None, "")),
        # What is still to come was not published then.
        ([], "Summit of May 3, 2030", "They will meet.", Dated(None, "")),
        (["Event on 2030-05-03", "2026-11-20"], "Summit", "They will meet.", Dated(date(2026, 11, 20), "page")),
    ],
)
def test_the_publication_date_says_where_it_was_read(head: list[str], title: str, body: str, expected: Dated) -> None:
    assert publication_date(head, title, body, TODAY) == expected


@pytest.mark.parametrize("text", ["04/05/2023", "1.2.2023", "11.26", "version 23.11.26", "4. 5. million", "99/99/2023"])
def test_figures_that_may_be_another_day_or_none_are_no_date(text: str) -> None:
    assert find_dates(text) == []


def test_a_korean_day_with_its_weekday_is_found_without_a_year() -> None:
    assert [
        (f.year, f.month, f.day, f.weekday) for f in find_dates("양측은 11.26.(일) 부산에서, ’23.8.10.(목) 서울에서")
    ] == [
        (None, 11, 26, 6),
        (2023, 8, 10, 3),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("03.27.13", date(2013, 3, 27)),
        ("27/03/13", date(2013, 3, 27)),
        ("05.05.13", date(2013, 5, 5)),
        ("03.04.13", None),
        ("3.27.13 p.m.", None),
    ],
)
def test_a_short_date_counts_when_only_one_figure_can_be_the_month(line: str, expected: date | None) -> None:
    assert short_date(line) == expected


PUBLISHED = date(2023, 11, 27)


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("Outcome of the Meeting (November 26)", "They met.", date(2023, 11, 26)),
        ("회담 결과(11.26)", "양측은 11월 26일(일) 부산에서 회담을 가졌다.", date(2023, 11, 26)),
        ("Outcome", "The ministers met in Busan on Sunday, November 26.", date(2023, 11, 26)),
        ("Outcome", "The ministers met on November 26, 2023. They agreed.", date(2023, 11, 26)),
        ("Visit", "The minister will visit Tokyo on December 3-5.", date(2023, 12, 3)),
        ("Call", "The minister spoke today with his counterpart about the quake of November 8.", date(2023, 11, 27)),
        # What came before, in another clause, is another event.
        (
            "Visit",
            "Following the meeting on November 20, the minister visited Tokyo on November 25.",
            date(2023, 11, 25),
        ),
        # Days far away, days of no event, days on another weekday, and no day at all.
        ("Outcome", "They met as agreed on August 31.", None),
        ("Statement", "The deadline of December 1 stands.", None),
        ("Outcome", "They met on Friday, November 26.", None),
        ("Outcome", "They met in Busan.", None),
    ],
)
def test_the_day_of_the_event_is_kept_beside_that_of_publication(title: str, body: str, expected: date | None) -> None:
    assert event_date(title, body, PUBLISHED) == expected


def test_an_event_around_the_turn_of_the_year_is_in_the_nearest_year() -> None:
    assert event_date("Call", "They spoke on December 30.", date(2024, 1, 2)) == date(2023, 12, 30)
    assert event_date("Visit", "She will visit Seoul on January 8.", date(2023, 12, 20)) == date(2024, 1, 8)


def test_without_a_publication_date_only_a_whole_day_is_an_events() -> None:
    assert event_date("Call", "They spoke on December 30.", None) is None
    assert event_date("Call", "They spoke on December 30, 2023.", None) == date(2023, 12, 30)


def test_letters_that_only_pass_for_those_of_a_month_name_no_day() -> None:
    assert find_dates("On 5 APRİL 2023 and ſunday, 6 Auguſt 2023") == []


@pytest.mark.parametrize("value", [1700992800, 1700992800000, 1700992800.5])
def test_a_count_of_seconds_is_a_day(value: object) -> None:
    assert given_date(value) == date(2023, 11, 26)


@pytest.mark.parametrize("title", ["하천협력 회담 결과 (2.29, 목)", "하천협력 회담 결과 (2.29.목)"])
def test_a_korean_day_with_its_weekday_behind_a_point_gets_its_year(title: str) -> None:
    found = publication_date((), title, "양측은 회담을 가졌다.", today=TODAY)

    assert found == Dated(date(2024, 2, 29), "weekday in the text")


def test_a_year_that_something_is_planned_for_dates_nothing() -> None:
    body = "항만부는 5월 9일 크레인을 도입하였다고 밝혔다.\n차기 도입은 2026년이다."

    assert publication_date((), "크레인 도입 결과", body, today=TODAY).date is None
    assert publication_date((), "2024년도 크레인 도입 결과", body, today=TODAY).date == date(2024, 5, 9)


def test_what_was_decided_today_happened_on_the_day_of_publication() -> None:
    published = date(2024, 12, 10)

    assert event_date("Fishing days", "The Council today decided on the fishing days.", published) == published
