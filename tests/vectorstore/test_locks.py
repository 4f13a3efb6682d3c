"""Processes take turns in a data folder, each knows whom it waits for, and nobody waits for ever."""

import os
import threading
import time
from pathlib import Path

import pytest

from vectorstore.locks import Lock, since_now
from vectorstore.trouble import CannotWrite


def test_who_waits_is_told_once_which_process_has_the_turn_and_since_when(tmp_path: Path) -> None:
    told: list[str] = []
    waits = threading.Event()

    def waiting(who: str) -> None:
        told.append(who)
        waits.set()

    def other() -> None:
        with Lock(tmp_path, "writing").held("removing", waiting):
            pass

    doing = since_now("indexing")
    thread = threading.Thread(target=other)
    with Lock(tmp_path, "writing").held(doing):
        thread.start()
        assert waits.wait(30)
    thread.join(30)

    assert told == [f"process {os.getpid()}, {doing}"]


def test_a_turn_that_is_over_at_once_is_not_worth_a_word(tmp_path: Path) -> None:
    told: list[str] = []
    began = threading.Event()

    def other() -> None:
        with Lock(tmp_path, "writing").held("indexing"):
            began.set()
            time.sleep(0.1)

    thread = threading.Thread(target=other)
    thread.start()
    assert began.wait(30)
    with Lock(tmp_path, "writing").held("removing", told.append):
        pass
    thread.join(30)

    assert told == []


def test_who_waits_comes_next_though_the_other_takes_turn_after_turn(tmp_path: Path) -> None:
    over, turns = threading.Event(), []

    def other() -> None:
        lock = Lock(tmp_path, "writing")
        while not over.is_set():
            with lock.held("indexing"):
                turns.append(time.monotonic())
                time.sleep(0.05)

    thread = threading.Thread(target=other)
    thread.start()
    try:
        for _ in range(3):
            asked = time.monotonic()
            with Lock(tmp_path, "writing").held("removing"):
                began_meanwhile = [turn for turn in turns if turn > asked]
            assert len(began_meanwhile) <= 3
    finally:
        over.set()
        thread.join(30)


def test_it_is_not_free_while_another_has_it_or_waits_for_it(tmp_path: Path) -> None:
    lock = Lock(tmp_path, "writing")
    assert lock.is_free()
    with lock.held("indexing"):
        assert lock.is_free(), "for the one that has it"
        with lock.held("indexing"):
            assert not Lock(tmp_path, "writing").is_free()
        assert Lock(tmp_path, "reading x.org").is_free()
    assert Lock(tmp_path, "writing").is_free()


def test_any_place_can_be_locked_whatever_its_name(tmp_path: Path) -> None:
    for name in ("reading ../../x", "reading [::1]", "reading " + "x" * 500, "reading 외교부"):
        with Lock(tmp_path, name).held("reading"):
            assert not Lock(tmp_path, name).is_free()
    assert {path.parent for path in tmp_path.rglob("*.lock")} == {tmp_path}


def test_a_folder_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    with pytest.raises(CannotWrite, match="is no folder"), Lock(tmp_path / "data", "writing").held("indexing"):
        pass
