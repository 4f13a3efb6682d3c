"""Train what the verifier makes of words that no rule knows: `assistant/support.json`.

    python -m eval.train_support [--public DIR] [--wice DIR] [--out FILE]

A logistic model over `support.FEATURES`, trained on public pairs of a statement and a text (BEGIN, Dziri et al. 2022,
CC BY 4.0; the audit of FaithDial's sources, Dziri et al. 2022, MIT; WiCE's training claims with words that their
source does not carry, Kamoi et al. 2023, ODC-BY) and on the first half of WiCE's dev claims, which is counted as much
as all of them together, since it alone has whole articles on both sides. The rest is chosen on the first half of WiCE:
what a broken rule costs a claim, by a second logistic model over the first one's log-odds and the number of rules; for
claims the threshold with the best balanced accuracy; for answers, where a broken rule decides, the lowest that lets
pass at most one in twenty of those that are not wholly supported.
"""

import argparse
import gzip
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.facts import Facts, Ground
from assistant.support import FEATURES, Support, features
from eval.benchmarks import QA
from eval.entailment import (
    Claim,
    Weighing,
    accepted,
    accepted_in_an_answer,
    balanced_accuracy,
    best_threshold,
    ground_of,
    read_claims,
    tuned_on,
    weighed,
)

_PUBLIC = Path(__file__).parents[2] / "shared" / "data" / "train" / "public"
# In FM2 and symmetric FEVER statements and their opposites share their words, which is for rules to tell apart; with
# them the first half of WiCE is told less well (AUROC .859 against .881).
_PAIRS = ("begin", "faithdial-audit")
_CLAIMS = "wice-train-tokens"
_SHIPPED = Path(__file__).parents[1] / "assistant" / "support.json"
# Shares that go together would else get weights of opposite signs, one of which makes a missing word an advantage.
_FREEDOM = 0.01
# Of claims that are not wholly supported so many may pass as an answer's statement, rules apart.
_WRONGLY = 0.05
Example = tuple[tuple[float, ...], bool]


def public_examples(folder: Path) -> Iterator[Example]:
    """The pairs' features, and whether the text carries the statement."""
    for name in _PAIRS:
        for row in _rows(folder / f"{name}.jsonl.gz"):
            if row["supported"] is not None:
                ground = Ground(Facts(row["premise"]), Facts(row.get("title") or ""))
                yield features(Facts(row["hypothesis"]), ground), bool(row["supported"])
    for row in _rows(folder / f"{_CLAIMS}.jsonl.gz"):
        # Every claim of this file has words that its article does not carry.
        claim = Claim(row["hypothesis"], "not_supported", tuple(row["evidence"]))
        yield features(*ground_of(claim)), False


def _rows(file: Path) -> Iterator[dict]:  # type: ignore[type-arg]
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main() -> None:
    """Train, choose the thresholds, write the file, and print what it reaches on the half it was tuned on."""
    parser = argparse.ArgumentParser(prog="python -m eval.train_support", description=main.__doc__)
    parser.add_argument("--public", type=Path, default=_PUBLIC, metavar="DIR")
    parser.add_argument("--wice", type=Path, default=QA / "wice", metavar="DIR")
    parser.add_argument("--out", type=Path, default=_SHIPPED, metavar="FILE")
    given = parser.parse_args()
    public = list(public_examples(given.public))
    claims = tuned_on(read_claims(given.wice))
    own = [(features(*ground_of(c)), c.label == "supported") for c in claims if c.label != "partially_supported"]
    values = np.array([f for f, _ in (*public, *own)])
    labels = np.array([supported for _, supported in (*public, *own)])
    weight = np.array([1.0] * len(public) + [len(public) / len(own)] * len(own))
    model = LogisticRegression(C=_FREEDOM, class_weight="balanced", max_iter=1_000).fit(values, labels, weight)
    trained = Support(tuple(map(float, model.coef_[0])), float(model.intercept_[0]), 1.0, 1.0)
    trained = replace(trained, broken=cost_of_a_rule(claims, [weighed(c, trained) for c in claims]))
    weighings = [weighed(c, trained) for c in claims]
    claim_from, answer_from = thresholds(claims, weighings)
    saved = {
        "weights": dict(zip(FEATURES, trained.weights, strict=True)),
        "intercept": trained.intercept,
        "answer": answer_from,
        "claim": claim_from,
        "broken": trained.broken,
        "examples": {"public": len(public), "wice": len(own)},
    }
    given.out.write_text(json.dumps(saved, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(saved, indent=2))
    chosen = replace(trained, claim=claim_from, answer=answer_from)
    told = np.array([c.label for c in claims])
    for name, passes in (("claim", accepted), ("answer", accepted_in_an_answer)):
        accepts = np.array([passes(w, chosen) for w in weighings], dtype=float)
        shares = {label: round(float(accepts[told == label].mean()), 3) for label in sorted(set(told))}
        print(f"{name}: balanced accuracy {balanced_accuracy(accepts, told):.3f}, accepted {shares}")


def cost_of_a_rule(claims: list[Claim], weighings: list[Weighing]) -> float:
    """By how much a broken rule lowers the log-odds that a claim is supported; at least nothing."""
    kept = [(w, c) for w, c in zip(weighings, claims, strict=True) if c.label != "partially_supported"]
    odds = [math.log(w.probability / (1 - w.probability)) for w, _ in kept]
    values = np.array([odds, [len(w.broken) for w, _ in kept]]).T
    model = LogisticRegression(class_weight="balanced").fit(values, [c.label == "supported" for _, c in kept])
    return max(0.0, float(-model.coef_[0, 1] / model.coef_[0, 0]))


def thresholds(claims: list[Claim], weighings: list[Weighing]) -> tuple[float, float]:
    """The probabilities from which on a claim and an answer's statement are accepted."""
    labels = np.array([c.label for c in claims])
    claim = best_threshold(np.array([w.of_claim for w in weighings]), labels)
    passing = np.array([0.0 if w.broken else w.probability for w in weighings])
    wrong = passing[labels != "supported"]
    steps = sorted({0.01, *(round(float(p), 3) for p in passing if p)})
    answer = next((t for t in steps if (wrong >= t).mean() <= _WRONGLY), steps[-1])
    return claim, answer


if __name__ == "__main__":
    main()
