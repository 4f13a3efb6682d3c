"""Read a question and a paragraph together, and say of each sentence whether it answers.

The reader is all-MiniLM-L6-v2 trained further as a cross-encoder by `python -m eval.train_reader`; the trained
layers lie in `reader.safetensors`, the vectors of words, places and types are the packaged model's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import numpy as np
from tokenizers import Tokenizer

from vectorstore.embeddings import Embedder, half_precision_pays

MAX_TOKENS = 256
_QUESTION_TOKENS = 96
UNREAD = -10.0
# multilingual-e5-small gives unrelated texts a cosine of about 0.8 and spreads the others over a few hundredths more;
# on this scale its likenesses are of the size of the reader's log-odds.
_UNLIKE = 0.82
_LIKENESS_UNIT = 0.02
SHIPPED = Path(str(files("assistant").joinpath("reader.safetensors")))


@dataclass(frozen=True)
class Passage:
    """Text to be read for a question: `about` is the release's title and date; `spans` are the sentences' offsets
    in `text`.
    """

    about: str
    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Reading:
    """What the reader makes of a sentence: log-odds that it answers and that its likeliest word is the answer, and
    where in the passage's text the words stand that answer.
    """

    score: float
    point: float
    start: int
    end: int


@dataclass(frozen=True)
class Batch:
    """Questions and passages as the reader's layers take them; `tokens`, `mask` (1 for a token, 0 for padding) and
    `types` (0 for the question, 1 for the passage) have shape (passages, tokens).

    For every sentence that fits, `places` holds its (passage, sentence), `rows` its passage, shape (sentences,), and
    `inside` 1 for each of its own tokens, shape (sentences, tokens). `offsets` say where in the passage's text each
    token stands, (0, 0) for those outside, shape (passages, tokens, 2).
    """

    tokens: np.ndarray
    mask: np.ndarray
    types: np.ndarray
    offsets: np.ndarray
    places: list[tuple[int, int]]
    rows: np.ndarray
    inside: np.ndarray


class Preparation:
    """Makes batches with the tokenizer of the packaged model in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
        self._tokenizer.enable_padding()
        self._plain = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._plain.no_truncation()
        self._plain.no_padding()

    def batch(self, questions: Sequence[str], passages: Sequence[Passage]) -> Batch:
        """A question with each passage."""
        heads = [f"{p.about}\n" if p.about else "" for p in passages]
        texts = [head + p.text for head, p in zip(heads, passages, strict=True)]
        encoded = self._tokenizer.encode_batch(list(zip(map(self._cut, questions), texts, strict=True)))
        offsets = np.array([e.offsets for e in encoded], dtype=np.int64)
        for row, head in enumerate(heads):
            second = np.array([s == 1 for s in encoded[row].sequence_ids])
            # Outside the passage's own text every token gets an empty span.
            offsets[row] = np.where((second & (offsets[row, :, 0] >= len(head)))[:, None], offsets[row] - len(head), 0)
        places, masks = [], []
        for row, passage in enumerate(passages):
            starts, ends = offsets[row, :, 0], offsets[row, :, 1]
            for number, (start, end) in enumerate(passage.spans):
                inside = (starts >= start) & (ends <= end) & (ends > starts)
                if inside.any():
                    places.append((row, number))
                    masks.append(inside)
        return Batch(
            tokens=np.array([e.ids for e in encoded], dtype=np.int64),
            mask=np.array([e.attention_mask for e in encoded], dtype=np.int32),
            types=np.array([e.type_ids for e in encoded], dtype=np.int64),
            offsets=offsets,
            places=places,
            rows=np.array([row for row, _ in places], dtype=np.int64),
            inside=np.array(masks, dtype=np.float32).reshape(len(places), offsets.shape[1]),
        )

    def _cut(self, question: str) -> str:
        """The question as far as it leaves room for a passage."""
        # A token has at least one character.
        if len(question) <= _QUESTION_TOKENS:
            return question
        told = self._plain.encode(question, add_special_tokens=False).offsets
        return question if len(told) <= _QUESTION_TOKENS else question[: told[_QUESTION_TOKENS - 1][1]]


class Reader:
    """A cross-encoder with one score for each sentence; `folder` holds the model it was trained from. Several threads
    may read at once.
    """

    def __init__(self, folder: Path, weights: Path = SHIPPED) -> None:
        self._preparation = Preparation(folder)
        self._layers = _layers(folder, weights)

    def read(self, question: str, passages: Sequence[Passage]) -> list[list[Reading]]:
        """For each passage a reading of every sentence; one behind MAX_TOKENS gets the lowest score."""
        read = [[Reading(UNREAD, UNREAD, 0, 0)] * len(p.spans) for p in passages]
        for together in _of_like_length(passages):
            batch = self._preparation.batch([question] * len(together), [passages[n] for n in together])
            if not batch.places:
                continue
            scores, tokens = self._layers.run(batch)
            for (row, sentence), inside, score in zip(batch.places, batch.inside, scores.tolist(), strict=True):
                read[together[row]][sentence] = Reading(score, *_pointed(tokens[row], batch.offsets[row], inside))
        return read


class _Layers(Protocol):
    def run(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]: ...


def _layers(folder: Path, weights: Path) -> _Layers:
    # Imported here: the one needs PyTorch, which takes seconds to load, and both need this module.
    if half_precision_pays():
        from assistant.cross_encoder import CrossEncoder

        return CrossEncoder(folder, weights).halved()
    from assistant.layers import Layers

    return Layers(folder, weights)


# Passages of which one is longer than another by a larger share are not padded to one length.
_LIKE_LENGTH = 1.25


def _of_like_length(passages: Sequence[Passage]) -> list[list[int]]:
    """The places of passages that are read together: padding takes as long to read as words."""
    lengths = [len(p.about) + len(p.text) for p in passages]
    batches: list[list[int]] = []
    for place in sorted(range(len(passages)), key=lambda n: lengths[n]):
        if batches and lengths[place] <= _LIKE_LENGTH * lengths[batches[-1][0]]:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


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
