"""Confidence is judged by areas, bins and a threshold, as their definitions say."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from eval.confidence import (
    area_under_risk_coverage,
    auroc,
    calibration,
    calibration_error,
    risk_coverage,
    suggested_threshold,
)


def pairs(*rows: tuple[float, float]) -> np.ndarray:
    return np.array(rows, dtype=float)


def test_risk_is_the_share_of_errors_among_the_surest() -> None:
    curve = risk_coverage(pairs((0.2, 0), (0.9, 1), (0.6, 0), (0.7, 1)))
    assert [(c.coverage, round(c.risk, 3)) for c in curve] == [(0.25, 0), (0.5, 0), (0.75, 0.333), (1, 0.5)]
    assert area_under_risk_coverage(pairs((0.2, 0), (0.9, 1), (0.6, 0), (0.7, 1))) == pytest.approx((1 / 3 + 1 / 2) / 4)


def test_answers_of_one_confidence_count_alike_in_whatever_order_they_come() -> None:
    one, other = pairs((0.5, 1), (0.5, 0)), pairs((0.5, 0), (0.5, 1))
    assert area_under_risk_coverage(one) == area_under_risk_coverage(other) == 0.5


def test_the_area_under_the_roc_curve_is_scikit_learns() -> None:
    random = np.random.default_rng(7)
    sure, right = random.integers(0, 20, 300) / 20, random.integers(0, 2, 300)
    assert auroc(np.column_stack([sure, right])) == pytest.approx(roc_auc_score(right, sure))
    assert auroc(pairs((0.3, 1), (0.9, 1))) == 0.5


def test_confidence_that_keeps_its_word_has_no_calibration_error() -> None:
    honest = pairs(*[(0.25, float(n % 4 == 0)) for n in range(40)], *[(0.75, float(n % 4 != 0)) for n in range(40)])
    assert calibration_error(honest) == pytest.approx(0, abs=1e-9)
    boasting = pairs(*[(0.9, float(n % 2)) for n in range(100)])
    assert calibration_error(boasting) == pytest.approx(0.4)
    assert sum(b.count for b in calibration(boasting)) == 100


def test_the_threshold_suggested_decides_most_questions_rightly() -> None:
    rows = pairs((0.1, 0), (0.2, 0), (0.5, 0), (0.6, 1), (0.8, 1), (0.9, 0))
    # Two cannot be answered, one of them asked with confidence; one answer rests on the wrong paragraph.
    found = suggested_threshold(rows, [False, False, True, True, True, False])
    assert 0.2 < found.threshold <= 0.6
    assert (found.right, found.count) == (4, 6)


def test_where_everything_can_be_answered_the_threshold_refuses_nothing() -> None:
    assert suggested_threshold(pairs((0.4, 1), (0.7, 1)), [True, True]).threshold < 0.4
