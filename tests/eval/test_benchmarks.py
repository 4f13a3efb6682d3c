"""Benchmarks read public sets, measure with ir_measures, hold the assistant against both baselines, and name defects."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.support import Support
from eval.baselines import BASELINES, Ranked
from eval.benchmarks import (
    BENCHMARKS,
    MEASURES,
    Measured,
    defects,
    main,
    measure,
    part_of,
    retrieval_values,
    said,
    sample,
)
from eval.entailment import (
    Claim,
    Weighing,
    accepted,
    accepted_in_an_answer,
    balanced_accuracy,
    best_threshold,
    read_claims,
    tuned_on,
    weighed,
)
from eval.question_sets import SETS, Query, QuestionSet
from vectorstore import Release, open_store
from vectorstore.release import counted

QA = Path(__file__).parents[3] / "shared" / "data" / "qa"
PASSAGES = {
    "busan": "The ministers met in Busan for around two hours on Sunday.",
    "apostille": "China joined the Apostille Convention in March 2023.",
    "tours": "Chinese group tours to Korea resumed on August 10.",
    "bees": "Honey bees dance to tell each other where flowers are.",
}


def write(file: Path, *rows: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def qa(tmp_path: Path) -> Path:
    """A small set in the form of squad2_500, and the claims of WiCE."""
    folder = tmp_path / "qa"
    asked = [
        ("1", "When did China join the Apostille Convention?", "apostille", ["March 2023"]),
        ("2", "Where did the ministers meet?", "busan", ["Busan"]),
        ("3", "How do bees show the way to flowers?", "bees", ["dance"]),
        ("4", "What did the ministers eat?", "busan", []),
    ]
    write(folder / "squad2_500" / "corpus.jsonl", *({"id": i, "text": text} for i, text in PASSAGES.items()))
    write(
        folder / "squad2_500" / "queries.jsonl",
        *(
            {"qid": i, "question": q, "gold": [g], "answers": a, "is_impossible": not a, "title": None}
            for i, q, g, a in asked
        ),
    )
    evidence = ["Skip to content", "The bridge was opened in 1932 by the mayor.", "It is 300 metres long."]
    claims = [
        ("The bridge was opened in 1932.", "supported", [[1]]),
        ("The bridge was opened in 1932 by the king.", "partially_supported", [[1]]),
        ("The bridge was closed in 1940.", "not_supported", []),
    ]
    write(
        folder / "wice" / "claims-dev.jsonl",
        *({"claim": c, "label": label, "supporting_sentences": s, "evidence": evidence} for c, label, s in claims),
    )
    return folder


def test_a_set_is_measured_for_the_assistant_and_both_baselines_and_saved(
    qa: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / "work"
    status = main(["squad2_500", "wice", "clapnq", "--sets", str(qa), "--work", str(work)])
    printed = capsys.readouterr()
    saved = json.loads((work / "benchmarks.json").read_text(encoding="utf-8"))
    squad, wice = saved["results"]
    assert (squad["set"], squad["passages"], squad["questions"]) == ("squad2_500", 4, 4)
    assert list(squad["systems"]) == ["Communiqué", "its search alone", *BASELINES]
    for figures in squad["systems"].values():
        assert set(figures) >= {"seconds", "abstention auroc", *MEASURES}
        # Each of the three questions names what one passage alone is about.
        assert figures["recall@5"] == {"value": 1.0, "count": 3, "low": 1.0, "high": 1.0}
    assert squad["systems"]["Communiqué"]["rightly not stated"]["count"] == 1
    assert squad["floor"]["metric"] == "recall@1"
    assert list(wice["systems"]) == ["Communiqué", "as for its answers", *BASELINES]
    assert wice["systems"]["as for its answers"]["accepted partially supported"]["value"] == 0
    assert saved["settings"]["limit"] == 300
    assert "Intel" in saved["machine"]["cpu"] or saved["machine"]["cpu"]
    assert f"clapnq is skipped: {qa / 'clapnq'} is not there" in printed.err
    assert status == int(any(r["defects"] for r in saved["results"]))
    # What was embedded is not embedded again.
    stock = next(work.glob("squad2_500-*/llama-index/indexed"))
    before = stock.stat().st_mtime_ns
    main(["squad2_500", "--sets", str(qa), "--work", str(work)])
    assert stock.stat().st_mtime_ns == before
    assert "embedded" not in capsys.readouterr().err


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trivia"]) == 2
    assert capsys.readouterr().err.startswith("there is no benchmark 'trivia'; there are clapnq, ")


def test_a_passage_found_later_or_not_at_all_counts_less() -> None:
    queries = [Query("1", "Which?", (("a", 0),)), Query("2", "Who?", (("b", 0), ("c", 0))), Query("3", "Why?", ())]
    ranked = [Ranked((("x", 0), ("a", 0)), 1), Ranked((), 0), Ranked((("a", 0),), 1)]
    values = retrieval_values(queries, ranked)
    assert values == {
        "recall@1": [0, 0],
        "recall@5": [1, 0],
        "recall@10": [1, 0],
        "mrr@10": [0.5, 0],
        "ndcg@10": [pytest.approx(1 / np.log2(3)), 0],
    }


class Oracle:
    """Finds the right passage first, and is sure where there is one."""

    def rank(self, query: Query) -> Ranked:
        return Ranked((*query.gold, ("other", 0)), float(query.answerable))


def test_a_system_that_knows_everything_gets_everything() -> None:
    queries = [Query("1", "Which?", (("a", 0),)), Query("2", "What?", (), answerable=False)]
    measured = measure(Oracle(), "oracle", queries, SETS["squad2_500"])
    assert {name: figure.value for name, figure in measured.figures.items()} == {
        **dict.fromkeys(MEASURES, 1.0),
        "abstention auroc": 1.0,
    }


def test_below_a_baseline_is_a_defect_and_above_is_none() -> None:
    half, whole = np.array([1.0] * 6 + [0.0] * 6), np.ones(12)
    ours = Measured("Communiqué", {"recall@1": half, "mrr@10": whole}, 0.1)
    other = Measured("BM25", {"recall@1": whole, "mrr@10": whole / 2}, 0.1)
    (line,) = defects(ours, [other])
    assert line.startswith("recall@1 0.500 is below BM25's 1.000 (p 0.0")


def test_knowing_what_can_be_answered_has_an_interval_and_is_compared_as_one_figure() -> None:
    answerable = np.array([1.0, 0.0] * 10)
    knowing, guessing = np.stack([answerable, answerable], 1), np.stack([answerable[::-1], answerable], 1)
    ours, other = (Measured(name, {"abstention auroc": v}, 0.1) for name, v in (("a", guessing), ("b", knowing)))
    assert (other.figures["abstention auroc"].value, other.figures["abstention auroc"].count) == (1.0, 20)
    (line,) = defects(ours, [other])
    assert line.startswith("abstention auroc 0.000 is below b's 1.000 (p 0.00")


@pytest.mark.parametrize(
    ("answers", "quotes", "found"),
    [
        (["March 2023"], ["China joined in march  2023."], True),
        (["The ministers met in Busan for two hours."], ["ministers met in Busan"], True),
        (["The ministers met in Busan."], ["met"], False),
        (["Seoul"], ["They met in Busan."], False),
        (["Seoul"], [], False),
    ],
)
def test_an_answer_is_said_where_a_quote_holds_it(answers: list[str], quotes: list[str], found: bool) -> None:
    assert said(answers, quotes) is found


def test_the_same_questions_are_drawn_every_time_in_their_order() -> None:
    queries = [Query(str(n), "?", ()) for n in range(100)]
    drawn = sample(queries, 10)
    assert drawn == sample(queries, 10)
    assert [int(q.id) for q in drawn] == sorted({int(q.id) for q in drawn})
    assert sample(queries, 100) == queries


def passes(claim: Claim) -> bool:
    return accepted(weighed(claim, Support.shipped()), Support.shipped())


def test_claims_are_held_against_their_whole_article(qa: Path) -> None:
    supported, partly, nothing = read_claims(qa / "wice")
    assert supported.sentences == partly.sentences == nothing.sentences
    assert (passes(supported), passes(nothing)) == (True, False)
    assert not passes(Claim("The bridge is long.", "supported", ("",)))
    assert tuned_on([supported, partly, nothing]) == [supported]


def test_a_broken_rule_is_held_against_a_claim_and_forbids_an_answer(qa: Path) -> None:
    supported, partly, _ = (weighed(claim, Support.shipped()) for claim in read_claims(qa / "wice"))
    assert supported.broken == ()
    assert supported.of_claim == supported.probability
    assert accepted_in_an_answer(supported, Support.shipped())
    # "by the king", where the article has the mayor.
    assert partly.broken
    assert partly.of_claim < partly.probability
    assert not accepted_in_an_answer(partly, Support.shipped())
    # However well its words are carried.
    assert not accepted_in_an_answer(Weighing(("number",), 1.0, 1.0), Support.shipped())


def test_an_article_dates_what_it_says_without_a_year() -> None:
    head = ("(meta data) TITLE: Bridge opens", "(meta data) PUBLISHED DATETIME: 2016-08-24")
    claim = Claim("The bridge was opened on 3 May 2016.", "supported", (*head, "The bridge was opened on May 3."))
    assert (claim.published, claim.title) == (date(2016, 8, 24), "Bridge opens")
    assert weighed(claim, Support.shipped()).broken == ()
    misdated = replace(claim, text="The bridge was opened on 3 May 2015.")
    assert weighed(misdated, Support.shipped()).broken == ("date",)


def test_balanced_accuracy_leaves_partly_supported_claims_out() -> None:
    labels = np.array(["supported", "supported", "partially_supported", "not_supported"])
    assert balanced_accuracy(np.array([1.0, 0.0, 1.0, 0.0]), labels) == 0.75
    assert balanced_accuracy(np.array([1.0, 0.0]), labels[:2]) == 0.5
    assert best_threshold(np.array([0.9, 0.8, 0.95, 0.2]), labels) == 0.8


def test_a_part_of_the_pool_holds_what_answers_and_always_the_same_others() -> None:
    releases = [Release(f"r{n}", "", None, None, "en", counted(["x"])) for n in range(20)]
    queries = [Query("1", "?", (("r7", 0),)), Query("2", "?", (), answerable=False)]
    whole = QuestionSet(tuple(releases), tuple(queries))
    part = part_of(whole, queries, 5)
    assert part == part_of(whole, queries, 5)
    assert len(part.releases) == 5
    assert "r7" in {r.id for r in part.releases}
    assert part_of(whole, queries, 20) is part_of(whole, queries, None) is whole


@pytest.mark.parametrize("name", SETS)
def test_every_set_at_hand_is_read_with_its_passages_in_place(name: str) -> None:
    row = SETS[name]
    if not (QA / row.folder).is_dir():
        pytest.skip(f"{QA / row.folder} is not there")
    read = row.read(QA / row.folder)
    places = {(r.id, p.index) for r in read.releases for p in r.paragraphs}
    assert {place for q in read.queries for place in q.gold} <= places
    assert all(q.gold for q in read.queries if q.answerable)
    assert name in BENCHMARKS


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_finds_the_passage_that_says_it(name: str, tmp_path: Path) -> None:
    releases = [Release(i, "", None, None, "en", counted([text])) for i, text in PASSAGES.items()]
    with open_store(tmp_path / "store") as store:
        make: Callable[..., Any] = BASELINES[name]
        system = make(releases, tmp_path, store.embedder)
        found = system.rank(Query("1", "When did China join the Apostille Convention?", ()))
        unsure = system.rank(Query("2", "Xylophone quartz?", ()))
    assert found.places[0] == ("apostille", 0)
    assert len(set(found.places)) == len(found.places)
    assert found.sure > unsure.sure
