"""Answer what is asked about the releases themselves, by going through all of them: lists, counts, summaries.

Candidates come from the word index and the catalogue, every one that there is; the texts then decide, by the rule that
the answer states (`assistant/tally.py`).
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from assistant.answer import Searched
from assistant.facts import SPELLINGS
from assistant.periods import named_periods
from assistant.quotes import Draft, Drafted, Quote
from assistant.search import Searching
from assistant.survey import Survey
from assistant.tally import (
    Dated,
    Event,
    Listed,
    Mention,
    Party,
    Rule,
    Tally,
    Together,
    called,
    dates_of,
    holds_run,
    line,
    sentences_of,
)
from ingest.dates import find_dates
from ingest.numbering import is_heading
from vectorstore import EVERYTHING, Match, Paragraph, Release, ReleaseStore, Window
from vectorstore.language import STOP_STEMS, content_terms, terms

# So many of the releases counted are cited and listed, the latest; a reader who wants others names a period.
_SHOWN = 12
# A summary quotes so many sentences; of a release in one or two paragraphs only the first few.
_LEADING, _LEADING_OF_ONE = 6, 4
# A release is meant by the words of a question when its title says this share of them.
_MEANT = 0.6
_SHORTEST_SENTENCE = 4
_AS_WRITTEN = "These words were looked for as they are written; a release in another language has others for it."


@dataclass(frozen=True)
class Overview:
    """What going through the releases gave: `drafted` in place of an answerer's, where it looked, and what the reader
    must know of that; `absence` says that nothing was found where there are no drafts.
    """

    drafted: Drafted
    window: Window
    remark: str = ""
    absence: str = ""


class CatalogueReader:
    """Answers surveys from one store."""

    def __init__(self, store: ReleaseStore) -> None:
        self._store = store

    def answer(self, survey: Survey, searching: Searching, window: Window) -> Overview | None:
        """The answer, or None where the question is better searched for as any other. `window` bounds what is counted,
        besides what the question says; `searching`, what was found for it, follows among the matches.
        """
        if survey.wants == "summary":
            return self._summary(survey, searching, window)
        bounds = Window(_later(survey.since, window.since), _earlier(survey.until, window.until))
        if survey.event:
            return self._events(survey, searching, bounds)
        return self._mentions(survey, searching, bounds)

    # Lists and counts

    def _mentions(self, survey: Survey, searching: Searching, window: Window) -> Overview:
        """What fits the first rule that any release fits, from the narrow to the broad."""
        rules = _rules(survey, window)
        for rule in rules:
            if counted := self._counted(rule, window):
                drafts = self._drafts(survey, rule, counted, window)
                if isinstance(rule, Mention) and rule.title:
                    named, said = {r.id for r, _ in counted}, replace(rule, title=False)
                    if more := [(r, q) for r, q in self._counted(said, window) if r.id not in named]:
                        drafts += (self._tally(said, more, window, more=True),)
                return Overview(_drafted(drafts, searching), window)
        elsewhere = self._counted(rules[0], EVERYTHING) if window.narrows else []
        found = self._none(rules[0], searching, window, elsewhere)
        return found if survey.subject.isascii() else replace(found, remark=_AS_WRITTEN)

    def _events(self, survey: Survey, searching: Searching, window: Window) -> Overview | None:
        """The releases that report such events; None where no release of any time does, so that the texts may."""
        rule = Event(survey.event, self._known(survey.actor), self._known(survey.partner))
        counted = self._counted(rule, window)
        if counted:
            return Overview(_drafted(self._drafts(survey, rule, counted, window), searching), window)
        elsewhere = self._counted(rule, EVERYTHING) if window.narrows else []
        return self._none(rule, searching, window, elsewhere) if elsewhere else None

    def _known(self, party: Party | None) -> Party | None:
        """The party; where no release has the whole name, a part of it is somebody else's."""
        if party is None or len(party.wanted) < 2:
            return party
        orders = [run for order in (party.wanted, party.wanted[::-1]) for run in _spelled(order)]
        known = self._store.holding([orders]) or self._store.holding([orders], titles=True)
        return party if known else replace(party, whole=True)

    def _counted(self, rule: Rule, window: Window) -> list[tuple[Release, tuple[Quote, ...]]]:
        """Every release that the rule holds for with its proofs, oldest first, undated ones last."""
        found: list[tuple[Release, tuple[Quote, ...]]] = []
        for release, indexes in self._candidates(rule, window):
            quotes = _proofs(rule, release, indexes)
            if rule.proved(release, quotes):
                found.append((release, quotes))
        return sorted(found, key=lambda one: (one[0].date is None, one[0].date or date.max, one[0].id))

    def _candidates(self, rule: Rule, window: Window) -> Iterable[tuple[Release, Sequence[int]]]:
        """Every release that may fit, with the paragraphs that speak for it."""
        match rule:
            case Mention(names, either, title, _):
                each = [
                    self._holding([_runs(name)], window, titles=(True,) if title else (False, True)) for name in names
                ]
                places = _united(each) if either else _common(each)
            case Together(_, _):
                places = self._holding([[(t,)] for t in rule.wanted], window, titles=(False, True))
            case Event(kind, actor, partner):
                parties = [
                    [run for t in p.wanted for run in _spelled((t,))] for p in (partner, actor) if p and not p.is_office
                ]
                places = self._holding([EVENT_RUNS[kind], *parties], window, titles=(True,))
            case _:
                return [(release, ()) for release in self._store.catalogue.listing(window.since, window.until)]
        releases = self._store.catalogue.get_many(list(places))
        return [(releases[release_id], indexes) for release_id, indexes in places.items() if release_id in releases]

    def _holding(
        self, groups: Sequence[Sequence[Sequence[str]]], window: Window, titles: Sequence[bool]
    ) -> dict[str, list[int]]:
        """By release the paragraphs that hold all groups; none for a release of which only the title does."""
        found: dict[str, list[int]] = {}
        for title in titles:
            for release_id, indexes in self._store.holding(groups, window, titles=title).items():
                found.setdefault(release_id, []).extend([] if title else indexes)
        return found

    def _drafts(
        self, survey: Survey, rule: Rule, counted: Sequence[tuple[Release, tuple[Quote, ...]]], window: Window
    ) -> tuple[Draft, ...]:
        """The count, and for a list a line for each release that is shown."""
        tally = self._tally(rule, counted, window)
        if survey.wants == "count":
            return (tally,)
        by_release = {q.match.release.id: q for q in reversed(tally.quotes[: tally.cited])}
        said = not isinstance(rule, Event | Dated)
        lines = [
            Listed(line(q.match.release, q.text if said else ""), (q,))
            for release, _ in counted[-_SHOWN:]
            for q in [by_release[release.id]]
        ]
        return (tally, *lines)

    def _tally(
        self, rule: Rule, counted: Sequence[tuple[Release, tuple[Quote, ...]]], window: Window, more: bool = False
    ) -> Tally:
        """How many, of how many; the latest are cited."""
        shown, rest = counted[-_SHOWN:], counted[:-_SHOWN]
        if isinstance(rule, Dated):
            # A date needs no proof from the text, so that only what is cited is read.
            kept = self._store.catalogue.get_many([r.id for r, _ in shown])
            shown = [(kept[r.id], _proofs(rule, kept[r.id], ())) for r, _ in shown if r.id in kept]
        number, many = len(counted), len(counted) != 1
        searched = self._searched(window)
        told = rule.told(many)
        if more:
            text = f"{number:,} more {told}"
        elif isinstance(rule, Dated) and not rule.genre.name:
            text = f"{number:,} release{'s' if many else ''}{searched.days} {told}"
        else:
            text = f"{number:,} of the {searched.releases:,} releases{searched.days} {told}"
        if isinstance(rule, Event):
            text += f": {dates_of(r for r, _ in shown)}" if any(r.date for r, _ in shown) else ""
        text += f"; the {len(shown)} latest are shown." if rest else "."
        cited = tuple(q for _, quotes in shown for q in quotes)
        proofs = (*cited, *(q for _, quotes in rest for q in quotes))
        return Tally(text, proofs, rule=rule, counted=tuple(r for r, _ in counted), cited=len(cited))

    def _none(
        self,
        rule: Rule,
        searching: Searching,
        window: Window,
        elsewhere: Sequence[tuple[Release, tuple[Quote, ...]]],
    ) -> Overview:
        """That no release fits, and when others do."""
        searched = self._searched(window)
        told = rule.told(False)
        if searched.releases:
            absence = f"None of the {searched.releases:,} releases{searched.days} {told}."
        else:
            absence = f"No release{searched.days} is kept here."
        remark = ""
        if elsewhere:
            number, many, latest = len(elsewhere), len(elsewhere) != 1, elsewhere[-1][0].date
            remark = f"{number:,} release{'s' if many else ''} of other days {rule.told(many)}"
            remark += f", {'the latest ' if many else ''}of {latest:%-d %B %Y}." if latest else "."
        ranked = _ranked((), searching, [q.match for _, quotes in elsewhere[-_SHOWN:][::-1] for q in quotes[:1]])
        return Overview(Drafted((), ranked, 0.0), window, remark, absence)

    def _searched(self, window: Window) -> Searched:
        span = self._store.span(window)
        return Searched(span.releases, window.since or span.since, window.until or span.until)

    # Summaries

    def _summary(self, survey: Survey, searching: Searching, window: Window) -> Overview | None:
        """The leading sentences of the release that is meant, or of each where a day has several; None where the words
        name no release.
        """
        days = find_dates(survey.subject)
        releases: Sequence[Release] = (
            self._store.of_day(days[0].month, days[0].day, days[0].year, window)
            if days
            else _named_so(survey.subject, searching)
        )
        if not releases and days:
            named = survey.subject[days[0].start : days[0].end]
            return Overview(_drafted((), searching), window, absence=f"No release of {named} is kept here.")
        if not releases:
            return None
        # A release of a day may be meant by its title as well.
        releases = _best_called(survey.subject, releases) if days else releases
        return self.summary_of([r.id for r in releases], searching, window)

    def summary_of(self, release_ids: Sequence[str], searching: Searching, window: Window) -> Overview | None:
        """The leading sentences of a release, or the first one of each of several; None where there are none."""
        whole = list(self._store.catalogue.get_many(release_ids).values())
        whole.sort(key=lambda r: (r.date or date.max, r.id))
        most = _LEADING if len(whole) == 1 else 1
        leads = [lead for release in whole[:_SHOWN] for lead in _leading(release, most)]
        drafts = tuple(Draft(q.text, (q,)) for q in leads)
        return Overview(_drafted(drafts, searching), window, _summarised(whole, leads)) if drafts else None

    def paragraph(self, paragraph: Match, quoted: Collection[str], searching: Searching, window: Window) -> Overview:
        """Every sentence of a paragraph that was not quoted yet."""
        spans = sentences_of(paragraph.paragraph.text)
        quotes = [q for q in (Quote(paragraph, *span) for span in spans) if not any(q.text in one for one in quoted)]
        release = paragraph.release
        absence = f"{paragraph.paragraph.label} of “{line(release)}” says nothing else."
        return Overview(_drafted(tuple(Draft(q.text, (q,)) for q in quotes), searching), window, absence=absence)


