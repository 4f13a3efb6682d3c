"""Read a release from an HWP 5 document: a compound file whose BodyText streams hold records (Hancom, format 5.0).

A record is a tag, a level and data; records of a higher level belong to the one above. Paragraphs are a header, the
text in UTF-16 with control characters, and the controls (tables, footnotes, boxes) that the text refers to in order.
"""

import io
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import olefile

from ingest.formats.counters import Level
from ingest.formats.document import Document, Unit, assembled, text_units
from ingest.formats.hangul import COUNTINGS, Footnotes, Head, Heads, head_level, paragraph_units
from ingest.formats.limits import MAX_HWP_STREAM_BYTES
from ingest.formats.tables import Cell, table_units
from ingest.page import Page, Read, UnreadablePage

_COMPRESSED, _PASSWORD, _DISTRIBUTED = 1, 2, 4
# Record tags; they count from 0x10.
_NUMBERING, _BULLET, _PARA_SHAPE = 0x17, 0x18, 0x19
_PARA_HEADER, _PARA_TEXT, _CTRL_HEADER, _LIST_HEADER = 0x42, 0x43, 0x47, 0x48
# Control characters of the text: these stand alone, and all others below 32 take 8 places (table 6).
_SINGLE = {0: "", 10: "\n", 13: "", 24: "-", 25: "", 26: "", 27: "", 28: "", 29: "", 30: " ", 31: " "}
_TAB = 9
# Those that stand for a control's record, in the order of the records.
_EXTENDED = frozenset((1, 2, 3, 11, 12, 14, 15, 16, 17, 18, 21, 22, 23))
_WIDE = 8
_SKIPPED = frozenset(
    (b"head", b"foot", b"tcmt", b"pgnp", b"atno", b"nwno", b"pghd", b"idxm", b"bokm", b"eqed", b"cold")
)
_HEAD_KINDS = {1: "outline", 2: "number", 3: "bullet"}
_MAX_DEPTH = 100
_FAULTS = (OSError, struct.error, zlib.error, IndexError, ValueError, AttributeError, TypeError, OverflowError)


def read(page: Page) -> Iterator[Read]:
    """The one release of a document; where its text is locked, what its preview holds, with a remark.

    Raises UnreadablePage when it is broken, protected or holds no sentence.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(page.content)) as ole:
            streams = _streams(ole)
    except _FAULTS as error:
        raise UnreadablePage(f"the compound file is broken: {error}") from None
    header = streams.get("FileHeader", b"")
    if not header.startswith(b"HWP Document File") or len(header) < 40:
        raise UnreadablePage("it is a compound file, but not of HWP 5; save it as HWPX, DOCX or PDF")
    flags = int.from_bytes(header[36:40], "little")
    if flags & _PASSWORD:
        raise UnreadablePage("it is protected by a password")
    if flags & _DISTRIBUTED:
        yield _preview(streams, page.origin, "its text is locked for distribution")
        return
    try:
        units = _units(streams, bool(flags & _COMPRESSED))
    except _FAULTS as error:
        if isinstance(error, UnreadablePage):
            raise
        yield _preview(streams, page.origin, f"its text is broken ({error})")
        return
    yield Read(assembled(Document(units)), page.origin)


def _preview(streams: Mapping[str, bytes], origin: str, why: str) -> Read:
    """What the preview holds, which is the first page or so of the text."""
    text = streams.get("PrvText", b"").decode("utf-16-le", errors="replace")
    if not text.strip():
        raise UnreadablePage(f"{why}, and it has no preview; save it as HWPX, DOCX or PDF")
    # A preview sets the cells of tables in angle brackets.
    lines = [line.replace("<", " ").replace(">", " ") for line in text.replace("\r", "\n").split("\n")]
    release = assembled(Document(text_units(lines)))
    return Read(release, origin, f"only the preview was read, the first {len(text):,} characters: {why}")


def _streams(ole: olefile.OleFileIO) -> dict[str, bytes]:
    """The streams that hold text, by name, each as it is stored."""
    names = ["/".join(path) for path in ole.listdir(streams=True, storages=False)]
    wanted = [n for n in names if n in ("FileHeader", "DocInfo", "PrvText") or n.startswith("BodyText/Section")]
    return {name: ole.openstream(name).read(MAX_HWP_STREAM_BYTES) for name in wanted}


def _units(streams: Mapping[str, bytes], compressed: bool) -> list[Unit]:
    numbered = {int(n.removeprefix("BodyText/Section")): n for n in streams if n.startswith("BodyText/Section")}
    if not numbered:
        raise UnreadablePage("it has no section of text; is it an HWP document?")
    info = _records(_unpacked(streams["DocInfo"], compressed)) if "DocInfo" in streams else []
    reader = _Reader(info)
    return [
        unit
        for _, name in sorted(numbered.items())
        for unit in reader.section(_records(_unpacked(streams[name], compressed)))
    ]


def _unpacked(content: bytes, compressed: bool) -> bytes:
    """A stream unpacked, never more than the limit."""
    if not compressed:
        return content
    stream = zlib.decompressobj(-15)
    unpacked = stream.decompress(content, MAX_HWP_STREAM_BYTES)
    if stream.unconsumed_tail:
        raise UnreadablePage(f"a part of it unpacks to more than {MAX_HWP_STREAM_BYTES // 1_000_000} MB")
    return unpacked


@dataclass
class _Record:
    """A record with the records that belong to it."""

    tag: int
    level: int
    data: bytes
    children: list["_Record"] = field(default_factory=list)

    @property
    def control(self) -> bytes:
        """What kind of control a control's header is for: b"tbl ", b"fn  "; stored backwards."""
        return self.data[3::-1] if len(self.data) >= 4 else b""


