"""Read a release from a Word document (.docx), with the numbers that Word shows before its paragraphs.

Word stores a numbered paragraph as text without its number; the number follows from the list definitions in
numbering.xml and from all paragraphs above. Sections of ECMA-376 part 1 are named where a rule comes from one.
"""

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.package import OpcPackage
from docx.opc.part import Part
from lxml import etree

from ingest.formats.archive import local, parts, xml
from ingest.formats.counters import Level, Running
from ingest.formats.document import Document, Unit, assembled, broken_lines
from ingest.formats.tables import Cell, table_units
from ingest.page import Page, Read, UnreadablePage

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# ST_NumberFormat (17.18.59) and the names of `NUMERALS`; what is not here counts in digits.
_COUNTINGS = {
    "decimal": "decimal",
    "decimalZero": "decimal-zero",
    "decimalFullWidth": "full-width",
    "decimalFullWidth2": "full-width",
    "numberInDash": "dashes",
    "ordinal": "ordinal",
    "upperRoman": "upper-roman",
    "lowerRoman": "lower-roman",
    "upperLetter": "upper-letter",
    "lowerLetter": "lower-letter",
    "decimalEnclosedCircle": "circled",
    "decimalEnclosedCircleChinese": "circled",
    "decimalEnclosedParen": "bracketed",
    "decimalEnclosedFullstop": "full-stop",
    "ganada": "hangul",
    "chosung": "hangul-jamo",
    "koreanDigital": "hangul-spoken",
    "koreanCounting": "hangul-spoken",
    "koreanLegal": "hangul-spoken",
    "koreanDigital2": "ideograph",
    "ideographDigital": "ideograph",
    "japaneseCounting": "ideograph",
    "japaneseDigitalTenThousand": "ideograph",
    "chineseCounting": "ideograph",
    "chineseCountingThousand": "ideograph",
    "taiwaneseCounting": "ideograph",
    "taiwaneseCountingThousand": "ideograph",
    "ideographTraditional": "heavenly-stem",
    "none": "none",
}
_STYLE_CHAIN = 20
_SKIPPED = frozenset("del moveFrom instrText delText delInstrText pPr rPr annotationRef rt sectPr".split())
# Wingdings' and Symbol's private places: bullets and boxes that Word draws there.
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def read(page: Page) -> Iterator[Read]:
    """The one release of a document. Raises UnreadablePage when it is broken, protected or holds no sentence."""
    # Unpacked once under the limits, so that the library meets nothing larger than was checked here.
    names = parts(page.content)
    if "EncryptedPackage" in names:
        raise UnreadablePage("it is protected by a password")
    for name, content in names.items():
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in content[:2000]:
            raise UnreadablePage(f"its part {name} declares entities, which no release needs")
    try:
        main = OpcPackage.open(io.BytesIO(page.content)).main_document_part
        word = _Word(main)
    except (PackageNotFoundError, KeyError, ValueError, AttributeError, etree.XMLSyntaxError) as error:
        raise UnreadablePage(f"it is no Word document: {error}") from None
    units = word.units()
    yield Read(assembled(Document(units, word.title)), page.origin)


@dataclass
class _Lists:
    """The list definitions of a document: what each `w:num` shows, and where each list has got to."""

    abstract: Mapping[str, Mapping[int, Level]]
    abstract_of: Mapping[str, str]
    overrides: Mapping[str, Mapping[int, Level]]
    restarts: Mapping[str, Mapping[int, int]]
    styled: Mapping[tuple[str, str], int]
    _running: dict[str, Running] = field(default_factory=lambda: defaultdict(Running))
    _begun: set[tuple[str, int]] = field(default_factory=set)

    def label(self, number: str, level: int) -> str:
        """What Word shows before the next paragraph of a list. Lists of one definition count on together; one that
        states a start of its own begins there when it first appears (17.9.8, 17.9.27).
        """
        definition = self.abstract_of.get(number)
        if definition is None:
            return ""
        levels = {**self.abstract.get(definition, {}), **self.overrides.get(number, {})}
        if level not in levels:
            return ""
        running = self._running[definition]
        start = self.restarts.get(number, {}).get(level)
        if start is not None and (number, level) not in self._begun:
            running.restart(level)
        if start is not None:
            levels[level] = Level(**{**levels[level].__dict__, "start": start})
        self._begun.add((number, level))
        return running.label(levels, level)


