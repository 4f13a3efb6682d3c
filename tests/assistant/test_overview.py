"""Lists, counts and summaries over the samples, held against a plain reading of all of their texts."""

import re
from collections.abc import Mapping
from datetime import date

import pytest

from assistant import Answer, Assistant
from vectorstore import Release

NOVEMBER = "2023-11-26-outcome-of-korea-china-foreign-ministers-meeting-november-26"
ALL = "from 22 January 2021 to 14 July 2026"


def numbered(answer: Answer) -> int:
    """The number that an answer begins with."""
    found = re.match(r"[\d,]+", answer.text)
    assert found
    return int(found.group().replace(",", ""))


def test_every_release_that_mentions_something_is_listed_with_the_sentence_that_does(assistant: Assistant) -> None:
    answer = assistant.ask("Which releases mention the Apostille Convention?")

    assert answer.status == "answered"
    assert answer.text.splitlines()[0] == f"1 of the 171 releases {ALL} mentions “Apostille Convention”. [1]"
    (citation,) = answer.citations
    assert (citation.release_id, citation.paragraph) == (NOVEMBER, "4")
    assert "accession to the Apostille Convention" in citation.quote
    assert answer.statements[1].text == (
        f"Outcome of Korea-China Foreign Ministers’ Meeting (November 26), 26 November 2023: “{citation.quote}”"
    )
    assert {s.kind for s in answer.statements} == {"supported"}
    assert answer.answerer == "quotes"


@pytest.mark.parametrize(
    ("name", "plainly"),
    [
        ("Taiwan", r"\bTaiwan\b"),
        ("AUKUS", r"\bAUKUS\b"),
        ("fentanyl", r"(?i)\bfentanyl\b"),
        ("supply chains", r"(?i)\bsupply[ -]chains?\b"),
        # One country has several names.
        ("North Korea", r"\bNorth Korean?|\bDPRK\b|Democratic People[’'‘]s Republic of Korea"),
        ("the DPRK", r"\bNorth Korean?|\bDPRK\b|Democratic People[’'‘]s Republic of Korea"),
    ],
)
def test_a_count_is_that_of_a_plain_reading_of_all_releases(
    assistant: Assistant, sample_releases: Mapping[str, Release], name: str, plainly: str
) -> None:
    said = re.compile(plainly)
    texts = {r.id: [r.title, *(p.text for p in r.paragraphs)] for r in sample_releases.values()}
    expected = {release_id for release_id, of_it in texts.items() if any(map(said.search, of_it))}

    answer = assistant.ask(f"How many releases mention {name}?")

    assert numbered(answer) == len(expected)
    assert {c.release_id for c in answer.citations} <= expected
    assert all(said.search(c.quote) or said.search(c.title) for c in answer.citations)


def test_more_than_can_be_shown_is_counted_and_said(assistant: Assistant) -> None:
    answer = assistant.ask("How many releases mention Ukraine?")

    assert numbered(answer) > 12
    assert answer.text.partition(" [1]")[0].endswith("; the 12 latest are shown.")
    assert len({c.release_id for c in answer.citations}) == 12
    assert (answer.dropped, answer.drops) == (0, ())


def test_calls_are_counted_by_title_actor_counterpart_and_year(assistant: Assistant) -> None:
    answer = assistant.ask("How many calls did the President hold with Prime Minister Kishida in 2022?")

    assert answer.text == (
        "2 of the 54 releases from 1 January 2022 to 31 December 2022 report in their titles a call of the President with "
        "Prime Minister Kishida: 8 July 2022 and 4 October 2022. [1][2]"
    )
    assert [c.date for c in answer.citations] == [date(2022, 7, 8), date(2022, 10, 4)]
    assert (answer.searched.releases, answer.searched.since) == (54, date(2022, 1, 1))


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("How many calls did Biden hold with Zelenskyy?", 10),
        ("How many calls did the President hold with Fumio Kishida?", 3),
        # The call with several leaders is a call with each.
        ("How many calls did Joe Biden hold with Emmanuel Macron in 2022?", 5),
        # What is announced is not held: the statement of 12 November 2021 tells of a meeting to come.
        ("How many meetings did Biden have with Xi Jinping?", 2),
        ("How many calls did the Vice President hold with President Herzog?", 1),
        ("how many calls did biden hold with boris johnson", 6),
    ],
)
def test_events_are_counted(assistant: Assistant, question: str, number: int) -> None:
    assert numbered(assistant.ask(question)) == number


