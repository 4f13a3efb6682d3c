"""Find paragraphs by meaning: vectors in Chroma, through llama-index. The only file that knows llama-index's nodes.

To add a place where Chroma may keep them, write a function that opens a client and put it into `STORES` under the
scheme of its address.
"""

import hashlib
import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

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
from vectorstore.trouble import held, require_room
from vectorstore.turns import Turns
from vectorstore.words import Hit, day_number

COLLECTION = "paragraphs"
# What is being made to take its place, and what it takes the place of.
_NEXT, _OLD = "paragraphs.next", "paragraphs.old"
# all-MiniLM-L6-v2 reads 256 tokens and silently drops the rest; title and date take some of them.
_PIECE_CHARACTERS = 700
# Vectors in one call; Chroma takes 5,461.
_AT_ONCE = 2000
# Chroma's threads sometimes never come back from a full file system, so that there must be room beforehand. Over 3,000
# statements of the White House (41,000 vectors of 384 numbers, on a file system of their own) 32 releases took up to 54
# bytes for each byte of their text, mostly for the index of its letters and for what llama-index adds to every vector;
# twice that is kept free, since SQLite copies what it changes. The vectors' own file is a sixth of the folder and grows
# by a fifth of itself.
_ROOM_PER_BYTE = 128
_ROOM_PER_BYTE_HELD = 1 / 8
# Opening the folder anew while another process writes takes at most this share of the time.
_SHARE_FOR_OPENING = 0.1

