"""`communique eval`: measure the assistant against gold cases, save the run, show it; draft, check and compare.

communique eval [--cases FILE] [--out DIR] [--min METRIC=VALUE]… [--thresholds FILE] [--against RUN] [--judge NAME]
communique eval draft RELEASE… [--out FILE]
communique eval check FILE
communique eval compare RUN RUN
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from assistant import Assistant, open_assistant
from assistant.assistant import data_folder
from assistant.page.render import amount
from eval.cases import CASES, Case, check, located, read_cases, read_each
from eval.compare import compared
from eval.draft import Draft, decide, proposals
from eval.judge import judged, open_judge
from eval.metrics import METRICS, Figure
from eval.report import console, show, show_comparison, summary
from eval.report_pages import save_report
from eval.run import Run, evaluate, read_run
from vectorstore import Catalogue, Release, open_catalogue

RUNS = "eval-runs"
"""Where runs are kept under the data folder; the chat page shows the report of the newest one."""

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
    parser.add_argument(
        "--thresholds",
        type=Path,
        metavar="FILE",
        help='the same from a JSON file {"METRIC": VALUE, …}; --min goes first',
    )
    parser.add_argument(
        "--against", metavar="RUN", help="the run to compare with: a folder or its name (default: the one before)"
    )
    parser.add_argument("--llm", metavar="NAME", help="answer with this language model, as KIND:MODEL")
    parser.add_argument(
        "--judge",
        metavar="NAME",
        help="let a language model judge every answer too, apart from the metrics; named as for --llm",
    )
    parser.add_argument("--failures", action="store_true", help="show every failed case and the step that lost it")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    _add_commands(parser)


def _add_commands(parser: argparse.ArgumentParser) -> None:
    """What can be done besides running: without one of these, `communique eval` runs."""
    # Given before the command or after it; without SUPPRESS, the second default would undo the first.
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="data folder")
    commands = parser.add_subparsers(required=False, metavar="COMMAND", title="commands")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[common], help=text, description=text)
        made.set_defaults(run=run)
        return made

    drafting = command("draft", draft_cases, "propose cases from releases, for you to keep, edit or reject one by one")
    drafting.add_argument("releases", nargs="+", metavar="RELEASE", help="a release's id; `communique list` shows all")
    drafting.add_argument(
        "--out", type=Path, default=Path("cases.jsonl"), metavar="FILE", help="the file that grows (cases.jsonl)"
    )
    checking = command("check", check_cases, "prove that cases fit the releases that they ask about")
    checking.add_argument("file", type=Path, metavar="FILE", help="JSONL file of cases or a folder of them")
    comparing = command("compare", compare_runs, "hold two saved runs against each other, case by case")
    comparing.add_argument("before", metavar="RUN", help="a folder, or the name of one under the data folder")
    comparing.add_argument("after", metavar="RUN")


def draft_cases(arguments: argparse.Namespace) -> int:
    """Propose cases until there are no more or the person quits. Raises ValueError for a release that is not there."""
    catalogue = open_catalogue(data_folder(arguments.data))
    releases = [_known(catalogue, release_id) for release_id in arguments.releases]
    draft = Draft(arguments.out)
    before = len(draft.cases)
    proposed = [*proposals(releases)]
    ended = decide(draft, proposed, input, Console(highlight=False))
    for release in releases:
        if all(proposal.release.id != release.id for proposal in proposed):
            print(f"No rule finds a question in “{release.title}”: write its cases by hand, see docs/evaluation.md")
    print(f"\n{amount(len(draft.cases) - before, 'case')} added to {arguments.out}, which holds {len(draft.cases)} now")
    if not ended:
        print("The same command goes on from here.")
    return 0


def check_cases(arguments: argparse.Namespace) -> int:
    """Print what does not fit, a line each; 1 where something does not."""
    cases, faults = read_each(arguments.file)
    catalogue = open_catalogue(data_folder(arguments.data))
    releases = catalogue.get_many([e.release_id for case in cases for e in case.expected])
    problems = [*faults, *check(located(cases, releases), releases)]
    for problem in problems:
        print(problem)
    unanswerable = sum(not case.answerable for case in cases)
    print(
        f"{amount(len(cases), 'case')}, {unanswerable} of them not to be answered: {amount(len(problems), 'problem')}"
    )
    return 1 if problems else 0


def compare_runs(arguments: argparse.Namespace) -> int:
    """Print how the figures of two saved runs differ, and which cases became right or wrong."""
    folder = data_folder(arguments.data)
    before, after = (_saved_run(name, folder) for name in (arguments.before, arguments.after))
    show_comparison(compared(before, after), console())
    return 0


def _known(catalogue: Catalogue, release_id: str) -> Release:
    release = catalogue.get(release_id)
    if release is None:
        raise ValueError(f"there is no release {release_id!r}; `communique list` shows all")
    return release


def _saved_run(name: str, folder: Path) -> Run:
    """A run by its folder or by that folder's name. Raises ValueError where there is none."""
    for place in (Path(name), folder / RUNS / name):
        if (place / "run.json").is_file():
            return read_run(place)
    known = ", ".join(place.name for place in _saved(folder)[-3:]) or "none yet"
    raise ValueError(f"there is no saved run {name!r}; give its folder, or a name under {folder / RUNS} ({known})")


