"""The table of file formats.

To add one, write a module with `read(page) -> Iterator[Read | Failure]` and put it into `FORMATS` under the suffixes it
is known by; where content tells more than the name, add a row to `SIGNS`. A module is imported when its first file
comes, so that no command waits for parsers that it does not need.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from importlib import import_module
from io import BytesIO
from pathlib import PurePath

from ingest.finishing import finished
from ingest.formats.limits import MAX_PAGE_BYTES
from ingest.page import Failure, Page, Read, UnreadablePage

FAULT = "its reader failed"
Format = Callable[[Page], Iterator[Read | Failure]]


def _in(module: str, function: str = "read") -> Format:
    """A format's reader, imported when it is first used."""

    def read(page: Page) -> Iterator[Read | Failure]:
        reader: Format = getattr(import_module(f"ingest.formats.{module}"), function)
        return reader(page)

    return read


_TEXT, _HTML, _FEED, _LINES = _in("text"), _in("html"), _in("feed"), _in("records")
_CSV, _SAVED_PAGE = _in("records", "read_csv"), _in("mail", "read_saved_page")
FORMATS: dict[str, Format] = {
    ".txt": _TEXT,
    ".text": _TEXT,
    ".jsonl": _LINES,
    ".ndjson": _LINES,
    ".json": _in("records", "read_json"),
    ".csv": _CSV,
    ".tsv": _CSV,
    ".xml": _FEED,
    ".rss": _FEED,
    ".atom": _FEED,
    ".html": _HTML,
    ".htm": _HTML,
    ".xhtml": _HTML,
    ".mhtml": _SAVED_PAGE,
    ".mht": _SAVED_PAGE,
    ".eml": _in("mail"),
    ".pdf": _in("pdf"),
    ".docx": _in("word"),
    ".hwpx": _in("hwpx"),
    ".hwp": _in("hwp"),
    ".zip": _in("zipped"),
}
# Formats that are read piece by piece and have limits of their own.
_UNLIMITED = frozenset((".jsonl", ".ndjson", ".zip", ".csv", ".tsv", ".json"))


def read_page(page: Page) -> Iterator[Read | Failure]:
    """The releases on a page, by the format its content shows or else its name.

    Raises UnreadablePage when no format fits or nothing can be read.
    """
    for read in read_part(page):
        yield finished(read) if isinstance(read, Read) else read


def read_part(page: Page) -> Iterator[Read | Failure]:
    """The same of a file inside another one, which is finished with that one."""
    if not page.content.strip():
        raise UnreadablePage("the file is empty")
    suffix = suffix_of(page)
    if suffix not in FORMATS:
        known = ", ".join(FORMATS)
        raise UnreadablePage(f"no format for {suffix or 'a file without a suffix'}; there are {known}")
    if len(page.content) > MAX_PAGE_BYTES and suffix not in _UNLIMITED:
        raise UnreadablePage(f"it is larger than {MAX_PAGE_BYTES // 1_000_000} MB, which no release is")
    try:
        yield from FORMATS[suffix](page)
    except UnreadablePage:
        raise
    except (RecursionError, MemoryError) as error:
        raise UnreadablePage(f"it is nested too deeply or too large to be read ({type(error).__name__})") from None
    except Exception as error:
        # Six parsers of others work on files of strangers: what they fail on must not end the reading of all the rest.
        raise UnreadablePage(f"{FAULT} ({type(error).__name__}: {error}); please report it with the file") from error


def suffix_of(page: Page) -> str:
    """The suffix in `FORMATS` that the page's content calls for, else the one its name has.

    Raises UnreadablePage for known formats that are not read, with what to do.
    """
    start = page.content[:4096]
    for sign in SIGNS:
        if (suffix := sign(page.content, start)) is not None:
            return suffix
    return PurePath(page.name).suffix.lower()


def _pdf(content: bytes, start: bytes) -> str | None:
    return ".pdf" if b"%PDF-" in start[:1024] else None


