"""Make a release of what a format's parser found: title, date and units of text, furniture left out.

Every format ends here, so that the same release in two formats gets the same title, date and paragraph numbers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ingest.dates import UNDATED, Dated, publication_date
from ingest.formats.limits import MAX_TEXT_CHARACTERS
from ingest.furniture import body_of, furniture_in, heading_above, is_dateline, is_prose, title_of, without_end
from ingest.identity import id_of_text, id_of_url
from ingest.markers import begins_unit
from ingest.numbering import paragraphs
from ingest.page import UnreadablePage
from vectorstore import Release
from vectorstore.language import fold, language_of

_TITLE_CHARACTERS = 300


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
        if line and (not lines or begins_unit(line)):
            lines.append(line)
        elif line:
            lines[-1] += " " + line
    return lines


def assembled(document: Document) -> Release:
    """The release of a document. Raises UnreadablePage when it holds no sentence, or more text than a release has."""
    units = [unit for unit in document.units if unit.text]
    if sum(len(unit.text) for unit in units) > MAX_TEXT_CHARACTERS:
        raise UnreadablePage(f"it holds more than {MAX_TEXT_CHARACTERS:,} characters of text; split it into releases")
    body = _body(units, document.framed)
    if not body:
        raise UnreadablePage("no sentence was found in it; is it a release?")
    head = [unit.text for unit in units[: body[0]]]
    at, subtitles = _titles(head, document)
    if at is not None and len(head[at]) > _TITLE_CHARACTERS:
        # The title is cut, so the text says it whole.
        subtitles = [at, *subtitles]
    kept = [without_end(units[position].text) for position in (*subtitles, *body)]
    made = paragraphs(kept)
    whole = "\n".join(p.text for p in made)
    title = titled(document.title or (head[at] if at is not None else ""), whole)
    lines = [*document.head, *(text for position, text in enumerate(head) if position != at)]
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


def usable_address(text: str) -> str | None:
    """An address, or None when it is none that can be parsed, such as "http://[broken"."""
    try:
        urlsplit(text)
    except ValueError:
        return None
    return text.strip() or None


def _dated(document: Document, lines: Sequence[str], title: str, whole: str) -> Dated:
    """What the format states; else what the text says, or the format's fallback."""
    if document.dated.date:
        return document.dated
    return publication_date(reversed(lines), title, whole, fallback=document.fallback)


def _body(units: Sequence[Unit], framed: bool) -> list[int]:
    """The positions of the body. Without a frame around it, it begins with the items above its first sentence and goes
    to the end, since nothing but furniture stands between.
    """
    texts = [unit.text for unit in units]
    if framed:
        return body_of(texts)
    rows = {position for position, unit in enumerate(units) if unit.kind == "row"}
    furniture = furniture_in(texts) - rows
    first = next((n for n, text in enumerate(texts) if n in rows or (n not in furniture and _is_sentence(text))), None)
    if first is None:
        return []
    first = heading_above(texts, first, furniture)
    while first > 1 and first - 1 not in furniture and begins_unit(texts[first - 1]):
        first -= 1
    return [position for position in range(first, len(units)) if position not in furniture]


def _is_sentence(text: str) -> bool:
    """Whether a unit reads as a sentence, also with a footnote's number behind its end mark."""
    return is_prose(re.sub(r"(?<=[.!?”’)])\d{1,2}\)$", "", text))


def _titles(head: Sequence[str], document: Document) -> tuple[int | None, list[int]]:
    """Where among the lines above the body the title stands, if it does, and the lines under it that are kept.

    A known title is the last line that repeats it. Without a frame, all lines under the title are the release's own.
    """
    if document.title:
        at = next((n for n in range(len(head) - 1, -1, -1) if _repeats(head[n], document.title)), None)
        subtitles: list[int] = []
    else:
        at, subtitles = title_of(head)
    if document.framed:
        return at, subtitles
    furniture = furniture_in(head)
    below = range(0 if at is None else at + 1, len(head))
    return at, [n for n in below if n not in furniture and not is_dateline(head[n])]


def _repeats(line: str, title: str) -> bool:
    """Whether a line is the title, whatever its marks, spaces and case."""
    return bool(title) and re.sub(r"[\W_]+", "", fold(line)) == re.sub(r"[\W_]+", "", fold(title))


def _first_words(text: str) -> str:
    """A stand-in for a title: the first words of the body."""
    return text if len(text) <= 80 else text[:80].rsplit(" ", 1)[0] + " …"
