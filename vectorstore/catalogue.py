"""Keep every release and version in a database: the truth that vectors and words are derived from."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from sqlalchemy import Engine, ForeignKey, Index, create_engine, delete, event, func, select, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from vectorstore.release import Note, Paragraph, Release

Outcome = Literal["added", "changed", "unchanged"]
# A column named `date` hides the class of that name inside its table.
_Day = date


class _Table(DeclarativeBase):
    pass


class _Release(_Table):
    __tablename__ = "releases"
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    fingerprint: Mapped[str]
    # Copied from the current version, since questions narrow by date and lists show titles.
    title: Mapped[str]
    date: Mapped[_Day | None] = mapped_column(index=True)


class _Version(_Table):
    __tablename__ = "versions"
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    date: Mapped[_Day | None]
    date_source: Mapped[str]
    url: Mapped[str | None]
    language: Mapped[str]
    read_at: Mapped[datetime]


class _Paragraph(_Table):
    __tablename__ = "paragraphs"
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    numbered: Mapped[bool]
    text: Mapped[str]
    notes: Mapped[str]


class _Origin(_Table):
    """Where a release was read from; the same release can come from several places."""

    __tablename__ = "origins"
    origin: Mapped[str] = mapped_column(primary_key=True)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    read_at: Mapped[datetime]


class _ToIndex(_Table):
    """Releases whose vectors and words do not yet say what the catalogue says. No foreign key: removed ones stand
    here too.
    """

    __tablename__ = "to_index"
    release_id: Mapped[str] = mapped_column(primary_key=True)


Index("paragraphs_by_number", _Paragraph.release_id, _Paragraph.number)


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


class Catalogue:
    """Releases, versions, paragraphs and origins in one database. Each method is one transaction."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _careful_sqlite)
        _Table.metadata.create_all(self.engine)

    def close(self) -> None:
        self.engine.dispose()

    def put(self, releases: Iterable[tuple[Release, str]]) -> list[Outcome]:
        """Record each release, given with its origin, as a new one, a new version, or nothing new; mark what to
        index.
        """
        now = datetime.now(UTC)
        with Session(self.engine) as session, session.begin():
            return [self._put_one(session, release, origin, now) for release, origin in releases]

    def _put_one(self, session: Session, release: Release, origin: str, now: datetime) -> Outcome:
        known = session.get(_Release, release.id)
        if known is None:
            version = 1
            session.add(
                _Release(
                    id=release.id, version=1, fingerprint=release.fingerprint, title=release.title, date=release.date
                )
            )
            # The rows below point at this one; without relationships the session would not know to write it first.
            session.flush()
        elif known.fingerprint == release.fingerprint:
            session.merge(_Origin(origin=origin, release_id=release.id, read_at=now))
            return "unchanged"
        else:
            version = known.version + 1
            known.version, known.fingerprint = version, release.fingerprint
            known.title, known.date = release.title, release.date
        session.merge(_Origin(origin=origin, release_id=release.id, read_at=now))
        session.merge(_ToIndex(release_id=release.id))
        session.add(
            _Version(
                release_id=release.id,
                version=version,
                title=release.title,
                date=release.date,
                date_source=release.date_source,
                url=release.url,
                language=release.language,
                read_at=now,
            )
        )
        session.add_all(
            _Paragraph(
                release_id=release.id,
                version=version,
                index=p.index,
                number=p.number,
                numbered=p.numbered,
                text=p.text,
                notes=json.dumps([[n.marker, n.start, n.end] for n in p.notes], ensure_ascii=False),
            )
            for p in release.paragraphs
        )
        return "added" if known is None else "changed"

    def remove(self, release_id: str) -> bool:
        """Delete a release with all its versions; false when there is none of that id."""
        with Session(self.engine) as session, session.begin():
            known = session.get(_Release, release_id)
            if known is None:
                return False
            session.delete(known)
            session.merge(_ToIndex(release_id=release_id))
            return True

    def get(self, release_id: str, version: int | None = None) -> Release | None:
        """A release as it reads now, or as it read in an earlier version."""
        if version is None:
            return self.get_many([release_id]).get(release_id)
        with Session(self.engine) as session:
            row = session.get(_Version, (release_id, version))
            return None if row is None else self._read(session, [row])[0]

    def get_many(self, release_ids: Sequence[str]) -> dict[str, Release]:
        """The current versions of these releases, by id; those that are not there are left out."""
        current = (
            select(_Version)
            .join(_Release, (_Release.id == _Version.release_id) & (_Release.version == _Version.version))
            .where(_Release.id.in_(set(release_ids)))
        )
        with Session(self.engine) as session:
            return {r.id: r for r in self._read(session, list(session.scalars(current)))}

    def _read(self, session: Session, versions: Sequence[_Version]) -> list[Release]:
        wanted = [(v.release_id, v.version) for v in versions]
        paragraphs: dict[tuple[str, int], list[Paragraph]] = {key: [] for key in wanted}
        query = (
            select(_Paragraph)
            .where(tuple_(_Paragraph.release_id, _Paragraph.version).in_(wanted))
            .order_by(_Paragraph.index)
        )
        for row in session.scalars(query):
            notes = tuple(Note(*n) for n in json.loads(row.notes))
            paragraphs[row.release_id, row.version].append(
                Paragraph(row.index, row.number, row.numbered, row.text, notes)
            )
        return [
            Release(
                id=v.release_id,
                title=v.title,
                date=v.date,
                url=v.url,
                language=v.language,
                paragraphs=tuple(paragraphs[v.release_id, v.version]),
                date_source=v.date_source,
                version=v.version,
            )
            for v in versions
        ]

    def versions(self, release_id: str) -> list[Version]:
        """Every reading of a release, oldest first; empty when it is not known."""
        query = select(_Version).where(_Version.release_id == release_id).order_by(_Version.version)
        with Session(self.engine) as session:
            return [Version(v.version, v.title, v.date, v.read_at) for v in session.scalars(query)]

    def origins(self, release_id: str) -> list[str]:
        """Where a release was read from."""
        query = select(_Origin.origin).where(_Origin.release_id == release_id).order_by(_Origin.origin)
        with Session(self.engine) as session:
            return list(session.scalars(query))

    def listing(self) -> list[Release]:
        """Every release without its paragraphs, newest first, undated ones last."""
        query = (
            select(_Version)
            .join(_Release, (_Release.id == _Version.release_id) & (_Release.version == _Version.version))
            .order_by(_Version.date.is_(None), _Version.date.desc(), _Version.release_id)
        )
        with Session(self.engine) as session:
            return [
                Release(v.release_id, v.title, v.date, v.url, v.language, (), v.date_source, v.version)
                for v in session.scalars(query)
            ]

    def ids(self) -> Iterator[str]:
        """The ids of all releases, in order."""
        with Session(self.engine) as session:
            yield from session.scalars(select(_Release.id).order_by(_Release.id))

    def paragraph_count(self) -> int:
        """How many paragraphs the current versions hold."""
        query = select(func.count()).select_from(
            select(_Paragraph.index)
            .join(_Release, (_Release.id == _Paragraph.release_id) & (_Release.version == _Paragraph.version))
            .subquery()
        )
        with Session(self.engine) as session:
            return session.scalar(query) or 0

    def span(self, since: date | None = None, until: date | None = None) -> Span:
        """How many releases lie between two days, both included; without days, all of them, undated ones too."""
        query = select(func.count(), func.min(_Release.date), func.max(_Release.date))
        if since:
            query = query.where(_Release.date >= since)
        if until:
            query = query.where(_Release.date <= until)
        with Session(self.engine) as session:
            count, first, last = session.execute(query).one()
        return Span(count, first, last)

    def to_index(self, limit: int) -> list[str]:
        """Up to `limit` ids of releases whose vectors and words are behind."""
        with Session(self.engine) as session:
            return list(session.scalars(select(_ToIndex.release_id).order_by(_ToIndex.release_id).limit(limit)))

    def to_index_count(self) -> int:
        with Session(self.engine) as session:
            return session.scalar(select(func.count()).select_from(_ToIndex)) or 0

    def indexed(self, releases: dict[str, Release], ids: Sequence[str]) -> None:
        """Clear the marks of `ids`, but not of a release that has changed since `releases` was read."""
        with Session(self.engine) as session, session.begin():
            now = {
                r.id: r.version
                for r in session.execute(select(_Release.id, _Release.version).where(_Release.id.in_(ids)))
            }
            settled = [i for i in ids if now.get(i) == (releases[i].version if i in releases else None)]
            session.execute(delete(_ToIndex).where(_ToIndex.release_id.in_(settled)))

    def mark_all(self) -> None:
        """Mark every release, so that vectors and words are made anew."""
        with Session(self.engine) as session, session.begin():
            session.execute(delete(_ToIndex))
            session.execute(_ToIndex.__table__.insert().from_select(["release_id"], select(_Release.id)))  # type: ignore[attr-defined]  # a Table


def _careful_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # the driver's own connection
    cursor.execute("PRAGMA foreign_keys=ON")
    # Readers go on while one ingest writes; a second writer waits for half a minute instead of failing.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()
