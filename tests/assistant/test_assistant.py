import asyncio
import json
import socket
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import Answer, Assistant, Statement, open_assistant
from vectorstore import open_store

NOVEMBER = "2023-11-26-outcome-of-korea-china-foreign-ministers-meeting-november-26"
APOSTILLE = "China joined the Apostille Convention in March 2023 followed by its entry into force on November 7."


def quotes_are_exact(assistant: Assistant, answer: Answer) -> bool:
    for citation in answer.citations:
        release = assistant.release(citation.release_id, citation.version)
        assert release is not None
        paragraph = next(p for p in release.paragraphs if p.index == citation.index)
        if paragraph.text[citation.start : citation.end] != citation.quote or not citation.quote:
            return False
    return True


def test_the_first_question_is_answered_from_the_note_of_paragraph_4(assistant: Assistant) -> None:
    answer = assistant.ask("When did China join the Apostille Convention?")

    assert answer.status == "answered"
    assert answer.text.startswith(f"{APOSTILLE} [1]")
    assert answer.statements[0] == Statement(APOSTILLE, (1,), "verbatim", answer=(41, 51))
    citation = answer.citations[0]
    assert (citation.release_id, citation.paragraph, citation.numbered, citation.index, citation.note) == (
        NOVEMBER,
        "4",
        True,
        3,
        1,
    )
    assert citation.quote == APOSTILLE
    assert citation.date == date(2023, 11, 26)
    assert quotes_are_exact(assistant, answer)


def test_a_follow_up_is_answered_in_the_light_of_the_turn_before(assistant: Assistant) -> None:
    answer = assistant.ask("And when did it enter into force?", ["When did China join the Apostille Convention?"])

    assert answer.citations[0].quote == APOSTILLE
    assert answer.standalone_question != answer.question


@pytest.mark.parametrize(
    "question",
    [
        "How tall is the Eiffel Tower?",
        "What is the price of a ticket to the Louvre museum?",
        "How do I bake sourdough bread?",
    ],
)
def test_what_no_release_states_is_not_stated(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)

    assert answer.status == "not_stated"
    assert answer.text == "None of the 171 releases from 22 January 2021 to 14 July 2026 states this."
    assert (answer.statements, answer.citations) == ((), ())
    assert len(answer.matches) >= 10


def test_a_sentence_that_leads_into_a_list_is_answered_with_its_points(assistant: Assistant) -> None:
    answer = assistant.ask("What are the four priority pillars of the Presidential Memorandum on the PGII?")

    assert len(answer.statements) == 5
    assert [s.text.split()[0] for s in answer.statements[1:]] == ["Tackling", "Developing,", "Advancing", "Developing"]


def test_a_paragraph_asked_for_by_number_is_quoted_whole(assistant: Assistant) -> None:
    answer = assistant.ask("What does paragraph 7 of the Korea-China foreign ministers' meeting say?")

    assert [c.quote for c in answer.citations] == [
        "Foreign Minister Park requested that China, as Korea’s close neighbor, support Korea’s bid to host the 2030 World Expo in Busan."
    ]


def test_a_paragraph_of_the_release_of_a_day_is_quoted_from_a_release_of_that_day(assistant: Assistant) -> None:
    question = "What does paragraph 8 of the release of 26 November say?"
    answer = assistant.ask(question)
    next_answer = assistant.ask("And paragraph 9?", [question])

    assert {(str(c.date), c.paragraph) for c in answer.citations} == {("2023-11-26", "8")}
    assert {(str(c.date), c.paragraph) for c in next_answer.citations} == {("2023-11-26", "9")}