_Answer = TypeVar("_Answer")


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
    """Vectors of paragraphs in one collection, found by cosine. Long paragraphs have several; the best one counts.

    `opened` gives a Chroma client, and `folder` is where it keeps its vectors unless a server does. What another
    process writes there is found as well, when it is written or a little later. With `anew`, the vectors are kept
    beside those that are searched until `take_place`.

    Raises WrongEmbeddingModel, here and in every method but `find`, when another model made the vectors; the message
    names `repair`.
    """

    def __init__(
        self, opened: Callable[[], Any], embedder: Embedder, folder: Path | None, *, anew: bool, repair: str
    ) -> None:
        self._opened = opened
        self._embedder = embedder
        self._folder = folder
        self._repair = repair
        self._name = _NEXT if anew else COLLECTION
        self._turns = Turns(folder) if folder else None
        self._not_before = 0.0
        with self._turn():
            if anew:
                client = opened()
                for left in {_NEXT, _OLD} & {c.name for c in client.list_collections()}:
                    client.delete_collection(left)
            self._open()

    def replace(self, releases: Iterable[Release], gone: Sequence[str] = ()) -> None:
        """Put these releases in place of what stood under their ids, and take out those that are gone.

        Raises CannotWrite where little room is left.
        """
        releases = list(releases)
        nodes = [node for release in releases for node in _nodes(release)]
        # The model takes its time, so it goes first: until it is done, the old text is found.
        vectors = self._embedder.texts([n.text for n in nodes]).tolist() if nodes else []
        with self._writing():
            if self._folder:
                text = sum(len(node.text.encode()) for node in nodes)
                require_room(self._folder, int(_ROOM_PER_BYTE * text + _ROOM_PER_BYTE_HELD * held(self._folder)))
            collection = self._store.client
            old: set[str] = set()
            for ids in portions([*gone, *(r.id for r in releases)], 1000):
                old |= set(collection.get(where={"document_id": {"$in": ids}}, include=[])["ids"])
            # Chroma keeps the old text when an id is *added* again, as llama-index's store does; `upsert` replaces it,
            # and a question asked meanwhile finds one text or the other.
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

    def take_place(self) -> None:
        """Have what was made `anew` searched from now on; what it takes the place of goes.

        Readers hold the old collection by its number, not by its name, so that they have it until the new one is there.
        """
        with self._writing():
            if COLLECTION in {c.name for c in self._client.list_collections()}:
                self._client.get_collection(COLLECTION, embedding_function=None).modify(name=_OLD)
            self._store.client.modify(name=COLLECTION)
            self._name = COLLECTION
            if _OLD in {c.name for c in self._client.list_collections()}:
                self._client.delete_collection(_OLD)

    def find(
        self,
        vector: Sequence[float],
        limit: int,
        since: date | None = None,
        until: date | None = None,
        release_ids: Sequence[str] = (),
    ) -> list[Hit]:
        """The paragraphs nearest to the vector; the score is the cosine. None where another process has meanwhile made
        the vectors anew with another model, with which this vector has nothing in common.
        """
        query = VectorStoreQuery(
            query_embedding=list(vector),
            # Some paragraphs come several times, once for each of their pieces.
            similarity_top_k=limit + limit // 2,
            filters=_filters(since, until, release_ids),
        )
        try:
            found = self._asked(lambda store: store.query(query))
        except WrongEmbeddingModel:
            return []
        best: dict[tuple[str, int], float] = defaultdict(lambda: -1.0)
        for node, score in zip(found.nodes or [], found.similarities or [], strict=True):
            key = (str(node.metadata["release_id"]), int(node.metadata["index"]))
            # llama-index hands on exp(-distance); with Chroma's cosine space the distance is 1 - cosine.
            best[key] = max(best[key], 1 + math.log(score))
        ranked = sorted(best.items(), key=lambda item: -item[1])[:limit]
        return [Hit(release_id, index, score) for (release_id, index), score in ranked]

    def count(self) -> int:
        """How many vectors the collection holds."""
        return int(self._asked(lambda store: store.client.count()))

    def entries(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Every vector: its release and its own name, and a digest of its text and date; "" where it has no numbers."""
        collection = self._asked(lambda store: store.client)
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

    def _asked(self, ask: Callable[[BasePydanticVectorStore], _Answer]) -> _Answer:
        """What the collection says as it is now."""
        from chromadb.errors import NotFoundError

        if self._turns and self._turns.others_wrote() and time.monotonic() >= self._not_before:
            self._open_again()
        try:
            return ask(self._store)
        except NotFoundError:
            # Another one has taken its place a moment ago.
            self._open_again()
            return ask(self._store)

    def _open_again(self) -> None:
        with self._turn():
            began = time.monotonic()
            try:
                self._open()
            finally:
                self._not_before = time.monotonic() + (time.monotonic() - began) / _SHARE_FOR_OPENING

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A turn in which the collection is as all others left it, and in which it may be written."""
        with self._turn():
            if self._turns is None or self._turns.others_wrote():
                self._open()
            if self._turns:
                self._turns.sign()
            yield

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # A server sees to it by itself.
        with self._turns.turn() if self._turns else nullcontext():
            yield

    def _open(self) -> None:
        from llama_index.vector_stores.chroma import ChromaVectorStore

        self._client = self._opened()
        collection = self._collection()
        if self._turns and collection.count():
            # Chroma reads its vectors at the first question, which has to happen while nobody writes them.
            collection.query(query_embeddings=[[1.0] * self._embedder.dimension], n_results=1, include=[])
        self._store = ChromaVectorStore(chroma_collection=collection)
        if self._turns:
            self._turns.see()

    def _collection(self) -> Any:
        """The collection of the client, made when it is missing."""
        if self._name not in {c.name for c in self._client.list_collections()}:
            return self._client.create_collection(
                self._name,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
                metadata={
                    "embedding": self._embedder.name,
                    "weights_sha256": self._embedder.weights_sha256,
                    "dimension": self._embedder.dimension,
                },
            )
        collection = self._client.get_collection(self._name, embedding_function=None)
        made_by = collection.metadata or {}
        mine = (self._embedder.name, self._embedder.weights_sha256)
        if (made_by.get("embedding"), made_by.get("weights_sha256")) != mine:
            raise WrongEmbeddingModel(
                f"the vectors were made with {made_by.get('embedding', 'an unknown model')} "
                f"({str(made_by.get('weights_sha256', '?'))[:12]}), not with {mine[0]} ({mine[1][:12]}): "
                f"run {self._repair}"
            )
        return collection


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


def chroma_folder(address: str) -> Any:
    """Chroma inside this process, in a folder, as the folder is now."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    with _ONE_BY_ONE:
        # Chroma would hand out again what it once read of the folder. Clients that are in use are not touched.
        SharedSystemClient.clear_system_cache()
        return chromadb.PersistentClient(address, settings=Settings(anonymized_telemetry=False))


# Threads that open folders would take each other's clients out of Chroma's cache half-way.
_ONE_BY_ONE = threading.Lock()


def chroma_server(address: str) -> Any:
    """A Chroma server (`chroma run`) at http://HOST:PORT."""
    from urllib.parse import urlsplit

    import chromadb
    from chromadb.config import Settings

    where = urlsplit(address)
    return chromadb.HttpClient(
        host=where.hostname or "localhost",
        port=where.port or 8000,
        ssl=where.scheme == "https",
        settings=Settings(anonymized_telemetry=False),
    )


STORES: dict[str, Callable[[str], Any]] = {
    "": chroma_folder,
    "http": chroma_server,
    "https": chroma_server,
}


def open_vectors(
    address: str, embedder: Embedder, *, anew: bool = False, repair: str = "communique reindex"
) -> VectorIndex:
    """The vector index at an address: a folder, or http://HOST:PORT of a Chroma server; with `anew`, an empty one that
    may take its place.

    Raises WrongEmbeddingModel, and ValueError for an address of no row in STORES.
    """
    scheme = address.split("://", 1)[0] if "://" in address else ""
    if scheme not in STORES:
        raise ValueError(f"no vector store for {address!r}: a folder or one of {', '.join(s for s in STORES if s)}://")
    folder = None if scheme else Path(address)
    return VectorIndex(lambda: STORES[scheme](address), embedder, folder, anew=anew, repair=repair)
