"""Find paragraphs by meaning: vectors in Chroma, through llama-index. The only file that knows llama-index's nodes.

To add a vector store, write a function that opens it and put it into `STORES` under the scheme of its address.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores import (
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
)
from llama_index.core.vector_stores.types import BasePydanticVectorStore
from llama_index.core.vector_stores.utils import node_to_metadata_dict

from vectorstore.embeddings import Embedder
from vectorstore.recording import portions
from vectorstore.release import Paragraph, Release
from vectorstore.sentences import sentence_spans
from vectorstore.words import Hit, day_number

COLLECTION = "paragraphs"
# all-MiniLM-L6-v2 reads 256 tokens and silently drops the rest; title and date take some of them.
_PIECE_CHARACTERS = 700
# Vectors in one call; Chroma takes 5,461.
_AT_ONCE = 2000


class WrongEmbeddingModel(ValueError):
    """The vectors at hand were made by another model than the one that is to be used."""


def pieces(paragraph: Paragraph) -> Iterator[str]:
    """The paragraph in runs of whole sentences short enough for the model to read to the end."""
    text, start, last = paragraph.text, 0, 0
    for _, end in sentence_spans(text):
        if end - start > _PIECE_CHARACTERS and last > start:
            yield text[start:last].strip()
            start = last
        last = end
    if text[start:].strip():
        yield text[start:].strip()


def embedded_text(release: Release, piece: str) -> str:
    """What the model reads: title, date and words, since a paragraph alone has lost its subject."""
    when = f" ({release.date:%-d %B %Y})" if release.date else ""
    return f"{release.title}{when}\n{piece}"


class VectorIndex:
    """Vectors of paragraphs in one collection, found by cosine. Long paragraphs have several; the best one counts."""

    def __init__(self, store: BasePydanticVectorStore, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder

    def replace(self, releases: Iterable[Release], gone: Sequence[str] = ()) -> None:
        """Put these releases in place of what stood under their ids, and take out those that are gone."""
        releases = list(releases)
        nodes = [node for release in releases for node in _nodes(release)]
        # The model takes its time, so it goes first: until it is done, the old text is found.
        vectors = self._embedder.texts([n.text for n in nodes]).tolist() if nodes else []
        collection = self._store.client
        old: set[str] = set()
        for ids in portions([*gone, *(r.id for r in releases)], 1000):
            old |= set(collection.get(where={"document_id": {"$in": ids}}, include=[])["ids"])
        # Chroma keeps the old text when an id is *added* again, as llama-index's store does; `upsert` replaces it, and
        # a question asked meanwhile finds one text or the other.
        for pairs in portions(zip(nodes, vectors, strict=True), _AT_ONCE):
            collection.upsert(
                ids=[node.node_id for node, _ in pairs],
                embeddings=[vector for _, vector in pairs],
                metadatas=[
                    {k: "" if v is None else v for k, v in kept.items()}
                    for node, _ in pairs
                    for kept in [node_to_metadata_dict(node, remove_text=True, flat_metadata=True)]
                ],
                documents=[node.text for node, _ in pairs],
            )
        for ids in portions(sorted(old - {node.node_id for node in nodes}), _AT_ONCE):
            collection.delete(ids=ids)

    def find(
        self,
        vector: Sequence[float],
        limit: int,
        since: date | None = None,
        until: date | None = None,
        release_ids: Sequence[str] = (),
    ) -> list[Hit]:
        """The paragraphs nearest to the vector; the score is the cosine."""
        found = self._store.query(
            VectorStoreQuery(
                query_embedding=list(vector),
                # Some paragraphs come several times, once for each of their pieces.
                similarity_top_k=limit + limit // 2,
                filters=_filters(since, until, release_ids),
            )
        )
        best: dict[tuple[str, int], float] = defaultdict(lambda: -1.0)
        for node, score in zip(found.nodes or [], found.similarities or [], strict=True):
            key = (str(node.metadata["release_id"]), int(node.metadata["index"]))
            # llama-index hands on exp(-distance); with Chroma's cosine space the distance is 1 - cosine.
            best[key] = max(best[key], 1 + math.log(score))
        ranked = sorted(best.items(), key=lambda item: -item[1])[:limit]
        return [Hit(release_id, index, score) for (release_id, index), score in ranked]

    def count(self) -> int:
        """How many vectors the collection holds."""
        return int(self._store.client.count())

    def entries(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Every vector: its release and its own name, and a digest of its text and date; "" where it has no numbers."""
        collection = self._store.client
        for start in range(0, self.count(), _AT_ONCE):
            some = collection.get(limit=_AT_ONCE, offset=start, include=["documents", "metadatas", "embeddings"])
            for name, text, metadata, vector in zip(
                some["ids"], some["documents"], some["metadatas"], some["embeddings"], strict=True
            ):
                whole = vector is not None and len(vector) == self._embedder.dimension
                yield (
                    (str(metadata["release_id"]), name),
                    _digest(text or "", int(metadata["date"])) if whole else "",
                )


