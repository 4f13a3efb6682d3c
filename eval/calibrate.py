"""Fit the weights in `assistant/weights.json`: what to read, which sentence answers, how sure to be, when to refuse.

    python -m eval.calibrate TRAIN_FOLDER --data DIR --out assistant/weights.json

TRAIN_FOLDER holds `cases-*.jsonl` over releases that are in the data folder DIR, and in no sample. The reader must not
have been trained on the slice `--held-out`: sentence weights and confidence are fitted on it, and judged by
cross-validation over its releases, five parts. The threshold is where six answerable questions in a hundred are
refused, so that on other releases it stays under ten.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from assistant.evidence import (
    FEATURES,
    GLANCE_FEATURES,
    QUESTION_FEATURES,
    Evidence,
    EvidenceReader,
    Weights,
    question_features,
)
from assistant.question import Question, understand
from assistant.reader import Reader
from assistant.search import HybridSearch
from ingest.markup import plain
from vectorstore import open_store
from vectorstore.embeddings import DEFAULT_EMBEDDING, packaged_minilm

_PARTS = 5
_REFUSED_SHARE = 0.06
# The inverse of the ridge penalty on scaled weights.
_SLACK = 0.2
_BOUNDS = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}
# Which way a feature may move the confidence; those not named may go either way.
FOR_OR_AGAINST = {
    "reader": 1,
    "standing": 1,
    "gap": -1,
    "words": 1,
    "fused": 1,
    "cover_sentence": 1,
    "cover_near": 1,
    "cover_paragraph": 1,
    "answer_type": 1,
    "names": 1,
    "numbers": 1,
    "rarest_missing": -1,
    "date_agreement": 1,
    "date_disagreement": -1,
    "score": 1,
    "margin": 1,
}

Place = tuple[str, int]


# For a case: what is right and what is not, each as rows of features.
Pairs = tuple[list[Sequence[float]], list[Sequence[float]]]


@dataclass(frozen=True)
class Seen:
    """A case with what was read for it; a label is 2 for the answer, 1 for another sentence of its paragraph."""

    case: dict[str, Any]
    question: Question
    evidence: list[Evidence]
    labels: list[int]

    @property
    def group(self) -> str:
        return str(self.case["release_id"])


def glanced(cases: Iterable[dict[str, Any]], search: HybridSearch, reader: EvidenceReader) -> list[Pairs]:
    """The windows of every case, those of its paragraphs and the others."""
    pairs: list[Pairs] = []
    for case in cases:
        question = understand(case["question"], case["history"])
        gold = gold_of(case)
        pairs.append(([], []))
        for window in reader.windows(question, search.find(question).candidates):
            pairs[-1][window.candidate.match.key not in gold].append(window.features)
    return pairs


def seen(cases: Iterable[dict[str, Any]], search: HybridSearch, reader: EvidenceReader) -> list[Seen]:
    """What the assistant reads for every case; cases for which it finds nothing are left out."""
    made = []
    for case in cases:
        question = understand(case["question"], case["history"])
        evidence = reader.weigh(question, search.find(question).candidates)
        gold = gold_of(case)
        if evidence:
            made.append(Seen(case, question, evidence, [_label(e, gold) for e in evidence]))
    return made


def gold_of(case: dict[str, Any]) -> dict[Place, str]:
    return {(g["release_id"], g["paragraph_index"]): plain(g["quote"]) for g in case["gold"]}


def _label(evidence: Evidence, gold: dict[Place, str]) -> int:
    quote = gold.get(evidence.candidate.match.key)
    if quote is None:
        return 0
    at = evidence.paragraph.text.find(quote)
    return 2 if evidence.start <= at < evidence.end else 1


def pairwise_weights(questions: Sequence[Pairs], c: float) -> list[float]:
    """Weights that put right before wrong: logistic regression on the differences, as RankSVM does (Joachims 2002)."""
    rows, signs = [], []
    for right, wrong in questions:
        for one in right[:2]:
            for other in wrong:
                difference = np.subtract(one, other)
                rows += [difference, -difference]
                signs += [1, 0]
    fitted = LogisticRegression(C=c, fit_intercept=False, max_iter=2000).fit(np.array(rows), signs)
    return [float(w) for w in fitted.coef_[0]]


def sentence_weights(cases: Sequence[Seen]) -> list[float]:
    return pairwise_weights([(_of(s, lambda label: label == 2), _of(s, lambda label: label == 0)) for s in cases], 0.3)


def _of(case: Seen, wanted: Callable[[int], bool]) -> list[Sequence[float]]:
    return [e.features for e, label in zip(case.evidence, case.labels, strict=True) if wanted(label)]


def ranked(case: Seen, weights: Sequence[float]) -> tuple[list[Evidence], list[int]]:
    """The evidence by these weights, and its labels in the same order."""
    scored = [
        (Evidence(e.candidate, e.start, e.end, e.features, float(np.dot(e.features, weights))), label)
        for e, label in zip(case.evidence, case.labels, strict=True)
    ]
    scored.sort(key=lambda pair: -pair[0].score)
    return [e for e, _ in scored], [label for _, label in scored]


def confidence_rows(cases: Sequence[Seen], weights: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Features of each question with its best sentence, and whether it can be answered."""
    rows = []
    for s in cases:
        evidence, _ = ranked(s, weights)
        rows.append((*evidence[0].features, *question_features(s.question, evidence)))
    return np.array(rows), np.array([s.case["answerable"] for s in cases])


