"""Sources are read again and again; the store follows, and what did not change costs nothing."""

import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest import ingest, ingestion, sync, try_ingest, try_sync
from vectorstore import ReleaseStore, open_rehearsal, open_store

TALKS = {"id": "r1", "title": "Talks", "date": "2023-05-06", "paragraphs": ["They met in Busan.", "They agreed."]}
VISIT = {"id": "r2", "title": "Visit", "date": "2023-05-07", "paragraphs": ["She came to Geneva."]}
WHITE_HOUSE = Path(__file__).parents[3] / "shared" / "data" / "releases" / "whitehouse" / "statements-2021-2023.jsonl"
TODAY = datetime.now(UTC).date()


@pytest.fixture
def store(tmp_path: Path, tiny_model: str) -> Iterator[ReleaseStore]:
    with open_store(tmp_path / "data", embedding=tiny_model) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sources"
    made.mkdir()
    return made


def write(path: Path, *records: object) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records), encoding="utf-8")
    return path


def counts(report: ingestion.Report) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed, report.returned


def test_sync_repeats_what_was_ingested_and_follows_its_source(store: ReleaseStore, folder: Path) -> None:
    write(folder / "a.jsonl", TALKS, VISIT)
    assert counts(ingest(store, [str(folder)])) == (2, 0, 0, 0, 0)
    assert counts(sync(store)) == (0, 0, 2, 0, 0)

    write(folder / "a.jsonl", TALKS | {"paragraphs": ["They met in Seoul."]})
    write(folder / "b.jsonl", {"id": "r3", "text": "A new one."})
    assert counts(sync(store)) == (1, 1, 0, 1, 0)
    gone = store.get("r2")
    assert gone is not None
    assert (gone.withdrawn, gone.paragraphs[0].text) == (TODAY, "She came to Geneva.")
    assert [m.release.id for m in store.find("Geneva", 1).by_words] == ["r2"]

    write(folder / "b.jsonl", VISIT)
    assert counts(sync(store)) == (0, 0, 1, 1, 1)
    back = store.get("r2")
    assert back is not None
    assert back.withdrawn is None
    assert store.check() == []


def test_a_file_that_is_gone_from_a_folder_takes_its_releases_along(store: ReleaseStore, folder: Path) -> None:
    write(folder / "a.jsonl", TALKS)
    write(folder / "b.jsonl", VISIT)
    ingest(store, [str(folder)])

    (folder / "a.jsonl").unlink()

    assert counts(ingest(store, [str(folder)])) == (0, 0, 1, 1, 0)
    assert [(r.id, r.withdrawn) for r in store.catalogue.listing()] == [("r2", None), ("r1", TODAY)]


def test_a_source_that_cannot_be_reached_withdraws_nothing(store: ReleaseStore, folder: Path) -> None:
    write(folder / "a.jsonl", TALKS)
    ingest(store, [str(folder)])

    shutil.rmtree(folder)

    report = sync(store)
    assert counts(report) == (0, 0, 0, 0, 0)
    assert [f.reason for f in report.failed] == ["there is no such file or folder"]


