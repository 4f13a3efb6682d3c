"""Read what a text states that must not change on its way into an answer.

That is numbers with their units, dates and names, what it denies, wills or sets a condition to, and who did it.

English words are read; in other languages numbers, dates and words.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from ingest.dates import MONTHS, find_dates
from vectorstore.language import STOP_STEMS, fold, stem
from vectorstore.sentences import sentence_spans

# What has several names, by the one that it is compared by; the longer of two goes first.
_CALLED = {
    r"(?:the )?democratic people['’]?s republic of korea|north koreans?|north korea|dprk": "northkorea",
    r"(?:the )?republic of korea|south koreans?|south korea|r\.?o\.?k\b\.?": "Korea",
    r"(?:the )?people['’]s republic of china|prc": "China",
    r"(?:the )?united states(?: of america)?|u\.\s?s\b\.?(?:\s?a\b\.?)?|usa|america|americans?|(?-i:US)": (
        "Unitedstates"
    ),
    r"(?:the )?united kingdom|u\.\s?k\.|uk|great britain|britain|british": "Unitedkingdom",
    r"(?:the )?united nations|u\.\s?n\.|(?-i:UN)": "Unitednations",
    r"(?:the )?european union|e\.\s?u\.|(?-i:EU)": "Europeanunion",
    r"covid(?:[- ]19)?|coronavirus": "Covid19",
}
SPELLINGS: tuple[tuple[str, ...], ...] = (
    ("North Korea", "DPRK", "Democratic People's Republic of Korea"),
    ("Korea", "South Korea", "Republic of Korea", "ROK"),
    ("China", "People's Republic of China", "PRC"),
    ("United States", "U.S.", "USA", "America"),
    ("United Kingdom", "U.K.", "Britain"),
    ("United Nations", "U.N."),
    ("European Union", "E.U."),
    ("COVID-19", "COVID", "coronavirus"),
)
"""The same once more as words that an index can look up: how each of them may be written."""
_SIGNS = {
    r"per\s?cent(?:age points?)?\b|%": " percent ",
    r"\b(?:(?:u\.?s\.?|american) )?dollars?\b|\bus\$|\busd\b|\$": " dollar ",
    r"\beuros?\b|\beur\b|€": " euro ",
    r"\bkrw\b|₩|(?<=million )won\b|(?<=billion )won\b|(?<=trillion )won\b": " koreanwon ",
    r"\byen\b|\bjpy\b|¥": " yen ",
    r"\bpounds? sterling\b|\bgbp\b|£": " sterling ",
}
_CALLS = [(re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE), name) for names, name in _CALLED.items()]
_UNITS = {name.strip() for name in _SIGNS.values()}
_SIGN = [(re.compile(signs, re.IGNORECASE), name) for signs, name in _SIGNS.items()]
_NUMBERS = {
    word: float(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | dict(zip("thirty forty fifty sixty seventy eighty ninety".split(), map(float, range(30, 100, 10)), strict=True))
_MAGNITUDES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
_SHORT_MAGNITUDES = {"m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "k": 1e3, "tn": 1e12}
# "2018–19" names two years.
_SCHOOL_YEAR = re.compile(r"\b((?:19|20))(\d\d)[-–](\d\d)\b(?![-–./])")
_ORDINALS = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth", "6th": "sixth"}
_ORDINALS |= {"7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth"}
# "one" is rather an article or a pronoun than a number, and two are as many as a talk has sides.
_NO_COUNT = {"one"}
# The first name of each is the whole one.
_MONTH_NAMES = {number: name for name, number in reversed(MONTHS.items())}

_NEGATIONS = frozenset(
    map(
        stem,
        """
        no not never none nor neither without cannot nobody nothing nowhere unable refuse refusal deny denial reject
        rejection lack
        """.split(),
    )
)
# These deny only what a "to" joins to them; prices decline without denying anything.
_DENY_TO = frozenset(map(stem, "decline fail failure".split()))


# Past forms that no ending tells, with the form that they are compared by.
_PAST = dict(
    pair.split("=")
    for pair in """
    fell=fall fallen=fall rose=rise risen=rise grew=grow grown=grow left=leave met=meet said=say told=tell sent=send
    gave=give given=give took=take taken=take made=make held=hold led=lead sought=seek spoke=speak spoken=speak
    wrote=write written=write built=build bought=buy sold=sell paid=pay lost=lose won=win chose=choose chosen=choose
    began=begin begun=begin withdrew=withdraw withdrawn=withdraw saw=see seen=see went=go gone=go came=come kept=keep
    brought=bring thought=think found=find became=become broke=break drew=draw drove=drive fought=fight knew=know
    laid=lay meant=mean ran=run set=set shook=shake showed=show shown=show stood=stand struck=strike
    taught=teach threw=throw understood=understand wore=wear
    """.split()
)


@lru_cache(maxsize=200_000)
def key_of(plain: str) -> str:
    """What a word is compared by: its stem, of irregular past forms that of the present."""
    return stem(_PAST.get(plain, plain))


def _grouped(text: str) -> dict[str, str]:
    """Stem → the first word of its line."""
    lines = [line.split() for line in text.strip().splitlines()]
    return {key_of(word): line[0] for line in lines for word in line}


# Words that make of a fact a wish, a plan, a condition; a line a kind. "Called" alone may be a telephone's.
_MODAL = _grouped(
    """
    will would shall
    can could may might possible possibly
    should must ought need
    plan intend intention scheduled
    request requests ask asked urge propose proposal suggest invite encourage appeal demand
    hope wish want seek aim
    pledge promise vow commit undertake
    claim allege allegedly accuse purport
    agree concur consent decide
    consider considering
    expect anticipate
    """
)
_CALL_FOR = frozenset({"on", "for", "upon"})
# Words that one may stand for another when a release is told in other words.
MEANING = _grouped(
    """
    say said state stated note noted stress stressed emphasise emphasize underline underscore highlight mention remark
    say tell told express convey reiterate reaffirm affirm explain point voice
    announce announced unveil declare disclose
    meet met meeting talks talk discussion discuss consultation dialogue conversation spoke speak call
    agree agreed agreement consent
    decide decided decision
    visit visited trip travel travelled traveled
    help helped assist assistance aid support supported backing
    request requested ask asked
    plan planned intend intended intention
    begin began start started commence launch launched
    end ended conclude concluded finish finished
    build built construct construction
    buy bought purchase purchased
    give gave provide provided offer offered grant granted
    show showed demonstrate demonstrated
    important importance significant significance crucial vital key
    cooperate cooperation collaborate collaboration collaborative
    condemn condemned denounce denounced deplore
    concern concerned worry worried
    country countries nation nations
    increase increased rise rose grow grew growth expand expanded expansion
    decrease decreased fall fell decline declined reduce reduced reduction
    kill killed die died death dead
    hold held host hosted convened
    join joined accede acceded accession
    strengthen strengthened deepen deepened enhance enhanced bolster reinforce
    attend attended participate participated participation
    thank thanked gratitude appreciation appreciate appreciated
    release released publish published issue issued
    make made create created establish established found founded set
    send sent dispatch dispatched
    about regarding concerning
    job jobs employment
    people persons individuals
    company companies firm firms business corporation
    money fund funds funding
    war conflict
    deal accord pact treaty
    nearly approximately almost around roughly
    win won victory
    choose chose chosen select selected pick picked
    name named appoint appointed
    enter entered entry
    """
)
TITLES = frozenset(
    map(
        stem,
        """
        president vice prime foreign minister ministry secretary ambassador chancellor king queen prince general deputy
        mr mrs ms dr chairman senator director state department leader premier counsellor councilor special envoy
        """.split(),
    )
)
# A word of which these are the last letters is most likely a deed; others are told by a helping verb before them.
_DEED = re.compile(r"[a-z]{2,}ed$")
_DEEDS = frozenset(
    """
    said told met won sent gave took made held led left sought spoke wrote built bought sold paid lost beat chose
    says tells meets wins sends gives takes makes holds leads leaves seeks speaks asks requests urges supports
    visits agrees joins accuses invites welcomes thanks condemns criticises criticizes attacks defeats
    """.split()
)
_HELPS = frozenset("will would shall should can could may might must to did does do".split())
_PASSIVE = frozenset("is are was were be been being".split())
_TOKEN = re.compile(
    r"(?P<number>(?<![\w.])\d+(?:,\d{3})+(?:\.\d+)?|(?<![\w.])\d+(?:\.\d+)?(?=[a-z]{0,2}\b|\W|$))(?P<short>bn|mn|tn|[mbk])?(?![\w])"
    r"|(?P<word>[^\W_]+(?:['’][^\W_]+)?)|(?P<mark>[,;:()—–.!?])"
)


@dataclass(frozen=True)
class Token:
    """A word, a number or a mark between clauses; `place` is its position in the text's sentence number `sentence`.

    `key` is what it is compared by, a stem or a number's value; `name` says that it is written as a name.
    """

    key: str
    word: str
    sentence: int
    place: int
    name: bool = False
    first: bool = False
    mark: bool = False
    value: float | None = None

    @property
    def content(self) -> bool:
        """Whether it says something by itself."""
        return not (self.mark or self.value is not None or self.key in STOP_STEMS or self.key in _UNITS)


@dataclass(frozen=True)
class Number:
    """A number with its units, such as "percent", and the keys of the content words that follow it, the next first."""

    token: Token
    units: frozenset[str]
    counted: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    """A day or a month as a text gives it; what it leaves out is None."""

    month: int
    day: int | None
    year: int | None

    def agrees(self, other: "Day") -> bool:
        """Whether this one says nothing that the other does not say as well."""
        return (
            self.month == other.month
            and self.day in (None, other.day)
            and (self.year is None or self.year == other.year)
        )


class Facts:
    """What a text states: its tokens and days, and what follows from them. `year` completes days without one."""

    def __init__(self, text: str, year: int | None = None) -> None:
        self._year = year
        self.days, without = _days_cut(plainly_called(text))
        self.tokens: tuple[Token, ...] = tuple(_tokens(without))

    @classmethod
    def of(cls, tokens: Iterable[Token]) -> "Facts":
        """A part of a text, by its tokens."""
        part = cls("")
        part.tokens = tuple(tokens)
        return part

    @cached_property
    def keys(self) -> frozenset[str]:
        """Everything that is said, months and days included."""
        return frozenset(t.key for t in self.tokens if not t.mark) | self.months

    @cached_property
    def months(self) -> frozenset[str]:
        """The keys of its days, their months' names."""
        return frozenset(map(month_of, self.days))

    @cached_property
    def dated(self) -> tuple[Day, ...]:
        """Its days; one without a year is of the release's."""
        return tuple(Day(d.month, d.day, d.year or self._year) for d in self.days)

    @cached_property
    def names(self) -> tuple[Token, ...]:
        return tuple(t for t in self.tokens if t.name and t.key not in STOP_STEMS)

    @cached_property
    def sentences(self) -> tuple[tuple[Token, ...], ...]:
        found: dict[int, list[Token]] = defaultdict(list)
        for token in self.tokens:
            found[token.sentence].append(token)
        return tuple(map(tuple, found.values()))

    def together(self, within: int) -> frozenset[tuple[str, str]]:
        """The pairs of content words that stand within so many of each other in a sentence, in either order."""
        pairs = set()
        for sentence in self.sentences:
            told = [t.key for t in sentence if t.content or t.value is not None]
            for at, one in enumerate(told):
                for other in told[at + 1 : at + 1 + within]:
                    pairs |= {(one, other), (other, one)}
        return frozenset(pairs)

    @cached_property
    def lower(self) -> frozenset[str]:
        """The keys of what is written without a capital."""
        return frozenset(t.key for t in self.tokens if t.word[:1].islower())

    def about(self, said: "Facts") -> "Facts":
        """Its sentences that share at least two content words with what is said; all of it where there is no other."""
        wanted = {t.key for t in said.tokens if t.content}
        kept = {s[0].sentence for s in self.sentences if len(wanted & {t.key for t in s}) >= 2}
        if not kept or len(kept) == len(self.sentences):
            return self
        return Facts.of(t for t in self.tokens if t.sentence in kept)

    @cached_property
    def negated(self) -> tuple[tuple[Token, ...], ...]:
        """The content words that each negation is about, the nearest first."""
        return tuple(
            _scope(sentence, at)
            for sentence in self.sentences
            for at, t in enumerate(sentence)
            if t.key in _NEGATIONS or (t.key in _DENY_TO and any(n.word == "to" for n in sentence[at + 1 : at + 2]))
        )

    @cached_property
    def modal(self) -> tuple[tuple[str, tuple[Token, ...]], ...]:
        """Each modal word's kind with the content words that it is about."""
        found = []
        for sentence in self.sentences:
            for at, token in enumerate(sentence):
                kind = _MODAL.get(token.key)
                following = sentence[at + 1].word if at + 1 < len(sentence) else ""
                if token.key == "call" and following in _CALL_FOR:
                    kind = "request"
                if kind and not (token.word == "May" and not token.first):
                    found.append((kind, _scope(sentence, at)))
        return tuple(found)

    @cached_property
    def numbers(self) -> tuple["Number", ...]:
        """Each number with its units and what it counts."""
        found = []
        for sentence in self.sentences:
            for at, token in enumerate(sentence):
                if token.value is not None:
                    beside = (*sentence[max(0, at - 1) : at], *sentence[at + 1 : at + 3])
                    units = frozenset(t.key for t in beside if t.key in _UNITS)
                    counted = tuple(t.key for t in sentence[at + 1 : at + 4] if t.content)
                    found.append(Number(token, units, counted))
        return tuple(found)

    @cached_property
    def deeds(self) -> dict[str, list[tuple[frozenset[str], frozenset[str], frozenset[str], bool]]]:
        """For each deed the names directly before it, those anywhere before, those after, and whether it is passive."""
        found: dict[str, list[tuple[frozenset[str], frozenset[str], frozenset[str], bool]]] = defaultdict(list)
        for sentence in self.sentences:
            for at, token in enumerate(sentence):
                if token.name or not _is_deed(sentence, at):
                    continue
                passive = at > 0 and any(t.word in _PASSIVE for t in sentence[max(0, at - 2) : at])
                by = any(t.word == "by" for t in sentence[at + 1 : at + 8])
                found[token.key].append(
                    (
                        _actors(sentence, at),
                        named(sentence[:at]),
                        named(sentence[at + 1 :]),
                        passive and by,
                    )
                )
        return found


