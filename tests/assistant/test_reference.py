"""Conversations over the samples in which a question points back to an earlier answer."""

import pytest

from assistant import Assistant
from assistant.question import Question, understand
from assistant.reference import Reference, reference_of, without_reference
from assistant.search import Searching

JOINED = "When did China join the Apostille Convention?"
CALLS = "How many calls did the President hold with Prime Minister Kishida in 2022?"


@pytest.mark.parametrize(
    ("question", "reference"),
    [
        ("What else does that paragraph say?", Reference("paragraph", rest=True)),
        ("Quote the whole paragraph", Reference("paragraph")),
        ("What does the next paragraph say?", Reference("paragraph", step=1)),
        ("What does paragraph 3 say?", Reference("paragraph", paragraph="3")),
        ("What does that release say about culture?", Reference("release", about=True)),
        ("and in the second release?", Reference("release", 1, bare=True)),
        ("What was the last one about?", Reference("release", -1)),
        ("What does [2] say about Iran?", Reference("release", 1, cited=True, about=True)),
        ("Summarise it", Reference("release")),
        ("두 번째 보도자료는?", Reference("release", 1, bare=True)),
        ("그 보도자료를 요약해 줘", Reference("release")),
        ("What does paragraph 3 of the Quad statement say?", None),
        ("What was the first statement by Biden on Iran?", None),
        ("What is the last release about Iran?", None),
        (JOINED, None),
    ],
)
def test_what_points_back_is_seen(question: str, reference: Reference | None) -> None:
    assert reference_of(understand(question)) == reference


def test_the_words_that_point_back_are_left_out() -> None:
    assert without_reference("What did they discuss in the second one?") == "What did they discuss?"


def test_the_rest_of_the_paragraph_that_was_quoted_is_quoted(assistant: Assistant) -> None:
    answer = assistant.ask("What else does that paragraph say?", [JOINED])

    assert {(c.paragraph, c.note) for c in answer.citations} == {("4", None)}
    assert answer.citations[0].quote.startswith("The two sides agreed to promote people-to-people")
    assert "China joined" not in answer.text


@pytest.mark.parametrize(
    ("question", "paragraph"), [("And the next paragraph?", "5"), ("What does paragraph 7 say?", "7")]
)
def test_another_paragraph_of_the_same_release_is_quoted(assistant: Assistant, question: str, paragraph: str) -> None:
    answer = assistant.ask(question, [JOINED])

    assert {c.paragraph for c in answer.citations} == {paragraph}
    assert {c.title for c in answer.citations} == {"Outcome of Korea-China Foreign Ministers’ Meeting (November 26)"}


def test_a_question_about_that_release_is_answered_from_it_alone(assistant: Assistant) -> None:
    culture = assistant.ask("What does that release say about culture?", [JOINED])
    whales = assistant.ask("What does that release say about whales?", [JOINED])

    assert {c.paragraph for c in culture.citations} <= {"3", "4"}
    assert "cultural contents such as games and movies" in culture.text
    assert (whales.status, whales.text) == ("not_stated", "The one release of 26 November 2023 does not state this.")


def test_the_second_release_of_a_count_is_summarised(assistant: Assistant) -> None:
    second = assistant.ask("What was the second one about?", [CALLS])
    last = assistant.ask("and in the last one?", [CALLS, "What was the second one about?"])

    assert {str(c.date) for c in second.citations} == {str(c.date) for c in last.citations} == {"2022-10-04"}
    assert "on October 3" in second.text


def test_it_is_the_release_of_the_answer_before(assistant: Assistant) -> None:
    answer = assistant.ask("Summarise it", ["Which releases mention the Apostille Convention?"])

    assert answer.citations[0].paragraph == "1"
    assert answer.remark.startswith("These are the leading sentences of “Outcome of Korea-China")


def test_where_no_answer_is_pointed_to_the_question_is_searched_for(assistant: Assistant) -> None:
    answer = assistant.ask("What else does that paragraph say?", ["How tall is the Eiffel Tower?"])

    assert answer.remark == ""
    assert len(answer.matches) >= 10


def test_a_long_conversation_that_only_points_back_is_gone_back_a_few_turns(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    find = assistant.search.find

    def counted(question: Question, limit: int = 40) -> Searching:
        asked.append(question.text)
        return find(question, limit)

    monkeypatch.setattr(assistant.search, "find", counted)
    assistant.ask("And the next paragraph?", ["And the next paragraph?"] * 300)

    assert len(asked) == 5
