"""Write the table of public benchmarks in `docs/evaluation.md`: `python -m eval.benchmark_figures FILE…`.

Each FILE is a `benchmarks.json` that `python -m eval.benchmarks` saved. A set that is in several counts as the last one
has it; sets that are in none stay as they are. What the table is made from is kept in `docs/figures/benchmarks.json`; a
test holds the two against each other, so that no figure is ever written by hand. To show another measure, put it into
`MEASURES_SHOWN`.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.benchmarks import BENCHMARKS
from eval.figures import ROOT

BENCHMARKED = ROOT / "docs" / "figures" / "benchmarks.json"
DOCUMENT = ROOT / "docs" / "evaluation.md"
BEGIN, END = "<!-- benchmarks -->\n", "<!-- /benchmarks -->"

MEASURES_SHOWN = (
    "recall@1",
    "recall@5",
    "recall@10",
    "ndcg@10",
    "abstention auroc",
    "answer said",
    "wrongly not stated",
    "rightly not stated",
    "balanced accuracy",
    "against all others",
)
_SYSTEMS = ("Communiqué", "its search alone", "BM25", "llama-index")
# In place of the search, which no claim needs.
_OF_CLAIMS = {"its search alone": "as for its answers"}


def merged(kept: Mapping[str, Any], runs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What is committed: for each set its result with the run's date, code, machine and settings, in the order of
    BENCHMARKS.
    """
    found = dict(kept)
    for run in runs:
        measured = {name: run[name] for name in ("date", "code", "machine", "settings")}
        found |= {result["set"]: measured | {"result": result} for result in run["results"]}
    return {name: found[name] for name in BENCHMARKS if name in found}


def table(saved: Mapping[str, Any]) -> str:
    """The table in Markdown, where a baseline is better, and how each set was measured."""
    lines = [f"| set | measure | {' | '.join(_SYSTEMS)} |", f"|---|---|{'---:|' * len(_SYSTEMS)}"]
    below, how = [], dict[str, list[str]]()
    for name, measured in saved.items():
        result = measured["result"]
        systems = result["systems"]
        for measure in MEASURES_SHOWN:
            values = [_value(systems.get(s) or systems.get(_OF_CLAIMS.get(s, ""), {}), measure) for s in _SYSTEMS]
            if values[0] is not None:
                lines.append(f"| {name} | {measure} | {' | '.join(map(_written, values))} |")
        below += [f"{name}, {defect}" for defect in result["defects"]]
        how.setdefault(_measured(measured), []).append(f"{name} {_extent(result)}")
    lines.append("")
    if below:
        lines += ["Below a baseline:", "", *(f"- {line}" for line in below), ""]
    lines += [f"{run}: {'; '.join(sets)}.\n" for run, sets in how.items()]
    return "\n".join(lines)


def _value(figures: Mapping[str, Any], measure: str) -> float | None:
    found = figures.get(measure)
    return None if found is None else found["value"]


def _written(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".removeprefix("0")


def _extent(result: Mapping[str, Any]) -> str:
    asked, whole, held, pool = (result[key] for key in ("questions", "of", "passages", "of_passages"))
    questions = f"{asked:,}" if asked == whole else f"{asked:,} of {whole:,}"
    passages = f"{held:,}" if held == pool else f"only {held:,} of {pool:,}"
    return f"({questions} questions, {passages} passages)"


def _measured(run: Mapping[str, Any]) -> str:
    machine, settings = run["machine"], run["settings"]
    pool = f" --pool {settings['pool']}" if settings.get("pool") else ""
    return (
        f"Measured on {run['date'][:10]} with `--limit {settings['limit']}{pool}`, code {run['code']}, "
        f"{settings['embedding']}, {machine['cpu']}, {machine['cores']} cores"
    )


def with_table(document: str, made: str) -> str:
    """The document with the table between its marks. Raises ValueError where it has none."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} has no {BEGIN.strip()} … {END} to put the figures between")
    return before + begin + made + end + after


def main(arguments: Sequence[str] | None = None) -> int:
    """Renew `docs/figures/benchmarks.json` and the table in `docs/evaluation.md` from saved runs."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmark_figures", description="The table of public benchmarks, from saved runs."
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="what `python -m eval.benchmarks` saved")
    given = parser.parse_args(arguments)
    try:
        runs = [json.loads(file.read_text(encoding="utf-8")) for file in given.files]
    except (OSError, ValueError) as error:
        print(f"a saved run cannot be read: {error}", file=sys.stderr)
        return 2
    kept = json.loads(BENCHMARKED.read_text(encoding="utf-8")) if BENCHMARKED.is_file() else {}
    saved = merged(kept, runs)
    BENCHMARKED.write_text(json.dumps(saved, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8"), table(saved)), encoding="utf-8")
    print(f"{BENCHMARKED.relative_to(ROOT)} and the table of {DOCUMENT.name} say what was measured")
    return 0


if __name__ == "__main__":
    sys.exit(main())
