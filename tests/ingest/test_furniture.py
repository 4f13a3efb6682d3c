from pathlib import Path

import pytest

from ingest.formats.text import release_of
from ingest.furniture import body_of, is_contact, is_dated_line, is_furniture, is_prose, title_of, without_end

BODY = "The Minister of Trade opened the new harbour in Busan this morning together with the mayor."


def body(*units: str) -> list[str]:
    return [units[position] for position in body_of(units)]


@pytest.mark.parametrize(
    "text",
    """Next Article|Previous Article|Tweet|Print|Email|share:|f|###|# # #|-###-|-30-|***|끝.|< 끝 >|For Immediate Release|
    IMMEDIATE RELEASE:|Press Releases|Related Files|Follow Barbara Lee on Twitter @RepBarbaraLee|Follow Congressman Doggett|
    Sign up for our weekly newsletter|This site uses cookies to improve your visit.|목록|이전글|다음글|첨부파일|조회수 345|담당부서 북미국|
    Posted: 2023-11-27 by admin|Hits 345|press-release.hwp|Back to News|Get Directions|03.27.13|2023-11-27|All rights reserved.""".split(
        "|"
    ),
)
def test_what_sites_put_around_releases_is_furniture(text: str) -> None:
    assert is_furniture(text.strip())


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "View all of this year's submissions here.",
        "Read more about the selection timeline here.",
        "Date of entry into force",
        "Published works of the laureate",
        "Search and rescue went on all night.",
        "The email was sent on March 3, 2023.",
        "3",
        "정책 방향",
        "Updated figures show that exports rose to $45.2 billion.",
        "Published data show that unemployment fell to 12.4 percent.",
        "Copyright reform is a priority for the Government, the Minister said.",
        "Follow the guidance of the local authorities.",
        "전화 통화에서 양 장관은 한반도 정세를 논의하였다.",
        "부서 간 협력을 강화하기로 하였다고 밝혔다.",
    ],
)
def test_what_releases_say_is_no_furniture(text: str) -> None:
    assert not is_furniture(text)


@pytest.mark.parametrize(
    "text",
    [
        "Contact: Nicole Y. Williams",
        "CONTACT: Anne Marie Malecha, 202.225.4876",
        "Press Contact David Carle: 202-224-3693",
        "FOR IMMEDIATE RELEASEContact: James Arnold or Mary Collins Atkinson (202) 224-2353",
        "Ricci Graham, (510) 763-0370",
        "Contact: (202) 224-5922 / press@example.org",
        "문의: 북미국 02-2100-7000",
        "jane.doe@example.org",
    ],
)
def test_whom_to_reach_is_a_contact_line(text: str) -> None:
    assert is_contact(text)


@pytest.mark.parametrize(
    "text",
    [
        "For more information, please call the office of the minister at 02-2100-7000.",
        "Contact between the two sides was restored.",
        "Media should RSVP to Caroline Tucker at caroline@example.org.",
        "They met.",
    ],
)
def test_a_sentence_is_no_contact_line(text: str) -> None:
    assert not is_contact(text)


def test_contact_blocks_go_with_the_names_in_them() -> None:
    assert body(
        "Harbour Opened",
        "Media Contact:",
        "Ricci Graham",
        "(510) 763-0370",
        BODY,
        "Contact:",
        "Jane Doe",
        "02-2100-7000",
    ) == [BODY]


@pytest.mark.parametrize(
    "own", ["Date: 5 December 2023", "Updated figures, 27 ports", "부서 간 협력 강화", "전화 통화 결과"]
)
def test_what_looks_like_a_field_is_kept_inside_the_text(own: str) -> None:
    assert body(BODY, own, BODY) == [BODY, own, BODY]


def test_the_day_that_an_advisory_announces_is_kept_and_is_not_its_publication() -> None:
    release = release_of(f"Harbour to Open\n\n{BODY}\nDate: 5 December 2023\nPlace: Busan\n{BODY}\n")

    assert "Date: 5 December 2023" in [p.text for p in release.paragraphs]
    assert release.date is None


@pytest.mark.parametrize(
    "field", ["Date: 2023-11-27 Hits: 345", "Posted on November 27, 2023", "Hits 345", "작성일: 2023. 11. 27."]
)
def test_a_boards_fields_are_left_out_inside_the_text_too(field: str) -> None:
    assert body(BODY, field, BODY) == [BODY, BODY]


