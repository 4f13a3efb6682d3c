"""Plug the assistant into llama-index: its search as a retriever, its answers as a query engine."""

from typing import TYPE_CHECKING, Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.answer import Citation
from assistant.question import understand
from vectorstore import Match

if TYPE_CHECKING:
    from assistant.assistant import Assistant


class ReleaseRetriever(BaseRetriever):
    """The `limit` best paragraphs for a question as llama-index nodes."""

    def __init__(self, assistant: "Assistant", limit: int = 10) -> None:
        super().__init__()
        self._assistant = assistant
        self._limit = limit

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._assistant.search.find(understand(query_bundle.query_str), self._limit)
        return [NodeWithScore(node=_node(c.match, {}), score=c.match.score) for c in found.candidates]


class VerifiedQueryEngine(BaseQueryEngine):
    """Verified answers. The response's source nodes are the citations; its metadata is `Answer.to_dict()`."""

    def __init__(self, assistant: "Assistant") -> None:
        super().__init__(callback_manager=None)
        self._assistant = assistant

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        answer = self._assistant.ask(query_bundle.query_str)
        by_key = {m.key: m for m in answer.matches}
        sources = [
            NodeWithScore(
                node=_node(match, {"quote": c.quote, "start": c.start, "end": c.end, "citation": c.number}),
                score=match.score,
            )
            for c in answer.citations
            if (match := by_key.get((c.release_id, c.index)) or self._cited(c))
        ]
        return Response(answer.text, sources, answer.to_dict())

    def _cited(self, citation: Citation) -> Match | None:
        """A paragraph that was not found for the question, but tells whom another one means by "they"."""
        release = self._assistant.release(citation.release_id, citation.version)
        paragraph = next((p for p in release.paragraphs if p.index == citation.index), None) if release else None
        return Match(release, paragraph, 0.0) if release and paragraph else None

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        import asyncio

        return await asyncio.to_thread(self._query, query_bundle)


def _node(match: Match, more: dict[str, Any]) -> TextNode:
    release, paragraph = match.release, match.paragraph
    metadata = {
        "release_id": release.id,
        "version": release.version,
        "title": release.title,
        "date": release.date.isoformat() if release.date else "",
        "url": release.url or "",
        "paragraph": paragraph.number,
        "index": paragraph.index,
    }
    return TextNode(id_=f"{release.id}#{paragraph.index}", text=paragraph.text, metadata=metadata | more)
