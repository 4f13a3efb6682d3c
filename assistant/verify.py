"""Check, by code alone, that every statement is carried by its quotes and every quote stands in its paragraph.

One normalisation, `normal`, is applied before a quote is looked for: Unicode form NFKC, white space made single,
typographic quotation marks, apostrophes and dashes made plain. Case, words and numbers are never changed. A statement
that is a quote is carried by it, one that code puts together (`quotes.Composed`) is proved by its own rule. Any other
must break none of `facts.RULES` and have its words in its quotes, as `support` measures it. One that is not carried is
looked for among the passages that it was made from: a right statement under a wrong quote gets the quote that carries
it. What is then still not carried is dropped, and `Dropped` says why.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from assistant.answer import Citation, Dropped, Statement
from assistant.facts import Facts, Ground
from assistant.quotes import Composed, Draft, Quote
from assistant.rules import broken
from assistant.speaker import speaker_of
from assistant.support import Support, gathered
from assistant.tally import Tally
from vectorstore import Match
from vectorstore.sentences import sentence_spans

_PLAIN = str.maketrans(
    {**dict.fromkeys("‘’‚‛′＇`´", "'"), **dict.fromkeys("“”„‟″＂«»", '"'), **dict.fromkeys("‐‑‒–—―−－", "-")}
)
# A statement may rest on so many sentences when its quotes are looked for, and so many of the likeliest are tried.
_SENTENCES = 3
_TRIED = 6
# Texts are read again for each statement that cites them; what is in them need not be found out each time.
_REMEMBERED = 4_000


@dataclass(frozen=True)
class Verified:
    """What survived: statements with the citations they point to; and what was dropped, and why."""

    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    drops: tuple[Dropped, ...]

    @property
    def dropped(self) -> int:
        return len(self.drops)


class Verifier:
    """Verifies drafts one by one, so that each can be shown at once; citations are numbered in the order of reading.

    `passages` are where quotes are looked for that carry a statement better than its own.
    """

    def __init__(self, passages: Sequence[Match] = ()) -> None:
        self._passages = passages
        self._numbers: dict[tuple[str, int, int, int, int], int] = {}
        self._statements: list[Statement] = []
        self._citations: list[Citation] = []
        self._drops: list[Dropped] = []

    @property
    def so_far(self) -> Verified:
        """All that was verified until now."""
        return Verified(tuple(self._statements), tuple(self._citations), tuple(self._drops))

    def verify(self, draft: Draft) -> Statement | None:
        """The statement with its citations, or None where it is dropped."""
        fault = fault_of(draft)
        quotes: tuple[Quote, ...] | None = draft.quotes[: draft.cited] if isinstance(draft, Tally) else draft.quotes
        if fault and (quotes := carrying(draft.text, self._passages)) is None:
            self._drops.append(Dropped(draft.text, fault))
            return None
        assert quotes
        cited = tuple(dict.fromkeys(map(self._cited, quotes)))
        verbatim = len(quotes) == 1 and draft.text == quotes[0].text
        statement = Statement(draft.text, cited, "verbatim" if verbatim else "supported", draft.answer)
        self._statements.append(statement)
        return statement

    def _cited(self, quote: Quote) -> int:
        release, paragraph = quote.match.release, quote.match.paragraph
        key = (release.id, release.version, paragraph.index, quote.start, quote.end)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            self._citations.append(_citation(self._numbers[key], quote))
        return self._numbers[key]


def verified(drafts: Sequence[Draft], passages: Sequence[Match] = ()) -> Verified:
    """The drafts that are carried by their quotes, or by others of the passages."""
    verifier = Verifier(passages)
    for draft in drafts:
        verifier.verify(draft)
    return verifier.so_far


def _citation(number: int, quote: Quote) -> Citation:
    release, paragraph = quote.match.release, quote.match.paragraph
    speaker = speaker_of(quote.match, quote.start, quote.end)
    return Citation(
        number=number,
        release_id=release.id,
        version=release.version,
        title=release.title,
        date=release.date,
        url=release.url,
        paragraph=paragraph.number,
        numbered=paragraph.numbered,
        index=paragraph.index,
        note=paragraph.note_at(quote.start, quote.end),
        quote=quote.text,
        start=quote.start,
        end=quote.end,
        withdrawn=release.withdrawn,
        speaker=speaker.name if speaker else None,
        speaker_role=speaker.role if speaker else None,
    )


def is_carried(draft: Draft) -> bool:
    """Whether the quotes are real and say everything that the statement says."""
    return fault_of(draft) is None


def fault_of(draft: Draft) -> str | None:
    """Why the quotes do not carry the statement, in a few words; None when they do."""
    if not draft.text.strip():
        return "it says nothing"
    if not draft.quotes:
        return "it has no quote that stands in its paragraph"
    for quote in draft.quotes:
        if not 0 <= quote.start < quote.end <= len(quote.match.paragraph.text) or not quote.text.strip():
            return "its quote does not stand in its paragraph"
    if isinstance(draft, Composed):
        return draft.fault()
    if len(draft.quotes) == 1 and normal(draft.text) == normal(draft.quotes[0].text):
        return None
    said, ground = _facts(draft.text, None), _ground(draft.quotes)
    for _, fault in broken(said, ground):
        return fault
    support = Support.shipped()
    return None if support.probability(said, ground) >= support.answer else "its words are not in its quotes"


def carrying(text: str, passages: Sequence[Match]) -> tuple[Quote, ...] | None:
    """Quotes from the passages that carry a statement: one or two sentences of a paragraph that stand together, else
    the few sentences that together say most of it. None when nothing carries it.
    """
    sentences = [quote for match in passages for quote in _sentences(match)]
    if not sentences or not text.strip():
        return None
    said = _facts(text, None)
    taken = gathered(said, [_facts(s.text, _year(s)) for s in sentences], _TRIED)
    for quotes in _tries(sentences, taken):
        if fault_of(Draft(text, quotes)) is None:
            return quotes
    return None


def _sentences(match: Match) -> Iterator[Quote]:
    """The sentences of a paragraph; a note's mark is no part of what it says."""
    for start, end in sentence_spans(match.paragraph.text):
        text = match.paragraph.text[start:end]
        start += len(text) - len(text.lstrip("*※ \t"))
        if start < end:
            yield Quote(match, start, end)