@pytest.mark.parametrize("field", ["Posted by admin on November 27, 2023", "Date 2023-11-27", "담당부서 북미국"])
def test_a_boards_fields_are_left_out_around_the_text(field: str) -> None:
    assert body("Harbour Opened", field, BODY, field) == [BODY]


def test_a_hotline_inside_the_text_is_the_releases_own() -> None:
    assert body(BODY, "National Hotline: 800-273-8255", BODY) == [BODY, "National Hotline: 800-273-8255", BODY]


def test_lists_below_the_last_sentence_are_kept_up_to_the_sites_menu() -> None:
    places = ["Busan Harbour, 4 ships", "Ulsan Harbour, 3 ships", "Incheon Harbour", "Mokpo Harbour"]

    assert body(BODY, *places, "Related News", "Ships Sail") == [BODY, *places]
    assert body(BODY, *places, "About", "Services", "Issues") == [BODY, *places]
    assert body(BODY, *places, "###", "Ships Sail", "Next Article") == [BODY, *places]


def test_a_day_between_paragraphs_is_kept_and_one_above_them_is_not() -> None:
    assert body("January 5, 2023", BODY, "Thursday, January 12, 2023", BODY) == [
        BODY,
        "Thursday, January 12, 2023",
        BODY,
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{BODY} ###",
        f"{BODY} “We are open”",
        "WASHINGTON – Today the senator spoke of trade, and of ships, and of harbours, and of the people who work in them day and night, and (cont",
        "조태열 장관은 오늘 서울에서 회담을 가졌다.",
        "* China joined in March",
        "1. The Minister opened the harbour this morning together with him.",
    ],
)
def test_sentences_are_prose_however_they_end(text: str) -> None:
    assert is_prose(text)


@pytest.mark.parametrize(
    "text",
    [
        "Home",
        "Outcome of Korea-China Foreign Ministers’ Meeting (November 26)",
        "Home About Biography Services Flags Tours Issues Economy Health Security Media News Photos Videos Contact Offices Email Newsletter Search Menu Committees Caucuses Legislation Votes District Maps Help",
    ],
)
def test_titles_and_menus_are_no_prose(text: str) -> None:
    assert not is_prose(text)


def test_the_mark_that_closes_a_release_goes_and_its_words_stay() -> None:
    assert without_end("“We are open.” ###") == "“We are open.”"
    assert without_end("We are open. -30-") == "We are open."
    assert without_end("We are open. ### Follow Jane Doe on Twitter @jane") == "We are open."
    assert without_end("We are open. ### We close at noon.") == "We are open. ### We close at noon."
    assert without_end("We agreed on chapter 30") == "We agreed on chapter 30"


