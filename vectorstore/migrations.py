"""Bring a catalogue that an earlier version made to the form of `vectorstore.tables`, in place.

To change a table, add a step to `STEPS`: plain SQL that both SQLite and PostgreSQL read. New tables need no step. A
step that was released is not changed any more.
"""

from collections.abc import Callable
from itertools import groupby

from sqlalchemy import Connection, delete, insert, inspect, select, text

from vectorstore.address import canonical_address
from vectorstore.likeness import content_key
from vectorstore.tables import ORIGINS_BY_RELEASE, SchemaVersion, Table


class CatalogueTooNew(ValueError):
    """A later version of Communiqué wrote the catalogue; this one would not understand it."""


def _keep_in_step(connection: Connection) -> None:
    """From version 0.1.0: room for what keeps releases in step with their sources, filled in as far as it is known."""
    for change in (
        "releases ADD COLUMN content VARCHAR DEFAULT '' NOT NULL",
        # Which ids records brought is not known any more; taken for their own, they are at least never folded away.
        "releases ADD COLUMN own_id BOOLEAN DEFAULT true NOT NULL",
        "releases ADD COLUMN dated_by_hand DATE",
        "releases ADD COLUMN withdrawn DATE",
        "versions ADD COLUMN event_date DATE",
        "origins ADD COLUMN page VARCHAR",
        "origins ADD COLUMN fingerprint VARCHAR",
        "origins ADD COLUMN lasting BOOLEAN DEFAULT true NOT NULL",
        "origins ADD COLUMN gone_at TIMESTAMP",
    ):
        connection.execute(text(f"ALTER TABLE {change}"))
    connection.execute(text("CREATE INDEX ix_releases_content ON releases (content)"))
    connection.execute(text("CREATE INDEX ix_origins_page ON origins (page)"))
    ORIGINS_BY_RELEASE.create(connection, checkfirst=True)
    paragraphs = connection.execute(
        text(
            "SELECT p.release_id, v.title, v.url, p.text FROM paragraphs p "
            "JOIN releases r ON r.id = p.release_id AND r.version = p.version "
            "JOIN versions v ON v.release_id = p.release_id AND v.version = p.version "
            'ORDER BY p.release_id, p."index"'
        )
    )
    contents: list[dict[str, str]] = []
    names: dict[str, str] = {}
    for (release_id, title, url), rows in groupby(paragraphs, key=lambda row: row[:3]):
        contents.append({"content": content_key(title, [row[3] for row in rows]), "id": release_id})
        if url:
            names.setdefault(canonical_address(url), release_id)
    _many(connection, "UPDATE releases SET content = :content WHERE id = :id", contents)
    _many(
        connection,
        "INSERT INTO names (name, release_id) VALUES (:name, :id)",
        [{"name": name, "id": release_id} for name, release_id in names.items() if name != release_id],
    )


def _many(connection: Connection, statement: str, rows: list[dict[str, str]]) -> None:
    if rows:
        connection.execute(text(statement), rows)


# The step at position n brings form n + 1 to n + 2; version 0.1.0 wrote form 1 and kept no number.
STEPS: tuple[Callable[[Connection], None], ...] = (_keep_in_step,)
CURRENT = len(STEPS) + 1


def migrate(connection: Connection) -> None:
    """Make the tables where there are none, and take the steps that are missing; all of it in the open transaction.

    Raises CatalogueTooNew.
    """
    form = form_of(connection)
    if form > CURRENT:
        raise CatalogueTooNew(
            f"the catalogue has form {form}, and this version of Communiqué knows forms up to {CURRENT}: "
            "upgrade it, or use another data folder"
        )
    Table.metadata.create_all(connection)
    for step in STEPS[form - 1 :] if form else ():
        step(connection)
    connection.execute(delete(SchemaVersion))
    connection.execute(insert(SchemaVersion).values(version=CURRENT))


def form_of(connection: Connection) -> int:
    """The form of the catalogue's tables; 0 where there are none yet."""
    there = set(inspect(connection).get_table_names())
    if SchemaVersion.__tablename__ in there:
        return connection.scalar(select(SchemaVersion.version)) or CURRENT
    return 1 if "releases" in there else 0
