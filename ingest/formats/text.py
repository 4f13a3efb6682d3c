"""Read a release from a page that was copied or saved as text, site menus and all."""

import re
from collections.abc import Iterator, Sequence
from statistics import median

from ingest.dates import publication_date
from ingest.furniture import body_of, title_of, without_end
from ingest.identity import id_of_text
from ingest.markers import begins_unit
from ingest.numbering import paragraphs
from ingest.page import Page, Read, UnreadablePage, decoded
from ingest.rows import readable_rows
from vectorstore import Release
from vectorstore.language import language_of

_TITLE_CHARACTERS = 300


def read(page: Page) -> Iterator[Read]:
    """The one release on a page of text. Raises UnreadablePage when no sentence is found on it."""
    text = decoded(page.content)
    yield Read(release_of(text), page.origin)


def release_of(text: str) -> Release:
    """A release from text: the sentences are its body, the last line before them that is no furniture its title."""
    units = [u for u in units_of(text) if u]
    body = body_of(units)
    if not body:
        raise UnreadablePage("no sentence was found in it; is it a release?")
    head = units[: body[0]]
    at, subtitles = title_of(head)
    title = _first_words(units[body[0]]) if at is None else head[at]
    kept = [without_end(units[position]) for position in (*subtitles, *body)]
    made = paragraphs(kept)
    whole = "\n".join(p.text for p in made)
    dated = publication_date(reversed([h for h in head if h != title]), title, whole)
    return Release(
        id=id_of_text(title, dated.date, whole),
        title=title,
        date=dated.date,
        url=None,
        language=language_of(whole),
        paragraphs=made,
        date_source=dated.source,
    )


def units_of(text: str) -> list[str]:
    """The lines or blocks that stand by themselves, white space made single; lines wrapped to a width are joined
    again.
    """
    blocks = [
        [" ".join(line.split()) for line in block.split("\n")]
        for block in re.split(r"\n[ \t\f]*\n", readable_rows(text))
    ]
    blocks = [[line for line in block if line] for block in blocks]
    if not _is_wrapped(blocks):
        return [line for block in blocks for line in block]
    units: list[str] = []
    for block in blocks:
        for position, line in enumerate(block):
            if position == 0 or begins_unit(line):
                units.append(line)
            else:
                units[-1] += " " + line
    return units


def _is_wrapped(blocks: Sequence[Sequence[str]]) -> bool:
    """Whether lines were broken at a width: in blocks of several lines, most but the last are near the longest and
    few end a sentence."""
    inner = [line for block in blocks if len(block) > 1 for line in block[:-1]]
    if len(inner) < 4:
        return False
    longest = max(map(len, inner))
    ended = sum(bool(re.search(r"[.!?]$", line)) for line in inner)
    return longest <= 130 and median(map(len, inner)) >= 0.75 * longest and ended <= 0.4 * len(inner)


def _first_words(text: str) -> str:
    """A stand-in for a title: the first words of the body."""
    return text if len(text) <= 80 else text[:80].rsplit(" ", 1)[0] + " …"


def titled(title: str, text: str) -> str:
    """The title on one line; the first words of the text where there is none."""
    title = " ".join(title.split())[:_TITLE_CHARACTERS]
    return title or _first_words(" ".join(text.split()))
