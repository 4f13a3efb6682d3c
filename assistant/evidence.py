"""Weigh how well each sentence of the candidates answers a question."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Protocol

import numpy as np

from assistant.expectation import EXPECTATIONS, is_held
from assistant.passages import Passage
from assistant.question import Question
from assistant.reader import Reading
from assistant.search import Candidate
from ingest.dates import FoundDate, find_dates, years_mentioned
from ingest.numbering import is_heading
from vectorstore import Paragraph, Release, ReleaseStore
from vectorstore.language import content_terms, words
from vectorstore.sentences import sentence_spans

# Windows are read so many at a time, until a sentence answers for certain, or the answer is among those read with this
# probability, or so many characters are read: more would not fit into the time that a person waits. Of 228 questions of
# the calibration slices the right window is then read in 94 of 100, at a median of 3,000 characters.
_TOGETHER = 4
_COVERED = 0.95
_CHARACTERS = 6_000
# The embedding model, which reads in other languages, takes more than twice as long.
_CHARACTERS_BY_LIKENESS = 2_600
# Log-odds of the reader, a probability of 0.88.
_SURE = 2.0
_WINDOW_CHARACTERS = 600
_CONTEXT_WEIGHT = 0.5
# In log-odds; less than what the weights differ by from one part of the cross-validation to the next.
_TIE = 0.5

# What is measured of a sentence without reading it; a window of sentences has the most of each.
GLANCE_FEATURES = (
    "standing",
    "gap",
    "words",
    "fused",
    "sought",
    "cover_sentence",
    "cover_near",
    "cover_paragraph",
    "kind_held",
    "kind_missing",
    "kind_missing_here",
    "name_missing",
    "names",
    "numbers",
    "rarest_missing",
    "date_agreement",
    "date_disagreement",
    "leading",
)
# What is known of a sentence once it is read.
FEATURES = ("reader", "point", "pointed_kind", *GLANCE_FEATURES)
# What is measured of the whole question, besides the features of its best sentence.
QUESTION_FEATURES = ("score", "margin", "best", "second", "any")


@dataclass(frozen=True)
class Evidence:
    """A sentence, `paragraph.text[start:end]`, and how well it answers; `features` in the order of FEATURES.

    `answer` is where in the paragraph's text the words stand that the reader takes for the answer.
    """

    candidate: Candidate
    start: int
    end: int
    answer: tuple[int, int]
    features: tuple[float, ...]
    score: float

    @property
    def release(self) -> Release:
        return self.candidate.match.release

    @property
    def paragraph(self) -> Paragraph:
        return self.candidate.match.paragraph

    @property
    def text(self) -> str:
        return self.paragraph.text[self.start : self.end]

    @property
    def said(self) -> float:
        """The share of the question's terms that the sentence itself says."""
        return self.features[FEATURES.index("cover_sentence")]


@dataclass(frozen=True)
class Weighed:
    """The sentences that were read, best first, and the candidates that were not, most promising first."""

    evidence: tuple[Evidence, ...]
    unread: tuple[Candidate, ...]


@dataclass(frozen=True)
class Judgement:
    """How sentences that were read are weighed: `sentence` ranks them, `confidence` (with `intercept`) says whether the
    best one answers, and a confidence below `threshold` is a refusal.
    """

    sentence: tuple[float, ...]
    confidence: tuple[float, ...]
    intercept: float
    threshold: float

    @classmethod
    def of(cls, saved: Mapping[str, Any]) -> "Judgement":
        return cls(
            tuple(saved["sentence"][name] for name in FEATURES),
            tuple(saved["confidence"][name] for name in (*FEATURES, *QUESTION_FEATURES)),
            saved["intercept"],
            saved["threshold"],
        )


@dataclass(frozen=True)
class Weights:
    """Trained by `python -m eval.calibrate`: `window` ranks what is to be read; English questions are read by the
    trained reader and others by likeness, so that each have a judgement of their own.
    """

    window: tuple[float, ...]
    english: Judgement
    other: Judgement

    @classmethod
    def shipped(cls) -> "Weights":
        """The weights that lie beside this file."""
        saved = json.loads(files("assistant").joinpath("weights.json").read_text())
        window = tuple(saved["window"][name] for name in GLANCE_FEATURES)
        return cls(window, Judgement.of(saved["english"]), Judgement.of(saved["other"]))


