"""Write small files in the formats that no library here writes: HWP 5, HWPX, Word lists and footnotes, PDF columns."""

import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_SAME_DAY = (2023, 11, 26, 18, 0, 0)


def zip_of(files: Mapping[str, bytes | str], stored: Iterable[str] = ()) -> bytes:
    """A ZIP archive whose bytes depend on its files alone."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _SAME_DAY)
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return stream.getvalue()


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """An OLE compound file (version 3): streams by path, "BodyText/Section0" inside a storage."""
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(content: bytes) -> int:
        """Lay content into sectors that follow each other; returns the first."""
        if not content:
            return _END
        first = len(sectors)
        for place in range(0, len(content), _SECTOR):
            sectors.append(content[place : place + _SECTOR].ljust(_SECTOR, b"\0"))
            fat.append(len(sectors))
        fat[-1] = _END
        return first

    mini = b""
    mini_fat: list[int] = []
    places: dict[str, int] = {}
    for path, content in streams.items():
        if len(content) >= _CUTOFF:
            places[path] = put(content)
            continue
        places[path] = len(mini_fat) if content else _END
        for place in range(0, len(content), _MINI):
            mini += content[place : place + _MINI].ljust(_MINI, b"\0")
            mini_fat.append(len(mini_fat) + 1)
        if content:
            mini_fat[-1] = _END
    storages = sorted({path.rpartition("/")[0] for path in streams} - {""})
    names = ["", *storages, *streams]
    children: dict[str, list[int]] = {}
    for number, name in enumerate(names[1:], 1):
        children.setdefault(name.rpartition("/")[0], []).append(number)
    right: dict[int, int] = {}
    for numbers in children.values():
        # The tree of siblings is a chain: shorter names first, then by letters.
        numbers.sort(key=lambda n: (len(names[n].rpartition("/")[2]), names[n].rpartition("/")[2].upper()))
        right |= dict(itertools.pairwise(numbers))
    mini_start = put(mini)
    entries = b""
    for number, name in enumerate(names):
        last = "Root Entry" if not number else name.rpartition("/")[2]
        encoded = (last + "\0").encode("utf-16-le")
        kind = 5 if not number else 1 if name in storages else 2
        child = children[name][0] if kind != 2 else _NONE
        start = mini_start if not number else places.get(name, 0)
        size = len(mini) if not number else len(streams.get(name, b""))
        entries += struct.pack(
            "<64sHBBIII16sIQQIQ", encoded, len(encoded), kind, 1, _NONE, right.get(number, _NONE), child, b"", 0, 0, 0,
            start, size,
        )  # fmt: skip
    directory = put(entries.ljust(-(-len(entries) // _SECTOR) * _SECTOR, b"\0"))
    packed = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    mini_sectors = -(-len(packed) // _SECTOR)
    mini_table = put(packed.ljust(mini_sectors * _SECTOR, b"\xff"))
    tables = 1
    while tables * 128 < len(fat) + tables:
        tables += 1
    first_table = len(sectors)
    whole = [*fat, *[_FAT] * tables]
    whole += [_FREE] * (tables * 128 - len(whole))
    table = struct.pack(f"<{len(whole)}I", *whole)
    difat = [*range(first_table, first_table + tables)]
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, tables,
        directory, 0, _CUTOFF, mini_table, mini_sectors, _END, 0, difat[0],
    )  # fmt: skip
    header = header + struct.pack(f"<{len(difat) - 1}I", *difat[1:])
    return header.ljust(_SECTOR, b"\xff") + b"".join(sectors) + table


def record(tag: int, level: int, data: bytes = b"") -> bytes:
    """A record of an HWP stream."""
    size = min(len(data), 0xFFF)
    head = struct.pack("<I", tag | level << 10 | size << 20)
    return head + (struct.pack("<I", len(data)) if size == 0xFFF else b"") + data


def hwp_paragraph(
    text: str, shape: int = 0, level: int = 0, controls: Sequence[tuple[int, bytes, bytes]] = ()
) -> bytes:
    """A paragraph; each control is (character, kind such as b"tbl ", the records behind its header, which name their
    own levels), and "\\0" in the text marks where it stands (at its end when there is no mark).
    """
    pieces = text.split("\0")
    coded = b""
    for number, piece in enumerate(pieces):
        coded += piece.replace("\n", "\x0a").encode("utf-16-le")
        if number < len(controls):
            character, kind, _ = controls[number]
            coded += struct.pack("<H4s8xH", character, kind[::-1], character)
    coded += "\r".encode("utf-16-le")
    made = record(0x42, level, struct.pack("<IIHBBHHHI", len(coded) // 2, 0, shape, 0, 0, 1, 0, 1, 0))
    made += record(0x43, level + 1, coded)
    for _, kind, inner in controls:
        made += record(0x47, level + 1, kind[::-1] + b"\0" * 26) + inner
    return made


def hwp_table(rows: Sequence[Sequence[str]], level: int) -> bytes:
    """The records behind a table's control header at `level`."""
    made = record(0x4D, level + 1, struct.pack("<IHH", 0, len(rows), len(rows[0])) + b"\0" * 14)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            place = struct.pack("<HHI4H", 1, 0, 0, column, row, 1, 1) + b"\0" * 18
            made += record(0x48, level + 1, place) + hwp_paragraph(text, 0, level + 1)
    return made


