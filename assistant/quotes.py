"""Answer without a language model: choose the sentences that answer, word for word, or none."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from assistant.evidence import Evidence, EvidenceReader
from assistant.question import Question
from assistant.search import Candidate
from assistant.shortest import shortest
from vectorstore import Match, Paragraph
from vectorstore.sentences import sentence_spans


@dataclass(frozen=True)
class Quote:
    """`match.paragraph.text[start:end]`, offered as what carries a statement."""

    match: Match
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.match.paragraph.text[self.start : self.end]

    def holds(self, other: "Quote") -> bool:
        """Whether this quote has all the words of the other one, in their place."""
        return self.match.key == other.match.key and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Draft:
    """A statement before it is verified; `text[answer]` are the few words that answer by themselves, where some do."""

    text: str
    quotes: tuple[Quote, ...]
    answer: tuple[int, int] | None = None


@dataclass(frozen=True)
class Composed(Draft):
    """A statement that code puts together by a rule of its own, which tells whether its quotes prove it."""

    def fault(self) -> str | None:
        """Why the quotes do not prove the statement, in a few words; None when they do."""
        raise NotImplementedError


@dataclass(frozen=True)
class Drafted:
    """What an answerer makes of the candidates: drafts (none when it refuses), all paragraphs best first,
    confidence.

    Reading the drafts may raise NothingWritten where a language model is still writing them; `otherwise` are then the
    answer. `passages` are what it was given to read. `refused_below` is the confidence that a refusal fell short of.
    """

    drafts: Iterable[Draft]
    ranked: tuple[Match, ...]
    confidence: float
    passages: tuple[Match, ...] = ()
    otherwise: tuple[Draft, ...] = ()
    refused_below: float = 0.0


class NothingWritten(Exception):
    """A language model could not be asked or understood; the message tells the reader why, in a sentence."""


class Answerer(Protocol):
    """Makes drafts from candidates; whatever it writes is verified afterwards."""

    @property
    def name(self) -> str: ...

    @property
    def sends_to(self) -> str | None:
        """Where question and paragraphs are sent; None when they stay on this machine."""
        ...

    def answer(self, question: Question, candidates: Sequence[Candidate]) -> Drafted: ...


_COMPARES = re.compile(
    r"\b(?:compare[ds]?|comparison|differ(?:s|ed|ent|ence|ences|ently)?|versus|vs\.?|respectively|than|both|each|again"
    r"|side by side|chang(?:e|ed|es)|evolv(?:e|ed)|shift(?:ed)?|same|unlike|whereas)\b|비교|차이|각각|모두",
    re.IGNORECASE,
)
# Statements are added until the answer is among them with this probability, or there are three.
_COVERED = 0.95
_MOST_STATEMENTS = 3
# A second sentence of one paragraph must be this likely to be shown in place of another paragraph's.
_SAME_PARAGRAPH = 0.15


class QuotesAnswerer:
    """The embedded default: one to three verbatim sentences when the confidence reaches the threshold, else none."""

    name = "quotes"
    sends_to = None

    def __init__(self, reader: EvidenceReader) -> None:
        self._reader = reader

    def answer(self, question: Question, candidates: Sequence[Candidate]) -> Drafted:
        weighed = self._reader.weigh(question, candidates)
        evidence = in_order(question, weighed.evidence)
        ranked = _ranked(evidence, weighed.unread)
        confidence = self._reader.confidence(question, evidence)
        if question.paragraph and (numbered := _numbered_paragraph(question.paragraph, ranked)):
            rest = tuple(m for m in ranked if m.key != numbered[0].quotes[0].match.key)
            first = numbered[0].quotes[0].match
            best = max((m.score for m in ranked), default=0.0)
            sure = max(confidence, self._reader.judgement(question).threshold)
            return Drafted(numbered, (Match(first.release, first.paragraph, best + 1), *rest), sure)
        threshold = self._reader.judgement(question).threshold
        if confidence < threshold:
            return Drafted((), ranked, confidence, refused_below=threshold)
        items = _items(question, evidence[0])
        chosen = evidence[:1] if items else _chosen(question, evidence)
        return Drafted((*(_draft(question, e) for e in chosen), *items), ranked, confidence)


# So far below the best, in log-odds, a sentence may still be about what "latest" and "first" ask for.
_STRONG = 2.0


def in_order(question: Question, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """For "latest" and "first", the strong evidence by date; else as it is."""
    if not question.order or not evidence:
        return evidence
    days = {e.release.date for e in evidence if e.release.date and e.score >= evidence[0].score - _STRONG}
    if not days:
        return evidence
    wanted = max(days) if question.order == "latest" else min(days)
    return sorted(evidence, key=lambda e: (e.release.date != wanted, -e.score))


def _draft(question: Question, evidence: Evidence) -> Draft:
    pointed = (evidence.answer[0] - evidence.start, evidence.answer[1] - evidence.start)
    quote = Quote(evidence.candidate.match, evidence.start, evidence.end)
    return Draft(evidence.text, (quote,), shortest(question, evidence.text, pointed))


def _chosen(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences to show, the likeliest first.

    Scores are log-odds of one sentence against another, so that their softmax says how likely each is to be the answer.
    """
    sides = _sides(question, evidence)
    if len(sides) > 1:
        return sides[:_MOST_STATEMENTS]
    likely = [math.exp(e.score - max(e.score for e in evidence)) for e in evidence]
    total, covered = sum(likely), 0.0
    chosen: list[Evidence] = []
    for e, share in zip(evidence, likely, strict=True):
        if chosen and (covered >= _COVERED or len(chosen) == _MOST_STATEMENTS):
            break
        covered += share / total
        if share / total >= _SAME_PARAGRAPH or all(e.candidate.match.key != c.candidate.match.key for c in chosen):
            chosen.append(e)
    return chosen


