"""Hold the catalogue's database: who reads and writes it in what order, a copy of it, its troubles in plain words."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, insert, select
from sqlalchemy.orm import Session

from vectorstore.migrations import CURRENT, form_of, migrate
from vectorstore.tables import Table

# PostgreSQL lets one transaction at a time hold this; SQLite has a lock of its own.
_WRITERS_LOCK = 0x636F6D6D
# Writers wait for each other as long as this; each writes for a second or two.
_WRITERS_SECONDS = 120
_COPIED_AT_ONCE = 5_000


class Database:
    """The tables of a catalogue; those who inherit read and write them, a transaction a method.

    Raises CatalogueTooNew for a catalogue of a later version; one of an earlier version is brought up to date. A
    catalogue that is damaged or is written by another process without end, there or in any method, raises ValueError.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url)
        event.listen(self.engine, "handle_error", _in_plain_words)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _careful_sqlite)
        event.listen(self.engine, "begin", _begin)
        self._writing_engine = self.engine.execution_options(writes=True)
        with self.engine.connect() as connection:
            form = form_of(connection)
        if form != CURRENT:
            with self._writing_engine.begin() as connection:
                # Another process may have done it while this one waited for its turn.
                if form_of(connection) != CURRENT:
                    migrate(connection)

    def close(self) -> None:
        self.engine.dispose()

    def copy(self, file: Path) -> None:
        """Write all of it, as it is at this moment, into an SQLite file of its own."""
        copy = Database(f"sqlite:///{file}")
        with closing(copy), self.engine.connect() as source, copy._writing_engine.begin() as target:
            for table in Table.metadata.sorted_tables:
                target.execute(table.delete())
                for rows in source.execute(select(table)).mappings().partitions(_COPIED_AT_ONCE):
                    target.execute(insert(table), [dict(row) for row in rows])

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        """One moment's state of everything: what others write meanwhile is not seen."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """One transaction, kept as a whole or not at all; writers take turns."""
        with Session(self._writing_engine) as session, session.begin():
            yield session


def copy_file(file: Path, to: Path) -> None:
    """Copy a catalogue's SQLite file, also while it is being written, and leave nothing beside it.

    Raises ValueError when it is damaged.
    """
    # SQLite makes this file beside one that it opens, also for reading, and leaves it there; as long as nobody writes,
    # the file can be read without.
    journal = file.with_name(f"{file.name}-wal")
    is_written = journal.exists()
    where = f"file:{quote(str(file.absolute()))}?mode=ro" + ("" if is_written else "&immutable=1")
    try:
        with closing(sqlite3.connect(where, uri=True)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target)
    except sqlite3.DatabaseError as error:
        if any(words in str(error) for words in _DAMAGED):
            raise ValueError(_damaged(str(file), error)) from error
        raise
    if journal.exists() and not is_written:
        # Somebody began to write meanwhile.
        copy_file(file, to)


def utc_now() -> datetime:
    """Now, as the catalogue keeps times: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _begin(connection: Connection) -> None:
    """Open the transaction that a method is: for a writer with the lock that makes other writers wait."""
    writes = connection.get_execution_options().get("writes", False)
    if connection.dialect.name == "sqlite":
        # A deferred transaction that read first fails at once, not after its timeout, when another one wrote meanwhile.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes and connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def _in_plain_words(context: ExceptionContext) -> None:
    """Say of a file that SQLite cannot make sense of, or that is never free, what to do, whenever it turns out."""
    said = str(context.original_exception)
    if "database is locked" in said:
        raise ValueError(
            f"another process has been writing in the catalogue for {_WRITERS_SECONDS} s without a pause: "
            "run the same command again when it is done"
        ) from context.original_exception
    if any(words in said for words in _DAMAGED):
        file = context.engine.url.database if context.engine else None
        raise ValueError(_damaged(file or "in this folder", context.original_exception)) from context.original_exception


def _damaged(file: str, error: object) -> str:
    return f"the catalogue {file} is damaged ({error}): put a copy of it back, or name another folder with --data"


# SQLITE_CORRUPT and SQLITE_NOTADB, as SQLite words them.
_DAMAGED = ("database disk image is malformed", "file is not a database", "malformed database schema")


def _careful_sqlite(connection: Any, _record: object) -> None:
    # The driver's own idea of when a transaction begins leaves reads outside of any; `_begin` opens them instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    # Readers go on while one ingest writes; a second writer waits instead of failing.
    cursor.execute(f"PRAGMA busy_timeout={1000 * _WRITERS_SECONDS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