class SentenceReader(Protocol):
    """Says of each sentence of some passages how well it answers a question."""

    def read(self, question: str, passages: Sequence[Passage]) -> list[list[Reading]]: ...


class EvidenceReader:
    """Weighs sentences with one store's term frequencies and a reader: `english` for English questions, `other` for
    those in other languages.
    """

    def __init__(self, store: ReleaseStore, english: SentenceReader, other: SentenceReader, weights: Weights) -> None:
        self._store = store
        self._english = english
        self._other = other
        self._weights = weights

    def judgement(self, question: Question) -> Judgement:
        """The weights for a question of this language."""
        return self._weights.english if question.language == "en" else self._weights.other

    def windows(self, question: Question, candidates: Sequence[Candidate]) -> list["Window"]:
        """All windows of the candidates, the most promising first."""
        asked = _Asked.of(question, self._rarities((*question.terms, *question.context)))
        windows = [w for c in candidates for w in _windows(c, asked)]
        return sorted(windows, key=lambda w: -self._promise(w))

    def _promise(self, window: "Window") -> float:
        """Log-odds of this window against another to hold the answer."""
        return float(np.dot(window.features, self._weights.window))

    def _shares(self, windows: Sequence["Window"]) -> list[float]:
        """How likely each of the windows, the most promising first, is to hold the answer if one of them does."""
        if not windows:
            return []
        promises = np.array([self._promise(w) for w in windows])
        likely = np.exp(promises - promises.max())
        return list(likely / likely.sum())

    def weigh(self, question: Question, candidates: Sequence[Candidate]) -> Weighed:
        """The sentences of the candidates that the reader had time for, and the candidates it had no time for."""
        windows = self.windows(question, candidates)
        promising = {c.match.key: c for c in (*(w.candidate for w in windows), *candidates)}
        weighed: list[Evidence] = []
        covered, characters = 0.0, 0
        most = _CHARACTERS if question.language == "en" else _CHARACTERS_BY_LIKENESS
        shares = self._shares(windows)
        for begin in range(0, len(windows), _TOGETHER):
            together = windows[begin : begin + _TOGETHER]
            weighed += self._read(question, together)
            covered += sum(shares[begin : begin + _TOGETHER])
            characters += sum(len(w.text) + len(w.passage.about) + len(question.standalone) for w in together)
            sure = weighed and max(e.features[0] for e in weighed) >= _SURE
            if sure or covered >= _COVERED or characters >= most:
                break
        read = {e.candidate.match.key for e in weighed}
        unread = tuple(c for key, c in promising.items() if key not in read)
        if not weighed:
            return Weighed((), unread)
        weighed.sort(key=lambda e: -e.score)
        # A neighbour that weighs about the same as the best comes first when it says more of the question itself.
        best = weighed[0]
        tied = [
            e for e in weighed if e.score >= best.score - _TIE and e.candidate.match.key == best.candidate.match.key
        ]
        first = max(tied, key=lambda e: e.said)
        return Weighed((first, *(e for e in weighed if e is not first)), unread)

    def _read(self, question: Question, windows: Sequence["Window"]) -> Iterator[Evidence]:
        reader = self._english if question.language == "en" else self._other
        weights = self.judgement(question).sentence
        readings = reader.read(question.standalone, [w.passage for w in windows])
        for window, read in zip(windows, readings, strict=True):
            begin = window.sentences[0].start
            for sentence, reading in zip(window.sentences, read, strict=True):
                answer = (begin + reading.start, begin + reading.end)
                words_of_answer = window.candidate.match.paragraph.text[slice(*answer)]
                in_kind = _pointed_in_kind(question, words_of_answer)
                features = (reading.score, reading.point, in_kind, *sentence.features)
                weight = float(np.dot(features, weights))
                yield Evidence(window.candidate, sentence.start, sentence.end, answer, features, weight)

    def confidence(self, question: Question, evidence: Sequence[Evidence]) -> float:
        """The calibrated probability that the best sentence answers; 0 when there is none."""
        if not evidence:
            return 0.0
        judgement = self.judgement(question)
        features = (*evidence[0].features, *question_features(evidence))
        return 1 / (1 + math.exp(-(float(np.dot(features, judgement.confidence)) + judgement.intercept)))

    def _rarities(self, terms: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency over paragraphs, as BM25 has it (Robertson and Zaragoza 2009)."""
        total = self._store.paragraph_count()
        counts = {t: min(self._store.paragraphs_with(t), total) for t in terms}
        return {t: math.log(1 + (total - n + 0.5) / (n + 0.5)) for t, n in counts.items()}


def question_features(evidence: Sequence[Evidence]) -> tuple[float, ...]:
    """What tells a question that can be answered, in the order of QUESTION_FEATURES.

    The best sentence's weight and its lead over other releases; the reader's two highest scores, and the probability
    that at least one sentence answers.
    """
    best = evidence[0]
    others = [e.score for e in evidence[1:] if e.release.id != best.release.id]
    scores = sorted((e.features[0] for e in evidence), reverse=True)
    no_answer = math.prod(1 / (1 + math.exp(min(score, 30.0))) for score in scores)
    return (
        best.score,
        min(best.score - max(others, default=best.score - 10), 10.0),
        scores[0],
        scores[1] if len(scores) > 1 else -10.0,
        1 - no_answer,
    )


@dataclass(frozen=True)
class _Asked:
    """A question as the features look at it: its terms with their weight."""

    question: Question
    rarity: dict[str, float]
    weight: dict[str, float]
    names: frozenset[str]
    numbers: frozenset[str]
    all_words: frozenset[str]

    @classmethod
    def of(cls, question: Question, rarity: dict[str, float]) -> "_Asked":
        own = {t: rarity[t] for t in question.terms if t not in _QUESTION_WORDS}
        weight = own | {t: rarity[t] * _CONTEXT_WEIGHT for t in question.context if t not in _QUESTION_WORDS}
        named_years = {str(p.since.year) for p in question.named}
        numbers = frozenset(w for w in words(question.text) if w[0].isdigit() and w not in named_years)
        return cls(
            question,
            {t: w for t, w in rarity.items() if t not in _QUESTION_WORDS} or dict(rarity),
            weight or dict(rarity),
            frozenset(question.names),
            numbers,
            frozenset(words(question.standalone)),
        )

    def share(self, present: frozenset[str]) -> float:
        """The rarity-weighted share of the question's terms among those present."""
        total = sum(self.weight.values())
        return sum(w for t, w in self.weight.items() if t in present) / total if total else 0.0


# Words that ask rather than tell; no release need say them.
_QUESTION_WORDS = frozenset(
    content_terms("say said tell told state stated date day year many much long kind sort name list mention")
)


@dataclass(frozen=True)
class _Sentence:
    """A sentence before it is read; `features` in the order of GLANCE_FEATURES."""

    start: int
    end: int
    features: tuple[float, ...]


@dataclass(frozen=True)
class Window:
    """Sentences that stand together, as many as the reader takes at once; the most promising windows are read."""

    candidate: Candidate
    sentences: tuple["_Sentence", ...]

    @property
    def features(self) -> tuple[float, ...]:
        """The most of each of GLANCE_FEATURES among the sentences."""
        return tuple(map(max, zip(*(s.features for s in self.sentences), strict=True)))

    @property
    def text(self) -> str:
        return self.candidate.match.paragraph.text[self.sentences[0].start : self.sentences[-1].end]

    @property
    def passage(self) -> Passage:
        begin = self.sentences[0].start
        spans = tuple((s.start - begin, s.end - begin) for s in self.sentences)
        return Passage(about(self.candidate.match.release), self.text, spans)


def about(release: Release) -> str:
    """What the reader is told of the release that a passage stands in."""
    return f"{release.title} ({release.date:%-d %B %Y})" if release.date else release.title


# Paragraphs are asked about again and again; what is in them need not be found out each time.
_REMEMBERED = 50_000


@lru_cache(maxsize=_REMEMBERED)
def _terms(text: str) -> frozenset[str]:
    return frozenset(content_terms(text))


@lru_cache(maxsize=_REMEMBERED)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))


