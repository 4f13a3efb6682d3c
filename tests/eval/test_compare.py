"""Two runs are compared case by case, and chance is told from change."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import permutation_test

from eval.cases import Case, Expected
from eval.compare import compared, paired
from eval.confidence import auroc
from eval.metrics import METRICS, Result, mean
from eval.run import Run, evaluate

Answering = Callable[..., Result]
B = ("meeting", 1)
GOOD = (*B, "China joined in March 2023")


def test_the_probability_is_that_of_scipys_paired_permutation_test() -> None:
    random = np.random.default_rng(11)
    before = random.random(30)
    after = before + random.normal(0.05, 0.15, 30)
    wanted = permutation_test(
        (after, before), lambda a, b: np.mean(a) - np.mean(b), permutation_type="samples", n_resamples=5000, rng=1
    )
    found = paired(after, before, mean)
    assert found.p == pytest.approx(wanted.pvalue, abs=0.03)
    assert found.change == pytest.approx(np.mean(after - before))
    assert found.low < found.change < found.high


def test_no_change_is_certain_to_be_chance() -> None:
    values = np.array([0.0, 1.0, 1.0])
    found = paired(values, values, mean)
    assert (found.change, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_what_always_gets_better_is_hardly_chance() -> None:
    found = paired(np.ones(12), np.zeros(12), mean)
    assert found.p < 0.005
    assert (found.low, found.high) == (1, 1)


def test_areas_are_compared_as_a_whole() -> None:
    right = np.array([1.0, 0.0] * 10)
    good, bad = np.column_stack([right, right]), np.column_stack([1 - right, right])
    found = paired(good, bad, auroc)
    assert (found.before, found.after) == (0, 1)
    assert found.p < 0.01


@pytest.fixture
def runs(scripted: Any) -> tuple[Run, Run]:
    cases = [
        Case(id=f"c{n}", question=f"Question {n}?", expected=(Expected(*B, "in March 2023"),), answer="March 2023")
        for n in range(4)
    ]
    for case in cases[:2]:
        scripted.tell(case.question, found=[B], cited=[GOOD])
    before = evaluate(scripted, [*cases, Case(id="gone", question="Gone?", answerable=False)])
    scripted.tell(cases[0].question)
    scripted.tell(cases[2].question, found=[B], cited=[GOOD])
    reworded = replace(cases[3], question="Question three?")
    return before, evaluate(scripted, [*cases[:3], reworded])


def test_cases_that_became_right_or_wrong_are_named_and_reworded_ones_are_left_out(runs: tuple[Run, Run]) -> None:
    found = compared(*runs)
    assert [c.id for c in found.gained] == ["c2"]
    assert [c.id for c in found.lost] == ["c0"]
    assert (found.only_before, found.only_after) == (2, 1)
    assert list(found.differences) == list(METRICS)
    right = found.differences["right"]
    assert right is not None
    assert (right.before, right.after, right.count) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 3)


def test_a_metric_that_applies_to_no_common_case_has_no_difference(runs: tuple[Run, Run]) -> None:
    assert compared(*runs).differences["abstention_right"] is None
    # Where one of the runs cites nothing, there is no precision to compare.
    precision = compared(*runs).differences["citation_precision"]
    assert precision is not None
    assert precision.count == 1
