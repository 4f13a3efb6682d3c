"""Check, by rules alone, that every statement is carried by its quotes and every quote stands in its paragraph.

One normalisation, `normal`, is applied before comparing: Unicode form NFKC, white space made single, typographic
quotation marks, apostrophes and dashes made plain. Case, words and numbers are never changed. What fails is dropped.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Citation, Statement
from assistant.quotes import Draft, Quote
from ingest.dates import find_dates
from vectorstore.language import STOP_STEMS, stem, words

_PLAIN = str.maketrans(
    {**dict.fromkeys("‘’‚‛′＇`´", "'"), **dict.fromkeys("“”„‟″＂«»", '"'), **dict.fromkeys("‐‑‒–—―−－", "-")}
)
_NEGATIONS = frozenset(
    [
        "no",
        "not",
        "never",
        "none",
        "nor",
        "neither",
        "without",
        "cannot",
        "nobody",
        "nothing",
        "nowhere",
        "refuse",
        "deny",
        "reject",
        "fail",
        "decline",
        "lack",
        "unless",
    ]
)
_MODALS = frozenset(
    """
        will would shall should can could may might must intend plan expect propose request ask urge call
        hope wish seek aim claim allege consider pledge promise
    """.split()
)
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][\w’'-]*")
_NEGATIVE_STEMS = frozenset(stem(w) for w in _NEGATIONS)
_MODAL_STEMS = frozenset(stem(w) for w in _MODALS)


@dataclass(frozen=True)
class Verified:
    """What survived: statements with the citations they point to, and how many drafts were dropped."""

    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    dropped: int


def verified(drafts: Sequence[Draft]) -> Verified:
    """The drafts whose quotes are exact and carry them, citations numbered from 1 in the order of reading."""
    statements: list[Statement] = []
    numbers: dict[tuple[str, int, int, int, int], int] = {}
    citations: list[Citation] = []
    for draft in drafts:
        if not is_carried(draft):
            continue
        cited = []
        for quote in draft.quotes:
            release, paragraph = quote.match.release, quote.match.paragraph
            key = (release.id, release.version, paragraph.index, quote.start, quote.end)
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                citations.append(_citation(numbers[key], quote))
            cited.append(numbers[key])
        verbatim = len(draft.quotes) == 1 and draft.text == draft.quotes[0].text
        statements.append(Statement(draft.text, tuple(dict.fromkeys(cited)), "verbatim" if verbatim else "supported"))
    return Verified(tuple(statements), tuple(citations), len(drafts) - len(statements))


def _citation(number: int, quote: Quote) -> Citation:
    release, paragraph = quote.match.release, quote.match.paragraph
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
    )


def is_carried(draft: Draft) -> bool:
    """Whether the quotes are real and say everything that the statement says.

    A verbatim statement is carried by being its quote. Any other must have its numbers, dates, names, negations, modal
    words and content words in its quotes, and may not leave out a negation that they hold.
    """
    if not draft.quotes or not draft.text.strip():
        return False
    for quote in draft.quotes:
        if not 0 <= quote.start < quote.end <= len(quote.match.paragraph.text) or not quote.text.strip():
            return False
    if len(draft.quotes) == 1 and normal(draft.text) == normal(draft.quotes[0].text):
        return True
    said = set(_stems(draft.text))
    quoted = set(_stems(" ".join(q.text for q in draft.quotes)))
    numbers = {w for w in words(draft.text) if w[0].isdigit()}
    names = {w for n in _NAME.findall(draft.text) for w in words(n)}
    titles = {w for q in draft.quotes for w in words(q.match.release.title)}
    quoted_words = {w for q in draft.quotes for w in words(q.text)}
    return (
        numbers <= quoted_words
        and names <= quoted_words | titles
        and _days(draft.text) <= {d for q in draft.quotes for d in _days(q.text)}
        and said & _NEGATIVE_STEMS == quoted & _NEGATIVE_STEMS
        and said & _MODAL_STEMS == quoted & _MODAL_STEMS
        and said - STOP_STEMS <= quoted | {stem(w) for w in titles}
    )


def _stems(text: str) -> list[str]:
    # The month of May is no "may".
    for found in reversed(find_dates(text)):
        text = text[: found.start] + text[found.end :]
    text = re.sub(r"n['’]t\b", " not", text)
    return [stem(w) for w in words(text)]


def _days(text: str) -> set[tuple[int, int]]:
    return {(f.month, f.day) for f in find_dates(text)}


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
