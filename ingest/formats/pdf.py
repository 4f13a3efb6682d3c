"""Read a release from a PDF's text layer: its lines put in reading order and joined into paragraphs again.

A PDF says only which words stand where. Running heads and page numbers repeat at the edges of pages; columns have an
empty strip between them that many lines keep to; a paragraph begins where a line is set off, indented, or begins with a
mark behind a line that is finished.
"""

import json
import re
import subprocess
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise, takewhile
from pathlib import Path
from statistics import median
from typing import Any

from ingest.dates import find_dates
from ingest.formats.document import Document, Unit, assembled
from ingest.formats.limits import MAX_PDF_MEMORY, MAX_PDF_PAGES, MAX_PDF_SECONDS
from ingest.formats.tables import Cell, table_units
from ingest.furniture import is_furniture, is_prose
from ingest.markers import begins_unit, is_mark
from ingest.page import Page, Read, UnreadablePage

_PROGRAM = Path(__file__).with_name("pdf_words.py")
# Running heads and feet stand in these parts of a page's height.
_EDGE = 0.12
# Of a text that can be read, hardly a word holds letters without a name.
_NAMELESS_SHARE = 0.3
_REPEATED_SHARE = 0.3
_PAGE_NUMBER = re.compile(
    r"[\s\-–—·|]*(?:page|쪽|p\.)?\s*\d{1,3}(?:\s*(?:/|of|쪽)\s*\d{0,3})?[\s\-–—·|]*", re.IGNORECASE
)
# A strip between columns is so many letters wide, so many lines keep to it, and prose stands on both sides.
_GUTTER_LETTERS = 1.0
_GUTTER_LINES = 4
# So many lines may run across it for each that keeps to it, on the side that has fewer.
_GUTTER_SHARE = 0.5
_COLUMN_WORDS = 3
_SAME_SIZE = 0.12
# Footnotes are set smaller than the text by a tenth or so.
_SMALLER = 0.08
_FINISHED = re.compile(r"[.!?:;。…][\"'”’)\]]*$")
_TABLE_LINES = 3
_FEW_LINES = 3
_HANGUL_END, _HANGUL_START = re.compile(r"[가-힣]$"), re.compile(r"^[가-힣]")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_RAISED_SIZE = 0.8
_FIGURE = re.compile(r"[0-9]{1,2}")
_NOTE_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹0123456789*†‡["
_FOOTNOTE = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}|\[\d{1,2}\]|\d{1,2}\)")
_MARKS = ".,;:()“”‘’\"'"
_SIGN = re.compile(r"\(cid:\d+\)|[\ue000-\uf8ff]")
_HYPHENATED = re.compile(r"(?P<before>[^\W\d_]{2,})[-‐\u00ad]$")


