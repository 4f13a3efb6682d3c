"""Bring sources into the store: read, record, index, report."""

import hashlib
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from ingest.formats import read_page
from ingest.page import Failure, Gone, Page, Read, Unchanged, UnreadablePage
from ingest.report import Report
from ingest.sources import (
    EVERYTHING,
    USUAL,
    Fetcher,
    Limits,
    SourceOptions,
    page_itself,
    pages,
    path_of,
    place_of,
    unlisted_pages,
)
from vectorstore import Catalogue, Outcome, PageState, Reading, ReleaseStore
from vectorstore.database import utc_now
from vectorstore.locks import Waiting, silently, since_now
from vectorstore.store import Progress, quiet
from vectorstore.trouble import in_plain_words

# Releases recorded in one transaction: large enough to be quick, small enough to hold in memory.
_BATCH = 500
# From the web a page comes in a second or so: what is there is recorded as often as this, in seconds.
_RECORDED_EVERY = 20


def ingest(
    store: ReleaseStore,
    sources: Iterable[str],
    progress: Progress = quiet,
    *,
    options: SourceOptions = EVERYTHING,
    waiting: Waiting = silently,
    limits: Limits = USUAL,
) -> Report:
    """Read every source and bring the store in step with it; what cannot be read is reported, and the rest is kept.

    The sources are remembered, with the `options` for reading them, for `sync`. Where a source is on the web, the
    environment's COMMUNIQUE_CONTACT tells its site whom to write to. `progress` gets the step ("Reading", "Indexing"…)
    and how many releases of how many are done; `waiting` is called when another process reads from the same place or
    indexes, and this one waits for it. `limits` says how much is fetched and how patiently.

    Raises ValueError for a source without a name.
    """
    return _run(store, _named(sources, options), progress, waiting, limits, again=True)


def sync(
    store: ReleaseStore, progress: Progress = quiet, *, waiting: Waiting = silently, limits: Limits = USUAL
) -> Report:
    """Read everything again that was ever ingested. What was removed on request stays away.

    Raises ValueError when nothing was ingested yet.
    """
    return _run(store, _known(store.catalogue), progress, waiting, limits, again=False)


def try_ingest(
    copy: Catalogue,
    sources: Iterable[str],
    progress: Progress = quiet,
    *,
    options: SourceOptions = EVERYTHING,
    limits: Limits = USUAL,
) -> Report:
    """What `ingest` would do, tried on a copy of the catalogue (`vectorstore.open_rehearsal`)."""
    return _tried(copy, _named(sources, options), progress, limits, again=True)


def try_sync(copy: Catalogue, progress: Progress = quiet, *, limits: Limits = USUAL) -> Report:
    """What `sync` would do, tried on a copy of the catalogue."""
    return _tried(copy, _known(copy), progress, limits, again=False)


def _named(sources: Iterable[str], options: SourceOptions) -> list[tuple[str, SourceOptions]]:
    named = [(source, options) for source in sources]
    if not all(source.strip() for source, _ in named):
        # As a path it would be the working directory, which an unset variable of a script does not mean.
        raise ValueError('a source has no name; name a file, a folder or an address, or "." for this folder')
    return named


def _known(catalogue: Catalogue) -> list[tuple[str, SourceOptions]]:
    known = [(s.source, SourceOptions.from_dict(s.options)) for s in catalogue.sources()]
    if not known:
        raise ValueError("nothing was ingested yet; name a source: communique ingest SOURCE")
    return known


def _run(
    store: ReleaseStore,
    sources: Iterable[tuple[str, SourceOptions]],
    progress: Progress,
    waiting: Waiting,
    limits: Limits,
    *,
    again: bool,
) -> Report:
    began, catalogue = time.perf_counter(), store.catalogue
    with in_plain_words(store.folder), _fetcher(catalogue, limits) as fetcher:
        marked = set(catalogue.to_index(catalogue.to_index_count()))
        run = _Run(catalogue, fetcher, progress, again=again)
        for source, options in sources:
            with store.reading(place_of(source), since_now(f"reading {source}"), waiting):
                run.read(source, options)
        report = run.report()
        # What others are about to index they index; what this run recorded is found when it is over.
        new = [i for i in catalogue.to_index(catalogue.to_index_count()) if i not in marked]
        store.catch_up(progress, waiting=waiting, wanted=new)
    return replace(report, seconds=time.perf_counter() - began)


def _tried(
    copy: Catalogue,
    sources: Iterable[tuple[str, SourceOptions]],
    progress: Progress,
    limits: Limits,
    *,
    again: bool,
) -> Report:
    began = time.perf_counter()
    with _fetcher(copy, limits) as fetcher:
        run = _Run(copy, fetcher, progress, again=again)
        for source, options in sources:
            run.read(source, options)
        return replace(run.report(), seconds=time.perf_counter() - began)


def _fetcher(catalogue: Catalogue, limits: Limits) -> Fetcher:
    return Fetcher(catalogue, os.environ.get("COMMUNIQUE_CONTACT", ""), limits)


