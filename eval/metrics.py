"""Measure answers against gold cases: the table of metrics.

To add a metric, write a function that gives its value for one result, or None where it does not apply, say in its
docstring how it is defined and where that comes from, and put a row into `METRICS`. The order there is the report's. A
figure that cannot be had case by case, such as an area under a curve, takes a row of numbers from each result and makes
one figure of all the rows in `average`.

Import as `from eval.metrics import …`: `import eval.metrics` would hide the builtin `eval`.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.cases import Case, Place, says
from eval.confidence import area_under_risk_coverage, auroc
from vectorstore.language import fold, words

Values = np.ndarray[Any, np.dtype[np.float64]]
"""A value for each result that a metric applies to, or a row of values."""

RESAMPLES = 2000
SEED = 20231126
_MARKER = re.compile(r"\s*\[\d+\]")
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_NOT_A_WORD = re.compile(r"[^\w\s]")
# Capitals inside a sentence; at its beginning any word has one.
_NAME = re.compile(r"(?<=[^\s.!?:;…“\"(\[–—-] )[A-Z][\w’'.-]*")


@dataclass(frozen=True)
class Result:
    """A case and how it was answered, enough to have every figure again without assistant or store.

    `answer` is `Answer.to_dict()`. `cited_texts` are the texts of the cited paragraphs as the store gave them, in the
    order of the citations, None where it has no such paragraph; `expected_texts` and `found_texts` likewise those of
    the expected paragraphs and of the first ones found, for the report.
    """

    case: Case
    answer: Mapping[str, Any]
    cited_texts: tuple[str | None, ...] = ()
    expected_texts: tuple[str | None, ...] = ()
    found_texts: tuple[str | None, ...] = ()

    @property
    def abstained(self) -> bool:
        """Whether nothing was stated; a partial answer states something."""
        return bool(self.answer["status"] == "not_stated")

    @property
    def retrieved(self) -> tuple[Place, ...]:
        """The paragraphs found, best first, each once."""
        return _places(self.answer["matches"])

    @property
    def cited(self) -> tuple[Place, ...]:
        """The paragraphs cited, each once."""
        return _places(self.answer["citations"])

    @property
    def found_right(self) -> bool:
        """Whether the paragraph that the answer rests on, or would rest on, is an expected one."""
        return bool(self.retrieved) and self.retrieved[0] in self.case.places


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
    return _reciprocal_rank(result.case.places, result.retrieved)


def reciprocal_rank_at_10(result: Result) -> float | None:
    """The reciprocal rank where only the first 10 count, as MS MARCO has it (Bajaj et al., 2016)."""
    return None if not result.case.answerable else _reciprocal_rank(result.case.places, result.retrieved[:10])


def ndcg_at_10(result: Result) -> float | None:
    """Normalised discounted cumulative gain of the first 10 with gains of 0 and 1 (Järvelin and Kekäläinen, 2002).

    Where any one expected paragraph is enough, the first that is found is the only gain there is.
    """
    if not result.case.answerable:
        return None
    return _ndcg(result.case.places, result.retrieved[:10], result.case.need == "all")


def release_recall_at(limit: int) -> Callable[[Result], float | None]:
    """Recall at a rank with releases in place of paragraphs: the first `limit` releases among the paragraphs found."""

    def value(result: Result) -> float | None:
        if not result.case.answerable:
            return None
        expected, found = _releases(result.case.places), _releases(result.retrieved)[:limit]
        hits = len(set(expected) & set(found))
        return hits / len(expected) if result.case.need == "all" else float(hits > 0)

    return value


def release_reciprocal_rank_at_10(result: Result) -> float | None:
    """The reciprocal rank of the first expected release among the first 10 releases."""
    if not result.case.answerable:
        return None
    return _reciprocal_rank(_releases(result.case.places), _releases(result.retrieved)[:10])


def release_ndcg_at_10(result: Result) -> float | None:
    """nDCG@10 with releases in place of paragraphs."""
    if not result.case.answerable:
        return None
    expected, found = _releases(result.case.places), _releases(result.retrieved)[:10]
    return _ndcg(expected, found, result.case.need == "all")


def _releases(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(release_id for release_id, _ in places))


def _reciprocal_rank(expected: Sequence[object], found: Sequence[object]) -> float:
    return next((1 / rank for rank, one in enumerate(found, 1) if one in expected), 0.0)


def _ndcg(expected: Sequence[object], found: Sequence[object], need_all: bool) -> float:
    gains = [1 / math.log2(1 + rank) for rank, one in enumerate(found, 1) if one in expected]
    if not need_all:
        return gains[0] if gains else 0.0
    return sum(gains) / sum(1 / math.log2(1 + rank) for rank in range(1, min(len(expected), 10) + 1))


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


def citation_f1(result: Result) -> float | None:
    """The harmonic mean of a case's citation precision and recall (van Rijsbergen, 1979); 0 where nothing is cited."""
    if not result.case.answerable:
        return None
    precision, found = citation_precision(result) or 0.0, citation_recall(result) or 0.0
    return 2 * precision * found / (precision + found) if precision + found else 0.0


