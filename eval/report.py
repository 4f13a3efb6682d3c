"""Show a run: its figures, its figures by kind, and each failed case with the step that lost it.

A saved run is shown again with `python -m eval.report FOLDER [--failures]`.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.cases import Case, Expected, Place
from eval.compare import Comparison
from eval.confidence import calibration, calibration_error, suggested_threshold
from eval.metrics import METRICS, Figure, Result, averaged, values_of
from eval.run import Run, read_run

STEPS: dict[str, str] = {
    "not retrieved": "what holds the answer is not all among the paragraphs found",
    "dropped by verification": "it was found, but a statement failed verification and no other cites it",
    "wrongly abstained": 'it was found, but the answer was "not stated"',
    "not chosen": "it was found, but other paragraphs were cited",
    "wrong words": "it was cited, but the answer does not say what it must, or says what it must not",
    "wrongly answered": "no release states it, but something was answered",
}
"""The steps that can lose a case, in the order of the path from question to answer, and what each means."""

_KIND_METRICS = ("right", "recall@5", "citation_hit", "answer_match", "abstention_right", "abstention_wrong")
_BEST_SHOWN = 3
# What one calls a clear difference; with so many metrics one or two are under it by chance.
_CLEAR = 0.05
_ID_SHOWN = 60
_WIDTH = 110


@dataclass(frozen=True)
class Failure:
    """A case that was not got right: `step` lost it. `ranks` stand beside `case.expected`, None for not found."""

    case: Case
    step: str
    ranks: tuple[int | None, ...]
    retrieved: tuple[Place, ...]
    citations: tuple[tuple[Place, str], ...]
    text: str

    def to_dict(self) -> dict[str, Any]:
        """For `--json`: question, expected paragraphs with their rank, what was cited and answered."""
        return {
            "id": self.case.id,
            "kind": self.case.kind,
            "step": self.step,
            "question": self.case.question,
            "history": list(self.case.history),
            "expected": [asdict(e) | {"rank": rank} for e, rank in zip(self.case.expected, self.ranks, strict=True)],
            "missing": self.case.missing,
            "cited": [{"release_id": p[0], "index": p[1], "quote": quote} for p, quote in self.citations],
            "retrieved": [{"release_id": p[0], "index": p[1]} for p in self.retrieved],
            "text": self.text,
        }


def lost_at(result: Result) -> str | None:
    """The step of `STEPS` that lost the case; None for one that a reader got right."""
    case, needed = result.case, all if result.case.need == "all" else any
    if METRICS["right"].value(result) == 1:
        return None
    if not case.answerable:
        return "wrongly answered"
    if not needed(place in result.retrieved or place in result.cited for place in case.places):
        return "not retrieved"
    if needed(place in result.cited for place in case.places):
        return "wrong words"
    if result.answer["dropped"]:
        return "dropped by verification"
    return "wrongly abstained" if result.abstained else "not chosen"


def failures(results: Sequence[Result]) -> list[Failure]:
    """The failed cases, by the step that lost them in the order of `STEPS`, within a step as they were asked."""
    found = []
    for result in results:
        if step := lost_at(result):
            ranks = {place: rank for rank, place in enumerate(result.retrieved, 1)}
            citations = tuple(((c["release_id"], c["index"]), c["quote"]) for c in result.answer["citations"])
            expected = tuple(ranks.get(e.place) for e in result.case.expected)
            found.append(Failure(result.case, step, expected, result.retrieved, citations, result.answer["text"]))
    order = list(STEPS)
    return sorted(found, key=lambda failure: order.index(failure.step))


def by_kind(results: Sequence[Result]) -> dict[str, dict[str, float | None]]:
    """For each kind of question: how many "cases", and the figures that tell most; answerable kinds first."""
    kinds: dict[str, list[Result]] = {}
    for result in sorted(results, key=lambda r: (not r.case.answerable, r.case.kind)):
        kinds.setdefault(result.case.kind, []).append(result)
    return {
        kind: {"cases": len(of_kind)} | {name: averaged(METRICS[name], of_kind) for name in _KIND_METRICS}
        for kind, of_kind in kinds.items()
    }


def summary(run: Run) -> dict[str, Any]:
    """All that `show` prints, as one JSON object."""
    return {
        "cases": len(run.results),
        "metrics": {
            name: asdict(found) | {"better": "higher" if METRICS[name].higher_is_better else "lower"}
            for name, found in run.figures.items()
        },
        "confidence": _confidence(run.results),
        "kinds": by_kind(run.results),
        "failures": [failure.to_dict() for failure in failures(run.results)],
        "date": run.date.isoformat(),
        "code": run.code,
        "machine": asdict(run.machine),
        "packages": dict(run.packages),
        "data": asdict(run.data) | {"since": _day(run.data.since), "until": _day(run.data.until)},
        "settings": dict(run.settings),
    }


def _confidence(results: Sequence[Result]) -> dict[str, Any]:
    """The calibration curve, how far it is off, and the threshold that these cases suggest; see `eval.confidence`."""
    pairs = values_of(METRICS["aurc"], results)
    if not len(pairs):
        return {"calibration": [], "calibration_error": None, "suggested_threshold": None}
    return {
        "calibration": [asdict(one) for one in calibration(pairs)],
        "calibration_error": calibration_error(pairs),
        "suggested_threshold": asdict(suggested_threshold(pairs, [r.case.answerable for r in results])),
    }


def _day(day: object) -> str | None:
    return str(day) if day else None


def console() -> Console:
    """Where reports are printed; wide enough for a line a metric where the output is not a terminal."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH)


