"""Measure the assistant on other people's questions, beside BM25 alone and llama-index's stock pipeline.

    python -m eval.benchmarks [NAME…] [--sets DIR] [--work DIR] [--limit N] [--pool N] [--out DIR]

The sets lie in `../shared/data/qa`; one that is absent is skipped with a message. All systems of a row see the same
passages and the same questions, drawn with a fixed seed where a set has more than `--limit`. What takes long, embedding
the passages, is kept in `--work` and not done again; `--pool` leaves passages out, which makes finding easier for
everybody, so that such a figure says how the systems compare and nothing else. Below a baseline is a defect and is
printed as such.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import ir_measures
import numpy as np
from rich.table import Table
from rich.text import Text

from assistant import Assistant, open_assistant
from assistant.assistant import data_folder
from assistant.question import understand
from eval.baselines import BASELINES, RANKED, Ranked, System, pool_digest
from eval.compare import paired
from eval.confidence import auroc
from eval.entailment import verification
from eval.metrics import SEED, Figure, Values, figure_of, mean
from eval.question_sets import SETS, Query, QuestionSet, Set
from eval.report import console
from eval.run import code_version, this_machine
from vectorstore import Release, open_store
from vectorstore.embeddings import DEFAULT_EMBEDDING

QA = Path(__file__).parents[2] / "shared" / "data" / "qa"
LIMIT = 300

# What each is called here and in ir_measures.
MEASURES = {
    "recall@1": ir_measures.R @ 1,
    "recall@5": ir_measures.R @ 5,
    "recall@10": ir_measures.R @ 10,
    "mrr@10": ir_measures.RR @ 10,
    "ndcg@10": ir_measures.nDCG @ 10,
}
# A reimplementation of BM25 differs in the second decimal by how it cuts words.
_ABOUT = 0.01
_ASSISTANT, _SEARCH = "Communiqué", "its search alone"


@dataclass(frozen=True)
class Options:
    """How many questions a set are asked, over how many releases (None for all), and the embedding model."""

    limit: int
    pool: int | None
    embedding: str


class SearchAlone:
    """The assistant's search before anything is read: dense and BM25, fused."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def rank(self, query: Query) -> Ranked:
        found = self._assistant.search.find(understand(query.question, query.history)).candidates[:RANKED]
        return Ranked(tuple(c.match.key for c in found), found[0].match.score if found else 0.0)


class WholeAssistant:
    """The assistant as users have it; its answers are kept, for what is measured of them."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.quotes: dict[str, tuple[str, ...]] = {}

    def rank(self, query: Query) -> Ranked:
        answer = self._assistant.ask(query.question, query.history)
        self.quotes[query.id] = tuple(c.quote for c in answer.citations)
        return Ranked(tuple(m.key for m in answer.matches)[:RANKED], answer.confidence)


# What is no mean of a value a query; of these a query gives a row of numbers.
_AVERAGES: dict[str, Callable[[Values], float]] = {"abstention auroc": auroc}


def average_of(measure: str) -> Callable[[Values], float]:
    """What makes one figure of a measure's values."""
    return _AVERAGES.get(measure, mean)


@dataclass(frozen=True)
class Measured:
    """One system on one set. `values` holds, for each measure, a value or a row of them a query, in their order."""

    system: str
    values: dict[str, Values]
    seconds: float

    @property
    def figures(self) -> dict[str, Figure]:
        return {name: figure_of(values, average_of(name)) for name, values in self.values.items()}


def retrieval_values(queries: Sequence[Query], ranked: Sequence[Ranked]) -> dict[str, list[float]]:
    """Each of MEASURES for every query with gold passages, by ir_measures (MacAvaney et al., ECIR 2022)."""
    judged = [ir_measures.Qrel(query.id, f"{place[0]}#{place[1]}", 1) for query in queries for place in set(query.gold)]
    run = [
        ir_measures.ScoredDoc(query.id, f"{place[0]}#{place[1]}", float(-rank))
        for query, found in zip(queries, ranked, strict=True)
        for rank, place in enumerate(found.places)
    ]
    names = {measure: name for name, measure in MEASURES.items()}
    by_query: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    for value in ir_measures.iter_calc(list(names), judged, run):
        by_query[names[value.measure]][value.query_id] = value.value
    # Queries for which nothing was found are not in the run, and count as 0.
    return {name: [found.get(q.id, 0.0) for q in queries if q.gold] for name, found in by_query.items()}


