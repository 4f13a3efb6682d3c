"""Read the releases in a ZIP archive: each file by its own format, archives inside it too."""

from collections.abc import Iterator

from ingest.formats.archive import Budget, leaves_archive, members, opened
from ingest.formats.limits import MAX_NESTING
from ingest.page import Failure, Page, Read, UnreadablePage


def read(page: Page) -> Iterator[Read | Failure]:
    """The releases of every file, each with its place in the archive as origin; a file that is none is a Failure.

    Nothing is written to disk. Raises UnreadablePage when the archive is broken or holds no file.
    """
    yield from _read(page, Budget(), 1)


def _read(page: Page, budget: Budget, depth: int) -> Iterator[Read | Failure]:
    from ingest.formats import read_part, suffix_of

    with opened(page.content) as archive:
        infos = list(members(archive))
        if not infos:
            raise UnreadablePage("the archive holds no files")
        for info in infos:
            origin = f"{page.origin}:{info.filename}"
            budget.member()
            try:
                if leaves_archive(info.filename):
                    raise UnreadablePage("its name points outside the archive; it is left out")
                inner = Page(origin, info.filename, budget.read(archive, info))
                if suffix_of(inner) != ".zip":
                    yield from read_part(inner)
                elif depth < MAX_NESTING:
                    yield from _read(inner, budget, depth + 1)
                else:
                    raise UnreadablePage(f"archives inside archives are read {MAX_NESTING} deep; unpack it first")
            except UnreadablePage as error:
                yield Failure(origin, str(error))
