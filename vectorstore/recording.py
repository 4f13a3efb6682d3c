"""Decide what a reading is, a new release, a new version or nothing new, and write it down. One transaction's work."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count, islice
from typing import Any, Literal, TypeVar

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from vectorstore.address import canonical_address
from vectorstore.likeness import NEAR, Signature, content_key, likeness, signature
from vectorstore.release import Release
from vectorstore.tables import (
    NameRow,
    NearRow,
    OriginRow,
    ParagraphRow,
    ReleaseRow,
    RemovedRow,
    SignatureRow,
    Table,
    ToIndexRow,
    VersionRow,
)

# "returned" had been withdrawn and is there again, with the same text.
Outcome = Literal["added", "changed", "unchanged", "returned"]
# Boards post the same release some days apart; a yearly statement in the same words is another release.
_DAYS_APART = 7
_Value = TypeVar("_Value")
# Told the origin of a reading and what of it a user should look at.
Remarks = Callable[[str, str], None]


@dataclass(frozen=True)
class Reading:
    """A release as one origin gives it.

    `page` is the file or address that holds it, perhaps among others. `own_id` says that a record brought the id: such
    a release is never folded into another. `lasting` is false for an item of a feed, which shows only the latest.
    """

    release: Release
    origin: str
    page: str = ""
    own_id: bool = False
    lasting: bool = True


@dataclass
class _Facts:
    """What the current version of a known release says besides its text."""

    url: str | None
    day: date | None
    event_date: date | None


class Recording:
    """What is known of the releases that a batch is about, kept up to date while the batch is written.

    `now` is when a run began, the same for all its batches. Without `again`, releases that were removed on request stay
    away.
    `remark` is called for a release that had to take another id than its date and title make.
    """

    def __init__(self, session: Session, now: datetime, remark: Remarks, *, again: bool) -> None:
        self._session = session
        self._now = now
        self._remark = remark
        self._again = again
        self._readings: Sequence[tuple[Reading, str]] = ()
        self._known: dict[str, ReleaseRow] = {}
        self._facts: dict[str, _Facts] = {}
        self._names: dict[str, str] = {}
        self._by_content: dict[str, list[ReleaseRow]] = defaultdict(list)
        self._origins: dict[str, dict[str, OriginRow]] = defaultdict(dict)
        # By content key: a title like "Press Statement" brings the same texts to be compared again and again.
        self._signatures: dict[str, Signature] = {}
        # The releases that stood alone on a page of which the batch again has one reading, by page.
        self._alone: dict[str, str] = {}
        self._removed: set[str] = set()
        self._new: dict[type[Table], list[dict[str, Any]]] = defaultdict(list)
        self._to_index: set[str] = set()
        self._rewritten: set[str] = set()

    def put(self, readings: Iterable[Reading]) -> list[Outcome]:
        """Record a batch; the outcomes are in its order."""
        self._readings = [(r, content_key(r.release.title, (p.text for p in r.release.paragraphs))) for r in readings]
        self._look_up()
        outcomes = [self._put_one(*pair) for pair in self._readings]
        self._write()
        return outcomes

    def _look_up(self) -> None:
        session = self._session
        names = {name for reading, _ in self._readings for name in _names(reading.release)}
        for some in portions(names):
            called = select(NameRow.name, NameRow.release_id).where(NameRow.name.in_(some))
            self._names |= {row.name: row.release_id for row in session.execute(called)}
            if self._again:
                # Not what was removed since: whoever did it meant this run, too.
                before = RemovedRow.removed_at < self._now
                session.execute(delete(RemovedRow).where(RemovedRow.name.in_(some), before))
            self._removed |= set(session.scalars(select(RemovedRow.name).where(RemovedRow.name.in_(some))))
        readings_of = Counter(reading.page for reading, _ in self._readings)
        for some in portions(page for page, readings in readings_of.items() if page and readings == 1):
            stood_alone = (
                select(OriginRow.page, func.min(OriginRow.release_id).label("release_id"))
                .where(OriginRow.page.in_(some), OriginRow.gone_at.is_(None))
                .group_by(OriginRow.page)
                .having(func.count() == 1)
            )
            self._alone |= {row.page: row.release_id for row in session.execute(stood_alone) if row.page}
        for some in portions(names | set(self._names.values()) | set(self._alone.values())):
            self._know(session.scalars(select(ReleaseRow).where(ReleaseRow.id.in_(some))))
        for some in portions({content for _, content in self._readings}):
            self._know(session.scalars(select(ReleaseRow).where(ReleaseRow.content.in_(some))))
        self._look_up_facts(self._known)

    def _look_up_facts(self, release_ids: Iterable[str]) -> None:
        session = self._session
        for some in portions(release_ids):
            for origin in session.scalars(select(OriginRow).where(OriginRow.release_id.in_(some))):
                self._origins[origin.release_id][origin.origin] = origin
            current = (
                select(VersionRow.release_id, VersionRow.url, VersionRow.date, VersionRow.event_date)
                .join(ReleaseRow, (ReleaseRow.id == VersionRow.release_id) & (ReleaseRow.version == VersionRow.version))
                .where(ReleaseRow.id.in_(some))
            )
            for release_id, url, day, event_day in session.execute(current):
                self._facts[release_id] = _Facts(url, day, event_day)

    def _know(self, rows: Iterable[ReleaseRow]) -> None:
        for row in rows:
            if row.id not in self._known:
                self._known[row.id] = row
                self._by_content[row.content].append(row)

    def _put_one(self, reading: Reading, content: str) -> Outcome:
        made_up = reading.release.id
        reading = self._told_apart(reading, content)
        release = reading.release
        names = _names(release)
        if self._removed.intersection(names):
            return "unchanged"
        row = self._same(reading, content)
        if row is None:
            row = ReleaseRow(id=release.id, version=1, own_id=reading.own_id)
            self._session.add(row)
            self._new_version(row, release, content)
            self._know([row])
            if row.id != made_up:
                self._remark(
                    reading.origin, f"kept as {row.id!r}: {made_up!r} is another release of the same title and day"
                )
            outcome: Outcome = "added"
        elif self._says_nothing_new(row, reading, content):
            self._fill_in(row, release)
            outcome = "returned" if row.withdrawn else "unchanged"
        else:
            row.version += 1
            self._new_version(row, release, content)
            self._rewritten.add(row.id)
            outcome = "changed"
        row.withdrawn = None
        row.own_id = row.own_id or (reading.own_id and row.id == release.id)
        self._keep_names(row, names)
        self._keep_origin(row, reading)
        return outcome

    def _told_apart(self, reading: Reading, content: str) -> Reading:
        """The reading; where the id made up from its date and title is that of another release, under the next one
        that is free or its own: "…-2".
        """
        release = reading.release
        if reading.own_id or release.id == address_of(release):
            return reading
        before = self._known.get(self._alone.get(reading.page, ""))
        if before and before.title == release.title and re.fullmatch(rf"{re.escape(release.id)}-\d+", before.id):
            return replace(reading, release=replace(release, id=before.id))
        for number in count(1):
            release_id = release.id if number == 1 else f"{release.id}-{number}"
            row = self._called(release_id)
            if row is None or self._may_be(row, reading, content):
                return replace(reading, release=replace(release, id=release_id))
        raise AssertionError("numbers do not end")

    def _called(self, name: str) -> ReleaseRow | None:
        """The release of this id or former id, also one that the batch did not name."""
        if row := self._known.get(name) or self._known.get(self._names.get(name, "")):
            return row
        called = self._session.get(NameRow, name)
        row = self._session.get(ReleaseRow, called.release_id if called else name)
        if row and row.id not in self._known:
            self._know([row])
            self._look_up_facts([row.id])
        return row

    def _may_be(self, row: ReleaseRow, reading: Reading, content: str) -> bool:
        """Whether a reading that has the made-up id of a release is a reading of it, however corrected: where it was
        read here before or now stands nowhere, or the texts are nearly the same.
        """
        # Version 0.1.0 kept no pages, and so cannot tell whether that was another one.
        origins = [o for o in self._origins[row.id].values() if o.page is not None]
        # What was read on this page a moment ago, at another place of it, stands beside this reading.
        here = any(o.origin == reading.origin or (o.page == reading.page and o.read_at < self._now) for o in origins)
        return here or all(o.gone_at for o in origins) or row.content == content or self._near(row, reading, content)

    def _near(self, row: ReleaseRow, reading: Reading, content: str) -> bool:
        """Whether the current text of a known release and that of a reading are near-duplicates."""
        if content not in self._signatures:
            self._signatures[content] = signature(p.text for p in reading.release.paragraphs)
        if row.content not in self._signatures:
            self._write()
            texts = (
                select(ParagraphRow.text)
                .where(ParagraphRow.release_id == row.id, ParagraphRow.version == row.version)
                .order_by(ParagraphRow.index)
            )
            self._signatures[row.content] = signature(self._session.scalars(texts))
        return likeness(self._signatures[row.content], self._signatures[content]) >= NEAR

    def _same(self, reading: Reading, content: str) -> ReleaseRow | None:
        """The release that this reading is of: by its id, else by its address, else by its text, else by its page."""
        release = reading.release
        known = self._known.get(release.id) or self._known.get(self._names.get(release.id, ""))
        if known:
            return known
        by_address = self._known.get(self._names.get(address_of(release), ""))
        by_text = [row for row in self._by_content[content] if _about_the_same_day(row.date, release.date)]
        for row in [by_address, *by_text]:
            if row and not (row.own_id and reading.own_id):
                return self._renamed(row, release.id) if reading.own_id else row
        # A title or date was corrected, and with it the id that is made up from both.
        alone = self._known.get(self._alone.get(reading.page, ""))
        if alone and not reading.own_id and release.id != address_of(release) and self._near(alone, reading, content):
            return alone
        return None

    def _says_nothing_new(self, row: ReleaseRow, reading: Reading, content: str) -> bool:
        release, fingerprint = reading.release, reading.release.fingerprint
        origins = self._origins[row.id].values()
        here = [o for o in origins if o.page == reading.page]
        if fingerprint == row.fingerprint or any(o.fingerprint == fingerprint for o in here):
            return True
        # Where the text as it is now was read before, every difference is a correction. From elsewhere, the same words
        # are the same release, however that other format cuts and dates them; and where both were corrected, the one
        # read later makes no further version.
        was_read_here = any(
            o.fingerprint == row.fingerprint for o in here if o.origin == reading.origin or o.read_at < self._now
        )
        is_record_itself = reading.own_id and row.own_id and release.id == row.id
        return (
            row.content == content
            and not was_read_here
            and not is_record_itself
            and _about_the_same_day(self._facts[row.id].day, release.date)
        )

    def _new_version(self, row: ReleaseRow, release: Release, content: str) -> None:
        row.fingerprint, row.content, row.title = release.fingerprint, content, release.title
        row.date = row.dated_by_hand or release.date
        self._facts[row.id] = _Facts(release.url, release.date, release.event_date)
        self._to_index.add(row.id)
        self._new[VersionRow].append(
            {
                "release_id": row.id,
                "version": row.version,
                "title": release.title,
                "date": release.date,
                "date_source": release.date_source,
                "url": release.url,
                "language": release.language,
                "read_at": self._now,
                "event_date": release.event_date,
            }
        )
        self._new[ParagraphRow] += [
            {
                "release_id": row.id,
                "version": row.version,
                "index": p.index,
                "number": p.number,
                "numbered": p.numbered,
                "text": p.text,
                "notes": json.dumps([[n.marker, n.start, n.end] for n in p.notes], ensure_ascii=False),
            }
            for p in release.paragraphs
        ]

    def _fill_in(self, row: ReleaseRow, release: Release) -> None:
        """Facts that the release lacks and this reading of the same text has; no reason for a new version."""
        facts = self._facts[row.id]
        missing: dict[str, Any] = {}
        if facts.url is None and release.url is not None:
            facts.url = missing["url"] = release.url
        if facts.event_date is None and release.event_date is not None:
            facts.event_date = missing["event_date"] = release.event_date
        if facts.day is None and release.date is not None:
            facts.day = missing["date"] = release.date
            missing["date_source"] = release.date_source
            row.date = row.dated_by_hand or release.date
            self._to_index.add(row.id)
        if missing:
            self._write()
            current = (VersionRow.release_id == row.id) & (VersionRow.version == row.version)
            self._session.execute(update(VersionRow).where(current).values(**missing))

    def _keep_names(self, row: ReleaseRow, names: Iterable[str]) -> None:
        for name in names:
            if name != row.id and name not in self._names and name not in self._known:
                self._names[name] = row.id
                self._new[NameRow].append({"name": name, "release_id": row.id})

    def _keep_origin(self, row: ReleaseRow, reading: Reading) -> None:
        origin = self._origins[row.id].get(reading.origin)
        if origin is None:
            origin = OriginRow(origin=reading.origin, release_id=row.id, read_at=self._now)
            self._origins[row.id][reading.origin] = origin
        # A run that began later may have been here meanwhile.
        origin.read_at = max(origin.read_at, self._now)
        origin.page, origin.lasting, origin.gone_at = reading.page, reading.lasting, None
        origin.fingerprint = reading.release.fingerprint

    def _renamed(self, row: ReleaseRow, release_id: str) -> ReleaseRow:
        """The release under the id that a record brings; the id made up for it before becomes a name of it."""
        self._write()
        old = row.id
        columns = [c for c in ReleaseRow.__table__.columns if c.name != "id"]
        copy = select(literal(release_id), *columns).where(ReleaseRow.id == old)
        self._session.execute(insert(ReleaseRow).from_select(["id", *(c.name for c in columns)], copy))
        for column in (
            VersionRow.release_id,
            ParagraphRow.release_id,
            OriginRow.release_id,
            NameRow.release_id,
            SignatureRow.release_id,
            NearRow.release_id,
            NearRow.other_id,
        ):
            self._session.execute(
                update(column.class_).where(column == old).values({column.key: release_id}),
                execution_options={"synchronize_session": False},
            )
        self._session.expunge_all()
        self._session.execute(delete(ReleaseRow).where(ReleaseRow.id == old))
        self._session.execute(delete(NameRow).where(NameRow.name == release_id))
        self._session.execute(insert(NameRow).values(name=old, release_id=release_id))
        self._to_index |= {old, release_id}
        for kept in (self._known, self._facts, self._names, self._by_content, self._origins):
            kept.clear()
        self._alone.clear()
        self._look_up()
        return self._known[release_id]

    def _write(self) -> None:
        """Bring everything decided so far into the database."""
        session = self._session
        # The others point at the releases; without relationships the session would not know to write those first.
        session.flush()
        for table in (VersionRow, ParagraphRow, NameRow):
            if rows := self._new.pop(table, None):
                session.execute(insert(table), rows)
        session.add_all(origin for origins in self._origins.values() for origin in origins.values())
        session.flush()
        for some in portions(self._rewritten):
            session.execute(delete(SignatureRow).where(SignatureRow.release_id.in_(some)))
            session.execute(delete(NearRow).where(NearRow.release_id.in_(some) | NearRow.other_id.in_(some)))
        for some in portions(self._to_index):
            marked = set(session.scalars(select(ToIndexRow.release_id).where(ToIndexRow.release_id.in_(some))))
            if rows := [{"release_id": i} for i in some if i not in marked]:
                session.execute(insert(ToIndexRow), rows)
        self._rewritten.clear()
        self._to_index.clear()


def address_of(release: Release) -> str:
    """The release's canonical address; empty where it has none."""
    return canonical_address(release.url) if release.url else ""


def portions(values: Iterable[_Value], size: int = 10_000) -> Iterator[list[_Value]]:
    """The values in lists short enough for one IN (…); SQLite takes 32,766 values in a statement."""
    waiting = iter(values)
    while some := list(islice(waiting, size)):
        yield some


def _names(release: Release) -> list[str]:
    return list(dict.fromkeys(filter(None, (release.id, address_of(release)))))


def _about_the_same_day(one: date | None, other: date | None) -> bool:
    return one is None or other is None or abs((one - other).days) <= _DAYS_APART
