"""Ask the releases: the main path from a question to a verified answer."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import platformdirs

from assistant.answer import Answer, Searched, Seconds, Statement
from assistant.checking import Checking
from assistant.evidence import EvidenceReader, Weights
from assistant.llms import NO_LLM, open_llm
from assistant.question import Question, understand
from assistant.quotes import Answerer, Drafted, QuotesAnswerer
from assistant.reader import Likeness, Reader
from assistant.search import HybridSearch, Searching
from assistant.writing import WritingAnswerer
from vectorstore import NearDuplicate, Release, ReleaseStore, open_store
from vectorstore.embeddings import DEFAULT_EMBEDDING, packaged_minilm
from vectorstore.trouble import CannotWrite

if TYPE_CHECKING:
    from assistant.plug import ReleaseRetriever, VerifiedQueryEngine


class Assistant:
    """Answers questions from one store. Several threads may ask at once."""

    def __init__(
        self, store: ReleaseStore, search: HybridSearch, answerer: Answerer, folder: Path | None = None
    ) -> None:
        self.store = store
        self.search = search
        self.answerer = answerer
        # The data folder, where evaluations of this assistant are kept.
        self.folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.store.close()

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        since: date | None = None,
        until: date | None = None,
        as_of: date | None = None,
    ) -> Answer:
        """Answer a question; `history` holds the earlier user turns, oldest first; `since` and `until` bound the
        releases' dates; "last week" counts from `as_of`, by default today.

        Raises ValueError for an empty or overlong question.
        """
        *_, answer = self.stream(question, history, since=since, until=until, as_of=as_of)
        assert isinstance(answer, Answer)
        return answer

    async def aask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        since: date | None = None,
        until: date | None = None,
        as_of: date | None = None,
    ) -> Answer:
        """`ask` without blocking the event loop."""
        return await asyncio.to_thread(self.ask, question, history, since=since, until=until, as_of=as_of)

    def stream(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        since: date | None = None,
        until: date | None = None,
        as_of: date | None = None,
    ) -> Iterator[Statement | Answer]:
        """Each statement as soon as it is verified, then the whole answer; see `ask`."""
        began = time.perf_counter()
        asked = understand(question, history, since, until, as_of)
        understood = time.perf_counter()
        searching = self.search.find(asked)
        found = time.perf_counter()
        drafted = self.answerer.answer(asked, searching.candidates)
        checking = Checking(drafted, self.answerer.name)
        yield from checking.statements()
        done = time.perf_counter()
        verify = checking.seconds
        seconds = Seconds(understood - began, found - understood, done - found - verify, verify, done - began)
        yield self._answer(question, asked, searching, drafted, checking, seconds)

    def release(self, release_id: str, version: int | None = None) -> Release | None:
        """A release as it reads now, or as it read in an earlier version; None when it is not known."""
        return self.store.get(release_id, version)

    def releases(self) -> list[Release]:
        """Every release without its paragraphs, newest first, undated ones last."""
        return self.store.catalogue.listing()

    def quality_report(self) -> Path | None:
        """The report of the newest saved evaluation (`communique eval`) of this data folder, if there is one."""
        reports = self.folder.glob("eval-runs/*/report.html") if self.folder else ()
        return max(reports, key=lambda report: report.stat().st_mtime_ns, default=None)

    def near_duplicates(self, release_ids: Sequence[str]) -> dict[str, list[NearDuplicate]]:
        """For each of these releases those with nearly the same text, most alike first; none where there are none."""
        return self.store.catalogue.near_duplicates(release_ids)

    def as_retriever(self) -> "ReleaseRetriever":
        """This assistant's search as a llama-index retriever."""
        from assistant.plug import ReleaseRetriever

        return ReleaseRetriever(self)

    def as_query_engine(self) -> "VerifiedQueryEngine":
        """This assistant as a llama-index query engine; its responses carry the citations as source nodes."""
        from assistant.plug import VerifiedQueryEngine

        return VerifiedQueryEngine(self)

    def _answer(
        self, text: str, asked: Question, searching: Searching, drafted: Drafted, checking: Checking, seconds: Seconds
    ) -> Answer:
        checked = checking.verified
        span = self.store.span(searching.window)
        searched = Searched(span.releases, searching.window.since or span.since, searching.window.until or span.until)
        stated = " ".join(f"{s.text} {''.join(f'[{n}]' for n in s.citations)}" for s in checked.statements)
        return Answer(
            question=text,
            standalone_question=asked.standalone,
            status="answered" if checked.statements else "not_stated",
            text=stated or not_stated(searched),
            statements=checked.statements,
            citations=checked.citations,
            matches=drafted.ranked,
            searched=searched,
            dropped=checked.dropped,
            answerer=checking.answerer,
            seconds=seconds,
            confidence=drafted.confidence,
            remark=" ".join(filter(None, (searching.remark, checking.remark))),
            drops=checked.drops,
        )


def not_stated(searched: Searched) -> str:
    """The sentence that says that the releases do not state it, and which were searched."""
    if not searched.releases:
        return "There are no releases to search yet: add some with `communique ingest`."
    days = ""
    if searched.since and searched.until and searched.since != searched.until:
        days = f" from {searched.since:%-d %B %Y} to {searched.until:%-d %B %Y}"
    elif searched.since:
        days = f" of {searched.since:%-d %B %Y}"
    if searched.releases == 1:
        return f"The one release{days} does not state this."
    return f"None of the {searched.releases:,} releases{days} states this."


def data_folder(data: Path | str | None = None) -> Path:
    """The folder given, else that of COMMUNIQUE_DATA, else the platform's place for such data."""
    return Path(data or os.environ.get("COMMUNIQUE_DATA") or platformdirs.user_data_dir("communique"))


def open_assistant(
    data: Path | str | None = None,
    llm: str | None = None,
    *,
    embedding: str | None = None,
    catalogue: str | None = None,
    vectors: str | None = None,
) -> Assistant:
    """An assistant over a data folder, ready to be asked.

    What is not given is taken from COMMUNIQUE_DATA, COMMUNIQUE_LLM (see `llms.LLMS`; "quotes" asks for none),
    COMMUNIQUE_EMBEDDING, COMMUNIQUE_CATALOGUE (a database URL) and COMMUNIQUE_VECTORS (a Chroma server's address), else
    from the folder itself. Raises ValueError for an unknown model, and WrongEmbeddingModel when the folder's vectors
    were made by another one.
    """
    # Before anything is loaded: a wrong name should not take seconds to be told.
    name = llm if llm is not None else os.environ.get("COMMUNIQUE_LLM") or NO_LLM
    opened = None if name == NO_LLM else open_llm(name)
    store = open_store(
        data_folder(data),
        embedding=embedding or os.environ.get("COMMUNIQUE_EMBEDDING") or DEFAULT_EMBEDDING,
        catalogue=catalogue or os.environ.get("COMMUNIQUE_CATALOGUE"),
        vectors=vectors or os.environ.get("COMMUNIQUE_VECTORS"),
    )
    # An ingest that was killed may have left releases recorded but not findable. One that is still at work is not
    # waited for, and where nothing can be written, what is findable can still be asked.
    with suppress(CannotWrite):
        store.catch_up(wanted=())
    reader = EvidenceReader(store, Reader(Path(packaged_minilm().folder)), Likeness(store.embedder), Weights.shipped())
    quotes = QuotesAnswerer(reader)
    answerer = WritingAnswerer(opened, quotes) if opened else quotes
    return Assistant(store, HybridSearch(store), answerer, data_folder(data))
