"""Keep every release and version in a database: the truth that vectors and words are derived from."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from vectorstore.address import canonical_address
from vectorstore.database import utc_now
from vectorstore.likeness import packed, signature
from vectorstore.near import NearDuplicate, link, near_of
from vectorstore.origins import Origins
from vectorstore.recording import Outcome, Reading, Recording, Remarks, portions
from vectorstore.release import Note, Paragraph, Release
from vectorstore.tables import (
    NameRow,
    OriginRow,
    ParagraphRow,
    ReleaseRow,
    RemovedRow,
    SignatureRow,
    ToIndexRow,
    VersionRow,
)


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


class Catalogue(Origins):
    """Releases, versions, paragraphs, and where they came from, in one database. Each method is one transaction."""

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
        with self._reading() as session:
            return near_of(session, release_ids)

    def relate(self, limit: int) -> int:
        """Link up to `limit` releases that are not compared yet with those that say nearly the same; returns how many
        those were. Signatures are compared; the texts of other releases are not read.
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
            link(session, rows)
        return len(ids)

    # What is to be indexed

    def to_index(self, limit: int, among: Sequence[str] | None = None) -> list[str]:
        """Up to `limit` ids of releases whose vectors and words are behind; with `among`, of these few only."""
        marked = select(ToIndexRow.release_id).order_by(ToIndexRow.release_id).limit(limit)
        with self._reading() as session:
            return list(session.scalars(marked if among is None else marked.where(ToIndexRow.release_id.in_(among))))

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
