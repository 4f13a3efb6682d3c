"""Weigh how well each sentence of the candidates answers a question."""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from assistant.question import AskedFor, Question
from assistant.reader import Passage, Reader
from assistant.search import Candidate
from ingest.dates import FoundDate, find_dates, years_mentioned
from ingest.numbering import is_heading
from vectorstore import Paragraph, Release, ReleaseStore
from vectorstore.language import content_terms, words
from vectorstore.sentences import sentence_spans

# Characters that the reader reads for one question; more would not fit into the time that a person waits.
_READ_CHARACTERS = 2_200
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
    "cover_sentence",
    "cover_near",
    "cover_paragraph",
    "answer_type",
    "names",
    "numbers",
    "rarest_missing",
    "date_agreement",
    "date_disagreement",
    "leading",
)
# What is known of a sentence once it is read.
FEATURES = ("reader", *GLANCE_FEATURES)
# What is measured of the whole question, besides the features of its best sentence.
QUESTION_FEATURES = ("score", "margin", "foreign")


@dataclass(frozen=True)
class Evidence:
    """A sentence, `paragraph.text[start:end]`, and how well it answers; `features` in the order of FEATURES."""

    candidate: Candidate
    start: int
    end: int
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
class Weights:
    """Trained by `python -m eval.calibrate`.

    `window` ranks what is to be read, `sentence` what was read, and a confidence below `threshold` is a refusal.
    """

    window: tuple[float, ...]
    sentence: tuple[float, ...]
    confidence: tuple[float, ...]
    intercept: float
    threshold: float

    @classmethod
    def shipped(cls) -> "Weights":
        """The weights that lie beside this file."""
        saved = json.loads(files("assistant").joinpath("weights.json").read_text())
        return cls(
            tuple(saved["window"][name] for name in GLANCE_FEATURES),
            tuple(saved["sentence"][name] for name in FEATURES),
            tuple(saved["confidence"][name] for name in (*FEATURES, *QUESTION_FEATURES)),
            saved["intercept"],
            saved["threshold"],
        )


class EvidenceReader:
    """Weighs sentences with the trained reader and one store's term frequencies."""

    def __init__(self, store: ReleaseStore, reader: Reader, weights: Weights) -> None:
        self._store = store
        self._reader = reader
        self._window = np.array(weights.window)
        self._weights = np.array(weights.sentence)
        self._confidence = np.array(weights.confidence)
        self._intercept = weights.intercept

    def windows(self, question: Question, candidates: Sequence[Candidate]) -> list["Window"]:
        """All windows of the candidates, the most promising first."""
        asked = _Asked.of(question, self._rarities((*question.terms, *question.context)))
        windows = [w for c in candidates for w in _windows(c, asked)]
        return sorted(windows, key=lambda w: -float(np.dot(w.features, self._window)))

    def weigh(self, question: Question, candidates: Sequence[Candidate]) -> list[Evidence]:
        """The sentences of the candidates that the reader had time for, best first."""
        read: list[Window] = []
        characters = 0
        for window in self.windows(question, candidates):
            characters += len(window.text)
            if read and characters > _READ_CHARACTERS:
                break
            read.append(window)
        weighed = []
        for window, scores in zip(read, self._reader.read(question.standalone, [w.passage for w in read]), strict=True):
            for sentence, score in zip(window.sentences, scores.tolist(), strict=True):
                features = (score, *sentence.features)
                weight = float(np.dot(features, self._weights))
                weighed.append(Evidence(window.candidate, sentence.start, sentence.end, features, weight))
        if not weighed:
            return []
        weighed.sort(key=lambda e: -e.score)
        # A neighbour that weighs about the same as the best comes first when it says more of the question itself.
        best = weighed[0]
        tied = [
            e for e in weighed if e.score >= best.score - _TIE and e.candidate.match.key == best.candidate.match.key
        ]
        first = max(tied, key=lambda e: e.said)
        return [first, *(e for e in weighed if e is not first)]

    def confidence(self, question: Question, evidence: Sequence[Evidence]) -> float:
        """The calibrated probability that the best sentence answers; 0 when there is none."""
        if not evidence:
            return 0.0
        features = (*evidence[0].features, *question_features(question, evidence))
        return 1 / (1 + math.exp(-(float(np.dot(features, self._confidence)) + self._intercept)))

    def _rarities(self, terms: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency over paragraphs, as BM25 has it (Robertson and Zaragoza 2009)."""
        total = self._store.paragraph_count()
        counts = {t: min(self._store.paragraphs_with(t), total) for t in terms}
        return {t: math.log(1 + (total - n + 0.5) / (n + 0.5)) for t, n in counts.items()}


def question_features(question: Question, evidence: Sequence[Evidence]) -> tuple[float, ...]:
    """What tells a question that can be answered, in the order of QUESTION_FEATURES."""
    best = evidence[0]
    others = [e.score for e in evidence[1:] if e.release.id != best.release.id]
    return (
        best.score,
        min(best.score - max(others, default=best.score - 10), 10.0),
        float(question.language != "en"),
    )


@dataclass(frozen=True)
class _Asked:
    """A question as the features look at it: its terms with their weight."""

    question: Question
    weight: dict[str, float]
    own: dict[str, float]
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
            weight or dict(rarity),
            own or dict(rarity),
            frozenset(question.names),
            numbers,
            frozenset(words(question.standalone)),
        )

    def share(self, present: frozenset[str], own: bool = False) -> float:
        """The rarity-weighted share of the question's terms among those present."""
        weight = self.own if own else self.weight
        total = sum(weight.values())
        return sum(w for t, w in weight.items() if t in present) / total if total else 0.0


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
            60 * candidate.match.score,
            asked.share(here),
            asked.share(here | before | around),
            cover_paragraph,
            answer_type(asked.question.asked_for, text, asked.all_words),
            *of_paragraph,
            float(position == 0),
        )
        drafts.append(_Sentence(start, end, features))
        before = here
    if drafts:
        yield Window(candidate, tuple(drafts))