@dataclass(frozen=True)
class Word:
    """A word on a page, in points from the upper left; `spaced`: the file has a space behind it; or a whole table."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    spaced: bool = False
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Line:
    """Words on one line of one column, from left to right; `column` counts through the whole document."""

    words: tuple[Word, ...]
    column: int = 0

    @cached_property
    def text(self) -> str:
        """Its words; what stands closer than a space, such as the raised "th" of "10th", is one word, and a figure that
        is set small beside a word is a footnote's number: "Convention¹".
        """
        said = ""
        for before, word, behind in zip((None, *self.words), self.words, (*self.words[1:], None), strict=False):
            beside = before or behind
            raised = beside and _FIGURE.fullmatch(word.text) and word.size < _RAISED_SIZE * beside.size
            text = word.text.translate(_RAISED) if raised else word.text
            near = before is not None and word.x0 - before.x1 < 0.1 * min(word.size, before.size)
            said += text if before is None or near else f" {text}"
        return said

    @cached_property
    def size(self) -> float:
        """The size of most of its letters."""
        sizes: Counter[float] = Counter()
        for word in self.words:
            sizes[round(word.size, 1)] += len(word.text)
        return sizes.most_common(1)[0][0]

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return self.words[-1].x1

    @cached_property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @cached_property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def table(self) -> tuple[tuple[str, ...], ...]:
        return self.words[0].table


def read(page: Page) -> Iterator[Read]:
    """The one release of a PDF; pages that are pictures of text are named in a remark.

    Raises UnreadablePage when it is broken, protected, beyond the limits, or has no text layer at all.
    """
    pages = _extracted(page.content)
    rows = [_rows(_words(found)) for found in pages]
    blank = [n for n, (found, lines) in enumerate(zip(pages, rows, strict=True), 1) if not lines and found["pictures"]]
    nameless = sum("(cid:" in word[0] for found in pages for word in found["words"])
    if nameless > _NAMELESS_SHARE * sum(len(found["words"]) for found in pages):
        raise UnreadablePage("its fonts do not say which letters they draw; run OCR over it first")
    if not any(rows):
        raise UnreadablePage(f"it has no text layer (scanned pages: {len(pages)}); run OCR over it first")
    kept = _without_running_heads(rows, [found["height"] for found in pages])
    lines = _with_footnotes_last(_in_order(kept))
    units = _units(lines)
    remark = f"pages {', '.join(map(str, blank))} of it hold pictures and no text, and were left out" if blank else ""
    yield Read(assembled(Document(units, _title(lines, units))), page.origin, remark)


def _extracted(content: bytes) -> list[dict[str, Any]]:
    command = [sys.executable, "-I", str(_PROGRAM), str(MAX_PDF_PAGES), str(MAX_PDF_MEMORY)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=MAX_PDF_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadablePage(f"it took more than {MAX_PDF_SECONDS} seconds to read") from None
    try:
        said = json.loads(done.stdout)
    except ValueError:
        raise UnreadablePage(f"its reader ended without a result (status {done.returncode})") from None
    if "error" in said:
        raise UnreadablePage(str(said["error"]).strip())
    pages: list[dict[str, Any]] = said["pages"]
    return pages


def _words(found: dict[str, Any]) -> list[Word]:
    words = [Word(_drawn(text), *place) for text, *place in found["words"]]
    height = median([word.bottom - word.top for word in words]) if words else 10.0
    for x0, top, x1, _, rows in found["tables"]:
        # A table takes part in the order of lines by its upper edge.
        texts = tuple(tuple(" ".join((cell or "").split()) for cell in row) for row in rows)
        words.append(Word("", x0, x1, top, top + height, height, table=texts))
    return words


def _drawn(text: str) -> str:
    """A word as it is seen: a letter without a name, alone, is a bullet of a font of signs, and so is one of a private
    place.
    """
    return "•" if _SIGN.fullmatch(text) else text


def _rows(words: Sequence[Word]) -> list[Line]:
    """Words that stand side by side, over the whole width of the page."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom) / 2):
        if rows:
            top, bottom = min(w.top for w in rows[-1]), max(w.bottom for w in rows[-1])
            overlap = min(bottom, word.bottom) - max(top, word.top)
            if overlap > 0.5 * min(bottom - top, word.bottom - word.top):
                rows[-1].append(word)
                continue
        rows.append([word])
    return [Line(tuple(sorted(row, key=lambda word: word.x0))) for row in rows]


