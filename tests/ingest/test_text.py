from datetime import date
from pathlib import Path

import pytest

from ingest.formats import read_page
from ingest.formats.text import release_of, units_of
from ingest.page import Page, Read, UnreadablePage
from vectorstore import Note, Release


def read(text: str | bytes) -> Release:
    content = text.encode() if isinstance(text, str) else text
    (only,) = read_page(Page("page.txt", "page.txt", content))
    assert isinstance(only, Read)
    return only.release


@pytest.fixture
def november(samples: Path) -> Release:
    return read((samples / "mofa" / "korea-china-foreign-ministers-meeting-november-26.txt").read_bytes())


def test_the_release_of_26_november_comes_out_right(november: Release) -> None:
    assert november.title == "Outcome of Korea-China Foreign Ministers’ Meeting (November 26)"
    assert november.date == date(2023, 11, 26)
    assert november.date_source == "weekday in the text"
    assert november.id == "2023-11-26-outcome-of-korea-china-foreign-ministers-meeting-november-26"
    assert [p.number for p in november.paragraphs] == [str(n) for n in range(1, 10)]
    assert [p.index for p in november.paragraphs] == list(range(9))
    assert all(p.numbered for p in november.paragraphs)
    starts = ["Minister", "The two", "Also,", "The two", "Foreign", "The two", "Foreign", "Foreign", "The reciprocal"]
    assert all(p.text.startswith(start) for p, start in zip(november.paragraphs, starts, strict=True))


def test_the_starred_note_stays_with_paragraph_4(november: Release) -> None:
    fourth = november.paragraphs[3]
    note = "* China joined the Apostille Convention in March 2023 followed by its entry into force on November 7."

    assert fourth.text.endswith(f"“Visit Korea Year 2023-2024.”\n{note}")
    assert fourth.notes == (Note("*", len(fourth.text) - len(note), len(fourth.text)),)
    assert [p.notes for p in november.paragraphs if p.index != 3] == [()] * 8


def test_no_word_of_the_sites_menus_is_kept(november: Release) -> None:
    whole = " ".join([november.title, *(p.text for p in november.paragraphs)])

    for furniture in ("바로가기", "facebook", "youtube", "검색창", "Press Releases", "REPUBLIC OF KOREA"):
        assert furniture not in whole


def test_every_sentence_of_the_page_is_kept_with_its_typography(november: Release, samples: Path) -> None:
    page = (samples / "mofa" / "korea-china-foreign-ministers-meeting-november-26.txt").read_text()
    body = page[page.index("1. Minister of Foreign Affairs Park Jin") :]

    kept = "".join("".join(f"{p.number}.{p.text}".split()) for p in november.paragraphs)

    assert kept == "".join(body.split())


def test_a_page_without_numbers_is_counted() -> None:
    release = read(
        "Ministers Meet in Seoul\n\n2024-03-05\n\nThe ministers met in Seoul for talks on trade.\n\nThey agreed to meet again in Tokyo next spring.\n"
    )

    assert release.title == "Ministers Meet in Seoul"
    assert (release.date, release.date_source) == (date(2024, 3, 5), "page")
    assert [(p.number, p.numbered) for p in release.paragraphs] == [("1", False), ("2", False)]


def test_menus_below_the_text_are_left_out() -> None:
    body = "The Minister of Trade opened the new harbour in Busan this morning together with the mayor."
    release = read(
        f"Home\nNews\nHarbour Opened\n\n{body}\n\nNext Article\nPrevious Article\nSitemap\nCopyright © Ministry of Trade. All rights reserved.\n"
    )

    assert release.title == "Harbour Opened"
    assert [p.text for p in release.paragraphs] == [body]


def test_lines_wrapped_to_a_width_are_joined() -> None:
    text = (
        "Harbour Opened\n\n"
        "1. The Minister of Trade opened the new harbour in Busan this morning together\n"
        "with the mayor of the city and the heads of the companies that had built it in\n"
        "the course of four years, and thanked the workers for what they had done for it\n"
        "and for the region.\n\n"
        "2. The harbour takes ships of all sizes and will be connected to the railway in\n"
        "the coming year, as the Minister announced at the ceremony.\n"
    )

    first, second = read(text).paragraphs
    assert first.text.endswith(
        "built it in the course of four years, and thanked the workers for what they had done for it and for the region."
    )
    assert second.text.endswith(
        "connected to the railway in the coming year, as the Minister announced at the ceremony."
    )


def test_lines_that_stand_by_themselves_are_not_joined() -> None:
    assert units_of("First sentence of the page.\nSecond one.\n\nThird.") == [
        "First sentence of the page.",
        "Second one.",
        "Third.",
    ]


def test_an_unnumbered_paragraph_belongs_to_the_number_above_it() -> None:
    release = read(
        "Talks in Busan\n\n1. The ministers met in Busan for two hours on Sunday morning.\n\n"
        "They were joined by their deputies and by the two ambassadors.\n\n2. They agreed to meet again in Beijing next year.\n"
    )

    assert [(p.number, p.text.count("\n")) for p in release.paragraphs] == [("1", 1), ("2", 0)]


def test_the_sentence_above_the_numbers_is_a_paragraph_of_its_own() -> None:
    release = read(
        "Talks in Busan\n\nThe ministry announces the following results of the talks held today.\n\n"
        "1. The ministers met in Busan for two hours on Sunday morning.\n\n2. They agreed to meet again in Beijing next year.\n"
    )

    assert [(p.index, p.number, p.numbered) for p in release.paragraphs] == [
        (0, "0+1", False),
        (1, "1", True),
        (2, "2", True),
    ]


def test_a_page_without_a_title_is_called_by_its_first_words() -> None:
    assert read("The ministers met in Busan for two hours on Sunday morning.").title == (
        "The ministers met in Busan for two hours on Sunday morning."
    )


def test_korean_pages_are_read_in_their_own_encoding() -> None:
    text = "한중 외교장관회담 결과\n\n1. 박진 외교부 장관은 11월 26일(일) 부산에서 왕이 부장과 회담을 가졌다.\n\n2. 양측은 2023년 양국 관계 발전 방안에 대해 의견을 교환하였다."

    release = read(text.encode("cp949"))

    assert release.title == "한중 외교장관회담 결과"
    assert release.language == "ko"
    assert [p.number for p in release.paragraphs] == ["1", "2"]
    assert release.date == date(2023, 11, 26)


@pytest.mark.parametrize("text", ["Home\nNews\nContact", "1. facebook\n2. youtube"])
def test_a_page_without_a_sentence_is_no_release(text: str) -> None:
    with pytest.raises(UnreadablePage, match="no sentence"):
        release_of(text)


def test_lines_broken_inside_a_sentence_are_joined_and_lists_and_menus_are_not() -> None:
    text = """Home
about us
The mayor of Busan joined the minister in opening the
New Harbour of the city, which is the largest of all
that were built in the last ten years.
They spoke of:
ships from the north and the south of the country
trade in fish and other goods of the sea
Write to press@busan.example or
press@harbour.example"""

    assert units_of(text) == [
        "Home",
        "about us",
        "The mayor of Busan joined the minister in opening the New Harbour of the city, which is the largest of all that were built in the last ten years.",
        "They spoke of:",
        "ships from the north and the south of the country",
        "trade in fish and other goods of the sea",
        "Write to press@busan.example or",
        "press@harbour.example",
    ]
