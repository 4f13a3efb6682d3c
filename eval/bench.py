"""Time the assistant: `python -m eval.bench [--data DIR]` asks every committed case and prints milliseconds by step,
and what share of an ingest's time the embedding model takes.

Before that it prints the lines of `LINES`; to add one, write a function that measures it and says the figure with what
it was measured on, and put it into the table.

Without `--data` it times a fresh store of `ingest/samples`. Loading and the first question, which loads the model, are
timed apart. The figures are those of the machine printed above them, with whatever else it was doing.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from rich.table import Table

from assistant import Answer, open_assistant
from eval.cases import CASES, Case, read_cases
from eval.report import console
from eval.run import code_version, this_machine
from ingest import Page, Read, ingest
from ingest.formats import read_page
from vectorstore import open_store
from vectorstore.embeddings import DEFAULT_EMBEDDING, Vectors

SAMPLES = Path(__file__).parent.parent / "ingest" / "samples"

RECORDS = Path(__file__).parents[2] / "shared" / "data" / "releases" / "whitehouse" / "statements-2021-2023.jsonl"


def reading_speed(records: Path = RECORDS) -> str:
    """How many releases a second one core parses and numbers from JSONL; the samples stand in where `records` is
    absent.
    """
    absent = not records.exists()
    file = SAMPLES / "white_house" / "statements.jsonl" if absent else records
    page = Page(str(file), file.name, file.read_bytes())
    # The processor's own time, since whatever else the machine is doing is no part of the figure.
    began = time.process_time()
    releases = sum(isinstance(read, Read) for read in read_page(page))
    seconds = time.process_time() - began
    where = f"{file.name}; {records} is not there" if absent else file.name
    return f"{releases / seconds:,.0f} releases a second parsed and numbered on one core ({releases:,} of {where})"


LINES: tuple[Callable[[], str], ...] = (reading_speed,)


def answers(data: Path, cases: Sequence[Case]) -> tuple[list[Answer], float]:
    """Every case's answer, and the seconds that opening and a first question took before."""
    began = time.perf_counter()
    with open_assistant(data) as assistant:
        assistant.ask(cases[0].question, history=cases[0].history)
        loading = time.perf_counter() - began
        return [assistant.ask(case.question, history=case.history) for case in cases], loading


def milliseconds(asked: Sequence[Answer]) -> dict[str, tuple[float, float]]:
    """For each step and the total: median and 95th percentile of milliseconds a question."""
    by_answer = [asdict(answer.seconds) for answer in asked]
    return {
        step: (float(np.median(times)), float(np.percentile(times, 95)))
        for step in by_answer[0]
        for times in [[1000 * seconds[step] for seconds in by_answer]]
    }


@dataclass(frozen=True)
class Ingested:
    """How long it took to bring releases into an empty store, and how much of that the model was at work."""

    releases: int
    paragraphs: int
    seconds: float
    model_seconds: float

    @property
    def share(self) -> float:
        return self.model_seconds / self.seconds


def ingest_time(sources: Sequence[str], data: Path, embedding: str = DEFAULT_EMBEDDING) -> Ingested:
    """Ingest into an empty data folder, with the model loaded before, and time the model apart."""
    with open_store(data, embedding=embedding) as store:
        store.embedder.question("")
        embed, taken = store.embedder.texts, []

        def timed(texts: list[str]) -> Vectors:
            began = time.perf_counter()
            vectors = embed(texts)
            taken.append(time.perf_counter() - began)
            return vectors

        with patch.object(store.embedder, "texts", timed):
            report = ingest(store, sources)
    return Ingested(report.releases, report.paragraphs, report.seconds, sum(taken))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the machine and the milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description="Milliseconds a question, by step.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a data folder (a fresh one of ingest/samples)")
    parser.add_argument("--cases", type=Path, default=CASES, metavar="FILE", help="the cases to ask (ours)")
    given = parser.parse_args(arguments)
    cases = read_cases(given.cases)
    for line in LINES:
        print(line())
    with tempfile.TemporaryDirectory() as folder:
        ingested = ingest_time([str(SAMPLES)], Path(folder))
        print(
            f"ingested {ingested.paragraphs} paragraphs of {ingested.releases} releases in {ingested.seconds:.1f} s, "
            f"{ingested.share:.1%} of it in the embedding model"
        )
        data = given.data or Path(folder)
        asked, loading = answers(data, cases)
    print(f"{this_machine()}; code {code_version()}")
    print(
        f"{len(cases)} questions over {asked[0].searched.releases} releases; {loading:.1f} s to the first answer, then:"
    )
    table = Table("step", box=None, pad_edge=False, header_style="bold")
    for heading in ("median ms", "p95 ms"):
        table.add_column(heading, justify="right")
    for step, (median, p95) in milliseconds(asked).items():
        table.add_row(step, f"{median:.1f}", f"{p95:.1f}")
    console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