def show(run: Run, console: Console, every_failure: bool = False) -> None:
    """Print what was measured, the figures, the kinds, where cases were lost and, if wanted, every lost case."""
    data = run.data
    span = f", {data.since} to {data.until}" if data.since else ""
    cases = f"{len(run.results)} case{'' if len(run.results) == 1 else 's'}"
    _line(console, f"{cases} over {data.releases} releases ({data.paragraphs} paragraphs{span})")
    _line(console, f"{run.date:%Y-%m-%d %H:%M} UTC, code {run.code}, {run.machine}", "dim")
    settings = ", ".join(f"{name} {_plain(value)}" for name, value in run.settings.items() if value)
    _line(console, settings, "dim")
    console.print("", _figures_table(run.figures), "", _kinds_table(run.results), "", sep="\n")
    lost = failures(run.results)
    if lost:
        console.print(_steps_table(lost, len(run.results)))
    if every_failure:
        for failure in lost:
            console.print(_failure(failure))


def show_comparison(found: Comparison, console: Console) -> None:
    """Print the difference of every metric, and the cases that became right or wrong."""
    table = Table("metric", box=None, pad_edge=False, header_style="bold")
    for heading in ("before", "after", "change", "95 % interval", "p", "cases"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, one in found.differences.items():
        if one is None:
            table.add_row(name, *["–"] * 6)
            continue
        interval = f"{one.low:+.3f} – {one.high:+.3f}"
        cells = [_shown(one.before), _shown(one.after), f"{one.change:+.3f}", interval, _shown(one.p), str(one.count)]
        table.add_row(name, *cells, style="bold" if one.p < _CLEAR else "")
    console.print(table)
    _line(console, f"p: how often chance alone gives as much (randomisation test); bold under {_CLEAR}", "dim")
    if found.only_before or found.only_after:
        _line(console, f"not compared: {found.only_before} cases of the first run, {found.only_after} of the second")
    for heading, cases in (("now right", found.gained), ("now wrong", found.lost)):
        console.print(Text(f"\n{heading}: {len(cases)}", "bold"))
        for case in cases:
            _line(console, f"  {case.id}  {case.question}")


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=True)


