"""Read a release from a page that was copied or saved as text, site menus and all."""

import re
from collections.abc import Iterator, Sequence
from statistics import median

from ingest.formats.document import Document, assembled, text_units
from ingest.markers import begins_unit
from ingest.page import Page, Read, decoded
from ingest.rows import readable_rows
from vectorstore import Release


def read(page: Page) -> Iterator[Read]:
    """The one release on a page of text. Raises UnreadablePage when no sentence is found on it."""
    text = decoded(page.content)
    yield Read(release_of(text), page.origin)


def release_of(text: str) -> Release:
    """A release from text: the sentences are its body, the last line before them that is no furniture its title."""
    return assembled(Document(text_units(units_of(text)), framed=True))


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