def measure(system: System, name: str, queries: Sequence[Query], row: Set) -> Measured:
    """Put every query to a system and measure what the set is for."""
    began = time.perf_counter()
    ranked = [system.rank(query) for query in queries]
    seconds = time.perf_counter() - began
    values: dict[str, Any] = dict(retrieval_values(queries, ranked))
    if row.abstains:
        values["abstention auroc"] = [(f.sure, float(q.answerable)) for q, f in zip(queries, ranked, strict=True)]
    if row.answers and isinstance(system, WholeAssistant):
        asked = [q for q in queries if q.answerable]
        values["answer said"] = [float(said(q.answers, system.quotes[q.id])) for q in asked]
        values["wrongly not stated"] = [float(not system.quotes[q.id]) for q in asked]
        if row.abstains:
            values["rightly not stated"] = [float(not system.quotes[q.id]) for q in queries if not q.answerable]
    as_arrays = {measure: np.array(given, dtype=np.float64) for measure, given in values.items()}
    return Measured(name, as_arrays, seconds / len(queries))


def said(answers: Iterable[str], quotes: Iterable[str]) -> bool:
    """Whether a quote holds an answer or, where answers are whole sentences, stands in one."""
    plain = [" ".join(q.split()).casefold() for q in quotes]
    wanted = [" ".join(a.split()).casefold() for a in answers]
    return any(a in q or (len(q.split()) > 3 and q in a) for a in wanted for q in plain)


def sample(queries: Sequence[Query], limit: int) -> list[Query]:
    """At most `limit` of the queries, always the same ones, in their own order."""
    if len(queries) <= limit:
        return list(queries)
    return [queries[n] for n in sorted(Random(SEED).sample(range(len(queries)), limit))]


def part_of(read: QuestionSet, queries: Sequence[Query], pool: int | None) -> QuestionSet:
    """Of the pool the releases that answer the queries and others up to `pool`, always the same ones, in their own
    order; all of it where that is not more.
    """
    if pool is None or len(read.releases) <= pool:
        return read
    needed = {release_id for query in queries for release_id, _ in query.gold}
    others = [r.id for r in read.releases if r.id not in needed]
    kept = needed | set(Random(SEED).sample(others, max(0, min(len(others), pool - len(needed)))))
    return QuestionSet(tuple(r for r in read.releases if r.id in kept), tuple(queries))


def run_set(name: str, sets: Path, work: Path, options: Options) -> dict[str, Any]:
    """One set: the assistant, its search alone and every baseline, as a JSON object."""
    row = SETS[name]
    whole = row.read(sets / row.folder)
    queries = sample(whole.queries, options.limit)
    read = part_of(whole, queries, options.pool)
    embedding = options.embedding
    # Sets over one pool share what is embedded.
    folder = work / f"{row.folder}-{pool_digest(read.releases)[:12]}"
    _embed(folder / "data", read.releases, embedding)
    measured: list[Measured] = []
    with open_assistant(folder / "data", embedding=embedding) as assistant:
        baselines = {n: make(read.releases, folder, assistant.store.embedder) for n, make in BASELINES.items()}
        systems: dict[str, System] = {
            _ASSISTANT: WholeAssistant(assistant),
            _SEARCH: SearchAlone(assistant),
            **baselines,
        }
        for system_name, system in systems.items():
            _say(f"{name}: {len(queries)} questions to {system_name}")
            measured.append(measure(system, system_name, queries, row))
        # What is known of BM25 is known of the whole pool.
        floor = _floor(row, baselines["BM25"], whole.queries) if read is whole else None
    return {
        "set": name,
        "measures": row.measures,
        "passages": _passages(read),
        "of_passages": _passages(whole),
        "questions": len(queries),
        "of": len(whole.queries),
        "systems": {
            m.system: {"seconds": round(m.seconds, 4)} | {n: asdict(f) for n, f in m.figures.items()} for m in measured
        },
        "floor": floor,
        "defects": defects(measured[0], measured[2:]),
    }


def _passages(read: QuestionSet) -> int:
    return sum(len(r.paragraphs) for r in read.releases)


def _embed(folder: Path, releases: Sequence[Release], embedding: str) -> None:
    _say(f"{folder.parent.name}: embedding {len(releases)} releases")
    with open_store(folder, embedding=embedding) as store:
        store.put(releases, "benchmark")


def _floor(row: Set, words: System, queries: Sequence[Query]) -> dict[str, Any] | None:
    """Whether our BM25 reaches what BM25 is known to reach, over all questions of the set."""
    if row.floor is None:
        return None
    reached = float(np.mean(retrieval_values(queries, [words.rank(q) for q in queries])[row.floor.metric]))
    return asdict(row.floor) | {"reached": reached, "ok": reached >= row.floor.value - _ABOUT}