def _rarest_missing(asked: _Asked, present: frozenset[str]) -> float:
    """How rare the rarest own term is that the paragraph and its title lack, as a share of the rarest own term."""
    most = max(asked.own.values(), default=0.0)
    missing = max((w for t, w in asked.own.items() if t not in present), default=0.0)
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


_NUMBER_WORDS = frozenset(
    """
        one two three four five six seven eight nine ten eleven twelve dozen dozens twenty thirty forty
        fifty hundred hundreds thousand thousands million billion trillion half both first second third
    """.split()
)
_DURATION = re.compile(
    r"\b(?:second|minute|hour|day|week|month|year|decade)s?\b|시간|분간|일간|개월|년간", re.IGNORECASE
)
_CAUSE = re.compile(
    r"\b(?:because|since|due to|in order to|so that|to ensure|aimed? (?:at|to)|in response to|given"
    r"|therefore|as a result|to \w+)\b|때문|위해",
    re.IGNORECASE,
)
_RELATIVE_DAY = re.compile(
    r"\b(?:today|yesterday|tomorrow|this (?:week|month|year)|next (?:week|month|year|\w+day)"
    r"|last (?:week|month|year))\b",
    re.IGNORECASE,
)


def _holds_number(text: str, asked: frozenset[str]) -> bool:
    return any((w[0].isdigit() or w in _NUMBER_WORDS) and w not in asked for w in _words(text))


def _holds_date(text: str, asked: frozenset[str]) -> bool:
    new_year = any(str(y) not in asked for y in years_mentioned(text))
    return new_year or bool(_RELATIVE_DAY.search(text)) or any(str(f.day) not in asked for f in _days(text))


def _holds_name(text: str, asked: frozenset[str]) -> bool:
    capitals = re.findall(r"(?<!^)(?<![.!?:] )\b[A-Z][\w’'-]+", text)
    return any(w not in asked for c in capitals for w in words(c))


_HOLDS: dict[AskedFor, Callable[[str, frozenset[str]], bool]] = {
    "date": _holds_date,
    "number": _holds_number,
    "duration": lambda text, asked: bool(_DURATION.search(text)) and _holds_number(text, asked),
    "person": _holds_name,
    "place": _holds_name,
    "reason": lambda text, asked: bool(_CAUSE.search(text)),
}


def answer_type(asked_for: AskedFor, text: str, asked: frozenset[str]) -> float:
    """1 when the sentence holds what is asked for, not already said in the question; 0.5 when anything may answer."""
    return float(_HOLDS[asked_for](text, asked)) if asked_for in _HOLDS else 0.5
