"""Walk files and folders as pages."""

import os
from collections.abc import Iterator
from pathlib import Path

from ingest.page import Failure, Page

_MAX_BYTES = 2_000_000_000
# Files that tell about the others rather than being releases.
_ABOUT = ("readme", "license", "licence", "notice", "terms")


def folder_pages(folder: Path) -> Iterator[Page | Failure]:
    """Every file under a folder, in order of name.

    Hidden files, and README, LICENSE, NOTICE and TERMS files, are passed over.
    """
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not _is_passed_over(p.relative_to(folder)))
    if not files:
        yield Failure(str(folder), "the folder holds no files")
    for file in files:
        yield file_page(file)


def file_page(file: Path) -> Page | Failure:
    """A file's content; a Failure when it cannot be read, or could not be called by its name later."""
    if (name := os.fsencode(file).decode("utf-8", errors="replace")) != str(file):
        return Failure(name, "its name is not UTF-8; rename it")
    try:
        if file.stat().st_size > _MAX_BYTES:
            return Failure(str(file), f"the file is larger than {_MAX_BYTES // 1_000_000_000} GB; split it")
        return Page(str(file), file.name, file.read_bytes())
    except OSError as error:
        return Failure(str(file), f"it cannot be read: {error.strerror}")


def _is_passed_over(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts) or path.stem.lower() in _ABOUT
