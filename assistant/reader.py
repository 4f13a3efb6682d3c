"""Read a question and a paragraph together, and say of each sentence whether it answers.

The reader is all-MiniLM-L6-v2 trained further as a cross-encoder by `python -m eval.train_reader`; the trained
layers lie in `reader.safetensors`, the word vectors are the packaged model's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vectorstore.embeddings import Embedder, half_precision_pays

if TYPE_CHECKING:
    import torch

MAX_TOKENS = 256
_QUESTION_TOKENS = 96
_UNREAD = -10.0
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


class Reader:
    """A cross-encoder with one score for each sentence; `folder` holds the model it was trained from."""

    def __init__(self, folder: str, weights: Path | None = SHIPPED) -> None:
        import torch
        from safetensors.torch import load_file
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        # The packaged model brings a pooling layer that a cross-encoder has no use for; that is no news to a user.
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self._torch = torch
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.encoder: Any = AutoModel.from_pretrained(folder, dtype=torch.float32, add_pooling_layer=False)
        size = self.encoder.config.hidden_size
        # What a sentence says in the light of the question, and what the whole passage is about.
        self.head: Any = torch.nn.Sequential(torch.nn.Linear(2 * size, size), torch.nn.GELU(), torch.nn.Linear(size, 1))
        # Whether a token belongs to the words that answer; a sentence without one hardly answers.
        self.pointer: Any = torch.nn.Linear(size, 1)
        if weights is not None:
            trained = load_file(str(weights))
            for name, module in (("head.", self.head), ("pointer.", self.pointer)):
                module.load_state_dict(
                    {k.removeprefix(name): v.float() for k, v in trained.items() if k.startswith(name)}
                )
            layers = {k: v.float() for k, v in trained.items() if not k.startswith(("head.", "pointer."))}
            self.encoder.load_state_dict(layers, strict=False)
        for module in (self.encoder, self.head, self.pointer):
            module.eval()

    def halved(self) -> "Reader":
        """The same reader in half precision where that is faster."""
        if half_precision_pays():
            self.encoder = self.encoder.to(self._torch.bfloat16)
        return self

    def read(self, question: str, passages: Sequence[Passage]) -> list[list[Reading]]:
        """For each passage a reading of every sentence; one behind MAX_TOKENS gets the lowest score."""
        if not passages:
            return []
        with self._torch.inference_mode():
            scored = self.scores([question] * len(passages), passages)
        read = [[Reading(_UNREAD, _UNREAD, 0, 0)] * len(p.spans) for p in passages]
        tokens = scored.tokens.numpy()
        for (row, sentence), mask, score in zip(scored.places, scored.masks, scored.sentences.tolist(), strict=True):
            read[row][sentence] = Reading(score, *_pointed(tokens[row], scored.offsets[row], mask))
        return read

    def _cut(self, question: str) -> str:
        """The question as far as it leaves room for a passage."""
        # A token has at least one character.
        if len(question) <= _QUESTION_TOKENS:
            return question
        told = self._tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        return question if len(told) <= _QUESTION_TOKENS else question[: told[_QUESTION_TOKENS - 1][1]]

    def scores(self, questions: Sequence[str], passages: Sequence[Passage]) -> "Scores":
        """Log-odds of all sentences and tokens that fit."""
        torch = self._torch
        heads = [f"{p.about}\n" if p.about else "" for p in passages]
        batch = self._tokenizer(
            [self._cut(question) for question in questions],
            [head + p.text for head, p in zip(heads, passages, strict=True)],
            truncation="only_second",
            max_length=MAX_TOKENS,
            padding=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = batch.pop("offset_mapping").numpy()
        for row, head in enumerate(heads):
            second = np.array([s == 1 for s in batch.sequence_ids(row)])
            # Outside the passage's own text every token gets an empty span.
            offsets[row] = np.where((second & (offsets[row, :, 0] >= len(head)))[:, None], offsets[row] - len(head), 0)
        states = self.encoder(**batch).last_hidden_state.float()
        rows, masks, places = [], [], []
        for row, passage in enumerate(passages):
            starts, ends = offsets[row, :, 0], offsets[row, :, 1]
            for number, (start, end) in enumerate(passage.spans):
                inside = (starts >= start) & (ends <= end) & (ends > starts)
                if inside.any():
                    rows.append(row)
                    masks.append(inside)
                    places.append((row, number))
        tokens = self.pointer(states).squeeze(-1)
        if not places:
            return Scores(torch.zeros(0), tokens, places, masks, offsets)
        chosen = torch.tensor(np.array(masks))
        mask = chosen.float()
        picked = states[torch.tensor(rows)]
        sentence = (picked * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        best = tokens[torch.tensor(rows)].masked_fill(~chosen, _UNREAD).amax(1)
        logits = self.head(torch.cat([sentence, picked[:, 0]], dim=1)).squeeze(1) + best
        return Scores(logits, tokens, places, masks, offsets)


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


@dataclass(frozen=True)
class Scores:
    """What the reader makes of a batch: log-odds that each sentence answers, shape (sentences,), and that each token
    is part of the answer, shape (passages, tokens).

    `places` holds for each sentence its (passage, sentence), `masks` which tokens are its own; `offsets` say where in
    the passage's text each token stands, (0, 0) for those outside, shape (passages, tokens, 2).
    """

    sentences: "torch.Tensor"
    tokens: "torch.Tensor"
    places: list[tuple[int, int]]
    masks: list[np.ndarray]
    offsets: np.ndarray


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
