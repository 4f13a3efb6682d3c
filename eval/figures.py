"""Write the README's table of figures from a saved run: `python -m eval.figures RUN_FOLDER`, or `make figures`.

What the table is made from is kept in `docs/figures/quality.json`; a test holds the two against each other, so that no
figure is ever written by hand. To show another figure, put a row into `ROWS`.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.run import Run, read_run

ROOT = Path(__file__).parent.parent
QUALITY = ROOT / "docs" / "figures" / "quality.json"
README = ROOT / "README.md"
BEGIN, END = "<!-- figures -->\n", "<!-- /figures -->"

ROWS: dict[str, tuple[str, ...]] = {
    "right: the paragraph cited and the words said, or rightly “not stated”": ("right",),
    "right paragraph among the first 1 / 5 / 10 found": ("recall@1", "recall@5", "recall@10"),
    "right paragraph cited": ("citation_hit",),
    "the answer says what it must": ("answer_match",),
    "wrongly “not stated” (lower is better)": ("abstention_wrong",),
    "rightly “not stated” where no release answers": ("abstention_right",),
    "quotes that stand in their paragraph to the letter": ("quote_exact",),
    "milliseconds to an answer, median / 95th percentile": ("seconds", "seconds_p95"),
}
"""What a row says, and the metrics that it shows."""


def quality(run: Run) -> dict[str, Any]:
    """What of a run is committed: its figures, and what they were measured with; no path of the machine's."""
    return {
        "date": run.date.isoformat(),
        "code": run.code,
        "machine": asdict(run.machine),
        "packages": dict(run.packages),
        "embedding": run.settings.get("embedding"),
        "answerers": run.settings.get("answerers"),
        "cases": len(run.results),
        "unanswerable": sum(not result.case.answerable for result in run.results),
        "releases": run.data.releases,
        "paragraphs": run.data.paragraphs,
        "data_fingerprint": run.data.fingerprint,
        "figures": {name: asdict(figure) for name, figure in run.figures.items()},
    }


def table(saved: Mapping[str, Any]) -> str:
    """The README's table in Markdown, from what `quality` gives."""
    cases, unanswerable = saved["cases"], saved["unanswerable"]
    machine = saved["machine"]
    lines = ["| what | figure | 95 % interval |", "|---|---|---|"]
    for what, names in ROWS.items():
        figures = [saved["figures"][name] for name in names]
        values = " / ".join(_written(name, figure["value"]) for name, figure in zip(names, figures, strict=True))
        between = " / ".join(
            f"{_written(name, f['low'])} – {_written(name, f['high'])}" for name, f in zip(names, figures, strict=True)
        )
        lines.append(f"| {what} | {values} | {between} |")
    measured = f"{cases} cases, {unanswerable} of which no release answers; {saved['releases']} releases"
    lines += ["", f"Measured on {saved['date'][:10]}, {machine['cpu']}, {machine['cores']} cores: {measured}.", ""]
    return "\n".join(lines)


def _written(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{1000 * value:.0f}" if name.startswith("seconds") else f"{value:.3f}".removeprefix("0")


def with_table(readme: str, made: str) -> str:
    """The README with the table between its marks. Raises ValueError where it has none."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README has no {BEGIN.strip()} … {END} to put the figures between")
    return before + begin + made + end + after


def main(arguments: Sequence[str] | None = None) -> int:
    """Renew `docs/figures/quality.json` and the README from a saved run."""
    parser = argparse.ArgumentParser(prog="python -m eval.figures", description="The README's figures, from a run.")
    parser.add_argument("folder", type=Path, help="the folder that `communique eval` saved to")
    given = parser.parse_args(arguments)
    try:
        saved = quality(read_run(given.folder))
    except OSError as error:
        print(f"{given.folder} holds no saved evaluation: {error}", file=sys.stderr)
        return 2
    QUALITY.parent.mkdir(parents=True, exist_ok=True)
    QUALITY.write_text(json.dumps(saved, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    README.write_text(with_table(README.read_text(encoding="utf-8"), table(saved)), encoding="utf-8")
    print(f"{QUALITY.relative_to(ROOT)} and the table of {README.name} say what {given.folder} measured")
    return 0


if __name__ == "__main__":
    sys.exit(main())
