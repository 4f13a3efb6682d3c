"""Find the paragraphs that may answer a question: by meaning and by words, fused."""

from dataclasses import dataclass, replace

import numpy as np

from assistant.question import Question
from vectorstore import EVERYTHING, Match, ReleaseStore, Window

# The share of meaning in a convex combination of both scores, each on the scale of what it found (Bruch, Gai and
# Ingber, ACM TOIS 2023). Over 659 English questions of the training slices recall at 1, 5 and 10 is .54, .81 and .86,
# against .49, .74 and .84 by reciprocal ranks, which forget by how much one is better. A larger share would find a
# hundredth more of these, but lose what only words find: a paragraph that alone has the keywords asked for.
_MEANING = 0.6
_EACH_WAY = 40
_KEPT = 40
# Keeps a division by a range of nothing harmless.
_NOTHING = 1e-6


@dataclass(frozen=True)
class Candidate:
    """A paragraph that may answer: `match.score` is its fused score.

    `standing` says by how many standard deviations its cosine lies above the candidates' mean, `gap` how far below the
    best, as a share of their range: the same scale for every embedding model, as the cosines themselves are not.
    `words` is BM25 as a share of the best candidate's. A paragraph that one way did not find gets the lowest value
    found.
    """

    match: Match
    standing: float
    gap: float
    words: float


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
        found = self.store.find(question.standalone, max(limit, _EACH_WAY), window)
        cosines = {m.key: m.score for m in found.by_meaning}
        most = max((m.score for m in found.by_words), default=1.0)
        words = {m.key: m.score / most for m in found.by_words}
        least, range_ = min(cosines.values(), default=0.0), np.ptp(list(cosines.values()) or [0.0]) + _NOTHING
        matches = {m.key: m for m in (*found.by_meaning, *found.by_words)}
        fused = {
            key: _MEANING * float((cosines.get(key, least) - least) / range_) + (1 - _MEANING) * words.get(key, 0.0)
            for key in matches
        }
        best = sorted(fused, key=lambda key: -fused[key])[:limit]
        if not best:
            return ()
        given = np.array([cosines.get(key, least) for key in best])
        standing = (given - given.mean()) / (given.std() + _NOTHING)
        gap = (given.max() - given) / (given.max() - given.min() + _NOTHING)
        return tuple(
            Candidate(replace(matches[key], score=fused[key]), float(s), float(g), words.get(key, 0.0))
            for key, s, g in zip(best, standing, gap, strict=True)
        )


def _spoken(window: Window) -> str:
    if window.since and window.since == window.until:
        return f"of {window.since:%-d %B %Y}"
    if window.since and window.until:
        return f"from {window.since:%-d %B %Y} to {window.until:%-d %B %Y}"
    return f"since {window.since:%-d %B %Y}" if window.since else f"until {window.until:%-d %B %Y}"
