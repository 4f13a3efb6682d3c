"""The table of sources: what a user can name, and how its pages are come by.

To add one, write a function from the name to pages and put it into `SOURCES`, before the entries that would take its
names too. What an address holds (a feed, a sitemap, a listing, a page) shows when it is fetched: that table is
`web.LISTINGS`. A site's listing is a row in `sites.SITES`.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ingest.page import Failure
from ingest.sources.fetch import USUAL, Fetcher, Limits
from ingest.sources.files import file_page, folder_pages
from ingest.sources.listing import EVERYTHING, SourceOptions
from ingest.sources.web import Outcome, address_pages, page_itself, unlisted_pages

__all__ = [
    "EVERYTHING",
    "SOURCES",
    "USUAL",
    "Fetcher",
    "Limits",
    "SourceOptions",
    "page_itself",
    "pages",
    "path_of",
    "place_of",
    "unlisted_pages",
]


@dataclass(frozen=True)
class Source:
    """A kind of source: which names it is for, and the pages that such a name stands for."""

    takes: Callable[[str], bool]
    pages: Callable[[str, Fetcher, SourceOptions], Iterator[Outcome]]


def _is_address(name: str) -> bool:
    # Of any kind: what is not fetched is told what is.
    return bool(re.match(r"[a-z][a-z0-9+.-]*://", name, re.IGNORECASE))


def place_of(name: str) -> str:
    """Where a source lies: the host of an address, else "files". From one place one process at a time should read."""
    try:
        return (urlsplit(name).hostname if _is_address(name) else None) or "files"
    except ValueError:
        return "files"


def path_of(name: str) -> Path:
    """The file or folder of this name, "~" meaning the home; "~nobody", where nobody has one, is a plain name."""
    return Path(os.path.expanduser(name))


def _nothing(name: str, fetcher: Fetcher, options: SourceOptions) -> Iterator[Outcome]:
    yield Failure(name, "there is no such file or folder")


SOURCES: dict[str, Source] = {
    "address": Source(_is_address, address_pages),
    "folder": Source(lambda name: path_of(name).is_dir(), lambda name, fetcher, options: folder_pages(path_of(name))),
    "file": Source(
        lambda name: path_of(name).exists(), lambda name, fetcher, options: iter([file_page(path_of(name))])
    ),
    "nothing": Source(lambda name: True, _nothing),
}


def pages(source: str, fetcher: Fetcher, options: SourceOptions = EVERYTHING) -> Iterator[Outcome]:
    """What stands at a source: each page, what is unchanged since it was read before, what is gone, and what cannot be
    had. The days in `options` narrow what is fetched, as far as listings tell; releases are dated only when read.
    """
    kind = next(kind for kind in SOURCES.values() if kind.takes(source))
    return kind.pages(source, fetcher, options)
