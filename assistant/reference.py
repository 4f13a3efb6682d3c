"""See what of an earlier answer a question points to: "that paragraph", "the second release", "¶3".

Only the reader's own turns are kept, so that the answer pointed to is made again; one question has one answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from assistant.answer import Answer, Citation
from assistant.question import Question, names_in
from vectorstore import Paragraph, Release
from vectorstore.language import content_terms

_THING = (
    r"(?:press\s+)?(?:releases?|statements?|readouts?|documents?|texts?|sources?|fact\s?sheets?|communiqu[eé]s?"
    r"|declarations?|letters?|briefings?)"
)
_PARAGRAPH = r"(?:paragraphs?|para\.?|passages?|point|item)"
_ORDINALS = {
    "first": 0, "former": 0, "1st": 0, "second": 1, "latter": 1, "other": 1, "2nd": 1, "third": 2, "3rd": 2,
    "fourth": 3, "4th": 3, "fifth": 4, "5th": 4, "sixth": 5, "6th": 5, "last": -1,
}  # fmt: skip
_KOREAN_ORDINALS = {"첫": 0, "두": 1, "세": 2, "네": 3, "다섯": 4, "마지막": -1}
# What follows "the second statement" makes it another one than that of the answer before.
_ITS_OWN = r"(?!\s+(?:of|by|from|on|about|to|between|after|before|since|that|which)\s+\w)"
_SAME = r"\b(?:(?:the\s+)?(?:rest|remainder)\s+of\s+)?(?:that|this|the\s+same|the\s+cited|the\s+quoted)"
_NEIGHBOUR = re.compile(rf"\bthe\s+(?P<way>next|following|previous|preceding)\s+{_PARAGRAPH}\b", re.IGNORECASE)
_SAME_PARAGRAPH = re.compile(
    rf"(?:{_SAME}|\bthe\s+(?:whole|full|entire))\s+{_PARAGRAPH}\b{_ITS_OWN}|그\s*(?:문단|단락|항)",
    re.IGNORECASE,
)
_SAME_RELEASE = re.compile(
    rf"{_SAME}\s+{_THING}\b{_ITS_OWN}|그\s*(?:보도\s*자료|성명|문서)",
    re.IGNORECASE,
)
_NUMBERED_RELEASE = re.compile(
    rf"\bthe\s+(?P<word>{'|'.join(_ORDINALS)})\s+(?:{_THING}|one|time)\b{_ITS_OWN}"
    r"|\b(?:source|release|citation)\s+(?:no\.?\s*|number\s+)?(?P<number>[1-9])\b|\[(?P<mark>[1-9])\]"
    rf"|(?P<korean>{'|'.join(_KOREAN_ORDINALS)})\s*(?:번째\s*)?(?:보도\s*자료|성명|문서|출처|것)",
    re.IGNORECASE,
)
_THE_NUMBER = re.compile(
    r"(?:paragraph|para\.?|point|item|¶|no\.?|number|#|제)?\s*\d{1,3}(?:st|nd|rd|th)?\b", re.IGNORECASE
)
# Words that ask for all of it rather than for something in it.
_ALL_OF_IT = frozenset(
    content_terms(
        "what else does say says said read reads state states tell tells contain rest whole full entire quote show "
        "give me please more about release paragraph summarise summarize summary discuss mention also anything"
    )
)
# Particles, and words that ask for all of it.
_KOREAN_ALL_OF_IT = re.compile(
    r"(?<![가-힣])(?:은|는|이|가|을|를|의|에서|에|도|에는|에서는)(?![가-힣])"
    r"|요약\S*|줘|주세요|알려\S*|뭐\S*|무엇\S*|내용\S*|또|나머지\S*"
)


@dataclass(frozen=True)
class Reference:
    """What is pointed to: the release number `place` of an earlier answer (-1 is the last), or a paragraph of it.

    With `cited`, the place is that of a citation: "[2]". `paragraph` is the printed number of one, "" for the one that
    was quoted, `step` how many further on; `rest` leaves out what was quoted. `about` says that something in it is
    asked for; `bare` that nothing is asked besides, as in "and in the second release?".
    """

    to: Literal["release", "paragraph"]
    place: int = 0
    paragraph: str = ""
    step: int = 0
    rest: bool = False
    cited: bool = False
    about: bool = False
    bare: bool = False


# Each turn that may be pointed to is answered again, once.
_TURNS_BACK = 4


@dataclass(frozen=True)
class Turns:
    """The reader's turns before a question, oldest first, and the answers to them that were made again. None before
    `oldest` is.
    """

    history: tuple[str, ...]
    answers: dict[int, Answer] = field(default_factory=dict)
    oldest: int | None = None

    def latest_first(self) -> range:
        """The turns that may be pointed to."""
        return range(len(self.history) - 1, self._oldest - 1, -1)

    def before(self, turn: int) -> "Turns":
        """The turns before one of them."""
        return Turns(self.history[:turn], self.answers, self._oldest)

    @property
    def _oldest(self) -> int:
        return max(0, len(self.history) - _TURNS_BACK) if self.oldest is None else self.oldest


def reference_of(question: Question) -> Reference | None:
    """What a question points back to; None where it speaks for itself."""
    text = question.text
    if _SUMMARISE_IT.fullmatch(text):
        return Reference("release")
    if found := _NEIGHBOUR.search(text):
        step = 1 if found["way"].lower() in ("next", "following") else -1
        return Reference("paragraph", step=step)
    if found := _SAME_PARAGRAPH.search(text):
        about = _asks_for_something(text, found)
        return Reference("release" if about else "paragraph", rest=bool(_ELSE.search(text)), about=about)
    if found := _NUMBERED_RELEASE.search(text):
        about, bare = _asks_for_something(text, found), _is_bare(text, found)
        return Reference("release", _place(found), cited=_is_cited(found), about=about, bare=bare)
    if found := _SAME_RELEASE.search(text):
        return Reference("release", about=_asks_for_something(text, found), bare=_is_bare(text, found))
    if question.paragraph and not names_in(text) and not _own_terms(_THE_NUMBER.sub(" ", text)):
        return Reference("paragraph", paragraph=question.paragraph)
    return None


def without_reference(text: str) -> str:
    """A question without the words that point back."""
    for form in (_NUMBERED_RELEASE, _SAME_RELEASE, _SAME_PARAGRAPH, _NEIGHBOUR):
        text = re.sub(rf"(?:\b(?:in|of|from|according to)\s+)?(?:{form.pattern})", " ", text, flags=re.IGNORECASE)
    return re.sub(r"\s+(?=[?.!])", "", " ".join(text.split()))


def asks_for_all(text: str) -> bool:
    """Whether a question without its reference asks for nothing in particular: "What was … about?"."""
    return not _own_terms(text) and not _WHO_OR_WHEN.search(text)


def cited_by(reference: Reference, citations: Sequence[Citation]) -> Citation | None:
    """The citation that is pointed to; None where there are not so many."""
    if reference.cited:
        return citations[reference.place] if reference.place < len(citations) else None
    releases = list({c.release_id: c for c in reversed(citations)}.values())[::-1]
    if not releases or reference.place >= len(releases) or (reference.place < 0 and len(releases) < 2):
        return None
    return releases[reference.place]


def paragraph_of(reference: Reference, release: Release, citation: Citation) -> Paragraph | None:
    """The paragraph that is pointed to; None where the release has no such one."""
    if reference.paragraph:
        called = (p for p in release.paragraphs if p.is_called(reference.paragraph))
        return next(called, None)
    place = next((n for n, p in enumerate(release.paragraphs) if p.index == citation.index), -1) + reference.step
    return release.paragraphs[place] if 0 <= place < len(release.paragraphs) else None


_WHO_OR_WHEN = re.compile(r"\b(?:who|whom|whose|when|where|why|how)\b|누가|누구|언제|어디|왜|얼마|몇", re.IGNORECASE)
_SUMMARISE_IT = re.compile(
    r"(?:(?:and|so|then|now|ok|okay),?\s+)?(?:(?:please|can you|could you)\s+)*"
    r"(?:summari[sz]e|sum up|recap)\s+(?:it|this|that)\W*|(?:그것을\s*)?요약\S*(?:\s*줘|\s*주세요)?\W*",
    re.IGNORECASE,
)
_ELSE = re.compile(r"\b(?:else|rest|remainder|more|also)\b|또|나머지", re.IGNORECASE)
_BARE = re.compile(r"(?:(?:and|what about|how about|but)\s*)*(?:in|of|from|according to)?\s*[?.!]*", re.IGNORECASE)


def _place(found: re.Match[str]) -> int:
    if number := found["number"] or found["mark"]:
        return int(number) - 1
    return _KOREAN_ORDINALS[found["korean"]] if found["korean"] else _ORDINALS[found["word"].lower()]


def _is_cited(found: re.Match[str]) -> bool:
    return bool(found["number"] or found["mark"])


def _own_terms(text: str) -> list[str]:
    return [t for t in content_terms(_KOREAN_ALL_OF_IT.sub(" ", text)) if t not in _ALL_OF_IT]


def _asks_for_something(text: str, found: re.Match[str]) -> bool:
    return bool(_own_terms(f"{text[: found.start()]} {text[found.end() :]}"))


def _is_bare(text: str, found: re.Match[str]) -> bool:
    left = _KOREAN_ALL_OF_IT.sub(" ", f"{text[: found.start()]} {text[found.end() :]}")
    return bool(_BARE.fullmatch(" ".join(left.split()))) and "요약" not in text
