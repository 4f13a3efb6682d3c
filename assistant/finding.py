"""Say what a question found, and put together what the parts of a question found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from assistant.quotes import Drafted
from vectorstore import EVERYTHING, Match, Window

# Of fifteen questions in two parts over the samples, those parts that a release does state came to at least .9 of the
# threshold when they were refused, the others to at most .8.
_CLEARLY = 0.85


@dataclass(frozen=True)
class Finding:
    """The drafts of an answer to `question` and who made them, where was looked, and what the reader must know of that.

    `absence` says that there is no answer where not the usual sentence does, `seconds` how long finding took. With
    `lines`, each statement stands on a line of its own. `missing` are the parts of the question that nothing answers.
    """

    question: str
    drafted: Drafted
    answerer: str
    window: Window
    seconds: float
    remark: str = ""
    absence: str = ""
    lines: bool = False
    missing: tuple[str, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether there is anything to be verified."""
        return self.drafted.drafts != ()

    @property
    def in_doubt(self) -> bool:
        """Whether it nearly has an answer: too little to give one, too much to say that no release does."""
        return not self.answers and self.drafted.confidence >= _CLEARLY * self.drafted.refused_below

    def keeping_to(self, before: "Finding") -> "Finding":
        """With the statements alone that quote the releases of an answer before, which "it" points to; as it is where
        there is none.
        """
        drafts = self.drafted.drafts
        if not isinstance(drafts, tuple) or not isinstance(before.drafted.drafts, tuple):
            return self
        spoken_of = {q.match.release.id for draft in before.drafted.drafts for q in draft.quotes}
        kept = tuple(d for d in drafts if any(q.match.release.id in spoken_of for q in d.quotes))
        return replace(self, drafted=replace(self.drafted, drafts=kept)) if kept else self


def together(parts: Sequence[Finding]) -> Finding:
    """The answers of the parts of a question one after the other, and which parts have none; at least one has."""
    answered = [part for part in parts if part.answers]
    windows = {part.window for part in parts}
    drafted = Drafted(
        drafts=chain.from_iterable(part.drafted.drafts for part in answered),
        ranked=_in_turn([part.drafted.ranked for part in (*answered, *(p for p in parts if not p.answers))]),
        confidence=min(part.drafted.confidence for part in answered),
        passages=tuple({m.key: m for part in answered for m in part.drafted.passages}.values()),
        otherwise=tuple(chain.from_iterable(part.drafted.otherwise for part in answered)),
    )
    return Finding(
        question=" ".join(part.question for part in parts),
        drafted=drafted,
        answerer=max((part.answerer for part in answered), key=len),
        window=windows.pop() if len(windows) == 1 else EVERYTHING,
        seconds=sum(part.seconds for part in parts),
        remark=" ".join(dict.fromkeys(part.remark for part in parts if part.remark)),
        lines=any(part.lines for part in answered),
        missing=tuple(part.question for part in parts if not part.answers),
    )


def _in_turn(each: Sequence[Sequence[Match]]) -> tuple[Match, ...]:
    """The best of each, then the second best of each, each paragraph once; scores of two questions do not compare, so
    that the places are the scores.
    """
    found = [match for row in zip_longest(*each) for match in row if match is not None]
    once = list({m.key: m for m in reversed(found)}.values())[::-1]
    return tuple(replace(match, score=float(len(once) - place)) for place, match in enumerate(once))