@dataclass(frozen=True)
class Ground:
    """What carries a statement: its quotes and the titles of their releases. What stands `around` the quotes only
    completes their names; "today" in them is the day on which a release was `published`.
    """

    quotes: Facts
    titles: Facts
    around: tuple[Facts, ...] = ()
    published: tuple[date, ...] = ()

    @cached_property
    def keys(self) -> frozenset[str]:
        return self.quotes.keys | self.titles.keys


def plainly_called(text: str) -> str:
    text = _SCHOOL_YEAR.sub(r"\1\2-\1\3", text)
    text = text.replace("’", "'").replace("‘", "'")
    for pattern, name in _CALLS:
        text = pattern.sub(name, text)
    for pattern, name in _SIGN:
        text = pattern.sub(name, text)
    return re.sub(r"\b(\w+)n't\b", lambda m: {"ca": "can", "wo": "will"}.get(m[1].lower(), m[1]) + " not", text)


_MONTH_AND_YEAR = re.compile(
    rf"\b(?P<month>{'|'.join(sorted((m.capitalize() for m in MONTHS), key=len, reverse=True))})\b\.?"
    r"(?:(?:,| of)?\s+(?P<year>(?:19|20)\d\d)\b)?"
)


def _days_cut(text: str) -> tuple[tuple[Day, ...], str]:
    """The days and months that a text names, and the text without them, at the same length."""
    days = []
    for found in find_dates(text):
        days.append(Day(found.month, found.day, found.year))
        text = text[: found.start] + " " * (found.end - found.start) + text[found.end :]
    for month in reversed(list(_MONTH_AND_YEAR.finditer(text))):
        opening = not text[: month.start()].strip()
        if month["month"] in ("May", "March", "Mar") and opening and not month["year"]:
            continue
        days.append(Day(MONTHS[month["month"].lower()], None, int(month["year"]) if month["year"] else None))
        text = text[: month.start()] + " " * (month.end() - month.start()) + text[month.end() :]
    return tuple(days), text


