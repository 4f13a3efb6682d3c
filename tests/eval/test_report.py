"""The report shows every figure, and for each failed case which step lost it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from eval.cases import Case, Expected
from eval.metrics import METRICS, Result
from eval.report import STEPS, by_kind, failures, lost_at, main, show, summary
from eval.run import evaluate

Answering = Callable[..., Result]

A, B, C = ("meeting", 0), ("meeting", 1), ("meeting", 2)
OTHER = (*A, "The ministers met in Busan")
GOOD = (*B, "China joined in March 2023")
BESIDE = (*B, "entry into force on November 7")
JOINED = Case(
    id="joined",
    question="When did China join [the Convention]?",
    history=("What is it?",),
    kind="date",
    expected=(Expected(*B, "in March 2023"),),
    must=("March 2023",),
)
BOTH = Case(
    id="both", question="Which?", kind="comparison", expected=(Expected(*A), Expected(*B)), need="all", must=("Busan",)
)
COST = Case(id="cost", question="What did it cost?", kind="confusable", answerable=False, missing="the cost")


@pytest.mark.parametrize(
    ("case", "told", "step"),
    [
        (JOINED, {"found": [B], "cited": [GOOD]}, None),
        (JOINED, {"found": [A], "cited": [OTHER]}, "not retrieved"),
        (JOINED, {"found": [A]}, "not retrieved"),
        (JOINED, {"found": [A, B], "cited": [OTHER]}, "not chosen"),
        (JOINED, {"found": [A, B]}, "wrongly abstained"),
        (JOINED, {"found": [A, B], "dropped": 1}, "dropped by verification"),
        (JOINED, {"found": [A, B], "cited": [OTHER], "dropped": 1}, "dropped by verification"),
        (JOINED, {"found": [B], "cited": [BESIDE]}, "wrong words"),
        (BOTH, {"found": [A, B], "cited": [OTHER, GOOD]}, None),
        (BOTH, {"found": [A, C], "cited": [OTHER]}, "not retrieved"),
        (BOTH, {"found": [A, B], "cited": [OTHER]}, "not chosen"),
        (COST, {"found": [A]}, None),
        (COST, {"found": [A], "cited": [OTHER]}, "wrongly answered"),
    ],
)
def test_a_failed_case_is_put_down_to_the_step_that_lost_it(
    answering: Answering, case: Case, told: dict[str, object], step: str | None
) -> None:
    result = answering(case, **told)
    assert lost_at(result) == step
    assert (step is None) == (METRICS["right"].value(result) == 1)
    assert step is None or step in STEPS


def test_a_failure_tells_what_was_expected_found_and_cited(answering: Answering) -> None:
    results = [answering(COST, found=[C], cited=[OTHER]), answering(JOINED, found=[A, C, B], cited=[OTHER])]
    assert [failure.to_dict() for failure in failures(results)] == [
        {
            "id": "joined",
            "kind": "date",
            "step": "not chosen",
            "question": "When did China join [the Convention]?",
            "history": ["What is it?"],
            "expected": [{"release_id": "meeting", "index": 1, "quote": "in March 2023", "rank": 3}],
            "missing": "",
            "cited": [{"release_id": "meeting", "index": 0, "quote": "The ministers met in Busan"}],
            "retrieved": [{"release_id": "meeting", "index": index} for index in (0, 2, 1)],
            "text": "The ministers met in Busan [1]",
        },
        {
            "id": "cost",
            "kind": "confusable",
            "step": "wrongly answered",
            "question": "What did it cost?",
            "history": [],
            "expected": [],
            "missing": "the cost",
            "cited": [{"release_id": "meeting", "index": 0, "quote": "The ministers met in Busan"}],
            "retrieved": [{"release_id": "meeting", "index": 2}],
            "text": "The ministers met in Busan [1]",
        },
    ]


def test_kinds_are_told_apart_and_answerable_ones_come_first(answering: Answering) -> None:
    results = [answering(COST), answering(JOINED, found=[A, B], cited=[OTHER]), answering(JOINED, cited=[GOOD])]
    kinds = by_kind(results)
    assert list(kinds) == ["date", "confusable"]
    assert kinds == {
        "date": {
            "cases": 2,
            "right": 0.5,
            "recall@5": 0.5,
            "citation_hit": 0.5,
            "answer_match": 0.5,
            "abstention_right": None,
            "abstention_wrong": 0.0,
        },
        "confusable": {
            "cases": 1,
            "right": 1.0,
            "recall@5": None,
            "citation_hit": None,
            "answer_match": None,
            "abstention_right": 1.0,
            "abstention_wrong": None,
        },
    }


def shown(run: Any, every_failure: bool) -> list[str]:
    out = io.StringIO()
    show(run, Console(file=out, width=110), every_failure)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.fixture
def run(scripted: Any) -> Any:
    scripted.tell(JOINED.question, found=[A, C, B], cited=[OTHER], text="They met in spring. [1]")
    return evaluate(scripted, [JOINED, COST], {"embedding": "all-MiniLM-L6-v2", "llm": None})


def test_a_reader_sees_every_figure_the_kinds_and_where_cases_were_lost(run: Any) -> None:
    lines = shown(run, every_failure=False)
    assert lines[0] == "2 cases over 2 releases (5 paragraphs, 2022-02-13 to 2023-11-26)"
    assert lines[2] == "embedding all-MiniLM-L6-v2, answerers scripted"
    first_words = [line.split("  ")[0] for line in lines]
    assert [word for word in first_words if word in METRICS] == list(METRICS)
    assert (
        "right               0.500  0.000 – 1.000      2  paragraph cited and words matched, or rightly not stated"
        in lines
    )
    assert "confusable      1   1.00         –      –        –        1.00           –" in lines
    assert lines[-2].split() == ["lost", "at", "cases", "1", "of", "2", "cases", "were", "lost"]
    assert lines[-1] == "not chosen      1  it was found, but other paragraphs were cited"


def test_a_reader_who_asks_sees_every_failed_case(run: Any) -> None:
    lines = shown(run, every_failure=True)
    assert lines[lines.index("joined · date · not chosen") :] == [
        "joined · date · not chosen",
        "before     What is it?",
        "question   When did China join [the Convention]?",
        "expected   meeting #1 “in March 2023” (found at rank 3)",
        "answered   They met in spring. [1]",
        "cited [1]  meeting #0 “The ministers met in Busan”",
        "found 1    meeting #0",
        "found 2    meeting #2",
        "found 3    meeting #1 ← expected",
    ]


def test_the_summary_for_programs_holds_what_the_tables_show(run: Any) -> None:
    told = summary(run)
    assert list(told["metrics"]) == list(METRICS)
    assert told["metrics"]["abstention_wrong"] == {"value": 0.0, "count": 1, "low": 0.0, "high": 0.0, "better": "lower"}
    assert (told["cases"], told["data"]["releases"], told["data"]["since"]) == (2, 2, "2022-02-13")
    assert [failure["id"] for failure in told["failures"]] == ["joined"]
    # Both answers rest on no expected paragraph, with no confidence at all.
    assert told["confidence"] == {
        "calibration": [{"confidence": 0.0, "right": 0.0, "count": 2}],
        "calibration_error": 0.0,
        "suggested_threshold": {"threshold": 0.5, "right": 1, "count": 2},
    }


def test_a_saved_run_is_shown_again(run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run.save(tmp_path / "run")
    assert main([str(tmp_path / "run"), "--failures"]) == 0
    assert "joined · date · not chosen" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path} holds no saved evaluation")