def _saved(folder: Path) -> list[Path]:
    """The folders of whole runs, oldest first."""
    whole = sorted((folder / RUNS).glob("*/run.json"), key=lambda place: place.stat().st_mtime_ns)
    return [place.parent for place in whole]


def _run_before(out: Path, run: Run, folder: Path) -> Run | None:
    """The newest saved run but this one that was asked at least one of the same cases."""
    ids = {result.case.id for result in run.results}
    for place in reversed(_saved(folder)):
        if place.resolve() != out.resolve():
            found = read_run(place)
            if any(result.case.id in ids for result in found.results):
                return found
    return None


def main(arguments: argparse.Namespace) -> int:
    """Run the evaluation; 0 when done, 1 when a wanted figure is not reached.

    Raises ValueError, in one line, for a wrong `--min`, for cases that cannot be read, and for data without releases
    or without any that the cases ask about.
    """
    wanted = _wanted(arguments.thresholds, arguments.min)
    cases = read_cases(arguments.cases)
    folder = data_folder(arguments.data)
    against = _saved_run(arguments.against, folder) if arguments.against else None
    judge = open_judge(arguments.judge) if arguments.judge else None
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
    out = arguments.out or folder / RUNS / datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    if judge:
        run = replace(run, judgements=judged(judge, run.results))
    against = against or _run_before(out, run, folder)
    run.save(out)
    save_report(run, out, compared(against, run) if against else None, against)
    short = [line for w in wanted if (line := w.shortfall(run.figures))]
    if arguments.json:
        print(json.dumps(summary(run) | {"saved": str(out), "short": short}, ensure_ascii=False, indent=2))
    else:
        show(run, console(), arguments.failures)
        print(
            f"\nSaved to {out}; report.html there shows it all" + ("" if arguments.failures else ", as --failures does")
        )
    for line in short:
        print(f"communique: {line}", file=sys.stderr)
    return 1 if short else 0


def _wanted(file: Path | None, minimums: Iterable[str]) -> list[Wanted]:
    """What must be reached: the file's thresholds, and over them what `--min` says. Raises ValueError for either."""
    wanted = {}
    if file:
        try:
            table = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"--thresholds {file} cannot be read: {error}") from None
        if not isinstance(table, dict):
            raise ValueError(f'--thresholds {file}: it should hold one object {{"METRIC": VALUE, …}}')
        wanted = {name: Wanted.read(f"{name}={value}") for name, value in table.items()}
    return list((wanted | {w.name: w for w in map(Wanted.read, minimums)}).values())


def _named(assistant: Assistant, cases: Iterable[Case]) -> dict[str, Release]:
    """The releases that cases expect something of, as far as they are there."""
    ids = dict.fromkeys(expected.release_id for case in cases for expected in case.expected)
    return {i: release for i in ids if (release := assistant.release(i))}


def _settings(arguments: argparse.Namespace, folder: Path, assistant: Assistant, misfits: int) -> dict[str, object]:
    return {
        "data": str(folder),
        "cases": str(arguments.cases),
        "llm": assistant.answerer.name,
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
