"""Find dates in English and Korean text, and settle the publication date of a release."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from dateutil import parser as dateutil_parser

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
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[-./]\s?(?P<monthnumber>\d{1,2})\s?[-./]\s?(?P<day>\d{1,2})\.?(?!\d)",
        r"(?P<year>(?:19|20)\d\d)년\s*(?P<monthnumber>\d{1,2})월\s*(?P<day>\d{1,2})일(?:\s*\((?P<koreanweekday>[월화수목금토일])\))?",
        r"(?<!\d)(?P<monthnumber>\d{1,2})월\s*(?P<day>\d{1,2})일(?:\s*\((?P<koreanweekday>[월화수목금토일])\))?",
        rf"{_WEEKDAY}\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?"
        rf"(?:\s*\((?P<after>{'|'.join(WEEKDAYS)}|mon|tue|wed|thu|fri|sat|sun)\.?\))?",
        rf"{_WEEKDAY}(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?",
    )
)
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


def find_dates(text: str) -> list[FoundDate]:
    """Every day that a text names, in order; impossible days ("February 30") are no dates."""
    found: list[FoundDate] = []
    taken: list[tuple[int, int]] = []
    for form in _FORMS:
        for m in form.finditer(text):
            if any(m.start() < end and start < m.end() for start, end in taken):
                continue
            parts = m.groupdict()
            year = int(parts["year"]) if parts.get("year") else None
            month = int(parts["monthnumber"]) if parts.get("monthnumber") else MONTHS[parts["month"].lower()]
            day = int(parts["day"])
            if _day(year or 2000, month, day):
                taken.append(m.span())
                found.append(FoundDate(year, month, day, _weekday(parts), m.start(), m.end()))
    return sorted(found, key=lambda f: f.start)


def years_mentioned(text: str) -> list[int]:
    """Every year that a text names, in order, repeats included."""
    return [int(y) for y in _YEAR.findall(text)]


def publication_date(head: Iterable[str], title: str, body: str, today: date | None = None) -> Dated:
    """When a page was published, best source first: a dated line in its head, its title, its first lines.

    A day without a year gets the year in which it falls on the weekday that the text names for it, preferring years
    that the text mentions, then the latest one that is past; without a weekday, the year when the text mentions just
    one. `head` holds the short lines around the title. `today` is for tests.
    """
    today = today or date.today()
    for line in head:
        for found in find_dates(line):
            if found.date:
                return Dated(found.date, "page")
    opening = body[:600]
    for place, text in (("title", title), ("first lines", opening)):
        for found in find_dates(text):
            if found.date:
                return Dated(found.date, place)
            if dated := _inferred(found, f"{title}\n{body}", today):
                return dated
    return Dated(None, "")


def _inferred(found: FoundDate, text: str, today: date) -> Dated | None:
    same_day = [f for f in find_dates(text) if (f.month, f.day) == (found.month, found.day)]
    for told in same_day:
        if told.date:
            return Dated(told.date, "the same day, with its year, in the text")
    mentioned = [y for y in years_mentioned(text) if y <= today.year]
    weekday = next((f.weekday for f in same_day if f.weekday is not None), None)
    if weekday is not None:
        past = [d for y in range(1990, today.year + 1) if (d := _day(y, found.month, found.day)) and d <= today]
        candidates = [d for d in past if d.weekday() == weekday]
        known = [d for d in candidates if d.year in mentioned]
        if known or candidates:
            return Dated((known or candidates)[-1], "weekday in the text")
    if len(set(mentioned)) == 1:
        day = _day(mentioned[0], found.month, found.day)
        return Dated(day, "year in the text") if day else None
    return None


def given_date(value: object) -> date:
    """A record's own date: ISO, RFC 822, "26 November 2023", "2023. 11. 26.", "2023년 11월 26일".

    Raises ValueError for anything else, also for a day without a year.
    """
    text = str(value).strip()
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).date()
    except ValueError:
        named = find_dates(text)
        if len(named) == 1 and named[0].date:
            return named[0].date
    try:
        # Two defaults tell apart what the text says from what the library fills in.
        one, other = (
            dateutil_parser.parse(text, default=datetime(y, m, d)) for y, m, d in ((2000, 1, 1), (2001, 2, 2))
        )
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:80]!r} is not a date") from None
    if one.date() != other.date():
        raise ValueError(f"{text[:80]!r} is not a whole date")
    return one.date()


def _day(year: int | None, month: int, day: int) -> date | None:
    try:
        return date(year or 0, month, day)
    except ValueError:
        return None


def _weekday(parts: dict[str, str | None]) -> int | None:
    named = parts.get("weekday") or parts.get("after")
    if named:
        return next(i for i, w in enumerate(WEEKDAYS) if w.startswith(named.lower()[:3]))
    korean = parts.get("koreanweekday")
    return _KOREAN_WEEKDAYS.index(korean) if korean else None
