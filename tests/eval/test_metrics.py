"""Each metric gives the figure that its definition says, and every row of the table behaves as a metric must."""

from collections.abc import Callable

import pytest

from eval.cases import Case, Expected
from eval.metrics import METRICS, Figure, Result, averaged, figure, figures

Answering = Callable[..., Result]

A, B, C, D = ("meeting", 0), ("meeting", 1), ("meeting", 2), ("readouts/2022/call", 0)
QUOTE = {
    A: (*A, "The ministers met in Busan"),
    B: (*B, "China joined in March 2023"),
    C: (*C, "tours resumed on August 10"),
    D: (*D, "The leaders spoke"),
}
JOINED = Case(
    id="joined",
    question="When did China join?",
    expected=(Expected(*B, "in March 2023"),),
    must=("March 2023",),
    must_not=("August",),
)
BOTH = Case(
    id="both",
    question="Which came first?",
    expected=(Expected(*B, "in March 2023"), Expected(*C, "on August 10"), Expected(*C, "group tours")),
    need="all",
    must=("March", "August"),
)
EITHER = Case(id="either", question="Who met?", expected=(Expected(*A), Expected(*D)))
NOWHERE = Case(id="nowhere", question="What did it cost?", answerable=False)

# A case, what was found and cited for it, and what each metric must say to that.
EXAMPLES: dict[str, tuple[Case, dict[str, object], dict[str, float | None]]] = {
    "the expected paragraph is found first and cited": (
        JOINED,
        {"found": [B, A], "cited": [QUOTE[B]]},
        {
            "right": 1,
            "recall@1": 1,
            "recall@5": 1,
            "recall@10": 1,
            "reciprocal_rank": 1,
            "citation_hit": 1,
            "citation_precision": 1,
            "citation_recall": 1,
            "answer_match": 1,
            "abstention_right": None,
            "abstention_wrong": 0,
            "quote_exact": 1,
            "seconds": 0.25,
            "seconds_p95": 0.25,
        },
    ),
    "it is found third, and another one is cited": (
        JOINED,
        {"found": [A, D, B, C], "cited": [QUOTE[C]], "seconds": 2.0},
        {
            "right": 0,
            "recall@1": 0,
            "recall@5": 1,
            "recall@10": 1,
            "reciprocal_rank": 1 / 3,
            "citation_hit": 0,
            "citation_precision": 0,
            "citation_recall": 0,
            "answer_match": 0,
            "abstention_right": None,
            "abstention_wrong": 0,
            "quote_exact": 1,
            "seconds": 2,
            "seconds_p95": 2,
        },
    ),
    "all are needed, one of the two is found and cited beside another": (
        BOTH,
        {"found": [A, B], "cited": [QUOTE[B], QUOTE[A]]},
        {
            "right": 0,
            "recall@1": 0,
            "recall@5": 0.5,
            "recall@10": 0.5,
            "reciprocal_rank": 0.5,
            "citation_hit": 1,
            "citation_precision": 0.5,
            "citation_recall": 0.5,
            "answer_match": 0,
            "abstention_right": None,
            "abstention_wrong": 0,
            "quote_exact": 1,
            "seconds": 0.25,
            "seconds_p95": 0.25,
        },
    ),
    "any one is enough, and one of the two is found and cited": (
        EITHER,
        {"found": [D], "cited": [QUOTE[D], QUOTE[D]]},
        {
            "right": 1,
            "recall@1": 1,
            "recall@5": 1,
            "recall@10": 1,
            "reciprocal_rank": 1,
            "citation_hit": 1,
            "citation_precision": 1,
            "citation_recall": 1,
            "answer_match": None,
            "abstention_right": None,
            "abstention_wrong": 0,
            "quote_exact": 1,
            "seconds": 0.25,
            "seconds_p95": 0.25,
        },
    ),
    "nothing is answered though a release states it": (
        JOINED,
        {"found": [B]},
        {
            "right": 0,
            "recall@1": 1,
            "recall@5": 1,
            "recall@10": 1,
            "reciprocal_rank": 1,
            "citation_hit": 0,
            "citation_precision": None,
            "citation_recall": 0,
            "answer_match": 0,
            "abstention_right": None,
            "abstention_wrong": 1,
            "quote_exact": None,
            "seconds": 0.25,
            "seconds_p95": 0.25,
        },
    ),
    "nothing is answered and no release states it": (
        NOWHERE,
        {"found": [A]},
        {
            "right": 1,
            "recall@1": None,
            "recall@5": None,
            "recall@10": None,
            "reciprocal_rank": None,
            "citation_hit": None,
            "citation_precision": None,
            "citation_recall": None,
            "answer_match": None,
            "abstention_right": 1,
            "abstention_wrong": None,
            "quote_exact": None,
            "seconds": 0.25,
            "seconds_p95": 0.25,
        },
    ),
    "something is answered that no release states": (
        NOWHERE,
        {"found": [A], "cited": [QUOTE[A]]},
        {
            "right": 0,
            "recall@1": None,
            "recall@5": None,
            "recall@10": None,
            "reciprocal_rank": None,
            "citation_hit": None,
            "citation_precision": None,
            "citation_recall": None,
            "answer_match": None,
            "abstention_right": 0,
            "abstention_wrong": None,
            "quote_exact": 1,
            "seconds": 0.25,
            "seconds_p95": 0.25,
        },
    ),
}


