"""Ask the releases: the main path from a question to a verified answer."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import platformdirs

from assistant.answer import Answer, Citation, Searched, Seconds, Statement
from assistant.checking import Checking
from assistant.evidence import EvidenceReader, Weights
from assistant.finding import Finding, together
from assistant.llms import NO_LLM, open_llm
from assistant.overview import CatalogueReader, Overview
from assistant.parts import parts_of
from assistant.question import Question, leans_back, names_in, understand
from assistant.quotes import Answerer, QuotesAnswerer
from assistant.reader import Likeness, Reader
from assistant.reference import (
    Reference,
    Turns,
    asks_for_all,
    cited_by,
    paragraph_of,
    reference_of,
    without_reference,
)
from assistant.search import HybridSearch
from assistant.survey import survey_of
from assistant.writing import WritingAnswerer
from vectorstore import Match, NearDuplicate, Release, ReleaseStore, Window, open_store
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
        self.catalogue = CatalogueReader(store)
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
        yield from self._stream(question, Turns(tuple(history)), Window(since, until), as_of)

    def _stream(self, question: str, turns: Turns, window: Window, as_of: date | None) -> Iterator[Statement | Answer]:
        began = time.perf_counter()
        asked = understand(question, turns.history, window.since, window.until, as_of)
        understood = time.perf_counter() - began
        found = self._pointed_at(asked, turns, window, as_of)
        if found is None:
            parts = self._parts(question, turns.history, window, as_of)
            found = together(parts) if parts else self._found(asked, turns.history, window, as_of)
        checking = Checking(found.drafted, found.answerer)
        yield from checking.statements()
        total = time.perf_counter() - began
        drafting = total - understood - found.seconds - checking.seconds
        seconds = Seconds(understood, found.seconds, drafting, checking.seconds, total)
        yield self._answer(question, asked, found, checking, seconds)

    def _found(self, asked: Question, history: Sequence[str], window: Window, as_of: date | None) -> Finding:
        """What one question finds, with the drafts of its answer: from all releases where it asks about these, else
        from those that fit it best.
        """
        began = time.perf_counter()
        searching = self.search.find(asked)
        searched = time.perf_counter()
        survey = survey_of(asked.text, history, as_of)
        overview = self.catalogue.answer(survey, searching, window) if survey else None
        if overview:
            return _overviewed(asked, overview, searched - began)
        drafted = self.answerer.answer(asked, searching.candidates)
        name, remark = self.answerer.name, searching.remark
        return Finding(asked.text, drafted, name, searching.window, searched - began, remark)

    def _pointed_at(self, asked: Question, turns: Turns, window: Window, as_of: date | None) -> Finding | None:
        """What stands in the release or paragraph of an earlier answer that a question points back to; None where it
        points to none.
        """
        reference = reference_of(asked) if turns.history else None
        earlier = self._earlier(reference, turns, window, as_of) if reference else None
        release = self.release(earlier[1].release_id) if earlier else None
        if reference is None or earlier is None or release is None:
            return None
        turn, citation = earlier
        began = time.perf_counter()
        searching = self.search.find(replace(asked, release_ids=(release.id,)))
        seconds = time.perf_counter() - began
        if reference.to == "paragraph":
            paragraph = paragraph_of(reference, release, citation)
            if paragraph is None:
                return None
            quoted = [citation.quote] if reference.rest else []
            overview = self.catalogue.paragraph(Match(release, paragraph, 1.0), quoted, searching, window)
            return _overviewed(asked, overview, seconds)
        text = without_reference(turns.history[turn] if reference.bare else asked.text)
        if not asks_for_all(text) and survey_of(text, turns.history[:turn], as_of) is None:
            inside = understand(text, (), window.since, window.until, as_of)
            found = self._found(replace(inside, release_ids=(release.id,)), (), window, as_of)
            if found.answers or reference.about:
                return found
        summary = self.catalogue.summary_of([release.id], searching, window)
        return _overviewed(asked, summary, seconds) if summary else None

    def _earlier(
        self, reference: Reference, turns: Turns, window: Window, as_of: date | None
    ) -> tuple[int, Citation] | None:
        """The latest turn whose answer has what is pointed to, and the citation of it."""
        for turn in turns.latest_first():
            if turn not in turns.answers:
                *_, answer = self._stream(turns.history[turn], turns.before(turn), window, as_of)
                assert isinstance(answer, Answer)
                turns.answers[turn] = answer
            if citation := cited_by(reference, turns.answers[turn].citations):
                return turn, citation
        return None

    def _parts(self, question: str, history: Sequence[str], window: Window, as_of: date | None) -> list[Finding]:
        """What each part of a question finds that asks two things. Nothing for any other question, where none of the
        parts is answered, and where one of them may be: then the question is better asked as a whole.
        """
        found: list[Finding] = []
        before = list(history)
        for part in parts_of(question):
            leans = bool(found) and (leans_back(part) or not names_in(part))
            asked = understand(part, before, window.since, window.until, as_of, leans=leans)
            one = self._found(asked, before, window, as_of)
            found.append(one.keeping_to(found[-1]) if leans else one)
            before.append(part)
        return found if any(f.answers for f in found) and not any(f.in_doubt for f in found) else []

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

    def _answer(self, text: str, asked: Question, found: Finding, checking: Checking, seconds: Seconds) -> Answer:
        checked = checking.verified
        span = self.store.span(found.window)
        searched = Searched(span.releases, found.window.since or span.since, found.window.until or span.until)
        told = [f"{s.text} {''.join(f'[{n}]' for n in s.citations)}" for s in checked.statements]
        missing = found.missing if told else ()
        told += [not_stated(searched, part) for part in missing]
        return Answer(
            question=text,
            standalone_question=asked.standalone,
            status="partial" if missing else "answered" if told else "not_stated",
            text=("\n" if found.lines else " ").join(told) or found.absence or not_stated(searched),
            statements=checked.statements,
            citations=checked.citations,
            matches=found.drafted.ranked,
            searched=searched,
            dropped=checked.dropped,
            answerer=checking.answerer,
            seconds=seconds,
            confidence=found.drafted.confidence,
            remark=" ".join(filter(None, (found.remark, checking.remark))),
            drops=checked.drops,
            missing=missing,
        )


def _overviewed(asked: Question, overview: Overview, seconds: float) -> Finding:
    return Finding(
        question=asked.text,
        drafted=overview.drafted,
        answerer=QuotesAnswerer.name,
        window=overview.window,
        seconds=seconds,
        remark=overview.remark,
        absence=overview.absence,
        lines=True,
    )


def not_stated(searched: Searched, part: str = "") -> str:
    """The sentence that says that the releases do not state it, or a `part` of it, and which were searched."""
    what = f"what “{part}” asks for" if part else "this"
    if not searched.releases:
        return "There are no releases to search yet: add some with `communique ingest`."
    if searched.releases == 1:
        return f"The one release{searched.days} does not state {what}."
    return f"None of the {searched.releases:,} releases{searched.days} states {what}."


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
