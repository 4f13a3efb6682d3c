"""BERT's layers (Devlin et al. 2019) as onnxruntime runs them fastest on a processor: matrices of four or eight bits.

Every row of a matrix is cut into blocks of 32 weights with a scale each, and what it is multiplied with is cut into
blocks as well, of eight bits. That takes a third of the time of single precision where the processor multiplies bytes,
and moves little: a scale for a whole matrix would move much.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

BLOCK = 32
# In onnxruntime's words: what the weights are multiplied with has eight bits.
_EIGHT_BITS = 4
_CONTRIBUTED = "com.microsoft"
_OPERATORS = 17

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Blocked:
    """A matrix of so many rows (what comes out) and columns (what goes in). A weight is its number, less half of what
    the bits can hold, times its block's scale.

    `numbers` has shape (rows, columns / 32, 32), `scales` (rows, columns / 32).
    """

    bits: int
    numbers: np.ndarray[Any, np.dtype[np.uint8]]
    scales: np.ndarray[Any, np.dtype[np.float32]]

    @classmethod
    def of(cls, weights: Array) -> "Blocked":
        """The nearest in eight bits; `weights` has shape (rows, columns), columns a multiple of 32."""
        blocks = np.asarray(weights, dtype=np.float32).reshape(len(weights), -1, BLOCK)
        scales = np.abs(blocks).max(-1) / 127
        numbers = np.round(blocks / np.maximum(scales, 1e-12)[..., None]) + 128
        return cls(8, numbers.astype(np.uint8), scales)

    def weights(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The matrix, shape (rows, columns)."""
        half = np.float32(1 << (self.bits - 1))
        return np.asarray((self.numbers - half) * self.scales[..., None], dtype=np.float32).reshape(
            len(self.numbers), -1
        )

    @property
    def packed(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """As onnxruntime wants it: of two numbers of four bits, the first is the low half of a byte."""
        if self.bits == 8:
            return self.numbers
        return np.bitwise_or(self.numbers[..., 0::2], np.left_shift(self.numbers[..., 1::2], np.uint8(4)))


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

    def times(self, states: str, matrix: Blocked) -> str:
        """`states` times the matrix's transpose, as a linear layer without its bias does."""
        rows, blocks, _ = matrix.numbers.shape
        return self.node(
            "MatMulNBits",
            states,
            self.constant(matrix.packed),
            self.constant(matrix.scales.reshape(-1)),
            domain=_CONTRIBUTED,
            K=blocks * BLOCK,
            N=rows,
            bits=matrix.bits,
            block_size=BLOCK,
            accuracy_level=_EIGHT_BITS,
        )

    def contributed(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node of onnxruntime's own."""
        return self.node(kind, *inputs, domain=_CONTRIBUTED, **attributes)

    def save(
        self, path: Path, inputs: Mapping[str, tuple[int, Sequence[str | int]]], outputs: Mapping[str, int]
    ) -> None:
        """Write the graph; `inputs` have an element type and a shape, `outputs` a number of dimensions."""
        made = helper.make_graph(
            self._nodes,
            "bert",
            [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, [None] * size) for n, size in outputs.items()],
            self._constants,
        )
        versions = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(_CONTRIBUTED, 1)]
        onnx.save(helper.make_model(made, opset_imports=versions, ir_version=10), str(path))


def add_layers(
    graph: Graph,
    vectors: str,
    mask: str,
    tensors: Mapping[str, Array | Blocked],
    layers: int,
    heads: int,
    epsilon: float,
) -> str:
    """Add a normalisation and BERT's layers over `vectors`, the sums of word, position and type vectors, shape (texts,
    tokens, size); `mask` is 1 for a token, shape (texts, tokens), int32. Returns the states, shape (texts, tokens,
    size).

    `tensors` go by their names in transformers' BertModel. Matrices that are not in blocks yet are put into blocks.
    """

    def constant(name: str) -> str:
        return graph.constant(np.asarray(tensors[name], dtype=np.float32))

    def times(states: str, name: str) -> str:
        matrix = tensors[f"{name}.weight"]
        return graph.times(states, matrix if isinstance(matrix, Blocked) else Blocked.of(matrix))

    def normalised(name: str, *added: str) -> str:
        scale, shift = constant(f"{name}.weight"), constant(f"{name}.bias")
        if len(added) == 1:
            return graph.node("LayerNormalization", *added, scale, shift, epsilon=epsilon)
        states, before, bias = added
        return graph.contributed("SkipLayerNormalization", states, before, scale, shift, bias, epsilon=epsilon)

    states = normalised("embeddings.LayerNorm", vectors)
    for number in range(layers):
        layer = f"encoder.layer.{number}"
        attention = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        bias = graph.constant(np.concatenate([np.asarray(tensors[f"{a}.bias"], dtype=np.float32) for a in attention]))
        seen = graph.contributed(
            "MultiHeadAttention", *(times(states, a) for a in attention), bias, mask, num_heads=heads
        )
        output = f"{layer}.attention.output"
        projected = times(seen, f"{output}.dense")
        states = normalised(f"{output}.LayerNorm", projected, states, constant(f"{output}.dense.bias"))
        between = graph.contributed(
            "BiasGelu", times(states, f"{layer}.intermediate.dense"), constant(f"{layer}.intermediate.dense.bias")
        )
        projected = times(between, f"{layer}.output.dense")
        states = normalised(f"{layer}.output.LayerNorm", projected, states, constant(f"{layer}.output.dense.bias"))
    return states


def session(path: Path) -> onnxruntime.InferenceSession:
    """Loaded for the processor; several threads may run it at once."""
    settings = onnxruntime.SessionOptions()
    # Threads that wait in a loop for the next question take the processor from everything else that is running.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
