"""What a file may do to harm: each is refused with its reason, and nothing else of the run is touched."""

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from ingest.formats import archive, document, hwp, pdf, read_page, records, tables
from ingest.page import Failure, Page, Read, UnreadablePage
from tests.ingest import builders as b

SENTENCE = "The ministers met in Busan for two hours on Sunday morning."


def read(name: str, content: bytes) -> list[Read | Failure]:
    return list(read_page(Page(name, name, content)))


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(UnreadablePage) as refused:
        read(name, content)
    return str(refused.value)


def test_an_archive_that_unpacks_to_too_much_is_cut_off_and_its_other_files_are_kept() -> None:
    content = b.zip_of({"a.txt": SENTENCE, "bomb.txt": bytes(3_000_000)})
    budget = archive.Budget(unpacked=1_000_000)

    with archive.opened(content) as opened:
        first, bomb = archive.members(opened)
        assert budget.read(opened, first) == SENTENCE.encode()
        with pytest.raises(UnreadablePage, match="the archive unpacks to more than 500 MB"):
            budget.read(opened, bomb)


def test_a_size_that_lies_does_not_unpack_more() -> None:
    content = bytearray(b.zip_of({"a.txt": bytes(3_000_000)}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 10)

    (failure,) = read("a.zip", bytes(content))

    assert isinstance(failure, Failure)
    assert failure.reason.startswith("it cannot be unpacked: ")


def test_a_document_that_is_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive.Budget.__init__, "__defaults__", (100_000, 10))

    assert (
        refusal("a.docx", b.word_document(b.word_paragraph("x" * 300_000))) == "the archive unpacks to more than 500 MB"
    )


def test_archives_inside_archives_end_somewhere() -> None:
    content = b.zip_of({"a.txt": SENTENCE})
    for _ in range(4):
        content = b.zip_of({"inner.zip": content, "b.txt": SENTENCE})

    found = read("a.zip", content)

    assert [f.reason for f in found if isinstance(f, Failure)] == [
        "archives inside archives are read 3 deep; unpack it first"
    ]
    assert len(found) == 4


def test_too_many_files_end_an_archive() -> None:
    budget = archive.Budget(members=2)
    budget.member()
    budget.member()

    with pytest.raises(UnreadablePage, match="unpack it and name the folder"):
        budget.member()


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "/etc/passwd.txt", "C:\\x\\y.txt", "a/../../y.txt"])
def test_a_name_that_leaves_the_archive_is_left_out(name: str) -> None:
    found = read("a.zip", b.zip_of({name: SENTENCE, "z.txt": SENTENCE}))

    assert sorted(type(f).__name__ for f in found) == ["Failure", "Read"]
    assert [f.reason for f in found if isinstance(f, Failure)] == [
        "its name points outside the archive; it is left out"
    ]


