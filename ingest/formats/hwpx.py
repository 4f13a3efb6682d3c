"""Read a release from an HWPX document: a ZIP archive of XML sections (KS X 6101, OWPML)."""

import re
from collections.abc import Iterator

from lxml import etree

from ingest.formats.archive import local, parts, xml
from ingest.formats.counters import Level
from ingest.formats.document import Document, Unit, assembled
from ingest.formats.hangul import COUNTINGS, Footnotes, Head, Heads, head_level, paragraph_units
from ingest.formats.tables import Cell, table_units
from ingest.page import Page, Read, UnreadablePage

_SECTION = re.compile(r"Contents/section(\d{1,4})\.xml", re.IGNORECASE)
# What stands in a section and is no part of its text: running heads, page numbers, hidden comments, field parameters.
_SKIPPED = frozenset(
    "header footer hiddenComment secPr pageNum pageHiding fieldBegin fieldEnd autoNum newNum indexmark linesegarray "
    "shapeComment equation pic ole chart compose dutmal parameters deleteBegin deleteEnd caption".split()
)
_SIGNS = {"lineBreak": "\n", "tab": " ", "nbSpace": " ", "fwSpace": " ", "hyphen": "-", "columnBreak": "\n"}


def read(page: Page) -> Iterator[Read]:
    """The one release of a document. Raises UnreadablePage when it is broken, encrypted or holds no sentence."""
    files = parts(page.content)
    if b"encryption-data" in files.get("META-INF/manifest.xml", b""):
        raise UnreadablePage("it is protected by a password")
    sections = sorted((int(found.group(1)), name) for name in files if (found := _SECTION.fullmatch(name)))
    if not sections:
        raise UnreadablePage("it has no section of text; is it an HWPX document?")
    reader = _Reader(files.get("Contents/header.xml"))
    units = [unit for _, name in sections for unit in reader.section(xml(files[name], name))]
    yield Read(assembled(Document(units)), page.origin)


class _Reader:
    """Read sections in order; paragraph and footnote numbers run through all of them."""

    def __init__(self, header: bytes | None) -> None:
        root = xml(header, "header.xml") if header else None
        self._heads = Heads(*_definitions(root))
        self._head_of = _paragraph_heads(root)
        self._style_paragraphs = _style_paragraphs(root)
        self._footnotes = Footnotes()
        self._outline = 0

    def section(self, root: etree._Element) -> list[Unit]:
        definition = next((e.get("outlineShapeIDRef") for e in root.iter() if local(e) == "secPr"), None)
        self._outline = _integer(definition)
        return self._blocks(root)

    def _blocks(self, parent: etree._Element) -> list[Unit]:
        return [unit for child in parent if local(child) == "p" for unit in self._paragraph(child)]

    def _paragraph(self, paragraph: etree._Element) -> list[Unit]:
        """A paragraph with its number, then the tables, boxes and footnotes that are anchored in it."""
        pieces: list[str] = []
        behind: list[Unit] = []
        deleted = False
        for run in paragraph:
            if local(run) == "run":
                deleted = self._collect(run, pieces, behind, deleted)
        text = "".join(pieces)
        label = self._heads.label(self._head(paragraph)) if text.strip() else ""
        return paragraph_units(text, label) + behind

    def _collect(self, element: etree._Element, pieces: list[str], behind: list[Unit], deleted: bool) -> bool:
        """Gather what an element shows; returns whether a tracked deletion is still open behind it."""
        if local(element) == "t" and not deleted:
            pieces.append(element.text or "")
        for child in element:
            tag = local(child)
            if tag in ("deleteBegin", "deleteEnd"):
                deleted = tag == "deleteBegin"
            elif tag == "tbl":
                behind += self._table(child)
            elif tag in ("footNote", "endNote"):
                mark, note = self._footnotes.unit(self._sublists(child))
                pieces.append(mark)
                behind += [note] if note else []
            elif tag == "subList":
                behind += self._blocks(child)
            elif tag in _SIGNS:
                pieces.append(_SIGNS[tag])
            elif tag not in _SKIPPED:
                deleted = self._collect(child, pieces, behind, deleted)
            if local(element) == "t" and not deleted:
                pieces.append(child.tail or "")
        return deleted

    def _sublists(self, parent: etree._Element) -> list[Unit]:
        return [unit for child in parent if local(child) == "subList" for unit in self._blocks(child)]

    def _table(self, table: etree._Element) -> list[Unit]:
        cells: list[Cell] = []
        captions: list[Unit] = []
        for child in table:
            if local(child) == "caption":
                captions += self._sublists(child)
            for cell in child if local(child) == "tr" else ():
                if local(cell) != "tc":
                    continue
                places = {local(part): part for part in cell}
                address, span = places.get("cellAddr"), places.get("cellSpan")
                cells.append(
                    Cell(
                        row=_integer(address.get("rowAddr")) if address is not None else 0,
                        column=_integer(address.get("colAddr")) if address is not None else len(cells),
                        units=self._sublists(cell),
                        rows=max(1, _integer(span.get("rowSpan"))) if span is not None else 1,
                        columns=max(1, _integer(span.get("colSpan"))) if span is not None else 1,
                        header=cell.get("header") == "1",
                    )
                )
        return captions + table_units(cells)

    def _head(self, paragraph: etree._Element) -> Head | None:
        """The head of a paragraph's own shape, else of its style's."""
        style = self._style_paragraphs.get(paragraph.get("styleIDRef", ""), "")
        head = self._head_of.get(paragraph.get("paraPrIDRef", "")) or self._head_of.get(style)
        if head and head.kind == "outline":
            return Head("outline", self._outline or head.definition, head.level)
        return head


def _definitions(root: etree._Element | None) -> tuple[dict[int, dict[int, Level]], dict[int, str]]:
    numberings: dict[int, dict[int, Level]] = {}
    bullets: dict[int, str] = {}
    for element in root.iter() if root is not None else ():
        if local(element) == "numbering":
            levels = numberings.setdefault(_integer(element.get("id")), {})
            for head in element:
                if local(head) == "paraHead":
                    at = max(1, _integer(head.get("level"))) - 1
                    counting = COUNTINGS.get(head.get("numFormat", ""), "decimal")
                    start = _integer(head.get("start") or "1")
                    levels[at] = head_level(head.text or "", at, counting, start)
        elif local(element) == "bullet":
            bullets[_integer(element.get("id"))] = element.get("char", "•")
    return numberings, bullets


def _paragraph_heads(root: etree._Element | None) -> dict[str, Head]:
    heads: dict[str, Head] = {}
    for element in root.iter() if root is not None else ():
        if local(element) == "paraPr":
            heading = next((child for child in element.iter() if local(child) == "heading"), None)
            kind = heading.get("type", "NONE").lower() if heading is not None else "none"
            if heading is not None and kind in ("number", "outline", "bullet"):
                heads[element.get("id", "")] = Head(
                    kind, _integer(heading.get("idRef")), _integer(heading.get("level"))
                )
    return heads


def _style_paragraphs(root: etree._Element | None) -> dict[str, str]:
    return {
        element.get("id", ""): element.get("paraPrIDRef", "")
        for element in (root.iter() if root is not None else ())
        if local(element) == "style"
    }


def _integer(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else 0
