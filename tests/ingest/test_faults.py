"""Whatever happens while releases are brought in, nothing is lost and nothing is half there."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from ingest import ingest, sync
from vectorstore import ReleaseStore, open_store, reindex
from vectorstore.trouble import CannotWrite

RELEASES = 60
# One process that has everything loaded forks a child for each ingest that is to be killed, so that the signal hits the
# ingest rather than the loading. It reads "DATA SOURCE" lines, answers with the child's number, and says when it ended.
WORKSHOP = """
import os, sys
import torch
torch.set_num_threads(1)
import chromadb, llama_index.vector_stores.chroma
from ingest import ingest
from vectorstore import open_store
from vectorstore.embeddings import open_embedder
model = sys.argv[1]
open_embedder(model).llama_index
print("ready", flush=True)
for line in sys.stdin:
    data, source = line.split()
    child = os.fork()
    if child == 0:
        with open_store(data, embedding=model) as store:
            ingest(store, [source])
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def records(edition: int) -> list[dict[str, object]]:
    """A dump in its first or second edition: the second corrects every third release, drops one and adds some."""
    made = []
    for number in range(RELEASES + 10 * edition):
        if edition and number == 7:
            continue
        words = "continue" if edition and number % 3 == 0 else "suspend"
        paragraphs = [f"Office {number} will {words} subsidy {n} for the port of Busan." for n in range(4 + number % 3)]
        made.append({"id": f"r{number}", "title": f"Notice {number}", "date": "2023-05-06", "paragraphs": paragraphs})
    return made


def write(path: Path, edition: int) -> str:
    path.write_text("\n".join(json.dumps(record) for record in records(edition)))
    return str(path)


def texts(store: ReleaseStore) -> dict[str, list[str]]:
    """What every release says that is not withdrawn."""
    kept = store.catalogue.get_many(list(store.catalogue.ids()))
    return {i: [p.text for p in r.paragraphs] for i, r in kept.items() if not r.withdrawn}


@pytest.fixture
def store(tmp_path: Path, tiny_model: str) -> Iterator[ReleaseStore]:
    with open_store(tmp_path / "data", embedding=tiny_model) as opened:
        yield opened


