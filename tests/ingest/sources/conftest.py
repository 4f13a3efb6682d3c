"""Web sites on this machine, and what fetches from them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.sources.fetch import Fetcher
from tests.ingest.sources.website import QUICK, WebSite, serve
from vectorstore import Catalogue, open_catalogue


@pytest.fixture
def site() -> Iterator[WebSite]:
    yield from serve()


@pytest.fixture
def other_site() -> Iterator[WebSite]:
    yield from serve()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = open_catalogue(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def fetcher(catalogue: Catalogue) -> Iterator[Fetcher]:
    """A fetcher with short limits; what it learns of pages is remembered in the catalogue."""
    with Fetcher(catalogue, limits=QUICK) as opened:
        yield opened
