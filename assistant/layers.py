"""The reader's layers and heads as onnxruntime runs them: what `CrossEncoder.forward` does, node by node."""

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from assistant.passages import UNREAD, Batch
from vectorstore import bert

_EMBEDDINGS = "embeddings.{}_embeddings.weight"


class Layers:
    """`folder` holds the packaged model, `weights` what was trained of it. Several threads may read at once, and one
    reading takes one thread.
    """

    def __init__(self, folder: Path, weights: Path, product: bert.Product = bert.rounded) -> None:
        settings = bert.settings_of(folder)
        packaged, trained = load_file(str(folder / "model.safetensors")), load_file(str(weights))
        self._words, self._places, self._types = (
            packaged[_EMBEDDINGS.format(kind)] for kind in ("word", "position", "token_type")
        )
        tensors = packaged | {n.removeprefix("encoder."): t for n, t in trained.items() if n.startswith("encoder.")}
        graph = bert.Graph()
        states = bert.add_layers(graph, tensors, settings, product=product, mask=None)

        def linear(given: str, name: str) -> str:
            weight, bias = (bert.single(trained[f"{name}.{part}"]) for part in ("weight", "bias"))
            return graph.node("Add", graph.node("MatMul", given, graph.constant(weight.T)), graph.constant(bias))

        last, first = graph.constant(np.array([-1])), graph.constant(np.array([1]))
        nothing, unread = (graph.constant(np.array(value, dtype=np.float32)) for value in (0, UNREAD))
        tokens = graph.node("Squeeze", linear(states, "pointer"), last, output="tokens")
        picked = graph.node("Gather", states, "rows", axis=0)
        own = graph.node("Mul", picked, graph.node("Unsqueeze", "inside", last))
        count = graph.node("ReduceSum", "inside", first, keepdims=1)
        sentence = graph.node("Div", graph.node("ReduceSum", own, first, keepdims=0), count)
        own_tokens = graph.node(
            "Where", graph.node("Greater", "inside", nothing), graph.node("Gather", tokens, "rows", axis=0), unread
        )
        best = graph.node("ReduceMax", own_tokens, axes=[1], keepdims=0)
        whole = graph.node("Gather", picked, graph.constant(np.array(0)), axis=1)
        hidden = graph.contributed("Gelu", linear(graph.node("Concat", sentence, whole, axis=1), "head.0"))
        graph.node("Add", graph.node("Squeeze", linear(hidden, "head.2"), last), best, output="scores")
        batch, sentences = (1, "tokens"), "sentences"
        self._session = graph.session(
            {
                "vectors": (np.float32, (*batch, settings["hidden_size"])),
                "rows": (np.int64, (sentences,)),
                "inside": (np.float32, (sentences, "tokens")),
            },
            {"scores": 1, "tokens": 2},
            threads=1,
        )

    def run(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Log-odds that each sentence answers, shape (sentences,), and that each token is part of the answer, shape
        (1, tokens). The batch holds one passage.
        """
        vectors = self._words[batch.tokens] + self._types[batch.types] + self._places[: batch.tokens.shape[1]]
        inputs = {"vectors": vectors, "rows": batch.rows, "inside": batch.inside}
        scores, tokens = self._session.run(["scores", "tokens"], inputs)
        return scores, tokens
