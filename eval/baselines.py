"""Find passages as others do: BM25 alone, and llama-index's stock pipeline; what benchmarks hold the assistant against.

Each system ranks the passages of one pool for a query. To add a baseline, write a function from a pool and a folder to
a `System` and put it into `BASELINES`.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from eval.cases import Place
from eval.question_sets import Query
from vectorstore import Release
from vectorstore.embeddings import Embedder
from vectorstore.language import terms
from vectorstore.words import WordIndex

RANKED = 10


@dataclass(frozen=True)
class Ranked:
    """Passages for a query, best first, each once; `sure` grows with how likely the query can be answered."""

    places: tuple[Place, ...]
    sure: float


class System(Protocol):
    """Something that finds passages in a pool."""

    def rank(self, query: Query) -> Ranked: ...


class WordsAlone:
    """BM25 over our own terms, of the last question alone, as a search box does."""

    def __init__(self, index: WordIndex) -> None:
        self._index = index

    def rank(self, query: Query) -> Ranked:
        hits = self._index.find(terms(query.question), RANKED)
        return Ranked(tuple((h.release_id, h.index) for h in hits), hits[0].score if hits else 0.0)


class StockPipeline:
    """llama-index as its starter tutorial has it: SentenceSplitter, Chroma, VectorStoreIndex and its retriever."""

    def __init__(self, releases: Sequence[Release], folder: Path, embedder: Embedder) -> None:
        import chromadb
        from chromadb.config import Settings
        from llama_index.core import StorageContext, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.core.schema import Document
        from llama_index.vector_stores.chroma import ChromaVectorStore

        client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        store = ChromaVectorStore(chroma_collection=client.get_or_create_collection("stock", embedding_function=None))
        self._places: dict[str, Place] = {f"{r.id}#{p.index}": (r.id, p.index) for r in releases for p in r.paragraphs}
        # Embedding takes minutes; only a folder in which it came to its end is used again.
        done, wanted = folder / "indexed", f"{embedder.name} {pool_digest(releases)}"
        if done.is_file() and done.read_text(encoding="utf-8") == wanted:
            index = VectorStoreIndex.from_vector_store(store, embed_model=embedder.llama_index)
        else:
            client.delete_collection("stock")
            store = ChromaVectorStore(chroma_collection=client.create_collection("stock", embedding_function=None))
            documents = [
                Document(
                    id_=f"{r.id}#{p.index}",
                    text=p.text,
                    metadata={"title": r.title, "place": f"{r.id}#{p.index}"},
                    excluded_embed_metadata_keys=["place"],
                )
                for r in releases
                for p in r.paragraphs
            ]
            index = VectorStoreIndex.from_documents(
                documents,
                storage_context=StorageContext.from_defaults(vector_store=store),
                embed_model=embedder.llama_index,
                transformations=[SentenceSplitter()],
            )
            done.write_text(wanted, encoding="utf-8")
        # Long passages come in several chunks, so more than ten are needed for ten passages.
        self._retriever = index.as_retriever(similarity_top_k=2 * RANKED)

    def rank(self, query: Query) -> Ranked:
        found = self._retriever.retrieve(query.question)
        places = dict.fromkeys(self._places[str(node.metadata["place"])] for node in found)
        best = max((node.score for node in found if node.score), default=0.0)
        return Ranked(tuple(places)[:RANKED], math.log(best) if best else -math.inf)


def words_alone(releases: Sequence[Release], folder: Path, _embedder: Embedder) -> System:
    index = WordIndex(folder / "bm25", fresh=True)
    index.replace(releases)
    return WordsAlone(index)


def stock_pipeline(releases: Sequence[Release], folder: Path, embedder: Embedder) -> System:
    (folder / "llama-index").mkdir(parents=True, exist_ok=True)
    return StockPipeline(releases, folder / "llama-index", embedder)


def pool_digest(releases: Sequence[Release]) -> str:
    """The same for two pools exactly when they hold the same passages."""
    return sha256(json.dumps([[r.id, r.fingerprint] for r in releases]).encode()).hexdigest()


BASELINES: dict[str, Callable[[Sequence[Release], Path, Embedder], System]] = {
    "BM25": words_alone,
    "llama-index": stock_pipeline,
}
