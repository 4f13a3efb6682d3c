"""Tell what kind of words would answer a question, and whether a sentence holds such words.

To add a kind, put a row into `EXPECTATIONS`: how a question asks for it, and a function that finds it in a sentence.
The first row that a question matches counts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ingest.dates import MONTHS, find_dates, years_mentioned
from vectorstore.language import words

Asked = frozenset[str]
"""The folded words of the question; what it says itself is no answer to it."""

Held = Callable[[str, Asked], bool]


@dataclass(frozen=True)
class Expectation:
    """`asks` finds it in a question; `held` says whether a sentence holds it besides what the question says.

    A `strict` kind has a shape (a sum, a percentage, a duration), so that a sentence without one does not answer.
    """

    asks: re.Pattern[str]
    held: Held
    strict: bool


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_NUMBER_WORDS = frozenset(
    """
        one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands
        million millions billion billions trillion dozen dozens half both pair single double triple twice once
        first second third fourth fifth sixth seventh eighth ninth tenth quarter zero none only several
    """.split()
)
_NUMBER = rf"(?:\d[\d,.]*|{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))})"
_SEASON = "(?:spring|summer|fall|autumn|winter)"
_TIME_UNIT = r"(?:second|minute|hour|day|night|week|fortnight|month|year|decade|centur(?:y|ie))s?"

_MONEY = _any(
    r"[$€£¥₩]\s?\d[\d,.]*",
    r"\b(?:USD|EUR|GBP|KRW|US\$|AUD|CAD|JPY)\s?\$?\d[\d,.]*",
    rf"\b{_NUMBER}[\s-]*(?:(?:hundred|thousand|million|billion|trillion|[mbk]n?\b)[\s-]*)?"
    r"(?:U\.?S\.? )?(?:dollars?|euros?|pounds?|won|yen|cents?)\b",
    r"(?:\d|[천백십만억조])\s*[천백십만억조]*\s*(?:달러|원(?![가-힣]*회)|유로)",
)
_PERCENT = _any(
    r"\d\s?%",
    rf"\b{_NUMBER}[\s-]+(?:per\s?cent|percent|percentage)\b",
    r"\b(?:half of|(?:one|two|a|three)[\s-](?:thirds?|quarters?|fifths?)|majority)\b",
    r"\b(?:one|two|nine) (?:in|out of) \w+\b",
    "퍼센트",
)
_DURATION = _any(
    rf"\b(?:{_NUMBER}|an?|many|few|couple of|multi)[\s-]+"
    rf"(?:(?:and|a|more|full|consecutive|half)[\s-]+)*{_TIME_UNIT}\b",
    r"\b(?:decades|centuries|years|months|weeks|hours|days)[- ]long\b",
    r"\b(?:for|over|past|last|next|in) (?:the )?(?:\w+ )?decades\b",
    r"\bindefinite(?:ly)?\b|\bpermanent(?:ly)?\b|\buntil\b|\bsince (?:19|20)\d\d\b|\ball (?:day|night)\b",
    r"\d\s*(?:시간|분|일|개월|년|주)\s*(?:간|동안)?",
)
_AGE = _any(r"\baged?\s+\d+", r"\bage of \d+", r"\d+[\s-]+years?[\s-]+(?:old|of age)", r"\bborn\b", r"\d+\s*세")
_CLOCK = _any(
    r"\b\d{1,2}(?::\d\d)?\s?(?:[ap]\.?\s?m\b|o'clock|hours\b)",
    r"\b\d{1,2}:\d\d\b",
    r"\bnoon\b|\bmidnight\b",
    r"\d\s*시",
)
_CAUSE = _any(
    r"\b(?:because|since|due to|owing to|in order to|so that|so as to|to ensure|aimed? (?:at|to)|in response to)\b",
    r"\b(?:given|in light of|in view of|as part of|therefore|thus|as a result|in recognition of|thanks to)\b",
    r"\b(?:following|after|for \w+ing|to \w+)\b",
    "때문|위해|따라",
)
_RELATIVE_DAY = _any(
    r"\b(?:today|yesterday|tomorrow|tonight|earliest|soon|coming (?:days|weeks|months|year))\b",
    rf"\b(?:this|next|last) (?:morning|afternoon|evening|week|weekend|month|year|{_SEASON}|\w+day)\b",
    rf"\b(?:early|mid|late|earlier|later)[- ](?:this|next|last|20\d\d|in|{'|'.join(MONTHS)})\b",
    rf"\b{_SEASON} of\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    "오늘|어제|내일|내년|올해|지난해|작년",
)
_RELATIVE_YEAR = re.compile(r"\b(?:this|next|last) year\b|올해|내년|작년|지난해", re.IGNORECASE)
# The month of May has a capital, which "may" has not.
_MONTH = re.compile(rf"\b(?:{'|'.join(m.capitalize() for m in MONTHS if len(m) > 3 or m == 'may')})\b")


# Texts are asked about again and again; what is in them need not be found out each time.
_REMEMBERED = 50_000


@lru_cache(maxsize=_REMEMBERED)
def _without_dates(text: str) -> str:
    """The text with the days and years that it names blanked out, so that their figures are not taken for counts."""
    for found in reversed(find_dates(text)):
        text = text[: found.start] + " " + text[found.end :]
    return re.sub(r"(?<![\d.,$€£])(?:19|20)\d\d(?![\d%]|,\d)", " ", text)


@lru_cache(maxsize=_REMEMBERED)
def _figures(text: str) -> frozenset[str]:
    return frozenset(w for w in words(_without_dates(text)) if w[0].isdigit() or w in _NUMBER_WORDS)


def _number(text: str, asked: Asked) -> bool:
    return not _figures(text) <= asked


@lru_cache(maxsize=_REMEMBERED)
def _days(text: str) -> tuple[frozenset[str], ...]:
    """The years, days and months told, and the words of each relative day."""
    return (
        *(frozenset((str(year),)) for year in years_mentioned(text)),
        *(frozenset((str(found.day),)) for found in find_dates(text)),
        *(frozenset((month.lower(),)) for month in _MONTH.findall(text)),
        *(frozenset(words(m.group())) for m in _RELATIVE_DAY.finditer(text)),
    )


def _date(text: str, asked: Asked) -> bool:
    return not all(told <= asked for told in _days(text))


def _year(text: str, asked: Asked) -> bool:
    return any(str(year) not in asked for year in years_mentioned(text)) or bool(_RELATIVE_YEAR.search(text))


@lru_cache(maxsize=_REMEMBERED)
def _names(text: str) -> frozenset[str]:
    # The first word has a capital whatever it is, so it counts as a name only when another follows it.
    capitals = re.findall(r"(?<!^)\b[A-Z][\w’'-]+|^[A-Z][\w’'-]+(?=\s+[A-Z])", text)
    return frozenset(w for c in capitals for w in words(c))


def _name(text: str, asked: Asked) -> bool:
    return not _names(text) <= asked or bool(re.search("[가-힣]{2,}", text))


def _shape(pattern: re.Pattern[str]) -> Held:
    @lru_cache(maxsize=_REMEMBERED)
    def shapes(text: str) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(words(m.group())) for m in pattern.finditer(text))

    def held(text: str, asked: Asked) -> bool:
        return not all(said <= asked for said in shapes(text))

    return held


_MONEY_HELD = _shape(_MONEY)


def _money_or_number(text: str, asked: Asked) -> bool:
    return _MONEY_HELD(text, asked) or _number(text, asked)


# "when" and "who" ask where they open a question or a part of it; "the day when" and "the minister who" do not.
_OPENS = (
    r"(?:^\W*|[,;:.?–—-]\s*|\b(?:and|but|so|then|since|by|until|exactly|precisely|just|to|for|with|from|of|on|at|know"
    r"|tell me|ask|was it|is it)\s+)"
)
_WHICH = (
    r"\b(?:what|which)(?:['’]s| is| was| were| are)?\s+"
    r"(?:(?:the|exact|overall|total|precise|dollar|annual|combined)\s+)*"
)
EXPECTATIONS: dict[str, Expectation] = {
    "age": Expectation(
        _any(r"\bhow old\b", r"\bwhat age\b", r"몇\s*살|나이(?!지리아|로비|아가라)"), _shape(_AGE), True
    ),
    "clock": Expectation(_any(r"\bwhat (?:time|hour)\b(?! of)", r"몇\s*시(?!\s*간)"), _shape(_CLOCK), True),
    "duration": Expectation(
        _any(
            r"\bhow long\b(?! ago| (?:is|are|was) the (?:bridge|border|list|text|road|cable|tunnel|pipeline|wall))",
            rf"\bhow many (?:more )?(?:consecutive )?{_TIME_UNIT}\b",
            r"\bwhat (?:length|period) of time\b|\bduration\b|\bfor what period\b",
            r"얼마\s*(?:동안|나\s*(?:오래|걸))|몇\s*(?:시간|분|개월|주)|(?:몇\s*(?:년|달|일)|며칠)\s*(?:동안|간)",
        ),
        _shape(_DURATION),
        True,
    ),
    "percent": Expectation(
        _any(
            r"\b(?:what|which) (?:\w+ )?(?:percentage|percent|per cent|share|proportion|fraction|rate)\b",
            r"\bhow many per\s?cent\b|\bpercentage\b|\bwhat %",
            r"몇\s*(?:퍼센트|%)|비율",
        ),
        _shape(_PERCENT),
        True,
    ),
    "money": Expectation(
        _any(
            rf"{_WHICH}(?:cost|price|price tag|budget|sum|fee|fine|salary|amount of money|funding level)\b",
            r"\bprice tag\b|\bdollar (?:figure|amount|value|sum)\b|\bhow expensive\b",
            r"\bhow much (?:money|cash|funding)\b|\bhow many (?:\w+ )?(?:dollars|euros|pounds|won|yen)\b",
            r"\b(?:what|how much) (?:did|does|do|will|would) (?:[\w’'.-]+ ){1,10}?cost\b(?! of)",
            r"\bhow much (?:did|do|does|will|would|is|are|was|were) (?:[\w’'.-]+ ){1,8}?(?:pay|spend)(?:ing)?\b",
            r"\bamount (?:in|of) (?:dollars|money|aid|funding)\b",
            r"얼마의\s*(?:돈|예산|자금)|금액|비용|예산\s*규모",
        ),
        _shape(_MONEY),
        True,
    ),
    "year": Expectation(_any(r"\b(?:what|which) year\b", r"몇\s*년도|어느\s*해"), _year, True),
    "date": Expectation(
        _any(
            rf"{_OPENS}when\b",
            r"\b(?:what|which)\s+(?:exact\s+|precise\s+|calendar\s+)?(?:date|day|month|deadline)\b",
            r"\bhow long ago\b|\bdates?\??$",
            r"언제|며칠|몇\s*(?:년|월|일)",
        ),
        _date,
        True,
    ),
    "count": Expectation(
        _any(
            r"\bhow many\b|\bhow often\b",
            r"\b(?:what|which) (?:\w+ )?(?:number|count|headcount|tally|toll)\b",
            r"몇\s*(?:명|개|건|차례|번|곳|나라|국)",
        ),
        _number,
        True,
    ),
    "amount": Expectation(
        _any(
            r"\bhow (?:much|large|big|far|fast|heavy|wide|tall)\b|\bhow high\b(?! an? )",
            rf"{_WHICH}(?:\w+ )?(?:amount|figure|total|size|volume|value|tonnage|quantity|ceiling)\b",
            "얼마|규모",
        ),
        _money_or_number,
        True,
    ),
    "person": Expectation(
        _any(
            rf"{_OPENS}who(?:m|se|['’]s)?\b",
            r"\bwhich (?:official|minister|leader|president|person|senator|ambassador)s?\b",
            "누가|누구",
        ),
        _name,
        False,
    ),
    "place": Expectation(
        _any(
            r"\bwhere\b",
            r"\b(?:what|which)\s+(?:\w+ )?(?:city|cities|country|countries|place|town|venue|location|capital)\b",
            r"\b(?:what|which)\s+(?:\w+ )?state\b(?! of)",
            r"\b(?:what|which)\s+(?:\w+ )?(?:region|hotel|building)\b",
            r"어디|어느\s*(?:나라|도시|국가)",
        ),
        _name,
        False,
    ),
    "name": Expectation(
        _any(
            r"\bnames? of\b|\bname the\b",
            r"\b(?:what|which) (?:\w+ )?(?:company|companies|firms?|agency|agencies|ministry|organi[sz]ations?)\b",
            r"\b(?:what|which) (?:\w+ )?(?:treaty|convention|resolution)\b",
        ),
        _name,
        False,
    ),
    "reason": Expectation(
        _any(
            r"\bwhy\b|\bfor what (?:reason|purpose)\b|\bon what grounds\b|\bwhat (?:prompted|led|caused)\b",
            "왜(?!곡)|이유",
        ),
        _shape(_CAUSE),
        False,
    ),
}
"""From the narrow to the broad: "how many hours" asks for a duration before it asks for a count."""


def expected_of(question: str) -> str | None:
    """The kind of words a question asks for, a key of EXPECTATIONS; None when anything may answer."""
    return next((name for name, kind in EXPECTATIONS.items() if kind.asks.search(question)), None)


def is_held(expected: str | None, text: str, asked: Asked) -> bool | None:
    """Whether a text holds what is asked for; None when anything may answer."""
    return None if expected is None else EXPECTATIONS[expected].held(text, asked)
