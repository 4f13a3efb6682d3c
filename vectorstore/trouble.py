"""Say in one line why a data folder cannot be written, whichever of the three libraries found it out."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NO_ROOM = ("no space left", "disk is full", "disk quota", "file too large")
_NOT_ALLOWED = ("readonly", "read-only", "permission denied", "unable to open database file")
# What a full disk makes them say among other things: it counts where little room is left. Chroma gives no reason.
_BROKEN_WRITE = ("disk i/o error", "input/output error", "failed to apply logs")
_LITTLE = 16_000_000


class CannotWrite(OSError):
    """The data folder cannot be written; nothing that was recorded before is lost."""


@contextmanager
def in_plain_words(folder: Path) -> Iterator[None]:
    """Raises CannotWrite for a full disk and for a folder that must not be written, and lets all else through."""
    try:
        yield
    except CannotWrite:
        raise
    # SQLAlchemy, Chroma and tantivy each wrap the system's error in classes of their own; the words tell.
    except Exception as error:
        if reason := _reason(folder, error):
            raise CannotWrite(reason) from error
        raise


def require_room(folder: Path, wanted: int) -> None:
    """Raises CannotWrite unless the folder's disk has so many bytes free, and some more for others who write."""
    wanted += _LITTLE
    if _free(folder) < wanted:
        raise CannotWrite(_no_room(folder, f", {-(-wanted // 1_000_000):,} MB wanted"))


def held(folder: Path) -> int:
    """How many bytes the files in a folder hold."""
    sizes = 0
    for file in folder.rglob("*"):
        # The index may remove its files meanwhile.
        with suppress(FileNotFoundError):
            sizes += file.stat().st_size
    return sizes


def _no_room(folder: Path, wanted: str = "") -> str:
    return (
        f"no room to write in {folder} ({_free(folder) // 1_000_000:,} MB free{wanted}): make room and run the same "
        "command again; what was recorded so far is kept"
    )


def _reason(folder: Path, error: Exception) -> str | None:
    if isinstance(error, OSError) and error.filename and not Path(error.filename).is_relative_to(folder):
        # Something else than the data folder, such as a file that was to be read.
        return None
    said = str(error).lower()
    number = error.errno if isinstance(error, OSError) else None
    full = number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(words in said for words in _NO_ROOM)
    if full or (any(words in said for words in _BROKEN_WRITE) and _free(folder) < _LITTLE):
        return _no_room(folder)
    if number in (errno.EROFS, errno.EACCES, errno.EPERM) or any(words in said for words in _NOT_ALLOWED):
        return f"{folder} cannot be written: make it writable, or name another folder with --data"
    if number in (errno.ENOTDIR, errno.EEXIST):
        return f"{folder} is no folder: name another one with --data"
    return None


def _free(folder: Path) -> int:
    """Free bytes on the disk of the folder, or of the nearest one above it that is there."""
    while not os.path.isdir(folder) and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
