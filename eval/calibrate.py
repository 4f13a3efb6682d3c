"""Fit the weights in `assistant/weights.json`: what to read, which sentence answers, how sure to be, when to refuse.

    python -m eval.calibrate --data DIR --out assistant/weights.json

DIR is a data folder with the releases of `eval/training` and others as distractors. What to read is fitted on the
training slices; which sentence answers and how sure to be on the calibration slices, which the reader was not trained
on, and judged by cross-validation over their releases, five parts. The threshold is where 8 % of the answerable
questions are refused.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from assistant.evidence import (
    FEATURES,
    GLANCE_FEATURES,
    QUESTION_FEATURES,
    Evidence,
    EvidenceReader,
    Judgement,
    Weights,
    question_features,
)
from assistant.question import Question, understand
from assistant.reader import SHIPPED, Likeness, Reader
from assistant.search import HybridSearch
from eval.training_cases import TrainingCase, read_training
from ingest.markup import plain
from vectorstore import open_store
from vectorstore.embeddings import DEFAULT_EMBEDDING, packaged_minilm

_PARTS = 5
_REFUSED_SHARE = 0.08
# The inverse of the ridge penalty on scaled weights.
_SLACK = 0.2
# A glance has few weights, for which every third case is enough.
_GLANCED_EVERY = 3
# Of each question so many wrong windows or sentences are compared with the right ones.
_WRONG_A_QUESTION = 40
_BOUNDS = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}
# Too few questions seek a release to tell how much that should count.
_MOST = {"sought": 3.0}
# Which way a feature may move the confidence; those not named may go either way.
FOR_OR_AGAINST = {
    "reader": 1,
    "point": 1,
    "pointed_kind": 1,
    "standing": 1,
    "gap": -1,
    "words": 1,
    "fused": 1,
    "sought": 1,
    "cover_sentence": 1,
    "cover_near": 1,
    "cover_paragraph": 1,
    "kind_held": 1,
    "kind_missing": -1,
    "kind_missing_here": -1,
    "name_missing": -1,
    "names": 1,
    "numbers": 1,
    "rarest_missing": -1,
    "date_agreement": 1,
    "date_disagreement": -1,
    "score": 1,
    "margin": 1,
    "best": 1,
    "second": 1,
    "any": 1,
}

# For a case: what is right and what is not, each as rows of features.
Pairs = tuple[list[Sequence[float]], list[Sequence[float]]]


@dataclass(frozen=True)
class Seen:
    """A case with what was read for it; a label is 2 for the answer, 1 for another sentence of its paragraph."""

    case: TrainingCase
    question: Question
    evidence: Sequence[Evidence]
    labels: list[int]


def glanced(cases: Iterable[TrainingCase], search: HybridSearch, reader: EvidenceReader) -> list[Pairs]:
    """The windows of every case, those with its quotes and the others."""
    pairs: list[Pairs] = []
    for case in cases:
        question = understand(case.question, case.history)
        pairs.append(([], []))
        for window in reader.windows(question, search.find(question).candidates):
            right = any(
                plain(g.quote) in window.text and g.release_id == window.candidate.match.release.id for g in case.gold
            )
            pairs[-1][not right].append(window.features)
    return pairs


def seen(cases: Iterable[TrainingCase], search: HybridSearch, reader: EvidenceReader) -> list[Seen]:
    """What the assistant reads for every case; cases for which it finds nothing are left out."""
    made = []
    for case in cases:
        question = understand(case.question, case.history)
        evidence = reader.weigh(question, search.find(question).candidates).evidence
        if evidence:
            made.append(Seen(case, question, evidence, [_label(e, case) for e in evidence]))
    return made


def _label(evidence: Evidence, case: TrainingCase) -> int:
    label = 0
    for gold in case.gold:
        quote = plain(gold.quote)
        if plain(gold.sentence) == evidence.text:
            # Releases repeat themselves: the same sentence elsewhere answers as well.
            return 2
        at = evidence.paragraph.text.find(quote) if gold.release_id == evidence.release.id else -1
        if at >= 0:
            label = max(label, 2 if evidence.start < at + len(quote) and at < evidence.end else 1)
    return label


def pairwise_weights(questions: Sequence[Pairs], names: Sequence[str]) -> list[float]:
    """Weights that put right before wrong: logistic regression on the differences, as RankSVM does (Joachims 2002)."""
    rows = [
        np.subtract(one, other)
        for right, wrong in questions
        for one in right[:2]
        for other in wrong[:_WRONG_A_QUESTION]
    ]
    weights, _ = bounded_weights(np.array(rows), np.ones(len(rows)), names, centred=False)
    return [float(w) for w in weights]


def bounded_weights(
    rows: np.ndarray, signs: np.ndarray, names: Sequence[str], *, centred: bool = True
) -> tuple[np.ndarray, float]:
    """Weights and intercept of a logistic regression in which no evidence for an answer may speak against it.

    Half of the unanswerable cases mirror an answerable one word for word, so that unbounded weights would learn to
    distrust a sentence for holding the question's words. Features are scaled for fitting and the weights scaled back.
    `signs` are 1 and -1; without `centred` rows are differences, and there is no intercept.
    """
    mean = rows.mean(0) if centred else np.zeros(rows.shape[1])
    scale = np.sqrt(((rows - mean) ** 2).mean(0)) + 1e-9
    scaled = (rows - mean) / scale

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margins = signs * (scaled @ weights[:-1] + weights[-1])
        slope = -signs / (1 + np.exp(np.clip(margins, -30, 30)))
        gradient = np.append(scaled.T @ slope + weights[:-1] / _SLACK, slope.sum() * centred)
        return float(np.logaddexp(0, -margins).sum() + weights[:-1] @ weights[:-1] / (2 * _SLACK)), gradient

    bounds = [_BOUNDS[FOR_OR_AGAINST.get(name, 0)] for name in names]
    bounds = [
        (low, _MOST[n] * s if n in _MOST else high) for (low, high), n, s in zip(bounds, names, scale, strict=True)
    ]
    bounds.append((None, None) if centred else (0.0, 0.0))
    fitted = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds).x
    weights = fitted[:-1] / scale
    return weights, float(fitted[-1] - weights @ mean)


def sentence_weights(cases: Sequence[Seen]) -> list[float]:
    answerable = [s for s in cases if s.case.answerable]
    return pairwise_weights(
        [(_of(s, lambda label: label == 2), _of(s, lambda label: label == 0)) for s in answerable], FEATURES
    )


def _of(case: Seen, wanted: Callable[[int], bool]) -> list[Sequence[float]]:
    return [e.features for e, label in zip(case.evidence, case.labels, strict=True) if wanted(label)]


def ranked(case: Seen, weights: Sequence[float]) -> tuple[list[Evidence], list[int]]:
    """The evidence by these weights, and its labels in the same order."""
    scored = [
        (replace(e, score=float(np.dot(e.features, weights))), label)
        for e, label in zip(case.evidence, case.labels, strict=True)
    ]
    scored.sort(key=lambda pair: -pair[0].score)
    return [e for e, _ in scored], [label for _, label in scored]


def confidence_rows(cases: Sequence[Seen], weights: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Features of each question with its best sentence, and whether it can be answered."""
    rows = []
    for s in cases:
        evidence, _ = ranked(s, weights)
        rows.append((*evidence[0].features, *question_features(evidence)))
    return np.array(rows), np.array([s.case.answerable for s in cases])


