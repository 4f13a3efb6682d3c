"""Benchmark the verifier on WiCE: does it accept claims that their article supports, and reject the others?

WiCE (Kamoi et al., EMNLP 2023) pairs claims of Wikipedia with a cited article, whose sentences support them wholly,
in part or not at all. As for an answer's statement, the verifier looks for the sentences that carry a claim in the
whole article. Two uses of what it finds are measured. For an answer each broken rule of `rules.RULES` is a veto, since
a wrong statement must not be shown. Claims of an encyclopaedia are told in other words than their article, and name
what stands nowhere in it, so that for a claim a broken rule is one sign beside others. Weights and thresholds come from
the first half of the claims, in the order of the file; nothing was fitted to the second.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from assistant.facts import Facts, Ground
from assistant.rules import broken
from assistant.support import Support, gathered
from eval.metrics import figure_of, mean
from vectorstore.embeddings import Embedder, open_embedder
from vectorstore.language import content_terms

# As many sentences of an article may carry a claim; WiCE's own annotations take three on average and rarely more.
_CITED = 4
_LABELS = ("supported", "partially_supported", "not_supported")
_PUBLISHED = re.compile(r"\(meta data\) PUBLISHED DATETIME: ((?:19|20)\d\d)-(\d\d)-(\d\d)")
_TITLE = "(meta data) TITLE: "


@dataclass(frozen=True)
class Claim:
    """A claim with the sentences of its article; `label` is WiCE's word for how far they support it."""

    text: str
    label: str
    sentences: tuple[str, ...]

    @property
    def published(self) -> date | None:
        """The article's date, where its head tells it."""
        told = next(filter(None, map(_PUBLISHED.match, self.sentences)), None)
        try:
            return date(*map(int, told.groups())) if told else None
        except ValueError:
            return None

    @property
    def title(self) -> str:
        return next((s.removeprefix(_TITLE) for s in self.sentences if s.startswith(_TITLE)), "")


@dataclass(frozen=True)
class Weighing:
    """What the verifier makes of a claim: the rules that it breaks, how probably its words are carried, and how
    probably the claim is, the rules that it breaks being held against it.
    """

    broken: tuple[str, ...]
    probability: float
    of_claim: float