@lru_cache(maxsize=_REMEMBERED)
def _days(text: str) -> tuple[FoundDate, ...]:
    return tuple(find_dates(text))


@lru_cache(maxsize=_REMEMBERED)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(sentence_spans(text))


def _windows(candidate: Candidate, asked: _Asked) -> Iterator[Window]:
    release, paragraph = candidate.match.release, candidate.match.paragraph
    around = _terms(about(release))
    whole = _terms(paragraph.text) | around
    words_here = _words(paragraph.text) | _words(about(release))
    agreement, disagreement = _dates(asked.question, release, paragraph)
    cover_paragraph = asked.share(whole)
    of_paragraph = (
        sum(n in words_here for n in asked.names) / len(asked.names) if asked.names else 1.0,
        sum(n in words_here for n in asked.numbers) / len(asked.numbers) if asked.numbers else 1.0,
        _rarest_missing(asked, whole),
        agreement,
        disagreement,
    )
    drafts: list[_Sentence] = []
    before: frozenset[str] = frozenset()
    for position, (start, end) in enumerate(_spans(paragraph.text)):
        text = paragraph.text[start:end]
        # The note's mark is no part of what it says.
        start += len(text) - len(text.lstrip("*※ \t"))
        text = paragraph.text[start:end]
        if not text or (is_heading(text) and len(text.split()) < 6):
            continue
        if drafts and end - drafts[0].start > _WINDOW_CHARACTERS:
            yield Window(candidate, tuple(drafts))
            drafts = []
        here = _terms(text)
        features = (
            candidate.standing,
            candidate.gap,
            candidate.words,
            candidate.match.score,
            candidate.sought,
            asked.share(here),
            asked.share(here | before | around),
            cover_paragraph,
            *_answers_in_kind(asked, text, paragraph.text),
            *of_paragraph,
            float(position == 0),
        )
        drafts.append(_Sentence(start, end, features))
        before = here
    if drafts:
        yield Window(candidate, tuple(drafts))


