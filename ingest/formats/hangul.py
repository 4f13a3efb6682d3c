"""What HWP and HWPX have in common: the ways of counting, paragraph numbers, and what is shown of a paragraph."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.formats.counters import Level, Running
from ingest.formats.document import Unit, broken_lines

# In the order of the codes in HWP 5 (document format 5.0, table 41), by their names in HWPX (KS X 6101, NumberType1).
COUNTINGS: dict[str, str] = {
    "DIGIT": "decimal",
    "CIRCLED_DIGIT": "circled",
    "ROMAN_CAPITAL": "upper-roman",
    "ROMAN_SMALL": "lower-roman",
    "LATIN_CAPITAL": "upper-letter",
    "LATIN_SMALL": "lower-letter",
    "CIRCLED_LATIN_CAPITAL": "circled-upper-letter",
    "CIRCLED_LATIN_SMALL": "circled-lower-letter",
    "HANGUL_SYLLABLE": "hangul",
    "CIRCLED_HANGUL_SYLLABLE": "circled-hangul",
    "HANGUL_JAMO": "hangul-jamo",
    "CIRCLED_HANGUL_JAMO": "circled-jamo",
    "HANGUL_PHONETIC": "hangul-spoken",
    "IDEOGRAPH": "ideograph",
    "CIRCLED_IDEOGRAPH": "circled-ideograph",
}
_PRIVATE = re.compile("[\ue000-\uf8ff]|[\U000f0000-\U0010ffff]")
_PATH = re.compile(r"\^([nN])")


def head_level(text: str, level: int, counting: str, start: int) -> Level:
    """A level (0-based) from its head text: "^1." shows the first level's number, "^n" the path down to this one."""
    path = ".".join(f"%{n}" for n in range(1, level + 2))
    text = _PATH.sub(lambda found: path + ("." if found.group(1) == "N" else ""), text.replace("%", ""))
    return Level(re.sub(r"\^([1-9])", r"%\1", text), counting, start)


@dataclass(frozen=True)
class Head:
    """What stands before a paragraph: "number", "outline" or "bullet", which definition, and the level (0-based)."""

    kind: str
    definition: int
    level: int


@dataclass
class Heads:
    """The paragraph heads of a document, counted from its first paragraph on."""

    numberings: Mapping[int, Mapping[int, Level]]
    bullets: Mapping[int, str]
    _running: dict[tuple[str, int], Running] = field(default_factory=lambda: defaultdict(Running))

    def label(self, head: Head | None) -> str:
        """What is shown before the next paragraph."""
        if head is None:
            return ""
        if head.kind == "bullet":
            return shown(self.bullets.get(head.definition, "•")) or "•"
        levels = self.numberings.get(head.definition, {})
        if head.level not in levels:
            return ""
        return self._running[head.kind, head.definition].label(levels, head.level)


def shown(text: str) -> str:
    """A text as it is seen: signs of private fonts, which stand for bullets and boxes, become a bullet."""
    return _PRIVATE.sub("•", text).replace("\u00ad", "").strip()


@dataclass
class Footnotes:
    """The footnotes of a document, counted as they come."""

    count: int = 0

    def unit(self, body: Sequence[Unit]) -> tuple[str, Unit | None]:
        """The mark to set behind the word, and the note under the same mark."""
        text = " ".join(unit.text for unit in body)
        if not text:
            return "", None
        self.count += 1
        return f"{self.count})", Unit(f"{self.count}) {text}")


def paragraph_units(text: str, label: str) -> list[Unit]:
    """A paragraph with its label; lines broken by hand that begin an item stand by themselves."""
    lines = broken_lines(shown(text))
    if lines and label:
        lines[0] = f"{label} {lines[0]}"
    return [Unit(line) for line in lines]