def test_the_answer_is_the_object_of_the_contract(assistant: Assistant) -> None:
    made = json.loads(json.dumps(assistant.ask("When did China join the Apostille Convention?").to_dict()))

    assert {
        "question", "standalone_question", "status", "text", "statements", "citations", "matches", "searched", "dropped",
        "answerer", "seconds",
    } <= set(made)  # fmt: skip
    assert set(made["statements"][0]) == {"text", "citations", "kind", "answer"}
    assert APOSTILLE[slice(*made["statements"][0]["answer"])] == "March 2023"
    assert set(made["citations"][0]) == {
        "number", "release_id", "version", "title", "date", "url", "paragraph", "numbered", "index", "note", "quote", "start", "end",
        "withdrawn", "speaker", "speaker_role",
    }  # fmt: skip
    assert {"release_id", "paragraph", "index", "score"} <= set(made["matches"][0])
    assert made["searched"] == {"releases": 171, "since": "2021-01-22", "until": "2026-07-14"}
    assert set(made["seconds"]) == {"question", "find", "answer", "verify", "total"}
    assert made["answerer"] == "quotes"
    assert made["citations"][0]["date"] == "2023-11-26"
    scores = [m["score"] for m in made["matches"]]
    assert made["matches"][0]["index"] == 3
    assert len(scores) >= 10


def test_days_given_bound_the_search(assistant: Assistant) -> None:
    answer = assistant.ask("What did Biden and Kishida discuss?", since=date(2023, 11, 1), until=date(2023, 11, 30))

    assert {m.release.date for m in answer.matches} <= {date(2023, 11, d) for d in range(1, 31)}
    assert (answer.searched.since, answer.searched.until) == (date(2023, 11, 1), date(2023, 11, 30))


def test_a_window_that_leaves_nothing_is_lifted_and_the_answer_says_so(assistant: Assistant) -> None:
    answer = assistant.ask("When did China join the Apostille Convention?", since=date(2030, 1, 1))

    assert answer.remark == "No release since 1 January 2030 was found, so all dates were searched."
    assert answer.citations[0].quote == APOSTILLE


def test_a_stream_gives_the_statements_and_then_the_answer(assistant: Assistant) -> None:
    *statements, answer = assistant.stream("When did China join the Apostille Convention?")

    assert isinstance(answer, Answer)
    assert tuple(statements) == answer.statements


def test_asking_without_blocking_gives_the_same(assistant: Assistant) -> None:
    answer = asyncio.run(assistant.aask("When did China join the Apostille Convention?"))

    assert answer.text.startswith(f"{APOSTILLE} [1]")


def test_questions_at_the_same_time_do_not_mix(assistant: Assistant) -> None:
    questions = [
        "When did China join the Apostille Convention?",
        "What did Park request about the 2030 World Expo?",
    ] * 4

    async def ask_all() -> list[Answer]:
        return await asyncio.gather(*(assistant.aask(q) for q in questions))

    answers = asyncio.run(ask_all())

    assert [a.question for a in answers] == questions
    assert {a.citations[0].quote for a in answers[::2]} == {APOSTILLE}
    assert all(a.citations[0].paragraph == "7" for a in answers[1::2])


def test_an_answer_takes_no_network(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an address was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert assistant.ask("When did China join the Apostille Convention?").status == "answered"


def test_an_assistant_over_nothing_says_what_to_do(tmp_path: Path) -> None:
    with open_assistant(tmp_path) as empty:
        answer = empty.ask("When did China join the Apostille Convention?")

    assert answer.status == "not_stated"
    assert answer.text == "There are no releases to search yet: add some with `communique ingest`."


def test_what_a_killed_ingest_left_is_found_after_opening(tmp_path: Path, assistant: Assistant) -> None:
    release = assistant.release(NOVEMBER)
    assert release is not None
    with open_store(tmp_path) as store:
        store.record([(release, "page")])

    with open_assistant(tmp_path) as reopened:
        assert reopened.ask("When did China join the Apostille Convention?").citations[0].quote == APOSTILLE


def test_a_language_model_without_a_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMMUNIQUE_LLM_URL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match="--llm gpt: set COMMUNIQUE_LLM_URL or OPENAI_BASE_URL to a server"):
        open_assistant(tmp_path, llm="gpt")


WORDS = "Park Wang Biden Kishida China Korea summit Apostille when did how many agreed visit 2023 March “Expo” ? not".split()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).filter(lambda words: set(words) != {"?"}))
def test_every_quote_of_every_answer_stands_in_its_paragraph(assistant: Assistant, words: list[str]) -> None:
    answer = assistant.ask(" ".join(words))

    assert quotes_are_exact(assistant, answer)
    assert all(s.citations for s in answer.statements)
    assert (answer.status == "not_stated") == (not answer.statements)