def confidence_weights(rows: np.ndarray, answerable: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and intercept of a logistic regression in which no evidence for an answer may speak against it.

    Half of the unanswerable cases mirror an answerable one word for word, so that unbounded weights would learn to
    distrust a sentence for holding the question's words. Features are scaled for fitting and the weights scaled back.
    """
    mean, scale = rows.mean(0), rows.std(0) + 1e-9
    scaled, signs = (rows - mean) / scale, np.where(answerable, 1.0, -1.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margins = signs * (scaled @ weights[:-1] + weights[-1])
        slope = -signs / (1 + np.exp(margins))
        gradient = np.append(scaled.T @ slope + weights[:-1] / _SLACK, slope.sum())
        return float(np.logaddexp(0, -margins).sum() + weights[:-1] @ weights[:-1] / (2 * _SLACK)), gradient

    bounds = [_BOUNDS[FOR_OR_AGAINST.get(name, 0)] for name in (*FEATURES, *QUESTION_FEATURES)]
    fitted = minimize(loss, np.zeros(len(bounds) + 1), jac=True, bounds=[*bounds, (None, None)]).x
    weights = fitted[:-1] / scale
    return weights, float(fitted[-1] - weights @ mean)


def judged(cases: Sequence[Seen]) -> dict[str, float]:
    """Figures on parts that were not fitted on: paragraph and sentence right first, area under the curve, refusals."""
    groups = sorted({s.group for s in cases})
    part = {group: number % _PARTS for number, group in enumerate(groups)}
    first: list[int] = []
    among: list[bool] = []
    sure, truth = np.zeros(len(cases)), np.array([s.case["answerable"] for s in cases])
    for held in range(_PARTS):
        fitted = [s for s in cases if part[s.group] != held]
        weights = sentence_weights([s for s in fitted if s.case["answerable"]])
        sureness, intercept = confidence_weights(*confidence_rows(fitted, weights))
        for number, s in enumerate(cases):
            if part[s.group] == held:
                sure[number] = 1 / (1 + np.exp(-(confidence_rows([s], weights)[0][0] @ sureness + intercept)))
                if s.case["answerable"]:
                    labels = ranked(s, weights)[1]
                    first.append(labels[0])
                    among.append(any(labels[:3]))
    threshold = np.quantile(sure[truth], _REFUSED_SHARE)
    return {
        "cases": len(cases),
        "paragraph_first": round(float(np.mean([label >= 1 for label in first])), 3),
        "sentence_first": round(float(np.mean([label == 2 for label in first])), 3),
        "paragraph_in_three": round(float(np.mean(among)), 3),
        "auroc": round(float(roc_auc_score(truth, sure)), 3),
        "refused_of_unanswerable": round(float(np.mean(sure[~truth] < threshold)), 3),
        "threshold": round(float(threshold), 4),
    }


def main() -> None:
    """Fit and save; prints the cross-validated figures that are saved with the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path, metavar="TRAIN_FOLDER")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held-out", default="e", help="letters of the slices that the reader was not trained on")
    parser.add_argument("--embedding", default=DEFAULT_EMBEDDING)
    options = parser.parse_args()
    slices = {
        path.stem[-1]: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted(options.train.glob("cases-*.jsonl"))
    }
    held_out = [case for letter in options.held_out for case in slices[letter]]
    unread = (1.0,) * len(FEATURES)
    with open_store(options.data, embedding=options.embedding) as store:
        search, reader = HybridSearch(store), Reader(packaged_minilm().folder).halved()
        plainly = EvidenceReader(store, reader, Weights((1.0,) * len(GLANCE_FEATURES), unread, (), 0.0, 0.0))
        answerable = [case for cases in slices.values() for case in cases if case["answerable"]]
        window = pairwise_weights(glanced(answerable, search, plainly), 1.0)
        cases = seen(held_out, search, EvidenceReader(store, reader, Weights(tuple(window), unread, (), 0.0, 0.0)))
    figures = judged(cases)
    sentence = sentence_weights([s for s in cases if s.case["answerable"]])
    coefficients, intercept = confidence_weights(*confidence_rows(cases, sentence))
    saved = {
        "held_out_figures": figures,
        "window": _named(GLANCE_FEATURES, window),
        "sentence": _named(FEATURES, sentence),
        "confidence": _named((*FEATURES, *QUESTION_FEATURES), coefficients),
        "intercept": round(intercept, 5),
        "threshold": figures["threshold"],
    }
    options.out.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


def _named(names: Sequence[str], weights: Iterable[float]) -> dict[str, float]:
    return {name: round(float(weight), 5) for name, weight in zip(names, weights, strict=True)}


if __name__ == "__main__":
    main()
