"""Keep every release and version in a database: the truth that vectors and words are derived from."""

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    ExceptionContext,
    Select,
    create_engine,
    delete,
    event,
    exists,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session, aliased

from vectorstore.address import canonical_address
from vectorstore.likeness import NEAR, bands, likeness, packed, signature, unpacked
from vectorstore.migrations import CURRENT, form_of, migrate
from vectorstore.recording import Outcome, Reading, Recording, Remarks, portions
from vectorstore.release import Note, Paragraph, Release
from vectorstore.tables import (
    BandRow,
    FetchRow,
    NameRow,
    NearRow,
    OriginRow,
    PageRow,
    ParagraphRow,
    ReleaseRow,
    RemovedRow,
    SignatureRow,
    SourceRow,
    ToIndexRow,
    VersionRow,
)

# PostgreSQL lets one transaction at a time hold this; SQLite has a lock of its own.
_WRITERS_LOCK = 0x636F6D6D
# A release whose text is a form that hundreds share is linked to so many of them, the most alike.
_NEAR_AT_MOST = 50


@dataclass(frozen=True)
class Version:
    """One reading of a release: when it was read and under which title."""

    version: int
    title: str
    date: date | None
    read_at: datetime


@dataclass(frozen=True)
class Span:
    """How many releases there are in a window of dates, and the first and last date among them."""

    releases: int
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Origin:
    """Where a release was read from; `gone_at` is when it was found not to stand there any more."""

    origin: str
    read_at: datetime
    gone_at: datetime | None = None


@dataclass(frozen=True)
class NearDuplicate:
    """A release with nearly the same text; `likeness` estimates the share of word runs that they have in common."""

    release_id: str
    likeness: float


@dataclass(frozen=True)
class Source:
    """What a user named to be ingested, and how; `read_at` is when it was last read to its end."""

    source: str
    options: Mapping[str, Any]
    added_at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True)
class PageState:
    """What a file or address was like when its releases were recorded.

    `reader` stands for the code that parsed it, and `failures` are what it could not read, as (origin, reason).
    """

    page: str
    source: str
    sha256: str
    reader: str
    read_at: datetime
    failures: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class FetchState:
    """What a server said of an address when it was last fetched, for asking whether it has changed since."""

    url: str
    etag: str | None
    last_modified: str | None
    content_hash: str
    fetched_at: datetime