def test_a_page_that_is_the_same_is_not_parsed_again_and_its_failures_are_told_again(
    store: ReleaseStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.jsonl", TALKS, "{broken")
    first = ingest(store, [str(folder)])
    monkeypatch.setattr(ingestion, "read_page", lambda page: pytest.fail(f"{page.origin} is parsed again"))

    second = sync(store)

    assert counts(second) == (0, 0, 1, 0, 0)
    assert second.failed == first.failed != ()


def test_a_page_is_parsed_again_by_a_reader_that_may_see_more(
    store: ReleaseStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.jsonl", TALKS)
    ingest(store, [str(folder)])
    parsed = []
    monkeypatch.setattr(ingestion, "reader", lambda: "a later one")
    monkeypatch.setattr(ingestion, "read_page", lambda page: parsed.append(page.origin) or iter(()))

    sync(store)

    assert parsed == [str(folder / "a.jsonl")]


def test_a_file_inside_a_known_folder_is_no_source_of_its_own(
    store: ReleaseStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.jsonl", TALKS)
    monkeypatch.chdir(folder)
    ingest(store, ["a.jsonl"])
    assert [s.source for s in store.catalogue.sources()] == [str(folder / "a.jsonl")]

    ingest(store, [str(folder)])
    write(folder / "b.jsonl", VISIT)
    assert counts(ingest(store, ["b.jsonl"])) == (1, 0, 0, 0, 0)

    assert [s.source for s in store.catalogue.sources()] == [str(folder)]
    assert counts(sync(store)) == (0, 0, 2, 0, 0)


def test_sync_without_sources_names_the_next_step(store: ReleaseStore) -> None:
    with pytest.raises(ValueError, match="nothing was ingested yet; name a source: communique ingest SOURCE"):
        sync(store)


@pytest.mark.parametrize("name", ["", " "])
def test_a_source_without_a_name_is_refused_rather_than_taken_for_the_working_directory(
    store: ReleaseStore, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write(folder / "a.jsonl", TALKS)
    monkeypatch.chdir(folder)

    with pytest.raises(ValueError, match="a source has no name; name a file, a folder or an address"):
        ingest(store, [name])

    assert store.span().releases == 0


def test_the_home_of_nobody_is_no_folder(store: ReleaseStore) -> None:
    report = ingest(store, ["~no-such-user/releases"])

    assert [(f.origin, f.reason) for f in report.failed] == [
        ("~no-such-user/releases", "there is no such file or folder")
    ]


def test_a_dry_run_tells_what_would_be_done_and_keeps_nothing(store: ReleaseStore, folder: Path) -> None:
    write(folder / "a.jsonl", TALKS, VISIT)
    with open_rehearsal(store.folder) as copy:
        assert counts(try_ingest(copy, [str(folder)])) == (2, 0, 0, 0, 0)
    assert (store.span().releases, store.catalogue.sources()) == (0, [])

    ingest(store, [str(folder)])
    write(folder / "a.jsonl", TALKS | {"title": "The talks"})
    with open_rehearsal(store.folder) as copy:
        assert counts(try_sync(copy)) == (0, 1, 0, 1, 0)

    assert [(r.title, r.version, r.withdrawn) for r in store.catalogue.listing()] == [
        ("Visit", 1, None),
        ("Talks", 1, None),
    ]
    assert counts(sync(store)) == (0, 1, 0, 1, 0)


def test_a_removed_release_stays_away_at_sync_and_comes_back_when_its_source_is_named(
    store: ReleaseStore, folder: Path
) -> None:
    write(folder / "a.jsonl", TALKS, VISIT)
    ingest(store, [str(folder)])

    assert store.remove("r1") is True

    assert counts(sync(store))[0] == 0
    assert store.get("r1") is None
    assert counts(ingest(store, [str(folder)]))[0] == 1
    assert store.get("r1") is not None


def test_two_files_with_statements_of_one_title_and_day_are_two_releases_and_a_remark(
    store: ReleaseStore, folder: Path
) -> None:
    for name, words in (
        ("a", "The Government is gravely concerned about the fighting in Sudan."),
        ("b", "The Government will send generators to Odesa at once."),
    ):
        (folder / f"{name}.txt").write_text(f"Press Statement\n\n26 November 2023\n\n{words}\n")

    report = ingest(store, [str(folder)])

    assert (counts(report), [r.origin for r in report.remarks]) == ((2, 0, 0, 0, 0), [str(folder / "b.txt")])
    (folder / "b.txt").write_text(
        "Press Statement\n\n26 November 2023\n\nThe Government will send no generators to Odesa after all.\n"
    )
    assert counts(sync(store)) == (0, 1, 1, 0, 0)


def test_a_title_corrected_in_its_file_is_a_change_and_takes_nothing_away(store: ReleaseStore, folder: Path) -> None:
    text = "Statment on Sudan\n\n26 November 2023\n\nThe fighting in Sudan must end at once.\n"
    (folder / "a.txt").write_text(text)
    ingest(store, [str(folder)])

    (folder / "a.txt").write_text(text.replace("Statment", "Statement"))

    assert counts(sync(store)) == (0, 1, 0, 0, 0)
    assert [(r.title, r.version) for r in store.catalogue.listing()] == [("Statement on Sudan", 2)]


def test_a_date_set_by_hand_is_found_by_and_kept(store: ReleaseStore, folder: Path) -> None:
    write(folder / "a.jsonl", {"id": "r1", "title": "Talks", "text": "They met in Busan."})
    ingest(store, [str(folder)])

    assert store.set_date("r1", date(2020, 2, 29)) is True
    write(folder / "a.jsonl", {"id": "r1", "title": "Talks", "text": "They met in Seoul."})
    sync(store)

    kept = store.get("r1")
    assert kept is not None
    assert (kept.date, kept.date_source, kept.version) == (date(2020, 2, 29), "by hand", 2)
    assert store.check() == []


def test_the_steps_are_told_as_they_go_on(store: ReleaseStore, folder: Path) -> None:
    write(folder / "a.jsonl", TALKS, VISIT)
    steps: list[tuple[str, int, int | None]] = []

    ingest(store, [str(folder)], lambda *step: steps.append(step))

    assert steps == [("Reading", 2, None), ("Indexing", 2, 2), ("Comparing", 2, None)]


@pytest.mark.skipif(not WHITE_HOUSE.exists(), reason="the measuring data are not here")
@pytest.mark.slow
def test_a_second_run_over_5000_records_costs_almost_nothing(
    store: ReleaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where there is nothing in the indexes, everything would be indexed anew.
    (tmp_path / "one.jsonl").write_text(json.dumps({"id": "one", "title": "A visit", "paragraphs": ["They met."]}))
    ingest(store, [str(tmp_path / "one.jsonl")])
    with monkeypatch.context() as recording_only:
        recording_only.setattr(ReleaseStore, "catch_up", lambda *_, **__: 0)
        first = ingest(store, [str(WHITE_HOUSE)])
    while store.catalogue.relate(500):
        pass
    monkeypatch.setattr(type(store.embedder), "texts", lambda *_: pytest.fail("something is embedded"))
    store.catalogue.indexed(store.catalogue.get_many(list(store.catalogue.ids())), list(store.catalogue.ids()))

    began = time.process_time()
    second = ingest(store, [str(WHITE_HOUSE)])

    # Processor time, since other work on the machine is not what is measured.
    assert time.process_time() - began < 5
    assert counts(second) == (0, 0, first.added, 0, 0)
