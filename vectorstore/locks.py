"""Let the processes of one data folder do one after the other what they cannot do together, and say who is at it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from vectorstore.trouble import in_plain_words

# Told who is waited for: "process 4711, indexing since 14:02 UTC".
Waiting = Callable[[str], None]
# A turn is often over sooner than this, in seconds, and then nobody need be told.
_WORTH_TELLING = 1.0
# What a file may be called.
_NAME_BYTES = 200


def silently(_who: str) -> None:
    """Waiting that nobody is told of."""


def since_now(what: str) -> str:
    """What a process is doing, for those who wait for it."""
    return f"{what} since {datetime.now(UTC):%H:%M} UTC"


class Lock:
    """What one process at a time does in a data folder: writing the indexes, reading one site. Threads take turns, too.

    Who waits comes next: without that, whoever takes turn after turn would be quicker every time than one that looks
    now and then whether it is free.
    """

    def __init__(self, folder: Path, name: str) -> None:
        name = quote(name, safe="")[:_NAME_BYTES]
        self._folder = folder
        self._turn = FileLock(folder / f"{name}.lock")
        self._next = FileLock(folder / f"{name}.next.lock")
        self._holder = folder / f"{name}.holder"

    @contextmanager
    def held(self, doing: str, waiting: Waiting = silently) -> Iterator[None]:
        """Nobody else holds it meanwhile; it may be held again within. `doing` tells others what the turn is for, and
        `waiting` is called with what another process says there, before that one is waited for.

        Raises CannotWrite when the disk is full or the folder must not be written.
        """
        with in_plain_words(self._folder):
            if self._turn.is_locked:
                # By this thread. It must not queue behind those who wait for it.
                with self._turn:
                    yield
                return
            self._acquire(waiting)
            try:
                # To say so is no reason to fail.
                with suppress(OSError):
                    self._holder.write_text(f"process {os.getpid()}, {doing}", encoding="utf-8")
                yield
            finally:
                self._turn.release()

    def is_free(self) -> bool:
        """Whether no other process holds it at the moment or waits for it."""
        try:
            with self._next.acquire(timeout=0), self._turn.acquire(timeout=0):
                return True
        except Timeout:
            return False

    def _acquire(self, waiting: Waiting) -> None:
        told = _wait_for(self._next, lambda: waiting(self._who()))
        try:
            _wait_for(self._turn, (lambda: None) if told else (lambda: waiting(self._who())))
        finally:
            self._next.release()

    def _who(self) -> str:
        try:
            return self._holder.read_text(encoding="utf-8") or "another process"
        except OSError:
            return "another process"


def _wait_for(lock: FileLock, telling: Callable[[], None]) -> bool:
    """Acquire a lock; whether somebody was told that it takes a while."""
    try:
        lock.acquire(timeout=_WORTH_TELLING)
    except Timeout:
        telling()
        lock.acquire()
        return True
    return False
