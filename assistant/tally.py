"""Say what is counted over all releases, and prove each one that is counted.

"6 of the 171 releases mention the Apostille Convention" stands in no release. It is a statement about the catalogue, so
it is carried by what it counts: for every release counted there is proof, a sentence of it or its title that says what
was asked for, or its date. A `Tally` brings its proofs with it and the verifier goes through all of them again; what is
then shown is the number of releases that passed. To count something else, write a `Rule`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Protocol

from assistant.facts import TITLES, plainly_called
from assistant.quotes import Composed, Quote
from vectorstore import Release
from vectorstore.language import STOP_STEMS, stem, terms, words
from vectorstore.sentences import sentence_spans

# Texts are counted again and again; what is in them need not be found out each time.
_REMEMBERED = 20_000


class Rule(Protocol):
    """What makes a release count."""

    def proved(self, release: Release, quotes: Sequence[Quote]) -> bool:
        """Whether the release counts, by its title, its date and the sentences quoted from it, and by nothing else."""
        ...

    def told(self, many: bool) -> str:
        """The end of the sentence "N releases …"."""
        ...


@dataclass(frozen=True)
class Tally(Composed):
    """How many releases a rule holds for: `counted`, of which the `quotes` are the proofs. The first `cited` of the
    quotes are shown.
    """

    rule: Rule = field(kw_only=True)
    counted: tuple[Release, ...] = field(kw_only=True)
    cited: int = field(kw_only=True)

    def fault(self) -> str | None:
        """Why the count is not proved; None when it is."""
        by_release: dict[str, list[Quote]] = {r.id: [] for r in self.counted}
        for quote in self.quotes:
            if quote.match.release.id not in by_release:
                return f"it quotes “{quote.match.release.title}”, which it does not count"
            by_release[quote.match.release.id].append(quote)
        if len(by_release) != len(self.counted):
            return "it counts a release twice"
        for release in self.counted:
            if not self.rule.proved(release, by_release[release.id]):
                return f"nothing proves that “{release.title}” counts"
        if not re.match(rf"{len(self.counted):,}\b(?![,.]\d)", self.text):
            return f"it does not say that {len(self.counted):,} count"
        return None


@dataclass(frozen=True)
class Listed(Composed):
    """A release that is listed: its title and date, as its citation has them, and perhaps the sentence quoted."""

    def fault(self) -> str | None:
        """Why it is not what its quote's release is called; None when it is."""
        release, quoted = self.quotes[0].match.release, self.quotes[0].text
        if self.text in (line(release), line(release, quoted)):
            return None
        return "it is not called what its release is called"


def line(release: Release, quoted: str = "") -> str:
    """ "Title, 26 November 2023: “what it says”"."""
    day = f"{release.date:%-d %B %Y}" if release.date else "undated"
    # Some titles end with their day.
    dated = release.title if release.title.endswith(day) else f"{release.title}, {day}"
    return f"{dated}: “{quoted}”" if quoted else dated


@lru_cache(maxsize=_REMEMBERED)
def called(text: str) -> tuple[str, ...]:
    """The terms of a text, with one term for what has several names: "DPRK" and "North Korea" are the same."""
    return tuple(terms(_VICE.sub("Vicepresident", plainly_called(text))))


# A vice president is no president.
_VICE = re.compile(r"\bvice[- ]president", re.IGNORECASE)


def holds_run(text: str, run: Sequence[str]) -> bool:
    """Whether the terms stand in the text one after the other."""
    found = called(text)
    return any(found[at : at + len(run)] == tuple(run) for at in range(len(found) - len(run) + 1))


@dataclass(frozen=True)
class Genre:
    """What kind of release is meant, as titles say it: "readout", "fact sheet"; empty for any."""

    name: str = ""

    def fits(self, release: Release) -> bool:
        return not self.name or holds_run(release.title, terms(self.name))

    def told(self, many: bool) -> str:
        if not self.name:
            return ""
        return f" and have “{self.name}” in their titles" if many else f" and has “{self.name}” in its title"


ANY_GENRE = Genre()