EVENT_RUNS: Mapping[str, Sequence[Sequence[str]]] = {
    "call": [("call",), ("convers",)],
    "meeting": [("meet",), ("summit",), ("talk",)],
    "visit": [("visit",), ("travel",), ("trip",)],
}
"""The terms of `tally.EVENTS` as the word index has them."""
_SPELLED = {called(group[0]): [tuple(terms(name)) for name in group] for group in SPELLINGS}


def _spelled(run: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The runs that the index may have for a run of terms as `called` gives them."""
    found: list[tuple[str, ...]] = [()]
    for term in run:
        ways = _SPELLED.get((term,), [("vice", "presid")] if term == "vicepresid" else [(term,)])
        found = [(*before, *way) for before in found for way in ways]
    return found


def _runs(name: str) -> list[tuple[str, ...]]:
    return _spelled(called(name))


def _rules(survey: Survey, window: Window) -> list[Rule]:
    """What may be meant, from the narrow to the broad."""
    if not survey.subject:
        return [Dated(window.since, window.until, survey.genre)]
    phrase = Mention((survey.subject,), genre=survey.genre)
    rules: list[Rule] = [replace(phrase, title=True), phrase] if survey.about else [phrase]
    parts = tuple(p.strip() for p in re.split(r",|\b(?:and|or|as well as)\b", survey.subject) if p.strip())
    if len(parts) > 1:
        rules.append(Mention(parts, either=bool(re.search(r"\bor\b", survey.subject)), genre=survey.genre))
    if len([t for t in called(survey.subject) if t not in STOP_STEMS]) > 1:
        rules.append(Together(survey.subject, survey.genre))
    return rules


def _proofs(rule: Rule, release: Release, indexes: Sequence[int]) -> tuple[Quote, ...]:
    """The sentences that show that a release fits; its first one where the title or the date does."""
    by_index = {p.index: p for p in release.paragraphs}
    paragraphs = [by_index[i] for i in indexes if i in by_index]
    found: list[Quote | None] = []
    if isinstance(rule, Mention) and not rule.title:
        found = [_first(release, paragraphs, partial(_says, run=called(name))) for name in rule.names]
    elif isinstance(rule, Together):
        found = [_first(release, paragraphs, partial(_says_all, wanted=frozenset(rule.wanted)))]
    return tuple(dict.fromkeys(filter(None, found))) or _lead(release)


def _says(text: str, run: tuple[str, ...]) -> bool:
    return holds_run(text, run)


def _says_all(text: str, wanted: frozenset[str]) -> bool:
    return wanted <= frozenset(called(text))


def _first(release: Release, paragraphs: Sequence[Paragraph], holds: Callable[[str], bool]) -> Quote | None:
    """The first sentence of the paragraphs that passes a test."""
    return next(
        (
            Quote(Match(release, p, 1.0), start, end)
            for p in paragraphs
            for start, end in sentences_of(p.text)
            if holds(p.text[start:end])
        ),
        None,
    )


def _lead(release: Release) -> tuple[Quote, ...]:
    """A release's first sentence, alone; nothing for one without any text."""
    first = next(_told(release), None)
    return (first,) if first else ()


def _told(release: Release) -> Iterator[Quote]:
    """The sentences of a release that tell something, in order: no headings, no "Dear Mr. Speaker:"."""
    for paragraph in release.paragraphs:
        for start, end in sentences_of(paragraph.text):
            text = paragraph.text[start:end]
            if len(text.split()) >= _SHORTEST_SENTENCE and not is_heading(text) and not text.endswith(":"):
                yield Quote(Match(release, paragraph, 1.0), start, end)


def _leading(release: Release, most: int) -> list[Quote]:
    """The sentences that a release leads with: the first of each paragraph; of one or two paragraphs the first few."""
    told = list(_told(release))
    firsts = list({q.match.paragraph.index: q for q in reversed(told)}.values())[::-1]
    if len(firsts) > 2 or most == 1:
        return firsts[:most]
    return told[:_LEADING_OF_ONE]


def _summarised(releases: Sequence[Release], leads: Sequence[Quote]) -> str:
    """What was quoted of what, for the reader."""
    if len(releases) > 1:
        shown = f", of which {_SHOWN} are shown" if len(releases) > _SHOWN else ""
        return f"These are the first sentences of {len(releases)} releases{shown}; name one to read more of it."
    release = releases[0]
    paragraphs = len({q.match.paragraph.index for q in leads})
    of = (
        f"{paragraphs} of its {len(release.paragraphs)} paragraphs"
        if len(release.paragraphs) > 1
        else "its one paragraph"
    )
    return f"These are the leading sentences of “{line(release)}”, from {of}."


# What names a kind of text or of time rather than this one.
_NO_TITLE = frozenset(
    terms("release press news official document text latest newest most recent first earliest last day date")
)


def _asked_title(subject: str) -> frozenset[str]:
    """The terms by which a release is meant, without days and years."""
    for found in reversed(find_dates(subject)):
        subject = f"{subject[: found.start]} {subject[found.end :]}"
    for named in reversed(named_periods(subject)):
        subject = f"{subject[: named.start]} {subject[named.end :]}"
    return frozenset(content_terms(subject)) - _NO_TITLE


def _share(wanted: frozenset[str], release: Release) -> float:
    return len(wanted & frozenset(terms(release.title))) / len(wanted) if wanted else 0.0


def _best_called(subject: str, releases: Sequence[Release]) -> Sequence[Release]:
    """Those whose titles say most of the words; all where there are no words, or no title says any."""
    wanted = _asked_title(subject)
    most = max(_share(wanted, r) for r in releases)
    return [r for r in releases if _share(wanted, r) == most]


def _named_so(subject: str, searching: Searching) -> list[Release]:
    """The release among those found whose title says most of the words that a question calls it by, if enough of them;
    of a period, where one is named.
    """
    wanted, periods = _asked_title(subject), [n.period for n in named_periods(subject)]
    releases = list({c.match.release.id: c.match.release for c in searching.candidates}.values())
    fitting = [r for r in releases if not periods or (r.date and any(p.holds(r.date) for p in periods))]
    best = max(fitting, key=lambda r: _share(wanted, r), default=None)
    return [best] if best and _share(wanted, best) >= _MEANT else []


def _drafted(drafts: tuple[Draft, ...], searching: Searching) -> Drafted:
    cited = [q.match for d in drafts for q in d.quotes[: d.cited if isinstance(d, Tally) else None]]
    return Drafted(drafts, _ranked(cited, searching, ()), float(bool(drafts)))


def _ranked(cited: Sequence[Match], searching: Searching, nearest: Sequence[Match]) -> tuple[Match, ...]:
    """What is cited, then what is near, then what was found for the question, each once."""
    found = [c.match for c in searching.candidates]
    ordered = list({m.key: m for m in reversed((*cited, *nearest, *found))}.values())[::-1]
    return tuple(replace(m, score=float(len(ordered) - place)) for place, m in enumerate(ordered))


def _united(each: Sequence[dict[str, list[int]]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for places in each:
        for release_id, indexes in places.items():
            found[release_id] = sorted({*found.get(release_id, ()), *indexes})
    return found


def _common(each: Sequence[dict[str, list[int]]]) -> dict[str, list[int]]:
    """The releases that all have, with the paragraphs of all."""
    return {i: indexes for i, indexes in _united(each).items() if all(i in places for places in each)}


def _later(one: date | None, other: date | None) -> date | None:
    return max(one, other) if one and other else one or other


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(one, other) if one and other else one or other