def hwp_list(texts: Iterable[str], level: int) -> bytes:
    """The records behind the header of a footnote, box or running head at `level`."""
    return record(0x48, level + 1, b"\0" * 16) + b"".join(hwp_paragraph(text, 0, level + 1) for text in texts)


def hwp_document(
    section: bytes, numberings: Sequence[Sequence[tuple[int, str]]] = (), shapes: Sequence[tuple[int, int, int]] = (),
    flags: int = 1, preview: str = "",
) -> bytes:  # fmt: skip
    """An HWP 5 document of one section. A numbering is seven (way of counting, text); a paragraph shape is (kind of
    head, level, numbering from 1).
    """
    info = record(0x10, 0, b"\0" * 26)
    for levels in numberings:
        heads = b"".join(
            struct.pack("<IHHIH", code << 5, 0, 50, 0xFFFFFFFF, len(text)) + text.encode("utf-16-le")
            for code, text in levels
        )
        info += record(0x17, 0, heads + struct.pack("<H7I", 0, *[1] * 7))
    info += record(0x18, 0, b"\0" * 12 + "-".encode("utf-16-le"))
    for kind, level, numbering in ((0, 0, 0), *shapes):
        info += record(0x19, 0, struct.pack("<I24xHH", kind << 23 | level << 25, 0, numbering) + b"\0" * 22)
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05010000, flags)

    def packed(content: bytes) -> bytes:
        if not flags & 1:
            return content
        stream = zlib.compressobj(9, zlib.DEFLATED, -15)
        return stream.compress(content) + stream.flush()

    return compound_file(
        {
            "FileHeader": header.ljust(256, b"\0"),
            "DocInfo": packed(info),
            "BodyText/Section0": packed(section),
            "PrvText": preview.encode("utf-16-le"),
        }
    )


_HP = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph" xmlns:hs="http://www.hancom.co.kr/hwpml/2011/section"'
_HH = 'xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head"'


def hwpx_paragraph(text: str, shape: int = 0, behind: str = "") -> str:
    """A paragraph as XML; `behind` stands in a run of its own."""
    words = escape(text).replace("\n", "<hp:lineBreak/>")
    run = f'<hp:run charPrIDRef="0">{behind}</hp:run>' if behind else ""
    return f'<hp:p id="0" paraPrIDRef="{shape}" styleIDRef="0"><hp:run charPrIDRef="0"><hp:t>{words}</hp:t></hp:run>{run}</hp:p>'


def hwpx_table(rows: Sequence[Sequence[str]]) -> str:
    made = ""
    for row, texts in enumerate(rows):
        cells = "".join(
            f'<hp:tc><hp:subList>{hwpx_paragraph(text)}</hp:subList><hp:cellAddr colAddr="{column}" rowAddr="{row}"/>'
            f'<hp:cellSpan colSpan="1" rowSpan="1"/></hp:tc>'
            for column, text in enumerate(texts)
        )
        made += f"<hp:tr>{cells}</hp:tr>"
    return f'<hp:tbl rowCnt="{len(rows)}">{made}</hp:tbl>'


