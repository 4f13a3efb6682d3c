"""Find dates in English and Korean text, and settle the publication date of a release."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product, zip_longest
from typing import TypeGuard

from dateutil import parser as dateutil_parser

from vectorstore.sentences import sentence_spans

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KOREAN_WEEKDAYS = "월화수목금토일"
_MONTH = r"(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_WEEKDAY = r"(?:(?P<weekday>" + "|".join(WEEKDAYS) + r"|(?:mon|tues?|wed|thu(?:rs)?|fri|sat|sun)\b\.?),?\s+)?"
# "26-27 November", "November 26 and 27": the first day stands here, behind nothing that makes it a part of a figure.
_TO = r"(?:\s?[-–—~∼]\s?|\s+(?:and|to|through|&)\s+)"
_TH = r"(?:st|nd|rd|th)?"
_KOREAN_WEEKDAY = r"\s*\((?P<koreanweekday>[월화수목금토일])(?:요일)?\)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[-./]\s?(?P<monthnumber>\d{1,2})\s?[-./]\s?(?P<day>\d{1,2})\.?(?!\d)"
        rf"(?:{_KOREAN_WEEKDAY})?",
        rf"(?P<year>(?:19|20)\d\d)년\s*(?P<monthnumber>\d{{1,2}})월\s*(?P<day>\d{{1,2}})일(?:{_KOREAN_WEEKDAY})?",
        rf"(?<!\d)(?P<monthnumber>\d{{1,2}})월\s*(?P<day>\d{{1,2}})일(?:{_KOREAN_WEEKDAY})?",
        r"(?P<year>(?:19|20)\d\d)年\s*(?P<monthnumber>\d{1,2})月\s*(?P<day>\d{1,2})日",
        r"(?P<era>令和|平成)(?P<erayear>\d{1,2}|元)年\s*(?P<monthnumber>\d{1,2})月\s*(?P<day>\d{1,2})日",
        # "'23.11.26.(일)" and "11.26(일)"; without an apostrophe or a weekday such figures may be anything.
        rf"['’‘](?P<shortyear>\d\d)\.\s?(?P<monthnumber>\d{{1,2}})\.\s?(?P<day>\d{{1,2}})\.?(?!\d)(?:{_KOREAN_WEEKDAY})?",
        rf"(?<![\d.])(?P<monthnumber>\d{{1,2}})[./]\s?(?P<day>\d{{1,2}})\.?{_KOREAN_WEEKDAY}",
        # "(11.26, 일)" and "(11.26.일)" inside brackets.
        r"(?<=[(\[~～∼-])(?P<monthnumber>\d{1,2})\.\s?(?P<day>\d{1,2})\s?[.,]\s?(?P<koreanweekday>[월화수목금토일])(?=\s?[)\],~～∼-])",
        # Which of two figures is the month is certain only where the other cannot be one.
        r"(?<![\d/.])(?P<monthnumber>0?[1-9]|1[0-2])[/.](?P<day>1[3-9]|2\d|3[01])[/.](?P<year>(?:19|20)\d\d)(?![\d/])",
        r"(?<![\d/.])(?P<day>1[3-9]|2\d|3[01])[/.](?P<monthnumber>0?[1-9]|1[0-2])[/.](?P<year>(?:19|20)\d\d)(?![\d/])",
        rf"\b{_MONTH}\s+(?P<first>(?P<day>\d{{1,2}}){_TH}){_TO}(?P<lastday>\d{{1,2}}){_TH},?\s+(?P<year>(?:19|20)\d\d)\b",
        rf"(?<![\w.,:/%-])(?P<first>(?P<day>\d{{1,2}}){_TH}){_TO}(?P<lastday>\d{{1,2}}){_TH}\s+(?:of\s+)?{_MONTH}\b"
        r"(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?",
        rf"{_WEEKDAY}\b{_MONTH}\s+(?P<day>\d{{1,2}}){_TH}\b(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?"
        rf"(?:\s*\((?P<after>{'|'.join(WEEKDAYS)}|mon|tue|wed|thu|fri|sat|sun)\.?\))?",
        rf"{_WEEKDAY}(?<!\d)(?P<day>\d{{1,2}}){_TH}\s+(?:of\s+)?{_MONTH}\b(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?",
    )
)
# The year before the first of an era of Japan.
_ERAS = {"令和": 2018, "平成": 1988}
_SPAN = re.compile(_TO, re.IGNORECASE)
# How much of a text is looked at for its day, in characters, and how many sentences for that of its event.
_OPENING = 600
_EVENT_SENTENCES = 2
_DAYS_BEFORE, _DAYS_AFTER = 31, 120
_EVENT = re.compile(
    r"\b(?:met|meets?|meeting|held|holds?|hosted|hosts|convened|spoke|speaks|call|called|talks|visit(?:s|ed)?|attend(?:s|ed)?|"
    r"signed|signs|participat(?:ed|es)|gathered|welcomed|travel(?:s|ed|led)?|address(?:es|ed)|deliver(?:s|ed)|launched|"
    r"took\s+place|takes\s+place|will\s+(?:be|take|hold|meet|host|visit|travel|attend|speak))\b"
    r"|회담|회의|면담|통화|방문|참석|개최|서명|체결|협의|접견|예방|만나|만났|가졌|열렸|열린",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:met|held|hosted|convened|spoke|took\s+place|signed|called|visited)\b|가졌|하였|했다|열렸|만났", re.IGNORECASE
)
_RELEASE_LABEL = re.compile(
    r"(?:\b(?:immediate\s+release|released?(?:\s+(?:on|date))?|dated?|posted(?:\s+on)?|published(?:\s+on)?)|배포\s?일시?|보도\s?일시?|발표\s?일시?)"
    r"\s*[:：]\s*$",
    re.IGNORECASE,
)
_DATE_LABEL = re.compile(r"\W*date\s*[:：]\s*", re.IGNORECASE)
_OTHER_DAY = re.compile(
    r"\b(?:will|anniversary|yesterday|today|last\s+(?:week|month|night)|this\s+week|tomorrow|until|deadline|since|following|after)\b"
    r"|주년|예정|이후|계기",
    re.IGNORECASE,
)
# A year that something is planned for is not that of the release.
_TO_COME = re.compile(r"\b(?:will|by\s+20\d\d|until|next)\b|예정|차기|까지|계획|목표", re.IGNORECASE)
_DONE = (
    "met|held|hosted|convened|spoke|called|visited|attended|signed|welcomed|decided|adopted|agreed|concluded|opened|"
    "launched|inaugurated"
)
_TODAY = re.compile(
    rf"\b(?:{_DONE})\b[^.]{{0,80}}\btoday\b|\btoday,?\s(?:[^\s.]+\s){{0,8}}(?:{_DONE})\b",
    re.IGNORECASE,
)
# What an event came after is another event.
_BEFORE_IT = re.compile(r"^(?:Following|After|Since|Building\s+on|As\s+a\s+follow-up\s+to)\b[^,]*,")
# What a title says of a day that it remembers: that of a war's end, a treaty's signature, an attack.
_REMEMBERED = re.compile(
    r"\b(?:anniversary|commemorat\w+|remember\w*|in\s+memory|signed|signature|since|following|after|until|deadline)\b"
    r"|주년|추모|추념|기념|서명된|서명한|체결된|체결한|이후|이래",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(\[（][^)\]）]*[)\]）]")
_FIGURE = re.compile(r"[0-9]")
# "03.27.13" on a line of its own near a title: month and day where only one of the figures can be a month.
_SHORT_LINE = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d\d)")
_YEAR_FIRST = re.compile(r"\D*(?:19|20)\d\d(?!\d)")
_NAMED_MONTH = re.compile(rf"\b{_MONTH}", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d.,$€£-])(?:19|20)\d\d(?![\d%]|,\d)")


@dataclass(frozen=True)
class FoundDate:
    """A day named in a text, at `text[start:end]`. `weekday` counts from Monday = 0; year and weekday may be unsaid."""

    year: int | None
    month: int
    day: int
    weekday: int | None
    start: int
    end: int

    @property
    def date(self) -> date | None:
        return _day(self.year, self.month, self.day) if self.year else None


@dataclass(frozen=True)
class Dated:
    """A publication date and where it was read."""

    date: date | None
    source: str


# Of a clock that began in 1970: March 1973 to November 5138; smaller numbers may be days ("20231126").
_FIRST_SECOND, _LAST_SECOND = 100_000_000, 100_000_000_000
UNDATED = Dated(None, "")


def find_dates(text: str) -> list[FoundDate]:
    """Every day that a text names, in order; impossible days ("February 30") are no dates.

    Of a span of days ("November 26-27, 2023", "November 26 – December 1, 2023") the first and the last are found, with
    the year that is said for both.
    """
    # No form is without a figure, and many sentences are; a page of text is searched much sooner this way.
    if not _FIGURE.search(text):
        return []
    found: list[FoundDate] = []
    taken = bytearray(len(text))
    for form in _FORMS:
        for m in form.finditer(text):
            if any(taken[m.start() : m.end()]):
                continue
            parts = m.groupdict()
            year = int(parts["year"]) if parts.get("year") else None
            year = 2000 + int(parts["shortyear"]) if parts.get("shortyear") else year
            if era := parts.get("era"):
                year = _ERAS[era] + (1 if parts["erayear"] == "元" else int(parts["erayear"]))
            # "APRİL" passes for April where capitals are ignored, but has no small letters that are a month's.
            month = int(parts["monthnumber"]) if parts.get("monthnumber") else MONTHS.get(parts["month"].lower(), 0)
            day = int(parts["day"])
            last = int(parts["lastday"]) if parts.get("lastday") else None
            # Figures that do not rise are no span: "Statement 30 - 27 November 2023".
            if not _day(year or 2000, month, day) or (last and not (day < last and _day(year or 2000, month, last))):
                continue
            taken[m.start() : m.end()] = b"\1" * (m.end() - m.start())
            if last:
                found.append(FoundDate(year, month, day, None, m.start(), m.end("first")))
                found.append(FoundDate(year, month, last, None, m.start("lastday"), m.end()))
            else:
                found.append(FoundDate(year, month, day, _weekday(parts), m.start(), m.end()))
    found.sort(key=lambda f: f.start)
    return [_with_year(one, below, text) for one, below in zip_longest(found, found[1:])]


def _with_year(found: FoundDate, below: FoundDate | None, text: str) -> FoundDate:
    """A day that a later one of its year follows as the end of a span, with that year."""
    if _is_span(below, found, text) and not found.year and (found.month, found.day) < (below.month, below.day):
        return replace(found, year=below.year)
    return found


def _is_span(below: FoundDate | None, found: FoundDate, text: str) -> TypeGuard[FoundDate]:
    """Whether two days that follow one another in a text are the first and the last of a span."""
    return below is not None and bool(_SPAN.fullmatch(text, found.end, below.start))


def years_mentioned(text: str) -> list[int]:
    """Every year that a text names, in order, repeats included."""
    return [int(y) for y in _YEAR.findall(text)]


def publication_date(
    head: Iterable[str], title: str, body: str, today: date | None = None, *, fallback: Dated = UNDATED
) -> Dated:
    """When a page was published, best source first: a dated line in its head, its dateline, its title, unless that
    remembers the day; else the day of the event that its first sentence tells of.

    A day without a year gets the year in which it falls on the weekday that the text names for it, preferring years
    that the text mentions, then the latest one that is past; without a weekday, the year when the text mentions just
    one. A day that is still to come is that of an event. Other days in the text are none: of 118 pages of members of
    Congress of which the text alone named a day, 27 were published on it. `head` holds the short lines around the
    title. `fallback` is the day on which a release was sent, taken unless its head or dateline says another; the
    dateline's year is then the nearest one. `today` is for tests.
    """
    today = today or date.today()
    # Sites east of here publish on a day that has not begun yet.
    latest = today + timedelta(days=1)
    for line in head:
        for day in [short_date(line), *(found.date for found in find_dates(line))]:
            if day and day <= latest:
                return Dated(day, "page")
    opening = body[:_OPENING]
    named = find_dates(opening)
    dateline = [
        found
        for found, below in zip_longest(named, named[1:])
        if _in_dateline(opening, found.start, below.end if _is_span(below, found, opening) else found.end)
    ]
    told = [opening[start:end] for start, end in sentence_spans(opening)[:1] if _is_told(opening[start:end])]
    # Where a page has no title, its first words stand in for one.
    own_title = "" if body.startswith(title.removesuffix(" …")) else _without_remembered(title)
    places = [("dateline", dateline)]
    if not fallback.date:
        places += [("title", find_dates(own_title)), *(("first lines", find_dates(text)) for text in told)]
    for place, days in places:
        for found in days:
            if found.date and found.date <= latest:
                return Dated(found.date, place)
            if not found.date and fallback.date:
                day = _near(found, fallback.date)
                if day and day <= latest:
                    return Dated(day, place)
            elif not found.date and (dated := _inferred(found, f"{own_title}\n{body}", today)):
                return dated
    return fallback


def _in_dateline(opening: str, start: int, end: int) -> bool:
    """Whether a day, or a span of days, stands in "SEOUL, Nov. 26, 2023 —" or "SEOUL (Nov. 26, 2023)", behind nothing
    but a place; behind "For Immediate Release:" or, above the text, "Date:"; or on a line of its own.
    """
    before, behind = opening[:start], opening[end:]
    if re.search(r"(?:^|\n)\W*$", before) and re.match(r"\W*(?:\n|$)", behind):
        return True
    if _RELEASE_LABEL.search(before):
        # Under a sentence of an advisory, "Date:" is the day of what it announces.
        *above, line = before.split("\n")
        return not (_DATE_LABEL.fullmatch(line) and any(re.search(r"[.!?]$", text) for text in above))
    place = not re.search(r"\b[a-z]{2,}", before)
    return place and bool(re.match(r"[\s)\]]*[-–—](?!\s?\d)|\)", behind))


def _without_remembered(title: str) -> str:
    """A title, or of one that remembers a day ("Armistice of July 27, 1953") what stands in brackets: its own day."""
    bracketed = [found.group() for found in _IN_BRACKETS.finditer(title)]
    return " ".join(bracketed) if _REMEMBERED.search(_IN_BRACKETS.sub(" ", title)) else title


def _is_told(sentence: str) -> bool:
    """Whether a sentence tells of an event that has been, and of nothing that it remembers or awaits."""
    return bool(_TOLD.search(sentence)) and not _OTHER_DAY.search(sentence)


def short_date(line: str) -> date | None:
    """The day of a line that holds nothing but "03.27.13" or "27/03/13", where only one figure can be the month."""
    found = _SHORT_LINE.fullmatch(line.strip())
    if not found:
        return None
    one, other, year = map(int, found.groups())
    days = {day for month, number in ((one, other), (other, one)) if (day := _day(2000 + year, month, number))}
    return days.pop() if len(days) == 1 else None


def event_date(title: str, body: str, published: date | None) -> date | None:
    """The day of what a release tells about: the one in brackets in its title, else the first that an opening sentence
    gives for a meeting, call, visit, signature or the like.

    A day without a year is taken in the year nearest to the publication in which its weekday, where one is named, is
    right. Days far from the publication, a month before or four months after, are those of other events. None where
    none is stated, or nothing tells its year.
    """
    bracketed = [found.group() for found in _IN_BRACKETS.finditer(title)]
    sentences = [body[start:end] for start, end in sentence_spans(body[:_OPENING])[:_EVENT_SENTENCES]]
    for text in [*bracketed, *(said for said in sentences if _EVENT.search(said) or _TODAY.search(said))]:
        if published and text not in bracketed and _TODAY.search(text):
            return published
        for found in find_dates(_BEFORE_IT.sub("", text)):
            if day := _near(found, published):
                return day
    return None


def _near(found: FoundDate, published: date | None) -> date | None:
    if published is None:
        return found.date
    years = [found.year] if found.year else [published.year + n for n in (0, -1, 1)]
    days = [day for year in years if (day := _day(year, found.month, found.day))]
    right = [day for day in days if found.weekday in (None, day.weekday())]
    near = [day for day in right if -_DAYS_BEFORE <= (day - published).days <= _DAYS_AFTER]
    return min(near, key=lambda day: abs(day - published), default=None)


def _inferred(found: FoundDate, text: str, today: date) -> Dated | None:
    same_day = [f for f in find_dates(text) if (f.month, f.day) == (found.month, found.day)]
    for told in same_day:
        if told.date:
            return Dated(told.date, "the same day, with its year, in the text")
    past = "\n".join(
        line[a:b] for line in text.split("\n") for a, b in sentence_spans(line) if not _TO_COME.search(line[a:b])
    )
    mentioned = [y for y in years_mentioned(past) if y <= today.year]
    weekday = next((f.weekday for f in same_day if f.weekday is not None), None)
    if weekday is not None:
        days = [d for y in range(1990, today.year + 1) if (d := _day(y, found.month, found.day)) and d <= today]
        candidates = [d for d in days if d.weekday() == weekday]
        known = [d for d in candidates if d.year in mentioned]
        if known or candidates:
            return Dated((known or candidates)[-1], "weekday in the text")
    if len(set(mentioned)) == 1:
        day = _day(mentioned[0], found.month, found.day)
        return Dated(day, "year in the text") if day else None
    return None


def given_date(value: object) -> date:
    """A record's own date: ISO, RFC 822, "26 November 2023", "2023. 11. 26.", "2023년 11월 26일".

    A number of nine digits or more counts seconds, or thousandths of them, from 1970. Of a span of days the date is the
    first. Raises ValueError for anything else, also for a day without a year and for
    figures that may be several days ("05/06/2023").
    """
    if isinstance(value, int | float) and _FIRST_SECOND <= value < 1000 * _LAST_SECOND:
        return datetime.fromtimestamp(value if value < _LAST_SECOND else value / 1000, UTC).date()
    text = str(value).strip()
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).date()
    except ValueError:
        named = find_dates(text)
        one_span = len(named) == 2 and _is_span(named[1], named[0], text)
        if (len(named) == 1 or one_span) and named[0].date:
            return named[0].date
    try:
        # Two defaults tell apart what the text says from what the library fills in.
        one, other = (_readings(text, datetime(y, m, d)) for y, m, d in ((2000, 1, 1), (2001, 2, 2)))
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:80]!r} is not a date") from None
    if one != other:
        raise ValueError(f"{text[:80]!r} is not a whole date")
    if len(one) > 1:
        days = " or ".join(sorted(map(str, one)))
        raise ValueError(f"{text[:80]!r} may be {days}; write it as YYYY-MM-DD")
    return one.pop()


def _readings(text: str, default: datetime) -> set[date]:
    """The days that figures may name: which of them is the month, and of two-figure years which is the year."""
    year_first = _YEAR_FIRST.match(text) is not None
    orders = product(
        (False,) if year_first else (False, True), (False,) if _NAMED_MONTH.search(text) else (False, True)
    )
    return {
        dateutil_parser.parse(text, default=default, dayfirst=day_first, yearfirst=year_first).date()
        for day_first, year_first in orders
    }


def _day(year: int | None, month: int, day: int) -> date | None:
    try:
        return date(year or 0, month, day)
    except ValueError:
        return None


def _weekday(parts: dict[str, str | None]) -> int | None:
    named = parts.get("weekday") or parts.get("after")
    if named:
        return next((i for i, w in enumerate(WEEKDAYS) if w.startswith(named.lower()[:3])), None)
    korean = parts.get("koreanweekday")
    return _KOREAN_WEEKDAYS.index(korean) if korean else None