def _without_running_heads(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """Pages without what repeats at their upper and lower edges, digits aside, and without page numbers; nor what is
    set small in the first and last row of a page, which a document of one page does not repeat.
    """

    def at_edge(row: Line, height: float) -> bool:
        return not row.table and (row.bottom < _EDGE * height or row.top > (1 - _EDGE) * height)

    def face(row: Line) -> str:
        return re.sub(r"\d+", "#", row.text)

    seen = Counter(
        text for rows, h in zip(pages, heights, strict=True) for text in {face(row) for row in rows if at_edge(row, h)}
    )
    often = max(2, _REPEATED_SHARE * len(pages))

    usual = median([row.size for rows in pages for row in rows])

    def is_small(row: Line) -> bool:
        notes = is_prose(row.text) or begins_unit(row.text) or find_dates(row.text) or row.text[0] in _NOTE_SIGNS
        return row.size < (1 - _SAME_SIZE) * usual and not notes

    def goes(row: Line, height: float, outermost: bool) -> bool:
        said = seen[face(row)] >= often or _PAGE_NUMBER.fullmatch(row.text) or (outermost and is_small(row))
        return at_edge(row, height) and bool(said)

    return [
        [row for n, row in enumerate(rows) if not goes(row, h, n in (0, len(rows) - 1))]
        for rows, h in zip(pages, heights, strict=True)
    ]


def _in_order(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """All lines as they are read: on each page down the left column, then the next."""
    blocks = [block for rows in pages for block in _columns(rows)]
    return [replace(line, column=number) for number, block in enumerate(blocks) for line in block]


def _with_footnotes_last(lines: Sequence[Line]) -> list[Line]:
    """The lines with the footnotes at the feet of columns behind all others, so that a paragraph goes on from one page
    to the next.
    """
    if not lines:
        return []
    usual = median([line.size for line in lines])
    feet: list[Line] = []
    text: list[Line] = []
    for _, block in groupby(lines, key=lambda line: line.column):
        column = list(block)
        small = list(takewhile(lambda line: line.size < (1 - _SMALLER) * usual, reversed(column)))[::-1]
        begin = next((n for n, line in enumerate(small) if _FOOTNOTE.match(line.text)), len(small))
        foot = small[begin:]
        text += column[: len(column) - len(foot)]
        feet += foot
    return text + feet


def _columns(rows: Sequence[Line]) -> list[list[Line]]:
    """The lines of a page in blocks, each one column wide; what runs across the columns is a block of its own."""
    gutter = _gutter(rows)
    if gutter is None:
        return [list(rows)] if rows else []
    left, right = gutter
    # A heading at the head of the page stands over all columns, even where it is no wider than one.
    usual = median([row.size for row in rows])
    heads = list(takewhile(lambda row: row.size > (1 + _SAME_SIZE) * usual, rows))
    rows = rows[len(heads) :]
    blocks: list[list[Line]] = [heads] if heads else []
    for across, run in _runs(rows, left, right):
        if across:
            blocks.append(run)
            continue
        words = [word for row in run for word in row.words]
        for side in ([w for w in words if w.x1 <= right], [w for w in words if w.x1 > right]):
            blocks += _columns(_rows(side))
    return blocks


def _runs(rows: Sequence[Line], left: float, right: float) -> list[tuple[bool, list[Line]]]:
    """Rows in runs that go across the strip from `left` to `right`, or keep to it.

    Rows that end before the strip belong to the rows across it above, unless the other column stands beside them; the
    last line of a paragraph across the page may stand close above the columns.
    """
    runs: list[tuple[bool, list[Line]]] = []
    for row in rows:
        across = any(word.x0 < right and word.x1 > left for word in row.words)
        if runs and runs[-1][0] == across:
            runs[-1][1].append(row)
        else:
            runs.append((across, [row]))
    made: list[tuple[bool, list[Line]]] = []
    for across, run in runs:
        above = made[-1][1] if made and made[-1][0] else None
        if across or above is None:
            made.append((across, run))
            continue
        beside = any(row.x1 > right for row in run)
        first = run[0]
        close = first.x1 <= left and first.top - above[-1].bottom < 0.6 * first.size and _same_size(first, above[-1])
        belongs = 0 if beside and not close else 1 if beside else len(run)
        above += run[:belongs]
        if run[belongs:]:
            made.append((False, run[belongs:]))
    return made


def _gutter(rows: Sequence[Line]) -> tuple[float, float] | None:
    """The empty strip between two columns: one letter wide, with prose on both sides and next to nothing across it.

    Lines of two columns need not stand beside each other, so that words are counted and not gaps in lines.
    """
    pieces = [piece for row in rows if not row.table for piece in _pieces(row)]
    if len(pieces) < 2 * _GUTTER_LINES:
        return None
    wide = max(8, round(_GUTTER_LETTERS * median([row.size for row in rows])))
    ends, starts = sorted(piece.x1 for piece in pieces), sorted(piece.x0 for piece in pieces)
    best: tuple[float, int] | None = None
    for x in range(int(starts[0]), int(ends[-1]) - wide):
        left = bisect_right(ends, x)
        right = len(starts) - bisect_left(starts, x + wide)
        across = len(pieces) - left - right
        score = min(left, right) - across / _GUTTER_SHARE
        if min(left, right) >= _GUTTER_LINES and score > 0 and (best is None or score > best[0]):
            best = (score, x)
    if best is None:
        return None
    x = best[1]
    sides = ([p for p in pieces if p.x1 <= x], [p for p in pieces if p.x0 >= x + wide])
    prose = all(median([len(piece.words) for piece in side]) >= _COLUMN_WORDS for side in sides)
    beside = min(max(p.bottom for p in side) for side in sides) - max(min(p.top for p in side) for side in sides)
    return (x, x + wide) if prose and beside > 2 * median([p.bottom - p.top for p in pieces]) else None


def _pieces(row: Line) -> list[Line]:
    """A row cut where the white in it is wider than between words."""
    pieces: list[list[Word]] = [[row.words[0]]]
    for before, word in pairwise(row.words):
        if word.x0 - before.x1 >= _GUTTER_LETTERS * row.size:
            pieces.append([])
        pieces[-1].append(word)
    return [Line(tuple(words)) for words in pieces]


def _units(lines: Sequence[Line]) -> list[Unit]:
    """Paragraphs from lines in reading order."""
    edges = _edges(lines)
    vocabulary = Counter(w for line in lines for w in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.lower()))
    trailing = any(line.words[-1].spaced for line in lines if _HANGUL_END.search(line.text))
    numbered = sum(begins_unit(line.text) for line in lines) > 2
    units: list[Unit] = []
    before: Line | None = None
    for line in _with_tables(lines):
        if line.table:
            units += table_units(
                Cell(row, column, [Unit(text)] if text else [])
                for row, texts in enumerate(line.table)
                for column, text in enumerate(texts)
            )
            before = None
            continue
        if before is None or _begins(before, line, edges, numbered):
            units.append(Unit(line.text))
        else:
            units[-1] = Unit(_joined(units[-1].text, line.text, vocabulary, before.words[-1].spaced or not trailing))
        before = line
    return units


def _with_tables(lines: Sequence[Line]) -> list[Line]:
    """The lines with those that make a table without rules as one: three or more that follow each other, all cut by
    white into as many pieces, which stand below each other.
    """
    made: list[Line] = []
    waiting: list[list[Line]] = []

    def close() -> None:
        if len(waiting) >= _TABLE_LINES:
            rows = tuple(tuple(piece.text for piece in pieces) for pieces in waiting)
            made.append(Line((replace(waiting[0][0].words[0], table=rows),), waiting[0][0].column))
        else:
            made.extend(Line(tuple(w for piece in pieces for w in piece.words), pieces[0].column) for pieces in waiting)
        waiting.clear()

    for line in lines:
        pieces = [] if line.table else [replace(piece, column=line.column) for piece in _pieces(line)]
        if waiting and not (line.column == waiting[-1][0].column and _stand_below(pieces, waiting[-1])):
            close()
        if len(pieces) > 1 and not is_mark(pieces[0].text):
            waiting.append(pieces)
        else:
            made.append(line)
    close()
    return made


def _stand_below(pieces: Sequence[Line], above: Sequence[Line]) -> bool:
    """Whether pieces of a line stand below those of another: by their left or right edges, or around one middle."""
    return len(pieces) == len(above) and all(
        min(abs(p.x0 - a.x0), abs(p.x1 - a.x1), abs(p.x0 + p.x1 - a.x0 - a.x1) / 2) < 0.5 * p.size
        for p, a in zip(pieces, above, strict=True)
    )


@dataclass(frozen=True)
class _Edges:
    """A column's left and right edge, and the usual white between its lines."""

    left: float
    right: float
    white: float


def _edges(lines: Sequence[Line]) -> dict[int, _Edges]:
    made = {}
    everywhere = _usual_white(
        [b.top - a.bottom for a, b in pairwise(lines) if a.column == b.column and _same_size(a, b)]
    )
    for column in {line.column for line in lines}:
        own = [line for line in lines if line.column == column and not line.table]
        whites = [b.top - a.bottom for a, b in pairwise(own) if _same_size(a, b)]
        if own:
            # The few lines of a last page do not tell what is usual.
            white = _usual_white(whites) if len(whites) >= _FEW_LINES else everywhere
            made[column] = _Edges(min(line.x0 for line in own), max(line.x1 for line in own), white)
    return made


def _usual_white(whites: Sequence[float]) -> float:
    """The white inside paragraphs: lines are set with more of it between them, so that the lower third is inside."""
    return sorted(whites)[len(whites) // 3] if whites else 0.0


def _begins(before: Line, line: Line, edges: dict[int, _Edges], numbered: bool) -> bool:
    """Whether a line begins a paragraph behind the line before it."""
    finished = bool(_FINISHED.search(before.text))
    own, above = edges[line.column], edges[before.column]
    if not _same_size(before, line):
        return True
    short = before.x1 < above.right - 0.15 * (above.right - above.left)
    indented = line.x0 > own.left + 0.8 * line.size
    if line.column != before.column:
        if not finished:
            return begins_unit(line.text) and short
        return begins_unit(line.text) or indented or short or not numbered
    if line.top - before.bottom > own.white + 0.4 * line.size:
        return True
    if begins_unit(line.text) and (finished or short):
        return True
    very_short = before.x1 < above.right - 0.35 * (above.right - above.left)
    heads = very_short and before.x0 <= own.left + 0.8 * line.size and not re.match(r"[a-z(]", line.text)
    return heads or (finished and (short or (indented and before.x0 <= own.left + 0.8 * line.size)))


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _joined(text: str, line: str, vocabulary: Counter[str], spaced: bool) -> str:
    """Two lines as one; a word that was split at the end of the line is whole again.

    A hyphen stays where the document writes the word with it elsewhere, before a capital or a figure, and in a chain
    ("people-to-people"); "-" behind a space is a dash.
    """
    split = _HYPHENATED.search(text)
    following = re.match(r"[^\W\d_]+", line)
    if split and following and line[0].islower():
        hyphenated = f"{split['before']}-{following.group()}".lower()
        whole = f"{split['before']}{following.group()}".lower()
        chain = text[: split.start()].endswith("-") or line[following.end() :].startswith("-")
        soft = text.endswith("\u00ad")
        if soft or not (vocabulary[hyphenated] > vocabulary[whole] or chain):
            return text[:-1] + line
        return text + line
    if re.search(r"\w-$", text) and re.match(r"\w", line):
        return text + line
    if _HANGUL_END.search(text) and _HANGUL_START.search(line):
        last, first = text.rsplit(maxsplit=1)[-1], line.split(maxsplit=1)[0]
        if not spaced or vocabulary[(last + first).strip(_MARKS)]:
            return text + line
    return f"{text} {line}"


def _title(lines: Sequence[Line], units: Sequence[Unit]) -> str:
    """The text set largest above the first sentence, where something is set larger than the rest."""
    first = next((n for n, unit in enumerate(units) if unit.kind == "row" or is_prose(unit.text)), 0)
    head = [unit.text for unit in units[:first] if not is_furniture(unit.text)]
    sizes = {
        text: max((line.size for line in lines if line.text and text.startswith(line.text)), default=0.0)
        for text in head
    }
    usual = median([line.size for line in lines])
    largest = max(sizes.values(), default=0.0)
    titles = [text for text in head if sizes[text] == largest]
    return titles[-1] if largest > (1 + _SAME_SIZE) * usual and len(titles) == 1 else ""