def _tries(sentences: Sequence[Quote], taken: Sequence[int]) -> Iterator[tuple[Quote, ...]]:
    """What may carry a statement, the shortest first: a sentence, two that stand together, the likeliest ones."""
    yield from ((sentences[n],) for n in taken)
    for n in taken:
        for first in (n - 1, n):
            if 0 <= first < len(sentences) - 1 and sentences[first].match is sentences[first + 1].match:
                one, other = sentences[first], sentences[first + 1]
                yield (Quote(one.match, one.start, other.end),)
    for many in range(2, _SENTENCES + 1):
        for chosen in combinations(sorted(taken[:_SENTENCES]), many):
            yield tuple(sentences[n] for n in chosen)


def _ground(quotes: Sequence[Quote]) -> Ground:
    years = {_year(q) for q in quotes}
    # Days without a year are of the release's, where all quotes are of one year.
    year = years.pop() if len(years) == 1 else None
    matches = [q.match for q in quotes]
    return Ground(
        quotes=_facts("\n".join(q.text for q in quotes), year),
        titles=_facts("\n".join(dict.fromkeys(m.release.title for m in matches)), year),
        around=tuple(_facts(text, year) for text in dict.fromkeys(m.paragraph.text for m in matches)),
        published=tuple(dict.fromkeys(m.release.date for m in matches if m.release.date)),
    )


def _year(quote: Quote) -> int | None:
    return quote.match.release.date.year if quote.match.release.date else None


@lru_cache(maxsize=_REMEMBERED)
def _facts(text: str, year: int | None) -> Facts:
    return Facts(text, year)


def normal(text: str) -> str:
    """The text as it is compared; see the head of this file."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_PLAIN).split())


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Where `quote` stands in `text`, both taken as `normal`, as offsets into the original; None when it does not.

    >>> locate("the 'main' point", "On  the ‘main’\\npoint.")
    (4, 18)
    """
    wanted = normal(quote)
    if not wanted:
        return None
    plain, offsets = _normal_with_offsets(text)
    at = plain.find(wanted)
    return None if at < 0 else (offsets[at][0], offsets[at + len(wanted) - 1][1])


def _normal_with_offsets(text: str) -> tuple[str, list[tuple[int, int]]]:
    """`normal(text)`, and for each of its characters the span of the original that it stands for."""
    plain: list[str] = []
    offsets: list[tuple[int, int]] = []
    # A base character and the marks on it are normalised together, as they would be in the whole text.
    for cluster in re.finditer(r"\s+|\S[\u0300-\u036f\u1160-\u11ff\u3099\u309a]*", text):
        made = " " if cluster.group().isspace() else unicodedata.normalize("NFKC", cluster.group()).translate(_PLAIN)
        for character in made:
            if character.isspace() and (not plain or plain[-1] == " "):
                continue
            plain.append(" " if character.isspace() else character)
            offsets.append(cluster.span())
    while plain and plain[-1] == " ":
        plain.pop()
        offsets.pop()
    return "".join(plain), offsets