def test_an_encrypted_file_in_an_archive_is_named() -> None:
    content = bytearray(b.zip_of({"a.txt": SENTENCE}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1

    assert read("a.zip", bytes(content)) == [
        Failure("a.zip:a.txt", "it is encrypted; unpack it with its password first")
    ]


_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def test_entities_are_refused_wherever_xml_is_read() -> None:
    body = f'<w:document xmlns:w="x"><w:body>{b.word_paragraph(SENTENCE)}</w:body></w:document>'
    word = b.zip_of({"word/document.xml": _LAUGHS + body, "[Content_Types].xml": "<Types/>"})
    hangul = b.zip_of({"Contents/section0.xml": f"{_LAUGHS}<x>&b;</x>"})
    feed = f"<?xml version='1.0'?>{_LAUGHS}<rss><channel><item><description>&b;</description></item></channel></rss>"

    assert refusal("a.docx", word) == "its part word/document.xml declares entities, which no release needs"
    assert refusal("a.hwpx", hangul) == "its part Contents/section0.xml declares entities, which no release needs"
    assert refusal("a.xml", feed.encode()) == "the feed declares entities, which no release needs"
    assert refusal("a.xml", feed.encode("utf-16")) == "the feed declares entities, which no release needs"


def test_a_feed_file_that_names_another_file_does_not_open_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(f"<rss><channel><item><description>{SENTENCE}</description></item></channel></rss>")

    assert refusal("a.xml", str(secret).encode()).startswith("the feed holds no items")


def test_deep_nesting_is_refused_and_does_not_take_long() -> None:
    assert refusal("a.html", b"<html>" + b"<div>" * 200_000) == "its elements are nested more than 5,000 deep"
    assert "is broken" in refusal("a.hwpx", b.hwpx_document("<a>" * 2000 + "</a>" * 2000))
    assert refusal("a.json", b"[" * 100_000 + b"]" * 100_000) == (
        "it is nested too deeply or too large to be read (RecursionError)"
    )
    deep = b"".join(b.record(0x42, level % 1024, b"") for level in range(200))
    assert refusal("a.hwp", b.hwp_document(deep)) == "its records are nested more than 100 deep"


def test_many_elements_beside_each_other_are_no_nesting() -> None:
    (only,) = read("a.html", f"<html><body><p>{SENTENCE}{'<p>x' * 10_000}{'<br><li>y' * 3000}".encode())

    assert isinstance(only, Read)


def test_a_line_as_long_as_a_disk_is_left_out_and_the_others_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_RECORD_CHARACTERS", 1000)
    long = '{"text": "' + "x" * 2000 + '"}'

    failure, kept = read("a.jsonl", f'{long}\n{{"text": "{SENTENCE}"}}'.encode())

    assert failure == Failure("a.jsonl:1", "line 1 is longer than 1,000 characters")
    assert isinstance(kept, Read)


def test_a_page_with_more_text_than_any_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_TEXT_CHARACTERS", 100)

    assert (
        refusal("a.txt", f"{SENTENCE} {SENTENCE}".encode())
        == "it holds more than 100 characters of text; split it into releases"
    )


def test_a_cell_that_spans_a_million_places_is_refused() -> None:
    wide = "<table><tr>" + "<td rowspan=1000 colspan=1000>x</td>" * 3 + "</tr>" + "<tr><td>a<td>b" * 200 + "</table>"

    assert (
        refusal("a.html", f"<html><body><p>{SENTENCE}</p>{wide}".encode()) == "a table of it has more than 50,000 cells"
    )
    with pytest.raises(UnreadablePage, match="more than 50,000 cells"):
        tables.table_units([tables.Cell(0, 0, [document.Unit("x")], 1000, 1000)])


def test_scripts_and_what_is_hidden_are_not_read() -> None:
    page = f"""<html><body><script>document.write("The minister resigned this morning, as everybody knows.")</script>
    <p onclick="alert('x')">{SENTENCE}</p><p style="display: none">The minister resigned this morning, as everybody knows.</p>
    <noscript>The minister resigned this morning, as everybody knows.</noscript></body></html>"""

    (only,) = read("a.html", page.encode())

    assert isinstance(only, Read)
    assert [p.text for p in only.release.paragraphs] == [SENTENCE]


def test_an_hwp_stream_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hwp, "MAX_HWP_STREAM_BYTES", 10_000)

    assert "unpacks to more than" in refusal("a.hwp", b.hwp_document(bytes(1_000_000)))


def test_a_broken_hwp_gives_what_its_preview_holds_and_says_so() -> None:
    broken = b.record(0x42, 0, b"") + struct.pack("<I", 0x43 | 0xFFF << 20) + struct.pack("<I", 10_000)

    (only,) = read("a.hwp", b.hwp_document(broken, preview=f"Talks in Busan\r\n{SENTENCE}\r\n"))

    assert isinstance(only, Read)
    assert only.remark.startswith(
        "only the preview was read, the first 77 characters: its text is broken (a record at byte"
    )
    assert refusal("a.hwp", b.hwp_document(broken)).endswith("and it has no preview; save it as HWPX, DOCX or PDF")


def pdf_of(streams: str) -> bytes:
    return (
        "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
        f"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]{streams}\ntrailer <</Root 1 0 R>>\n%%EOF"
    ).encode("latin-1")


def test_a_pdf_that_keeps_its_reader_busy_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PDF_SECONDS", 3)
    forms = "".join(
        f"{n} 0 obj <</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 60/Resources<</XObject<</X {n + 1} 0 R>>>>>> stream\n"
        f"{'/X Do ' * 10}\nendstream endobj\n"
        for n in range(5, 30)
    )
    content = pdf_of(
        f"/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>> endobj\n4 0 obj <</Length 5>> stream\n/X Do\nendstream endobj\n{forms}"
    )

    assert refusal("a.pdf", content) == "it took more than 3 seconds to read"


def test_a_pdf_bomb_ends_at_its_bound_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PDF_MEMORY", 300_000_000)
    bomb = zlib.compress(zlib.compress(bytes(350_000_000), 1), 9).decode("latin-1")
    content = pdf_of(
        f"/Contents 4 0 R>> endobj\n4 0 obj <</Length {len(bomb)}/Filter[/FlateDecode/FlateDecode]>> stream\n{bomb}\nendstream endobj"
    )

    assert refusal("a.pdf", content) == "it needs more than 300 MB of memory"


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.4\n" + bytes(range(256)) * 20])
def test_a_broken_pdf_is_refused_in_words(content: bytes) -> None:
    assert "it is broken" in refusal("a.pdf", content) or "no text layer" in refusal("a.pdf", content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "Word 97"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "the compound file is broken"),
        (b"HWP Document File V3.00 \x1a\1\2\3\4\5", "HWP 3 or older"),
        (b"{\\rtf1 x}", "Rich Text"),
        (b.zip_of({"xl/workbook.xml": "<x/>"}), "an Excel workbook"),
        (b.zip_of({"content.xml": "<x/>", "mimetype": "application/vnd.oasis.opendocument.text"}), "OpenDocument"),
        (b"PK\x03\x04" + b"x" * 100, "the archive is broken"),
        (b.zip_of({}), "the archive holds no files"),
        (b.hwp_document(b"", flags=3), "protected by a password"),
        (b.compound_file({"Other": b"x" * 5000}), "not of HWP 5"),
    ],
)
def test_what_is_known_and_not_read_says_what_to_do(content: bytes, reason: str) -> None:
    assert reason in refusal("a.bin", content)


def test_reading_one_format_imports_no_parser_of_another() -> None:
    parsers = ("lxml", "docx", "selectolax", "pdfplumber", "olefile", "feedparser")
    said = subprocess.run(
        [sys.executable, "-c", f"import sys, ingest; print([m for m in {parsers} if m in sys.modules])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert said.stdout == "[]\n"


def test_a_zip_is_read_without_touching_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("a.txt", SENTENCE)

    assert len(read("a.zip", stream.getvalue())) == 1
    assert list(tmp_path.iterdir()) == []
