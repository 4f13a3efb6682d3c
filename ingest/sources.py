"""Walk what a user names, files and folders, as pages."""

from collections.abc import Iterator
from pathlib import Path

from ingest.page import Failure, Gone, Page, Unchanged

_MAX_BYTES = 2_000_000_000
# Files that tell about the others rather than being releases.
_ABOUT = ("readme", "license", "licence", "notice", "terms")


def pages(source: str) -> Iterator[Page | Unchanged | Gone | Failure]:
    """Every file under a source, in order of name; what cannot be read becomes a Failure.

    Hidden files, and README, LICENSE, NOTICE and TERMS files, are passed over inside folders.
    """
    if source.startswith(("http://", "https://")):
        yield Failure(source, "addresses are not fetched yet; save the page or feed and name the file")
        return
    path = Path(source).expanduser()
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and not _is_passed_over(p.relative_to(path)))
        if not files:
            yield Failure(source, "the folder holds no files")
        for file in files:
            yield _page(file)
    elif path.exists():
        yield _page(path)
    else:
        yield Failure(source, "there is no such file or folder")


def _is_passed_over(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts) or path.stem.lower() in _ABOUT


def _page(path: Path) -> Page | Failure:
    try:
        if path.stat().st_size > _MAX_BYTES:
            return Failure(str(path), f"the file is larger than {_MAX_BYTES // 1_000_000_000} GB; split it")
        return Page(str(path), path.name, path.read_bytes())
    except OSError as error:
        return Failure(str(path), f"it cannot be read: {error.strerror}")
