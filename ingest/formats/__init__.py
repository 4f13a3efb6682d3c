"""The table of file formats.

To add one, write a module with `read(page) -> Iterator[Read | Failure]` and put it into `FORMATS` under the suffixes it
is known by; where content tells more than the name, add a line to `_by_content`.
"""

from collections.abc import Callable, Iterator
from pathlib import PurePath

from ingest.finishing import finished
from ingest.formats import feed, records, text
from ingest.page import Failure, Page, Read, UnreadablePage

FORMATS: dict[str, Callable[[Page], Iterator[Read | Failure]]] = {
    ".txt": text.read,
    ".text": text.read,
    ".jsonl": records.read,
    ".ndjson": records.read,
    ".xml": feed.read,
    ".rss": feed.read,
    ".atom": feed.read,
}


def read_page(page: Page) -> Iterator[Read | Failure]:
    """The releases on a page, by the format its content shows or else its name.

    Raises UnreadablePage when no format fits or nothing can be read.
    """
    if not page.content.strip():
        raise UnreadablePage("the file is empty")
    suffix = _by_content(page.content) or PurePath(page.name).suffix.lower()
    if suffix not in FORMATS:
        known = ", ".join(FORMATS)
        raise UnreadablePage(f"no format for {suffix or 'a file without a suffix'}; there are {known}")
    return (finished(read) if isinstance(read, Read) else read for read in FORMATS[suffix](page))


def _by_content(content: bytes) -> str | None:
    start = content[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return ".jsonl"
    if start.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf:RDF")) and any(
        t in start for t in (b"<rss", b"<feed", b"<rdf")
    ):
        return ".xml"
    return None
