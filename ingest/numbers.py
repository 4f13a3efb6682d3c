"""Read the paragraph numbers that a release prints, section by section, and say where they are broken."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.markers import (
    BEGINS,
    PATH,
    STYLES,
    Style,
    is_bullet,
    is_heading,
    is_item,
    note_marker,
    number_in,
    section_in,
)
from vectorstore import Paragraph

_FIRST_AT_MOST = 3
_LARGEST_STEP = 5
# Parts "II.3"; "Sec. 2" is one number.
_POINT = re.compile(r"\.(?=[^.\s]+$)")


@dataclass(frozen=True)
class _Mark:
    """A number as printed before the text at `position`; `rest` is the text behind it, `value` its place."""

    position: int
    number: str
    value: int
    rest: str

    @property
    def heads(self) -> bool:
        """Whether it numbers a heading rather than a paragraph."""
        return not self.rest or is_heading(self.rest)


@dataclass(frozen=True)
class _Column:
    """All marks of one style, cut into runs: a new run begins where the numbers begin anew under a heading."""

    style: Style
    runs: tuple[tuple[_Mark, ...], ...]

    @property
    def marks(self) -> list[_Mark]:
        return [mark for run in self.runs for mark in run]

    @property
    def heads(self) -> bool:
        return sum(mark.heads for mark in self.marks) >= 0.7 * len(self.marks)

    def is_inside(self, other: "_Column") -> bool:
        """Whether all its marks stand behind one and the same mark of the other: a list inside that paragraph."""
        places = [mark.position for mark in other.marks]
        behind = {sum(place < mark.position for place in places) for mark in self.marks}
        return len(behind) == 1 and behind != {0}


def printed_numbers(texts: Sequence[str]) -> list[tuple[str, str] | None]:
    """For each text the paragraph number it prints and the text after it, or None.

    Numbers count as paragraph numbers only when the release numbers in sequence: from 1 (a release cut at its head: 2
    or 3). Years, sums and lists that begin again and again stay part of the text. Where the numbers begin anew under
    each heading, a number carries its section: "II.3", "Annex.1"; "§2.1" when the headings print no number of their
    own. What is printed is kept, also when a number is missing, repeated or out of order.
    """
    found: list[tuple[str, str] | None] = [None] * len(texts)
    begun = [position for position, text in enumerate(texts) if BEGINS.match(text)]
    if len(begun) < 2:
        return found
    if paths := _paths(texts, begun):
        return [paths.get(position) for position in range(len(texts))]
    columns: list[_Column] = []
    for style in STYLES:
        # What counts as a Roman "I." is no letter between H and J.
        taken = {mark.position for column in columns for mark in column.marks}
        if column := _column(style, texts, [position for position in begun if position not in taken]):
            columns.append(column)
    main = _main(columns, texts)
    if main is None:
        return found
    for mark, number in _numbers(main, columns, texts).items():
        found[mark.position] = (number, mark.rest)
    return found


def _paths(texts: Sequence[str], begun: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The numbers of a release that prints each with its section ("1.1", "1.2", "2.1"), those of the sections included,
    by position; none where hardly any follows from the one before it.
    """
    marks = [(position, number_in(m), m.end()) for position in begun if (m := PATH.match(texts[position]))]
    steps = [_path(number) for _, number, _ in marks]
    if len(marks) < 2 or steps[0][-1] != 1:
        return {}
    following = sum(_follows(one, other) for one, other in pairwise(steps))
    if following < 0.8 * (len(steps) - 1) or len(set(steps)) < 0.8 * len(steps):
        return {}
    found = {position: (number, texts[position][end:]) for position, number, end in marks}
    sections = {number.split(".")[0]: position for position, number, _ in reversed(marks)}
    for style in STYLES:
        for position in begun:
            if position not in found and (match := style.match(texts[position])):
                number = number_in(match)
                if position < sections.get(number, 0):
                    found[position] = (number, texts[position][match.end() :])
                    del sections[number]
    return found


