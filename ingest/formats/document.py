"""Make a release of what a format's parser found: title, date and units of text, furniture left out.

Every format ends here, so that the same release in two formats gets the same title, date and paragraph numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.dates import Dated, publication_date
from ingest.formats.limits import MAX_TEXT_CHARACTERS
from ingest.furniture import is_furniture, is_prose
from ingest.identity import id_of_text, id_of_url
from ingest.numbering import STYLES, is_bullet, note_marker, paragraphs
from ingest.page import UnreadablePage
from vectorstore import Release
from vectorstore.language import fold, language_of

# So many short lines in a row behind the last sentence are a menu; fewer may be a signature.
_MENU_LINES = 3
_TITLE_CHARACTERS = 300
UNDATED = Dated(None, "")


@dataclass(frozen=True)
class Unit:
    """A line or block that stands by itself. A "row" is a table's row, or else read from a place that holds no
    furniture: it is always kept.
    """

    text: str
    kind: Literal["text", "row"] = "text"


@dataclass(frozen=True)
class Document:
    """One release as its format's parser found it; what a format does not say is empty.

    `framed` tells that a site's menus may stand around the text, as on a copied page: then short lines behind the last
    sentence count as menus. `head` holds lines near the title that are not among the units. `dated` is
    the publication date that the format itself states, `fallback` one to take when the text states none.
    """

    units: Sequence[Unit]
    title: str = ""
    dated: Dated = UNDATED
    fallback: Dated = UNDATED
    url: str | None = None
    head: Sequence[str] = ()
    framed: bool = False


def text_units(lines: Sequence[str]) -> list[Unit]:
    """A unit a line, white space made single, empty ones left out."""
    return [Unit(text) for line in lines if (text := " ".join(line.split()))]


def broken_lines(text: str) -> list[str]:
    """The lines of a paragraph that was broken by hand: one that begins an item or a note stands by itself, the others
    run on.
    """
    lines: list[str] = []
    for line in (" ".join(line.split()) for line in text.split("\n")):
        if line and (not lines or begins_item(line)):
            lines.append(line)
        elif line:
            lines[-1] += " " + line
    return lines


def begins_item(line: str) -> bool:
    """Whether a line begins a paragraph of its own by what it prints: a number, a bullet, a note's mark."""
    return bool(note_marker(line) or is_bullet(line) or any(style.match(line) for style in STYLES))


def assembled(document: Document) -> Release:
    """The release of a document. Raises UnreadablePage when it holds no sentence, or more text than a release has."""
    units = [unit for unit in document.units if unit.text]
    if sum(len(unit.text) for unit in units) > MAX_TEXT_CHARACTERS:
        raise UnreadablePage(f"it holds more than {MAX_TEXT_CHARACTERS:,} characters of text; split it into releases")
    start, end = _body(units, document.framed)
    head = units[:start]
    at = _title_position(head, document.title)
    title = document.title or (head[at].text if at is not None else "")
    subtitles = head[at + 1 :] if at is not None else head if document.title and not document.framed else []
    kept = [unit.text for unit in (*subtitles, *units[start:end]) if unit.kind == "row" or not is_furniture(unit.text)]
    made = paragraphs(kept)
    if not made:
        raise UnreadablePage("no sentence was found in it; is it a release?")
    whole = "\n".join(p.text for p in made)
    title = titled(title, whole)
    lines = [*document.head, *(unit.text for position, unit in enumerate(head) if position != at)]
    dated = _dated(document, lines, title, whole)
    return Release(
        id=id_of_url(document.url) if document.url else id_of_text(title, dated.date, whole),
        title=title,
        date=dated.date,
        url=document.url,
        language=language_of(whole),
        paragraphs=made,
        date_source=dated.source,
    )


def titled(title: str, text: str) -> str:
    """The title on one line; the first words of the text where there is none."""
    title = " ".join(title.split())[:_TITLE_CHARACTERS]
    return title or _first_words(" ".join(text.split()))


def _dated(document: Document, lines: Sequence[str], title: str, whole: str) -> Dated:
    """What the format states; else a dated line near the title; else the format's fallback, unless the text says the
    day itself."""
    if document.dated.date:
        return document.dated
    found = publication_date(reversed(lines), title, whole)
    if document.fallback.date and found.source != "page":
        return document.fallback
    return found


def _body(units: Sequence[Unit], framed: bool) -> tuple[int, int]:
    """Where the body begins and ends: at its first sentence or table; on a framed page it ends with the last one and
    the short lines behind it that belong to it.
    """
    prose = [position for position, unit in enumerate(units) if unit.kind == "row" or is_prose(unit.text)]
    if not prose:
        raise UnreadablePage("no sentence was found in it; is it a release?")
    if not framed:
        return prose[0], len(units)
    end = prose[-1] + 1
    tail = [unit.text for unit in units[end:]]
    short = next((n for n, text in enumerate(tail) if is_furniture(text)), len(tail))
    listed = next((n for n, text in enumerate(tail[:short]) if not is_bullet(text)), short)
    return prose[0], end + (short if short < _MENU_LINES else listed)


def _title_position(head: Sequence[Unit], title: str) -> int | None:
    """Where among the lines above the body the title stands: the last that repeats a known one; else the last line that
    is no furniture and, if there is another, neither a subtitle (between dashes or brackets) nor an item.
    """
    if title:
        return next((n for n in range(len(head) - 1, -1, -1) if _repeats(head[n].text, title)), None)
    lines = [n for n, unit in enumerate(head) if not is_furniture(unit.text)]
    while len(lines) > 1 and (re.match(r"[-–—‑(\[<]", head[lines[-1]].text) or begins_item(head[lines[-1]].text)):
        lines.pop()
    return lines[-1] if lines else None


def _repeats(line: str, title: str) -> bool:
    """Whether a line is the title, whatever its marks, spaces and case."""
    return bool(title) and re.sub(r"[\W_]+", "", fold(line)) == re.sub(r"[\W_]+", "", fold(title))


def _first_words(text: str) -> str:
    """A stand-in for a title: the first words of the body."""
    return text if len(text) <= 80 else text[:80].rsplit(" ", 1)[0] + " …"
