"""Find the few words of a sentence that answer by themselves: the date, the number, the name."""

import re
from collections.abc import Sequence

from assistant.expectation import is_held
from assistant.facts import TITLES
from assistant.periods import named_periods
from assistant.question import Question
from ingest.dates import MONTHS, find_dates
from vectorstore.language import content_terms, stem, words

_DATES = frozenset({"date", "year"})
_NUMBERS = frozenset({"age", "clock", "duration", "percent", "money", "count"})
# Kinds of words that can answer alone; a reason, or a place in a sentence of its own, cannot.
_ALONE = _DATES | _NUMBERS | {"person"}
_SMALL = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred"
    "|dozens?"
)
_NUMBER = re.compile(
    r"(?:\b(?:(?:more|less|fewer) than|over|about|around|nearly|approximately|at least|up to|almost|some|roughly)\s+)?"
    rf"(?:(?:US)?[$€£¥₩]\s?)?(?:\b\d[\d,.:]*\d|\b\d|\b(?:{_SMALL})\b)"
    r"(?:[\s-](?:hundred|thousand|million|billion|trillion)\b)?"
    r"(?:[\s-]?(?:%|[ap]\.m\.|(?:percent|per cent|dollars?|euros?|pounds?|won|yen|years?|months?|weeks?|days?|hours?"
    r"|minutes?)\b))?(?:[\s-]old\b)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z][\w’'.-]*(?:\s+(?:of|the|de|bin|von|der)?\s*[A-Z][\w’'.-]*)+")
# The month of May has a capital, which "may" has not.
_MONTH_ALONE = re.compile(rf"\b(?:{'|'.join(m.capitalize() for m in MONTHS if len(m) > 3 or m == 'may')})\b")
_MOST_CHARACTERS, _MOST_WORDS = 60, 8
# What is more than so much of the sentence does not stand out from it.
_MOST_OF_IT = 0.5


def shortest(question: Question, text: str, pointed: tuple[int, int]) -> tuple[int, int] | None:
    """Where in a sentence the answer stands, by what the reader points at; None where that is no answer by itself.

    It must be short and of the kind that the question asks for: the one date, number or name of the sentence, if it is
    pointed at, or of several the one that the question's words stand before.
    """
    kind, asked = question.asked_for, frozenset(words(question.standalone))
    start, end = pointed
    if kind not in _ALONE or not 0 <= start < end <= len(text):
        return None
    spans = [(a, b) for a, b in _spans(kind, text) if is_held(kind, text[a:b], asked)]
    found = _pointed_at(spans, pointed) if len(spans) == 1 else _told_of(spans, kind, text, question.terms)
    if found is None:
        return None
    start, end = found
    said = text[start:end]
    if len(said) > _MOST_CHARACTERS or len(said.split()) > _MOST_WORDS or len(said) > _MOST_OF_IT * len(text):
        return None
    if kind == "person" and (asked & frozenset(words(said)) or all(stem(w) in TITLES for w in words(said))):
        return None
    return start, end


def _pointed_at(spans: Sequence[tuple[int, int]], pointed: tuple[int, int]) -> tuple[int, int] | None:
    return next(((a, b) for a, b in spans if a < pointed[1] and pointed[0] < b), None)


def _told_of(spans: Sequence[tuple[int, int]], kind: str, text: str, terms: Sequence[str]) -> tuple[int, int] | None:
    """Of several dates or numbers the one behind the words that the question asks about: "joined the Convention in
    March 2023 followed by its entry into force on November 7". The reader often points at the other one. None where two
    are behind as many of them, or one stands at the beginning; of several names, always.
    """
    if kind == "person" or len(spans) < 2:
        return None
    before = [content_terms(text[left:right]) for left, right in _gaps(spans)]
    shares = sorted(((len(set(terms) & set(told)), n) for n, told in enumerate(before)), reverse=True)
    if not all(before) or shares[0][0] == shares[1][0]:
        return None
    return sorted(spans)[shares[0][1]]


def _gaps(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What stands before each span, from the end of the one before it on."""
    ordered = sorted(spans)
    return list(zip([0, *(end for _, end in ordered)], [start for start, _ in ordered], strict=False))


def _spans(kind: str, text: str) -> list[tuple[int, int]]:
    """Where a text has words that may be the answer; of two that overlap the longer one."""
    if kind in _DATES:
        found = [(d.start, d.end) for d in find_dates(text)] + [(n.start, n.end) for n in named_periods(text)]
        found += [m.span() for m in _MONTH_ALONE.finditer(text)]
    else:
        found = [m.span() for m in (_NUMBER if kind in _NUMBERS else _NAME).finditer(text)]
    return [one for one in dict.fromkeys(found) if not any(_inside(one, other) for other in found)]


def _inside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one != other and other[0] <= one[0] and one[1] <= other[1]
