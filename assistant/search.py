"""Find the paragraphs that may answer a question: by meaning and by words, fused."""

import re
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from assistant.periods import named_periods
from assistant.question import Question
from ingest.dates import find_dates
from vectorstore import EVERYTHING, Match, ReleaseStore, Window
from vectorstore.language import words

# The share of meaning in a convex combination of both scores, each on the scale of what it found (Bruch, Gai and
# Ingber, ACM TOIS 2023). Over 659 English questions of the training slices recall at 1, 5 and 10 is .54, .81 and .86,
# against .49, .74 and .84 by reciprocal ranks, which forget by how much one is better. A larger share would find a
# hundredth more of these, but lose what only words find: a paragraph that alone has the keywords asked for.
_MEANING = 0.6
_EACH_WAY = 40
_KEPT = 40
# Of releases that are sought for other reasons.
_OF_SOUGHT = 10
_MOST_SOUGHT = 3
# All sets of so many names are looked for in titles.
_MOST_NAMES = 6
# Keeps a division by a range of nothing harmless.
_NOTHING = 1e-6


@dataclass(frozen=True)
class Candidate:
    """A paragraph that may answer: `match.score` is its fused score.

    `standing` says by how many standard deviations its cosine lies above the candidates' mean, `gap` how far below the
    best, as a share of their range: the same scale for every embedding model, as the cosines themselves are not.
    `words` is BM25 as a share of the best candidate's. A paragraph that one way did not find gets the lowest value
    found. `sought` is 1 where the release is what the question is about, whatever its paragraphs say, else 0.
    """

    match: Match
    standing: float
    gap: float
    words: float
    sought: float = 0.0


@dataclass(frozen=True)
class Searching:
    """What a search found, best first, where it looked, and what the reader must know of that."""

    candidates: tuple[Candidate, ...]
    window: Window
    remark: str = ""


class HybridSearch:
    """Both ways of finding in one store, combined by their scores."""

    def __init__(self, store: ReleaseStore) -> None:
        self.store = store

    def find(self, question: Question, limit: int = _KEPT) -> Searching:
        """The best `limit` candidates. A window that leaves nothing is lifted, and the remark says so."""
        window = Window(question.since, question.until, question.release_ids)
        candidates = self._candidates(question, window, limit)
        if candidates or not window.narrows:
            return Searching(candidates, window)
        return Searching(
            self._candidates(question, EVERYTHING, limit),
            EVERYTHING,
            f"No release {_spoken(window)} was found, so all dates were searched.",
        )

    def _candidates(self, question: Question, window: Window, limit: int) -> tuple[Candidate, ...]:
        found = [self.store.find(question.standalone, max(limit, _EACH_WAY), window)]
        if sought := self._sought(question, window):
            found.append(self.store.find(question.standalone, _OF_SOUGHT, replace(window, release_ids=sought)))
        cosines = {m.key: m.score for f in found for m in f.by_meaning}
        most = max((m.score for f in found for m in f.by_words), default=1.0)
        by_words = {m.key: m.score / most for f in found for m in f.by_words}
        least, range_ = min(cosines.values(), default=0.0), np.ptp(list(cosines.values()) or [0.0]) + _NOTHING
        matches = {m.key: m for f in found for m in (*f.by_meaning, *f.by_words)}
        fused = {
            key: _MEANING * float((cosines.get(key, least) - least) / range_) + (1 - _MEANING) * by_words.get(key, 0.0)
            for key in matches
        }
        ranked = sorted(fused, key=lambda key: -fused[key])
        best = [key for place, key in enumerate(ranked) if place < limit or key[0] in sought]
        if not best:
            return ()
        given = np.array([cosines.get(key, least) for key in best])
        standing = (given - given.mean()) / (given.std() + _NOTHING)
        gap = (given.max() - given) / (given.max() - given.min() + _NOTHING)
        return tuple(
            Candidate(
                replace(matches[key], score=fused[key]),
                float(s),
                float(g),
                by_words.get(key, 0.0),
                float(key[0] in sought),
            )
            for key, s, g in zip(best, standing, gap, strict=True)
        )

    def _sought(self, question: Question, window: Window) -> tuple[str, ...]:
        """The releases that a question is about whatever their paragraphs say: those of a day that it names, the one
        that the turn before was about, and for "latest" and "first" the last or the first whose title names all that
        the question names.
        """
        # "The release of 26 November", also where only the turn before said so.
        sought = [
            release.id
            for found in find_dates(question.standalone)
            if _RELEASE_OF.search(question.standalone[: found.start])
            for release in self.store.of_day(found.month, found.day, found.year, window)
        ][:_MOST_SOUGHT]
        # "And in October?" and "and the first one?" ask about another release.
        if question.topic and not sought and not question.order and not named_periods(question.text):
            before = self.store.find(question.topic, 1, window)
            sought += [m.release.id for m in (*before.by_meaning, *before.by_words)]
        if question.order:
            sought += self._at_the_end(question, window)
        return tuple(dict.fromkeys(sought))

    def _at_the_end(self, question: Question, window: Window) -> list[str]:
        """The last or first releases whose titles name as much of what the question names as any title does."""
        earliest = question.order == "first"
        named = [n for n in question.names if n not in _TITLES][:_MOST_NAMES]
        happened = [w for w in words(question.text) if w in _EVENTS]
        for size in range(len(named), 0, -1):
            for event in [happened, []] if happened else [[]]:
                found = [
                    release_id
                    for some in combinations(named, size)
                    for release_id in self.store.titled([*some, *event], window, earliest=earliest)
                ]
                if found:
                    return found[:_MOST_SOUGHT]
        return []


_RELEASE_OF = re.compile(
    r"\b(?:release|statement|readout|communiqu[eé]|declaration|briefing|announcement|fact sheet)s?"
    r"\s+(?:of|from|dated|on|issued on|published on)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
# What stands before a name in one title and not in another.
_TITLES = frozenset(
    "president prime minister foreign secretary state chancellor king leader leaders mr ms mrs dr".split()
)
_EVENTS = frozenset("call meeting visit statement summit dialogue".split())


def _spoken(window: Window) -> str:
    if window.since and window.since == window.until:
        return f"of {window.since:%-d %B %Y}"
    if window.since and window.until:
        return f"from {window.since:%-d %B %Y} to {window.until:%-d %B %Y}"
    return f"since {window.since:%-d %B %Y}" if window.since else f"until {window.until:%-d %B %Y}"