def confidence_weights(rows: np.ndarray, answerable: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and intercept of the confidence."""
    return bounded_weights(rows, np.where(answerable, 1.0, -1.0), (*FEATURES, *QUESTION_FEATURES))


def judged(cases: Sequence[Seen]) -> dict[str, float]:
    """Figures on parts that were not fitted on: paragraph and sentence right first, area under the curve, refusals."""
    groups = sorted({s.case.release_id for s in cases})
    part = {group: number % _PARTS for number, group in enumerate(groups)}
    first: list[int] = []
    among: list[bool] = []
    sure, truth = np.zeros(len(cases)), np.array([s.case.answerable for s in cases])
    for held in range(_PARTS):
        others = [s for s in cases if part[s.case.release_id] != held]
        weights = sentence_weights(others)
        sureness, intercept = confidence_weights(*confidence_rows(others, weights))
        for number, s in enumerate(cases):
            if part[s.case.release_id] == held:
                sure[number] = 1 / (1 + np.exp(-(confidence_rows([s], weights)[0][0] @ sureness + intercept)))
                if s.case.answerable:
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
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--reader", type=Path, default=SHIPPED, help="weights of the reader (the shipped ones)")
    parser.add_argument("--embedding", default=DEFAULT_EMBEDDING)
    options = parser.parse_args()
    nothing = Judgement((1.0,) * len(FEATURES), (), 0.0, 0.0)
    with open_store(options.data, embedding=options.embedding) as store:
        store.catch_up()
        search = HybridSearch(store)
        readers = (Reader(Path(packaged_minilm().folder), options.reader), Likeness(store.embedder))
        glancing = EvidenceReader(store, *readers, Weights((1.0,) * len(GLANCE_FEATURES), nothing, nothing))
        training = read_training(split="training")
        answerable = [case for case in training if case.answerable][::_GLANCED_EVERY]
        window = pairwise_weights(glanced(answerable, search, glancing), GLANCE_FEATURES)
        reading = EvidenceReader(store, *readers, Weights(tuple(window), nothing, nothing))
        calibration = read_training(split="calibration")
        english = seen([case for case in calibration if case.language == "en"], search, reading)
        # Nothing was trained to read other languages, so that the training slices are as good for them.
        other = seen([case for case in calibration + training if case.language != "en"], search, reading)
    saved = {"window": _named(GLANCE_FEATURES, window), "english": fitted(english), "other": fitted(other)}
    options.out.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: saved[name]["held_out_figures"] for name in ("english", "other")}, indent=1))


def fitted(cases: Sequence[Seen]) -> dict[str, Any]:
    """A `Judgement` as it is saved, with its cross-validated figures."""
    figures = judged(cases)
    sentence = sentence_weights(cases)
    coefficients, intercept = confidence_weights(*confidence_rows(cases, sentence))
    return {
        "held_out_figures": figures,
        "sentence": _named(FEATURES, sentence),
        "confidence": _named((*FEATURES, *QUESTION_FEATURES), coefficients),
        "intercept": round(intercept, 5),
        "threshold": figures["threshold"],
    }


def _named(names: Sequence[str], weights: Iterable[float]) -> dict[str, float]:
    return {name: round(float(weight), 5) for name, weight in zip(names, weights, strict=True)}


if __name__ == "__main__":
    main()
