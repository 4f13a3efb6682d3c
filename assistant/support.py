"""Say how far a text carries a statement: how much of what it says is there, and how closely together.

Rules (`facts.RULES`) tell what contradicts or is added in numbers, names and the like; this tells the rest, words
that no rule knows. `python -m eval.train_support` trains the weights in `support.json` and chooses the two
thresholds.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from assistant.facts import Facts, Ground, Token, covers

FEATURES = ("share", "best", "pairs", "missing")
# Words that stand together in a statement stand within so many content words in what carries it.
_TOGETHER = 3
# In log-odds; enough to tell a certain statement from an impossible one.
_MOST = 30.0
# A further sentence is taken as long as it brings so much, in units of inverse document frequency.
_WORTH = 0.5
# How much a sentence's whole likeness counts beside what it adds to those taken already.
_LIKENESS = 0.3
# A name or a number left out costs a statement its support, so that they are looked for first.
_NAMES_FIRST = 2.0


@dataclass(frozen=True)
class Support:
    """Weights in the order of FEATURES. An answer's statement must break no rule and needs the probability `answer`.

    Of a claim that is held against a whole article, in words that owe nothing to it, a broken rule is a sign only: it
    costs `broken`, in log-odds, and the claim needs the probability `claim`.
    """

    weights: tuple[float, ...]
    intercept: float
    answer: float
    claim: float
    broken: float = 0.0

    @classmethod
    @lru_cache(maxsize=1)
    def shipped(cls) -> "Support":
        """The weights that lie beside this file."""
        saved = json.loads(files("assistant").joinpath("support.json").read_text(encoding="utf-8"))
        return cls(
            tuple(saved["weights"][name] for name in FEATURES),
            saved["intercept"],
            saved["answer"],
            saved["claim"],
            saved["broken"],
        )

    def probability(self, said: Facts, ground: Ground, broken: int = 0) -> float:
        """How probably the ground carries all that is said, as trained; each of the `broken` rules makes it less so."""
        odds = sum(w * f for w, f in zip(self.weights, features(said, ground), strict=True)) + self.intercept
        return 1 / (1 + math.exp(-max(-_MOST, min(_MOST, odds - self.broken * broken))))


def features(said: Facts, ground: Ground) -> tuple[float, ...]:
    """In the order of FEATURES: the share of the statement's content that is covered, by all quotes and by the best
    sentence; the share of its neighbouring words that stand together there, too; the logarithm of how many are missing.
    """
    told = [t.key for t in _telling(said)]
    if not told:
        return (0.0,) * len(FEATURES)
    covered = sum(covers(key, ground.keys) for key in told)
    best = max(
        (sum(covers(key, frozenset(t.key for t in s)) for key in told) for s in ground.quotes.sentences), default=0
    )
    neighbours = list(pairwise(told))
    together = ground.quotes.together(_TOGETHER)
    pairs = sum(pair in together for pair in neighbours) / len(neighbours) if neighbours else float(covered > 0)
    return (covered / len(told), best / len(told), pairs, math.log1p(len(told) - covered))


def gathered(said: Facts, sentences: Sequence[Facts], most: int) -> list[int]:
    """The places of up to `most` sentences that together say most of what is said, rare words, names and numbers first;
    in the order in which they were taken.
    """
    held = [s.keys | {str(d.year) for d in s.days if d.year} for s in sentences]
    counts = Counter(key for keys in held for key in keys)
    wanted = {key: weight * math.log(1 + len(sentences) / (1 + counts[key])) for key, weight in _wanted(said).items()}
    left, taken = dict(wanted), list[int]()
    while len(taken) < min(most, len(sentences)):
        added = [sum(left.get(key, 0.0) for key in keys) for keys in held]
        worth = [a + _LIKENESS * sum(wanted.get(k, 0.0) for k in keys) for a, keys in zip(added, held, strict=True)]
        best = max((n for n in range(len(sentences)) if n not in taken), key=lambda n: worth[n])
        if taken and added[best] <= _WORTH:
            break
        taken.append(best)
        left = {key: weight for key, weight in left.items() if key not in held[best]}
    return taken


def _telling(facts: Facts) -> list[Token]:
    return [t for t in facts.tokens if t.content or t.value is not None]


def _wanted(said: Facts) -> dict[str, float]:
    wanted = {t.key: _NAMES_FIRST if t.name or t.value is not None else 1.0 for t in _telling(said)}
    days = {str(d.year): _NAMES_FIRST for d in said.days if d.year} | dict.fromkeys(said.months, _NAMES_FIRST)
    return wanted | days