@pytest.mark.parametrize("points", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_an_ingest_killed_at_any_moment_is_completed_by_the_next_one(
    tmp_path: Path, tiny_model: str, points: int
) -> None:
    source = tmp_path / "dump.jsonl"
    chance = random.Random(points)
    expected = {str(r["id"]): r["paragraphs"] for r in records(1)}
    killed = 0
    with subprocess.Popen(
        [sys.executable, "-c", WORKSHOP, tiny_model], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as workshop:
        # So that a child that hangs fails the test rather than holding it up.
        watch = threading.Timer(60 + 30 * points, workshop.kill)
        watch.start()

        def says() -> str:
            assert workshop.stdout
            return workshop.stdout.readline().strip()

        assert says() == "ready"

        def run(data: Path, edition: int, kill_after: float | None = None) -> int:
            """The exit status; the seconds are counted from the fork."""
            assert workshop.stdin
            workshop.stdin.write(f"{data} {write(source, edition)}\n")
            workshop.stdin.flush()
            child = int(says())
            if kill_after is not None:
                time.sleep(kill_after)
                # Some are done before their time.
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            return int(says())

        assert run(tmp_path / "first", 0) == 0
        began = time.perf_counter()
        assert run(tmp_path / "first", 1) == 0
        whole = time.perf_counter() - began
        for point in range(points):
            data = tmp_path / f"data{point}"
            if point % 2:
                run(data, 0)
            killed += run(data, 1, kill_after=chance.uniform(0, whole)) == -signal.SIGKILL

            with open_store(data, embedding=tiny_model) as store:
                ingest(store, [str(source)])

                assert texts(store) == expected
                assert store.check() == []
                assert store.catalogue.to_index_count() == 0
        watch.cancel()
    # A machine that is busy in between lets some finish before their time; were none hit, this would be no test.
    assert killed


def test_a_full_disk_is_one_line_and_the_next_run_completes(
    store: ReleaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "dump.jsonl", 0)
    # SQLite itself refuses to grow, as it does when the disk is full.
    with store.catalogue.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def small(connection: object, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 2}")  # type: ignore[attr-defined]  # the driver's connection

    event.listen(store.catalogue.engine, "checkout", small)
    with pytest.raises(CannotWrite, match=f"no room to write in {tmp_path}/data .* make room and run the same command"):
        ingest(store, [source])
    assert texts(store) == {}
    event.remove(store.catalogue.engine, "checkout", small)
    store.catalogue.engine.dispose()

    assert ingest(store, [source]).added == RELEASES
    assert store.check() == []


@pytest.mark.parametrize("left", [60_000, 1_300_000])
def test_a_really_full_disk_is_one_line_too_whoever_finds_it_out(tmp_path: Path, tiny_model: str, left: int) -> None:
    """A small file system with so many bytes left: the catalogue finds no room, or the vectors see how little it is."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk], check=False).returncode
    ):
        pytest.skip("no file system can be mounted here")
    try:
        source = write(tmp_path / "dump.jsonl", 0)
        with open_store(disk / "data", embedding=tiny_model) as small:
            room = os.statvfs(disk)
            (disk / "filler").write_bytes(bytes(room.f_bavail * room.f_frsize - left))
            with pytest.raises(CannotWrite, match=f"no room to write in {disk}/data.* make room and run the same"):
                ingest(small, [source])
        (disk / "filler").unlink()
        with open_store(disk / "data", embedding=tiny_model) as grown:
            ingest(grown, [source])
            assert set(texts(grown)) == {str(record["id"]) for record in records(0)}
            assert grown.check() == []
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def test_a_folder_that_must_not_be_written_is_one_line(tmp_path: Path, tiny_model: str) -> None:
    """Root may write everywhere, but not on a file system that is mounted to be read."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid():
        disk.chmod(0o500)
    elif subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", disk], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        with pytest.raises(
            CannotWrite, match=f"{disk}/data cannot be written: make it writable, or name another folder"
        ):
            open_store(disk / "data", embedding=tiny_model)
    finally:
        if os.geteuid():
            disk.chmod(0o700)
        else:
            subprocess.run(["umount", "-l", disk], check=False)


def test_a_file_in_the_place_of_the_folder_is_one_line(tmp_path: Path, tiny_model: str) -> None:
    (tmp_path / "data").write_text("not a folder")

    with pytest.raises(CannotWrite, match=f"{tmp_path}/data is no folder: name another one with --data"):
        open_store(tmp_path / "data", embedding=tiny_model)


def test_a_second_ingest_says_that_it_waits_and_both_end_well(
    store: ReleaseStore, tmp_path: Path, tiny_model: str
) -> None:
    first, second = write(tmp_path / "a.jsonl", 0), write(tmp_path / "b.jsonl", 1)
    waited, told, reports = threading.Event(), [], []

    def other() -> None:
        with open_store(tmp_path / "data", embedding=tiny_model) as beside:
            reports.append(ingest(beside, [second], waiting=lambda who: (told.append(who), waited.set())))

    thread = threading.Thread(target=other)
    with store.alone("indexing since 14:02 UTC"):
        thread.start()
        assert waited.wait(60)
        report = ingest(store, [first])
    thread.join(120)

    assert told == [f"process {os.getpid()}, indexing since 14:02 UTC"]
    # The second had recorded its releases by then, and only had to wait with indexing them.
    assert [(r.added, r.changed, r.failed) for r in reports] == [(RELEASES + 10 - 1, 0, ())]
    assert (report.added, report.changed, report.failed) == (1, RELEASES // 3, ())
    assert store.check() == []


def test_questions_asked_during_an_ingest_find_whole_releases_and_no_error(
    store: ReleaseStore, tmp_path: Path, tiny_model: str
) -> None:
    source = write(tmp_path / "dump.jsonl", 0)
    ingest(store, [source])
    editions = [{str(r["id"]): r["paragraphs"] for r in records(edition)} for edition in (0, 1)]
    over, asked, wrong = threading.Event(), [], []

    def ask() -> None:
        # As another process would: with a store of its own.
        with open_store(tmp_path / "data", embedding=tiny_model) as beside:
            while not over.is_set() or not asked:
                try:
                    found = beside.find("Which office will suspend the subsidy for the port?", 20)
                    matches = [*found.by_meaning, *found.by_words]
                    whole = {m.release.id: [p.text for p in m.release.paragraphs] for m in matches}
                    wrong.extend(i for i, said in whole.items() if said not in [e.get(i) for e in editions])
                    wrong.extend("nothing found" for _ in range(not matches))
                except Exception as error:  # noqa: BLE001, RUF100  # any error at all fails the test
                    wrong.append(repr(error))
                asked.append(1)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for edition in (1, 0, 1):
            write(tmp_path / "dump.jsonl", edition)
            sync(store)
    finally:
        over.set()
        for thread in threads:
            thread.join(60)

    assert wrong == []
    assert len(asked) >= 3
    assert store.check() == []


def elsewhere(data: Path, model: str, *lines: str) -> None:
    """Run lines of Python in a process of its own, with an open `store`."""
    opening = [f"store = open_store({str(data)!r}, embedding={model!r})"]
    imports = ["from ingest import ingest", "from vectorstore import open_store, reindex"]
    subprocess.run([sys.executable, "-c", "\n".join([*imports, *opening, *lines])], check=True, timeout=120)


def found_by_meaning(store: ReleaseStore, expected: int) -> set[str]:
    """The releases found, as soon as there are as many as expected: what others write is seen a little later."""
    found: set[str] = set()
    for _ in range(100):
        found = {m.release.id for m in store.find("Which office will suspend it?", 1000).by_meaning}
        if len(found) == expected:
            break
        time.sleep(0.1)
    return found


def test_what_another_process_ingested_is_found_by_meaning_too_and_not_written_over(
    store: ReleaseStore, tmp_path: Path, tiny_model: str
) -> None:
    first, second = write(tmp_path / "a.jsonl", 0), write(tmp_path / "b.jsonl", 1)
    ingest(store, [first])
    assert len(found_by_meaning(store, RELEASES)) == RELEASES

    elsewhere(tmp_path / "data", tiny_model, f"ingest(store, [{second!r}])")

    everything = {str(r["id"]) for edition in (0, 1) for r in records(edition)}
    assert found_by_meaning(store, len(everything)) == everything
    (tmp_path / "c.jsonl").write_text('{"id": "mine", "text": "Office 9 will suspend it."}')
    ingest(store, [str(tmp_path / "c.jsonl")])
    assert found_by_meaning(store, len(everything) + 1) == everything | {"mine"}
    assert store.check() == []


def test_questions_are_answered_while_the_indexes_are_made_anew(
    store: ReleaseStore, tmp_path: Path, tiny_model: str
) -> None:
    ingest(store, [write(tmp_path / "dump.jsonl", 0)])
    over, found = threading.Event(), []

    def ask() -> None:
        while not over.is_set() or not found:
            try:
                both = store.find("Which office will suspend the subsidy for the port?", 20)
                found.append((len(both.by_meaning), len(both.by_words)))
            except Exception as error:  # noqa: BLE001, RUF100  # any error at all fails the test
                found.append(repr(error))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        assert reindex(tmp_path / "data", embedding=tiny_model) == RELEASES
    finally:
        over.set()
        thread.join(60)

    assert set(found) == {(20, 20)}
    assert sorted(p.name for p in (tmp_path / "data").iterdir() if p.is_dir()) == ["vectors", "words"]
    with open_store(tmp_path / "data", embedding=tiny_model) as anew:
        assert anew.check() == []


def test_a_question_does_not_wait_for_an_ingest(store: ReleaseStore, tmp_path: Path, tiny_model: str) -> None:
    ingest(store, [write(tmp_path / "dump.jsonl", 0)])

    with store.alone("indexing"), open_store(tmp_path / "data", embedding=tiny_model) as beside:
        assert beside.catch_up(wanted=()) == 0
        assert beside.find("port of Busan", 3).by_words


def test_the_doctor_names_what_disagrees_and_repair_mends_it(store: ReleaseStore, tmp_path: Path) -> None:
    ingest(store, [write(tmp_path / "dump.jsonl", 0)])
    collection = store._vectors._store.client
    collection.delete(where={"document_id": "r1"})
    collection.update(ids=["r2#0.0"], documents=["something else"], embeddings=[[1.0] * 16])
    ghost = store.get("r3")
    assert ghost is not None
    store._words.replace([], gone=["r3"])
    store._words.replace([replace(ghost, id="ghost")])

    found = store.check()

    assert [str(one) for one in found] == [
        "vectors: 1 releases missing, 1 releases outdated",
        "words: 1 releases missing, 1 releases left over",
    ]
    assert store.repair(found) == 4
    assert store.check() == []


@pytest.mark.parametrize("lost", ["vectors", "words"])
def test_an_index_that_somebody_deleted_is_made_anew(tmp_path: Path, tiny_model: str, lost: str) -> None:
    with open_store(tmp_path / "data", embedding=tiny_model) as store:
        ingest(store, [write(tmp_path / "dump.jsonl", 0)])
    # Chroma keeps the state of a folder while the process lives, so it is another folder that lacks something.
    shutil.copytree(tmp_path / "data", tmp_path / "moved", ignore=shutil.ignore_patterns(lost))

    with open_store(tmp_path / "moved", embedding=tiny_model) as store:
        store.catch_up()
        assert store.check() == []