def vector_entries(release: Release) -> dict[tuple[str, str], str]:
    """What `VectorIndex.entries` gives for a release that is rightly indexed."""
    return {(release.id, node.node_id): _digest(node.text, day_number(release.date)) for node in _nodes(release)}


def _nodes(release: Release) -> list[TextNode]:
    return [
        TextNode(
            id_=f"{release.id}#{paragraph.index}.{number}",
            text=embedded_text(release, piece),
            metadata={"release_id": release.id, "index": paragraph.index, "date": day_number(release.date)},
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=release.id)},
        )
        for paragraph in release.paragraphs
        for number, piece in enumerate(pieces(paragraph))
    ]


def _digest(text: str, day: int) -> str:
    return hashlib.blake2b(f"{day}\n{text}".encode(), digest_size=12).hexdigest()


def _filters(since: date | None, until: date | None, release_ids: Sequence[str]) -> MetadataFilters | None:
    filters: list[MetadataFilter | MetadataFilters] = []
    if since or until:
        filters.append(MetadataFilter(key="date", value=day_number(since or date.min), operator=FilterOperator.GTE))
        filters.append(MetadataFilter(key="date", value=day_number(until or date.max), operator=FilterOperator.LTE))
    if release_ids:
        filters.append(MetadataFilter(key="release_id", value=list(release_ids), operator=FilterOperator.IN))
    return MetadataFilters(filters=filters) if filters else None


def _chroma(client: Any, embedder: Embedder, fresh: bool, repair: str) -> BasePydanticVectorStore:
    """The collection of a Chroma client, made when it is missing, made anew when `fresh`.

    Raises WrongEmbeddingModel when another model made it; the message names `repair`.
    """
    from llama_index.vector_stores.chroma import ChromaVectorStore

    names = [c.name for c in client.list_collections()]
    if fresh and COLLECTION in names:
        client.delete_collection(COLLECTION)
        names.remove(COLLECTION)
    if COLLECTION in names:
        collection = client.get_collection(COLLECTION, embedding_function=None)
        made_by = collection.metadata or {}
        if (made_by.get("embedding"), made_by.get("weights_sha256")) != (embedder.name, embedder.weights_sha256):
            raise WrongEmbeddingModel(
                f"the vectors were made with {made_by.get('embedding', 'an unknown model')} "
                f"({str(made_by.get('weights_sha256', '?'))[:12]}), not with {embedder.name} "
                f"({embedder.weights_sha256[:12]}): run {repair}"
            )
    else:
        collection = client.create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine"}},
            metadata={
                "embedding": embedder.name,
                "weights_sha256": embedder.weights_sha256,
                "dimension": embedder.dimension,
            },
        )
    return ChromaVectorStore(chroma_collection=collection)


def chroma_folder(address: str, embedder: Embedder, fresh: bool, repair: str) -> BasePydanticVectorStore:
    """Chroma inside this process, in a folder."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(address, settings=Settings(anonymized_telemetry=False))
    return _chroma(client, embedder, fresh, repair)


def chroma_server(address: str, embedder: Embedder, fresh: bool, repair: str) -> BasePydanticVectorStore:
    """A Chroma server (`chroma run`) at http://HOST:PORT."""
    from urllib.parse import urlsplit

    import chromadb
    from chromadb.config import Settings

    where = urlsplit(address)
    client = chromadb.HttpClient(
        host=where.hostname or "localhost",
        port=where.port or 8000,
        ssl=where.scheme == "https",
        settings=Settings(anonymized_telemetry=False),
    )
    return _chroma(client, embedder, fresh, repair)


STORES: dict[str, Callable[[str, Embedder, bool, str], BasePydanticVectorStore]] = {
    "": chroma_folder,
    "http": chroma_server,
    "https": chroma_server,
}


def open_vectors(
    address: str, embedder: Embedder, *, fresh: bool = False, repair: str = "communique reindex"
) -> VectorIndex:
    """The vector index at an address: a folder, or http://HOST:PORT of a Chroma server.

    Raises WrongEmbeddingModel, and ValueError for an address of no row in STORES.
    """
    scheme = address.split("://", 1)[0] if "://" in address else ""
    if scheme not in STORES:
        raise ValueError(f"no vector store for {address!r}: a folder or one of {', '.join(s for s in STORES if s)}://")
    return VectorIndex(STORES[scheme](address, embedder, fresh, repair), embedder)
