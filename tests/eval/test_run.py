"""A run keeps every answer and what is needed to have it again, and is the same after saving and reading."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Case, Expected
from eval.run import Data, evaluate, read_run, this_machine

CASES = [
    Case(
        id="joined",
        question="When did China join?",
        history=("What is the Apostille Convention?",),
        expected=(Expected("meeting", 1, "in March 2023"),),
        must=("March\u2028?",),
    ),
    Case(id="cost", question="What did it cost?", answerable=False, missing="the cost"),
]


@pytest.fixture
def told(scripted: Any) -> Any:
    cited = [("meeting", 1, "China joined in March 2023")]
    scripted.tell("When did China join?", found=[("meeting", 1), ("meeting", 0)], cited=cited)
    return scripted


def test_every_case_is_asked_once_in_order_with_its_history(told: Any) -> None:
    steps: list[tuple[int, int]] = []
    run = evaluate(told, CASES, progress=lambda done, total: steps.append((done, total)))
    assert told.asked == [
        ("When did China join?", ("What is the Apostille Convention?",)),
        ("What did it cost?", ()),
    ]
    assert steps == [(1, 2), (2, 2)]
    assert [result.case for result in run.results] == CASES


def test_a_run_keeps_the_whole_answer_and_the_paragraphs_it_cites(told: Any) -> None:
    joined, cost = evaluate(told, CASES).results
    assert joined.answer == told.told["When did China join?"]().to_dict()
    assert joined.cited_texts == (told.known["meeting"].paragraphs[1].text,)
    assert (cost.answer["status"], cost.cited_texts) == ("not_stated", ())


def test_a_run_tells_what_it_was_made_with(told: Any) -> None:
    run = evaluate(told, CASES, {"embedding": "all-MiniLM-L6-v2"})
    assert run.settings == {"embedding": "all-MiniLM-L6-v2", "answerers": ["scripted"]}
    assert run.data == Data(2, 5, date(2022, 2, 13), date(2023, 11, 26), run.data.fingerprint)
    assert run.machine == this_machine()
    assert run.machine.cores >= 1
    assert run.code
    assert "chromadb" in run.packages


def test_other_texts_have_another_fingerprint(told: Any) -> None:
    before = evaluate(told, []).data.fingerprint
    assert evaluate(told, []).data.fingerprint == before
    meeting = told.known["meeting"]
    told.known["meeting"] = replace(meeting, paragraphs=meeting.paragraphs[:-1])
    assert evaluate(told, []).data.fingerprint != before


def test_a_saved_run_is_read_back_whole(told: Any, tmp_path: Path) -> None:
    run = evaluate(told, CASES, {"llm": None})
    run.save(tmp_path / "runs" / "first")
    again = read_run(tmp_path / "runs" / "first")
    assert again == run
    assert again.figures == run.figures


def test_a_saved_run_can_be_read_without_this_program(told: Any, tmp_path: Path) -> None:
    evaluate(told, CASES).save(tmp_path)
    head = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert list(head) == ["date", "code", "machine", "packages", "data", "settings", "figures"]
    assert head["figures"]["right"] == {"value": 1.0, "count": 2, "low": 1.0, "high": 1.0}
    lines = (tmp_path / "answers.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    assert [json.loads(line)["case"]["id"] for line in lines] == ["joined", "cost"]


def test_a_folder_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_run(tmp_path)
