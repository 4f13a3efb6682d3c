"""Benchmark the verifier on WiCE: does it accept claims that their sentences support, and reject the others?

WiCE (Kamoi et al., EMNLP 2023) pairs claims of Wikipedia with a cited article and says which of its sentences support
the claim: wholly, in part, or not at all. What an answerer would cite is given as quotes: the supporting sentences, and
for a claim without any the three that share most words with it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.quotes import Draft, Quote
from assistant.verify import is_carried
from eval.metrics import figure_of, mean
from vectorstore import Match, Release
from vectorstore.embeddings import Embedder, open_embedder
from vectorstore.language import content_terms
from vectorstore.release import counted

_CITED = 3


@dataclass(frozen=True)
class Claim:
    """A claim with the sentences that would be cited for it; `label` is WiCE's word for how far they support it."""

    text: str
    label: str
    sentences: tuple[str, ...]


def read_claims(folder: Path) -> list[Claim]:
    """The claims of WiCE's dev part."""
    with (folder / "claims-dev.jsonl").open(encoding="utf-8") as lines:
        return [_claim(json.loads(line)) for line in lines]


def _claim(row: dict[str, Any]) -> Claim:
    sentences = row["evidence"]
    if row["supporting_sentences"]:
        cited = row["supporting_sentences"][0]
    else:
        wanted = set(content_terms(row["claim"]))
        shared = [len(wanted & set(content_terms(s))) for s in sentences]
        cited = sorted(sorted(range(len(sentences)), key=lambda n: -shared[n])[:_CITED])
    return Claim(row["claim"], row["label"], tuple(sentences[n] for n in cited))


def accepted(claim: Claim) -> bool:
    """Whether the assistant's verifier lets the claim pass with these sentences as its quotes."""
    release = Release("article", "", None, None, "en", counted(claim.sentences))
    quotes = tuple(Quote(Match(release, p, 1.0), 0, len(p.text)) for p in release.paragraphs if p.text.strip())
    return is_carried(Draft(claim.text, quotes))


def words_shared(claims: Sequence[Claim]) -> list[float]:
    """BM25's idea of support: the share of the claim's content terms that the sentences hold."""
    return [
        len(wanted & set(content_terms(" ".join(c.sentences)))) / max(1, len(wanted))
        for c in claims
        for wanted in [set(content_terms(c.text))]
    ]


def cosines(claims: Sequence[Claim], embedder: Embedder) -> list[float]:
    """What pipelines do that attach citations afterwards: the cosine of claim and sentences."""
    vectors = embedder.texts([text for c in claims for text in (c.text, " ".join(c.sentences))])
    return [float(claim @ cited) for claim, cited in zip(vectors[::2], vectors[1::2], strict=True)]


def verification(name: str, sets: Path, _work: Path, _limit: int, embedding: str) -> dict[str, Any]:
    """The verifier beside both baselines, each with the threshold at which it accepts as many supported claims."""
    claims = read_claims(sets / name)
    supported = np.array([c.label == "supported" for c in claims])
    ours = np.array([accepted(c) for c in claims], dtype=float)
    share = float(ours[supported].mean())
    decided = {"Communiqué": ours}
    for baseline, scores in (
        ("BM25", words_shared(claims)),
        ("llama-index", cosines(claims, open_embedder(embedding))),
    ):
        decided[baseline] = _as_many(np.array(scores), supported, int(ours[supported].sum()))
    systems = {
        system: {
            "seconds": 0.0,
            **{
                f"accepted {label.replace('_', ' ')}": asdict(
                    figure_of(values[[c.label == label for c in claims]], mean)
                )
                for label in ("supported", "partially_supported", "not_supported")
            },
        }
        for system, values in decided.items()
    }
    wrongly = {system: float(values[~supported].mean()) for system, values in decided.items()}
    return {
        "set": name,
        "measures": f"the verifier; baselines accept the same share of supported claims, {share:.3f}",
        "passages": sum(len(c.sentences) for c in claims),
        "questions": len(claims),
        "of": len(claims),
        "systems": systems,
        "floor": None,
        "defects": [
            f"accepts {wrongly['Communiqué']:.3f} of the claims that are not wholly supported, {system} {other:.3f}"
            for system, other in wrongly.items()
            if other < wrongly["Communiqué"]
        ],
    }


def _as_many(scores: np.ndarray, supported: np.ndarray, wanted: int) -> np.ndarray:
    """Accept from the highest score down until `wanted` supported claims are in."""
    if not wanted:
        return np.zeros(len(scores))
    threshold = np.sort(scores[supported])[::-1][wanted - 1]
    return np.asarray(scores >= threshold, dtype=float)
