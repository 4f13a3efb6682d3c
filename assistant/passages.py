"""Questions and passages as the reader's layers take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

MAX_TOKENS = 256
_QUESTION_TOKENS = 96
UNREAD = -10.0
"""Log-odds of a sentence that did not fit."""


@dataclass(frozen=True)
class Passage:
    """Text to be read for a question: `about` is the release's title and date; `spans` are the sentences' offsets
    in `text`.
    """

    about: str
    text: str
    spans: tuple[tuple[int, int], ...]


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
