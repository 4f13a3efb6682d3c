"""Broken and random files: whatever comes, a file is read, refused in words, or named; nothing else is raised.

A short run by default; `make fuzz` runs long, and as long as FUZZ_EXAMPLES says. What a run has found is kept as an
example in `FOUND`.
"""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.formats import FORMATS, read_page
from ingest.page import Failure, Page, Read, UnreadablePage, decoded
from tests.ingest.golden.renew import SAMPLES, sample_names

# A PDF is read by a process of its own, which takes too long for many examples.
QUICK = [name for name in sample_names() if not name.endswith(".pdf") and name != "attached.eml"]
# So many broken copies of each sample make a long run; of a PDF a fifteenth.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 1000)
SUFFIXES = sorted(set(FORMATS) - {".pdf"})

# (name, content) that once raised something else, or took for ever.
FOUND: list[tuple[str, bytes]] = [
    # An address that no parser of addresses takes.
    ("a.html", b'<link rel=canonical href="http://[x"><p>The ministers met in Busan for two hours today.</p>'),
    ("a.xml", b"<rss><channel><item><link>http://[x</link><description>They met in Busan today.</description></item></channel></rss>"),
    ("a.jsonl", b'{"url": "http://[x", "text": "They met in Busan."}'),
    ("a.json", b'{"date": "2023-11-26", "text": ' + b"9" * 5000 + b"}"),
    ("a.csv", b'text\n"\0'),
    ("a.eml", b"From: a\nMessage-ID: x\nContent-Type: multipart/mixed; boundary=\n\n--\n"),
    ("a.eml", b"From: a\nMessage-ID: x\nDate: Mon, 99 Foo 20233 99:99\nContent-Type: text/plain; charset=x-none\n\nThey met in Busan for two hours on Sunday morning."),
    ("a.hwp", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000),
    # A compound file whose small sectors have 2^262 bytes; a feed whose encoding has a zero byte in its name.
    ("a.hwp", (SAMPLES / "locked.hwp").read_bytes()[:33] + b"\x01" + (SAMPLES / "locked.hwp").read_bytes()[34:]),
    ("a.xml", b'<?xml version="1.0" encoding="\0TF-8"?><rss><channel><item><description>They met.</description></item></channel></rss>'),
]  # fmt: skip


def read(name: str, content: bytes) -> None:
    """Read a page; anything but the three things it may do fails the test."""
    found: list[Read | Failure] = []
    try:
        found += read_page(Page(name, name, content))
    except UnreadablePage as refused:
        found.append(Failure(name, str(refused).strip()))
    assert all(isinstance(one, Read | Failure) for one in found)
    for one in found:
        if isinstance(one, Read):
            assert one.release.paragraphs
            assert one.release.title
            for paragraph in one.release.paragraphs:
                assert all(0 <= note.start < note.end <= len(paragraph.text) for note in paragraph.notes)
        else:
            assert one.reason
            assert not one.reason.startswith("its reader failed")


@pytest.mark.parametrize(("name", "content"), FOUND)
def test_what_was_found_before_stays_mended(name: str, content: bytes) -> None:
    read(name, content)


def check_broken_sample(name: str, data: st.DataObject) -> None:
    content = bytearray((SAMPLES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["change", "cut", "repeat", "drop"]))
        if kind == "change":
            content[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del content[max(1, at) :]
        elif kind == "repeat":
            content[at:at] = content[at : at + data.draw(st.integers(1, 300))]
        else:
            del content[at : at + data.draw(st.integers(1, 300))]
        if not content:
            content = bytearray(b"x")
    read(name, bytes(content))


@pytest.mark.parametrize("name", QUICK)
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_broken_sample_is_read_or_refused_in_words(name: str, data: st.DataObject) -> None:
    check_broken_sample(name, data)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_many_broken_samples_are_read_or_refused_in_words(name: str, data: st.DataObject) -> None:
    check_broken_sample(name, data)


@pytest.mark.slow
@settings(max_examples=max(1, EXAMPLES // 15), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_many_broken_pdfs_are_read_or_refused_in_words(data: st.DataObject) -> None:
    check_broken_sample("november.pdf", data)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(SUFFIXES), st.binary(max_size=400))
def test_any_bytes_under_any_name_are_read_or_refused_in_words(suffix: str, content: bytes) -> None:
    read(f"a{suffix}", content)


_WORDS = st.sampled_from(
    ["The ministers met in Busan.", "1. ", "2. ", "※ ", "①", "가. ", "<p>", "</p>", "<table>", "<tr>", "<td colspan=3>", "<td rowspan=0>", "<ol start=-5>",
     "<li value=99999>", "<nav>", "<script>", "<br>", "&nbsp;", "&#0;", "\n", "\n\n", "2023-11-26", "* ", "□ ", "<a href='x'>", "</div>", "<main>", "\u200b", "<pre>"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from([".html", ".txt", ".eml", ".xml"]), st.lists(_WORDS, max_size=30))
def test_any_mixture_of_marks_and_words_is_read_or_refused_in_words(suffix: str, words: list[str]) -> None:
    head = {
        "html": "<html><body>",
        "eml": "From: a\nMessage-ID: b\nContent-Type: text/html\n\n",
        "xml": "<rss><channel><item><description>",
    }
    read(f"a{suffix}", (head.get(suffix[1:], "") + "".join(words)).encode())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["text", "title", "date", "url", "id", "paragraphs", "items", "x"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_JSON, st.sampled_from([None, 1]))
def test_any_json_is_read_or_refused_in_words(value: object, indent: int | None) -> None:
    read("a.json", json.dumps(value, indent=indent).encode())
    read("a.jsonl", json.dumps(value).encode())


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(min_size=1, max_size=60), st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "utf-32"]))
def test_text_with_a_mark_or_in_utf_8_is_decoded_to_itself(text: str, encoding: str) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    try:
        said = decoded(text.encode(encoding))
    except (UnreadablePage, UnicodeEncodeError):
        return
    assert said == text or "\0" in text


def test_the_examples_are_named_as_formats() -> None:
    assert {Path(name).suffix for name, _ in FOUND} <= set(FORMATS)