# Of a list so many points are shown.
_MOST_ITEMS = 8
_ITEM = re.compile(r"[-–•·*○◦]\s+")


def _items(question: Question, lead: Evidence) -> tuple[Draft, ...]:
    """The points that a sentence leads into ("… across four pillars, which include:"), the first sentence of each; none
    where it leads into none, or where a date, a sum or the like is asked for.
    """
    if question.asked_for not in (None, "name") or lead.end < len(lead.paragraph.text.rstrip()):
        return ()
    behind = list(lead.release.paragraphs[lead.release.paragraphs.index(lead.paragraph) + 1 :])
    leads = lead.text.endswith(":")
    # "This includes:" may stand in a paragraph of its own.
    if not leads and behind and behind[0].text.endswith(":") and len(sentence_spans(behind[0].text)) == 1:
        leads, behind = True, behind[1:]
    if not leads:
        return ()
    drafts = []
    for paragraph in takewhile(lambda p: _ITEM.match(p.text), behind[:_MOST_ITEMS]):
        mark = _ITEM.match(paragraph.text)
        begin = mark.end() if mark else 0
        start, end = next((a, b) for a, b in sentence_spans(paragraph.text) if b > begin)
        match = Match(lead.release, paragraph, lead.candidate.match.score)
        drafts.append(Draft(paragraph.text[max(start, begin) : end], (Quote(match, max(start, begin), end),)))
    return tuple(drafts)


def _sides(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """For a comparison of two or more periods the best sentence of each, in the order of the question; else none."""
    periods = [p for p in question.named if not any(p != other and other.within(p) for other in question.named)]
    if len(periods) < 2 or not _COMPARES.search(question.text):
        return []
    best = [next((e for e in evidence if e.release.date and period.holds(e.release.date)), None) for period in periods]
    sides = list({(e.candidate.match.key, e.start): e for e in best if e}.values())
    # Where the best sentence of all is of another time, the periods were not what is compared.
    return sides if any(e is evidence[0] for e in sides) else []


def _ranked(evidence: Sequence[Evidence], unread: Sequence[Candidate]) -> tuple[Match, ...]:
    """The paragraphs by their best sentence, then those that were not read, with scores below."""
    by_key: dict[tuple[str, int], Match] = {}
    for e in evidence:
        match = e.candidate.match
        by_key.setdefault(match.key, Match(match.release, match.paragraph, e.score))
    lowest = min((m.score for m in by_key.values()), default=0.0)
    for place, c in enumerate(unread, 1):
        by_key.setdefault(c.match.key, Match(c.match.release, c.match.paragraph, lowest - place / 100))
    return tuple(by_key.values())


_INLINE_NUMBER = r"(?:^|(?<=\s)){number}\.\s+(?=[A-Z\"“‘가-힣])"


def _numbered_paragraph(number: str, ranked: Sequence[Match]) -> tuple[Draft, ...]:
    """Every sentence of the paragraph of that number, from the release that was found first and has one."""
    for release in dict.fromkeys(m.release for m in ranked[:10]):
        paragraph = next((p for p in release.paragraphs if p.numbered and p.is_called(number)), None)
        if paragraph is None and any(p.numbered for p in release.paragraphs):
            inside = _inline(number, release.paragraphs)
            if inside:
                found, start, end = inside
                match = Match(release, found, 1.0)
                return tuple(_sentence(match, start + a, start + b) for a, b in sentence_spans(found.text[start:end]))
        if paragraph is None and not any(p.numbered for p in release.paragraphs):
            paragraph = next((p for p in release.paragraphs if p.number == number), None)
        if paragraph:
            match = Match(release, paragraph, 1.0)
            return tuple(_sentence(match, start, end) for start, end in sentence_spans(paragraph.text))
    return ()


def _sentence(match: Match, start: int, end: int) -> Draft:
    text = match.paragraph.text[start:end]
    start += len(text) - len(text.lstrip("*※ \t"))
    return Draft(match.paragraph.text[start:end], (Quote(match, start, end),))


def _inline(number: str, paragraphs: Sequence[Paragraph]) -> tuple[Paragraph, int, int] | None:
    """Where a source ran several numbered points into one paragraph: that paragraph, and where the point stands in
    it.
    """
    for paragraph in paragraphs:
        begin = re.search(_INLINE_NUMBER.format(number=number), paragraph.text)
        if begin:
            after = re.search(_INLINE_NUMBER.format(number=int(number) + 1), paragraph.text[begin.end() :])
            return paragraph, begin.end(), begin.end() + after.start() if after else len(paragraph.text)
    return None
