"""Cut a release's units of text into numbered paragraphs and their notes."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from vectorstore import Note, Paragraph

# How releases print paragraph numbers, one style a row; a release keeps to one of them.
STYLES: tuple[re.Pattern[str], ...] = (
    re.compile(r"(\d{1,3})\.[ \t]+(?=\S)"),
    re.compile(r"(\d{1,3})\)[ \t]+(?=\S)"),
    re.compile(r"\((\d{1,3})\)[ \t]+(?=\S)"),
)
_NOTE = re.compile(r"(\*{1,3}|※)[ \t]*(?=[^\s*])")
_SECOND_NOTE = re.compile(r"\s(?=※\s*\S)")
_BULLET = re.compile(r"[-–•○□▪◦]\s+\S")
_FIRST_AT_MOST = 3


def printed_numbers(texts: Sequence[str]) -> list[tuple[str, str] | None]:
    """For each text the paragraph number it prints and the text after it, or None.

    Numbers count as paragraph numbers only when the release numbers in sequence: from 1 (a release cut at its head: 2
    or 3), each time rising. Years, sums and lists that begin again and again stay part of the text.
    """
    for style in STYLES:
        found = [style.match(text) for text in texts]
        numbers = [int(m.group(1)) for m in found if m]
        if _is_sequence(numbers):
            return [(m.group(1), t[m.end() :]) if m else None for m, t in zip(found, texts, strict=True)]
    return [None] * len(texts)


def _is_sequence(numbers: Sequence[int]) -> bool:
    if len(numbers) < 2 or numbers[0] > _FIRST_AT_MOST:
        return False
    steps = [b - a for a, b in pairwise(numbers)]
    rising = all(0 < step <= 5 for step in steps)
    # One number missing, repeated or out of order does not make a numbered release unnumbered.
    return rising or sum(step == 1 for step in steps) >= 0.8 * len(steps)


def note_marker(text: str) -> str | None:
    """The star or ※ that makes a text a note to the paragraph above it."""
    found = _NOTE.match(text)
    return found.group(1) if found else None


def is_bullet(text: str) -> bool:
    return bool(_BULLET.match(text))


def is_heading(text: str) -> bool:
    """Short and without an end mark: a line above paragraphs rather than one of them."""
    return len(text) <= 100 and not re.search(r"[.!?:;。…][\"'”’)\]]*$", text)


def paragraphs(units: Sequence[str]) -> tuple[Paragraph, ...]:
    """Paragraphs from the units of a page, where a unit is a line or block that stands by itself.

    Notes join the paragraph above. In a numbered release, a unit without a number continues the numbered paragraph
    above it, since that is the number a reader would cite; a heading stands by itself.
    """
    units = [unit for text in units for unit in _SECOND_NOTE.split(text)]
    numbers = printed_numbers(units)
    made: list[_Draft] = []
    numbered = any(numbers)
    for position, (text, printed) in enumerate(zip(units, numbers, strict=True)):
        if made and _is_note(units, position):
            made[-1].add_note(text)
        elif printed:
            made.append(_Draft(printed[1], printed[0]))
        elif numbered and made and made[-1].number and not is_heading(text):
            made[-1].add(text)
        else:
            made.append(_Draft(text))
    return _numbered(enumerate(made))


def positioned(texts: Sequence[str]) -> tuple[Paragraph, ...]:
    """Paragraphs from a record that has been cut already: each keeps its position as index; empty ones are left out.

    A note joins the paragraph above it, which leaves a gap in the indexes, so that all others stay where they were.
    """
    kept = [(index, text) for index, text in enumerate(texts) if text.strip()]
    units = [text for _, text in kept]
    made: list[tuple[int, _Draft]] = []
    for position, ((index, text), printed) in enumerate(zip(kept, printed_numbers(units), strict=True)):
        if made and _is_note(units, position):
            made[-1][1].add_note(text)
        else:
            made.append((index, _Draft(printed[1], printed[0]) if printed else _Draft(text)))
    return _numbered(made)


def _numbered(drafts: Iterable[tuple[int, "_Draft"]]) -> tuple[Paragraph, ...]:
    """Paragraphs with the numbers that readers cite.

    Where a release prints numbers, a paragraph without one is called by the last printed number above it: "4+1" is the
    first after ¶4, "0+1" the first of all. Counting those too would give two paragraphs the same number.
    """
    drafts = list(drafts)
    prints = any(draft.number for _, draft in drafts)
    made, last, behind = [], "0", 0
    for index, draft in drafts:
        if draft.number:
            last, behind = draft.number, 0
            number = draft.number
        else:
            behind += 1
            number = f"{last}+{behind}" if prints else str(index + 1)
        made.append(Paragraph(index, number, draft.number is not None, draft.text, tuple(draft.notes)))
    return tuple(made)


def _is_note(units: Sequence[str], position: int) -> bool:
    """Whether a unit is a note: a lone starred line, or ※; three starred lines in a row, or some after ":", are a
    list.
    """
    marker = note_marker(units[position])
    if marker is None or marker == "※":
        return marker == "※"
    first = last = position
    while first > 0 and note_marker(units[first - 1]) == marker:
        first -= 1
    while last + 1 < len(units) and note_marker(units[last + 1]) == marker:
        last += 1
    return last - first < 2 and not (first > 0 and units[first - 1].rstrip().endswith((":", "：")))


class _Draft:
    """A paragraph that is still growing."""

    def __init__(self, text: str, number: str | None = None) -> None:
        self.text = text.strip()
        self.number = number
        self.notes: list[Note] = []

    def add(self, text: str) -> int:
        """Add a line; returns where it starts."""
        start = len(self.text) + 1
        self.text += "\n" + text.strip()
        return start

    def add_note(self, text: str) -> None:
        start = self.add(text)
        self.notes.append(Note(note_marker(text) or "*", start, len(self.text)))
