"""Vectors of texts without PyTorch: what a sentence-transformers folder of a BERT model holds, run by onnxruntime."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from vectorstore import bert

_BATCH = 16
_WORDS = "embeddings.word_embeddings.weight"


class Encoder:
    """The mean of a text's last states, as sentence-transformers' mean pooling has it, at unit length. Several threads
    may encode at once.
    """

    def __init__(self, folder: Path) -> None:
        settings = bert.settings_of(folder)
        tensors = load_file(str(folder / "model.safetensors"))
        # These stay as the folder has them: in single precision they would be much larger than all layers.
        self._words = tensors.pop(_WORDS)
        types = bert.single(tensors["embeddings.token_type_embeddings.weight"])
        self._places = bert.single(tensors["embeddings.position_embeddings.weight"]) + types[0]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(len(self._places))
        padding = settings["pad_token_id"]
        self._tokenizer.enable_padding(pad_id=padding, pad_token=self._tokenizer.id_to_token(padding))
        graph = bert.Graph()
        states = bert.add_layers(graph, tensors, settings)
        graph.node("Identity", states, output="states")
        shape = ("texts", "tokens")
        self._layers = graph.session(
            {"vectors": (np.float32, (*shape, settings["hidden_size"])), "mask": (np.int32, shape)}, {"states": 3}
        )

    def encode(self, texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """One row for each text, shape (number of texts, dimension)."""
        made = np.empty((len(texts), self._words.shape[1]), dtype=np.float32)
        # Batches of like length waste less on padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for begin in range(0, len(order), _BATCH):
            chosen = order[begin : begin + _BATCH]
            made[chosen] = self._batch([texts[i] for i in chosen])
        return made

    def _batch(self, texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        encoded = self._tokenizer.encode_batch(texts)
        tokens = np.array([e.ids for e in encoded])
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int32)
        vectors = bert.single(self._words[tokens]) + self._places[: tokens.shape[1]]
        (states,) = self._layers.run(["states"], {"vectors": vectors, "mask": mask})
        sums = np.einsum("tws,tw->ts", states, bert.single(mask))
        return bert.single(sums / np.linalg.norm(sums, axis=1, keepdims=True))
