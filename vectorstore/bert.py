"""BERT's layers (Devlin et al. 2019) for onnxruntime.

On two processor cores it embeds a question in less than half of PyTorch's time, and it does not fall behind when other
processes want the cores too, where PyTorch's threads wait for each other.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# Operators that onnxruntime has beside the standard's.
_CONTRIBUTED = "com.microsoft"
_OPERATORS = 17
_FORMAT = 10
# An addition and a normalisation in one node take five times as long as the two apart.
_SLOW = ["SkipLayerNormFusion"]

Array = np.ndarray[Any, np.dtype[Any]]
Shape = Sequence[str | int]


class Graph:
    """Puts nodes together. Methods return the name of what a node gives."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: Array) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def node(self, kind: str, *inputs: str, domain: str = "", output: str = "", **attributes: Any) -> str:
        name = output or f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes))
        return name

    def contributed(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node of onnxruntime's own."""
        return self.node(kind, *inputs, domain=_CONTRIBUTED, **attributes)

    def session(
        self, inputs: Mapping[str, tuple[type[np.generic], Shape]], outputs: Mapping[str, int], *, threads: int = 0
    ) -> onnxruntime.InferenceSession:
        """Ready for the processor; several threads may run it at once. `inputs` have a type and a shape, `outputs` a
        number of dimensions. One run takes so many `threads`, 0 for one a core.
        """
        types = {name: helper.np_dtype_to_tensor_dtype(np.dtype(kind)) for name, (kind, _) in inputs.items()}
        made = helper.make_graph(
            self._nodes,
            "bert",
            [helper.make_tensor_value_info(name, types[name], shape) for name, (_, shape) in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, [None] * size) for n, size in outputs.items()],
            self._constants,
        )
        versions = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(_CONTRIBUTED, 1)]
        model = helper.make_model(made, opset_imports=versions, ir_version=_FORMAT)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        # Threads that wait in a loop for the next question take the processor from everything else that is running.
        settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(
            model.SerializeToString(), settings, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW
        )


def settings_of(folder: Path) -> dict[str, Any]:
    """What a model's folder says of its sizes, by the names of transformers' BertConfig."""
    settings: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return settings


# Multiplies states by each of some weights, shape (size before, size after), and names the products.
Product = Callable[[Graph, str, Sequence[Array]], list[str]]


def exact(graph: Graph, states: str, weights: Sequence[Array]) -> list[str]:
    """In single precision."""
    return [graph.node("MatMul", states, graph.constant(weight)) for weight in weights]


# A signed byte goes so far either way; an unsigned one has its zero in the middle.
_FURTHEST, _MIDDLE = np.array(127, dtype=np.float32), np.array(128, dtype=np.uint8)


def rounded(graph: Graph, states: str, weights: Sequence[Array]) -> list[str]:
    """In bytes, twice as fast: every token's vector and every column of the weights is rounded on a scale of its own.

    One scale for all tokens would be a little faster, but a few values far out would leave the others too coarse: the
    reader's scores then move by 0.4 log-odds instead of 0.1 (root mean square).
    """
    largest = graph.node("ReduceMax", graph.node("Abs", states), axes=[-1], keepdims=1)
    scale = graph.node("Div", largest, graph.constant(_FURTHEST))
    one, middle = graph.constant(np.array(1, dtype=np.float32)), graph.constant(_MIDDLE)
    whole = graph.node("QuantizeLinear", graph.node("Div", states, scale), one, middle)
    products = []
    for weight in weights:
        step = np.maximum(np.abs(weight).max(0), np.finfo(np.float32).tiny) / _FURTHEST
        bytes_ = graph.constant(np.round(weight / step).astype(np.int8))
        product = graph.contributed("MatMulIntegerToFloat", whole, bytes_, one, graph.constant(step), middle)
        products.append(graph.node("Mul", product, scale))
    return products


def add_layers(
    graph: Graph,
    tensors: Mapping[str, Array],
    settings: Mapping[str, Any],
    *,
    product: Product = exact,
    mask: str | None = "mask",
) -> str:
    """Add a normalisation and BERT's layers over the input `vectors`, the sums of word, place and type vectors, shape
    (texts, tokens, size). Returns the states, shape (texts, tokens, size).

    `tensors` go by their names in transformers' BertModel, `settings` by those of its BertConfig. The input `mask` is 1
    for a token, shape (texts, tokens), int32; texts that are all of one length need none.
    """
    epsilon = settings["layer_norm_eps"]

    def constant(name: str) -> str:
        return graph.constant(single(tensors[name]))

    def times(states: str, *names: str) -> list[str]:
        return product(graph, states, [single(tensors[f"{name}.weight"]).T for name in names])

    def normalised(name: str, states: str) -> str:
        scale, shift = constant(f"{name}.weight"), constant(f"{name}.bias")
        return graph.node("LayerNormalization", states, scale, shift, epsilon=epsilon)

    def added(name: str, states: str, before: str) -> str:
        (made,) = times(states, f"{name}.dense")
        made = graph.node("Add", graph.node("Add", made, constant(f"{name}.dense.bias")), before)
        return normalised(f"{name}.LayerNorm", made)

    states = normalised("embeddings.LayerNorm", "vectors")
    for number in range(settings["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        attention = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        bias = graph.constant(np.concatenate([single(tensors[f"{a}.bias"]) for a in attention]))
        given = (*times(states, *attention), bias, *([mask] if mask else []))
        seen = graph.contributed("MultiHeadAttention", *given, num_heads=settings["num_attention_heads"])
        states = added(f"{layer}.attention.output", seen, states)
        (between,) = times(states, f"{layer}.intermediate.dense")
        between = graph.contributed("BiasGelu", between, constant(f"{layer}.intermediate.dense.bias"))
        states = added(f"{layer}.output", between, states)
    return states


def single(tensor: Array) -> np.ndarray[Any, np.dtype[np.float32]]:
    """In single precision."""
    return np.asarray(tensor, dtype=np.float32)
