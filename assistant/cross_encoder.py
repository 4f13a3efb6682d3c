"""The reader's layers and heads in PyTorch, to train them."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel
from transformers.utils import logging

from assistant.passages import UNREAD, Batch

# The vectors of words, places and types are the packaged model's own and are not trained.
_PACKAGED = "encoder.embeddings."


class CrossEncoder(torch.nn.Module):
    """The packaged model's layers, with a score for each sentence and one for each token; `folder` holds that model,
    `weights` what was trained of it before.

    Raises ValueError for weights of another model.
    """

    def __init__(self, folder: Path, weights: Path | None = None) -> None:
        super().__init__()
        # The packaged model brings a pooling layer that a cross-encoder has no use for; that is no news to a user.
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self.encoder: Any = AutoModel.from_pretrained(str(folder), dtype=torch.float32, add_pooling_layer=False)
        size = self.encoder.config.hidden_size
        # What a sentence says in the light of the question, and what the whole passage is about.
        self.head = torch.nn.Sequential(torch.nn.Linear(2 * size, size), torch.nn.GELU(), torch.nn.Linear(size, 1))
        # Whether a token belongs to the words that answer; a sentence without one hardly answers.
        self.pointer = torch.nn.Linear(size, 1)
        if weights is not None:
            trained = {name: tensor.float() for name, tensor in load_file(str(weights)).items()}
            if unknown := self.load_state_dict(trained, strict=False).unexpected_keys:
                raise ValueError(f"{weights} holds no weights of this reader: {unknown[0]} is no part of it")
        self.encoder.embeddings.requires_grad_(False)
        self.eval()

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-odds that each sentence answers, shape (sentences,), and that each token is part of the answer, shape
        (passages, tokens).
        """
        rows, inside = torch.from_numpy(batch.rows), torch.from_numpy(batch.inside)
        states = self.encoder(
            input_ids=torch.from_numpy(batch.tokens),
            attention_mask=torch.from_numpy(batch.mask),
            token_type_ids=torch.from_numpy(batch.types),
        ).last_hidden_state.float()
        tokens = self.pointer(states).squeeze(-1)
        picked = states[rows]
        sentence = (picked * inside.unsqueeze(-1)).sum(1) / inside.sum(1, keepdim=True)
        best = tokens[rows].masked_fill(inside == 0, UNREAD).amax(1)
        return self.head(torch.cat([sentence, picked[:, 0]], dim=1)).squeeze(1) + best, tokens

    def run(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """`forward` for reading."""
        with torch.inference_mode():
            scores, tokens = self(batch)
        return scores.numpy(), tokens.numpy()

    def save(self, path: Path) -> None:
        """Write what is trained, in half precision, as the assistant loads it and as training goes on from it."""
        kept = {k: v.half().contiguous() for k, v in self.state_dict().items() if not k.startswith(_PACKAGED)}
        save_file(kept, str(path))
