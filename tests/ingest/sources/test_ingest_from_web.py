"""Sites kept in step with: real requests, real parsing, the real store."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest import SourceOptions, ingest, sync
from ingest.sources.fetch import Fetcher
from tests.ingest.sources.board import Board, says, twelve_releases
from tests.ingest.sources.website import QUICK, Answer, Asked, WebSite
from vectorstore import ReleaseStore, open_store

HERE = SourceOptions(allow_private=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReleaseStore]:
    with open_store(tmp_path / "data", embedding="all-MiniLM-L6-v2") as opened:
        yield opened


def test_a_board_is_kept_in_step_with(site: WebSite, store: ReleaseStore) -> None:
    releases = {n: release for n, release in twelve_releases().items() if n <= 3}
    Board(site, releases)
    address = site.address(f"{Board.PATH}/list.do")

    first = ingest(store, [address], options=HERE, limits=QUICK)
    del releases[1]
    releases[2] = (releases[2][0], "1. The ministers met in Seoul, not in Busan.")
    releases[4] = ("2023-11-05", says(4))
    second = sync(store, limits=QUICK)

    assert (first.added, first.failed) == (3, ())
    assert (second.added, second.changed, second.unchanged, second.removed, second.failed) == (1, 1, 1, 1, ())
    listed = {
        release.title: (release.date, release.version, bool(release.withdrawn)) for release in store.catalogue.listing()
    }
    assert listed == {
        "Release 1": (date(2023, 11, 2), 1, True),
        "Release 2": (date(2023, 11, 3), 2, False),
        "Release 3": (date(2023, 11, 4), 1, False),
        "Release 4": (date(2023, 11, 5), 1, False),
    }


def test_only_the_days_that_are_wanted_are_kept_also_from_files(store: ReleaseStore, tmp_path: Path) -> None:
    file = tmp_path / "releases.jsonl"
    file.write_text(
        "\n".join(
            f'{{"id": "r{n}", "date": "2023-11-0{n}", "text": "They met for the {n}th time."}}' for n in (1, 2, 3)
        )
        + '\n{"id": "undated", "text": "They met."}'
    )

    def kept(options: SourceOptions) -> set[str]:
        assert ingest(store, [str(file)], options=options).failed == ()
        return {release.id for release in store.catalogue.listing() if not release.withdrawn}

    assert kept(SourceOptions(since=date(2023, 11, 2), until=date(2023, 11, 2))) == {"r2", "undated"}
    assert kept(SourceOptions()) == {"r1", "r2", "r3", "undated"}
    assert kept(SourceOptions(since=date(2023, 11, 3))) == {"r1", "r2", "r3", "undated"}


def test_what_a_killed_run_fetched_and_did_not_record_is_fetched_again(site: WebSite, store: ReleaseStore) -> None:
    etag = {"ETag": '"1"', "Content-Type": "text/plain"}
    site.answers["/a"] = lambda asked: (
        Answer("", 304)
        if "If-None-Match" in asked.headers
        else Answer("Talks in Busan\n\nThe two ministers met in Busan on 26 November 2023.", headers=etag)
    )
    with Fetcher(store.catalogue, limits=QUICK) as fetcher:
        found = fetcher.fetch(site.address("/a"), allow_private=True)
        fetcher.remember(found)  # Killed before the release was recorded.

    report = ingest(store, [site.address("/a")], options=HERE, limits=QUICK)
    again = ingest(store, [site.address("/a")], options=HERE, limits=QUICK)

    assert (report.added, report.failed) == (1, ())
    assert (again.unchanged, again.failed) == (1, ())
    assert len(site.paths) == 4


def test_a_source_that_cannot_be_had_is_named_and_not_repeated(site: WebSite, store: ReleaseStore) -> None:
    report = ingest(store, [site.address("/a")], options=replace(HERE, allow_private=False), limits=QUICK)

    assert [failure.origin for failure in report.failed] == [site.address("/a")]
    assert store.catalogue.sources() == []


class SlowBoard:
    """A site with one page, which it does not show before it is told to."""

    def __init__(self, site: WebSite) -> None:
        self.asked, self.goes_on = threading.Event(), threading.Event()
        site.answers["/slow"] = self._page
        self.address = site.address("/slow")

    def _page(self, asked: Asked) -> Answer:
        self.asked.set()
        assert self.goes_on.wait(60)
        return Answer("<html><title>Talks</title><body><h1>Talks</h1><p>" + says(1))


PATIENT = replace(QUICK, seconds=60)


def test_a_slow_site_holds_up_nobody_else(site: WebSite, store: ReleaseStore, tmp_path: Path) -> None:
    slow, reports = SlowBoard(site), []
    (tmp_path / "a.jsonl").write_text('{"id": "r1", "text": "They agreed."}\n{"id": "r2", "text": "They left."}')

    def crawl() -> None:
        with open_store(tmp_path / "data", embedding="all-MiniLM-L6-v2") as beside:
            reports.append(ingest(beside, [slow.address], options=HERE, limits=PATIENT))

    def nobody(who: str) -> None:
        raise AssertionError(f"waits for {who}")

    thread = threading.Thread(target=crawl)
    thread.start()
    try:
        assert slow.asked.wait(60)
        assert ingest(store, [str(tmp_path / "a.jsonl")], waiting=nobody).added == 2
        assert [m.release.id for m in store.find("agreed", 1).by_words] == ["r1"]
        assert store.remove("r2", nobody) is True
        assert store.set_date("r1", date(2023, 5, 6), nobody) is True
    finally:
        slow.goes_on.set()
        thread.join(60)

    assert [(report.added, report.failed) for report in reports] == [(1, ())]
    assert {r.title for r in store.catalogue.listing()} == {"Talks", "They agreed."}
    assert store.check() == []


def test_a_site_is_asked_by_one_at_a_time_and_who_waits_is_told_for_whom_and_since_when(
    site: WebSite, store: ReleaseStore, tmp_path: Path
) -> None:
    slow, reports, told = SlowBoard(site), [], []

    def crawl() -> None:
        with open_store(tmp_path / "data", embedding="all-MiniLM-L6-v2") as beside:
            reports.append(ingest(beside, [slow.address], options=HERE, limits=PATIENT))

    def waiting(who: str) -> None:
        told.append(who)
        slow.goes_on.set()

    thread = threading.Thread(target=crawl)
    thread.start()
    try:
        assert slow.asked.wait(60)
        second = ingest(store, [slow.address], options=HERE, limits=PATIENT, waiting=waiting)
    finally:
        slow.goes_on.set()
        thread.join(60)

    (who,) = told
    assert who.startswith(f"process {os.getpid()}, reading {slow.address} since ")
    assert [(report.added, report.unchanged) for report in reports] == [(1, 0)]
    assert (second.added, second.unchanged) == (0, 1)
