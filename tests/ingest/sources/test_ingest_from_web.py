"""Sites kept in step with: real requests, real parsing, the real store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest import SourceOptions, ingest, sync
from ingest.sources.fetch import Fetcher
from tests.ingest.sources.board import Board, says, twelve_releases
from tests.ingest.sources.website import QUICK, Answer, WebSite
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