@dataclass(frozen=True)
class Mention:
    """Releases that say all the `names`, or with `either` one of them, word for word: in a sentence quoted or in the
    title; with `title`, in the title.
    """

    names: tuple[str, ...]
    either: bool = False
    title: bool = False
    genre: Genre = ANY_GENRE

    def proved(self, release: Release, quotes: Sequence[Quote]) -> bool:
        texts = [release.title, *(q.text for q in quotes if not self.title)]
        said = (any(holds_run(text, called(name)) for text in texts) for name in self.names)
        return self.genre.fits(release) and (any(said) if self.either else all(said))

    def told(self, many: bool) -> str:
        names = _listed([f"“{n}”" for n in self.names], "or" if self.either else "and")
        if self.title:
            return (f"name {names} in their titles" if many else f"names {names} in its title") + self.genre.told(many)
        return f"mention{'' if many else 's'} {names}" + self.genre.told(many)


@dataclass(frozen=True)
class Together:
    """Releases of which one sentence, or the title, says all of some words, wherever they stand in it."""

    said: str
    genre: Genre = ANY_GENRE

    @property
    def wanted(self) -> tuple[str, ...]:
        return tuple(t for t in dict.fromkeys(called(self.said)) if t not in STOP_STEMS)

    def proved(self, release: Release, quotes: Sequence[Quote]) -> bool:
        texts = (release.title, *(q.text for q in quotes))
        return self.genre.fits(release) and any(set(self.wanted) <= set(called(text)) for text in texts)

    def told(self, many: bool) -> str:
        said = _listed([f"“{w}”" for w in dict.fromkeys(words(self.said)) if stem(w) not in STOP_STEMS], "and")
        return f"say{'' if many else 's'} {said} in one sentence" + self.genre.told(many)


@dataclass(frozen=True)
class Dated:
    """Releases between two days; the window that was searched."""

    since: date | None
    until: date | None
    genre: Genre = ANY_GENRE

    def proved(self, release: Release, quotes: Sequence[Quote]) -> bool:
        day = release.date
        inside = not (self.since or self.until) or bool(
            day and (self.since is None or day >= self.since) and (self.until is None or day <= self.until)
        )
        return inside and self.genre.fits(release)

    def told(self, many: bool) -> str:
        if self.genre.name:
            return f"have “{self.genre.name}” in their titles" if many else f"has “{self.genre.name}” in its title"
        return "are kept here" if many else "is kept here"


EVENTS: dict[str, re.Pattern[str]] = {
    "call": re.compile(r"\b(?:phone |telephone |video )?(?:calls?|conversations?)\b(?! (?:on|for|to action)\b)", re.I),
    "meeting": re.compile(r"\b(?:meetings?|summits?|talks)\b", re.I),
    "visit": re.compile(r"\b(?:visits?|travels?|trips?)\b", re.I),
}
"""How titles, and questions, name the events that can be counted."""


@dataclass(frozen=True)
class Party:
    """Who takes part in an event, as a question names them: "Prime Minister Kishida", "the President", "Japan".

    `whole` says that no part of the name may be left out.
    """

    name: str
    whole: bool = False

    @property
    def wanted(self) -> tuple[str, ...]:
        """The terms of the name without offices; of an office alone, the office."""
        all_terms = tuple(t for t in called(self.name) if t not in STOP_STEMS)
        return tuple(t for t in all_terms if t not in _OFFICES) or all_terms

    @property
    def is_office(self) -> bool:
        return all(t in _OFFICES for t in self.wanted)

    def stands_in(self, text: str) -> bool:
        """Whether the text names them. A given name may be left out, but no other may stand in its place: "Prime
        Minister Johnson" is Boris Johnson, "Mike Johnson" is not.
        """
        found, wanted = called(text), self.wanted
        if not wanted:
            return False
        if set(wanted) <= set(found):
            return True
        if self.whole or self.is_office or len(wanted) > _NAMES_OF_A_PERSON:
            return False
        return any(not self._is_another(found, at) for at, term in enumerate(found) if term in (wanted[0], wanted[-1]))

    def is_somebody_else_in(self, text: str) -> bool:
        """Whether the text has the family name with other given names only."""
        found = called(text)
        places = [at for at, term in enumerate(found) if term in (self.wanted[0], self.wanted[-1])]
        return len(self.wanted) > 1 and bool(places) and all(self._is_another(found, at) for at in places)

    def _is_another(self, found: Sequence[str], at: int) -> bool:
        """Whether the term at this place has a given name beside it that is not this party's."""
        beside = at + 1 if found[at] == self.wanted[0] else at - 1
        other = found[beside] if 0 <= beside < len(found) else ""
        if other in _OFFICES or other in STOP_STEMS or len(other) < 2 or other in self.wanted:
            return False
        # "Joe" and "Joseph"
        return not any(other[0] == own[0] for own in self.wanted if own != found[at])


