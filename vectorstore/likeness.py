"""Tell whether two releases say the same, or nearly so, without reading all texts."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from zlib import crc32

import numpy as np
from datasketch import MinHash

from vectorstore.language import terms

Signature = np.ndarray[tuple[int], np.dtype[np.uint32]]

_PERMUTATIONS = 126
# 21 bands of 6 values bring 99.8 % of the pairs with a likeness of .8 together, and 28 % of those with .5
# (1 - (1 - s^6)^21; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4.2).
BANDS = 21
# The share of word runs that two texts have in common, above which a reader would call one a copy of the other.
NEAR = 0.8
_RUN = 4
_THOUSANDS = re.compile(r"(?<=\d)[,\u202f](?=\d{3}\b)")
# Words, and the signs that change what a number means.
_TOKEN = re.compile(r"[^\W_]+|[$€£¥₩%]|(?<!\w)[-−](?=\d)")


def content_key(title: str, texts: Iterable[str]) -> str:
    """The same for two texts exactly when they have the same title and words, whatever the white space, punctuation,
    quotation marks and cutting into paragraphs.
    """
    whole = unicodedata.normalize("NFKC", " ".join([title, *texts])).casefold()
    tokens = _TOKEN.findall(_THOUSANDS.sub("", whole))
    return hashlib.sha256(" ".join(tokens).encode()).hexdigest()


def signature(texts: Iterable[str]) -> Signature:
    """126 numbers; the share in which two signatures agree estimates the likeness (Jaccard) of the texts' runs of four
    terms, with a standard error of at most .045 (Broder 1997).
    """
    found = terms(" ".join(texts))
    runs = {" ".join(found[i : i + _RUN]) for i in range(max(1, len(found) - _RUN + 1))}
    made = MinHash(num_perm=_PERMUTATIONS, seed=1, scheme="affine32", hashfunc=crc32)
    made.update_batch([run.encode() for run in runs])
    return np.asarray(made.hashvalues, dtype=np.uint32)


def bands(made: Signature) -> Iterator[int]:
    """21 numbers of 63 bits; two releases that share none are not near."""
    for number, values in enumerate(made.reshape(BANDS, -1)):
        digest = hashlib.blake2b(values.tobytes(), digest_size=8, person=number.to_bytes(2, "big")).digest()
        yield int.from_bytes(digest, "big") >> 1


def likeness(one: Signature, other: Signature) -> float:
    """The estimated share of word runs that two texts have in common, 0 to 1."""
    return float(np.mean(one == other))


def packed(made: Signature) -> bytes:
    """The signature as the catalogue keeps it, little-endian whatever the machine."""
    return made.astype("<u4").tobytes()


def unpacked(kept: bytes) -> Signature:
    return np.frombuffer(kept, dtype="<u4").astype(np.uint32)
