"""Understand a question: make a follow-up stand alone, read its dates, and see what kind of answer it asks for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from ingest.dates import MONTHS, find_dates
from vectorstore.language import content_terms, fold, language_of, words

MAX_CHARACTERS = 2_000

AskedFor = Literal["date", "number", "duration", "person", "place", "reason", "text"]
Order = Literal["latest", "first"]


@dataclass(frozen=True)
class Period:
    """The days from `since` to `until`, both included, that a question names."""

    since: date
    until: date

    def holds(self, day: date) -> bool:
        return self.since <= day <= self.until


@dataclass(frozen=True)
class Question:
    """What is asked, ready to be searched for.

    `standalone` can be understood without the turns before it. `terms` are the content terms of the question itself,
    `context` those carried over from earlier turns. `named` are periods that the question names without saying whether
    a release is dated so or tells of it; `since` and `until` bound the releases' dates for certain.
    """

    text: str
    standalone: str
    terms: tuple[str, ...]
    context: tuple[str, ...] = ()
    asked_for: AskedFor = "text"
    order: Order | None = None
    paragraph: str | None = None
    named: tuple[Period, ...] = ()
    since: date | None = None
    until: date | None = None
    language: str = "en"
    names: tuple[str, ...] = field(default=())


_ASKED_IN_WORDS: tuple[tuple[AskedFor, str], ...] = (
    (
        "date",
        r"\bwhen\b|\b(?:what|which|on what|in what)\s+(?:exact\s+)?(?:date|day|month|year)\b"
        r"|언제|며칠|몇\s*(?:년|월|일)",
    ),
    ("duration", r"\bhow long\b|\bhow many\s+(?:hours|minutes|days|weeks|months|years)\b|얼마\s*동안|몇\s*시간"),
    (
        "number",
        r"\bhow (?:many|much)\b|\b(?:what|which)\s+(?:\w+\s+){0,2}(?:number|amount|sum|share|percentage|percent"
        r"|figure|total|budget|cost|price|rate|age)\b|얼마|몇|규모",
    ),
    ("person", r"\bwho(?:m|se)?\b|누가|누구|누구를"),
    (
        "place",
        r"\bwhere\b|\b(?:what|which|in what|in which)\s+(?:city|country|place|town|venue|countries|cities)\b|어디",
    ),
    ("reason", r"\bwhy\b|\bfor what reason\b|왜|이유"),
)
_ASKED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ASKED_IN_WORDS)
_LATEST = re.compile(r"\b(?:latest|most recent|newest|last time|most recently)\b|가장\s*최근|최신", re.IGNORECASE)
_FIRST = re.compile(
    r"\b(?:earliest|first (?:call|meeting|time|statement|release|conversation|phone))\b|가장\s*먼저", re.IGNORECASE
)
_PARAGRAPH = re.compile(
    r"(?:\b(?:paragraph|para\.?|point|item|section|article)\s*(?:no\.?|number)?\s*|¶\s*|#)(\d{1,3})\b"
    r"|\b(\d{1,3})(?:st|nd|rd|th)\s+(?:paragraph|point|item)\b|(?:제\s*)?(\d{1,3})\s*(?:항|번째\s*(?:문단|단락)|문단|단락)",
    re.IGNORECASE,
)
_ORDINALS = {
    w: str(n)
    for n, w in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 1
    )
}
_ORDINAL_PARAGRAPH = re.compile(rf"\b({'|'.join(_ORDINALS)})\s+(?:paragraph|point|item)\b", re.IGNORECASE)

_LEANS_BACK = re.compile(
    r"^(?:and|but|so|also|then|what about|how about|what else|anything else"
    r"|why not|why\??$|when\??$|where\??$|who\??$)\b"
    r"|^(?:그럼|그리고|그러면|그런데|또|그\s|그건|그것)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|these|those|there|that|the same|both|one|ones)\b"
    r"|그것|그는|그녀|그들|거기",
    re.IGNORECASE,
)
# "that", "this" and "there" point back only where nothing follows that they could belong to.
_EXPLETIVE = re.compile(
    r"\b(?:is|are|was|were|has|have|did|does)\s+there\b|\bthat\s+(?:the|a|an|china|korea|\w+ed|it|he|she|they)\b"
    r"|\bthis (?:year|month|week)\b|\bsay that\b|\bboth\s+(?:sides|countries|leaders|ministers)\b",
    re.IGNORECASE,
)
_QUESTION_HEAD = re.compile(
    r"^(?:and|but|so)?\s*(?:(?:on|in|at|to|for|with|from|by)\s+)?(?:when|what|whom|whose|who|which|where|why|how(?:\s+(?:many|much|long))?)?\s*"
    r"(?:(?:did|do|does|is|are|was|were|has|have|had|will|would|can|could)\s+)?",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b(?:[A-Z][\w’'.-]*|[A-Z]{2,})(?:\s+(?:of|the|and|for|de|von|van|al)\s+(?=[A-Z])|\s+(?=[A-Z])|(?=\W|$))"
)
_NOT_NAMES = frozenset(
    """
        when what who whom whose which where why how did do does is are was were has have had will would can
        could should may in on at to for with from by and but so the a an if according as of please tell
        give list summarise summarize name compare after before since until during between i monday tuesday
        wednesday thursday friday saturday sunday
    """.split()
) | frozenset(MONTHS)


def understand(
    text: str, history: Sequence[str] = (), since: date | None = None, until: date | None = None
) -> Question:
    """The question with what its words and the earlier user turns (oldest first) add to it.

    Raises ValueError for an empty question and for one longer than MAX_CHARACTERS.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(
            f"the question has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read, so shorten it"
        )
    text = " ".join(text.split())
    if not re.search(r"\w", text):
        raise ValueError("the question is empty; ask something about the releases")
    topic = _topic(text, [" ".join(h.split())[:MAX_CHARACTERS] for h in history if h.strip()])
    standalone = f"{text} ({topic})" if topic else text
    own = tuple(dict.fromkeys(content_terms(text)))
    window = _bounds(text)
    return Question(
        text=text,
        standalone=standalone,
        terms=own,
        context=tuple(t for t in dict.fromkeys(content_terms(topic)) if t not in own),
        asked_for=next((kind for kind, pattern in _ASKED if pattern.search(text)), "text"),
        order="latest" if _LATEST.search(text) else "first" if _FIRST.search(text) else None,
        paragraph=_paragraph(text),
        named=tuple(named_periods(standalone)),
        since=since or window[0],
        until=until or window[1],
        language=language_of(text),
        names=names_in(standalone),
    )