def _answers_in_kind(asked: _Asked, sentence: str, paragraph: str) -> tuple[float, float, float, float]:
    """Whether the sentence holds the kind of words asked for; lacks a kind that has a shape, alone and with its whole
    paragraph; lacks one that has none.
    """
    kind = asked.question.asked_for
    if kind is None:
        return 0.0, 0.0, 0.0, 0.0
    held = bool(is_held(kind, sentence, asked.all_words))
    strict = EXPECTATIONS[kind].strict
    nowhere = strict and not held and not is_held(kind, paragraph, asked.all_words)
    return float(held), float(nowhere), float(strict and not held), float(not strict and not held)


def _pointed_in_kind(question: Question, answer: str) -> float:
    """1 when the words that the reader points at are of the kind asked for, -1 when not, 0 when anything may answer."""
    held = is_held(question.asked_for, answer, frozenset(words(question.standalone)))
    return 0.0 if held is None else 1.0 if held else -1.0


def _rarest_missing(asked: _Asked, present: frozenset[str]) -> float:
    """How rare the rarest term is that the paragraph and its title lack, as a share of the rarest term.

    A follow-up's own words are few and say little; what it is about stands in the turns before, so these count too.
    """
    most = max(asked.rarity.values(), default=0.0)
    missing = max((w for t, w in asked.rarity.items() if t not in present), default=0.0)
    return missing / most if most else 0.0


def _dates(question: Question, release: Release, paragraph: Paragraph) -> tuple[float, float]:
    """Whether the periods that the question names agree with the release's date or are told in the paragraph."""
    if not question.named:
        return 0.0, 0.0
    told = [f.date for f in _days(paragraph.text) if f.date]
    years = set(years_mentioned(paragraph.text))
    agreed = 0.0
    for period in question.named:
        if release.date and period.holds(release.date):
            agreed += 1.0
        elif any(period.holds(d) for d in told):
            agreed += 0.7
        elif period.since.year in years:
            agreed += 0.4
    share = agreed / len(question.named)
    return share, float(share == 0)
