"""Say what an answer is: statements bound to quotes, as every way of asking returns it."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from vectorstore import Match
from vectorstore.release import paragraph_label

Status = Literal["answered", "partial", "not_stated"]
# A field named `date` hides the class of that name behind it.
_Day = date


@dataclass(frozen=True)
class Citation:
    """A quote as shown to the reader: `quote == paragraph text[start:end]`, always.

    `note` is the 1-based number of the paragraph's note that holds the quote, None for the paragraph's own words.
    `withdrawn` is the day on which the release was found gone from its source; it is still kept here, and quoted.
    `speaker` says whose words the quote tells, as the release names them, and `speaker_role` on which side they are:
    "principal", "counterpart", "both sides", "all sides" or "third party"; None where that is not certain.
    """

    number: int
    release_id: str
    version: int
    title: str
    date: date | None
    url: str | None
    paragraph: str
    numbered: bool
    index: int
    note: int | None
    quote: str
    start: int
    end: int
    withdrawn: _Day | None = None
    speaker: str | None = None
    speaker_role: str | None = None

    @property
    def label(self) -> str:
        """How a reader is pointed to it: "¶4", "¶4, note", "paragraph 12 (counted)"."""
        place = paragraph_label(self.paragraph, self.numbered)
        return f"{place}, note" if self.note else place


@dataclass(frozen=True)
class Statement:
    """One sentence of an answer and the numbers of the citations that carry it.

    "verbatim" is the release's own sentence; "supported" is put together by a model or by code and covered by its
    quotes. `text[answer]` are the few words that answer by themselves, where some do.
    """

    text: str
    citations: tuple[int, ...]
    kind: Literal["verbatim", "supported"] = "verbatim"
    answer: tuple[int, int] | None = None


@dataclass(frozen=True)
class Dropped:
    """A statement that was written and not shown, and why its quotes do not carry it."""

    text: str
    reason: str


@dataclass(frozen=True)
class Searched:
    """What was searched: how many releases, and the days asked for or else those of the first and last release."""

    releases: int
    since: date | None
    until: date | None

    @property
    def days(self) -> str:
        """ " from 22 January 2021 to 14 July 2026", " of 26 November 2023", or nothing."""
        if self.since and self.until and self.since != self.until:
            return f" from {self.since:%-d %B %Y} to {self.until:%-d %B %Y}"
        day = self.since or self.until
        return f" of {day:%-d %B %Y}" if day else ""


@dataclass(frozen=True)
class Seconds:
    """How long each step took."""

    question: float = 0.0
    find: float = 0.0
    answer: float = 0.0
    verify: float = 0.0
    total: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What was asked and what the releases state about it, with nothing that no quote carries.

    `confidence` is the probability, as calibrated, that the best quote answers the question. `remark` says what a
    reader must know, for instance that a filter was lifted or that a language model did not answer. `drops` are the
    statements that failed verification, each with the reason, and `dropped` is how many. `missing` are the parts of a
    question that no release states, where another part is answered: its status is then "partial".
    """

    question: str
    standalone_question: str
    status: Status
    text: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    matches: tuple[Match, ...]
    searched: Searched
    dropped: int
    answerer: str
    seconds: Seconds = field(default_factory=Seconds)
    confidence: float = 0.0
    remark: str = ""
    drops: tuple[Dropped, ...] = ()
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The one JSON object that the command line, the API and batches give."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "status": self.status,
            "text": self.text,
            "statements": [
                {
                    "text": s.text,
                    "citations": list(s.citations),
                    "kind": s.kind,
                    "answer": list(s.answer) if s.answer else None,
                }
                for s in self.statements
            ],
            "citations": [asdict(c) | {"date": _iso(c.date), "withdrawn": _iso(c.withdrawn)} for c in self.citations],
            "matches": [
                {
                    "release_id": m.release.id,
                    "paragraph": m.paragraph.number,
                    "index": m.paragraph.index,
                    "score": round(m.score, 6),
                    "title": m.release.title,
                    "date": _iso(m.release.date),
                    "numbered": m.paragraph.numbered,
                }
                for m in self.matches
            ],
            "searched": {
                "releases": self.searched.releases,
                "since": _iso(self.searched.since),
                "until": _iso(self.searched.until),
            },
            "dropped": self.dropped,
            "drops": [asdict(drop) for drop in self.drops],
            "answerer": self.answerer,
            "confidence": round(self.confidence, 4),
            "remark": self.remark,
            "missing": list(self.missing),
            "seconds": {name: round(value, 6) for name, value in asdict(self.seconds).items()},
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