def citation_hit(result: Result) -> float | None:
    """Whether at least one expected paragraph is cited; applies to questions that can be answered. The hit rate of
    retrieval (success at a rank; Buckley and Voorhees in TREC, MIT Press 2005), taken of citations.
    """
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
    said = "\n".join([_told(result), *(c["quote"] for c in result.answer["citations"])])
    right = all(says(said, pattern) for pattern in case.must)
    return float(right and not any(says(said, pattern) for pattern in case.must_not))


def token_f1(result: Result) -> float | None:
    """The F1 of the answer's words against the reference that is nearest to it (Rajpurkar et al., EMNLP 2016).

    References are the reference answer and the expected quotes. Answers that quote whole sentences hold more words than
    a short reference, so that 1 is out of reach. "Not stated" has 0. Applies to answerable questions.
    """
    if not (references := _references(result.case)):
        return None
    said = _normalised(_stated(result)).split()
    return max(_overlap(said, _normalised(reference).split()) for reference in references)


def exact_match(result: Result) -> float | None:
    """Whether the answer is a reference, capitals, punctuation and articles apart (Rajpurkar et al., EMNLP 2016).

    Whole sentences are quoted, so that it is low wherever a reference is less than that.
    """
    if not (references := _references(result.case)):
        return None
    said = _normalised(_stated(result))
    return float(any(said == _normalised(reference) for reference in references))


def _references(case: Case) -> list[str]:
    texts = [case.answer, *(e.quote for e in case.expected)] if case.answerable else []
    return [text for text in texts if text.strip()]


def _stated(result: Result) -> str:
    return "" if result.abstained else _told(result)


def _told(result: Result) -> str:
    """The answer's text without markers; of a partial answer without the part of the question that it gives back."""
    if result.answer["status"] == "partial":
        return " ".join(statement["text"] for statement in result.answer["statements"])
    return _MARKER.sub("", result.answer["text"])


def _normalised(text: str) -> str:
    """Lower case, without punctuation, articles and needless white space, as SQuAD's own script does it."""
    return " ".join(_ARTICLE.sub(" ", _NOT_A_WORD.sub("", fold(text))).split())


def _overlap(said: Sequence[str], wanted: Sequence[str]) -> float:
    shared = sum((Counter(said) & Counter(wanted)).values())
    return 2 * shared / (len(said) + len(wanted)) if shared else 0.0


def statements_cited(result: Result) -> float | None:
    """The share of the answer's statements that carry a citation; applies where something is stated. After the
    sentences that need a citation and have one in Liu, Zhang and Liang, Evaluating Verifiability in Generative Search
    Engines (Findings of EMNLP 2023), without their judges of support.
    """
    statements = result.answer["statements"]
    return sum(bool(s["citations"]) for s in statements) / len(statements) if statements else None


def numbers_covered(result: Result) -> float | None:
    """The share of the numbers in the statements that stand in the quotes each statement cites, as in ALCE's and
    FActScore's idea of support (Min et al., EMNLP 2023) but to the letter; applies where a number is stated."""
    return _covered(result, lambda text: {w for w in words(text) if w[0].isdigit()}, titles=False)


def names_covered(result: Result) -> float | None:
    """The share of the names in the statements, capitals inside a sentence, that stand in the cited quotes or in the
    titles of their releases; applies where a name is stated."""
    return _covered(result, lambda text: {w for name in _NAME.findall(text) for w in words(name)}, titles=True)


