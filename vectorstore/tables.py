"""The tables of the catalogue. `vectorstore.migrations` brings older catalogues to this form.

Times are UTC without a zone, since SQLite keeps none.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, true
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# A column named `date` hides the class of that name inside its table.
_Day = date


class Table(DeclarativeBase):
    pass


class SchemaVersion(Table):
    """One row: the form that the tables have. `PRAGMA user_version` would do on SQLite alone."""

    __tablename__ = "schema_version"
    version: Mapped[int] = mapped_column(primary_key=True)


class ReleaseRow(Table):
    """A release's current version, and what is known of it as a whole."""

    __tablename__ = "releases"
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    fingerprint: Mapped[str]
    # Copied from the current version, since questions narrow by date and lists show titles.
    title: Mapped[str]
    date: Mapped[_Day | None] = mapped_column(index=True)
    # See vectorstore.likeness.content_key: the same for the same text in another format or on another board.
    content: Mapped[str] = mapped_column(server_default="", index=True)
    # Whether a record brought the id; such a release is never folded into another.
    own_id: Mapped[bool] = mapped_column(server_default=true())
    dated_by_hand: Mapped[_Day | None]
    # The day on which none of its sources had it any more.
    withdrawn: Mapped[_Day | None]


class VersionRow(Table):
    """A release's text as read at one time."""

    __tablename__ = "versions"
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    date: Mapped[_Day | None]
    date_source: Mapped[str]
    url: Mapped[str | None]
    language: Mapped[str]
    read_at: Mapped[datetime]
    event_date: Mapped[_Day | None]


class ParagraphRow(Table):
    __tablename__ = "paragraphs"
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    numbered: Mapped[bool]
    text: Mapped[str]
    notes: Mapped[str]


class OriginRow(Table):
    """Where a release was read from; the same release can come from several places."""

    __tablename__ = "origins"
    origin: Mapped[str] = mapped_column(primary_key=True)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    read_at: Mapped[datetime]
    # The file or address that held it, perhaps among others; none where version 0.1.0 read it.
    page: Mapped[str | None] = mapped_column(index=True)
    # Of the release as this origin gave it last: two origins that differ do not make a version at every reading.
    fingerprint: Mapped[str | None]
    # False for an item of a feed, which shows only the latest: not finding it again tells nothing.
    lasting: Mapped[bool] = mapped_column(server_default=true())
    gone_at: Mapped[datetime | None]


class NameRow(Table):
    """Another name of a release: an id that was folded into it, or its canonical address."""

    __tablename__ = "names"
    name: Mapped[str] = mapped_column(primary_key=True)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), index=True)


class RemovedRow(Table):
    """Names of releases that were deleted on request, so that repeating a source does not bring them back."""

    __tablename__ = "removed"
    name: Mapped[str] = mapped_column(primary_key=True)
    removed_at: Mapped[datetime]
    pages: Mapped[str]  # JSON, where the release was read from


class SignatureRow(Table):
    """The MinHash signature of a release's current text. The number stands for the release in `bands`."""

    __tablename__ = "signatures"
    number: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), unique=True)
    signature: Mapped[bytes]


class BandRow(Table):
    """A stretch of a signature, hashed: releases that share one are worth comparing."""

    __tablename__ = "bands"
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(
        ForeignKey("signatures.number", ondelete="CASCADE"), primary_key=True, index=True
    )


class NearRow(Table):
    """Two releases with nearly the same text; each pair stands here both ways round."""

    __tablename__ = "near_duplicates"
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True, index=True)
    likeness: Mapped[float]


class ToIndexRow(Table):
    """Releases whose vectors and words do not yet say what the catalogue says. No foreign key: removed ones stand
    here too.
    """

    __tablename__ = "to_index"
    release_id: Mapped[str] = mapped_column(primary_key=True)


class SourceRow(Table):
    """What a user named to be ingested, and how; `communique sync` repeats it."""

    __tablename__ = "sources"
    source: Mapped[str] = mapped_column(primary_key=True)
    options: Mapped[str]  # JSON
    added_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class PageRow(Table):
    """A file or address all of whose releases are recorded, and what it was like then."""

    __tablename__ = "pages"
    page: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(index=True)
    sha256: Mapped[str]
    # Of the code that parsed it; a later one may see more in the same bytes.
    reader: Mapped[str]
    # JSON, a list of [origin, reason]: what on it could not be read.
    failures: Mapped[str]
    read_at: Mapped[datetime]


class FetchRow(Table):
    """What a server said of an address when it was last fetched."""

    __tablename__ = "fetched"
    url: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    content_hash: Mapped[str]
    fetched_at: Mapped[datetime]


PARAGRAPHS_BY_NUMBER = Index("paragraphs_by_number", ParagraphRow.release_id, ParagraphRow.number)
ORIGINS_BY_RELEASE = Index("origins_by_release", OriginRow.release_id)
