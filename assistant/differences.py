"""Say what differs between two versions of a release, paragraph by paragraph, down to the words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from vectorstore import Paragraph, Release

# Below this share of words in common, a paragraph was replaced by another one rather than reworded.
_SAME_PARAGRAPH = 0.4
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Words:
    """A run of words that both versions have, or only the old or the new one."""

    kind: Literal["same", "removed", "added"]
    text: str


# So many characters before and behind a change show where it stands.
_BESIDE = 120
_LEFT_OUT = " … "


@dataclass(frozen=True)
class Difference:
    """Something that one version says otherwise than the one before: a paragraph, or a fact such as the title.

    `place` is the paragraph as readers call it ("¶4"), in the new version where it is there, or the fact's name. The
    words together are the old text without those added, and the new text without those removed.
    """

    place: str
    kind: Literal["changed", "added", "removed"]
    words: tuple[Words, ...]

    def to_dict(self) -> dict[str, Any]:
        """The difference as `communique history --json` prints it."""
        return {
            "place": self.place,
            "kind": self.kind,
            "words": [{"kind": w.kind, "text": w.text} for w in self.words],
        }

    def __str__(self) -> str:
        marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
        if self.kind == "changed":
            told = "".join(marks[w.kind].format(_around(w.text) if w.kind == "same" else w.text) for w in self.words)
            return f"  {self.place}  {told}"
        return f"{'+' if self.kind == 'added' else '-'} {self.place}  " + "".join(w.text for w in self.words)


def _around(same: str) -> str:
    """What stands beside a change; the middle of a long stretch that is the same is left out, at borders of words."""
    if len(same) <= 2 * _BESIDE + len(_LEFT_OUT):
        return same
    return f"{same[:_BESIDE].rpartition(' ')[0]}{_LEFT_OUT}{same[-_BESIDE:].partition(' ')[2]}"


def differences(old: Release, new: Release) -> list[Difference]:
    """What a reader of the new version must know who knows the old one, in the order of the new text."""
    return [*_facts(old, new), *_paragraphs(old.paragraphs, new.paragraphs)]


def _facts(old: Release, new: Release) -> Iterator[Difference]:
    if old.title != new.title:
        yield _changed("title", old.title, new.title)
    for place, before, after in (
        ("date", str(old.date or "undated"), str(new.date or "undated")),
        ("date of the event", str(old.event_date or "none"), str(new.event_date or "none")),
        ("address", old.url or "none", new.url or "none"),
        ("language", old.language, new.language),
    ):
        if before != after:
            yield Difference(place, "changed", (Words("removed", before), Words("added", after)))


def _paragraphs(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, [_key(p) for p in old], [_key(p) for p in new], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            yield from _replaced(old[a:b], new[c:d])


def _key(paragraph: Paragraph) -> tuple[str, str]:
    # A paragraph that is counted has another number when one before it goes; that is no difference to a reader.
    return paragraph.number if paragraph.numbered else "", paragraph.text


def _replaced(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Difference]:
    """Each new paragraph beside the old one that it rewords, where there is one; what is left came or went."""
    waiting = list(old)
    for paragraph in new:
        nearest = max(waiting, key=lambda p: _share(p.text, paragraph.text), default=None)
        if nearest is None or _share(nearest.text, paragraph.text) < _SAME_PARAGRAPH:
            yield Difference(paragraph.label, "added", (Words("added", paragraph.text),))
            continue
        # What stood before it and is not reworded later has gone; said in its place.
        for passed in waiting[: waiting.index(nearest)]:
            if not any(_share(passed.text, later.text) >= _SAME_PARAGRAPH for later in new):
                waiting.remove(passed)
                yield Difference(passed.label, "removed", (Words("removed", passed.text),))
        waiting.remove(nearest)
        label = paragraph.label
        if nearest.numbered and nearest.number != paragraph.number:
            label = f"{nearest.label} → {label}"
        yield _changed(label, nearest.text, paragraph.text)
    for gone in waiting:
        yield Difference(gone.label, "removed", (Words("removed", gone.text),))


def _share(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one.split(), other.split(), autojunk=False)
    # The quick estimate is an upper bound, and spares comparing paragraphs that have little in common.
    return matcher.ratio() if matcher.quick_ratio() >= _SAME_PARAGRAPH else 0.0


def _changed(place: str, before: str, after: str) -> Difference:
    old, new = _WORD.findall(before), _WORD.findall(after)
    words: list[Words] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            words.append(Words("same", "".join(old[a:b])))
            continue
        if b > a:
            words.append(Words("removed", "".join(old[a:b])))
        if d > c:
            words.append(Words("added", "".join(new[c:d])))
    return Difference(place, "changed", tuple(words))
