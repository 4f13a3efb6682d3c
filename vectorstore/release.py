"""Say what a release is: its paragraphs, their numbers and notes."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

# A field named `date` hides the class of that name behind it.
_Day = date


@dataclass(frozen=True)
class Note:
    """A starred or ※ footnote: `text[start:end]` of the paragraph it belongs to, marker included."""

    marker: str
    start: int
    end: int


@dataclass(frozen=True)
class Paragraph:
    """The unit of citation.

    `number` is the one the release prints; where it prints none, `numbered` is false and `number` counts from 1. In a
    release that numbers only some paragraphs, the others go by the printed number above them: "4+1".
    `index` is the 0-based position; for a JSONL record, the position in its `paragraphs`. `text` holds the notes too,
    each on a line of its own, so that offsets into `text` reach them.
    """

    index: int
    number: str
    numbered: bool
    text: str
    notes: tuple[Note, ...] = ()

    def note_at(self, start: int, end: int) -> int | None:
        """The 1-based number of the note that holds `text[start:end]`, if one does."""
        for number, note in enumerate(self.notes, 1):
            if note.start <= start and end <= note.end:
                return number
        return None

    @property
    def label(self) -> str:
        return paragraph_label(self.number, self.numbered)

    def is_called(self, number: str) -> bool:
        """Whether a reader who asks for this number means the paragraph: "3" also of "Article 3" and "제3조"."""
        return number == self.number or (self.numbered and number == _WORDED.sub("", self.number))

    def to_dict(self) -> dict[str, Any]:
        """The paragraph as the command line and REST print it; its number is called as in a citation."""
        return {
            "index": self.index,
            "paragraph": self.number,
            "numbered": self.numbered,
            "text": self.text,
            "notes": [asdict(note) for note in self.notes],
        }


# What stands around the figure of a number that is printed with a word: "Article 3", "Sec. 2", "제3조".
_WORDED = re.compile(r"^(?:[A-Za-z]{3,}\.?\s|제\s?)|\s?조$")


def paragraph_label(number: str, numbered: bool) -> str:
    """How a reader is pointed to a paragraph: "¶4" or "Article 4" as printed, else "paragraph 4 (counted)" or "¶4+1
    (unnumbered)"; "paragraph □2○1 (counted)" is the first ○ under the second □.
    """
    if numbered:
        return number if _WORDED.match(number) else f"¶{number}"
    return f"¶{number} (unnumbered)" if "+" in number else f"paragraph {number} (counted)"


@dataclass(frozen=True)
class Release:
    """One published document. `date_source` says where the date was read: "record", "feed", "page", "weekday in
    the text", "by hand"…

    `date` is the day of publication, `event_date` the day of what it tells about, where the release states that too.
    `withdrawn` is the day on which it was found gone from its source, as far as it has not come back.
    """

    id: str
    title: str
    date: date | None
    url: str | None
    language: str
    paragraphs: tuple[Paragraph, ...]
    date_source: str = ""
    version: int = 1
    event_date: _Day | None = None
    withdrawn: _Day | None = None

    def facts(self) -> dict[str, Any]:
        """The release without its paragraphs, as the command line and REST list it."""
        return {
            "id": self.id,
            "version": self.version,
            "title": self.title,
            "date": self.date.isoformat() if self.date else None,
            "date_source": self.date_source,
            "url": self.url,
            "language": self.language,
            "event_date": self.event_date.isoformat() if self.event_date else None,
            "withdrawn": self.withdrawn.isoformat() if self.withdrawn else None,
        }

    def to_dict(self) -> dict[str, Any]:
        """The whole release, as the command line and REST print it."""
        return self.facts() | {"paragraphs": [p.to_dict() for p in self.paragraphs]}

    @property
    def fingerprint(self) -> str:
        """The same for two readings exactly when a reader would see the same release."""
        paragraphs = [[p.index, p.number, p.numbered, p.text] for p in self.paragraphs]
        seen = [self.title, str(self.date), self.url, self.language, paragraphs]
        return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Match:
    """A paragraph found for a question; a higher score is a better match."""

    release: Release
    paragraph: Paragraph
    score: float

    @property
    def key(self) -> tuple[str, int]:
        return self.release.id, self.paragraph.index


def counted(texts: Iterable[str]) -> tuple[Paragraph, ...]:
    """Paragraphs of a release that prints no numbers."""
    return tuple(Paragraph(i, str(i + 1), False, text) for i, text in enumerate(texts))
