"""Cut a release's units of text into numbered paragraphs, with their notes and lists."""

import re
from collections.abc import Collection, Iterable, Sequence

from ingest.markers import (
    STYLES,
    is_bullet,
    is_heading,
    is_item,
    is_lead_in,
    is_row,
    level_of,
    note_marker,
)
from ingest.notes import footnotes, notes_among
from ingest.numbers import numbering_remark, printed_numbers
from vectorstore import Note, Paragraph

__all__ = [
    "STYLES",
    "is_bullet",
    "is_heading",
    "note_marker",
    "numbering_remark",
    "paragraphs",
    "positioned",
    "printed_numbers",
]

_SECOND_NOTE = re.compile(r"\s(?=※\s*\S)")
_HANGUL = re.compile("[가-힣]")
# Items that are sentences of their own stop joining a list of this many characters, since a citation of a whole page
# helps nobody.
_LIST_CHARACTERS = 2000


def paragraphs(units: Sequence[str]) -> tuple[Paragraph, ...]:
    """Paragraphs from the units of a page, where a unit is a line or block that stands by itself.

    Notes join the paragraph above, numbered footnotes the paragraph that refers to them. In a numbered release, a unit
    without a number continues the numbered paragraph above it, since that is the number a reader would cite; a heading
    stands by itself. Items of a list join the line that leads to them, and rows of a table each other, each on a line
    of its own.
    """
    units = [unit for text in units for unit in _SECOND_NOTE.split(text) if unit.strip()]
    foot, notes = footnotes(units), notes_among(units)
    numbers, levels = _printed_numbers(units, foot), _levels(units)
    made: list[_Draft] = []
    home: dict[int, _Draft] = {}
    for position, (text, printed) in enumerate(zip(units, numbers, strict=True)):
        last = made[-1] if made else None
        if position in foot:
            home[foot[position].refers].add_note(text, foot[position].marker)
            continue
        if last and position in notes:
            last.add_note(text)
        elif printed:
            made.append(_Draft(printed[1], printed[0]))
        elif level := levels[position]:
            made.append(_Draft(level[1], level=level[0]))
        elif last and (last.awaits_text or last.takes(text)):
            last.add(text)
        else:
            made.append(_Draft(text))
        home[position] = made[-1]
    return _numbered(enumerate(made))


def positioned(texts: Sequence[str]) -> tuple[Paragraph, ...]:
    """Paragraphs from a record that has been cut already: each keeps its position as index; empty ones are left out.

    A note joins its paragraph, which leaves a gap in the indexes, so that all others stay where they were. For the
    same reason lists and rows stay as the record has them.
    """
    kept = [(index, text) for index, text in enumerate(texts) if text.strip()]
    units = [text for _, text in kept]
    foot, notes = footnotes(units), notes_among(units)
    numbers, levels = _printed_numbers(units, foot), _levels(units)
    made: list[tuple[int, _Draft]] = []
    home: dict[int, _Draft] = {}
    for position, ((index, text), printed) in enumerate(zip(kept, numbers, strict=True)):
        if position in foot:
            home[foot[position].refers].add_note(text, foot[position].marker)
            continue
        if made and position in notes:
            made[-1][1].add_note(text)
        elif printed:
            # A number that stands alone is all the text that there is at this position.
            made.append((index, _Draft(printed[1] or text, printed[0])))
        elif level := levels[position]:
            made.append((index, _Draft(level[1], level=level[0])))
        else:
            made.append((index, _Draft(text)))
        home[position] = made[-1][1]
    return _numbered(made)


def _printed_numbers(units: Sequence[str], foot: Collection[int]) -> list[tuple[str, str] | None]:
    """The numbers of the units that are no footnotes: "1) …" can be either."""
    return printed_numbers(["" if position in foot else unit for position, unit in enumerate(units)])


def _levels(units: Sequence[str]) -> list[tuple[str, str] | None]:
    """For each unit the level that it stands on in a Korean release, "□" or "○", and its text behind the sign.

    Elsewhere these signs are ordinary bullets: where no unit begins with a square, most must be Korean.
    """
    found = [level_of(unit) for unit in units]
    signed = [level for level in found if level]
    korean = sum(bool(_HANGUL.search(text)) for _, text in signed)
    if len(signed) >= 2 and korean > len(signed) / 2:
        return found
    return [None] * len(units)


def _numbered(drafts: Iterable[tuple[int, "_Draft"]]) -> tuple[Paragraph, ...]:
    """Paragraphs with the numbers that readers cite.

    Where a release prints numbers, a paragraph without one is called by the last printed number above it: "4+1" is the
    first after ¶4, "0+1" the first of all. Counting those too would give two paragraphs the same number. Levels are
    counted within what stands above them: "□2○1" is the first ○ under the second □, "3□1" the first □ under ¶3.
    """
    drafts = list(drafts)
    prints = any(draft.number or draft.level for _, draft in drafts)
    made = []
    printed, squares, circles = "", 0, 0
    last, behind = "0", 0
    for index, draft in drafts:
        if draft.number or draft.level:
            if draft.number:
                printed, squares, circles = draft.number, 0, 0
            elif draft.level == "□":
                squares, circles = squares + 1, 0
            else:
                circles += 1
            number = printed + (f"□{squares}" if squares else "") + (f"○{circles}" if circles else "")
            last, behind = number, 0
        else:
            behind += 1
            number = f"{last}+{behind}" if prints else str(index + 1)
        made.append(Paragraph(index, number, draft.number is not None, draft.text(), tuple(draft.notes)))
    return tuple(made)


class _Draft:
    """A paragraph that is still growing, line by line."""

    def __init__(self, text: str, number: str | None = None, level: str | None = None) -> None:
        self.number = number
        self.level = level
        self.notes: list[Note] = []
        self._lines = [text.strip()] if text.strip() else []
        self._length = len(self.text())
        # The last line that is no note: a list goes on behind a note to one of its items.
        self._last = self.text()

    def text(self) -> str:
        return "\n".join(self._lines)

    @property
    def awaits_text(self) -> bool:
        """Whether it is a number on a line of its own: "Article 3"."""
        return not self._lines

    def takes(self, text: str) -> bool:
        """Whether a unit without a number continues this paragraph."""
        last = self._last
        if is_item(text) or is_row(text):
            led = is_lead_in(last) or is_item(last) or is_row(last) or is_heading(last)
            whole = not is_heading(text) and self._length + len(text) > _LIST_CHARACTERS
            return bool(self.number or self.level) or (led and not whole)
        return bool(self.number or self.level) and not is_heading(text)

    def add(self, text: str) -> None:
        self._last = text.strip()
        self._append(self._last)

    def add_note(self, text: str, marker: str | None = None) -> None:
        start = self._append(text.strip())
        self.notes.append(Note(marker or note_marker(text) or "*", start, self._length))

    def _append(self, line: str) -> int:
        """Add a line; returns where it starts."""
        start = self._length + 1 if self._lines else 0
        self._lines.append(line)
        self._length = start + len(line)
        return start
