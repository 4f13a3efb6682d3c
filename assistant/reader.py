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

if TYPE_CHECKING:
    import torch

MAX_TOKENS = 256
_UNREAD = -10.0
SHIPPED = Path(str(files("assistant").joinpath("reader.safetensors")))


@dataclass(frozen=True)
class Passage:
    """Text to be read for a question: `about` is the release's title and date; `spans` are the sentences' offsets
    in `text`.
    """

    about: str
    text: str
    spans: tuple[tuple[int, int], ...]


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
        if weights is not None:
            trained = load_file(str(weights))
            head = {k.removeprefix("head."): v.float() for k, v in trained.items() if k.startswith("head.")}
            layers = {k: v.float() for k, v in trained.items() if not k.startswith("head.")}
            self.head.load_state_dict(head)
            self.encoder.load_state_dict(layers, strict=False)
        self.encoder.eval()
        self.head.eval()

    def halved(self) -> "Reader":
        """The same reader in half precision, twice as fast where the processor has it."""
        if self._torch.backends.mkldnn.is_available() and self._torch.ops.mkldnn._is_mkldnn_bf16_supported():
            self.encoder = self.encoder.to(self._torch.bfloat16)
        return self

    def read(self, question: str, passages: Sequence[Passage]) -> list[np.ndarray]:
        """For each passage one log-odds a sentence that it answers; a sentence behind MAX_TOKENS gets the lowest."""
        if not passages:
            return []
        with self._torch.inference_mode():
            scores, places = self.scores([question] * len(passages), passages)
        read = [np.full(len(p.spans), _UNREAD) for p in passages]
        for (row, sentence), score in zip(places, scores.tolist(), strict=True):
            read[row][sentence] = score
        return read

    def scores(
        self, questions: Sequence[str], passages: Sequence[Passage]
    ) -> tuple["torch.Tensor", list[tuple[int, int]]]:
        """Log-odds of all sentences that fit, and for each its (passage, sentence)."""
        torch = self._torch
        heads = [f"{p.about}\n" if p.about else "" for p in passages]
        batch = self._tokenizer(
            list(questions),
            [head + p.text for head, p in zip(heads, passages, strict=True)],
            truncation="only_second",
            max_length=MAX_TOKENS,
            padding=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = batch.pop("offset_mapping")
        second = [np.array([s == 1 for s in batch.sequence_ids(row)]) for row in range(len(passages))]
        states = self.encoder(**batch).last_hidden_state.float()
        rows, masks, places = [], [], []
        for row, (head, passage) in enumerate(zip(heads, passages, strict=True)):
            starts, ends = offsets[row, :, 0].numpy(), offsets[row, :, 1].numpy()
            for number, (start, end) in enumerate(passage.spans):
                inside = second[row] & (starts >= start + len(head)) & (ends <= end + len(head)) & (ends > starts)
                if inside.any():
                    rows.append(row)
                    masks.append(inside)
                    places.append((row, number))
        if not places:
            return torch.zeros(0), []
        mask = torch.tensor(np.array(masks), dtype=torch.float32)
        picked = states[torch.tensor(rows)]
        sentence = (picked * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        return self.head(torch.cat([sentence, picked[:, 0]], dim=1)).squeeze(1), places
