"""Each metric gives the figure that its definition says, and every row of the table behaves as a metric must."""

from collections.abc import Callable

import ir_measures
import numpy as np
import pytest

from eval.cases import Case, Expected
from eval.metrics import METRICS, Figure, Result, averaged, figure

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
    assert {name: METRICS[name].value(result) for name in values} == values


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


CALL = ("readouts/2022/call", 1)


@pytest.mark.parametrize("need", ["all", "any"])
def test_ranks_are_measured_as_ir_measures_does(answering: Answering, need: str) -> None:
    places = [A, B, C, D, CALL]
    random = np.random.default_rng(3)
    for _ in range(20):
        found = [places[n] for n in random.permutation(5)[: random.integers(1, 6)]]
        expected = [places[n] for n in random.permutation(5)[: 1 if need == "any" else random.integers(1, 4)]]
        case = Case(id="1", question="Which?", expected=tuple(Expected(*p) for p in expected), need=need)  # type: ignore[arg-type]  # either
        result = answering(case, found=found)
        judged = [ir_measures.Qrel("1", str(p), 1) for p in expected]
        run = [ir_measures.ScoredDoc("1", str(p), float(-rank)) for rank, p in enumerate(found)]
        reference = {
            "recall@1": ir_measures.R @ 1,
            "recall@5": ir_measures.R @ 5,
            "mrr@10": ir_measures.RR @ 10,
            "ndcg@10": ir_measures.nDCG @ 10,
        }
        wanted = ir_measures.calc_aggregate(list(reference.values()), judged, run)
        assert {name: METRICS[name].value(result) for name in reference} == {
            name: pytest.approx(wanted[measure]) for name, measure in reference.items()
        }


def test_where_any_paragraph_is_enough_the_first_one_found_is_the_whole_gain(answering: Answering) -> None:
    assert METRICS["ndcg@10"].value(answering(EITHER, found=[A, D])) == 1
    assert METRICS["ndcg@10"].value(answering(EITHER, found=[B, D])) == pytest.approx(1 / np.log2(3))


def test_another_paragraph_of_the_expected_release_is_the_right_release(answering: Answering) -> None:
    result = answering(JOINED, found=[D, A, C])
    values = {name: METRICS[name].value(result) for name in METRICS if name.startswith("release_")}
    assert values == {
        "release_recall@1": 0,
        "release_recall@5": 1,
        "release_recall@10": 1,
        "release_mrr@10": 0.5,
        "release_ndcg@10": pytest.approx(1 / np.log2(3)),
    }
    assert METRICS["recall@10"].value(result) == 0


def test_f1_of_citations_is_between_precision_and_recall(answering: Answering) -> None:
    assert METRICS["citation_f1"].value(answering(BOTH, cited=[QUOTE[B], QUOTE[A]])) == 0.5
    assert METRICS["citation_f1"].value(answering(JOINED, cited=[QUOTE[B], QUOTE[A]])) == pytest.approx(2 / 3)
    assert METRICS["citation_f1"].value(answering(JOINED)) == 0


def test_an_answer_is_held_against_the_nearest_reference_word_by_word(answering: Answering) -> None:
    case = Case(id="1", question="When?", expected=(Expected(*B, "joined in March 2023"),), answer="In March 2023")
    whole = answering(case, cited=[QUOTE[B]])
    # Four of the five words said are the quote's four.
    assert METRICS["token_f1"].value(whole) == pytest.approx(2 * 4 / (5 + 4))
    assert METRICS["exact_match"].value(whole) == 0
    short = answering(case, cited=[QUOTE[B]], text="The “in March, 2023”! [1]")
    assert (METRICS["token_f1"].value(short), METRICS["exact_match"].value(short)) == (1, 1)
    assert METRICS["token_f1"].value(answering(case)) == 0
    assert METRICS["token_f1"].value(answering(NOWHERE)) is None


def altered(result: Result, text: str, citations: list[int]) -> Result:
    """The same answer with its first statement in other words or with other citations."""
    statements = [{**result.answer["statements"][0], "text": text, "citations": citations}]
    return Result(result.case, {**result.answer, "statements": statements}, result.cited_texts)


