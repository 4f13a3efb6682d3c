"""Compare catalogue, vectors and words, paragraph by paragraph."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vectorstore.catalogue import Catalogue
from vectorstore.recording import portions
from vectorstore.vectors import VectorIndex, vector_entries
from vectorstore.words import WordIndex, word_entries


@dataclass(frozen=True)
class Disagreement:
    """Entries of the vectors or the words that do not say what the catalogue says; releases by id.

    `missing` releases lack an entry, `outdated` ones have one of another text or date, and `left_over` ones have one of
    a paragraph that is not there.
    """

    index: str
    missing: frozenset[str]
    outdated: frozenset[str]
    left_over: frozenset[str]

    @property
    def releases(self) -> frozenset[str]:
        return self.missing | self.outdated | self.left_over

    def __str__(self) -> str:
        counted = (("missing", self.missing), ("outdated", self.outdated), ("left over", self.left_over))
        return f"{self.index}: " + ", ".join(f"{len(ids):,} releases {what}" for what, ids in counted if ids)


def disagreements(catalogue: Catalogue, vectors: VectorIndex, words: WordIndex) -> list[Disagreement]:
    """What vectors and words say otherwise than the catalogue; empty when all three agree. Reads everything once."""
    of_vectors: dict[tuple[str, str], str] = {}
    of_words: dict[tuple[str, str], str] = {}
    for ids in portions(catalogue.ids(), 500):
        for release in catalogue.get_many(ids).values():
            of_vectors |= vector_entries(release)
            of_words |= word_entries(release)
    compared = (
        _compared("vectors", of_vectors, vectors.entries()),
        _compared("words", of_words, words.entries()),
    )
    return [found for found in compared if found.releases]


def _compared(
    index: str, expected: Mapping[tuple[str, str], str], entries: Iterable[tuple[tuple[str, str], str]]
) -> Disagreement:
    seen: set[tuple[str, str]] = set()
    outdated, left_over = set(), set()
    for key, digest in entries:
        # An entry that stands twice is as wrong as one that should not be there.
        if key not in expected or key in seen:
            left_over.add(key[0])
        elif expected[key] != digest:
            outdated.add(key[0])
        seen.add(key)
    missing = {key[0] for key in expected.keys() - seen}
    return Disagreement(index, frozenset(missing), frozenset(outdated), frozenset(left_over))
