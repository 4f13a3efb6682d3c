"""Tell who says what a sentence tells, and name those whom it calls "he" or "they".

A quoted sentence that begins with "He requested …" says too little by itself. Where the sentences before it leave no
doubt, the name is added in brackets, in the release's own words and with a quote of its own; "It" and "This" bring the
sentence before along instead. Where there is doubt, nothing is added. English sentences are read.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from assistant.facts import MEANING, TITLES, key_of
from assistant.quotes import Composed, Draft, Quote
from assistant.tally import Party, called
from vectorstore import Match, Release
from vectorstore.language import STOP_WORDS, words
from vectorstore.sentences import sentence_spans

Role = Literal["principal", "counterpart", "both sides", "all sides", "third party"]
"""Whose words they are: those of the side that the release tells of first, of the other side, of both or of all who
speak together, or of somebody else.
"""


@dataclass(frozen=True)
class Speaker:
    """Who says what a sentence tells: `name` as the release writes it."""

    name: str
    role: Role


_REMEMBERED = 20_000
_NAME_WORD = r"(?:[A-Z][\w’'.-]*|of|the|for|and|bin|von|der|de|al-[A-Z]\w+)"
_PLURAL = r"(?:sides|leaders|presidents|ministers|countries|parties|delegations|advisors|governments)"
_WHO = (
    rf"(?P<who>(?:[Tt]he |[Bb]oth )?(?:two )?(?:(?!I[’']|Jr\b)[A-Z][\w’'.-]*|{_PLURAL})"
    rf"(?: {_NAME_WORD}){{0,9}}(?:, Jr\.)?"
    r"|[Hh]e|[Ss]he|[Tt]hey|I|[Ww]e),?"
)
_ADVERB = r"(?:also|further|then|again|both|jointly|always|clearly|once more|\w+ly)"
# A clause before it, such as "On that note," and "Noting our shared values,".
_OPENING = r"(?:(?:[A-Z][^,;:“”\"]{0,140}|[A-Z]\w+),\s+)?"
_HELP = r"(?:(?:has|have|had|will|would)\s+)?"
_VERB = (
    r"(?P<verb>[a-z]+ed|said|spoke|met|held|made|told|took|gave|had|sought|put|invites?|agrees?|welcomes?"
    r"|condemns?|reaffirms?|commends?|supports?|calls?|requests?|urges?|express|reiterates?|look|remain|commit|affirm|recognize)\b"
)
_SENTENCE = re.compile(rf"{_OPENING}{_WHO}\s+(?:{_ADVERB}\s+)*{_HELP}(?:{_ADVERB}\s+)*{_VERB}")
_SAYING = frozenset(
    key_of(verb)
    for verb in """
    said spoke stated noted stressed emphasised emphasized underlined underscored highlighted mentioned remarked told
    expressed conveyed reiterated reaffirmed affirmed explained pointed voiced announced declared requested asked urged
    proposed suggested invited encouraged appealed demanded hoped wished agreed pledged promised vowed committed claimed
    alleged accused expected welcomed condemned thanked commended congratulated discussed shared appreciated looked
    confirmed raised assured offered recognized recognised acknowledged praised applauded exchanged warned called
    resolved decided concurred reviewed threatened denounced insisted
    """.split()
)
# "had a meeting" and the like tell what was done, not what was said; of "made" only "made clear" is speech.
_MADE = re.compile(r"\s+(?:it\s+)?clear\b")
_BOTH = re.compile(
    rf"(?:the )?(?:two |both ){_PLURAL}\b|.*\b{_PLURAL}$|they$|we$",
    re.IGNORECASE,
)
_HE = re.compile(r"(?:he|she)$", re.IGNORECASE)
_PAIR = re.compile(
    r"They|(?:The (?:two )?|Both )(?:sides|leaders|presidents|ministers|parties|advisors)", re.IGNORECASE
)
# What points to a whole sentence; "It is essential to …" and "This agreement …" do not.
_IT = re.compile(
    r"(?:It(?! (?:is|was|will be|remains) (?:\w+ )?(?:\w+ )?(?:to|that|who)\b)|This|These|Those)"
    r" (?:also |further )?(?:is|are|was|were|will|would|has|have|had|does|includes?|included|means?|follows|aims?)\b"
)
_HE_USED, _SHE_USED = re.compile(r"\b(?:he|him|his)\b", re.I), re.compile(r"\b(?:she|hers?)\b", re.I)
_LEAD = re.compile(r"\s(?:with|called|hosted|welcomed)\s")
_COUNTERPART = re.compile(rf"(?:today |yesterday )?(?P<who>[A-Z][\w’'.-]*(?: {_NAME_WORD}){{0,9}})")
_FROM = re.compile(
    r"\b(?:Statement|Remarks|Message|Letter)\s+(?:from|by)\s+(?P<who>.+?)\s+(?:on|at|to|regarding|for)\s"
)
# A sentence that is about somebody is looked for so far back.
_BACK = 4
# In characters; a longer sentence before says more of something else.
_LONGEST_BEFORE = 350


@dataclass(frozen=True)
class Named(Composed):
    """A sentence with `names` in brackets after its first `at` characters: the first quote is the sentence, the second
    has the names.
    """

    names: tuple[str, ...] = field(kw_only=True)
    at: int = field(kw_only=True)

    def fault(self) -> str | None:
        """Why it is more or other than its quotes; None when it is not."""
        sentence, where = (q.text for q in self.quotes)
        added = f" [{' and '.join(self.names)}]"
        if self.text == sentence[: self.at] + added + sentence[self.at :] and all(n in where for n in self.names):
            return None
        return "it is not its quote with the quoted names in brackets"


def speaker_of(match: Match, start: int, end: int) -> Speaker | None:
    """Who says what the first sentence of a quote tells; None where that is not certain, or nobody says anything."""
    text = match.paragraph.text
    spans = _spans(text)
    at = next((n for n, (a, b) in enumerate(spans) if a <= start < b), None)
    if at is None or not (found := _subject(text[spans[at][0] : spans[at][1]])) or not found[2]:
        return None
    who = found[0]
    if _BOTH.match(who):
        two = re.search(r"\b(?:two|both)\b", who, re.IGNORECASE) or (who.lower() != "we" and _pair(match.release))
        return Speaker(who, "both sides" if two else "all sides")
    if who == "I":
        titled = _FROM.search(match.release.title)
        return Speaker(titled["who"], "principal") if titled else None
    if _HE.match(who):
        antecedent = _antecedent(match, at)
        if antecedent is None:
            return None
        who = antecedent.text
    if who.lower() in STOP_WORDS:
        return None
    if " and " in who and all(_is_person(part) for part in who.split(" and ")):
        return Speaker(who, "both sides")
    return Speaker(who, _role(who, match.release))


def named(draft: Draft, shown: Collection[Quote] = ()) -> Draft:
    """A sentence that is quoted whole, with what it takes to be understood; any other draft as it is. What stands in
    `shown` has been read before.
    """
    if len(draft.quotes) != 1 or draft.text != draft.quotes[0].text:
        return draft
    quote = draft.quotes[0]
    spans = _spans(quote.match.paragraph.text)
    at = next((n for n, (a, b) in enumerate(spans) if a <= quote.start < b), None)
    if at is None:
        return draft
    if at and _IT.match(draft.text) and spans[at - 1][1] - spans[at - 1][0] <= _LONGEST_BEFORE:
        before = Quote(quote.match, spans[at - 1][0], quote.end)
        if any(one.holds(Quote(quote.match, *spans[at - 1])) for one in shown):
            return draft
        offset = quote.start - before.start
        answer = (draft.answer[0] + offset, draft.answer[1] + offset) if draft.answer else None
        return Draft(before.text, (before,), answer)
    found = _subject(draft.text)
    if found is None:
        return draft
    who, end, says = found
    names: tuple[Quote, ...] = ()
    if _HE.match(who):
        antecedent = _antecedent(quote.match, at)
        names = (antecedent,) if antecedent else ()
    elif says and _PAIR.fullmatch(who):
        names = _pair(quote.match.release)
    if not names or any(one.holds(name) for one in shown for name in names):
        return draft
    added = f" [{' and '.join(n.text for n in names)}]"
    answer = draft.answer
    if answer and answer[0] >= end:
        answer = (answer[0] + len(added), answer[1] + len(added))
    elif answer and answer[1] > end:
        answer = None
    where = Quote(names[0].match, names[0].start, names[-1].end)
    said = draft.text[:end] + added + draft.text[end:]
    return Named(said, (quote, where), answer, names=tuple(n.text for n in names), at=end)


@lru_cache(maxsize=_REMEMBERED)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    found = []
    for start, end in sentence_spans(text):
        start += len(text[start:end]) - len(text[start:end].lstrip("*※ \t"))
        found.append((start, end))
    return tuple(found)


@lru_cache(maxsize=_REMEMBERED)
def _subject(sentence: str) -> tuple[str, int, bool] | None:
    """Who a sentence is about, where in it the name ends, and whether it tells what they say."""
    found = _SENTENCE.match(sentence)
    if found is None:
        return None
    verb = key_of(found["verb"])
    says = verb in _SAYING or MEANING.get(verb) == "say"
    if found["verb"] == "made":
        says = bool(_MADE.match(sentence, found.end()))
    return found["who"], found.end("who"), says


def _antecedent(match: Match, at: int) -> Quote | None:
    """Whom "he" or "she" in the sentence number `at` of a paragraph means: the person whom the sentence before is
    about, passing over sentences about "he", "she" and "they". None where the release has both a "he" and a "she".
    """
    text, spans = match.paragraph.text, _spans(match.paragraph.text)
    whole = " ".join(p.text for p in match.release.paragraphs)
    if _HE_USED.search(whole) and _SHE_USED.search(whole):
        return None
    for number in range(at - 1, max(-1, at - 1 - _BACK), -1):
        start, end = spans[number]
        found = _subject(text[start:end])
        if found is None:
            return None
        who = found[0]
        if _HE.match(who) or _BOTH.match(who):
            continue
        if " and " in who or not _is_person(who):
            return None
        begin = start + found[1] - len(who)
        return Quote(match, begin, begin + len(who))
    return None


def _is_person(who: str) -> bool:
    """Whether a name has an office or a form of address with it."""
    return any(key_of(word) in TITLES or word in _ADDRESS for word in words(who))


_ADDRESS = frozenset({"mr", "mrs", "ms", "dr", "spokesperson", "advisor", "adviser"})


@lru_cache(maxsize=1_000)
def _pair(release: Release) -> tuple[Quote, ...]:
    """The two whom a release tells of first, as its lead sentence names them; nothing where it names one or more than
    two.
    """
    paragraph = next(iter(release.paragraphs), None)
    if paragraph is None or not (spans := _spans(paragraph.text)):
        return ()
    start, end = spans[0]
    lead = paragraph.text[start:end]
    subject, met, titled = _subject(lead), _LEAD.search(lead), _LEAD.search(release.title)
    if subject is None or met is None or met.start() < subject[1] or not _is_person(subject[0]):
        return ()
    other = _COUNTERPART.match(lead, met.end())
    if other is None or not _is_person(other["who"]) or " and " in subject[0] + other["who"]:
        return ()
    # A title that names others, or several, tells of another call than the one that the lead sentence begins with.
    whom = release.title[titled.end() :] if titled else ""
    if re.search(r", | and ", whom) or not Party(other["who"]).stands_in(whom):
        return ()
    match, first = Match(release, paragraph, 1.0), other.start("who")
    # The end of the sentence is no part of the name, that of "Jr." is.
    whole = other["who"].removesuffix(".") if other.end("who") == len(lead) else other["who"]
    last = first + len(re.sub(r"(?: (?:and|of|the|for|bin|von|der|de))+$", "", whole))
    begin = start + subject[1] - len(subject[0])
    return (Quote(match, begin, begin + len(subject[0])), Quote(match, start + first, start + last))


def _role(who: str, release: Release) -> Role:
    """On which side a speaker is, by the release's title and lead sentence."""
    paragraph = next(iter(release.paragraphs), None)
    spans = _spans(paragraph.text) if paragraph else ()
    lead = paragraph.text[slice(*spans[0])] if paragraph and spans else ""
    party = Party(who)
    if not called(who):
        return "third party"
    for text in (lead, release.title):
        met = _LEAD.search(text)
        before, after = (text[: met.start()], text[met.end() :]) if met else (text, "")
        if party.stands_in(before):
            return "principal"
        if party.stands_in(after):
            return "counterpart"
    return "third party"
