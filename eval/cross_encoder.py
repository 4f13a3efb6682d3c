"""The reader as it is trained, in PyTorch, and how it becomes `assistant/reader.onnx`.

Shipped are the layers and heads without the vectors of words, places and types, which are the packaged model's own and
are not trained.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnx import TensorProto
from safetensors.torch import load_file, save_file

from assistant.reader import UNREAD, Batch
from vectorstore import bert

_PACKAGED = "encoder.embeddings."


class CrossEncoder(torch.nn.Module):
    """The packaged model's layers, with a score for each sentence and one for each token; `folder` holds that model.

    `weights` are a checkpoint of an earlier training. Raises ValueError for one of another model.
    """

    def __init__(self, folder: str, weights: Path | None = None) -> None:
        super().__init__()
        from transformers import AutoModel
        from transformers.utils import logging

        # The packaged model brings a pooling layer that a cross-encoder has no use for; that is no news to a user.
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self.encoder: Any = AutoModel.from_pretrained(folder, dtype=torch.float32, add_pooling_layer=False)
        size = self.encoder.config.hidden_size
        # What a sentence says in the light of the question, and what the whole passage is about.
        self.head = torch.nn.Sequential(torch.nn.Linear(2 * size, size), torch.nn.GELU(), torch.nn.Linear(size, 1))
        # Whether a token belongs to the words that answer; a sentence without one hardly answers.
        self.pointer = torch.nn.Linear(size, 1)
        if weights is not None:
            trained = {name: tensor.float() for name, tensor in load_file(str(weights)).items()}
            if unknown := self.load_state_dict(trained, strict=False).unexpected_keys:
                raise ValueError(f"{weights} is no checkpoint of this reader: it has {unknown[0]}")
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
        ).last_hidden_state
        tokens = self.pointer(states).squeeze(-1)
        picked = states[rows]
        sentence = (picked * inside.unsqueeze(-1)).sum(1) / inside.sum(1, keepdim=True)
        best = tokens[rows].masked_fill(inside == 0, UNREAD).amax(1)
        return self.head(torch.cat([sentence, picked[:, 0]], dim=1)).squeeze(1) + best, tokens


def save(model: CrossEncoder, path: Path) -> None:
    """A checkpoint to go on from: all that is trained, in half precision."""
    kept = {k: v.to(torch.bfloat16).contiguous() for k, v in model.state_dict().items() if not k.startswith(_PACKAGED)}
    save_file(kept, str(path))


def export(model: CrossEncoder, path: Path) -> None:
    """Write layers and heads as the assistant reads them: what `CrossEncoder.forward` does, node by node."""
    settings = model.encoder.config
    tensors = {name: tensor.numpy() for name, tensor in model.encoder.state_dict().items()}
    graph = bert.Graph()
    states = bert.add_layers(
        graph,
        "vectors",
        "mask",
        tensors,
        layers=settings.num_hidden_layers,
        heads=settings.num_attention_heads,
        epsilon=settings.layer_norm_eps,
    )
    last, first = graph.constant(np.array([-1])), graph.constant(np.array([1]))
    nothing, unread = (graph.constant(np.array(value, dtype=np.float32)) for value in (0, UNREAD))
    tokens = graph.node("Squeeze", _linear(graph, states, model.pointer), last, output="tokens")
    picked = graph.node("Gather", states, "rows", axis=0)
    own = graph.node("Mul", picked, graph.node("Unsqueeze", "inside", last))
    count = graph.node("ReduceSum", "inside", first, keepdims=1)
    sentence = graph.node("Div", graph.node("ReduceSum", own, first, keepdims=0), count)
    is_own = graph.node("Greater", "inside", nothing)
    best = graph.node(
        "ReduceMax",
        graph.node("Where", is_own, graph.node("Gather", tokens, "rows", axis=0), unread),
        axes=[1],
        keepdims=0,
    )
    whole = graph.node("Gather", picked, graph.constant(np.array(0)), axis=1)
    hidden = graph.contributed("Gelu", _linear(graph, graph.node("Concat", sentence, whole, axis=1), model.head[0]))
    scores = graph.node("Squeeze", _linear(graph, hidden, model.head[2]), last)
    graph.node("Add", scores, best, output="scores")
    batch, places = ("passages", "tokens"), ("sentences",)
    graph.save(
        path,
        {
            "vectors": (TensorProto.FLOAT, (*batch, settings.hidden_size)),
            "mask": (TensorProto.INT32, batch),
            "rows": (TensorProto.INT64, places),
            "inside": (TensorProto.FLOAT, (*places, "tokens")),
        },
        {"scores": 1, "tokens": 2},
    )


def _linear(graph: bert.Graph, states: str, layer: Any) -> str:
    """A layer in single precision: the heads are small."""
    weight, bias = (graph.constant(tensor.detach().numpy()) for tensor in (layer.weight.T, layer.bias))
    return graph.node("Add", graph.node("MatMul", states, weight), bias)
