"""Let processes take turns at a folder of vectors, and see what another one wrote.

Chroma's folder is made for one process: it keeps the vectors in memory, does not see what another process writes, and
writes what it holds over it. So whoever writes or opens the folder takes a turn, and a writer leaves a stamp; who finds
another one's stamp opens the folder anew before it reads or writes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock


class Turns:
    """One reader's or writer's view of a folder; several of one process are told apart as well."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = folder / "turn.lock"
        self._stamp = folder / "turn"
        self._seen: str | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else opens or writes the folder meanwhile. Turns are short: the model works outside of them."""
        # A lock of its own each time, so that the threads of one process take turns, too.
        with FileLock(self._lock):
            yield

    def others_wrote(self) -> bool:
        """Whether the folder was written since it was last seen; at first it counts as written."""
        return self._seen is None or self._read() != self._seen

    def see(self) -> None:
        """The folder was opened just now. To be called within a turn."""
        self._seen = self._read()

    def sign(self) -> None:
        """Say that the folder is about to be written. Others that notice wait for the end of the turn, and one that is
        killed within it has said so. To be called within a turn.
        """
        self._seen = uuid4().hex
        self._stamp.write_text(self._seen)

    def _read(self) -> str:
        try:
            return self._stamp.read_text()
        except FileNotFoundError:
            return ""
