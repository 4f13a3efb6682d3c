"""Understand a question: make a follow-up stand alone, read its dates, and see what kind of answer it asks for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from assistant.expectation import expected_of
from assistant.periods import Period, bounds, named_periods
from ingest.dates import MONTHS
from vectorstore.language import content_terms, fold, language_of, words

MAX_CHARACTERS = 2_000
_FIRST_YEAR = 1900
# In characters; what was said longer ago matters least.
_LONGEST_TOPIC = 600

Order = Literal["latest", "first"]


@dataclass(frozen=True)
class Question:
    """What is asked, ready to be searched for.

    `standalone` can be understood without the turns before it; `topic` is what it takes from them, "" for a question
    that stands alone. `terms` are the content terms of the question itself, `context` those of the topic. `named` are
    periods that the question names without saying whether a release is dated so or tells of it; `since` and `until`
    bound the releases' dates for certain, `release_ids` which releases are searched, where any are named. `asked_for`
    is a key of `expectation.EXPECTATIONS`, None where anything may answer.
    """

    text: str
    standalone: str
    terms: tuple[str, ...]
    context: tuple[str, ...] = ()
    asked_for: str | None = None
    order: Order | None = None
    paragraph: str | None = None
    named: tuple[Period, ...] = ()
    since: date | None = None
    until: date | None = None
    language: str = "en"
    names: tuple[str, ...] = field(default=())
    topic: str = ""
    release_ids: tuple[str, ...] = ()


# What happens more than once, so that there is a first and a last of it. "The last paragraph" is no such thing, and
# "last week's call" is a date.
_EVENT = (
    r"(?!weeks?\b|months?\b|years?\b|night|spring|summer|autumn|fall|winter|\w+day\b)(?:[\w-]+ ){0,2}?"
    r"(?:calls?|meetings?|time|statements?|releases?|conversations?|talks?|visits?|summits?|readouts?|contacts?|ones?)\b"
)
_SPEAK = r"(?:met|meet|spoke|speak|talk(?:ed)?|call(?:ed)?|visit(?:ed)?|convened?|saw|see|said|say)\b"
_LATEST = re.compile(
    rf"\b(?:latest\b|(?:most recent|most recently|newest)\b|last (?:{_EVENT}|{_SPEAK}))"
    r"|가장\s*최근|최신|마지막(?:으로|\s*통화|\s*회담)",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"\b(?:earliest\b|first (?:{_EVENT}|{_SPEAK}))|가장\s*먼저|첫\s*(?:통화|회담|성명)", re.IGNORECASE)
_PARAGRAPH = re.compile(
    r"(?:\b(?:paragraph|para\.?|point)\s*(?:no\.?|number)?\s*|¶\s*|#)(\d{1,3})\b"
    # "What did they say about Article 5?" asks about a treaty.
    r"|\b(?:item|section|article)\s*(?:no\.?|number)?\s*(\d{1,3})\s+(?:says?|states?|provides?|deals?"
    r"|of the (?:release|statement|declaration|communiqu|joint))"
    r"|\b(\d{1,3})(?:st|nd|rd|th)\s+(?:paragraph|point|item)\b"
    r"|(?:제\s*)?(\d{1,3})\s*(?:항(?!공|목|만|구)|번째\s*(?:문단|단락)|문단|단락)",
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
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|these|those|there|that|the same|both|one|ones"
    r"|the two(?! [a-z]+s\b))\b"
    r"|그것|그는|그녀|그들|거기",
    re.IGNORECASE,
)
# "언제 발효되었나요?" names nobody who did anything.
_KOREAN_WITHOUT_SUBJECT = re.compile(
    r"(?:언제|어디서?|누가|누구\S*|얼마나|왜|몇\s?\S+|무엇을|무슨|어떻게)(?:\s+\S+){1,2}\W*$"
)
# "that", "this" and "there" point back only where nothing follows that they could belong to.
_EXPLETIVE = re.compile(
    r"\b(?:is|are|was|were|has|have|did|does)\s+there\b|\bthat\s+(?:the|a|an|china|korea|\w+ed|it|he|she|they)\b"
    r"|\bthis (?:year|month|week)\b|\bsay that\b|\bboth\s+(?:sides|countries|leaders|ministers)\b",
    re.IGNORECASE,
)
_QUESTION_HEAD = re.compile(
    r"^(?:and|but|so)?\s*(?:(?:summari[sz]e|list)\s+)?(?:(?:on|in|at|to|for|with|from|by)\s+)?(?:when|what|whom|whose|who|which|where|why|how(?:\s+(?:many|much|long))?)?\s*"
    r"(?:(?:did|do|does|is|are|was|were|has|have|had|will|would|can|could)\s+)?",
    re.IGNORECASE,
)
_NOT_NAMES = frozenset(
    """
        when what who whom whose which where why how did do does is are was were has have had will would can
        could should may in on at to for with from by and but so the a an if according as of please tell
        give list summarise summarize name compare after before since until during between i monday tuesday
        wednesday thursday friday saturday sunday
    """.split()
) | frozenset(MONTHS)

# A release that says "Thank you" would be quoted for it.
_ASKS_NOTHING = re.compile(
    r"(?:(?:thanks?(?: you| a lot| again)?(?: (?:very|so) much)?|ok(?:ay)?|hello|hi|hey|bye|great|cheers"
    r"|good (?:morning|afternoon|evening)|감사합니다|고맙습니다|안녕하세요)\W*)+",
    re.IGNORECASE,
)


def understand(
    text: str,
    history: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    today: date | None = None,
    *,
    leans: bool = False,
) -> Question:
    """The question with what its words and the earlier user turns (oldest first) add to it.

    "Last week" counts from `today`, by default the day of asking. One that `leans` needs the turn before, whatever its
    words are.

    Raises ValueError for an empty question, for a mere greeting or thanks, and for one longer than MAX_CHARACTERS.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(
            f"the question has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read, so shorten it"
        )
    text = " ".join(text.split())
    if not re.search(r"[^\W_]", text):
        raise ValueError("the question is empty; ask something about the releases")
    if _ASKS_NOTHING.fullmatch(text):
        raise ValueError(f"{text!r} asks nothing; ask something about the releases")
    if today and today.year < _FIRST_YEAR:
        raise ValueError(f"{today} is no day that a question can be asked as of; name one since {_FIRST_YEAR}")
    topic = _topic(text, leans, [" ".join(h.split())[:MAX_CHARACTERS] for h in history if h.strip()])
    standalone = f"{text} ({topic})" if topic else text
    own = tuple(dict.fromkeys(content_terms(text)))
    window = bounds(text, named_periods(text, today))
    return Question(
        text=text,
        standalone=standalone,
        terms=own,
        context=tuple(t for t in dict.fromkeys(content_terms(topic)) if t not in own),
        asked_for=expected_of(text),
        order="latest" if _LATEST.search(text) else "first" if _FIRST.search(text) else None,
        paragraph=_paragraph(text),
        named=tuple(dict.fromkeys(n.period for n in named_periods(standalone, today) if not n.relative)),
        since=since or window[0],
        until=until or window[1],
        language=language_of(text),
        names=names_in(standalone),
        topic=topic,
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
    if _KOREAN_WITHOUT_SUBJECT.match(text):
        return True
    return len(content_terms(text)) <= 2 and not names_in(text)


def _pronoun_is_at_home(text: str) -> bool:
    """Whether a name stands before the first pronoun, which then points to one of them ("Did Park say he …")."""
    pronoun = _PRONOUN.search(_EXPLETIVE.sub(" ", text))
    if pronoun is None or pronoun.group().lower() in ("it", "its"):
        return False
    return bool(names_in(text[: pronoun.start()]))


def _topic(text: str, leans: bool, history: Sequence[str]) -> str:
    """What earlier turns say that the question leaves out: the last turn that stood by itself, and those since."""
    if not history or not (leans or leans_back(text)):
        return ""
    since = next((n for n in range(len(history) - 1, -1, -1) if not leans_back(history[n])), 0)
    topic = ""
    for turn in history[since:]:
        told = _QUESTION_HEAD.sub("", turn).strip(" ?.!")
        topic = "; ".join(t for t in (_without_what_is_replaced(turn, topic), told) if t)[-_LONGEST_TOPIC:]
    return _without_what_is_replaced(text, topic)


_END_OF_PHRASE = r"(?=\s+(?:in|at|during|since|with|about|before|after|by|from|to)\b|;|$)"
_ABOUT = re.compile(r"\b(?:about|regarding|concerning)\s+(?!it\b|that\b|this\b|them\b|whom\b)\w", re.IGNORECASE)
_ABOUT_PHRASE = re.compile(rf"\s*\b(?:about|regarding|concerning)\s.+?{_END_OF_PHRASE}", re.IGNORECASE)
_WITH_NAME = re.compile(r"\b(?P<with>[Ww]ith|to)\s+(?:the\s+)?[A-Z]")
_WITH_PHRASE = {w: re.compile(rf"\s*\b{w}\s+(?:the\s+)?[A-Z].*?{_END_OF_PHRASE}") for w in ("with", "to")}
_AND_NAME = re.compile(r"(?:And|and|But|but)\s+(?:the\s+)?[A-Z][\w'’.-]*(?:\s+[A-Z][\w'’.-]*){0,3}\W*")
_LEADING_NAME = re.compile(r"^(?:the\s+)?[A-Z][\w'’.-]*(?:\s+(?:of\s+)?[A-Z][\w'’.-]*)*\s+(?:and\s+)?")
_BEFORE_PERIOD = re.compile(
    r"\s*\b(?:in|on|since|after|from|before|until|during|between|of)\s+(?:the\s+)?$", re.IGNORECASE
)


def _without_what_is_replaced(text: str, topic: str) -> str:
    """The topic without what a follow-up puts something else in place of: "and in 2023?" another time, "with Macron?"
    another counterpart, "about culture?" another subject, "And Wang?" another actor.
    """
    if _ABOUT.search(text):
        topic = _ABOUT_PHRASE.sub("", topic)
    if found := _WITH_NAME.search(text):
        topic = _WITH_PHRASE[found["with"].lower()].sub("", topic)
    if _AND_NAME.fullmatch(text) and not set(names_in(text)) & set(names_in(topic)):
        topic = _LEADING_NAME.sub("", topic)
    if any(not n.relative for n in named_periods(text)):
        for n in reversed(named_periods(topic)):
            before = _BEFORE_PERIOD.sub("", topic[: n.start])
            topic = f"{before} {topic[n.end :]}"
    return " ".join(topic.split()).strip(" ;")
