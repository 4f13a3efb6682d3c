from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from vectorstore import bert
from vectorstore.bert import Blocked

GENERATOR = np.random.default_rng(0)
SIZE, HEADS, LAYERS, BETWEEN = 64, 2, 2, 96


def random(*shape: int) -> np.ndarray:
    return GENERATOR.normal(0, 0.3, shape).astype(np.float32)


def tensors() -> dict[str, np.ndarray]:
    made = {"embeddings.LayerNorm.weight": random(SIZE) + 1, "embeddings.LayerNorm.bias": random(SIZE)}
    shapes = {
        "attention.self.query": (SIZE, SIZE),
        "attention.self.key": (SIZE, SIZE),
        "attention.self.value": (SIZE, SIZE),
        "attention.output.dense": (SIZE, SIZE),
        "intermediate.dense": (BETWEEN, SIZE),
        "output.dense": (SIZE, BETWEEN),
    }
    for layer in range(LAYERS):
        for part, (rows, columns) in shapes.items():
            made[f"encoder.layer.{layer}.{part}.weight"] = random(rows, columns)
            made[f"encoder.layer.{layer}.{part}.bias"] = random(rows)
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            made[f"encoder.layer.{layer}.{part}.weight"] = random(SIZE) + 1
            made[f"encoder.layer.{layer}.{part}.bias"] = random(SIZE)
    return made


def test_eight_bits_come_back_as_the_weights_they_were_made_of() -> None:
    weights = random(5, 64)

    blocked = Blocked.of(weights)

    assert np.abs(blocked.weights() - weights).max() <= np.abs(weights).max() / 250


def test_a_block_of_nothing_is_nothing() -> None:
    assert not Blocked.of(np.zeros((2, 32))).weights().any()


@pytest.mark.parametrize("bits", [4, 8])
def test_a_product_is_that_of_the_weights_whatever_their_bits(bits: int, tmp_path: Path) -> None:
    numbers = GENERATOR.integers(0, 1 << bits, (6, 3, 32), dtype=np.uint8)
    matrix = Blocked(bits, numbers, np.abs(random(6, 3)))
    graph = bert.Graph()
    graph.node("Identity", graph.times("states", matrix), output="product")
    graph.save(tmp_path / "product.onnx", {"states": (TensorProto.FLOAT, ("rows", 96))}, {"product": 2})
    states = random(4, 96)

    (product,) = bert.session(tmp_path / "product.onnx").run(None, {"states": states})

    expected = states @ matrix.weights().T
    assert np.abs(product - expected).max() <= np.abs(expected).max() / 50


def test_layers_give_what_transformers_gives_and_padding_is_not_seen(tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertModel

    weights = tensors()
    settings = BertConfig(
        vocab_size=8,
        hidden_size=SIZE,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=BETWEEN,
        max_position_embeddings=8,
    )
    model = BertModel(settings, add_pooling_layer=False).eval()
    model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()}, strict=False)
    graph = bert.Graph()
    states = bert.add_layers(graph, "vectors", "mask", weights, layers=LAYERS, heads=HEADS, epsilon=1e-12)
    graph.node("Identity", states, output="states")
    inputs = {
        "vectors": (TensorProto.FLOAT, ("texts", "tokens", SIZE)),
        "mask": (TensorProto.INT32, ("texts", "tokens")),
    }
    graph.save(tmp_path / "layers.onnx", inputs, {"states": 3})
    tokens = torch.tensor([[1, 2, 3, 4, 5], [6, 7, 1, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    with torch.inference_mode():
        expected = model(input_ids=tokens, attention_mask=mask).last_hidden_state.numpy()
        embedded = model.embeddings
        vectors = embedded.word_embeddings(tokens) + embedded.token_type_embeddings.weight[0]
        vectors = (vectors + embedded.position_embeddings.weight[: tokens.shape[1]]).numpy()

    (given,) = bert.session(tmp_path / "layers.onnx").run(
        None, {"vectors": vectors, "mask": mask.numpy().astype(np.int32)}
    )

    seen = mask.numpy().astype(bool)
    assert np.abs(given - expected)[seen].mean() < 0.05
    assert np.corrcoef(given[seen].ravel(), expected[seen].ravel())[0, 1] > 0.999
