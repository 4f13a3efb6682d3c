"""Measure answers against gold cases: the table of metrics.

To add a metric, write a function that gives its value for one result, or None where it does not apply, say in its
docstring how it is defined and where that comes from, and put a row into `METRICS`. The order there is the report's.

Import as `from eval.metrics import …`: `import eval.metrics` would hide the builtin `eval`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.cases import Case, Place, says

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

RESAMPLES = 2000
SEED = 20231126
_MARKER = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True)
class Result:
    """A case and how it was answered, enough to have every figure again without assistant or store.

    `answer` is `Answer.to_dict()`. `cited_texts` are the texts of the cited paragraphs as the store gave them, in the
    order of the citations, None where it has no such paragraph.
    """

    case: Case
    answer: Mapping[str, Any]
    cited_texts: tuple[str | None, ...] = ()

    @property
    def abstained(self) -> bool:
        return bool(self.answer["status"] == "not_stated")

    @property
    def retrieved(self) -> tuple[Place, ...]:
        """The paragraphs found, best first, each once."""
        return _places(self.answer["matches"])

    @property
    def cited(self) -> tuple[Place, ...]:
        """The paragraphs cited, each once."""
        return _places(self.answer["citations"])


def _places(entries: Iterable[Mapping[str, Any]]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys((e["release_id"], e["index"]) for e in entries))


def recall(case: Case, places: Iterable[Place]) -> float:
    """The share of the expected paragraphs among `places`; where any one is enough, 1 as soon as one is there."""
    found = len(set(case.places) & set(places))
    return found / len(case.places) if case.need == "all" else float(found > 0)


def recall_at(limit: int) -> Callable[[Result], float | None]:
    """Recall at a rank: the share of the expected paragraphs among the first `limit` found.

    Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), 8.4. Where any expected paragraph is
    enough this is the success rate at that rank. Applies to questions that can be answered.
    """

    def value(result: Result) -> float | None:
        return recall(result.case, result.retrieved[:limit]) if result.case.answerable else None

    return value


def reciprocal_rank(result: Result) -> float | None:
    """1 / the rank of the first expected paragraph found, 0 where none is; its mean is MRR (Voorhees, TREC-8, 1999)."""
    if not result.case.answerable:
        return None
    ranks = (rank for rank, place in enumerate(result.retrieved, 1) if place in result.case.places)
    return next((1 / rank for rank in ranks), 0.0)


def citation_precision(result: Result) -> float | None:
    """The share of the cited paragraphs that are expected; applies where something is cited for an answerable question.

    After ALCE (Gao et al., EMNLP 2023), with the gold paragraphs in place of its entailment model. It is a lower bound:
    a paragraph can carry the answer too without being expected.
    """
    if not result.case.answerable or not result.cited:
        return None
    return len(set(result.cited) & set(result.case.places)) / len(result.cited)


def citation_recall(result: Result) -> float | None:
    """The share of the expected paragraphs that are cited (1 for any one, if one is enough), after ALCE as well."""
    return recall(result.case, result.cited) if result.case.answerable else None


def citation_hit(result: Result) -> float | None:
    """Whether at least one expected paragraph is cited; applies to questions that can be answered."""
    return float(bool(set(result.cited) & set(result.case.places))) if result.case.answerable else None


def answer_match(result: Result) -> float | None:
    """Whether the answer says every pattern of `must` and none of `must_not`, in its text or in the quotes with it.

    "Not stated" matches nothing, though its sentence may hold the date that is looked for. Citation markers such as [1]
    are left out, so that they are not taken for numbers. Applies to answerable questions with patterns.
    """
    case = result.case
    if not case.answerable or not (case.must or case.must_not):
        return None
    if result.abstained:
        return 0.0
    said = "\n".join([_MARKER.sub("", result.answer["text"]), *(c["quote"] for c in result.answer["citations"])])
    right = all(says(said, pattern) for pattern in case.must)
    return float(right and not any(says(said, pattern) for pattern in case.must_not))


def abstention_right(result: Result) -> float | None:
    """Whether "not stated" was said where nothing states it: NoAns accuracy of SQuAD 2.0 (Rajpurkar et al., 2018)."""
    return None if result.case.answerable else float(result.abstained)


def abstention_wrong(result: Result) -> float | None:
    """Whether "not stated" was said though a release states it; lower is better."""
    return float(result.abstained) if result.case.answerable else None


def right(result: Result) -> float | None:
    """Whether a reader got what was asked for: expected paragraphs cited and words matched, or "not stated" rightly."""
    if not result.case.answerable:
        return abstention_right(result)
    return float(citation_recall(result) == 1 and answer_match(result) in (1, None))


def quote_exact(result: Result) -> float | None:
    """Whether every quote is its paragraph's text[start:end], read from the store; applies where something is cited."""
    citations = result.answer["citations"]
    if not citations:
        return None
    return float(
        all(
            text is not None and c["quote"] and text[c["start"] : c["end"]] == c["quote"]
            for c, text in zip(citations, result.cited_texts, strict=True)
        )
    )


