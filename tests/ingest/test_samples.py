import json
from pathlib import Path

import pytest

from ingest.formats import FORMATS, read_page, suffix_of
from ingest.page import Page, Read
from tests.ingest.golden.renew import HERE, SAMPLES, outcome, sample_names
from tests.ingest.samples import build
from vectorstore import Release

NOVEMBER = [name for name in sample_names() if name.startswith(("november", "attached"))]


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_is_read_as_before(name: str) -> None:
    """Renew with `python -m tests.ingest.golden.renew` when the change is meant."""
    assert outcome(name) == json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def test_every_format_has_a_sample() -> None:
    known = {FORMATS[suffix] for suffix in FORMATS}
    sampled = {FORMATS[Path(name).suffix] for name in sample_names()}

    assert known == sampled


def test_the_samples_are_what_their_script_writes() -> None:
    made = build.samples()

    # A PDF holds the version of the library that wrote it.
    assert sorted(made) == sample_names()
    assert [n for n in made if not n.endswith((".pdf", "attached.eml")) and (SAMPLES / n).read_bytes() != made[n]] == []


def releases(name: str) -> list[Release]:
    page = Page(name, name, (SAMPLES / name).read_bytes())
    return [read.release for read in read_page(page) if isinstance(read, Read)]


@pytest.mark.parametrize("name", NOVEMBER)
def test_the_same_release_is_the_same_in_every_format(name: str) -> None:
    (text,) = releases("november.txt")
    (other,) = releases(name)

    def words(release: Release) -> list[tuple[str, bool, str, int]]:
        return [(p.number, p.numbered, "".join(p.text.split()), len(p.notes)) for p in release.paragraphs]

    assert (other.title, other.date) == (text.title, text.date)
    assert words(other) == words(text)


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_is_known_by_its_content_whatever_its_name(name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    suffix = Path(name).suffix
    if suffix in (".txt", ".csv"):
        pytest.skip("plain text shows no format")

    assert FORMATS[suffix_of(Page("x", "download.do", content))] is FORMATS[suffix]