class _Word:
    """A document's main part with what it refers to."""

    def __init__(self, main: Part) -> None:
        self.title = ""
        root = xml(main.blob, "document.xml")
        body = root.find(f"{_W}body")
        if body is None:
            raise ValueError("it has no body; a Strict Open XML document is not read, save it as Word document")
        self._body = body
        related = {rel.reltype: rel.target_part.blob for rel in main.rels.values() if not rel.is_external}
        self._styles = _by_id(related.get(RELATIONSHIP_TYPE.STYLES), "style", "styleId")
        self._notes = {
            "footnoteReference": _by_id(related.get(RELATIONSHIP_TYPE.FOOTNOTES), "footnote", "id"),
            "endnoteReference": _by_id(related.get(RELATIONSHIP_TYPE.ENDNOTES), "endnote", "id"),
        }
        self._lists = _lists(related.get(RELATIONSHIP_TYPE.NUMBERING), self._styles)
        self._shown_notes = 0

    def units(self) -> list[Unit]:
        return self._blocks(self._body)

    def _blocks(self, parent: etree._Element) -> list[Unit]:
        units: list[Unit] = []
        for child in parent:
            tag = local(child)
            if tag == "p":
                units += self._paragraph(child)
            elif tag == "tbl":
                units += self._table(child)
            elif tag not in _SKIPPED:
                units += self._blocks(child)
        return units

    def _paragraph(self, paragraph: etree._Element) -> list[Unit]:
        """A paragraph with the number shown before it, then its text boxes and its footnotes."""
        pieces: list[str] = []
        boxes: list[etree._Element] = []
        notes: list[tuple[str, etree._Element]] = []
        self._collect(paragraph, pieces, boxes, notes)
        text = "".join(pieces)
        label = self._label(paragraph)
        lines = broken_lines(text)
        if lines and label:
            lines[0] = f"{label} {lines[0]}"
        if lines and not self.title and self._style(paragraph) in ("title", "제목"):
            self.title = " ".join(lines)
        units = [Unit(line) for line in lines]
        for box in boxes:
            units += self._blocks(box)
        for mark, note in notes:
            body = " ".join(unit.text for unit in self._blocks(note))
            units += [Unit(f"{mark} {body}")] if body else []
        return units

    def _collect(
        self,
        element: etree._Element,
        pieces: list[str],
        boxes: list[etree._Element],
        notes: list[tuple[str, etree._Element]],
    ) -> None:
        """What a paragraph shows, in order. Text that was deleted, hidden or stands in field codes is not shown."""
        for child in element:
            tag = local(child)
            if tag in _SKIPPED or (tag == "r" and _is_hidden(child)):
                continue
            if tag == "t":
                pieces.append(child.text or "")
            elif tag in _SIGNS:
                pieces.append(_SIGNS[tag])
            elif tag == "sym":
                code = int(child.get(f"{_W}char", "0"), 16)
                pieces.append(_PRIVATE.sub("•", chr(code)) if code else "")
            elif tag in self._notes:
                self._refer(tag, child, pieces, notes)
            elif tag == "txbxContent":
                boxes.append(child)
            elif tag == "AlternateContent":
                # The same drawing twice, for newer and older programs.
                self._collect(next(iter(child), child), pieces, boxes, notes)
            else:
                self._collect(child, pieces, boxes, notes)

    def _refer(
        self, tag: str, reference: etree._Element, pieces: list[str], notes: list[tuple[str, etree._Element]]
    ) -> None:
        """A footnote's number, set behind the word as "1)", and the note under the same mark."""
        note = self._notes[tag].get(reference.get(f"{_W}id", ""))
        if note is None or reference.get(f"{_W}customMarkFollows") in ("1", "true", "on"):
            if note is not None:
                notes.append(("※", note))
            return
        self._shown_notes += 1
        pieces.append(f"{self._shown_notes})")
        notes.append((f"{self._shown_notes})", note))

    def _label(self, paragraph: etree._Element) -> str:
        number, level = self._numbering(paragraph)
        label = self._lists.label(number, level) if number not in ("", "0") else ""
        return _PRIVATE.sub("•", label).strip()

    def _numbering(self, paragraph: etree._Element) -> tuple[str, int]:
        """The list and level of a paragraph: its own, else its style's or that of the styles it is based on."""
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        number, level = _numbering_of(own)
        if number is not None:
            return number, level or 0
        style = self._style_id(paragraph)
        for _ in range(_STYLE_CHAIN):
            found = self._styles.get(style)
            if found is None:
                return "", 0
            number, styled = _numbering_of(found.find(f"{_W}pPr/{_W}numPr"))
            if number is not None:
                definition = self._lists.abstract_of.get(number, "")
                linked = self._lists.styled.get((definition, style))
                chosen = next((n for n in (level, styled, linked) if n is not None), 0)
                return number, chosen
            style = _value(found.find(f"{_W}basedOn"))
        return "", 0

    def _style_id(self, paragraph: etree._Element) -> str:
        return _value(paragraph.find(f"{_W}pPr/{_W}pStyle")) or self._default_style

    @property
    def _default_style(self) -> str:
        return next(
            (
                name
                for name, style in self._styles.items()
                if style.get(f"{_W}type") == "paragraph" and style.get(f"{_W}default") in ("1", "true", "on")
            ),
            "",
        )

    def _style(self, paragraph: etree._Element) -> str:
        """The name of a paragraph's style, in small letters."""
        style = self._styles.get(_value(paragraph.find(f"{_W}pPr/{_W}pStyle")))
        return _value(style.find(f"{_W}name")).lower() if style is not None else ""

    def _table(self, table: etree._Element) -> list[Unit]:
        cells: list[Cell] = []
        above: dict[int, int] = {}
        for row, tr in enumerate(_rows(table)):
            header = tr.find(f"{_W}trPr/{_W}tblHeader") is not None
            column = _integer(_value(tr.find(f"{_W}trPr/{_W}gridBefore")))
            for tc in _cells(tr):
                wide = max(1, _integer(_value(tc.find(f"{_W}tcPr/{_W}gridSpan"))))
                merge = tc.find(f"{_W}tcPr/{_W}vMerge")
                units = self._blocks(tc)
                if merge is not None and _value(merge) != "restart" and column in above:
                    merged = cells[above[column]]
                    cells[above[column]] = Cell(
                        merged.row, merged.column, merged.units, row - merged.row + 1, merged.columns, merged.header
                    )
                else:
                    above[column] = len(cells)
                    cells.append(Cell(row, column, units, 1, wide, header))
                column += wide
        return table_units(cells)


