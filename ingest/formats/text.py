"""Read a release from a page that was copied or saved as text, site menus and all."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
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
        return [unit for block in blocks for unit in _without_breaks(block)]
    units: list[str] = []
    for block in blocks:
        for position, line in enumerate(block):
            if position == 0 or begins_unit(line):
                units.append(line)
            else:
                units[-1] += " " + line
    return units


def _without_breaks(lines: Sequence[str]) -> list[str]:
    """The lines of a block, those joined that were broken inside a sentence: the first ends with a word that none ends
    with, or the next goes on in small letters.

    Menus and lists are written in small letters too, so a line goes on only one of several words that began otherwise.
    """
    units: list[list[str]] = []
    listed = False
    for line in lines:
        before = units[-1] if units else []
        if _is_open(before) and (_HANGING.search(before[-1]) or (not listed and _goes_on(line))):
            before.append(line)
        else:
            units.append([line])
        listed = line.endswith((":", "：")) or (listed and line[0].islower())
    return [" ".join(unit) for unit in units]


def _is_open(lines: Sequence[str]) -> bool:
    """Whether lines that run on are a sentence that has begun and is not finished."""
    if not lines or lines[0][0].islower() or _STOPPED.search(lines[-1]):
        return False
    return len(lines) > 1 or len(lines[0].split()) >= _BEGUN_WORDS


def _goes_on(line: str) -> bool:
    """Whether a line begins inside a sentence: in small letters, and neither as an item nor as an address or label."""
    first = line.split()[0].rstrip(",;.")
    return (
        first.islower()
        and (first == "a" or len(first) > 1)
        and not re.search(r"[:@/.\d]", first)
        and not begins_unit(line)
    )


_STOPPED = re.compile(r"[.!?:;…]['\"’”)\]]*$")
_HANGING = re.compile(r"\s(?:of|for|the|and|an?|to|in|on|with|by|at|from|that|this|its|their|our)$")
# So few words are a label, not the beginning of a sentence.
_BEGUN_WORDS = 4


def _is_wrapped(blocks: Sequence[Sequence[str]]) -> bool:
    """Whether lines were broken at a width: of those that are followed by one that begins no unit of its own, most are
    near the longest and few end a sentence."""
    inner = [line for block in blocks for line, below in pairwise(block) if not begins_unit(below)]
    if len(inner) < 4:
        return False
    longest = max(map(len, inner))
    ended = sum(bool(re.search(r"[.!?]$", line)) for line in inner)
    return longest <= 130 and median(map(len, inner)) >= 0.75 * longest and ended <= 0.4 * len(inner)