def _covered(result: Result, told: Callable[[str], set[str]], titles: bool) -> float | None:
    by_number = {c["number"]: c for c in result.answer["citations"]}
    said = covered = 0
    for statement in result.answer["statements"]:
        cited = [by_number[n] for n in statement["citations"]]
        held = {w for c in cited for w in words(f"{c['quote']} {c['title'] if titles else ''}")}
        wanted = told(statement["text"])
        said, covered = said + len(wanted), covered + len(wanted & held)
    return covered / said if said else None


def abstention_right(result: Result) -> float | None:
    """Whether "not stated" was said where nothing states it: NoAns accuracy of SQuAD 2.0 (Rajpurkar et al., 2018)."""
    return None if result.case.answerable else float(result.abstained)


def abstention_wrong(result: Result) -> float | None:
    """Whether "not stated" was said though a release states it; lower is better. The other side of the same: the false
    refusals among HasAns questions.
    """
    return float(result.abstained) if result.case.answerable else None


def confidence_against_error(result: Result) -> tuple[float, float]:
    """The answer's confidence, and whether the paragraph that it rests on is expected, over all questions.

    A refused question counts with the paragraph that would have been cited first: a threshold is only one point of the
    curve. Where nothing states the answer, whatever is answered is wrong. See `eval.confidence` for the areas.
    """
    return float(result.answer["confidence"]), float(result.found_right)


def confidence_against_answerable(result: Result) -> tuple[float, float]:
    """The answer's confidence, and whether the question can be answered at all; see `eval.confidence.auroc`."""
    return float(result.answer["confidence"]), float(result.case.answerable)


def right(result: Result) -> float | None:
    """Whether a reader got what was asked for: expected paragraphs cited and words matched, or "not stated" rightly.

    Our own: what `citation_recall`, `answer_match` and `abstention_right` ask for, all at once.
    """
    if not result.case.answerable:
        return abstention_right(result)
    return float(citation_recall(result) == 1 and answer_match(result) in (1, None))


def quote_exact(result: Result) -> float | None:
    """Whether every quote is its paragraph's text[start:end], read from the store; applies where something is cited.

    Our own definition: the contract that a reader is promised, checked without the code that keeps it.
    """
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
    """Seconds from the question to the whole answer, as the assistant took them, by the wall clock. Median and 95th
    percentile are told, since a mean hides the few that wait long (Dean and Barroso, The Tail at Scale, CACM 2013).
    """
    return float(result.answer["seconds"]["total"])


def mean(values: Values) -> float:
    return float(values.mean())


def _median(values: Values) -> float:
    return float(np.median(values))


def _percentile_95(values: Values) -> float:
    return float(np.percentile(values, 95))


@dataclass(frozen=True)
class Metric:
    """`value` measures one result, None where it does not apply; `average` makes one figure of the rest.

    `meaning` is the report's line about it, `group` the heading it stands under. `share` is true for figures from 0
    to 1.
    """

    value: Callable[[Result], float | tuple[float, ...] | None]
    meaning: str
    group: str
    average: Callable[[Values], float] = mean
    higher_is_better: bool = True
    share: bool = True

    def reached(self, figure: float, wanted: float) -> bool:
        """Whether a figure is as good as wanted: at least that where higher is better, else at most that."""
        return figure >= wanted if self.higher_is_better else figure <= wanted


_FOUND, _FOUND_RELEASES, _CITED = "Paragraphs found", "Releases found", "Citations"
_ANSWER, _REFUSED, _SPEED = "Answers", "Not stated", "Speed"