def _archive(content: bytes, start: bytes) -> str | None:
    """A ZIP archive by what it holds: a Word or HWPX document, else files."""
    if not start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeError):
        return ".zip"
    for name, suffix in (("word/document.xml", ".docx"), ("Contents/section0.xml", ".hwpx")):
        if name in names:
            return suffix
    for name, kind in (("xl/workbook.xml", "an Excel workbook"), ("ppt/presentation.xml", "a PowerPoint presentation")):
        if name in names:
            raise UnreadablePage(f"it is {kind}, which is not read; save it as PDF or CSV")
    if "content.xml" in names and "mimetype" in names:
        raise UnreadablePage("it is an OpenDocument file, which is not read; save it as DOCX or PDF")
    return ".zip"


def _compound(content: bytes, start: bytes) -> str | None:
    """An OLE compound file: HWP 5, which says so in its first stream, or an older Office file."""
    if not start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return None
    if "WordDocument".encode("utf-16-le") in content:
        raise UnreadablePage("it is a document of Word 97 to 2003, which is not read; save it as DOCX")
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise UnreadablePage("it is an Office document protected by a password")
    return ".hwp"


def _older(content: bytes, start: bytes) -> str | None:
    if start.startswith(b"HWP Document File V"):
        raise UnreadablePage("it is a document of HWP 3 or older, which is not read; save it as HWPX or DOCX")
    if start.startswith(b"{\\rtf"):
        raise UnreadablePage("it is a Rich Text file, which is not read; save it as DOCX")
    return None


def _words(start: bytes) -> bytes:
    """The start of a text file as bytes a letter, whatever its encoding, without what may stand before its first
    word.
    """
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or start[1::2].count(0) > len(start) / 5:
        start = start.replace(b"\0", b"").lstrip(b"\xff\xfe")
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()


def _marked_up(content: bytes, start: bytes) -> str | None:
    """HTML or a feed, by its first elements."""
    words = re.sub(rb"^(?:<\?[^>]*>|<!--.*?-->|\s)+", b"", _words(start), flags=re.DOTALL)
    if re.match(rb"<(?:rss|feed|rdf:RDF)\b|<\w+:(?:feed)\b", words, re.IGNORECASE):
        return ".xml"
    if re.match(rb"<!doctype\s+html|<(?:html|head|body|title|meta|div|p|table|article|h1)\b", words, re.IGNORECASE):
        return ".html"
    if re.match(rb"<!doctype", words, re.IGNORECASE) and re.search(rb"<(?:rss|feed|rdf:RDF)\b", words, re.IGNORECASE):
        return ".xml"
    return None


def _json(content: bytes, start: bytes) -> str | None:
    """JSON lines or one JSON value: a first line that ends where its object ends is a line."""
    words = _words(start)
    if words.startswith(b"["):
        return ".json" if re.match(rb"\[\s*[\[{\"\]]", words) else None
    if not words.startswith(b"{"):
        return None
    first = content.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0].rstrip()
    return ".json" if first in (b"{", b"{}") or not first.endswith(b"}") else ".jsonl"


def _message(content: bytes, start: bytes) -> str | None:
    """A message or saved page: header lines, one of them of mail."""
    words = start.lstrip()
    if not re.match(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]", words):
        return None
    header = re.split(rb"\r?\n\r?\n", words, maxsplit=1)[0]
    names = {name.lower() for name in re.findall(rb"^([A-Za-z][A-Za-z0-9-]{1,60}):", header, re.MULTILINE)}
    if b"mime-version" in names and re.search(
        rb"multipart/related|^snapshot-content-location:", header, re.IGNORECASE | re.MULTILINE
    ):
        return ".mhtml" if b"received" not in names and b"to" not in names else ".eml"
    is_mail = b"from" in names and (
        names & {b"received", b"mime-version", b"message-id", b"return-path", b"delivered-to"}
    )
    return ".eml" if is_mail else None


SIGNS: tuple[Callable[[bytes, bytes], str | None], ...] = (
    _pdf, _archive, _compound, _older, _marked_up, _json, _message,
)  # fmt: skip
"""What content shows, first come first served: each looks at a file's bytes and its first 4,096 and names a suffix."""