def seconds(result: Result) -> float | None:
    """Seconds from the question to the whole answer, as the assistant took them."""
    return float(result.answer["seconds"]["total"])


def _mean(values: Floats) -> float:
    return float(values.mean())


def _median(values: Floats) -> float:
    return float(np.median(values))


def _percentile_95(values: Floats) -> float:
    return float(np.percentile(values, 95))


@dataclass(frozen=True)
class Metric:
    """`value` measures one result, None where it does not apply; `average` makes one figure of the rest.

    `meaning` is the report's line about it. `share` is true for figures from 0 to 1.
    """

    value: Callable[[Result], float | None]
    meaning: str
    average: Callable[[Floats], float] = _mean
    higher_is_better: bool = True
    share: bool = True

    def reached(self, figure: float, wanted: float) -> bool:
        """Whether a figure is as good as wanted: at least that where higher is better, else at most that."""
        return figure >= wanted if self.higher_is_better else figure <= wanted


METRICS: dict[str, Metric] = {
    "right": Metric(right, "paragraph cited and words matched, or rightly not stated"),
    "recall@1": Metric(recall_at(1), "expected paragraph found first"),
    "recall@5": Metric(recall_at(5), "expected paragraph among the first 5 found"),
    "recall@10": Metric(recall_at(10), "expected paragraph among the first 10 found"),
    "reciprocal_rank": Metric(reciprocal_rank, "1 / rank of the first expected paragraph"),
    "citation_hit": Metric(citation_hit, "an expected paragraph is cited"),
    "citation_precision": Metric(citation_precision, "cited paragraphs that are expected"),
    "citation_recall": Metric(citation_recall, "expected paragraphs that are cited"),
    "answer_match": Metric(answer_match, "the answer says what it must, and nothing it must not"),
    "abstention_right": Metric(abstention_right, '"not stated" where nothing states it'),
    "abstention_wrong": Metric(abstention_wrong, '"not stated" though a release states it', higher_is_better=False),
    "quote_exact": Metric(quote_exact, "every quote stands in its paragraph to the letter"),
    "seconds": Metric(seconds, "median seconds to an answer", _median, higher_is_better=False, share=False),
    "seconds_p95": Metric(
        seconds, "95th percentile of seconds to an answer", _percentile_95, higher_is_better=False, share=False
    ),
}


@dataclass(frozen=True)
class Figure:
    """A metric over `count` cases with its 95 % interval, `low` to `high`; `value` is None where no case applies."""

    value: float | None
    count: int
    low: float | None = None
    high: float | None = None


def averaged(metric: Metric, results: Iterable[Result]) -> float | None:
    """A metric over the results it applies to; None where there is none."""
    values = _values(metric, results)
    return metric.average(values) if len(values) else None


def figure(metric: Metric, results: Iterable[Result]) -> Figure:
    """The same with its interval.

    That is the percentile bootstrap's (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, 13.3) over cases,
    with a fixed seed. It knows nothing of what did not happen: where all cases agree it has no width.
    """
    values = _values(metric, results)
    count = len(values)
    if not count:
        return Figure(None, 0)
    random = np.random.default_rng(SEED)
    resampled = [metric.average(values[random.integers(count, size=count)]) for _ in range(RESAMPLES)]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Figure(metric.average(values), count, float(low), float(high))


def _values(metric: Metric, results: Iterable[Result]) -> Floats:
    return np.array([v for v in map(metric.value, results) if v is not None], dtype=np.float64)


def figures(results: Sequence[Result]) -> dict[str, Figure]:
    """Every metric of the table over the results."""
    return {name: figure(metric, results) for name, metric in METRICS.items()}
