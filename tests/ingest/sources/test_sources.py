"""Which source a name stands for."""

from datetime import date
from pathlib import Path

import pytest

from ingest.page import Failure, Page
from ingest.sources import SOURCES, Fetcher, SourceOptions, pages


def kind_of(name: str) -> str:
    return next(kind for kind, source in SOURCES.items() if source.takes(name))


def test_a_name_is_taken_for_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.touch()
    names = {
        "https://x.org/feed": "address",
        "HTTP://X.ORG": "address",
        str(tmp_path): "folder",
        str(file): "file",
        str(tmp_path / "missing"): "nothing",
        "ftp://x.org/a": "address",
        "": "folder",
    }

    assert {name: kind_of(name) for name in names} == names
    assert set(SOURCES) == set(names.values())


def test_a_folder_is_walked_to_its_depth(tmp_path: Path) -> None:
    for name in ("b.txt", "2023/11/a.txt", "2023/README.md", ".git/config"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)

    found = list(pages(str(tmp_path), Fetcher()))

    assert found == [
        Page(str(tmp_path / "2023/11/a.txt"), "a.txt", b"2023/11/a.txt"),
        Page(str(tmp_path / "b.txt"), "b.txt", b"b.txt"),
    ]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")

    assert list(pages(missing, Fetcher())) == [Failure(missing, "there is no such file or folder")]


@pytest.mark.parametrize(
    "options",
    [SourceOptions(), SourceOptions(date(2023, 11, 1), date(2023, 11, 30), 3, True), SourceOptions(max_pages=1)],
)
def test_options_are_remembered_as_they_were(options: SourceOptions) -> None:
    assert SourceOptions.from_dict(options.to_dict()) == options
    assert SourceOptions().to_dict() == {}


def test_an_undated_release_is_always_wanted() -> None:
    november = SourceOptions(date(2023, 11, 1), date(2023, 11, 30))

    assert [november.covers(day) for day in (None, date(2023, 10, 31), date(2023, 11, 1), date(2023, 11, 30), date(2023, 12, 1))] == [
        True, False, True, True, False,
    ]  # fmt: skip
