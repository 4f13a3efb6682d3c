import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest import FORMATS, Failure, ingest
from vectorstore import ReleaseStore, open_store

GOOD = {
    "id": "r1",
    "title": "Talks",
    "date": "2023-05-06",
    "url": "https://x.org/1",
    "paragraphs": ["They met.", "They agreed."],
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReleaseStore]:
    with open_store(tmp_path / "data") as opened:
        yield opened


def write(path: Path, *lines: object) -> str:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return str(path)


def test_the_samples_are_read_and_a_second_run_changes_nothing(sample_data: Path, samples: Path) -> None:
    with open_store(sample_data) as store:
        report = ingest(store, [str(samples)])

    assert (report.added, report.changed, report.unchanged, report.failed, report.remarks) == (0, 0, 171, (), ())
    assert report.releases == 171


def test_a_record_becomes_a_release(store: ReleaseStore, tmp_path: Path) -> None:
    report = ingest(store, [write(tmp_path / "a.jsonl", GOOD)])

    assert report.to_dict() | {"seconds": 0} == {
        "added": 1, "changed": 0, "unchanged": 0, "removed": 0, "failed": (), "remarks": (), "releases": 1, "paragraphs": 2,
        "seconds": 0, "returned": 0,
    }  # fmt: skip
    release = store.get("r1")
    assert release is not None
    assert (release.title, release.date, release.url, release.date_source) == (
        "Talks",
        date(2023, 5, 6),
        "https://x.org/1",
        "record",
    )
    assert [(p.index, p.text) for p in release.paragraphs] == [(0, "They met."), (1, "They agreed.")]
    assert store.catalogue.origins("r1") == [f"{tmp_path}/a.jsonl:1"]


def test_a_broken_line_is_reported_with_its_number_and_the_others_are_kept(store: ReleaseStore, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        GOOD,
        '{"id": "r2", "text": ',
        "[1]",
        {"id": "r3"},
        {"id": "r4", "paragraphs": "x"},
        {"text": "Only text."},
    )

    report = ingest(store, [path])

    assert report.added == 2
    assert [f.origin for f in report.failed] == [f"{path}:{n}" for n in (2, 3, 4, 5)]
    assert [f.reason for f in report.failed] == [
        "line 2 is not JSON: Expecting value at character 22",
        "line 3: a record is an object, this is list",
        'line 4: the record holds no text; give "paragraphs" or "text"',
        'line 5: "paragraphs" is a list of strings',
    ]


def test_a_record_with_a_date_that_is_none_is_kept_undated(store: ReleaseStore, tmp_path: Path) -> None:
    report = ingest(store, [write(tmp_path / "a.jsonl", GOOD | {"date": "soon"})])

    assert (report.added, report.failed) == (1, ())
    assert report.remarks == (Failure(f"{tmp_path}/a.jsonl:1", "kept without a date: 'soon' is not a date"),)
    release = store.get("r1")
    assert release is not None
    assert release.date is None


def test_records_without_ids_do_not_fall_together(store: ReleaseStore, tmp_path: Path) -> None:
    report = ingest(
        store, [write(tmp_path / "a.jsonl", {"title": "T", "text": "One."}, {"title": "T", "text": "Two."})]
    )

    assert (report.added, report.releases) == (2, 2)


def test_a_corrected_record_is_a_new_version(store: ReleaseStore, tmp_path: Path) -> None:
    ingest(store, [write(tmp_path / "a.jsonl", GOOD)])

    report = ingest(store, [write(tmp_path / "a.jsonl", GOOD | {"paragraphs": ["They met.", "They disagreed."]})])

    assert (report.added, report.changed, report.unchanged) == (0, 1, 0)
    assert [v.version for v in store.catalogue.versions("r1")] == [1, 2]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "the file is empty"),
        ("blank.jsonl", b" \n\n", "the file is empty"),
        ("binary.txt", bytes(range(256)) * 20, "this is a binary file, not text"),
        (
            "picture.png",
            b"\x89PNG\r\n\x1a\n\0\0",
            f"no format for .png; there are {', '.join(FORMATS)}",
        ),
        (
            "unknown.docm",
            b"Some words.",
            f"no format for .docm; there are {', '.join(FORMATS)}",
        ),
        ("menu.txt", b"Home\nNews\n", "no sentence was found in it; is it a release?"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason_and_the_rest_is_kept(
    store: ReleaseStore, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / name).write_bytes(content)
    write(folder / "good.jsonl", GOOD)

    report = ingest(store, [str(folder)])

    assert report.added == 1
    assert report.failed == (Failure(str(folder / name), reason),)


def test_missing_and_empty_folders_are_named(store: ReleaseStore, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    report = ingest(store, [str(tmp_path / "missing"), str(tmp_path / "empty")])

    assert [f.reason for f in report.failed] == ["there is no such file or folder", "the folder holds no files"]


def test_hidden_files_and_readmes_inside_folders_are_passed_over(store: ReleaseStore, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    write(folder / "good.jsonl", GOOD)
    (folder / ".DS_Store").write_bytes(b"\0")
    (folder / "README.md").write_text("About.")

    assert ingest(store, [str(folder)]).failed == ()


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_refuses_an_empty_file_in_words(store: ReleaseStore, tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(b"")

    report = ingest(store, [str(tmp_path / f"a{suffix}")])

    assert [f.reason for f in report.failed] == ["the file is empty"]


def test_half_a_character_in_one_record_does_not_stop_the_others(store: ReleaseStore, tmp_path: Path) -> None:
    report = ingest(store, [write(tmp_path / "a.jsonl", GOOD, {"id": "r2", "text": "A lone \ud83d sign."})])

    assert (report.added, report.failed) == (2, ())
    kept = store.get("r2")
    assert kept is not None
    assert kept.paragraphs[0].text == "A lone \ufffd sign."


@pytest.mark.skipif(os.name != "posix" or sys.platform == "darwin", reason="names of files are Unicode here")
def test_a_file_whose_name_is_no_utf_8_is_named_and_the_rest_is_kept(store: ReleaseStore, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    write(folder / "good.jsonl", GOOD)
    (folder / os.fsdecode(b"caf\xe9.txt")).write_text("They met.")

    report = ingest(store, [str(folder)])

    assert report.failed == (Failure(f"{folder}/caf\ufffd.txt", "its name is not UTF-8; rename it"),)
    assert store.get("r1") is not None