def _records(content: bytes) -> list[_Record]:
    """The records of a stream as a tree. A record cut short by the end of the stream is an error."""
    top = _Record(0, -1, b"")
    open_ones = [top]
    place = 0
    while place + 4 <= len(content):
        (head,) = struct.unpack_from("<I", content, place)
        place += 4
        tag, level, size = head & 0x3FF, (head >> 10) & 0x3FF, head >> 20
        if size == 0xFFF:
            (size,) = struct.unpack_from("<I", content, place)
            place += 4
        if place + size > len(content):
            raise ValueError(f"a record at byte {place} ends behind the stream")
        if level > _MAX_DEPTH:
            raise UnreadablePage(f"its records are nested more than {_MAX_DEPTH} deep")
        record = _Record(tag, level, content[place : place + size])
        place += size
        while open_ones[-1].level >= level:
            open_ones.pop()
        open_ones[-1].children.append(record)
        open_ones.append(record)
    return top.children


class _Reader:
    """Read sections in order; paragraph and footnote numbers run through all of them."""

    def __init__(self, info: Sequence[_Record]) -> None:
        every = list(_flat(info))
        numberings = [record for record in every if record.tag == _NUMBERING]
        bullets = [record for record in every if record.tag == _BULLET]
        self._shapes = [record.data for record in every if record.tag == _PARA_SHAPE]
        # Paragraph shapes count numberings and bullets from 1.
        self._heads = Heads(
            {n: _levels(record.data) for n, record in enumerate(numberings, 1)},
            {n: record.data[12:14].decode("utf-16-le", errors="replace") for n, record in enumerate(bullets, 1)},
        )
        self._footnotes = Footnotes()
        self._outline = 0

    def section(self, records: Sequence[_Record]) -> list[Unit]:
        for record in _flat(records):
            if record.tag == _CTRL_HEADER and record.control == b"secd" and len(record.data) >= 20:
                (self._outline,) = struct.unpack_from("<H", record.data, 18)
        return self._blocks(records)

    def _blocks(self, records: Sequence[_Record]) -> list[Unit]:
        return [unit for record in records if record.tag == _PARA_HEADER for unit in self._paragraph(record)]

    def _paragraph(self, header: _Record) -> list[Unit]:
        """A paragraph with its number, then the tables, boxes and footnotes that are anchored in it."""
        controls = iter([child for child in header.children if child.tag == _CTRL_HEADER])
        pieces: list[str] = []
        behind: list[Unit] = []
        for record in header.children:
            if record.tag == _PARA_TEXT:
                for piece in _pieces(record.data):
                    if isinstance(piece, str):
                        pieces.append(piece)
                    elif control := next(controls, None):
                        mark, units = self._control(control)
                        pieces.append(mark)
                        behind += units
        for control in controls:
            behind += self._control(control)[1]
        text = "".join(pieces)
        label = self._heads.label(self._head(header.data)) if text.strip() else ""
        return paragraph_units(text, label) + behind

    def _control(self, control: _Record) -> tuple[str, list[Unit]]:
        """What a control shows in the text, and the units behind the paragraph."""
        if control.control in _SKIPPED:
            return "", []
        if control.control == b"tbl ":
            return "", self._table(control)
        inner = [unit for paragraphs in _lists(control) for unit in self._blocks(paragraphs)]
        if control.control in (b"fn  ", b"en  "):
            mark, note = self._footnotes.unit(inner)
            return mark, [note] if note else []
        return "", inner

    def _table(self, control: _Record) -> list[Unit]:
        """The cells of a table: each is a list header with its place and spans, and the paragraphs behind it."""
        cells: list[Cell] = []
        before: list[Unit] = []
        for header, paragraphs in _headed_lists(control.children):
            units = self._blocks(paragraphs)
            if len(header.data) < 30:
                # A caption's list has no place.
                before += units
                continue
            column, row, columns, rows = struct.unpack_from("<4H", header.data, 8)
            cells.append(Cell(row, column, units, max(1, rows), max(1, columns)))
        return before + table_units(cells)

    def _head(self, header: bytes) -> Head | None:
        if len(header) < 10:
            return None
        (shape,) = struct.unpack_from("<H", header, 8)
        if shape >= len(self._shapes) or len(self._shapes[shape]) < 32:
            return None
        (attributes,) = struct.unpack_from("<I", self._shapes[shape], 0)
        (definition,) = struct.unpack_from("<H", self._shapes[shape], 30)
        kind = _HEAD_KINDS.get((attributes >> 23) & 3)
        if kind is None:
            return None
        return Head(kind, self._outline if kind == "outline" else definition, (attributes >> 25) & 7)