def _figures_table(found: dict[str, Figure]) -> Table:
    table = Table("metric", box=None, pad_edge=False, header_style="bold")
    for heading in ("value", "95 % interval", "cases"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("what it says")
    for name, one in found.items():
        metric = METRICS[name]
        meaning = metric.meaning if metric.higher_is_better else f"{metric.meaning} (lower is better)"
        interval = f"{_shown(one.low)} – {_shown(one.high)}" if one.count else ""
        table.add_row(name, _shown(one.value), interval, str(one.count), Text(meaning, "dim"))
    return table


def _kinds_table(results: Sequence[Result]) -> Table:
    headings = ["cases", "right", "recall@5", "cited", "matched", "rightly\nnot stated", "wrongly\nnot stated"]
    table = Table("kind", box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right")
    for kind, of_kind in by_kind(results).items():
        table.add_row(kind, str(of_kind["cases"]), *(_shown(of_kind[name], 2) for name in _KIND_METRICS))
    return table


def _steps_table(lost: Sequence[Failure], cases: int) -> Table:
    table = Table("lost at", box=None, pad_edge=False, header_style="bold")
    table.add_column("cases", justify="right")
    table.add_column(f"{len(lost)} of {cases} cases were lost")
    counts = Counter(failure.step for failure in lost)
    for step, meaning in STEPS.items():
        if counts[step]:
            table.add_row(step, str(counts[step]), Text(meaning, "dim"))
    return table


def _failure(failure: Failure) -> Table:
    """One failed case, as a block of labelled lines."""
    case = failure.case
    block = Table(title=Text(f"\n{case.id} · {case.kind} · {failure.step}", "bold"), title_justify="left")
    block.box, block.show_header, block.pad_edge = None, False, False
    block.add_column(style="dim", no_wrap=True)
    block.add_column(overflow="fold")
    for turn in case.history:
        block.add_row("before", Text(turn))
    block.add_row("question", Text(case.question))
    for expected, rank in zip(case.expected, failure.ranks, strict=True):
        found = f"found at rank {rank}" if rank else f"not among the {len(failure.retrieved)} found"
        block.add_row("expected", Text(f"{_quoted(expected)} ({found})"))
    if not case.answerable:
        block.add_row("expected", Text(f"not stated: {case.missing}" if case.missing else "not stated"))
    if failure.step == "wrong words":
        block.add_row("must say", Text(" and ".join(case.must) + "".join(f", not {p}" for p in case.must_not)))
    block.add_row("answered", Text(failure.text))
    for number, (place, quote) in enumerate(failure.citations, 1):
        # Quotes make up the text of an answer without a language model; they need not be read twice.
        shown = _place(place) if quote in failure.text else _quoted(Expected(*place, quote))
        block.add_row(f"cited [{number}]".replace("[", "\\["), Text(shown))
    for rank, place in enumerate(failure.retrieved[:_BEST_SHOWN], 1):
        mark = " ← expected" if place in case.places else ""
        block.add_row(f"found {rank}", Text(_place(place) + mark))
    return block


def _quoted(expected: Expected) -> str:
    return f"{_place(expected.place)} “{expected.quote}”"


def _place(place: Place) -> str:
    """A paragraph as cases name it: the last part of its release's id, and its index counted from 0."""
    name = place[0].rsplit("/", 1)[-1]
    return f"{name if len(name) <= _ID_SHOWN else name[:_ID_SHOWN] + '…'} #{place[1]}"


def _shown(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Show a saved run again."""
    parser = argparse.ArgumentParser(prog="python -m eval.report", description="Show a saved evaluation again.")
    parser.add_argument("folder", type=Path, help="the folder that `communique eval` saved to")
    parser.add_argument("--failures", action="store_true", help="show every failed case")
    given = parser.parse_args(arguments)
    try:
        run = read_run(given.folder)
    except OSError as error:
        print(f"{given.folder} holds no saved evaluation: {error}", file=sys.stderr)
        return 2
    show(run, console(), given.failures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
