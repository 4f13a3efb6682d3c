"""Read a question and a paragraph together, and say of each sentence whether it answers.

The reader is all-MiniLM-L6-v2 trained further as a cross-encoder by `python -m eval.train_reader`; the trained
layers lie in `reader.safetensors`, the vectors of words, places and types are the packaged model's own.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np

from assistant.layers import Layers
from assistant.passages import UNREAD, Passage, Preparation
from vectorstore.embeddings import Embedder

# multilingual-e5-small gives unrelated texts a cosine of about 0.8 and spreads the others over a few hundredths more;
# on this scale its likenesses are of the size of the reader's log-odds.
_UNLIKE = 0.82
_LIKENESS_UNIT = 0.02
SHIPPED = Path(str(files("assistant").joinpath("reader.safetensors")))


@dataclass(frozen=True)
class Reading:
    """What the reader makes of a sentence: log-odds that it answers and that its likeliest word is the answer, and
    where in the passage's text the words stand that answer.
    """

    score: float
    point: float
    start: int
    end: int


class Reader:
    """A cross-encoder with one score for each sentence; `folder` holds the model it was trained from. Several threads
    may read at once.
    """

    def __init__(self, folder: Path, weights: Path = SHIPPED) -> None:
        self._preparation = Preparation(folder)
        self._layers = Layers(folder, weights)
        # One thread a passage keeps the cores busier than several threads that share one.
        self._threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="reader")

    def read(self, question: str, passages: Sequence[Passage]) -> list[list[Reading]]:
        """For each passage a reading of every sentence; one behind MAX_TOKENS gets the lowest score."""
        return list(self._threads.map(partial(self._read, question), passages))

    def _read(self, question: str, passage: Passage) -> list[Reading]:
        read = [Reading(UNREAD, UNREAD, 0, 0)] * len(passage.spans)
        batch = self._preparation.batch([question], [passage])
        if not batch.places:
            return read
        scores, tokens = self._layers.run(batch)
        for (_, sentence), inside, score in zip(batch.places, batch.inside, scores.tolist(), strict=True):
            read[sentence] = Reading(score, *_pointed(tokens[0], batch.offsets[0], inside))
        return read


class Likeness:
    """Reads by the likeness of question and sentence as the embedding model sees it, in all of its languages."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def read(self, question: str, passages: Sequence[Passage]) -> list[list[Reading]]:
        """For each passage a reading of every sentence; the whole sentence is what answers."""
        sentences = [(p, span) for p in passages for span in p.spans]
        if not sentences:
            return [[] for _ in passages]
        vectors = self._embedder.texts([f"{p.about}\n{p.text[start:end]}" for p, (start, end) in sentences])
        likeness = vectors @ np.array(self._embedder.question(question), dtype=np.float32)
        scores = iter(((likeness - _UNLIKE) / _LIKENESS_UNIT).tolist())
        return [[Reading(score, score, *span) for span, score in zip(p.spans, scores, strict=False)] for p in passages]


# Tokens next to the likeliest one belong to the answer when they are at least even.
_EVEN = 0.0


def _pointed(tokens: np.ndarray, offsets: np.ndarray, mask: np.ndarray) -> tuple[float, int, int]:
    """The likeliest token's log-odds, and the offsets of the run of likely tokens around it."""
    inside = np.flatnonzero(mask)
    best = first = last = int(inside[np.argmax(tokens[inside])])
    while first - 1 >= inside[0] and tokens[first - 1] >= _EVEN:
        first -= 1
    while last + 1 <= inside[-1] and tokens[last + 1] >= _EVEN:
        last += 1
    return float(tokens[best]), int(offsets[first, 0]), int(offsets[last, 1])