def defects(ours: Measured, baselines: Iterable[Measured]) -> list[str]:
    """Where a baseline is better, a line each, with how likely chance alone would do it (see `eval.compare`)."""
    found = []
    for baseline in baselines:
        for name, values in baseline.values.items():
            mine, average = ours.values[name], average_of(name)
            if average(mine) >= average(values):
                continue
            line = f"{name} {average(mine):.3f} is below {baseline.system}'s {average(values):.3f}"
            found.append(f"{line} (p {paired(mine, values, average).p:.3f})")
    return found


def table(result: dict[str, Any]) -> Table:
    """The figures of one set, a system a line."""
    names = list(dict.fromkeys(n for figures in result["systems"].values() for n in figures))
    names.append(names.pop(names.index("seconds")))
    made = Table("system", box=None, pad_edge=False, header_style="bold")
    for name in names:
        made.add_column(name.replace(" ", "\n", 1), justify="right")
    for system, figures in result["systems"].items():
        cells = [figures.get(name) for name in names]
        made.add_row(system, *(_cell(cell) for cell in cells))
    return made


def _cell(cell: Any) -> str:
    value = cell["value"] if isinstance(cell, dict) else cell
    return "–" if value is None else f"{value:.3f}"


def show(result: dict[str, Any]) -> None:
    """Print one set: the table, the floor, the defects."""
    out = console()
    of = f" of {result['of']}" if result["of"] != result["questions"] else ""
    pool = f" of {result['of_passages']}" if result["of_passages"] != result["passages"] else ""
    head = f"{result['set']}: {result['questions']}{of} questions over {result['passages']}{pool} passages"
    out.print(Text(f"\n{head} ({result['measures']})", "bold"))
    out.print(table(result))
    if floor := result["floor"]:
        how = "reproduces the known" if floor["ok"] else "DOES NOT REACH the known"
        out.print(f"Our BM25 {how} {floor['metric']}: {floor['reached']:.3f}, known about {floor['value']:.2f}")
    for line in result["defects"]:
        out.print(Text(f"DEFECT: {line}", "bold red"))


def _say(text: str) -> None:
    print(f"{datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


def run_verification(name: str, sets: Path, _work: Path, options: Options) -> dict[str, Any]:
    """The verifier on a set of claims."""
    return verification(name, sets, options.embedding)


BENCHMARKS: dict[str, tuple[str, Callable[[str, Path, Path, Options], dict[str, Any]]]] = {
    **{name: (row.folder, run_set) for name, row in SETS.items()},
    "wice": ("wice", run_verification),
}
"""Where each lies under the folder of all sets, and what runs it with name, sets, work folder and options."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks that are named, or all; 1 when a figure is below a baseline's, 2 for an unknown name."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks", description="The assistant on public question sets, beside two baselines."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)} (all)")
    parser.add_argument("--sets", type=Path, default=QA, metavar="DIR", help="where the sets lie")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where embedded passages are kept (the data folder)")
    parser.add_argument("--limit", type=int, default=LIMIT, metavar="N", help=f"questions a set ({LIMIT})")
    parser.add_argument("--pool", type=int, metavar="N", help="releases a set, where time is short (all)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the figures are saved (the work folder)")
    parser.add_argument("--embedding", default=DEFAULT_EMBEDDING, metavar="NAME")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in BENCHMARKS]:
        print(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    logging.getLogger("httpx").setLevel(logging.WARNING)
    work = given.work or data_folder() / "benchmarks"
    out = given.out or work
    out.mkdir(parents=True, exist_ok=True)
    options = Options(given.limit, given.pool, given.embedding)
    # Asked now: a checkout may be another one by the time that a long run ends.
    code = code_version()
    results = []
    for name in given.names or BENCHMARKS:
        folder, run = BENCHMARKS[name]
        if not (given.sets / folder).is_dir():
            print(f"{name} is skipped: {given.sets / folder} is not there", file=sys.stderr)
            continue
        results.append(run(name, given.sets, work, options))
        show(results[-1])
        saved = {
            "date": datetime.now(UTC).replace(microsecond=0).isoformat(),
            "code": code,
            "machine": asdict(this_machine()),
            "settings": asdict(options) | {"seed": SEED},
            "results": results,
        }
        # After every set, so that a long run that is stopped has something to show.
        (out / "benchmarks.json").write_text(json.dumps(saved, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if results:
        print(f"\nSaved to {out / 'benchmarks.json'}")
    return 1 if any(result["defects"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