_NAMES_OF_A_PERSON = 3
_OFFICES = TITLES | {"vicepresid", "advis", "advisor", "nation", "secur", "elect", "mrs", "madam", "amir", "emir"}


@dataclass(frozen=True)
class Event:
    """Releases whose title reports an event of this kind, a key of EVENTS, with these parties in it. An announcement of
    one that is still to come does not count.
    """

    kind: str
    actor: Party | None
    partner: Party | None

    def proved(self, release: Release, quotes: Sequence[Quote]) -> bool:
        return self.named_by(release.title, " ".join(q.text for q in quotes)) and not any(
            _ANNOUNCED.match(q.text) for q in quotes
        )

    def named_by(self, title: str, lead: str) -> bool:
        """Whether a title names such an event; `lead` is the release's first sentence, for "the President" whom the
        title calls by his name.
        """
        found = EVENTS[self.kind].search(title)
        if found is None:
            return False
        before, after = title[: found.start()], title[found.end() :]
        if _BETWEEN.match(after) or not _WITH.match(after):
            before = after = title
        sides = ((before, after), (after, before))
        return any(_takes_part(self.actor, a, lead) and _takes_part(self.partner, b, lead) for a, b in sides)

    def told(self, many: bool) -> str:
        who = f" of {self.actor.name}" if self.actor else ""
        whom = f" with {self.partner.name}" if self.partner else ""
        titles = "their titles" if many else "its title"
        return f"report{'' if many else 's'} in {titles} a {self.kind}{who}{whom}"


def _takes_part(party: Party | None, side: str, lead: str) -> bool:
    """Whether a title's side names the party, and the lead sentence nobody else by that name."""
    if party is None:
        return True
    if party.is_office and not party.stands_in(side):
        return party.stands_in(_opening(lead))
    return party.stands_in(side) and not party.is_somebody_else_in(lead)


_BETWEEN = re.compile(r"\s*(?:between|among)\b", re.IGNORECASE)
_WITH = re.compile(r"\s*(?:with|to)\b", re.IGNORECASE)
# A lead sentence that first says what will be.
_ANNOUNCED = re.compile(
    r"(?:(?!\b(?:spoke|met|called|held|hosted|welcomed|participated|convened|joined|visited|travel+ed)\b).){0,240}"
    r"\bwill (?:\w+ )?(?:meet|hold|host|speak|call|visit|travel|welcome|participate|join|convene)\b"
)


def _opening(lead: str) -> str:
    """A lead sentence up to its verb: who acts."""
    return re.split(r"\b(?:spoke|met|called|hosted|held|participated|convened|welcomed|joined)\b", lead, maxsplit=1)[0]


def dates_of(releases: Iterable[Release]) -> str:
    """ "8 July 2022 and 4 October 2022", in order."""
    days = sorted({r.date for r in releases if r.date})
    return _listed([f"{day:%-d %B %Y}" for day in days], "and")


def _listed(parts: Sequence[str], joint: str) -> str:
    return f" {joint} ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def sentences_of(text: str) -> list[tuple[int, int]]:
    """The sentences of a paragraph by offsets, without the marks of notes."""
    spans = []
    for start, end in sentence_spans(text):
        start += len(text[start:end]) - len(text[start:end].lstrip("*※ \t"))
        if start < end:
            spans.append((start, end))
    return spans