class _Run:
    """One run over sources. Readings go to the catalogue in batches, and a page counts as read after all of its."""

    def __init__(self, catalogue: Catalogue, fetcher: Fetcher, progress: Progress, *, again: bool) -> None:
        self.now = utc_now()
        self.outcomes: Counter[Outcome] = Counter()
        self.failed: list[Failure] = []
        self.remarks: list[Failure] = []
        self._catalogue = catalogue
        self._fetcher = fetcher
        self._progress = progress
        self._again = again
        # Pages of which something was removed on request, which naming them again brings back.
        self._lacking = catalogue.removed_from() if again else set()
        self._readings: list[Reading] = []
        self._read: list[PageState] = []
        # Pages of which only the releases of some days were wanted.
        self._partly: set[str] = set()
        self._recorded = time.monotonic()

    def read(self, source: str, options: SourceOptions) -> None:
        """Bring the catalogue in step with one source."""
        path = path_of(source)
        if path.exists():
            # A source is read again from another working directory too.
            source = os.path.abspath(path)
        keeper = self._keeper(source) if path.exists() else source
        before = self._catalogue.pages(keeper)
        kept, whole, there, same = False, True, set(), []
        for item in pages(source, self._fetcher, options):
            if isinstance(item, Failure) and item.origin == source:
                # Not even a folder's files could be listed, so nothing can be said of what is gone.
                self.failed.append(item)
                whole = False
                continue
            if not kept and keeper == source:
                self._catalogue.keep_source(
                    source, options.to_dict(), within=source + os.sep if path.is_dir() else None
                )
            kept = True
            there.add(item.origin)
            if known := self._as_before(item, before, options):
                same.append(item.origin)
                self.failed += [Failure(*failure) for failure in known.failures]
            else:
                self._take(item, keeper, options)
        if whole and not path.exists():
            if not kept:
                # A list without a release of these days may have one the next time.
                self._catalogue.keep_source(source, options.to_dict())
            kept = True
            for item in unlisted_pages(before.keys() - there, self._fetcher, options):
                if not self._as_before(item, before, options):
                    self._take(item, keeper, options)
        self._flush()
        self.outcomes["unchanged"] += self._catalogue.releases_on(same)
        if whole and path.is_dir():
            self._catalogue.pages_gone(before.keys() - there, self.now)
        if kept:
            self._catalogue.source_read(source, self.now)

    def report(self) -> Report:
        """What the run did; to be called when all is read, since only then it shows what is gone from everywhere."""
        return Report(
            added=self.outcomes["added"],
            changed=self.outcomes["changed"],
            unchanged=self.outcomes["unchanged"],
            removed=self._catalogue.withdraw(self.now),
            failed=tuple(self.failed),
            remarks=tuple(self.remarks),
            releases=self._catalogue.span().releases,
            paragraphs=self._catalogue.paragraph_count(),
            seconds=0,
            returned=self.outcomes["returned"],
        )

    def _keeper(self, source: str) -> str:
        """The source itself, or the folder among the known sources that it lies in: what that one has, it has once."""
        return next((s.source for s in self._catalogue.sources() if source.startswith(s.source + os.sep)), source)

    def _as_before(
        self, item: Page | Unchanged | Gone | Failure, before: Mapping[str, PageState], options: SourceOptions
    ) -> PageState | None:
        """What is known of a page that needs no parsing, since all that it says is recorded."""
        if not isinstance(item, Page | Unchanged):
            return None
        known = before.get(item.origin) or self._catalogue.page(item.origin)
        if known is None or known.reader != _reader_of(options) or item.origin in self._lacking:
            return None
        is_same = isinstance(item, Unchanged) or known.sha256 == hashlib.sha256(item.content).hexdigest()
        return known if is_same else None

    def _take(self, item: Page | Unchanged | Gone | Failure, keeper: str, options: SourceOptions) -> None:
        match item:
            case Page():
                self._take_page(item, keeper, options)
            case Failure():
                self.failed.append(item)
            case Gone():
                self._catalogue.pages_gone([item.origin], self.now)
            case Unchanged():
                # Its server was asked, and then a killed run did not record what it said, or another reader did.
                self._catalogue.forget_fetch_state(item.origin)
                whole = page_itself(item.origin, self._fetcher, options)
                if isinstance(whole, Unchanged):
                    self.failed.append(Failure(item.origin, "said to be unchanged, though it was not read before"))
                else:
                    self._take(whole, keeper, options)

    def _take_page(self, page: Page, keeper: str, options: SourceOptions) -> None:
        failures: list[Failure] = []
        for read in _releases(page):
            if isinstance(read, Failure):
                failures.append(read)
                continue
            if not options.covers(read.release.date):
                # Not wanted is not gone.
                self._partly.add(page.origin)
                continue
            if read.remark:
                self.remarks.append(Failure(read.origin, read.remark))
            self._readings.append(Reading(read.release, read.origin, page.origin, read.own_id, read.lasting))
            if len(self._readings) >= _BATCH:
                self._flush()
        self.failed += failures
        sha256 = hashlib.sha256(page.content).hexdigest()
        why = tuple((f.origin, f.reason) for f in failures)
        self._read.append(PageState(page.origin, keeper, sha256, _reader_of(options), self.now, why))
        if len(self._read) >= _BATCH or time.monotonic() - self._recorded >= _RECORDED_EVERY:
            self._flush()

    def _remark(self, origin: str, reason: str) -> None:
        self.remarks.append(Failure(origin, reason))

    def _flush(self) -> None:
        """Record what is waiting, and then that its pages are read."""
        if self._readings:
            self.outcomes.update(self._catalogue.put(self._readings, self.now, again=self._again, remark=self._remark))
        if self._read:
            self._catalogue.pages_read(self._read, self.now, partly=self._partly)
        self._readings, self._read = [], []
        self._recorded = time.monotonic()
        self._progress("Reading", self.outcomes.total(), None)


def _releases(page: Page) -> Iterator[Read | Failure]:
    try:
        yield from read_page(page)
    except UnreadablePage as error:
        yield Failure(page.origin, str(error))


def _reader_of(options: SourceOptions) -> str:
    """The reader, and the days that it was to read: for other days a page is read again."""
    days = f" {options.since or ''}..{options.until or ''}" if options.since or options.until else ""
    return reader() + days


@cache
def reader() -> str:
    """Stands for the code that turns pages into releases: another code may see more in the same bytes."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