@pytest.mark.parametrize(("case", "told", "values"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_every_metric_says_what_its_definition_says_when(
    answering: Answering, case: Case, told: dict[str, object], values: dict[str, float | None]
) -> None:
    result = answering(case, **told)
    assert {name: metric.value(result) for name, metric in METRICS.items()} == values


def test_not_stated_matches_no_pattern_though_its_sentence_holds_the_words(answering: Answering) -> None:
    asked = Case(id="1", question="When?", expected=(Expected(*B),), must=("2023",))
    result = answering(asked, found=[B])
    assert "2023" in result.answer["text"]
    assert METRICS["answer_match"].value(result) == 0


def test_a_citation_marker_is_no_number_of_the_answer(answering: Answering) -> None:
    asked = Case(id="1", question="How many?", expected=(Expected(*B),), must=(r"\b1\b",))
    assert METRICS["answer_match"].value(answering(asked, cited=[QUOTE[B]])) == 0


def test_words_of_a_quote_count_as_said_though_the_statement_words_them_anew(answering: Answering) -> None:
    result = answering(JOINED, found=[B], cited=[QUOTE[B]], text="It did so in spring. [1]")
    assert METRICS["answer_match"].value(result) == 1


def test_a_word_that_must_not_be_said_spoils_the_match(answering: Answering) -> None:
    result = answering(JOINED, found=[B], cited=[QUOTE[B], QUOTE[C]])
    assert METRICS["answer_match"].value(result) == 0


@pytest.mark.parametrize("quote", ["China joined in April 2023", "china joined in March 2023", ""])
def test_a_quote_that_is_not_there_to_the_letter_is_noticed(answering: Answering, quote: str) -> None:
    result = answering(JOINED, found=[B], cited=[QUOTE[B], (*B, quote)])
    assert METRICS["quote_exact"].value(result) == 0


def test_a_quote_that_stands_elsewhere_than_its_offsets_say_is_noticed(answering: Answering) -> None:
    good = answering(JOINED, found=[B], cited=[QUOTE[B]])
    (citation,) = good.answer["citations"]
    moved = {**good.answer, "citations": [{**citation, "start": citation["start"] + 1, "end": citation["end"] + 1}]}
    assert METRICS["quote_exact"].value(Result(good.case, moved, good.cited_texts)) == 0


def test_a_citation_of_a_paragraph_that_the_store_does_not_hold_is_noticed(answering: Answering) -> None:
    good = answering(JOINED, found=[B], cited=[QUOTE[B]])
    assert METRICS["quote_exact"].value(Result(good.case, good.answer, (None,))) == 0


def test_seconds_are_reported_by_their_median_and_their_95th_percentile(answering: Answering) -> None:
    results = [answering(JOINED, seconds=float(n)) for n in range(1, 102)]
    assert averaged(METRICS["seconds"], results) == 51
    assert averaged(METRICS["seconds_p95"], results) == 96


def test_the_interval_is_the_same_every_time_and_holds_the_value(answering: Answering) -> None:
    results = [answering(JOINED, cited=[QUOTE[B]]) for _ in range(30)] + [answering(JOINED) for _ in range(10)]
    once = figure(METRICS["right"], results)
    assert once == figure(METRICS["right"], results)
    assert (once.value, once.count) == (0.75, 40)
    # 1.96 standard errors of a share of .75 over 40 cases are .13.
    assert once.low == pytest.approx(0.62, abs=0.03)
    assert once.high == pytest.approx(0.88, abs=0.03)


@pytest.mark.parametrize("name", METRICS)
class TestEveryRow:
    def test_has_a_meaning_and_a_definition(self, name: str) -> None:
        assert METRICS[name].meaning
        assert METRICS[name].value.__doc__ or name.startswith("recall@")

    def test_is_no_figure_without_cases(self, name: str) -> None:
        assert figure(METRICS[name], []) == Figure(None, 0)
        assert averaged(METRICS[name], []) is None

    def test_lies_within_its_bounds_and_its_interval(self, name: str, answering: Answering) -> None:
        metric = METRICS[name]
        results = [answering(case, **told) for case, told, _ in EXAMPLES.values()]
        found = figures(results)[name]
        values = [v for v in map(metric.value, results) if v is not None]
        assert found.count == len(values) > 0
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high
        assert all(v >= 0 and (v <= 1 or not metric.share) for v in values)

    def test_is_never_worse_for_the_better_answer(self, name: str, answering: Answering) -> None:
        metric = METRICS[name]
        good = metric.value(answering(JOINED, found=[B], cited=[QUOTE[B]], seconds=0.1))
        bad = metric.value(answering(JOINED, found=[A], cited=[(*A, "no such words")], seconds=0.2))
        assert (good is None) == (bad is None)
        if good is not None and bad is not None:
            assert metric.reached(good, bad)

    def test_reaches_itself_and_not_what_is_better(self, name: str) -> None:
        metric = METRICS[name]
        better = 0.6 if metric.higher_is_better else 0.4
        assert metric.reached(0.5, 0.5)
        assert not metric.reached(0.5, better)
        assert metric.reached(better, 0.5)
