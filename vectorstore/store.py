"""Put releases in, get them back, find them: catalogue, vectors and words kept in agreement."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout
from sqlalchemy.exc import ArgumentError

from vectorstore.agreement import Disagreement, disagreements
from vectorstore.catalogue import Catalogue, Span
from vectorstore.embeddings import DEFAULT_EMBEDDING, Embedder, open_embedder
from vectorstore.language import terms
from vectorstore.recording import Outcome, Reading, portions
from vectorstore.release import Match, Release
from vectorstore.trouble import in_plain_words
from vectorstore.vectors import VectorIndex, open_vectors
from vectorstore.words import Hit, WordIndex

# Releases indexed between two commits: enough to fill the model's batches, few enough to lose little when killed.
_BATCH = 32
# Where what lies in a data folder.
_LOCK, _VECTORS, _WORDS = "writing.lock", "vectors", "words"

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
    finishes marks that an earlier process left.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        vectors: VectorIndex,
        words: WordIndex,
        embedder: Embedder,
        lock: FileLock,
        folder: Path,
    ) -> None:
        self.catalogue = catalogue
        self.embedder = embedder
        self._vectors = vectors
        self._words = words
        self._lock = lock
        self._folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.catalogue.close()

    @contextmanager
    def alone(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Nobody else writes meanwhile. `waiting` is called when another process does, before it is waited for.

        Raises CannotWrite when the disk is full or the folder must not be written.
        """
        with _alone(self._folder, self._lock, waiting):
            yield

    def put(self, releases: Iterable[Release], origin: str = "") -> list[Outcome]:
        """Add new releases, make new versions of changed ones, leave the rest; findable when this returns."""
        with self.alone():
            outcomes = self.record((release, origin) for release in releases)
            self.catch_up()
        return outcomes

    def record(self, releases: Iterable[tuple[Release, str]]) -> list[Outcome]:
        """`put` of releases given with their origins, without indexing; call `catch_up` when all are recorded."""
        with self.alone():
            return self.catalogue.put(Reading(r, origin, page=origin, own_id=True) for r, origin in releases)

    def remove(self, release_id: str, waiting: Callable[[], None] = lambda: None) -> bool:
        """Delete a release with all its versions; false when there is none of that id."""
        with self.alone(waiting):
            removed = self.catalogue.remove(release_id)
            self.catch_up()
        return removed

    def set_date(self, release_id: str, day: date | None, waiting: Callable[[], None] = lambda: None) -> bool:
        """Date a release by hand, which no later reading undoes; None goes back to the date that was read. False when
        there is none of that id.
        """
        with self.alone(waiting):
            known = self.catalogue.set_date(release_id, day)
            self.catch_up()
        return known

    def catch_up(self, progress: Progress = quiet, *, wait: bool = True) -> int:
        """Index what the catalogue marks; returns how many releases that were.

        Without `wait`, nothing is done when another process is writing: that one finishes the marks.
        """
        if not wait and not self._is_free():
            return 0
        # Two processes must not index at once: the second one waits here, then finds less to do.
        with self.alone():
            self._refill()
            done, total = 0, self.catalogue.to_index_count()
            while ids := self.catalogue.to_index(_BATCH):
                releases = self.catalogue.get_many(ids)
                gone = [i for i in ids if i not in releases]
                self._vectors.replace(releases.values(), gone)
                self._words.replace(releases.values(), gone)
                self.catalogue.indexed(releases, ids)
                done += len(ids)
                progress("Indexing", done, max(total, done))
            while compared := self.catalogue.relate(_BATCH):
                progress("Comparing", compared, None)
        return done

    def _is_free(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        self._lock.release()
        return True

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

    def paragraphs_with(self, term: str) -> int:
        """In how many paragraphs a term (see `vectorstore.language.terms`) stands."""
        return self._words.paragraphs_with(term)

    def paragraph_count(self) -> int:
        """How many paragraphs are indexed."""
        return self._words.count()


@contextmanager
def _alone(folder: Path, lock: FileLock, waiting: Callable[[], None]) -> Iterator[None]:
    with in_plain_words(folder):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


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
        try:
            return Catalogue(url or f"sqlite:///{folder / 'catalogue.sqlite'}")
        except ArgumentError as error:
            # A password may follow.
            named = (url or "").partition("://")[0]
            raise ValueError(
                f"{named!r} is no database to keep the catalogue in ({error}); it is one like "
                "postgresql+psycopg://HOST/NAME, or none for the data folder's own"
            ) from error
        except ModuleNotFoundError as error:
            raise ValueError(
                f"the catalogue's database needs {error.name}, which is not installed: install it, or name another "
                "driver in its address, as in postgresql+psycopg://HOST/NAME"
            ) from error


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
        lock = FileLock(folder / _LOCK)
        vector_index = open_vectors(vectors or str(folder / _VECTORS), embedder, repair=repair)
        words = WordIndex(folder / _WORDS)
    return ReleaseStore(database, vector_index, words, embedder, lock, folder)


def reindex(
    data: Path | str,
    progress: Progress = quiet,
    *,
    embedding: str = DEFAULT_EMBEDDING,
    catalogue: str | None = None,
    vectors: str | None = None,
    waiting: Callable[[], None] = lambda: None,
) -> int:
    """Make vectors and words anew from the catalogue, also for another embedding model; returns of how many releases.

    The new ones take the place of the old ones when they are whole: until then questions are answered from those, and
    a process that is killed leaves them as they are. Arguments and errors are those of `open_store` and
    `ReleaseStore.alone`; there must be room for both.
    """
    folder = Path(data)
    database = open_catalogue(folder, catalogue)
    embedder = open_embedder(embedding)
    with in_plain_words(folder):
        lock = FileLock(folder / _LOCK)
        address = vectors or str(folder / _VECTORS)
    with _alone(folder, lock, waiting):
        vector_index = open_vectors(address, embedder, anew=True)
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
