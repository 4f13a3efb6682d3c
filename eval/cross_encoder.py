"""The reader as it is trained, in PyTorch, and how it becomes `assistant/reader.onnx`.

Shipped are the layers without the word vectors, which are the packaged model's own. Their matrices have eight bits and
a scale for every 32 weights, and so have the numbers that they are multiplied with: three times as fast as single
precision where the processor multiplies bytes, and the log-odds move by 0.05. One scale for a whole matrix, as
`quantize_dynamic` has it, moves them by 0.4.
"""

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from assistant.reader import MAX_TOKENS, UNREAD, Batch

_BITS = 8
_BLOCK = 32
# In onnxruntime's words: what the weights are multiplied with has eight bits too.
_EIGHT_BITS_TOO = 4
_INPUTS = {
    "vectors": {0: "passages", 1: "tokens"},
    "mask": {0: "passages", 1: "tokens"},
    "types": {0: "passages", 1: "tokens"},
    "rows": {0: "sentences"},
    "inside": {0: "sentences", 1: "tokens"},
}
_OUTPUTS = {"scores": {0: "sentences"}, "tokens": {0: "passages", 1: "tokens"}}


class CrossEncoder(torch.nn.Module):
    """The packaged model's layers, with a score for each sentence and one for each token; `folder` holds that model.

    `weights` are a checkpoint of an earlier training.
    """

    def __init__(self, folder: str, weights: Path | None = None) -> None:
        super().__init__()
        from transformers import AutoModel

        self.encoder: Any = AutoModel.from_pretrained(folder, dtype=torch.float32, add_pooling_layer=False)
        size = self.encoder.config.hidden_size
        # What a sentence says in the light of the question, and what the whole passage is about.
        self.head = torch.nn.Sequential(torch.nn.Linear(2 * size, size), torch.nn.GELU(), torch.nn.Linear(size, 1))
        # Whether a token belongs to the words that answer; a sentence without one hardly answers.
        self.pointer = torch.nn.Linear(size, 1)
        # Word vectors stay what the package has, since only the other layers are shipped.
        self.encoder.embeddings.word_embeddings.requires_grad_(False)
        if weights is not None:
            unknown = self.load_state_dict({k: v.float() for k, v in load_file(str(weights)).items()}, strict=False)
            if unknown.unexpected_keys:
                raise ValueError(f"{weights} is no checkpoint of this reader: it has {unknown.unexpected_keys[0]}")
        self.eval()

    def read(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-odds that each sentence answers, shape (sentences,), and that each token is part of the answer, shape
        (passages, tokens).
        """
        vectors = self.encoder.embeddings.word_embeddings(torch.from_numpy(batch.tokens))
        given = (torch.from_numpy(array) for array in (batch.mask, batch.types, batch.rows, batch.inside))
        scores, tokens = self(vectors, *given)
        return scores, tokens

    def forward(
        self, vectors: torch.Tensor, mask: torch.Tensor, types: torch.Tensor, rows: torch.Tensor, inside: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As `read`, of the tokens' word vectors, shape (passages, tokens, size), and the arrays of `Batch`."""
        states = self._states(vectors, mask, types)
        tokens = self.pointer(states).squeeze(-1)
        picked = states[rows]
        sentence = (picked * inside.unsqueeze(-1)).sum(1) / inside.sum(1, keepdim=True)
        best = tokens[rows].masked_fill(inside == 0, UNREAD).amax(1)
        return self.head(torch.cat([sentence, picked[:, 0]], dim=1)).squeeze(1) + best, tokens

    def _states(self, vectors: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """BERT's layers (Devlin et al. 2019), written out: the library's own masks do not go through the export."""
        passages, length, size = vectors.shape
        embeddings, heads = self.encoder.embeddings, self.encoder.config.num_attention_heads
        positions = embeddings.position_embeddings.weight[:MAX_TOKENS][:length]
        states: torch.Tensor = embeddings.LayerNorm(vectors + embeddings.token_type_embeddings(types) + positions)
        unseen = (1.0 - mask)[:, None, None, :] * -1e4
        for layer in self.encoder.encoder.layer:
            attention = layer.attention.self
            query, key, value = (
                part(states).view(passages, length, heads, size // heads).transpose(1, 2)
                for part in (attention.query, attention.key, attention.value)
            )
            if torch.onnx.is_in_onnx_export():
                weights = torch.softmax(query @ key.transpose(-1, -2) / math.sqrt(size // heads) + unseen, -1)
                seen = weights @ value
            else:
                seen = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=unseen)
            output = layer.attention.output
            states = output.LayerNorm(output.dense(seen.transpose(1, 2).reshape(passages, length, size)) + states)
            between = torch.nn.functional.gelu(layer.intermediate.dense(states))
            states = layer.output.LayerNorm(layer.output.dense(between) + states)
        return states


def save(model: CrossEncoder, path: Path) -> None:
    """A checkpoint to go on from: all that is trained, in half precision."""
    kept = {k: v.to(torch.bfloat16).contiguous() for k, v in model.state_dict().items() if "word_embeddings" not in k}
    save_file(kept, str(path))


def export(model: CrossEncoder, path: Path) -> None:
    """Write the layers as the assistant reads them."""
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    size = model.encoder.config.hidden_size
    example = (
        torch.zeros(2, 64, size),
        torch.ones(2, 64),
        torch.ones(2, 64, dtype=torch.int64),
        torch.tensor([0, 0, 1]),
        torch.ones(3, 64),
    )
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            model,
            example,
            str(whole),
            input_names=list(_INPUTS),
            output_names=list(_OUTPUTS),
            dynamic_axes=_INPUTS | _OUTPUTS,
            opset_version=17,
            dynamo=False,
        )
        quantizer = MatMulNBitsQuantizer(
            onnx.load(str(whole)), bits=_BITS, block_size=_BLOCK, is_symmetric=True, accuracy_level=_EIGHT_BITS_TOO
        )
        quantizer.process()
        quantizer.model.save_model_to_file(str(path), use_external_data_format=False)
