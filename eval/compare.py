"""Hold two runs against each other, case by case: which differences are more than chance?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.cases import Case
from eval.metrics import METRICS, RESAMPLES, SEED, Result, Values, averages
from eval.run import Run


@dataclass(frozen=True)
class Difference:
    """How two runs differ in a metric over the `count` cases that it applies to in both.

    `low` to `high` is the 95 % interval of `after - before`, `p` how likely so large a difference is if it made no
    difference which run a case was answered in.
    """

    before: float
    after: float
    low: float
    high: float
    p: float
    count: int

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side: a difference a metric (None where no case applies to both), and the cases whose answer
    became right or wrong. `only_before` and `only_after` count cases that only one of the runs was asked."""

    differences: dict[str, Difference | None]
    gained: tuple[Case, ...]
    lost: tuple[Case, ...]
    only_before: int
    only_after: int


def paired(after: Values, before: Values, average: Callable[[Values], float]) -> Difference:
    """The difference of two figures over the same cases, `after[i]` and `before[i]` being one case's values.

    `p` is the two-sided Fisher randomisation test: for every case a coin decides which run its value goes to (Smucker,
    Allan and Carterette, CIKM 2007, who recommend it for such figures). The interval is the paired percentile
    bootstrap's. Of some thirty metrics one or two fall under .05 by chance alone.
    """
    random = np.random.default_rng(SEED)
    count = len(after)
    found = average(after) - average(before)
    # A coin for every case; a row of values goes over as a whole.
    swapped = random.integers(2, size=(RESAMPLES, count) + (1,) * (after.ndim - 1)).astype(bool)
    by_chance = averages(np.where(swapped, before, after), average) - averages(
        np.where(swapped, after, before), average
    )
    # Sums in another order differ in the last bits.
    as_far = int((np.abs(by_chance) >= abs(found) - 1e-12).sum())
    drawn = random.integers(count, size=(RESAMPLES, count))
    low, high = np.percentile(averages(after[drawn], average) - averages(before[drawn], average), [2.5, 97.5])
    p = (as_far + 1) / (RESAMPLES + 1)
    return Difference(average(before), average(after), float(low), float(high), p, count)


def compared(before: Run, after: Run) -> Comparison:
    """Two runs over the cases that both were asked, taken by id; a case that was reworded since is another case."""
    earlier = {r.case.id: r for r in before.results}
    both = [
        (earlier[r.case.id], r)
        for r in after.results
        if r.case.id in earlier and _same(earlier[r.case.id].case, r.case)
    ]
    right = METRICS["right"].value
    return Comparison(
        differences={name: _difference(name, both) for name in METRICS},
        gained=tuple(a.case for b, a in both if right(a) == 1 and right(b) != 1),
        lost=tuple(a.case for b, a in both if right(a) != 1 and right(b) == 1),
        only_before=len(before.results) - len(both),
        only_after=len(after.results) - len(both),
    )


def _same(one: Case, other: Case) -> bool:
    return (one.question, one.history, one.expected) == (other.question, other.history, other.expected)


def _difference(name: str, both: Sequence[tuple[Result, Result]]) -> Difference | None:
    metric = METRICS[name]
    values = [(metric.value(a), metric.value(b)) for b, a in both]
    applying = [(a, b) for a, b in values if a is not None and b is not None]
    if not applying:
        return None
    after, before = (np.array(column, dtype=np.float64) for column in zip(*applying, strict=True))
    return paired(after, before, metric.average)
