"""Read the periods that a question names: days, months, seasons, halves and quarters, years, and "last week".

To add a form, write a pattern and a function from its match to a `Period` and put both into `_FORMS`; the first form
that fits a stretch of text counts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.dates import MONTHS, find_dates


@dataclass(frozen=True)
class Period:
    """The days from `since` to `until`, both included."""

    since: date
    until: date

    def holds(self, day: date) -> bool:
        return self.since <= day <= self.until

    def within(self, other: "Period") -> bool:
        return other.holds(self.since) and other.holds(self.until)


@dataclass(frozen=True)
class Named:
    """A period named at `text[start:end]`; `relative` ones ("last week") count from the day of asking."""

    period: Period
    start: int
    end: int
    relative: bool = False


def month_of(year: int, month: int) -> Period:
    return months_of(year, month, 1)


def months_of(year: int, first: int, count: int) -> Period:
    """`count` months from the `first` of a year on; they may run into the next year."""
    after = first - 1 + count
    return Period(date(year, first, 1), date(year + after // 12, after % 12 + 1, 1) - timedelta(days=1))


def _year(year: int) -> Period:
    return months_of(year, 1, 12)


_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
# Not in a sum, a decade ("the 1990s"), a day in figures or the number of a resolution.
_Y = r"(?<![\d.,$€£])(?<!\d-)(?<!resolution )(?P<year>(?:19|20)\d\d)(?![\d%]|,\d|-\d|s\b)"
# What may stand between the first of several months and the one that carries their year.
# A comma may stand at one end of a step only: at both, every comma would have two readings, and many take for ever.
_AND_MONTHS = (
    rf"(?:,?\s+(?:of|and|or|to|versus|vs|then|again|in|with|from|that of|{_MONTH}|\d{{1,2}}(?:st|nd|rd|th)?)\b)*,?"
)
_SEASONS = {"spring": 3, "summer": 6, "fall": 9, "autumn": 9, "winter": 12}
_PARTS_OF_YEAR = {"early": (1, 4), "mid": (5, 4), "late": (9, 4)}
_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_UNIT_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}

_Make = Callable[[re.Match[str]], Period | None]


def _a_month(m: re.Match[str]) -> Period | None:
    return month_of(int(m["year"]), MONTHS[m["month"].lower().rstrip(".")])


def _a_numbered_month(m: re.Match[str]) -> Period | None:
    return month_of(int(m["year"]), int(m["month"])) if 1 <= int(m["month"]) <= 12 else None


def _a_half(m: re.Match[str]) -> Period:
    return months_of(int(m["year"]), 1 + 6 * (_ORDINAL[m["half"].lower()] - 1), 6)


def _a_quarter(m: re.Match[str]) -> Period:
    number = _ORDINAL.get(m["quarter"].lower()) or int(m["quarter"][-1])
    return months_of(int(m["year"]), 3 * number - 2, 3)


_FORMS: tuple[tuple[re.Pattern[str], _Make], ...] = tuple(
    # Without ASCII, "ſ" and "İ" would pass for letters of a month, whose name is then not found.
    (re.compile(form, re.IGNORECASE | re.ASCII), make)
    for form, make in (
        (rf"\b(?P<half>first|second|1st|2nd)\s+half\s+of\s+{_Y}", _a_half),
        (r"(?P<year>(?:19|20)\d\d)년\s*상반기", lambda m: months_of(int(m["year"]), 1, 6)),
        (r"(?P<year>(?:19|20)\d\d)년\s*하반기", lambda m: months_of(int(m["year"]), 7, 6)),
        (rf"\b(?P<quarter>first|second|third|fourth|[1-4](?:st|nd|rd|th))\s+quarter\s+of\s+{_Y}", _a_quarter),
        (rf"\b(?P<quarter>Q[1-4])\s+(?:of\s+)?{_Y}", _a_quarter),
        (r"(?P<year>(?:19|20)\d\d)년\s*(?P<month>\d{1,2})월", _a_numbered_month),
        (rf"\b(?P<month>{_MONTH}),?\s+(?:of\s+)?{_Y}", _a_month),
        (
            rf"\b(?P<month>{_MONTH})(?={_AND_MONTHS}\s+{_MONTH}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?,?\s+(?:of\s+)?{_Y})",
            _a_month,
        ),
        (
            rf"\b(?P<season>spring|summer|fall|autumn|winter)\s+(?:of\s+)?{_Y}",
            lambda m: months_of(int(m["year"]), _SEASONS[m["season"].lower()], 3),
        ),
        (
            rf"\b(?P<part>early|mid|late)(?:\s+in\s+|[\s-]+){_Y}",
            lambda m: months_of(int(m["year"]), *_PARTS_OF_YEAR[m["part"].lower()]),
        ),
        (f"{_Y}년?", lambda m: _year(int(m["year"]))),
    )
)


def named_periods(text: str, today: date | None = None) -> list[Named]:
    """Every period that a text names with its year, and those that count from `today`, in the order of the text.

    Where several months share one year ("April and May 2022") each gets it; a text's "March" alone names none.
    """
    found: list[Named] = [Named(Period(f.date, f.date), f.start, f.end) for f in find_dates(text) if f.date]
    for form, make in _FORMS:
        for m in form.finditer(text):
            period = make(m)
            if period and not any(n.start < m.end() and m.start() < n.end for n in found):
                found.append(Named(period, *m.span()))
    found += [
        n for n in _relative(text, today or date.today()) if not any(o.start < n.end and n.start < o.end for o in found)
    ]
    return sorted(found, key=lambda n: n.start)


_RELATIVE = re.compile(
    r"\b(?P<word>today|yesterday)\b|\b(?P<which>this|last|past|previous)\s+(?P<unit>week|month|year)\b"
    r"|\b(?:in|over|within|during)\s+the\s+(?:last|past)\s+(?P<count>\d{1,3}|two|three|four|five|six|seven|ten|twelve)\s+(?P<units>day|week|month|year)s\b"
    r"|(?P<korean>오늘(?!날)|어제|이번\s*주|지난\s*주|이번\s*달|지난\s*달|올해|(?<![가-힣])작년|지난해)",
    re.IGNORECASE | re.ASCII,
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "twelve": 12}
_KOREAN = {
    "오늘": "today",
    "어제": "yesterday",
    "이번주": "this week",
    "지난주": "last week",
    "이번달": "this month",
    "지난달": "last month",
    "올해": "this year",
    "작년": "last year",
    "지난해": "last year",
}


def _relative(text: str, today: date) -> list[Named]:
    found = []
    for m in _RELATIVE.finditer(text):
        if m["count"]:
            count = _COUNTS.get(m["count"].lower()) or int(m["count"])
            period = Period(today - timedelta(days=count * _UNIT_DAYS[m["units"].lower()]), today)
        else:
            words = _KOREAN["".join(m["korean"].split())] if m["korean"] else m.group().lower()
            period = _counted_from(today, words.split()[0], words.split()[-1])
        found.append(Named(period, *m.span(), relative=True))
    return found


def _counted_from(today: date, which: str, unit: str) -> Period:
    if unit in ("today", "yesterday"):
        day = today - timedelta(days=unit == "yesterday")
        return Period(day, day)
    back = which != "this"
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return Period(monday, monday + timedelta(days=6))
    if unit == "month":
        last = today.replace(day=1) - timedelta(days=1)
        return month_of(last.year, last.month) if back else month_of(today.year, today.month)
    return _year(today.year - back)


_BOUND = re.compile(
    r"\b(?P<word>since|after|from|before|until|till|prior to|up to|between)\s+"
    r"(?:the\s+)?(?:(?P<edge>end|start|beginning) of\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
# "The last call before the attack of 7 October 2023".
_EVENT_BOUND = re.compile(
    r"\b(?P<word>before|after|prior to)\s+[^,;:.?!]{1,60}?\s(?:of|on|in)\s+(?:the\s+)?$", re.IGNORECASE
)
_KOREAN_BOUND = re.compile(r"\s*(?P<word>이후|부터|이전|까지)")
_BETWEEN = re.compile(
    r"\s*(?:and|to|until|till|through|–|-)\s*(?:the\s+)?(?:(?:end|start|beginning) of\s+)?", re.IGNORECASE
)
_ORDERED = re.compile(r"\b(?:last|first|latest|earliest|most recent|newest)\b|가장\s*(?:최근|먼저)|최신", re.IGNORECASE)
# "China's position today", "last year's election" and "the last month of the war" tell of a time, but of no release's
# date.
_TOLD = re.compile(r"['’]s\b|\s+of\b")
_ONE_DAY = re.compile("today|yesterday|오늘|어제", re.IGNORECASE)

Days = tuple[date | None, date | None]


def bounds(text: str, named: list[Named]) -> Days:
    """The first and last day that a question leaves for a release's date: "since May 2022", "last week".

    A period bounds only where it stands at the end of the question, with a question of order ("the last call before
    March 2022") or counts from today; elsewhere ("before the summit of May 2022") it belongs to what is told.
    """
    since: date | None = None
    until: date | None = None
    ordered = bool(_ORDERED.search(text))
    for position, n in enumerate(named):
        bound = _BOUND.search(text[: n.start])
        event = _EVENT_BOUND.search(text[: n.start]) if ordered and not bound else None
        korean = _KOREAN_BOUND.match(text, n.end)
        following = named[position + 1] if position + 1 < len(named) else None
        if korean:
            first, last = _korean_days(korean["word"], n.period)
        elif bound and following and _BETWEEN.fullmatch(text[n.end : following.start]):
            first, last = n.period.since, following.period.until
        elif bound and bound["word"].lower() != "between":
            if not (n.relative or ordered or not text[n.end :].strip(" ?.!")):
                continue
            first, last = _days(bound["word"].lower(), (bound["edge"] or "").lower(), n.period)
        elif event:
            first, last = _around(event["word"].lower(), n.period)
        elif n.relative and not _TOLD.match(text, n.end) and not _ONE_DAY.fullmatch(text[n.start : n.end]):
            first = min(since, n.period.since) if since else n.period.since
            last = max(until, n.period.until) if until else n.period.until
        else:
            continue
        since, until = first or since, last or until
    return since, until


def _around(word: str, period: Period) -> Days:
    """What is left before or after something that happened in a period; of more than a day, that period as well."""
    if word == "after":
        return (period.since if period.since < period.until else period.since + timedelta(days=1)), None
    return None, (period.until if period.since < period.until else period.since - timedelta(days=1))


def _days(word: str, edge: str, period: Period) -> Days:
    """What "since the end of 2022" and the like leave; without an edge "since" means the start, "until" the end."""
    at = {"end": period.until, "start": period.since, "beginning": period.since}.get(edge)
    if word in ("since", "from"):
        return at or period.since, None
    if word == "after":
        return (at or period.until) + timedelta(days=1), None
    if word in ("before", "prior to"):
        return None, (at or period.since) - timedelta(days=1)
    return None, at or period.until


def _korean_days(word: str, period: Period) -> Days:
    if word in ("이후", "부터"):
        return period.since, None
    return None, period.since - timedelta(days=1) if word == "이전" else period.until
