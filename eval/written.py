"""Measure answers that a language model writes, with and without the verifier.

    python -m eval.written --llm NAME [--answerable 60] [--unanswerable 30] [--cases DIR] [--data DIR] [--out FILE]

A fixed sample of the cases, drawn with the seed of all evaluations. Each question is put to the model once; what it
wrote is then taken in three ways: as it stands, whatever the question ("unguarded"); only where the quotes would
answer ("gated"); and verified as the assistant does it, the quotes shown where nothing holds ("verified"). "quotes"
are the answers without a model. Saved is every draft with the reason why it was dropped.

right: of the answerable, those that say what they must and nothing they must not, with an expected paragraph cited;
of the others, those that are not answered. grounded: the statements that the verifier finds carried by a quote of the
passages. refused: the unanswerable questions that are not answered; wrongly refused: the answerable ones.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from rich.table import Table

from assistant import Assistant, open_assistant
from assistant.checking import Checking
from assistant.question import understand
from assistant.quotes import Draft, Drafted, NothingWritten, QuotesAnswerer
from assistant.verify import carrying, is_carried
from assistant.writing import WritingAnswerer, excerpts_of
from eval.cases import CASES, Case, located, read_cases
from eval.metrics import SEED
from eval.report import console
from eval.run import this_machine

WAYS = ("quotes", "unguarded", "gated", "verified")


@dataclass(frozen=True)
class Shown:
    """What one way of answering shows: its text, the paragraphs it cites, how many of its statements are carried."""

    text: str
    places: tuple[tuple[str, int], ...]
    statements: int
    carried: int
    seconds: float

    def right(self, case: Case) -> bool:
        """As the evaluation's own `right`, on the text alone."""
        if not case.answerable:
            return self.statements == 0
        says = all(re.search(p, self.text, re.IGNORECASE) for p in case.must)
        says_not = any(re.search(p, self.text, re.IGNORECASE) for p in case.must_not)
        return bool(self.statements) and says and not says_not and any(p in case.places for p in self.places)


def sample(cases: Sequence[Case], answerable: int, unanswerable: int) -> list[Case]:
    """So many cases of either sort, always the same ones, in their order."""
    chosen: list[Case] = []
    for wanted, count in ((True, answerable), (False, unanswerable)):
        of_sort = [c for c in cases if c.answerable is wanted]
        chosen += Random(SEED).sample(of_sort, min(count, len(of_sort)))
    return [c for c in cases if c in chosen]


def asked(assistant: Assistant, quotes: QuotesAnswerer, writing: WritingAnswerer, case: Case) -> dict[str, Any]:
    """One case in all WAYS, with what the model wrote."""
    question = understand(case.question, case.history)
    candidates = assistant.search.find(question).candidates
    began = time.perf_counter()
    quoted = quotes.answer(question, candidates)
    found = time.perf_counter()
    drafts = tuple(quoted.drafts)
    excerpts = excerpts_of(quoted.ranked, drafts)
    passages = tuple(dict.fromkeys(e.match for e in excerpts))
    written: list[Draft] = []
    failed = ""
    try:
        written.extend(writing.written(question, excerpts))
    except NothingWritten as problem:
        failed = str(problem)
    done = time.perf_counter()
    checking = Checking(Drafted(tuple(written), quoted.ranked, quoted.confidence, passages, drafts), writing.name)
    verified = tuple(checking.statements()) if drafts else ()
    checked = time.perf_counter()
    carried = sum(is_carried(d) or carrying(d.text, passages) is not None for d in written)
    raw = Shown(
        " ".join(d.text for d in written),
        tuple(q.match.key for d in written for q in d.quotes),
        len(written),
        carried,
        done - began,
    )
    nothing = Shown("", (), 0, 0, found - began)
    cited = {c.number: (c.release_id, c.index) for c in checking.verified.citations}
    ways = {
        "quotes": Shown(
            " ".join(d.text for d in drafts),
            tuple(q.match.key for d in drafts for q in d.quotes),
            len(drafts),
            len(drafts),
            found - began,
        ),
        "unguarded": raw,
        "gated": raw if drafts else nothing,
        "verified": Shown(
            " ".join(s.text for s in verified), tuple(cited.values()), len(verified), len(verified), checked - began
        )
        if drafts
        else nothing,
    }
    return {
        "id": case.id,
        "question": case.question,
        "answerable": case.answerable,
        "failed": failed,
        "by_the_model": checking.answerer == writing.name and bool(verified),
        "written": [{"text": d.text, "quotes": [q.text for q in d.quotes]} for d in written],
        "dropped": [asdict(drop) for drop in checking.verified.drops],
        "ways": {way: asdict(shown) | {"right": shown.right(case)} for way, shown in ways.items()},
    }


def figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """For each of WAYS what the head of this file tells; a share of nothing is NaN."""

    def share(values: Sequence[float]) -> float:
        return round(float(np.mean(values)), 3) if values else float("nan")

    made = {}
    for way in WAYS:
        shown = [(row["answerable"], row["ways"][way]) for row in rows]
        statements = sum(s["statements"] for _, s in shown)
        made[way] = {
            "right": share([s["right"] for _, s in shown]),
            "right of answerable": share([s["right"] for a, s in shown if a]),
            "grounded": share([sum(s["carried"] for _, s in shown) / statements] if statements else []),
            "refused": share([s["statements"] == 0 for a, s in shown if not a]),
            "wrongly refused": share([s["statements"] == 0 for a, s in shown if a]),
            "seconds": round(float(np.median([s["seconds"] for _, s in shown])), 2),
        }
    return made


def main() -> None:
    """Ask, print the table, save figures and drafts."""
    parser = argparse.ArgumentParser(prog="python -m eval.written", description=main.__doc__)
    parser.add_argument("--llm", required=True, metavar="NAME", help="as for communique ask")
    parser.add_argument("--answerable", type=int, default=60, metavar="N")
    parser.add_argument("--unanswerable", type=int, default=30, metavar="N")
    parser.add_argument("--cases", type=Path, default=CASES, metavar="DIR")
    parser.add_argument("--data", metavar="DIR")
    parser.add_argument("--out", type=Path, default=Path("written.json"), metavar="FILE")
    given = parser.parse_args()
    with open_assistant(given.data, llm=given.llm) as assistant, open_assistant(given.data, llm="quotes") as plain:
        writing, quotes = assistant.answerer, plain.answerer
        if not isinstance(writing, WritingAnswerer) or not isinstance(quotes, QuotesAnswerer):
            sys.exit(f"--llm {given.llm} is no language model")
        cases = read_cases(given.cases)
        names = dict.fromkeys(e.release_id for c in cases for e in c.expected)
        known = {name: release for name in names if (release := assistant.release(name))}
        rows = []
        for case in sample(located(cases, known), given.answerable, given.unanswerable):
            rows.append(asked(assistant, quotes, writing, case))
            print(
                f"{len(rows)}: {rows[-1]['ways']['verified']['seconds']:.1f} s {case.id}", file=sys.stderr, flush=True
            )
            saved = {"llm": given.llm, "machine": asdict(this_machine()), "figures": figures(rows), "rows": rows}
            # After every question, so that a long run that is stopped has something to show.
            given.out.write_text(json.dumps(saved, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    table = Table("", *next(iter(figures(rows).values())), box=None)
    for way, told in figures(rows).items():
        table.add_row(way, *(f"{value:.3f}" for value in told.values()))
    console().print(table)
    by_model = sum(row["by_the_model"] for row in rows)
    print(f"{len(rows)} questions, {by_model} answered in the model's words; saved to {given.out}")


if __name__ == "__main__":
    main()
