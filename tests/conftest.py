"""The sample releases, read once for all tests that ask about them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Assistant, open_assistant
from ingest import ingest
from ingest.formats import read_page
from ingest.page import Page, Read
from ingest.sources.files import folder_pages
from vectorstore import Release, open_store

SAMPLES = Path(__file__).parent.parent / "ingest" / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of the sample releases."""
    return SAMPLES


@pytest.fixture(scope="session")
def sample_releases() -> dict[str, Release]:
    """The sample releases as they are read, by id."""
    found = [read for page in folder_pages(SAMPLES) if isinstance(page, Page) for read in read_page(page)]
    releases = {read.release.id: read.release for read in found if isinstance(read, Read)}
    assert len(releases) == len(found)
    return releases


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with all samples; tests only read it."""
    folder = tmp_path_factory.mktemp("samples")
    with open_store(folder) as store:
        report = ingest(store, [str(SAMPLES)])
    assert report.failed == ()
    return folder


@pytest.fixture(scope="session")
def assistant(sample_data: Path) -> Iterator[Assistant]:
    """The real assistant over the samples; tests only ask it."""
    with open_assistant(sample_data) as opened:
        yield opened
