import numpy as np
import pytest

from vectorstore import bert

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


def test_layers_give_what_transformers_gives_and_padding_is_not_seen() -> None:
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
    states = bert.add_layers(graph, weights, settings.to_dict())
    graph.node("Identity", states, output="states")
    tokens = torch.tensor([[1, 2, 3, 4, 5], [6, 7, 1, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    with torch.inference_mode():
        expected = model(input_ids=tokens, attention_mask=mask).last_hidden_state.numpy()
        embedded = model.embeddings
        vectors = embedded.word_embeddings(tokens) + embedded.token_type_embeddings.weight[0]
        vectors = (vectors + embedded.position_embeddings.weight[: tokens.shape[1]]).numpy()

    session = graph.session(
        {"vectors": (np.float32, ("texts", "tokens", SIZE)), "mask": (np.int32, ("texts", "tokens"))}, {"states": 3}
    )
    (given,) = session.run(None, {"vectors": vectors, "mask": mask.numpy().astype(np.int32)})

    seen = mask.numpy().astype(bool)
    assert given[seen] == pytest.approx(expected[seen], abs=1e-4)