def read_claims(folder: Path) -> list[Claim]:
    """The claims of WiCE's dev part."""
    with (folder / "claims-dev.jsonl").open(encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return [Claim(row["claim"], row["label"], tuple(row["evidence"])) for row in rows]


def tuned_on(claims: Sequence[Claim]) -> list[Claim]:
    """The half of the claims that thresholds may be chosen on; the rest is for measuring."""
    return list(claims[: len(claims) // 2])


def ground_of(claim: Claim) -> tuple[Facts, Ground]:
    """What a claim says, and the sentences of its article that come closest to saying it."""
    said, published = Facts(claim.text), claim.published
    year = published.year if published else None
    sentences = [Facts(s, year) for s in claim.sentences]
    taken = sorted(gathered(said, sentences, _CITED))
    cited = Facts("\n".join(claim.sentences[n] for n in taken), year)
    around = tuple(sentences[n] for n in taken)
    return said, Ground(cited, Facts(claim.title, year), around, (published,) if published else ())


def weighed(claim: Claim, support: Support) -> Weighing:
    """The claim as the assistant's verifier weighs it."""
    said, ground = ground_of(claim)
    rules = tuple(name for name, _ in broken(said, ground))
    return Weighing(rules, support.probability(said, ground), support.probability(said, ground, len(rules)))


def accepted(found: Weighing, support: Support) -> bool:
    """Whether the claim passes, broken rules being held against it."""
    return found.of_claim >= support.claim


def accepted_in_an_answer(found: Weighing, support: Support) -> bool:
    """Whether the claim would pass as an answer's statement, where no rule may be broken."""
    return not found.broken and found.probability >= support.answer


def balanced_accuracy(accepts: np.ndarray, labels: np.ndarray) -> float:
    """The mean of the supported claims' share that is accepted and of the unsupported ones' that is not; partly
    supported claims are left out, and so is a side without a claim.
    """
    sides = [accepts[labels == "supported"], 1 - accepts[labels == "not_supported"]]
    return float(np.mean([side.mean() for side in sides if len(side)] or [0.0]))


def likeliest(claim: Claim) -> list[str]:
    """The sentences that share most words with a claim, in the article's order."""
    wanted = set(content_terms(claim.text))
    shared = [len(wanted & set(content_terms(s))) for s in claim.sentences]
    return [claim.sentences[n] for n in sorted(sorted(range(len(shared)), key=lambda n: -shared[n])[:_CITED])]


def words_shared(claims: Sequence[Claim]) -> list[float]:
    """BM25's idea of support: the share of the claim's content terms that those sentences hold."""
    return [
        len(wanted & set(content_terms(" ".join(likeliest(c))))) / max(1, len(wanted))
        for c in claims
        for wanted in [set(content_terms(c.text))]
    ]


def cosines(claims: Sequence[Claim], embedder: Embedder) -> list[float]:
    """What pipelines do that attach citations afterwards: the cosine of claim and those sentences."""
    vectors = embedder.texts([text for c in claims for text in (c.text, " ".join(likeliest(c)))])
    return [float(claim @ cited) for claim, cited in zip(vectors[::2], vectors[1::2], strict=True)]


def verification(name: str, sets: Path, embedding: str) -> dict[str, Any]:
    """The verifier beside both baselines, each with its best threshold on the first half; measured on the second."""
    claims = read_claims(sets / name)
    labels = np.array([c.label for c in claims])
    first = np.arange(len(claims)) < len(tuned_on(claims))
    support = Support.shipped()
    weighings = [weighed(c, support) for c in claims]
    decided = {
        "Communiqué": np.array([accepted(w, support) for w in weighings], dtype=float),
        "as for its answers": np.array([accepted_in_an_answer(w, support) for w in weighings], dtype=float),
    }
    for baseline, scores in (
        ("BM25", words_shared(claims)),
        ("llama-index", cosines(claims, open_embedder(embedding))),
    ):
        given = np.array(scores)
        decided[baseline] = (given >= best_threshold(given[first], labels[first])).astype(float)
    measured = ~first
    balanced = {system: balanced_accuracy(accepts[measured], labels[measured]) for system, accepts in decided.items()}
    # What an answer needs: a claim that is carried in part is not carried.
    wholly = np.where(labels == "supported", labels, "not_supported")
    systems = {
        system: {
            "seconds": 0.0,
            "balanced accuracy": {"value": balanced[system]},
            "against all others": {"value": balanced_accuracy(accepts[measured], wholly[measured])},
            **{
                f"accepted {label.replace('_', ' ')}": asdict(figure_of(accepts[measured & (labels == label)], mean))
                for label in _LABELS
            },
        }
        for system, accepts in decided.items()
    }
    return {
        "set": name,
        "measures": "the verifier, claims against whole articles; thresholds of all from the first half, measured on "
        "the second",
        "passages": sum(len(c.sentences) for c in claims),
        "of_passages": sum(len(c.sentences) for c in claims),
        "questions": int(measured.sum()),
        "of": len(claims),
        "systems": systems,
        "floor": None,
        "defects": [
            f"balanced accuracy {balanced['Communiqué']:.3f}, {system} {other:.3f}"
            for system, other in balanced.items()
            if other > balanced["Communiqué"]
        ],
    }


def best_threshold(scores: np.ndarray, labels: np.ndarray) -> float:
    """The score from which on accepting gives the best balanced accuracy."""
    return max(map(float, np.unique(scores)), key=lambda t: balanced_accuracy((scores >= t).astype(float), labels))
