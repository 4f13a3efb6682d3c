"""Keep what was read where: the sources that a user named, their pages, what servers said, what is gone from there."""

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from vectorstore.database import Database, utc_now
from vectorstore.recording import portions
from vectorstore.tables import FetchRow, OriginRow, PageRow, ReleaseRow, RemovedRow, SourceRow


@dataclass(frozen=True)
class Origin:
    """Where a release was read from; `gone_at` is when it was found not to stand there any more."""

    origin: str
    read_at: datetime
    gone_at: datetime | None = None


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


class Origins(Database):
    """The part of the catalogue that keeps releases in step with their sources."""

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

    def origins(self, release_id: str) -> list[str]:
        """Where a release was read from."""
        return [place.origin for place in self.places(release_id)]

    def places(self, release_id: str) -> list[Origin]:
        """Where a release was read from and when, and whether it is still there."""
        query = select(OriginRow).where(OriginRow.release_id == release_id).order_by(OriginRow.origin)
        with self._reading() as session:
            return [Origin(o.origin, o.read_at, o.gone_at) for o in session.scalars(query)]


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