class Catalogue:
    """Releases, versions, paragraphs, and where they came from, in one database. Each method is one transaction.

    Raises CatalogueTooNew for a catalogue of a later version; one of an earlier version is brought up to date. A
    catalogue that is damaged, there or in any method, raises ValueError.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url)
        event.listen(self.engine, "handle_error", _in_plain_words)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _careful_sqlite)
        event.listen(self.engine, "begin", _begin)
        self._writing_engine = self.engine.execution_options(writes=True)
        self._rehearsal: Connection | None = None
        with self.engine.connect() as connection:
            form = form_of(connection)
        if form != CURRENT:
            with self._writing_engine.begin() as connection:
                # Another process may have done it while this one waited for its turn.
                if form_of(connection) != CURRENT:
                    migrate(connection)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        """One moment's state of everything: what others write meanwhile is not seen."""
        with Session(self._rehearsal or self.engine, join_transaction_mode="create_savepoint") as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """One transaction, kept as a whole or not at all; writers take turns."""
        with (
            Session(self._rehearsal or self._writing_engine, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Everything done to the catalogue meanwhile is seen here only, and forgotten at the end. For one thread."""
        with self._writing_engine.connect() as connection, connection.begin() as transaction:
            self._rehearsal = connection
            try:
                yield
            finally:
                self._rehearsal = None
                transaction.rollback()

    # Releases

    def put(
        self,
        readings: Iterable[Reading],
        now: datetime | None = None,
        *,
        again: bool = True,
        remark: Remarks = lambda origin, reason: None,
    ) -> list[Outcome]:
        """Record each reading as a new release, a new version, or nothing new, and mark what to index.

        `now` tells runs apart: the same for all that one run puts. Without `again`, what was removed on request stays
        away. `remark` is called with the origin of each reading that had to take another id, and why.
        """
        with self._writing() as session:
            return Recording(session, now or utc_now(), remark, again=again).put(readings)

    def remove(self, release_id: str) -> bool:
        """Delete a release with all its versions; false when there is none of that id or name.

        Its names are kept, so that `sync` does not bring it back; naming its source to `ingest` does.
        """
        with self._writing() as session:
            known = _resolved(session, release_id)
            if known is None:
                return False
            now = utc_now()
            names = {known.id, *session.scalars(select(NameRow.name).where(NameRow.release_id == known.id))}
            pages = session.scalars(select(OriginRow.page).where(OriginRow.release_id == known.id).distinct())
            there = json.dumps([page for page in pages if page], ensure_ascii=False)
            for name in names:
                session.merge(RemovedRow(name=name, removed_at=now, pages=there))
            session.merge(ToIndexRow(release_id=known.id))
            session.delete(known)
            return True

    def set_date(self, release_id: str, day: date | None) -> bool:
        """Date a release by hand, or with None go back to the date that was read; false when it is not known."""
        with self._writing() as session:
            known = _resolved(session, release_id)
            if known is None:
                return False
            current = session.get_one(VersionRow, (known.id, known.version))
            known.dated_by_hand = day
            known.date = day or current.date
            session.merge(ToIndexRow(release_id=known.id))
            return True

    def resolve(self, name: str) -> str | None:
        """The id of the release that goes by this id, former id or address; None when there is none."""
        with self._reading() as session:
            known = _resolved(session, name)
            return known.id if known else None

    def get(self, release_id: str, version: int | None = None) -> Release | None:
        """A release as it reads now, or as it read in an earlier version. A former id or its address will do."""
        with self._reading() as session:
            known = _resolved(session, release_id)
            if known is None:
                return None
            row = session.get(VersionRow, (known.id, known.version if version is None else version))
            return None if row is None else self._read(session, [(row, known)])[0]

    def get_many(self, release_ids: Sequence[str]) -> dict[str, Release]:
        """The current versions of these releases, by id; those that are not there are left out."""
        with self._reading() as session:
            found = [
                pair
                for ids in portions(set(release_ids))
                for pair in session.execute(_current().where(ReleaseRow.id.in_(ids)))
            ]
            return {r.id: r for r in self._read(session, found)}

    def _read(self, session: Session, found: Sequence[tuple[VersionRow, ReleaseRow]]) -> list[Release]:
        wanted = [(v.release_id, v.version) for v, _ in found]
        paragraphs: dict[tuple[str, int], list[Paragraph]] = {key: [] for key in wanted}
        for keys in portions(wanted):
            query = (
                select(
                    ParagraphRow.release_id,
                    ParagraphRow.version,
                    ParagraphRow.index,
                    ParagraphRow.number,
                    ParagraphRow.numbered,
                    ParagraphRow.text,
                    ParagraphRow.notes,
                )
                .where(tuple_(ParagraphRow.release_id, ParagraphRow.version).in_(keys))
                .order_by(ParagraphRow.index)
            )
            for release_id, version, index, number, numbered, words, notes in session.execute(query):
                paragraphs[release_id, version].append(
                    Paragraph(index, number, numbered, words, tuple(Note(*n) for n in json.loads(notes)))
                )
        return [_release(v, r, tuple(paragraphs[v.release_id, v.version])) for v, r in found]

    def versions(self, release_id: str) -> list[Version]:
        """Every reading of a release, oldest first; empty when it is not known."""
        query = select(VersionRow).where(VersionRow.release_id == release_id).order_by(VersionRow.version)
        with self._reading() as session:
            return [Version(v.version, v.title, v.date, v.read_at) for v in session.scalars(query)]

    def origins(self, release_id: str) -> list[str]:
        """Where a release was read from."""
        return [place.origin for place in self.places(release_id)]

    def places(self, release_id: str) -> list[Origin]:
        """Where a release was read from and when, and whether it is still there."""
        query = select(OriginRow).where(OriginRow.release_id == release_id).order_by(OriginRow.origin)
        with self._reading() as session:
            return [Origin(o.origin, o.read_at, o.gone_at) for o in session.scalars(query)]

    def listing(self, since: date | None = None, until: date | None = None) -> list[Release]:
        """Every release without its paragraphs, newest first, undated ones last; with days, those from one to the
        other, both included.
        """
        query = _current().order_by(ReleaseRow.date.is_(None), ReleaseRow.date.desc(), ReleaseRow.id)
        if since:
            query = query.where(ReleaseRow.date >= since)
        if until:
            query = query.where(ReleaseRow.date <= until)
        with self._reading() as session:
            return [_release(v, r, ()) for v, r in session.execute(query)]

    def ids(self) -> Iterator[str]:
        """The ids of all releases, in order."""
        with self._reading() as session:
            yield from session.scalars(select(ReleaseRow.id).order_by(ReleaseRow.id))

    def paragraph_count(self) -> int:
        """How many paragraphs the current versions hold."""
        query = select(func.count()).select_from(
            select(ParagraphRow.index)
            .join(ReleaseRow, (ReleaseRow.id == ParagraphRow.release_id) & (ReleaseRow.version == ParagraphRow.version))
            .subquery()
        )
        with self._reading() as session:
            return session.scalar(query) or 0

    def span(self, since: date | None = None, until: date | None = None) -> Span:
        """How many releases lie between two days, both included; without days, all of them, undated ones too."""
        query = select(func.count(), func.min(ReleaseRow.date), func.max(ReleaseRow.date))
        if since:
            query = query.where(ReleaseRow.date >= since)
        if until:
            query = query.where(ReleaseRow.date <= until)
        with self._reading() as session:
            count, first, last = session.execute(query).one()
        return Span(count, first, last)

    # Near-duplicates

    def near_duplicates(self, release_ids: Sequence[str]) -> dict[str, list[NearDuplicate]]:
        """For each of these releases those with nearly the same text, most alike first; none where there are none."""
        found: dict[str, list[NearDuplicate]] = {}
        with self._reading() as session:
            for ids in portions(set(release_ids)):
                query = (
                    select(NearRow)
                    .where(NearRow.release_id.in_(ids))
                    .order_by(NearRow.likeness.desc(), NearRow.other_id)
                )
                for row in session.scalars(query):
                    found.setdefault(row.release_id, []).append(NearDuplicate(row.other_id, row.likeness))
        return found

    def relate(self, limit: int) -> int:
        """Compare up to `limit` releases that are not compared yet with all others; returns how many those were.

        Only their signatures are compared, and only with those that share a band of it: no other text is read.
        """
        fresh = (
            select(ReleaseRow.id)
            .outerjoin(SignatureRow, SignatureRow.release_id == ReleaseRow.id)
            .where(SignatureRow.number.is_(None))
            .order_by(ReleaseRow.id)
            .limit(limit)
        )
        with self._reading() as session:
            ids = list(session.scalars(fresh))
        if not ids:
            return 0
        releases = self.get_many(ids)
        made = {i: (r.version, signature(p.text for p in r.paragraphs)) for i, r in releases.items()}
        with self._writing() as session:
            now = {
                row.id: row.version
                for row in session.execute(select(ReleaseRow.id, ReleaseRow.version).where(ReleaseRow.id.in_(ids)))
            }
            # Removed or corrected since its text was read: its turn comes again.
            rows = [
                SignatureRow(release_id=release_id, signature=packed(numbers))
                for release_id, (version, numbers) in made.items()
                if now.get(release_id) == version
            ]
            session.add_all(rows)
            session.flush()
            self._link(session, rows)
        return len(ids)

    def _link(self, session: Session, rows: Sequence[SignatureRow]) -> None:
        """Link fresh signatures with whatever is near among all."""
        fresh = {row.number: row for row in rows}
        found = [
            {"band": band, "number": number}
            for number, row in fresh.items()
            for band in set(bands(unpacked(row.signature)))
        ]
        if not found:
            return
        session.execute(insert(BandRow), found)
        mine, other = aliased(BandRow), aliased(BandRow)
        shared = (
            select(mine.number, other.number, SignatureRow.release_id, SignatureRow.signature)
            .join(other, (other.band == mine.band) & (other.number != mine.number))
            .join(SignatureRow, SignatureRow.number == other.number)
            .where(mine.number.in_(fresh))
            .distinct()
        )
        alike: dict[int, list[tuple[float, str]]] = defaultdict(list)
        for number, _, release_id, kept in session.execute(shared):
            share = likeness(unpacked(fresh[number].signature), unpacked(kept))
            if share >= NEAR:
                alike[number].append((share, release_id))
        pairs = {
            pair: share
            for number, near in alike.items()
            for share, release_id in sorted(near, key=lambda one: (-one[0], one[1]))[:_NEAR_AT_MOST]
            for pair in ((fresh[number].release_id, release_id), (release_id, fresh[number].release_id))
        }
        if pairs:
            session.execute(
                insert(NearRow),
                [{"release_id": a, "other_id": b, "likeness": share} for (a, b), share in pairs.items()],
            )

    # What is to be indexed

    def to_index(self, limit: int) -> list[str]:
        """Up to `limit` ids of releases whose vectors and words are behind."""
        with self._reading() as session:
            return list(session.scalars(select(ToIndexRow.release_id).order_by(ToIndexRow.release_id).limit(limit)))

    def to_index_count(self) -> int:
        with self._reading() as session:
            return session.scalar(select(func.count()).select_from(ToIndexRow)) or 0

    def indexed(self, releases: dict[str, Release], ids: Sequence[str]) -> None:
        """Clear the marks of `ids`, but not of a release that has changed since `releases` was read."""
        with self._writing() as session:
            now = {
                v.release_id: (r.version, r.date) for v, r in session.execute(_current().where(ReleaseRow.id.in_(ids)))
            }
            settled = [
                i for i in ids if now.get(i) == ((releases[i].version, releases[i].date) if i in releases else None)
            ]
            session.execute(delete(ToIndexRow).where(ToIndexRow.release_id.in_(settled)))

    def mark(self, release_ids: Iterable[str]) -> None:
        """Mark releases, also removed ones, so that vectors and words are put right for them."""
        with self._writing() as session:
            for release_id in release_ids:
                session.merge(ToIndexRow(release_id=release_id))

    def mark_all(self) -> None:
        """Mark every release, so that vectors and words are made anew."""
        with self._writing() as session:
            session.execute(delete(ToIndexRow))
            session.execute(insert(ToIndexRow).from_select(["release_id"], select(ReleaseRow.id)))

    # Sources, and what was read from them

    def sources(self) -> list[Source]:
        """What was named to be ingested, in the order in which it was named first."""
        with self._reading() as session:
            rows = session.scalars(select(SourceRow).order_by(SourceRow.added_at, SourceRow.source))
            return [Source(r.source, json.loads(r.options), r.added_at, r.read_at) for r in rows]

    def keep_source(self, source: str, options: Mapping[str, Any], within: str | None = None) -> None:
        """Remember a source for `sync`, with the options that it was last named with. With `within`, the sources
        whose names begin so are parts of this one, and go.
        """
        with self._writing() as session:
            known = session.get(SourceRow, source)
            if known is None:
                known = SourceRow(source=source, added_at=utc_now())
                session.add(known)
            known.options = json.dumps(dict(options), ensure_ascii=False, sort_keys=True)
            if within:
                part = SourceRow.source.startswith(within, autoescape=True)
                session.execute(
                    update(PageRow).where(PageRow.source.startswith(within, autoescape=True)).values(source=source)
                )
                session.execute(delete(SourceRow).where(part))

    def forget_source(self, source: str) -> bool:
        """No longer read a source at `sync`; its releases stay. False when it was not among the sources."""
        with self._writing() as session:
            known = session.get(SourceRow, source)
            if known is None:
                return False
            session.delete(known)
            return True

    def pages_read(self, pages: Iterable[PageState], now: datetime, *, partly: Container[str] = ()) -> None:
        """All releases of these pages are recorded, in a run that began at `now`. What an earlier run read from one and
        this run did not is gone from there, unless it may be among what could not be read, or the page is one of which
        only a part was wanted.
        """
        with self._writing() as session:
            for page in pages:
                if not page.failures and page.page not in partly:
                    _gone(session, now, (OriginRow.page == page.page) & (OriginRow.read_at < now))
                session.merge(PageRow(**vars(page) | {"failures": json.dumps(page.failures, ensure_ascii=False)}))

    def pages_gone(self, pages: Iterable[str], now: datetime) -> None:
        """Files or addresses are no longer there, and with them what was read from them."""
        with self._writing() as session:
            for some in portions(pages):
                _gone(session, now, OriginRow.page.in_(some))
                session.execute(delete(PageRow).where(PageRow.page.in_(some)))

    def source_read(self, source: str, now: datetime) -> None:
        """A source was read to its end, in a run that began at `now`."""
        with self._writing() as session:
            session.execute(update(SourceRow).where(SourceRow.source == source).values(read_at=now))

    def withdraw(self, now: datetime) -> int:
        """Mark the releases that are gone from everywhere; returns how many those are. To be called when a run is over,
        since a release may have moved.
        """
        of_it = OriginRow.release_id == ReleaseRow.id
        # Version 0.1.0 kept no pages, and so cannot tell whether a release still stands there.
        there = exists().where(of_it, OriginRow.gone_at.is_(None), OriginRow.page.is_not(None))
        gone = exists().where(of_it, OriginRow.gone_at.is_not(None))
        with self._writing() as session:
            marked = session.scalars(
                update(ReleaseRow)
                .where(ReleaseRow.withdrawn.is_(None), gone, ~there)
                .values(withdrawn=now.date())
                .returning(ReleaseRow.id),
                execution_options={"synchronize_session": False},
            )
            return len(marked.all())

    def pages(self, source: str) -> dict[str, PageState]:
        """What the pages of a source were like when they were last read."""
        query = select(PageRow).where(PageRow.source == source)
        with self._reading() as session:
            return {row.page: _page_state(row) for row in session.scalars(query)}

    def page(self, page: str) -> PageState | None:
        """What a file or address was like when its releases were recorded; None when they are not."""
        with self._reading() as session:
            row = session.get(PageRow, page)
            return _page_state(row) if row else None

    def removed_from(self) -> set[str]:
        """The files and addresses that releases were read from which were since removed on request."""
        with self._reading() as session:
            return {page for pages in session.scalars(select(RemovedRow.pages)) for page in json.loads(pages)}

    def releases_on(self, pages: Iterable[str]) -> int:
        """How many readings of releases these files and addresses gave when they were last read."""
        with self._reading() as session:
            return sum(
                session.scalar(
                    select(func.count())
                    .select_from(OriginRow)
                    .where(OriginRow.page.in_(some), OriginRow.gone_at.is_(None))
                )
                or 0
                for some in portions(pages)
            )

    def fetch_state(self, url: str) -> FetchState | None:
        """What the server said when the address was last fetched; None when it was not."""
        with self._reading() as session:
            row = session.get(FetchRow, url)
            return FetchState(row.url, row.etag, row.last_modified, row.content_hash, row.fetched_at) if row else None

    def keep_fetch_state(
        self, url: str, *, etag: str | None, last_modified: str | None, content_hash: str, fetched_at: datetime
    ) -> None:
        """Remember what the server said of an address, in place of what it said before. The time is UTC."""
        with self._writing() as session:
            session.merge(
                FetchRow(
                    url=url,
                    etag=etag,
                    last_modified=last_modified,
                    content_hash=content_hash,
                    fetched_at=fetched_at.astimezone(UTC).replace(tzinfo=None) if fetched_at.tzinfo else fetched_at,
                )
            )

    def forget_fetch_state(self, url: str) -> None:
        """Have the address fetched anew, whether it changed or not."""
        with self._writing() as session:
            session.execute(delete(FetchRow).where(FetchRow.url == url))


def utc_now() -> datetime:
    """Now, as the catalogue keeps times: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _current() -> Select[VersionRow, ReleaseRow]:
    """The current version of every release."""
    return select(VersionRow, ReleaseRow).join(
        ReleaseRow, (ReleaseRow.id == VersionRow.release_id) & (ReleaseRow.version == VersionRow.version)
    )


def _release(version: VersionRow, row: ReleaseRow, paragraphs: tuple[Paragraph, ...]) -> Release:
    return Release(
        id=row.id,
        title=version.title,
        date=row.dated_by_hand or version.date,
        url=version.url,
        language=version.language,
        paragraphs=paragraphs,
        date_source="by hand" if row.dated_by_hand else version.date_source,
        version=version.version,
        event_date=version.event_date,
        withdrawn=row.withdrawn,
    )


def _resolved(session: Session, name: str) -> ReleaseRow | None:
    """The release of this id, former id or address."""
    if known := session.get(ReleaseRow, name):
        return known
    called = session.get(NameRow, name)
    if called is None and (address := canonical_address(name)) != name:
        return _resolved(session, address)
    return session.get(ReleaseRow, called.release_id) if called else None


def _gone(session: Session, now: datetime, where: ColumnElement[bool]) -> None:
    """Releases do not stand at these origins any more. Where one merely moved on its page, the old place is dropped."""
    stale = list(session.scalars(select(OriginRow).where(where, OriginRow.lasting, OriginRow.gone_at.is_(None))))
    for some in portions(stale):
        moved = set(
            session.execute(
                select(OriginRow.release_id, OriginRow.page).where(
                    OriginRow.release_id.in_({o.release_id for o in some}), OriginRow.read_at >= now
                )
            )
        )
        for origin in some:
            if (origin.release_id, origin.page) in moved:
                session.delete(origin)
            else:
                origin.gone_at = now


def _page_state(row: PageRow) -> PageState:
    failures = tuple((origin, reason) for origin, reason in json.loads(row.failures))
    return PageState(row.page, row.source, row.sha256, row.reader, row.read_at, failures)


def _begin(connection: Connection) -> None:
    """Open the transaction that a method is: for a writer with the lock that makes other writers wait."""
    writes = connection.get_execution_options().get("writes", False)
    if connection.dialect.name == "sqlite":
        # A deferred transaction that read first fails at once, not after its timeout, when another one wrote meanwhile.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes and connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def _in_plain_words(context: ExceptionContext) -> None:
    """Say of a file that SQLite cannot make sense of what to do, whenever it turns out."""
    said = str(context.original_exception)
    if any(words in said for words in _DAMAGED):
        file = context.engine.url.database if context.engine else "in this folder"
        raise ValueError(
            f"the catalogue {file} is damaged ({said}): put a copy of it back, or name another folder with --data"
        ) from context.original_exception


# SQLITE_CORRUPT and SQLITE_NOTADB, as SQLite words them.
_DAMAGED = ("database disk image is malformed", "file is not a database", "malformed database schema")


def _careful_sqlite(connection: Any, _record: object) -> None:
    # The driver's own idea of when a transaction begins leaves reads outside of any; `_begin` opens them instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    # Readers go on while one ingest writes; a second writer waits for half a minute instead of failing.
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
