"""Bring sources into the store: read, record, index, report."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from ingest.formats import read_page
from ingest.page import Failure, Gone, Page, Read, Unchanged, UnreadablePage
from ingest.report import Report
from ingest.sources import Fetcher, SourceOptions, pages
from vectorstore import Outcome, Reading, ReleaseStore
from vectorstore.store import Progress

# Releases recorded in one transaction: large enough to be quick, small enough to hold in memory.
_BATCH = 500


def ingest(store: ReleaseStore, sources: Iterable[str], progress: Progress = lambda done, total: None) -> Report:
    """Read every source and bring the store in step with it; what cannot be read is reported, and the rest is kept.

    `progress` gets (releases indexed, releases to index) as the work goes on.
    """
    began = time.perf_counter()
    outcomes: Counter[Outcome] = Counter()
    failed: list[Failure] = []
    remarks: list[Failure] = []
    reading = read_all(sources, failed)
    while batch := list(islice(reading, _BATCH)):
        remarks += [Failure(read.origin, read.remark) for read in batch if read.remark]
        outcomes.update(store.catalogue.put(Reading(read.release, read.origin) for read in batch))
    store.catch_up(progress)
    return Report(
        added=outcomes["added"],
        changed=outcomes["changed"],
        unchanged=outcomes["unchanged"],
        removed=0,
        failed=tuple(failed),
        remarks=tuple(remarks),
        releases=store.span().releases,
        paragraphs=store.catalogue.paragraph_count(),
        seconds=time.perf_counter() - began,
    )


def read_all(sources: Iterable[str], failed: list[Failure]) -> Iterator[Read]:
    """Every release of the sources; what cannot be read is added to `failed`."""
    with Fetcher() as fetcher:
        for source in sources:
            for page in pages(source, fetcher, SourceOptions()):
                if isinstance(page, Unchanged | Gone):
                    continue
                for read in [page] if isinstance(page, Failure) else _releases(page):
                    if isinstance(read, Failure):
                        failed.append(read)
                    else:
                        yield read


def _releases(page: Page) -> Iterator[Read | Failure]:
    try:
        yield from read_page(page)
    except UnreadablePage as error:
        yield Failure(page.origin, str(error))