METRICS: dict[str, Metric] = {
    "right": Metric(right, "paragraph cited and words matched, or rightly not stated", "Overall"),
    "recall@1": Metric(recall_at(1), "expected paragraph found first", _FOUND),
    "recall@5": Metric(recall_at(5), "expected paragraph among the first 5 found", _FOUND),
    "recall@10": Metric(recall_at(10), "expected paragraph among the first 10 found", _FOUND),
    "reciprocal_rank": Metric(reciprocal_rank, "1 / rank of the first expected paragraph", _FOUND),
    "mrr@10": Metric(reciprocal_rank_at_10, "the same, among the first 10", _FOUND),
    "ndcg@10": Metric(ndcg_at_10, "gain of the first 10, later ranks count less", _FOUND),
    "release_recall@1": Metric(release_recall_at(1), "expected release found first", _FOUND_RELEASES),
    "release_recall@5": Metric(release_recall_at(5), "expected release among the first 5", _FOUND_RELEASES),
    "release_recall@10": Metric(release_recall_at(10), "expected release among the first 10", _FOUND_RELEASES),
    "release_mrr@10": Metric(
        release_reciprocal_rank_at_10, "1 / rank of the first expected release, among 10", _FOUND_RELEASES
    ),
    "release_ndcg@10": Metric(release_ndcg_at_10, "gain of the first 10 releases", _FOUND_RELEASES),
    "citation_hit": Metric(citation_hit, "an expected paragraph is cited", _CITED),
    "citation_precision": Metric(citation_precision, "cited paragraphs that are expected", _CITED),
    "citation_recall": Metric(citation_recall, "expected paragraphs that are cited", _CITED),
    "citation_f1": Metric(citation_f1, "precision and recall of citations in one", _CITED),
    "answer_match": Metric(answer_match, "the answer says what it must, and nothing it must not", _ANSWER),
    "token_f1": Metric(token_f1, "words shared with the reference answer", _ANSWER),
    "exact_match": Metric(exact_match, "the answer is the reference answer and nothing else", _ANSWER),
    "abstention_right": Metric(abstention_right, '"not stated" where nothing states it', _REFUSED),
    "abstention_wrong": Metric(
        abstention_wrong, '"not stated" though a release states it', _REFUSED, higher_is_better=False
    ),
    "aurc": Metric(
        confidence_against_error,
        "risk of error, over all shares of questions answered by confidence",
        _REFUSED,
        area_under_risk_coverage,
        higher_is_better=False,
    ),
    "confidence_auroc": Metric(
        confidence_against_answerable, "confidence tells what can be answered from what cannot", _REFUSED, auroc
    ),
    "quote_exact": Metric(quote_exact, "every quote stands in its paragraph to the letter", _CITED),
    "statements_cited": Metric(statements_cited, "statements that carry a citation", _CITED),
    "numbers_covered": Metric(numbers_covered, "numbers stated that stand in the quotes", _CITED),
    "names_covered": Metric(names_covered, "names stated that stand in the quotes or titles", _CITED),
    "seconds": Metric(seconds, "median seconds to an answer", _SPEED, _median, higher_is_better=False, share=False),
    "seconds_p95": Metric(
        seconds, "95th percentile of seconds to an answer", _SPEED, _percentile_95, higher_is_better=False, share=False
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
    values = values_of(metric, results)
    return metric.average(values) if len(values) else None


def figure(metric: Metric, results: Iterable[Result]) -> Figure:
    """The same with its interval."""
    return figure_of(values_of(metric, results), metric.average)


def figure_of(values: Values, average: Callable[[Values], float]) -> Figure:
    """One figure of the values, with its interval.

    That is the percentile bootstrap's (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, 13.3) over cases,
    with a fixed seed. It knows nothing of what did not happen: where all cases agree it has no width.
    """
    count = len(values)
    if not count:
        return Figure(None, 0)
    random = np.random.default_rng(SEED)
    resampled = averages(values[random.integers(count, size=(RESAMPLES, count))], average)
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Figure(average(values), count, float(low), float(high))


def averages(samples: Values, average: Callable[[Values], float]) -> Values:
    """The average of each sample; `samples` holds them along its first axis."""
    if average is mean:
        # Nearly all metrics have this one, and thousands of samples at once take a hundredth of the time.
        return np.asarray(samples.mean(axis=1), dtype=np.float64)
    return np.array([average(sample) for sample in samples])


def values_of(metric: Metric, results: Iterable[Result]) -> Values:
    """What a metric gives for the results it applies to, one value or row each."""
    return np.array([v for v in map(metric.value, results) if v is not None], dtype=np.float64)


def figures(results: Sequence[Result]) -> dict[str, Figure]:
    """Every metric of the table over the results."""
    return {name: figure(metric, results) for name, metric in METRICS.items()}