_SIGNS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table, those inside content controls too, but not those of tables inside it."""
    for child in table:
        if local(child) == "tr":
            yield child
        elif local(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for child in row:
        if local(child) == "tc":
            yield child
        elif local(child) in ("sdt", "sdtContent", "customXml"):
            yield from _cells(child)


def _lists(content: bytes | None, styles: Mapping[str, etree._Element]) -> _Lists:
    """The lists of numbering.xml (17.9); a document without one has none."""
    if content is None:
        return _Lists({}, {}, {}, {}, {})
    root = xml(content, "numbering.xml")
    abstract: dict[str, dict[int, Level]] = {}
    styled: dict[tuple[str, str], int] = {}
    linked: dict[str, str] = {}
    for definition in root.iterfind(f"{_W}abstractNum"):
        name = definition.get(f"{_W}abstractNumId", "")
        abstract[name] = dict(map(_level, definition.iterfind(f"{_W}lvl")))
        for level in definition.iterfind(f"{_W}lvl"):
            if style := _value(level.find(f"{_W}pStyle")):
                styled[name, style] = _integer(level.get(f"{_W}ilvl"))
        if link := _value(definition.find(f"{_W}numStyleLink")):
            linked[name] = link
    abstract_of = {
        num.get(f"{_W}numId", ""): _value(num.find(f"{_W}abstractNumId")) for num in root.iterfind(f"{_W}num")
    }
    for linking, link in linked.items():
        # A definition that only points to a list style takes that style's list (17.9.21).
        listing = styles.get(link)
        pointed, _ = _numbering_of(listing.find(f"{_W}pPr/{_W}numPr")) if listing is not None else (None, None)
        abstract[linking] = abstract.get(abstract_of.get(pointed or "", ""), {})
    overrides: dict[str, dict[int, Level]] = {}
    restarts: dict[str, dict[int, int]] = {}
    for num in root.iterfind(f"{_W}num"):
        number = num.get(f"{_W}numId", "")
        for override in num.iterfind(f"{_W}lvlOverride"):
            at = _integer(override.get(f"{_W}ilvl"))
            level = override.find(f"{_W}lvl")
            start = override.find(f"{_W}startOverride")
            if level is not None:
                overrides.setdefault(number, {})[at] = _level(level)[1]
            if start is not None:
                restarts.setdefault(number, {})[at] = _integer(_value(start))
    return _Lists(abstract, abstract_of, overrides, restarts, styled)


def _level(level: etree._Element) -> tuple[int, Level]:
    start = level.find(f"{_W}start")
    restart = level.find(f"{_W}lvlRestart")
    counting = _value(level.find(f"{_W}numFmt"))
    text = _value(level.find(f"{_W}lvlText"))
    if counting == "bullet":
        text = text.replace("%", "")
    return _integer(level.get(f"{_W}ilvl")), Level(
        text=text,
        counting=_COUNTINGS.get(counting, "decimal"),
        # A level that states no start begins at 0 (17.9.25).
        start=_integer(_value(start)) if start is not None else 0,
        restart=_integer(_value(restart)) if restart is not None else None,
        legal=_is_on(level.find(f"{_W}isLgl")),
    )


def _numbering_of(element: etree._Element | None) -> tuple[str | None, int | None]:
    if element is None:
        return None, None
    number, level = element.find(f"{_W}numId"), element.find(f"{_W}ilvl")
    return (_value(number) if number is not None else None), (_integer(_value(level)) if level is not None else None)


def _by_id(content: bytes | None, tag: str, attribute: str) -> dict[str, etree._Element]:
    if content is None:
        return {}
    found = xml(content, f"{tag}s.xml").iterfind(f"{_W}{tag}")
    return {element.get(f"{_W}{attribute}", ""): element for element in found}


def _is_hidden(run: etree._Element) -> bool:
    return _is_on(run.find(f"{_W}rPr/{_W}vanish"))


def _is_on(element: etree._Element | None) -> bool:
    return element is not None and element.get(f"{_W}val", "1") not in ("0", "false", "off")


def _value(element: etree._Element | None) -> str:
    return str(element.get(f"{_W}val", "")) if element is not None else ""


def _integer(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else 0