def hwpx_document(
    paragraphs: str, numberings: Sequence[Sequence[tuple[str, str]]] = (), shapes: Sequence[tuple[str, int, int]] = (),
    **more: str,
) -> bytes:  # fmt: skip
    """An HWPX document of one section; numberings hold (way of counting, text), shapes (kind, level, numbering)."""
    lists = "".join(
        f'<hh:numbering id="{n}" start="0">'
        + "".join(
            f'<hh:paraHead start="1" level="{at}" numFormat="{counting}">{text}</hh:paraHead>'
            for at, (counting, text) in enumerate(levels, 1)
        )
        + "</hh:numbering>"
        for n, levels in enumerate(numberings, 1)
    )
    properties = "".join(
        f'<hh:paraPr id="{n}"><hh:heading type="{kind}" idRef="{definition}" level="{level}"/></hh:paraPr>'
        for n, (kind, level, definition) in enumerate((("NONE", 0, 0), *shapes))
    )
    header = (
        f"<hh:head {_HH}><hh:refList><hh:numberings>{lists}</hh:numberings>"
        f'<hh:bullets><hh:bullet id="1" char="○"/></hh:bullets>'
        f"<hh:paraProperties>{properties}</hh:paraProperties></hh:refList></hh:head>"
    )
    first = '<hp:p id="0" paraPrIDRef="0" styleIDRef="0"><hp:run charPrIDRef="0"><hp:secPr outlineShapeIDRef="1"/></hp:run></hp:p>'
    files = {
        "mimetype": "application/hwp+zip",
        "Contents/header.xml": header,
        "Contents/section0.xml": f"<hs:sec {_HP}>{first}{paragraphs}</hs:sec>",
        **more,
    }
    return zip_of(files, stored=("mimetype",))


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def word_paragraph(text: str, number: int | None = None, level: int = 0, style: str = "", behind: str = "") -> str:
    """A paragraph as XML; `behind` is XML behind its text, such as a footnote's reference."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if number is not None:
        properties += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>{behind}</w:p>'


def word_table(rows: Sequence[Sequence[str]]) -> str:
    made = "".join(
        f"<w:tr>{''.join(f'<w:tc>{word_paragraph(text)}</w:tc>' for text in texts)}</w:tr>" for texts in rows
    )
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{made}</w:tbl>"


def word_numbering(definitions: Mapping[int, Sequence[tuple[str, str]]], numbers: Mapping[int, tuple[int, str]]) -> str:
    """numbering.xml: definitions by id, each level a (format, text); numbers point to one, with XML of overrides."""
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{name}">'
        + "".join(
            f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
            for at, (form, text) in enumerate(levels)
        )
        + "</w:abstractNum>"
        for name, levels in definitions.items()
    )
    nums = "".join(
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="{name}"/>{override}</w:num>'
        for number, (name, override) in numbers.items()
    )
    return f"<w:numbering {_W}>{abstract}{nums}</w:numbering>"


def word_document(
    body: str, numbering: str = "", footnotes: Mapping[int, str] | None = None, styles: str = ""
) -> bytes:
    """A Word document from the XML of its body."""
    parts = {"document": f"<w:document {_W}><w:body>{body}</w:body></w:document>"}
    if numbering:
        parts["numbering"] = numbering
    if styles:
        parts["styles"] = f"<w:styles {_W}>{styles}</w:styles>"
    if footnotes:
        notes = "".join(f'<w:footnote w:id="{n}">{word_paragraph(t)}</w:footnote>' for n, t in footnotes.items())
        parts["footnotes"] = f"<w:footnotes {_W}>{notes}</w:footnotes>"
    types = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_TYPES}.{"document.main" if name == "document" else name}+xml"/>'
        for name in parts
    )
    related = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
        for n, name in enumerate(parts)
        if name != "document"
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    return zip_of(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">{related}</Relationships>',
            **{f"word/{name}.xml": content for name, content in parts.items()},
        }
    )


def pdf_columns(title: str, paragraphs: Sequence[str], head: str, columns: int = 2) -> bytes:
    """A PDF with a running head, page numbers and the paragraphs set in columns, words split at line ends."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    width, height = A4
    margin, gap, size, leading = 56, 24, 10, 13
    column_width = (width - 2 * margin - gap * (columns - 1)) / columns
    font = "Times-Roman"

    def lines_of(text: str) -> list[str]:
        lines, line = [], ""
        for word in text.split():
            if stringWidth(f"{line} {word}".strip(), font, size) <= column_width:
                line = f"{line} {word}".strip()
                continue
            fits = [
                cut
                for cut in range(4, len(word) - 3)
                if word.isalpha() and stringWidth(f"{line} {word[:cut]}-", font, size) <= column_width
            ]
            if fits:
                lines.append(f"{line} {word[: fits[-1]]}-")
                line = word[fits[-1] :]
            else:
                lines.append(line)
                line = word
        return [*lines, line]

    number = column = 0
    y = top = 0.0

    def begin_page() -> None:
        nonlocal number, top, y, column
        if number:
            canvas.showPage()
        number += 1
        canvas.setFont(font, 8)
        canvas.drawString(margin, height - 36, head)
        canvas.drawCentredString(width / 2, 30, f"- {number} -")
        top = y = height - 80
        column = 0
        if number == 1 and title:
            canvas.setFont("Times-Bold", 15)
            canvas.drawCentredString(width / 2, y, title)
            top = y = y - 36
        canvas.setFont(font, size)

    begin_page()
    for paragraph in paragraphs:
        for line in lines_of(paragraph):
            if y < 70:
                column, y = column + 1, top
                if column == columns:
                    begin_page()
            canvas.drawString(margin + column * (column_width + gap), y, line)
            y -= leading
        y -= 8
    canvas.save()
    return stream.getvalue()
