"""See whether a question is about the releases themselves: which of them, how many, or one of them in a few sentences.

The rule is narrow on purpose. "How many countries joined the treaty?" asks for a fact that a release states; only a
question for releases ("which statements mention …"), or for calls, meetings and visits that somebody held, is answered
by going through all of them. To understand another form, put a row into `FORMS` or `KOREAN_FORMS`: what is wanted, and
the words around `subject`, `actor` and `partner`. Periods are cut out before a form is tried.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from assistant.periods import Period, bounds, named_periods
from assistant.tally import ANY_GENRE, EVENTS, Genre, Party
from ingest.dates import find_dates
from vectorstore.language import STOP_WORDS, language_of

Wants = Literal["list", "count", "summary"]


@dataclass(frozen=True)
class Survey:
    """What is asked about the releases.

    `subject` is what they are to mention, or to be `about`; for a summary, how the release is called. With an `event`,
    a key of `tally.EVENTS`, it is the `actor`'s with the `partner`. The days bound the releases' dates.
    """

    wants: Wants
    subject: str = ""
    about: bool = False
    genre: Genre = ANY_GENRE
    event: str = ""
    actor: Party | None = None
    partner: Party | None = None
    since: date | None = None
    until: date | None = None


_GENRES = {
    "release": "",
    "press release": "",
    "news release": "",
    "official release": "",
    "document": "",
    "publication": "",
    "statement": "statement",
    "joint statement": "joint statement",
    "readout": "readout",
    "fact sheet": "fact sheet",
    "factsheet": "fact sheet",
    "communiqué": "communiqué",
    "communique": "communiqué",
    "declaration": "declaration",
    "joint declaration": "joint declaration",
    "briefing": "briefing",
    "press briefing": "press briefing",
    "letter": "letter",
}
"""What a question calls the releases it means, and the word in their titles that it means by it, if any."""

_ONE = "(?P<thing>" + "|".join(sorted(_GENRES, key=len, reverse=True)) + ")"
_MANY = rf"{_ONE}s"
_ANY = rf"{_ONE}s?"
_SAY = (
    r"(?:mention(?:s|ed|ing)?|name[sd]?|naming|refer(?:s|red|ring)? to|cit(?:es?|ed|ing)|discuss(?:es|ed|ing)?"
    r"|address(?:es|ed|ing)?|cover(?:s|ed|ing)?|touch(?:es|ed|ing)? (?:on|upon)|talk(?:s|ed|ing)? about"
    r"|speak(?:s|ing)? (?:of|about)|deal(?:s|t|ing)? with|contain(?:s|ed|ing)?"
    r"|say(?:s|ing)? (?:some|any)thing (?:about|on))"
)
_ABOUT = r"(?P<about>about|on|concerning|regarding|relating to|related to|on the subject of)"
_IS_ABOUT = rf"(?:is|are|was|were) {_ABOUT}"
_SUBJECT = r"(?P<subject>\S.*?)"
_THAT_SAYS = rf"(?:(?:(?:that|which) (?:is|are|was|were) )?{_ABOUT}|(?:(?:that|which) )?{_SAY}) {_SUBJECT}"
_WHICH, _DO = r"(?:which|what)(?: of (?:the|these|your))?", r"(?:do|does|did|that|which)"
_SAID, _APPEAR = r"(?:mentioned|named|cited|discussed)", r"(?:appear|occur|come up|figure)"
_ISSUED = r"(?:issued|published|released|made public|put out|kept|held|stored)"
_THERE = r"(?: (?:are|were|is|was) there| do you have| have you got| exist| can you find)"
_COMMAND = (
    r"(?:please )?(?:(?:can|could|would) you )?(?:please )?"
    r"(?:list|show|give|find|enumerate|get|name)(?: me| us)?(?: a list of)?"
)
_ALL = r"(?: all| every| each)?(?: of)?(?: the)?"
_EVENT = (
    r"(?P<event>(?:(?:phone|telephone|video) )?(?:calls?|conversations?)|(?:summit )?meetings?|talks|visits?|trips?)"
)
_ACTOR, _PARTNER = r"(?P<actor>\S.*?)", r"(?P<partner>\S.*?)"
_HOLD = r"(?:hold|held|have|had|make|made|conduct|conducted|do|done)"
_DID = r"(?:did|has|have)"
_WITH = rf"(?:with|to) {_PARTNER}"
_BETWEEN = rf"between {_ACTOR} and {_PARTNER}"
_TOOK_PLACE = (
    r"(?: (?:were|are|was) there| took place| have taken place| have there been| were held| (?:are|were) reported)"
)
_DEED = (
    r"(?:(?P<call>call|called|phone|phoned|telephone|telephoned|(?:speak|spoken|talk|talked) (?:to|with))"
    r"|(?P<meeting>meet(?: with)?|met(?: with)?)|(?P<visit>visit|visited))"
)

_Form = tuple[Wants, re.Pattern[str]]


def _asks(wants: Wants, *forms: str) -> tuple[_Form, ...]:
    return tuple((wants, re.compile(rf"{form}\W*", re.IGNORECASE)) for form in forms)


FORMS: tuple[_Form, ...] = (
    *_asks(
        "list",
        rf"{_WHICH} {_ANY} (?:{_DO} )?{_SAY} {_SUBJECT}",
        rf"{_WHICH} {_ANY} {_IS_ABOUT} {_SUBJECT}",
        rf"(?:which|what) {_MANY}{_THERE}(?: {_THAT_SAYS})?",
        rf"(?:which|what) {_MANY} (?:are|were|have been) {_ISSUED}(?: {_ABOUT} {_SUBJECT})?",
        rf"(?:in )?(?:which|what) {_ANY} (?:is|are|was|were) {_SUBJECT} {_SAID}(?: in)?",
        rf"(?:in )?(?:which|what) {_ANY} (?:does|do|did) {_SUBJECT} {_APPEAR}(?: in)?",
        rf"{_COMMAND}{_ALL} {_MANY}(?: there are)?(?: {_THAT_SAYS})?",
        rf"{_COMMAND} (?:every|each) {_ONE}(?: {_THAT_SAYS})?",
        rf"(?:are|were) there (?:any |some )?{_MANY} {_THAT_SAYS}",
        rf"(?:all |every )(?:the )?{_ANY} {_THAT_SAYS}",
        rf"(?:which|what) {_EVENT} {_DID} {_ACTOR} {_HOLD}(?: {_WITH})?",
        rf"(?:which|what) {_EVENT}{_TOOK_PLACE} {_BETWEEN}",
        rf"(?:which|what) {_EVENT}{_TOOK_PLACE} {_WITH}",
        rf"{_COMMAND}{_ALL} {_EVENT} {_BETWEEN}",
        rf"{_COMMAND}{_ALL} {_EVENT} (?:(?:of|by) {_ACTOR} )?{_WITH}",
        rf"{_COMMAND}{_ALL} {_ACTOR}(?:'s|s') {_EVENT}(?: {_WITH})?",
        rf"{_COMMAND}{_ALL} {_EVENT} (?:that )?{_ACTOR} (?:held|had|made|conducted)(?: {_WITH})?",
        rf"on (?:which|what) (?:dates|days) {_DID} {_ACTOR} {_DEED} {_PARTNER}",
    ),
    *_asks(
        "count",
        rf"how many (?:of the )?{_MANY} (?:{_DO} )?{_SAY} {_SUBJECT}",
        rf"how many (?:of the )?{_MANY} {_IS_ABOUT} {_SUBJECT}",
        rf"how many {_MANY}{_THERE}(?: {_THAT_SAYS})?",
        rf"how many {_MANY} (?:are|were|have been) {_ISSUED}(?: {_ABOUT} {_SUBJECT})?",
        rf"how many {_MANY} {_ABOUT} {_SUBJECT}{_THERE}",
        rf"in how many (?:of the )?{_MANY} (?:is|are|was|were) {_SUBJECT} {_SAID}",
        rf"in how many (?:of the )?{_MANY} (?:does|do|did) {_SUBJECT} {_APPEAR}",
        rf"(?:what is|what's|give me) the number of {_MANY} {_THAT_SAYS}",
        rf"count{_ALL} {_MANY}(?: {_THAT_SAYS})?",
        rf"how many {_EVENT} {_DID} {_ACTOR} {_HOLD}(?: {_WITH})?",
        rf"how many {_EVENT}(?: {_WITH})? {_DID} {_ACTOR} {_HOLD}",
        rf"how many {_EVENT}{_TOOK_PLACE} {_BETWEEN}",
        rf"how many {_EVENT}{_TOOK_PLACE} {_WITH}",
        rf"how many {_EVENT} {_BETWEEN}{_TOOK_PLACE}",
        rf"how many {_EVENT} {_WITH}{_TOOK_PLACE}",
        rf"how (?:many times|often) {_DID} {_ACTOR} {_DEED} {_PARTNER}",
    ),
)

_KOREAN_THING = r"(?P<thing>보도\s*자료|성명(?:서)?|발표문)"
_KOREAN_SAY = r"(?:언급(?:한|하는|된|되는)|다룬|다루는|나오는|나온|등장하는|포함(?:한|하는|된|되는))"
_KOREAN_ABOUT = r"(?P<about>대한|관한|관련(?:된|한)?)"
_KOREAN_SUBJECT = r"(?P<subject>\S.*?)(?:을|를|이|가|은|는|에|와|과|의)?"
_KOREAN_COUNT = r"(?:이|가|은|는)?\s*(?:모두\s*|총\s*)?몇\s*(?:건|개|편)"
_KOREAN_LIST = r"(?:이|가|은|는|을|를|들|들은|들을)?\s*(?:목록|무엇|뭐|어떤|있|모두|전부|알려|보여|나열|찾아|\W*$)"

KOREAN_FORMS: tuple[_Form, ...] = (
    *_asks(
        "count",
        rf"{_KOREAN_SUBJECT}\s*(?:{_KOREAN_SAY}|{_KOREAN_ABOUT})\s*{_KOREAN_THING}{_KOREAN_COUNT}.*",
        rf"몇\s*(?:건|개|편)의?\s*{_KOREAN_THING}(?:이|가|에서)\s*{_KOREAN_SUBJECT}\s*언급.*",
        rf"(?:발표된\s*|나온\s*|공개된\s*)?{_KOREAN_THING}{_KOREAN_COUNT}.*",
    ),
    *_asks(
        "list",
        rf"{_KOREAN_SUBJECT}\s*(?:{_KOREAN_SAY}|{_KOREAN_ABOUT})\s*(?:모든\s*)?{_KOREAN_THING}{_KOREAN_LIST}.*",
        rf"(?:어떤|어느)\s*{_KOREAN_THING}(?:들)?(?:이|가|에서)\s*{_KOREAN_SUBJECT}\s*(?:언급|다루|다뤘).*",
    ),
)

_SUMMARIES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?:please )?(?:(?:can|could|would) you )?(?:please )?(?:briefly )?(?:summari[sz]e|sum up|recap) "
        r"(?P<subject>\S.*?)(?: (?:for me|briefly|please|in a few (?:words|sentences)))*\W*",
        r"(?:please )?(?:give me|give us|show me|provide|write|i need|i want|make)?(?: ?(?:a|the))? ?"
        r"(?:short |brief |quick )?(?:summary|overview|gist|digest|recap|(?:main|key) points|leading statements) of "
        r"(?P<subject>\S.*?)\W*",
        r"what (?:is|are|were|was) the (?:main|key|most important|leading|central) "
        r"(?:points?|statements?|messages?|takeaways?) (?:of|in|from) (?P<subject>\S.*?)\W*",
        rf"what (?:is|was) (?P<subject>the {_ANY} (?:of|from|dated) \S.*?) about\W*",
        r"(?P<subject>\S.*?)(?:을|를|의)?\s*(?:내용을?\s*|요지를?\s*)?(?:간단히\s*|짧게\s*|간략히\s*)?요약.*",
    )
)
# What makes of "Summarise …" a question about one release.
_A_RELEASE = re.compile(
    rf"\b{_ANY}\b|\b(?:remarks|message|proclamation|memorandum|notice|agreement text|transcript)\b"
    r"|보도\s*자료|성명|발표문|선언",
    re.IGNORECASE,
)
# These open a question within the question: what somebody said, not what a release is called.
_CLAUSE = re.compile(r"(?:what|who|whom|when|where|why|how|whether|which|that|if)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"(?:it|this|that|them|these|those|him|her|he|she|they|both|there|one|ones|the same)\b", re.IGNORECASE
)
_LEADING = re.compile(
    r"(?:the (?:words?|term|phrase|name|expression|topic|subject)(?: of)?|the|a|an|any)\s+", re.IGNORECASE
)
_OFFICE = re.compile(
    r"(?:the )?(?:us |u\.s\. )?(?:vice[- ])?(?:president|prime minister|foreign minister|chancellor)$", re.IGNORECASE
)
# In characters; what is longer tells a story, and the forms would be tried for long.
_LONGEST = 300
# A follow-up may lie so many turns behind what it follows.
_TURNS_BACK = 6
# In words.
_LONGEST_SUBJECT, _LONGEST_PARTY = 12, 7
# "in 2022" and the like narrow to the releases of that time; "the 2030 World Expo" names a thing.
_IN = re.compile(
    r"\b(?:in|during|within|for|of|from|dated|on|throughout)\s+(?:the\s+)?(?:year\s+|month of\s+)?$", re.IGNORECASE
)
_BOUND_WORDS = re.compile(
    r"\b(?:and\s+)?(?:since|after|from|before|until|till|prior to|up to|between|in|during|within|for|of|dated|on"
    r"|throughout)\s+(?:the\s+)?(?:(?:end|start|beginning|year|month) of\s+|year\s+)?$",
    re.IGNORECASE,
)
_JOINS = re.compile(r"\s*(?:,|and|or|to|until|till|through|–|-)\s*(?:in\s+|the\s+)?", re.IGNORECASE)
_KOREAN_AFTER = re.compile(r"\s*(?:이후|부터|이전|까지|에|의|동안|중)?")


def survey_of(text: str, history: Sequence[str] = (), today: date | None = None) -> Survey | None:
    """What a question asks about the releases, in the light of the earlier user turns (oldest first); None for every
    other question.
    """
    text = " ".join(text.replace("’", "'").split())
    if len(text) > _LONGEST:
        return None
    history = history[-_TURNS_BACK:]
    return _alone(text, history, today) or (_followed(text, history, today) if history else None)


def _alone(text: str, history: Sequence[str], today: date | None) -> Survey | None:
    opened = re.sub(r"^(?:and|so|then|but|ok|okay|now|also)[,\s]+", "", text, flags=re.IGNORECASE)
    if summary := _summary(opened):
        return summary
    plain, since, until = _without_periods(opened, today)
    forms = KOREAN_FORMS if language_of(text) == "ko" else FORMS
    for wants, form in forms:
        if found := form.fullmatch(plain):
            survey = _read(wants, found, history)
            return replace(survey, since=since, until=until) if survey else None
    return None


def _read(wants: Wants, found: re.Match[str], history: Sequence[str]) -> Survey | None:
    """The parts of a question whose form fits; None where one of them is no name of anything."""
    parts = found.groupdict()
    if "event" in parts or "actor" in parts:
        kind = _kind_of_event(parts)
        small = found.string.islower()
        actor, partner = (_party(parts.get(part), history, small) for part in ("actor", "partner"))
        named = [p for p in (parts.get("actor"), parts.get("partner")) if p]
        if not kind or not named or len([p for p in (actor, partner) if p]) < len(named):
            return None
        return Survey(wants, event=kind, actor=actor, partner=partner)
    thing = re.sub(r"\s+", " ", (parts.get("thing") or "").lower())
    genre = Genre(_GENRES.get(thing, ""))
    subject = parts.get("subject")
    about = bool(parts.get("about") or parts.get("about2"))
    if subject is None:
        return Survey(wants, genre=genre)
    named_subject = _subject(subject, history)
    return Survey(wants, named_subject, about, genre) if named_subject else None


def _kind_of_event(parts: dict[str, str | None]) -> str:
    if event := parts.get("event"):
        return next(kind for kind, names in EVENTS.items() if names.search(event))
    return next((kind for kind in EVENTS if parts.get(kind)), "")


def _subject(text: str, history: Sequence[str]) -> str:
    """What is to be mentioned, without its article; empty where it is a clause, too long, or points to nothing."""
    text = text.strip(" ?.!,;:'\"“”‘’")
    if _POINTS_BACK.fullmatch(text):
        return _last_topic(history) or _last_named(history)
    text = _LEADING.sub("", text, count=1).strip(" '\"“”‘’") if _LEADING.match(text) else text
    if _CLAUSE.match(text) or not 0 < len(text.split()) <= _LONGEST_SUBJECT:
        return ""
    return text


def _party(text: str | None, history: Sequence[str], written_small: bool = False) -> Party | None:
    """Who is named; None where it is nobody by name or office. In a question `written_small` a name has no capital."""
    if not text:
        return None
    text = text.strip(" ?.!,;:'\"“”‘’")
    if _POINTS_BACK.fullmatch(text):
        named = _last_named(history)
        return Party(named) if named else None
    if not 0 < len(text.split()) <= _LONGEST_PARTY or _CLAUSE.match(text) or "," in text:
        return None
    if _OFFICE.match(text) or written_small or any(w[:1].isupper() or not w.isascii() for w in text.split()):
        return Party(text)
    return None


_SPOKEN_OF = re.compile(
    r"\b(?:about|regarding|concerning)\s+(?:the\s+)?(?P<topic>\w.*?)(?=\s+(?:in|on|at|since|during|with|from|to)\b|\W*$)"
)


def _last_topic(history: Sequence[str]) -> str:
    """What the turn before asked about: "What did they say about fentanyl?"."""
    found = _SPOKEN_OF.search(" ".join(history[-1].split())) if history else None
    return found["topic"] if found and not _POINTS_BACK.fullmatch(found["topic"]) else ""


_NAME = re.compile(r"[A-Z][\w'.-]*(?:\s+(?:of|the|for|and)?\s*[A-Z0-9][\w'.-]*)*")


def _last_named(history: Sequence[str]) -> str:
    """The last name of the latest turn that names something besides its first word."""
    for turn in reversed(history):
        plain = " ".join(turn.replace("’", "'").split())
        names = [m.group().removesuffix("'s") for m in _NAME.finditer(plain) if m.start() > 0]
        names = [n for n in names if n.lower() not in STOP_WORDS]
        if names:
            return names[-1]
    return ""


def _summary(text: str) -> Survey | None:
    for form in _SUMMARIES:
        if found := form.fullmatch(text):
            subject = found["subject"].strip()
            if _CLAUSE.match(subject):
                return None
            if _A_RELEASE.search(subject) or find_dates(subject) or _POINTS_BACK.fullmatch(subject):
                return Survey("summary", subject)
    return None


def _without_periods(text: str, today: date | None) -> tuple[str, date | None, date | None]:
    """The text without the periods that say of what time the releases are, and the first and last day of those."""
    korean = language_of(text) == "ko"
    cuts: list[tuple[int, int]] = []
    inside: list[Period] = []
    for n in named_periods(text, today):
        before = _BOUND_WORDS.search(text[: n.start])
        joined = bool(cuts) and bool(_JOINS.fullmatch(text[cuts[-1][1] : n.start]))
        if not (before or joined or n.relative or korean):
            continue
        after = _KOREAN_AFTER.match(text, n.end) if korean else None
        start = cuts.pop()[0] if joined else before.start() if before else n.start
        cuts.append((start, after.end() if after else n.end))
        if not n.relative and (joined or korean or _IN.search(text[: n.start])):
            inside.append(n.period)
    # A period bounds what stands at its end, so each is read by itself.
    read = [bounds(phrase, named_periods(phrase, today)) for start, end in cuts for phrase in [text[start:end]]]
    since = max((s for s, _ in read if s), default=None)
    until = min((u for _, u in read if u), default=None)
    if since is None and until is None and inside:
        since, until = min(p.since for p in inside), max(p.until for p in inside)
    for start, end in reversed(cuts):
        text = f"{text[:start].rstrip(' ,')} {text[end:].lstrip(' ,')}"
    return " ".join(text.split()), since, until


_ALSO = r"(?:and what about|and|what about|how about|but|or)"
_AND_NOTHING = re.compile(rf"(?:{_ALSO}\s+)?(?:how many|which(?: ones)?|what)?\W*", re.IGNORECASE)
_AND_SUBJECT = re.compile(
    rf"(?:(?:and )?(?:how many|which)(?: ones| of (?:them|these|those))? {_SAY}|{_ALSO}(?:about|on|for|mentioning)?)"
    r"\s+(?P<subject>\S.*?)\W*",
    re.IGNORECASE,
)
_OF_THEM = re.compile(r"\bof (?:them|these|those)\b", re.IGNORECASE)
_AND_PARTNER = re.compile(
    rf"{_ALSO}\s+(?:how many\s+)?(?:(?:calls?|meetings?|visits?)\s+)?(?:with|to)?\s*(?P<partner>\S.*?)\W*",
    re.IGNORECASE,
)
_AND_LIST = re.compile(
    r"(?:and |so )?(?:which(?: ones)?(?: are (?:they|these|those))?|what are they|when(?: were they| was that)?"
    r"|on which (?:dates|days)|(?:please )?(?:list|show|name)(?: me)? (?:them|these|those)(?: all)?)\W*",
    re.IGNORECASE,
)
_AND_COUNT = re.compile(
    r"(?:and |so )?how many(?: (?:are (?:there|they)|is that|in all|in total|altogether))?\W*", re.IGNORECASE
)


def _followed(text: str, history: Sequence[str], today: date | None) -> Survey | None:
    """A question that changes one thing of the survey before it: "and in 2023?", "and with Macron?", "which ones?"."""
    before = survey_of(history[-1], history[:-1], today)
    if before is None or before.wants == "summary":
        return None
    if _AND_LIST.fullmatch(text):
        return replace(before, wants="list")
    if _AND_COUNT.fullmatch(text):
        return replace(before, wants="count")
    plain, since, until = _without_periods(text, today)
    if since or until:
        before = replace(before, since=since, until=until)
        if _AND_NOTHING.fullmatch(plain):
            return before
    form, part = (_AND_PARTNER, "partner") if before.event else (_AND_SUBJECT, "subject")
    found = form.fullmatch(plain)
    if found is None:
        return None
    if before.event:
        partner = _party(found[part], history)
        return replace(before, partner=partner) if partner else None
    subject = _subject(found[part], history)
    if _OF_THEM.search(plain) and before.subject and subject:
        subject = f"{before.subject} and {subject}"
    return replace(before, subject=subject) if subject and any(c.isupper() or c > "\u1100" for c in subject) else None
