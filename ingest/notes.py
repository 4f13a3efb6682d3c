"""Tell notes from lists, and find the paragraph that a numbered footnote belongs to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.markers import is_heading, is_lead_in, note_marker

_STARS = re.compile(r"[*＊]{1,3}")
_STARRED_WORD = re.compile(r"(?<=[^\s*＊])[*＊]{1,3}(?=[\s.,;:)”\"’]|$)")
# A position that follows no other, to close the last run.
_BEYOND = -1
_HANGUL = re.compile("[가-힣]")
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# A footnote's own mark at the start of its line, and how the text above refers to it, {} being the number.
_FOOTNOTES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:주\s?)?(\d{1,2})\)\s*(?=\S)"), r"(?<=[^\W\d_])(?:주\s?)?{}\)|(?<=[.,”\"’]){}\)"),
    (re.compile(r"\[(\d{1,2})\]\s*(?=\S)"), r"(?<=\S)\[{}\]"),
    (re.compile(rf"([{_SUPERSCRIPTS}]{{1,2}})\s*(?=\S)"), rf"(?<=[^\s{_SUPERSCRIPTS}]){{}}(?![{_SUPERSCRIPTS}])"),
)


@dataclass(frozen=True)
class Footnote:
    """A numbered footnote: its mark as printed, and the position of the unit that refers to it."""

    marker: str
    refers: int


def notes_among(units: Sequence[str]) -> frozenset[int]:
    """The positions of the units that are notes to the text above them rather than items of a list.

    ※ and daggers always mark notes. Stars mark both, and what stands around them tells: a list follows a line that
    leads to it; a note stands alone, or answers a star in the text above, or bears another number of stars than its
    neighbour, or is Korean, where lists have signs of their own. Several starred lines without any of these are notes
    when each is a sentence, and a list when one is not.
    """
    found: list[int] = []
    for starred, group in groupby(range(len(units)), key=lambda position: _is_starred(units[position])):
        run = list(group)
        if not starred:
            found += [position for position in run if note_marker(units[position])]
        elif _are_notes([units[position] for position in run], units[run[0] - 1] if run[0] else ""):
            found += run
    return frozenset(found)


def _are_notes(run: Sequence[str], above: str) -> bool:
    if is_lead_in(above):
        return False
    return (
        len(run) == 1
        or bool(_STARRED_WORD.search(above))
        or len({note_marker(unit) for unit in run}) > 1
        or all(_HANGUL.search(unit) for unit in run)
        or not any(is_heading(unit) for unit in run)
    )


def _is_starred(text: str) -> bool:
    return bool(_STARS.match(text)) and note_marker(text) is not None


def footnotes(units: Sequence[str]) -> dict[int, Footnote]:
    """The units that are numbered footnotes, by position: "1) …" below a text that says "…Convention1)".

    A run of such lines counts when the text above refers to each of them; a list of items is not referred to.
    """
    found: dict[int, Footnote] = {}
    for pattern, reference in _FOOTNOTES:
        marked = {p: m for p, unit in enumerate(units) if (m := pattern.match(unit))}
        run: list[int] = []
        for position in [*marked, _BEYOND]:
            if run and position != run[-1] + 1:
                found |= _referred(units, {p: marked[p] for p in run}, reference)
                run = []
            run.append(position)
    return {position: Footnote(note.marker, _home(note.refers, found)) for position, note in found.items()}


def _home(position: int, notes: dict[int, Footnote]) -> int:
    """The paragraph that a footnote belongs to which another footnote refers to."""
    while position in notes:
        position = notes[position].refers
    return position


def _referred(units: Sequence[str], run: dict[int, re.Match[str]], reference: str) -> dict[int, Footnote]:
    first = next(iter(run))
    made = {}
    for position, match in run.items():
        referring = re.compile(reference.format(*[re.escape(match.group(1))] * reference.count("{}")))
        refers = next((p for p in range(first - 1, -1, -1) if _refers(units[p], referring)), None)
        if refers is None:
            return {}
        made[position] = Footnote(match.group().strip(), refers)
    return made


def _refers(text: str, referring: re.Pattern[str]) -> bool:
    """Whether a text refers to a footnote; "(the G7)" closes a bracket and refers to nothing."""
    depth = counted = 0
    for match in referring.finditer(text):
        depth += text.count("(", counted, match.start()) - text.count(")", counted, match.start())
        counted = match.start()
        if depth <= 0 or not match.group().endswith(")"):
            return True
    return False