def names_in(text: str) -> tuple[str, ...]:
    """The folded words that stand as names in a question: capitals inside it, and acronyms."""
    found: dict[str, None] = {}
    for position, m in enumerate(re.finditer(r"[\w’'.-]+", text)):
        word = m.group().strip("'’.-")
        if not word[:1].isupper() or fold(word) in _NOT_NAMES:
            continue
        if position == 0 and not word.isupper() and not word[1:2].isupper() and len(word) < 3:
            continue
        found.update(dict.fromkeys(words(word)))
    return tuple(found)


def named_periods(text: str) -> list[Period]:
    """The days, months and years that a text names with their year, each once, days before months before years."""
    periods: list[Period] = []
    rest = text
    for found in find_dates(text):
        if found.date:
            periods.append(Period(found.date, found.date))
            rest = rest[: found.start] + " " * (found.end - found.start) + rest[found.end :]
    months = "|".join(sorted(MONTHS, key=len, reverse=True))
    for m in re.finditer(
        rf"\b({months})\.?,?\s+(?:of\s+)?((?:19|20)\d\d)\b|((?:19|20)\d\d)년\s*(\d{{1,2}})월", rest, re.IGNORECASE
    ):
        year = int(m.group(2) or m.group(3))
        month = MONTHS[m.group(1).lower()] if m.group(1) else int(m.group(4))
        if 1 <= month <= 12:
            periods.append(_month(year, month))
            rest = rest[: m.start()] + " " * (m.end() - m.start()) + rest[m.end() :]
    for m in re.finditer(r"(?<![\d.,$€£-])((?:19|20)\d\d)(?![\d%]|,\d|-)", rest):
        periods.append(Period(date(int(m.group(1)), 1, 1), date(int(m.group(1)), 12, 31)))
    return periods