def _path(number: str) -> tuple[int, ...]:
    """The places of the parts of a number: "II.3" is (2, 3)."""
    first, *others = number.split(".")
    value = next((v for style in STYLES if style.name in ("1.", "I.", "A.") and (v := style.value(first))), 0)
    return (value, *map(int, others))


def _follows(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether a number may stand behind another: one more on its level or above, or the first below; also where the
    number of a section between them is not printed here.
    """
    if other == (*one, 1):
        return True
    level = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if level is None:
        return False
    return other[level] == one[level] + 1 and all(part == 1 for part in other[level + 1 :])


def _column(style: Style, texts: Sequence[str], begun: Sequence[int]) -> _Column | None:
    """The marks of a style, at the positions `begun`, that make a sequence, lists inside paragraphs left out; None when
    they make none.
    """
    marks = []
    for position in begun:
        text = texts[position]
        if match := style.match(text):
            number = number_in(match)
            marks.append(_Mark(position, number, style.value(number) or 0, text[match.end() :]))
    if len(marks) < 2 or marks[0].value > _FIRST_AT_MOST:
        return None
    runs: list[list[_Mark]] = [[]]
    listed: list[_Mark] = []
    for mark in marks:
        run = runs[-1]
        if mark.value == 1 and run and _begins_section(style, texts, mark.position):
            runs.append([mark])
        elif _is_listed(mark, run, listed):
            listed = [*listed, mark]
        else:
            run.append(mark)
    kept = sum(map(len, runs))
    whole = kept >= 2 and len(listed) <= kept / 2 and _make_sequences(runs)
    return _Column(style, tuple(map(tuple, runs))) if whole else None


def _is_listed(mark: _Mark, run: Sequence[_Mark], listed: Sequence[_Mark]) -> bool:
    """Whether a mark begins a list inside the last paragraph of a run, or goes on with the one that has begun."""
    if not run:
        return False
    begins = mark.value == 1 and run[-1].value > 1
    goes_on = bool(listed) and listed[-1].position > run[-1].position and mark.value == listed[-1].value + 1
    return begins or (goes_on and mark.value != run[-1].value + 1)


def _begins_section(style: Style, texts: Sequence[str], position: int) -> bool:
    """Whether a heading stands above a text: a short line that is neither an item nor numbered as the text is."""
    above = texts[position - 1] if position else ""
    return bool(above) and is_heading(above) and not (is_bullet(above) or note_marker(above) or style.match(above))


def _make_sequences(runs: Sequence[Sequence[_Mark]]) -> bool:
    if len(runs) > 1 and sum(map(len, runs)) < 3:
        return False
    return all(_is_sequence([mark.value for mark in run]) for run in runs if len(run) > 1 or len(runs) == 1)


def _is_sequence(values: Sequence[int]) -> bool:
    """Whether numbers rise step by step; one in five may be missing, repeated or out of order."""
    if len(values) < 2:
        return False
    steps = [b - a for a, b in pairwise(values)]
    if all(0 < step <= _LARGEST_STEP for step in steps):
        return True
    spread = max(values) - min(values) + 1
    drops = sum(step < 0 for step in steps)
    odd = max(1, len(values) // 5)
    return (
        len(values) >= 3 and drops <= odd and len(values) - len(set(values)) <= odd and len(set(values)) >= 0.7 * spread
    )


def _main(columns: Sequence[_Column], texts: Sequence[str]) -> _Column | None:
    """The style that numbers the paragraphs: not a list inside one of them, and not the headings above them."""
    outer = [c for c in columns if not any(c is not other and c.is_inside(other) for other in columns)]
    outer = [c for c in outer if not _is_list(c, texts)]
    return min(outer, key=lambda column: column.heads, default=None)


def _is_list(column: _Column, texts: Sequence[str]) -> bool:
    """Whether the numbers are the items of one list in a release that is not numbered: they follow each other without a
    break, and either a lead-in that ends in ":" stands before them and more than them stands around; or they are no
    sentences; or as many sentences stand before them as they are, as before "Notes to editors".
    """
    marks = column.marks
    first, last = marks[0].position, marks[-1].position
    between = set(range(first, last + 1)) - {mark.position for mark in marks}
    if first == 0 or len(column.runs) > 1 or any(not is_item(texts[position]) for position in between):
        return False
    if texts[first - 1].rstrip().endswith((":", "：")):
        return last + 1 < len(texts) and len(marks) < _sentences([*texts[:first], *texts[last + 1 :]])
    before = _sentences(texts[:first])
    if column.style.worded or not before:
        return False
    # What stands between headings is the text of their sections.
    return not between if column.heads else before >= len(marks)


def _sentences(texts: Iterable[str]) -> int:
    return sum(not is_heading(text) and not note_marker(text) for text in texts)


def _numbers(column: _Column, columns: Sequence[_Column], texts: Sequence[str]) -> dict[_Mark, str]:
    """What each mark is cited as; with them the numbered headings of the sections, where numbers begin anew."""
    if len(column.runs) == 1:
        return {mark: mark.number for mark in column.marks}
    others = [c for c in columns if c is not column and c.heads]
    cited: dict[_Mark, str] = {}
    labels: list[str | None] = []
    above = 0
    for run in column.runs:
        label = None
        for position in range(run[0].position - 1, above - 1, -1):
            heading = next((m for c in others for m in c.marks if m.position == position), None)
            if heading:
                outer = next(c for c in others if heading in c.marks)
                headings = _numbers(outer, [c for c in others if c is not outer], texts)
                cited |= headings
                label = headings[heading]
                break
            if is_heading(texts[position]) and (named := section_in(texts[position])):
                label = named
                break
        labels.append(label)
        above = run[-1].position + 1
    for ordinal, (label, run) in enumerate(zip(labels, column.runs, strict=True), 1):
        # A first part without a name stands before an "Annex"; other parts without a name are counted.
        prefix = f"{label}." if label else "" if ordinal == 1 and any(labels) else f"§{ordinal}."
        cited |= {mark: prefix + mark.number for mark in run}
    return cited


def numbering_remark(paragraphs: Iterable[Paragraph]) -> str:
    """What is broken in the printed numbers, in words, or nothing."""
    by_section: dict[str, list[str]] = {}
    for paragraph in paragraphs:
        if paragraph.numbered:
            section, number = _parted(paragraph.number)
            by_section.setdefault(section, []).append(number)
    problems = [problem for section, numbers in by_section.items() for problem in _problems(section, numbers)]
    return f"the printed paragraph numbers are kept as they are: {'; '.join(problems)}" if problems else ""


def _problems(section: str, numbers: Sequence[str]) -> list[str]:
    # "I" and "A" can be read in two styles; the numbers of one section are of the style that reads them all.
    values = next((read for style in STYLES if None not in (read := [style.value(n) for n in numbers])), None)
    if values is None:
        return []
    known = [value for value in values if value is not None]
    printed = dict(zip(known, numbers, strict=True))
    missing = [v for v in range(1, max(known)) if v not in printed]
    repeated = [number for number, count in Counter(numbers).items() if count > 1]
    late = [(a, b) for a, b in pairwise(known) if b < a]
    return [
        *([f"{_listed(section, missing)} missing"] if missing else []),
        *(f"{section}{number} is repeated" for number in repeated),
        *(f"{section}{printed[b]} stands after {section}{printed[a]}" for a, b in late if printed[b] not in repeated),
    ]


def _listed(section: str, values: Sequence[int]) -> str:
    shown = ", ".join(f"{section}{value}" for value in values[:5])
    more = f" and {len(values) - 5} more" if len(values) > 5 else ""
    return f"{shown}{more} {'is' if len(values) == 1 else 'are'}"


def _parted(number: str) -> tuple[str, str]:
    """The section of a number, with its point, and what the number is within it."""
    point = _POINT.search(number)
    return (number[: point.end()], number[point.end() :]) if point else ("", number)