def month_of(day: Day) -> str:
    """The month's whole English name, in small letters."""
    return _MONTH_NAMES[day.month]


def _tokens(text: str) -> Iterator[Token]:
    for number, (start, end) in enumerate(sentence_spans(text)):
        place, opening = 0, True
        pending: Token | None = None
        for m in _TOKEN.finditer(text, start, end):
            token = _token(m, number, place, opening)
            place += 1
            opening = opening and token.mark
            # "3 million", "two hundred", "twenty-five"
            if pending and pending.value is not None:
                if token.word in _MAGNITUDES or (
                    token.value and pending.value >= 20 and token.value < 10 and _both_words(pending, token)
                ):
                    more = _MAGNITUDES.get(token.word)
                    value = pending.value * more if more else pending.value + (token.value or 0)
                    pending = Token(f"{value:g}", pending.word, number, pending.place, value=value)
                    continue
                yield pending
                pending = None
            if token.value is not None:
                pending = token
                continue
            yield token
        if pending:
            yield pending


def _both_words(one: Token, other: Token) -> bool:
    return one.word in _NUMBERS and other.word in _NUMBERS


def _token(m: re.Match[str], sentence: int, place: int, first: bool) -> Token:
    if m["mark"]:
        return Token(m["mark"], m["mark"], sentence, place, mark=True)
    if m["number"]:
        value = float(m["number"].replace(",", "")) * _SHORT_MAGNITUDES.get(m["short"] or "", 1.0)
        return Token(f"{value:g}", m["number"], sentence, place, value=value)
    word = m["word"].removesuffix("'s")
    plain = fold(word).replace("'", "")
    if plain in _NUMBERS and plain not in _NO_COUNT:
        value = _NUMBERS[plain]
        return Token(f"{value:g}", plain, sentence, place, value=value)
    plain = _ORDINALS.get(plain, plain)
    named = word[:1].isupper() and not (first and not word[1:2].isupper())
    return Token(key_of(plain), word, sentence, place, name=named, first=first)