def _month(year: int, month: int) -> Period:
    after = date(year + month // 12, month % 12 + 1, 1)
    return Period(date(year, month, 1), after - timedelta(days=1))


_BOUND = re.compile(
    r"\b(since|after|from|before|until|till|prior to|up to)\s+(?:the\s+)?(?:end of\s+|start of\s+)?$", re.IGNORECASE
)


def _bounds(text: str) -> tuple[date | None, date | None]:
    """The first and last day that "since May 2022" or "before 2023" leave for a release's date.

    Only where such words stand at the end of a question or with a question of order: elsewhere ("before the summit of
    May 2022") the date belongs to what is told.
    """
    since = until = None
    ordered = bool(_LATEST.search(text) or _FIRST.search(text) or re.search(r"\b(?:last|first)\b", text, re.IGNORECASE))
    for start, end, period in _period_spans(text):
        bound = _BOUND.search(text[:start])
        if not bound or not (ordered or not text[end:].strip(" ?.!")):
            continue
        word = bound.group(1).lower()
        if word in ("since", "from"):
            since = period.since
        elif word == "after":
            since = period.until + timedelta(days=1)
        elif word in ("before", "prior to"):
            until = period.since - timedelta(days=1)
        else:
            until = period.until
    return since, until


def _period_spans(text: str) -> list[tuple[int, int, Period]]:
    spans = [(f.start, f.end, Period(f.date, f.date)) for f in find_dates(text) if f.date]
    months = "|".join(sorted(MONTHS, key=len, reverse=True))
    for m in re.finditer(rf"\b(?:({months})\.?,?\s+)?((?:19|20)\d\d)\b", text, re.IGNORECASE):
        if not any(start < m.end() and m.start() < end for start, end, _ in spans):
            year = int(m.group(2))
            named = (
                _month(year, MONTHS[m.group(1).lower()]) if m.group(1) else Period(date(year, 1, 1), date(year, 12, 31))
            )
            spans.append((m.start(), m.end(), named))
    return sorted(spans, key=lambda s: s[0])


def _paragraph(text: str) -> str | None:
    if found := _PARAGRAPH.search(text):
        return next(g for g in found.groups() if g)
    ordinal = _ORDINAL_PARAGRAPH.search(text)
    return _ORDINALS[ordinal.group(1).lower()] if ordinal else None


def leans_back(text: str) -> bool:
    """Whether a question needs the turn before it: it opens with "and" or "what about", or a pronoun has nothing to
    point to, or it is a few words without a name."""
    if _LEANS_BACK.search(text):
        return True
    if _PRONOUN.search(_EXPLETIVE.sub(" ", text)) and not _pronoun_is_at_home(text):
        return True
    return len(content_terms(text)) <= 2 and not names_in(text)


def _pronoun_is_at_home(text: str) -> bool:
    """Whether a name stands before the first pronoun, which then points to one of them ("Did Park say he …")."""
    pronoun = _PRONOUN.search(_EXPLETIVE.sub(" ", text))
    if pronoun is None or pronoun.group().lower() in ("it", "its"):
        return False
    return bool(names_in(text[: pronoun.start()]))


def _topic(text: str, history: Sequence[str]) -> str:
    """What earlier turns say that the question leaves out: the last turn that stood by itself, and those since."""
    if not history or not leans_back(text):
        return ""
    carried: list[str] = []
    for turn in reversed(history):
        carried.insert(0, _QUESTION_HEAD.sub("", turn).strip(" ?.!"))
        if not leans_back(turn):
            break
    return "; ".join(t for t in carried if t)[-600:]