def test_numbers_and_names_of_a_statement_are_looked_for_in_what_it_cites(answering: Answering) -> None:
    cited = answering(JOINED, found=[B], cited=[QUOTE[B]])
    good = altered(cited, "So the Foreign Ministers say that China joined in 2023.", [1])
    assert (METRICS["numbers_covered"].value(good), METRICS["names_covered"].value(good)) == (1, 1)
    bad = altered(cited, "In 2023 and 2024 both China and Japan joined.", [1])
    assert (METRICS["numbers_covered"].value(bad), METRICS["names_covered"].value(bad)) == (0.5, 0.5)
    bare = altered(cited, "In 2023 China joined.", [])
    assert (METRICS["numbers_covered"].value(bare), METRICS["statements_cited"].value(bare)) == (0, 0)
    assert METRICS["statements_cited"].value(cited) == 1
    assert METRICS["numbers_covered"].value(answering(NOWHERE)) is None


def sure(result: Result, confidence: float) -> Result:
    return Result(result.case, {**result.answer, "confidence": confidence}, result.cited_texts)


def test_confidence_is_good_where_it_is_higher_for_what_is_right(answering: Answering) -> None:
    right, wrong, nothing = answering(JOINED, found=[B]), answering(JOINED, found=[A]), answering(NOWHERE, found=[A])
    good = [sure(right, 0.9), sure(wrong, 0.5), sure(nothing, 0.1)]
    bad = [sure(right, 0.1), sure(wrong, 0.5), sure(nothing, 0.9)]
    assert averaged(METRICS["aurc"], good) == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)
    assert averaged(METRICS["aurc"], bad) == pytest.approx((1 + 1 + 2 / 3) / 3)
    assert (averaged(METRICS["confidence_auroc"], good), averaged(METRICS["confidence_auroc"], bad)) == (1, 0)


@pytest.mark.parametrize("name", METRICS)
class TestEveryRow:
    def test_has_a_meaning_and_a_definition(self, name: str) -> None:
        assert METRICS[name].meaning
        assert METRICS[name].value.__doc__ or "recall@" in name
        assert METRICS[name].group

    def test_is_no_figure_without_cases(self, name: str) -> None:
        assert figure(METRICS[name], []) == Figure(None, 0)
        assert averaged(METRICS[name], []) is None

    def test_lies_within_its_bounds_and_its_interval(self, name: str, answering: Answering) -> None:
        metric = METRICS[name]
        results = [answering(case, **told) for case, told, _ in EXAMPLES.values()]
        found = figure(metric, results)
        values = [v for v in map(metric.value, results) if v is not None]
        assert found.count == len(values) > 0
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high
        assert all(np.min(v) >= 0 and (np.max(v) <= 1 or not metric.share) for v in values)

    def test_is_never_worse_for_the_better_answer(self, name: str, answering: Answering) -> None:
        metric = METRICS[name]
        good = averaged(metric, [answering(JOINED, found=[B], cited=[QUOTE[B]], seconds=0.1)])
        bad = averaged(
            metric, [answering(JOINED, found=[A], cited=[(*A, "no such words in Busan on day 7")], seconds=0.2)]
        )
        assert (good is None) == (bad is None)
        if good is not None and bad is not None:
            assert metric.reached(good, bad)

    def test_reaches_itself_and_not_what_is_better(self, name: str) -> None:
        metric = METRICS[name]
        better = 0.6 if metric.higher_is_better else 0.4
        assert metric.reached(0.5, 0.5)
        assert not metric.reached(0.5, better)
        assert metric.reached(better, 0.5)


def test_a_partial_answer_is_an_answer_and_the_part_that_it_gives_back_says_nothing() -> None:
    place = {"release_id": B[0], "index": B[1]}
    told = "China joined in March 2023."
    answer = {
        "status": "partial",
        "text": f"{told} [1] None of the 9 releases states what “Who joined in August?” asks for.",
        "statements": [{"text": told, "citations": [1]}],
        "citations": [place | {"number": 1, "quote": told}],
        "matches": [place],
    }

    figures = {
        name: METRICS[name].value(Result(JOINED, answer)) for name in ("right", "answer_match", "abstention_wrong")
    }

    assert figures == {"right": 1.0, "answer_match": 1.0, "abstention_wrong": 0.0}