@pytest.mark.parametrize(
    ("head", "title", "subtitles"),
    [
        (["Home", "Harbour Opened in Busan Today"], "Harbour Opened in Busan Today", []),
        (
            ["Harbour Opened in Busan Today", "- After four years -"],
            "Harbour Opened in Busan Today",
            ["- After four years -"],
        ),
        (
            ["03.27.13", "Harbour Opened in Busan Today", "Minister Calls for More Ships and More Trade"],
            "Harbour Opened in Busan Today",
            ["Minister Calls for More Ships and More Trade"],
        ),
        (
            ["Harbour Opened in Busan Today", "For Immediate Release", "Contact: Jane Doe"],
            "Harbour Opened in Busan Today",
            [],
        ),
        (
            ["Ministry of Trade", "Outcome of the Meeting of the Ministers"],
            "Outcome of the Meeting of the Ministers",
            [],
        ),
        (
            ["Minister meets Chinese counterpart", "Minister Park met Wang Yi today.", "They discussed trade."],
            "Minister meets Chinese counterpart",
            ["Minister Park met Wang Yi today.", "They discussed trade."],
        ),
        # Of a few headlines the topmost is the title, also where those below are shorter.
        (
            [
                "03.27.13",
                "After Four Years Of Work Mayor Says That The New Harbour Is Ready For Ships",
                "Minister Had Promised Funds In March",
                "Mayor: We Are Open To All Ships",
            ],
            "After Four Years Of Work Mayor Says That The New Harbour Is Ready For Ships",
            ["Minister Had Promised Funds In March", "Mayor: We Are Open To All Ships"],
        ),
        (
            ["Mayor Opens New Harbour in Busan", "f", "t", "Busan, Korea,", "January 4, 2013"],
            "Mayor Opens New Harbour in Busan",
            [],
        ),
        (["Mayor Opens New Harbour in Busan", "Dear Mayor,"], "Mayor Opens New Harbour in Busan", ["Dear Mayor,"]),
        (
            ["Mayor Opens New Harbour in Busan", "For Immediate Release: April 1, 2008", "Contact:", "Jane Doe"],
            "Mayor Opens New Harbour in Busan",
            [],
        ),
        (
            ["Ministry of Foreign Affairs of the Republic of Korea", "Vice Minister Visits Harbour of Busan"],
            "Vice Minister Visits Harbour of Busan",
            [],
        ),
        # So many headlines in a row are a list of the site's.
        (
            [f"Ship Number {n} Has Reached the Harbour of Busan" for n in range(6)]
            + ["Mayor Opens New Harbour in Busan"],
            "Mayor Opens New Harbour in Busan",
            [],
        ),
        (["Home > News > Press Releases", "Harbour Opened"], "Harbour Opened", []),
        (["Ministry of Trade", "Remarks by the Minister."], "Remarks by the Minister.", []),
        (
            ["Ministry of Trade", "Minister to visit Samsung Electronics Co."],
            "Minister to visit Samsung Electronics Co.",
            [],
        ),
        (["Home", "They discussed trade."], "They discussed trade.", []),
        (["Home", "News"], None, []),
    ],
)
def test_the_title_stands_above_its_subtitles(head: list[str], title: str | None, subtitles: list[str]) -> None:
    at, below = title_of(head)

    assert (None if at is None else head[at], [head[position] for position in below]) == (title, subtitles)


def test_short_sentences_under_the_title_begin_the_text() -> None:
    text = f"Minister meets Chinese counterpart\nMinister Park met Wang Yi today.\nThey discussed trade.\n{BODY}\n"

    release = release_of(text)

    assert release.title == "Minister meets Chinese counterpart"
    assert [p.text for p in release.paragraphs] == ["Minister Park met Wang Yi today.", "They discussed trade.", BODY]


def test_a_title_too_long_for_one_stands_whole_in_the_text() -> None:
    title = " ".join(["The Mayor Of Busan Says That All Ships Are Welcome"] * 8)

    release = release_of(f"{title}\n\n{BODY}\n")

    assert [p.text for p in release.paragraphs] == [title, BODY]


def test_what_an_advisory_announces_is_its_text() -> None:
    lines = "What: Opening of the harbour of Busan by the mayor|When: Saturday, 5 December 2023, at 10 o'clock in the morning|Where: Pier 3"
    one = "Event: Opening of the Harbour When: Saturday December 5 Time: 10:00am Location: Pier 3 of the Old Harbour, Busan"

    assert body("Mayor Opens Harbour", *lines.split("|"), "Next Article") == lines.split("|")
    assert body("Home", one, "###") == [one]


def test_an_attachment_that_is_told_of_in_a_sentence_is_kept() -> None:
    told = "Attachment: remarks of the minister for the opening of the harbour."

    assert body(BODY, told, "Attachment: remarks.pdf") == [BODY, told]


def test_subtitles_are_kept_as_text() -> None:
    release = release_of(f"Harbour Opened in Busan Today\n\nMinister Calls for More Ships and More Trade\n\n{BODY}\n")

    assert release.title == "Harbour Opened in Busan Today"
    assert [p.text for p in release.paragraphs] == ["Minister Calls for More Ships and More Trade", BODY]


def test_the_sample_page_keeps_all_its_nine_paragraphs(samples: Path) -> None:
    release = release_of((samples / "mofa" / "korea-china-foreign-ministers-meeting-november-26.txt").read_text())

    assert [p.number for p in release.paragraphs] == [str(n) for n in range(1, 10)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Date 2023-11-27 10:12 Hits 345", True),
        ("26-27 November 2023", True),
        ("November 26 and 27, 2023", True),
        ("November 26-27, 2023, in Busan", False),
    ],
)
def test_a_dated_line_holds_a_day_or_a_span_and_next_to_nothing_else(line: str, expected: bool) -> None:
    assert is_dated_line(line) is expected
