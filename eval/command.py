"""`communique eval`: measure the assistant against gold cases, save the run, show it."""

import argparse
import json
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from assistant import Assistant, open_assistant
from assistant.assistant import data_folder
from eval.cases import CASES, Case, check, located, read_cases
from eval.metrics import METRICS, Figure
from eval.report import console, show, summary
from eval.run import Run, evaluate
from vectorstore import Release

_MISFITS_SHOWN = 5


@dataclass(frozen=True)
class Wanted:
    """A figure that a run must reach: at least it where higher is better, at most it where lower is."""

    name: str
    value: float

    @classmethod
    def read(cls, text: str) -> "Wanted":
        """From METRIC=VALUE. Raises ValueError for another form, an unknown metric or an impossible value."""
        name, equals, number = text.partition("=")
        if not equals:
            raise ValueError(f"--min {text}: write METRIC=VALUE, for instance recall@5=0.8")
        if name not in METRICS:
            raise ValueError(f"--min {text}: there is no metric {name!r}; there are {', '.join(METRICS)}")
        try:
            value = float(number)
        except ValueError:
            raise ValueError(f"--min {text}: {number!r} is not a number") from None
        if not math.isfinite(value) or value < 0 or (METRICS[name].share and value > 1):
            allowed = "a share from 0 to 1" if METRICS[name].share else "not negative"
            raise ValueError(f"--min {text}: {name} is {allowed}")
        return cls(name, value)

    def shortfall(self, figures: dict[str, Figure]) -> str | None:
        """How a run falls short of it, None where it does not. What no case measures is not reached."""
        metric, found = METRICS[self.name], figures[self.name].value
        if found is None:
            return f"{self.name} was not measured: no case applies"
        if metric.reached(found, self.value):
            return None
        bound = "at least" if metric.higher_is_better else "at most"
        return f"{self.name} is {found:.6g}, wanted {bound} {self.value:g}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give `communique eval` its arguments, besides `--data` and `--embedding`, which every command has."""
    parser.add_argument(
        "--cases",
        type=Path,
        default=CASES,
        metavar="FILE",
        help="JSONL file of cases or a folder of them (default: our own, over ingest/samples)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to save the run (default: a new folder under the data folder)"
    )
    parser.add_argument(
        "--min",
        action="append",
        default=[],
        metavar="METRIC=VALUE",
        help="exit with status 1 unless the metric is at least VALUE; at most, where lower is better. "
        f"Metrics: {', '.join(METRICS)}",
    )
    parser.add_argument("--llm", metavar="NAME", help="answer with this language model")
    parser.add_argument("--failures", action="store_true", help="show every failed case and the step that lost it")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")


def main(arguments: argparse.Namespace) -> int:
    """Run the evaluation; 0 when done, 1 when a wanted figure is not reached.

    Raises ValueError, in one line, for a wrong `--min`, for cases that cannot be read, and for data without releases
    or without any that the cases ask about.
    """
    wanted = [Wanted.read(text) for text in arguments.min]
    cases = read_cases(arguments.cases)
    folder = data_folder(arguments.data)
    with open_assistant(arguments.data, arguments.llm, embedding=arguments.embedding) as assistant:
        if not assistant.releases():
            raise ValueError(f"{folder} holds no releases; add some with `communique ingest SOURCE --data {folder}`")
        releases = _named(assistant, cases)
        if not releases and any(case.expected for case in cases):
            raise ValueError(
                f"{folder} holds none of the releases that {arguments.cases} asks about; ingest them first"
            )
        cases = located(cases, releases)
        misfits = check(cases, releases)
        run = _run(assistant, cases, _settings(arguments, folder, assistant, len(misfits)))
    _warn(misfits)
    out = arguments.out or folder / "eval-runs" / datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    run.save(out)
    short = [line for w in wanted if (line := w.shortfall(run.figures))]
    if arguments.json:
        print(json.dumps(summary(run) | {"saved": str(out), "short": short}, ensure_ascii=False, indent=2))
    else:
        show(run, console(), arguments.failures)
        print(f"\nSaved to {out}" + ("" if arguments.failures else "; --failures shows every lost case"))
    for line in short:
        print(f"communique: {line}", file=sys.stderr)
    return 1 if short else 0


def _named(assistant: Assistant, cases: Iterable[Case]) -> dict[str, Release]:
    """The releases that cases expect something of, as far as they are there."""
    ids = dict.fromkeys(expected.release_id for case in cases for expected in case.expected)
    return {i: release for i in ids if (release := assistant.release(i))}


def _settings(arguments: argparse.Namespace, folder: Path, assistant: Assistant, misfits: int) -> dict[str, object]:
    return {
        "data": str(folder),
        "cases": str(arguments.cases),
        "llm": arguments.llm,
        "embedding": assistant.store.embedder.name,
        "misfits": misfits,
    }


def _run(assistant: Assistant, cases: list[Case], settings: dict[str, object]) -> Run:
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("asking", total=len(cases))
        return evaluate(assistant, cases, settings, lambda done, total: bar.update(task, completed=done, total=total))


def _warn(misfits: list[str]) -> None:
    if not misfits:
        return
    print("communique: the cases do not fit the data, so mistrust the figures:", file=sys.stderr)
    for line in misfits[:_MISFITS_SHOWN]:
        print(f"  {line}", file=sys.stderr)
    if len(misfits) > _MISFITS_SHOWN:
        print(f"  and {len(misfits) - _MISFITS_SHOWN} more", file=sys.stderr)
