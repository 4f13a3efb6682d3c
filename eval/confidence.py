"""Ask whether the confidence of an answer tells right from wrong: risk and coverage, calibration, the threshold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Pairs = np.ndarray[tuple[int, int], np.dtype[np.float64]]
"""A row for each answer: its confidence, and 1 where it is right or else 0."""

_BINS = 10


@dataclass(frozen=True)
class Covered:
    """When the `coverage` most confident share of the questions is answered, `risk` is the share answered wrongly."""

    coverage: float
    risk: float


@dataclass(frozen=True)
class Bin:
    """Answers of like confidence: their mean confidence and the share of them that is right. `count` is how many."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True)
class Suggested:
    """A threshold, and how many of `count` questions are decided rightly at it."""

    threshold: float
    right: int
    count: int


def risk_coverage(pairs: Pairs) -> list[Covered]:
    """The risk-coverage curve: one point for each number of questions answered, the most confident first.

    El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, JMLR 2010. Answers of one
    confidence cannot be told apart, so each of them counts as wrong as they are on average.
    """
    errors = _ordered_errors(pairs)
    answered = np.arange(1, len(errors) + 1)
    risks = np.cumsum(errors) / answered
    return [Covered(float(n / len(errors)), float(r)) for n, r in zip(answered, risks, strict=True)]


def area_under_risk_coverage(pairs: Pairs) -> float:
    """The mean risk over all coverages (Geifman, Uziel and El-Yaniv, ICLR 2019); lower is better.

    Where a share of the questions has no right answer it cannot be 0.
    """
    errors = _ordered_errors(pairs)
    return float((np.cumsum(errors) / np.arange(1, len(errors) + 1)).mean())


def _ordered_errors(pairs: Pairs) -> Floats:
    """1 - right, by falling confidence, evened out among equals."""
    values, group = np.unique(-pairs[:, 0], return_inverse=True)
    sums = np.bincount(group, weights=1 - pairs[:, 1], minlength=len(values))
    counts = np.bincount(group, minlength=len(values))
    return np.asarray(np.repeat(sums / counts, counts), dtype=np.float64)


def auroc(pairs: Pairs) -> float:
    """How likely one that is right is surer than one that is not, equals counting half; .5 with one kind alone.

    The area under the ROC curve as the Mann-Whitney statistic (Hanley and McNeil, Radiology 1982).
    """
    right = pairs[:, 1] > 0
    ones, zeros = int(right.sum()), int((~right).sum())
    if not ones or not zeros:
        return 0.5
    _, group, counts = np.unique(pairs[:, 0], return_inverse=True, return_counts=True)
    # Equal values share the mean of their ranks.
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[group]
    return float((ranks[right].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def calibration(pairs: Pairs) -> list[Bin]:
    """The reliability diagram's points, the least confident first: up to ten bins of about equal numbers.

    Equal numbers rather than equal widths, after Nixon et al., Measuring Calibration in Deep Learning (2019): few
    answers share a bin's noise then.
    """
    ordered = pairs[np.argsort(pairs[:, 0], kind="stable")]
    return [
        Bin(float(part[:, 0].mean()), float(part[:, 1].mean()), len(part))
        for part in np.array_split(ordered, min(_BINS, max(1, len(ordered) // 5)))
        if len(part)
    ]


def calibration_error(pairs: Pairs) -> float:
    """By how much confidence and share right differ, in the mean over the bins of `calibration` (ECE; Naeini,
    Cooper and Hauskrecht, AAAI 2015); 0 where there is nothing to compare."""
    bins = calibration(pairs)
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.confidence - b.right) for b in bins) / total if total else 0.0


def suggested_threshold(pairs: Pairs, answerable: Sequence[bool]) -> Suggested:
    """The confidence from which on to answer, so that most questions are decided rightly: answered with the right
    paragraph, or refused where nothing states the answer.

    A wrong answer weighs as much here as a needless refusal. Of equally good thresholds the middle of the widest range
    is taken. It fits the cases it was taken from; to use it, take it from other cases than those that are reported.
    """
    nothing = ~np.asarray(answerable, dtype=bool)
    # Between two levels of confidence every threshold decides alike; its middle stands for the range.
    edges = np.concatenate([[0.0], np.unique(pairs[:, 0]), [1.0]])
    cuts = (edges[1:] + edges[:-1]) / 2
    right = np.array([int(np.where(pairs[:, 0] >= cut, pairs[:, 1] > 0, nothing).sum()) for cut in cuts])
    best = np.flatnonzero(right == right.max())
    widest = max(best, key=lambda cut: edges[cut + 1] - edges[cut])
    return Suggested(float(cuts[widest]), int(right.max()), len(pairs))