def _scope(sentence: Sequence[Token], at: int) -> tuple[Token, ...]:
    """Up to three content words after a negation or a modal word, in its clause; of "X was denied", the one before."""
    found: list[Token] = []
    following = sentence[at + 1 :]
    for place, token in enumerate(following):
        # "requested that China, as a close neighbor, support …": what stands between the commas is passed over.
        if token.word == "," and not found:
            rest = [t.word for t in following[place + 1 :]]
            if "," in rest:
                return _scope(following, place + 1 + rest.index(","))
        if token.mark or token.word in ("but", "and", "while", "although") or len(found) == 3:
            break
        if token.content and not token.name and token.key not in _MODAL and token.key not in _NEGATIONS:
            found.append(token)
    return tuple(found)


def _is_deed(sentence: Sequence[Token], at: int) -> bool:
    word = sentence[at].word
    if sentence[at].mark or not word.islower():
        return False
    if _DEED.search(word) or word in _DEEDS:
        return True
    return at > 0 and sentence[at - 1].word in _HELPS and sentence[at].content


def _actors(sentence: Sequence[Token], at: int) -> frozenset[str]:
    """The names directly before a deed: "Park and Wang agreed", "China will support", not "the visit of Park was"."""
    found: list[str] = []
    for token in reversed(sentence[:at]):
        if token.name or (token.first and token.word[:1].isupper()):
            if token.key not in TITLES and token.key not in STOP_STEMS:
                found.append(token.key)
        elif not (
            token.word in _HELPS | _PASSIVE | {"and", "the", "of", "also", "not", "have", "has", "had"}
            or token.key in TITLES
        ):
            break
    return frozenset(found)


def named(tokens: Iterable[Token]) -> frozenset[str]:
    """The keys of the names among the tokens, without titles."""
    return frozenset(
        t.key
        for t in tokens
        if (t.name or (t.first and t.word[:1].isupper())) and t.key not in TITLES and t.key not in STOP_STEMS
    )


# Stems with one ending more are of one family ("libya", "libyan"), if the beginning is long enough.
_FAMILY, _ENDING = 4, 4


def covers(key: str, keys: frozenset[str]) -> bool:
    """Whether a stem, another of its family or another word of its meaning is among the keys."""
    if key in keys:
        return True
    if (meaning := MEANING.get(key)) and any(MEANING.get(k) == meaning for k in keys):
        return True
    return key.isalpha() and any(_related(key, k) for k in keys)


@lru_cache(maxsize=500_000)
def _related(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) < _FAMILY or len(long) - len(short) > _ENDING or not short.isascii():
        return False
    return long.startswith(short if len(short) <= _FAMILY else short[:-1])
