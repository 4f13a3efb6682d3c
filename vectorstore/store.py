"""Put releases in, get them back, find them: catalogue, vectors and words kept in agreement."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from sqlalchemy.exc import ArgumentError

from vectorstore.agreement import Disagreement, disagreements
from vectorstore.catalogue import Catalogue, Span
from vectorstore.database import copy_file
from vectorstore.embeddings import DEFAULT_EMBEDDING, Embedder, open_embedder
from vectorstore.language import terms
from vectorstore.locks import Lock, Waiting, silently, since_now
from vectorstore.recording import Outcome, Reading, portions
from vectorstore.release import Match, Release
from vectorstore.trouble import in_plain_words
from vectorstore.vectors import VectorIndex, open_vectors
from vectorstore.words import Hit, WordIndex

# Releases indexed between two commits: enough to fill the model's batches, few enough to lose little when killed.
_BATCH = 32
# A process that indexes lets others who wait have a turn after so many seconds. Not after every batch: who writes
# vectors after another process did reads the folder anew.
_TURN_SECONDS = 20
# Where what lies in a data folder.
_CATALOGUE, _VECTORS, _WORDS = "catalogue.sqlite", "vectors", "words"
# What one process at a time does there.
_INDEXES = "writing"

# Told the step ("Reading", "Indexing", "Comparing"), how many releases are done, and of how many where that is known.
Progress = Callable[[str, int, int | None], None]


def quiet(_step: str, _done: int, _total: int | None) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Found:
    """What a question finds each way, best first; the scores of the two are not comparable."""

    by_meaning: list[Match]
    by_words: list[Match]


@dataclass(frozen=True)
class Window:
    """What to search: releases between two days, both included, and of these ids; nothing set means all."""

    since: date | None = None
    until: date | None = None
    release_ids: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        return bool(self.since or self.until or self.release_ids)


EVERYTHING = Window()


class ReleaseStore:
    """All releases of one data folder. Every method may be repeated; a process killed in between loses nothing.

    A write is: the catalogue, with marks of what is to be indexed; vectors and words; the marks cleared. `catch_up`
    finishes marks that an earlier process left. Several processes may write into the catalogue, one transaction after
    the other; the indexes are one process's for a turn.

    `waiting`, where a method takes it, is called when another process has the turn, before that is waited for.
    """

    def __init__(
        self, catalogue: Catalogue, vectors: VectorIndex, words: WordIndex, embedder: Embedder, folder: Path
    ) -> None:
        self.catalogue = catalogue
        self.embedder = embedder
        self._vectors = vectors
        self._words = words
        self._indexes = Lock(folder, _INDEXES)
        self.folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.catalogue.close()

    def alone(self, doing: str, waiting: Waiting = silently) -> AbstractContextManager[None]:
        """Nobody else writes vectors and words meanwhile. `doing` is what those who wait are told.

        Raises CannotWrite when the disk is full or the folder must not be written.
        """
        return self._indexes.held(doing, waiting)

    def reading(self, place: str, doing: str, waiting: Waiting = silently) -> AbstractContextManager[None]:
        """Nobody else reads from this place, a site for instance, meanwhile: no site is asked by two at once, and no
        older reading of a page comes in behind a newer one.
        """
        return Lock(self.folder, f"reading {place}").held(doing, waiting)

    def put(self, releases: Iterable[Release], origin: str = "") -> list[Outcome]:
        """Add new releases, make new versions of changed ones, leave the rest; findable when this returns."""
        outcomes = self.record((release, origin) for release in releases)
        self.catch_up()
        return outcomes

    def record(self, releases: Iterable[tuple[Release, str]]) -> list[Outcome]:
        """`put` of releases given with their origins, without indexing; call `catch_up` when all are recorded."""
        with in_plain_words(self.folder):
            return self.catalogue.put(Reading(r, origin, page=origin, own_id=True) for r, origin in releases)

    def remove(self, release_id: str, waiting: Waiting = silently) -> bool:
        """Delete a release with all its versions; false when there is none of that id."""
        with in_plain_words(self.folder):
            known = self.catalogue.resolve(release_id)
            if known is None or not self.catalogue.remove(known):
                return False
        self.catch_up(waiting=waiting, wanted=[known])
        return True

    def set_date(self, release_id: str, day: date | None, waiting: Waiting = silently) -> bool:
        """Date a release by hand, which no later reading undoes; None goes back to the date that was read. False when
        there is none of that id.
        """
        with in_plain_words(self.folder):
            known = self.catalogue.resolve(release_id)
            if known is None or not self.catalogue.set_date(known, day):
                return False
        self.catch_up(waiting=waiting, wanted=[known])
        return True

    def catch_up(
        self, progress: Progress = quiet, *, waiting: Waiting = silently, wanted: Collection[str] | None = None
    ) -> int:
        """Index what the catalogue marks; returns how many releases that were.

        With `wanted`, these come first, and what else is marked is left to another process that is writing.
        """
        doing = since_now("indexing")
        done, compared, is_first = 0, 0, True
        left = None if wanted is None else set(wanted)
        while left is None or left or self._indexes.is_free():
            with self.alone(doing, waiting):
                if is_first:
                    self._refill()
                is_first = False
                enough = time.monotonic() + _TURN_SECONDS
                while time.monotonic() < enough:
                    if ids := self._next_marked(left):
                        self._index(ids)
                        done += len(ids)
                        progress("Indexing", done, done + self.catalogue.to_index_count())
                    elif some := self.catalogue.relate(_BATCH):
                        compared += some
                        progress("Comparing", compared, None)
                    else:
                        return done
        return done

    def _next_marked(self, wanted: set[str] | None) -> list[str]:
        """A batch of marked releases, those that are wanted before all others; from `wanted` they are taken out."""
        while wanted:
            batch = sorted(wanted)[:_BATCH]
            wanted.difference_update(batch)
            # Another process may have seen to them.
            if marked := self.catalogue.to_index(_BATCH, among=batch):
                return marked
        return self.catalogue.to_index(_BATCH)

    def _index(self, ids: Sequence[str]) -> None:
        releases = self.catalogue.get_many(ids)
        gone = [i for i in ids if i not in releases]
        self._vectors.replace(releases.values(), gone)
        self._words.replace(releases.values(), gone)
        self.catalogue.indexed(releases, ids)

    def _refill(self) -> None:
        """Make anew what somebody deleted, or what a version with other fields wrote."""
        if not self._vectors.count() and self.catalogue.paragraph_count():
            self.catalogue.mark_all()
        elif not self._words.count() and self.catalogue.paragraph_count():
            marked = set(self.catalogue.to_index(self.catalogue.to_index_count()))
            # In one go: were it killed half-way, nobody would see later that some are missing.
            self._words.replace(
                release
                for ids in portions(i for i in self.catalogue.ids() if i not in marked)
                for release in self.catalogue.get_many(ids).values()
            )

    def check(self) -> list[Disagreement]:
        """What vectors and words say otherwise than the catalogue; empty when all three agree to the letter."""
        return disagreements(self.catalogue, self._vectors, self._words)

    def repair(self, found: Iterable[Disagreement], progress: Progress = quiet) -> int:
        """Index anew the releases of which something was found; returns how many."""
        self.catalogue.mark({release_id for one in found for release_id in one.releases})
        return self.catch_up(progress)

    def get(self, release_id: str, version: int | None = None) -> Release | None:
        """A release as it reads now, or as it read in an earlier version; None when it is not known."""
        return self.catalogue.get(release_id, version)

    def span(self, window: Window = EVERYTHING) -> Span:
        """How many releases a search of this window goes over, and their first and last date."""
        if window.release_ids:
            dates = sorted(r.date for r in self.catalogue.get_many(window.release_ids).values() if r.date)
            return Span(len(window.release_ids), dates[0] if dates else None, dates[-1] if dates else None)
        return self.catalogue.span(window.since, window.until)

    def find(self, text: str, limit: int, window: Window = EVERYTHING) -> Found:
        """The `limit` paragraphs nearest in meaning and the `limit` best by words."""
        where = (window.since, window.until, window.release_ids)
        by_meaning = self._vectors.find(self.embedder.question(text), limit, *where)
        by_words = self._words.find(terms(text), limit, *where)
        releases = self.catalogue.get_many([h.release_id for h in (*by_meaning, *by_words)])
        return Found(_matches(by_meaning, releases), _matches(by_words, releases))

    def titled(
        self, names: Sequence[str], window: Window = EVERYTHING, *, earliest: bool = False, limit: int = 1
    ) -> list[str]:
        """The ids of the latest, or of the earliest, dated releases of the window whose title has every one of the
        names (see `vectorstore.language.terms`).
        """
        wanted = list(dict.fromkeys(t for name in names for t in terms(name)))
        if not wanted:
            return []
        return self._words.titled(wanted, earliest=earliest, limit=limit, since=window.since, until=window.until)

    def holding(
        self, groups: Sequence[Sequence[Sequence[str]]], window: Window = EVERYTHING, *, titles: bool = False
    ) -> dict[str, list[int]]:
        """Every release that holds a run of terms of each group in one paragraph, with the indexes of those paragraphs;
        with `titles`, in its title. See `WordIndex.holding`.
        """
        found: dict[str, list[int]] = {}
        for hit in self._words.holding(groups, window.since, window.until, titles=titles):
            found.setdefault(hit.release_id, []).append(hit.index)
        return {release_id: sorted(indexes) for release_id, indexes in found.items()}

    def of_day(self, month: int, day: int, year: int | None = None, window: Window = EVERYTHING) -> list[Release]:
        """The releases of a day, without their paragraphs; without a year, of the latest year that has any."""
        span = self.span()
        if span.since is None or span.until is None:
            return []
        for one in (year,) if year else range(span.until.year, span.since.year - 1, -1):
            try:
                when = date(one, month, day)
            except ValueError:
                continue
            if (window.since or when) <= when <= (window.until or when) and (
                releases := self.catalogue.listing(when, when)
            ):
                return releases
        return []

    def paragraphs_with(self, term: str) -> int:
        """In how many paragraphs a term (see `vectorstore.language.terms`) stands."""
        return self._words.paragraphs_with(term)

    def paragraph_count(self) -> int:
        """How many paragraphs are indexed."""
        return self._words.count()


def _matches(hits: Sequence[Hit], releases: dict[str, Release]) -> list[Match]:
    """Hits with their texts. A hit on a paragraph that was removed a moment ago is left out."""
    found = []
    for hit in hits:
        release = releases.get(hit.release_id)
        paragraph = next((p for p in release.paragraphs if p.index == hit.index), None) if release else None
        if release and paragraph:
            found.append(Match(release, paragraph, hit.score))
    return found


def open_catalogue(data: Path | str, url: str | None = None) -> Catalogue:
    """The catalogue of a data folder, or the database at `url`; enough to list and show, and open at once.

    Raises ValueError for an address that is none, one whose driver is not installed, and a damaged catalogue.
    """
    folder = Path(data)
    with in_plain_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return _database(url or f"sqlite:///{folder / _CATALOGUE}")


def _database(url: str) -> Catalogue:
    try:
        return Catalogue(url)
    except ArgumentError as error:
        # A password may follow.
        named = url.partition("://")[0]
        raise ValueError(
            f"{named!r} is no database to keep the catalogue in ({error}); it is one like "
            "postgresql+psycopg://HOST/NAME, or none for the data folder's own"
        ) from error
    except ModuleNotFoundError as error:
        raise ValueError(
            f"the catalogue's database needs {error.name}, which is not installed: install it, or name another "
            "driver in its address, as in postgresql+psycopg://HOST/NAME"
        ) from error


@contextmanager
def open_rehearsal(data: Path | str, url: str | None = None) -> Iterator[Catalogue]:
    """A copy of the catalogue of a data folder, or of the database at `url`, to try on it what would happen; the copy
    goes at the end. In the data folder, which need not be there, nothing is written. Errors as of `open_catalogue`.
    """
    kept = Path(data) / _CATALOGUE
    with TemporaryDirectory(prefix="communique-") as folder, in_plain_words(Path(folder)):
        copy = Path(folder) / _CATALOGUE
        if url:
            with closing(_database(url)) as database:
                database.copy(copy)
        elif kept.exists():
            copy_file(kept, copy)
        with closing(_database(f"sqlite:///{copy}")) as rehearsed:
            yield rehearsed


def open_store(
    data: Path | str,
    *,
    embedding: str = DEFAULT_EMBEDDING,
    catalogue: str | None = None,
    vectors: str | None = None,
) -> ReleaseStore:
    """The store in a data folder, made when it is missing.

    `catalogue` is a database URL and `vectors` a Chroma server's address where they do not lie in the folder.
    Raises WrongEmbeddingModel when the vectors were made by another model, and OSError for a folder that cannot be
    used: CannotWrite where its disk is full or it must not be written.
    """
    folder = Path(data)
    database = open_catalogue(folder, catalogue)
    embedder = open_embedder(embedding)
    repair = f"communique reindex --data {folder} --embedding {embedder.name}"
    with in_plain_words(folder):
        vector_index = open_vectors(vectors or str(folder / _VECTORS), embedder, repair=repair)
        words = WordIndex(folder / _WORDS)
    return ReleaseStore(database, vector_index, words, embedder, folder)


def reindex(
    data: Path | str,
    progress: Progress = quiet,
    *,
    embedding: str = DEFAULT_EMBEDDING,
    catalogue: str | None = None,
    vectors: str | None = None,
    waiting: Waiting = silently,
) -> int:
    """Make vectors and words anew from the catalogue, also for another embedding model; returns of how many releases.

    The new ones take the place of the old ones when they are whole: until then questions are answered from those, and
    a process that is killed leaves them as they are. Arguments and errors are those of `open_store` and
    `ReleaseStore.alone`; there must be room for both.
    """
    folder = Path(data)
    database = open_catalogue(folder, catalogue)
    embedder = open_embedder(embedding)
    with Lock(folder, _INDEXES).held(since_now("making the indexes anew"), waiting):
        vector_index = open_vectors(vectors or str(folder / _VECTORS), embedder, anew=True)
        words = WordIndex(folder / f"{_WORDS}.next", fresh=True)
        done, total = 0, database.span().releases
        for ids in portions(database.ids(), _BATCH):
            releases = database.get_many(ids)
            vector_index.replace(releases.values())
            words.replace(releases.values())
            done += len(ids)
            progress("Indexing", done, total)
        vector_index.take_place()
        words.take_place(folder / _WORDS)
        marked = database.to_index(database.to_index_count())
        database.indexed(database.get_many(marked), marked)
    database.close()
    return done