def _levels(data: bytes) -> dict[int, Level]:
    """The seven levels of a numbering: 12 bytes of head, then the length and characters of its text; the numbers to
    begin with stand behind all of them, since version 5.0.2.5.
    """
    heads: list[tuple[str, str]] = []
    place = 0
    countings = list(COUNTINGS.values())
    for _ in range(7):
        if place + 14 > len(data):
            break
        attributes, length = struct.unpack_from("<I8xH", data, place)
        place += 14
        text = data[place : place + 2 * length].decode("utf-16-le", errors="replace")
        place += 2 * length
        code = (attributes >> 5) & 15
        heads.append((text, countings[code] if code < len(countings) else "decimal"))
    starts = [1] * 7
    if place + 2 + 28 <= len(data):
        starts = list(struct.unpack_from("<7I", data, place + 2))
    return {
        at: head_level(text, at, counting, starts[at] if 0 < starts[at] < 10_000 else 1)
        for at, (text, counting) in enumerate(heads)
    }


def _pieces(data: bytes) -> Iterator[str | None]:
    """The text of a paragraph in pieces; None where a control of the paragraph stands."""
    codes = struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])
    place = start = 0
    while place < len(codes):
        code = codes[place]
        if code >= 32:
            place += 1
            continue
        yield data[2 * start : 2 * place].decode("utf-16-le", errors="replace")
        if code in _SINGLE:
            yield _SINGLE[code]
            place += 1
        else:
            if code == _TAB:
                yield " "
            if code in _EXTENDED:
                yield None
            place += _WIDE
        start = place
    yield data[2 * start : 2 * place].decode("utf-16-le", errors="replace")


def _headed_lists(records: Sequence[_Record]) -> Iterator[tuple[_Record, list[_Record]]]:
    """Each list header with the paragraphs that follow it on its level."""
    current: _Record | None = None
    paragraphs: list[_Record] = []
    for record in records:
        if record.tag == _LIST_HEADER:
            if current is not None:
                yield current, paragraphs
            current, paragraphs = record, list(record.children)
        elif record.tag == _PARA_HEADER:
            paragraphs.append(record)
    if current is not None:
        yield current, paragraphs


def _lists(record: _Record) -> Iterator[list[_Record]]:
    """The lists of paragraphs anywhere inside a control: a drawing keeps them behind its shapes."""
    for _, paragraphs in _headed_lists(record.children):
        yield paragraphs
    for child in record.children:
        if child.tag not in (_LIST_HEADER, _PARA_HEADER):
            yield from _lists(child)


def _flat(records: Sequence[_Record]) -> Iterator[_Record]:
    for record in records:
        yield record
        yield from _flat(record.children)