@pytest.mark.parametrize(
    "question",
    [
        "How many calls did the President hold with Mike Johnson?",
        "How many calls did the President hold with President Herzog?",
        "How many meetings did Biden have with Robert Kennedy?",
    ],
)
def test_an_event_of_somebody_else_does_not_count(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).status == "not_stated"


def test_where_none_counts_the_answer_says_so_and_when_others_do(assistant: Assistant) -> None:
    nothing = assistant.ask("Which releases mention Atlantis?")
    earlier = assistant.ask("Which releases since 2023 mention the Spirit of the Quad?")
    before = assistant.ask("How many calls did the President hold with Prime Minister Kishida in 2020?")

    assert (nothing.status, nothing.text) == ("not_stated", f"None of the 171 releases {ALL} mentions “Atlantis”.")
    assert len(nothing.matches) >= 10
    assert earlier.text == (
        "None of the 71 releases from 1 January 2023 to 14 July 2026 mentions “Spirit of the Quad”."
    )
    assert earlier.remark == "1 release of other days mentions “Spirit of the Quad”, of 12 March 2021."
    assert earlier.matches[0].release.date == date(2021, 3, 12)
    assert before.text == "No release from 1 January 2020 to 31 December 2020 is kept here."
    assert before.remark.startswith(
        "3 releases of other days report in their titles a call of the President with Prime"
    )


def test_what_releases_are_about_is_looked_for_in_their_titles_first(assistant: Assistant) -> None:
    answer = assistant.ask("List all releases about Ukraine since March 2022")

    assert " name “Ukraine” in their titles." in answer.statements[0].text
    assert all("Ukraine" in s.text.partition(":")[0] for s in answer.statements[1:-1])
    assert " more mention “Ukraine”" in answer.statements[-1].text
    assert min(c.date for c in answer.citations if c.date) >= date(2022, 3, 1)


def test_days_given_by_the_caller_bound_a_count(assistant: Assistant) -> None:
    answer = assistant.ask("How many releases mention Taiwan?", since=date(2023, 1, 1), until=date(2023, 6, 30))

    assert answer.searched.since == date(2023, 1, 1)
    assert {c.date.year for c in answer.citations if c.date} == {2023}
    assert numbered(answer) < numbered(assistant.ask("How many releases mention Taiwan?"))


def test_all_releases_of_a_time_are_counted_by_their_dates(
    assistant: Assistant, sample_releases: Mapping[str, Release]
) -> None:
    of_2022 = [r for r in sample_releases.values() if r.date and r.date.year == 2022]

    answer = assistant.ask("How many releases were published in 2022?")

    assert answer.text.startswith(f"{len(of_2022)} releases from 1 January 2022 to 31 December 2022 are kept here")


def test_a_release_is_summarised_by_its_leading_sentences(assistant: Assistant) -> None:
    answer = assistant.ask("Summarise the release of 26 November")

    release = assistant.release(NOVEMBER)
    assert release is not None
    assert [c.paragraph for c in answer.citations] == ["1", "2", "3", "4", "5", "6"]
    assert all(release.paragraphs[c.index].text.startswith(c.quote) for c in answer.citations)
    assert {s.kind for s in answer.statements} == {"verbatim"}
    assert answer.remark == (
        "These are the leading sentences of “Outcome of Korea-China Foreign Ministers’ Meeting (November 26), "
        "26 November 2023”, from 6 of its 9 paragraphs."
    )
    assert assistant.ask("11월 26일 보도자료를 요약해 줘").citations == answer.citations


def test_a_day_with_several_releases_gives_the_first_sentence_of_each(assistant: Assistant) -> None:
    answer = assistant.ask("Summarise the releases of 18 August 2023")

    assert len(answer.citations) == len({c.release_id for c in answer.citations}) == 3
    assert answer.remark == "These are the first sentences of 3 releases; name one to read more of it."


def test_a_release_may_be_called_by_its_title(assistant: Assistant) -> None:
    answer = assistant.ask("Give me a summary of the G7 statement on Ukraine of October 2022")

    assert {c.date for c in answer.citations} == {date(2022, 10, 11)}


def test_a_day_without_a_release_is_said_to_have_none(assistant: Assistant) -> None:
    answer = assistant.ask("Summarise the release of 25 December 1999")

    assert (answer.status, answer.text) == ("not_stated", "No release of 25 December 1999 is kept here.")


def test_words_in_another_script_are_looked_for_and_the_answer_says_how(assistant: Assistant) -> None:
    answer = assistant.ask("아포스티유 협약을 언급한 보도자료는?")

    assert answer.status == "not_stated"
    assert "as they are written" in answer.remark
    assert numbered(assistant.ask("Apostille을 언급한 보도자료는 몇 건인가요?")) == 1
