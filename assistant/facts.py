"""Read what a text states that must not change on its way into an answer, and say what one text states beyond another.

`RULES` is the table of what is compared. To add a rule, write a function that is given the statement and what carries
it and says in a few words what is wrong, or None, and put it into the table. Rules look for contradictions and
additions, never for omissions: a statement may say less than its quotes, but nothing else. They were written for
English; in other languages numbers, dates and words are compared.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import combinations, pairwise

from ingest.dates import MONTHS, find_dates
from vectorstore.language import STOP_STEMS, fold, stem
from vectorstore.sentences import sentence_spans

# What has several names, by the one that it is compared by; the longer of two goes first.
_CALLED = {
    r"(?:the )?democratic people['’]?s republic of korea|north koreans?|dprk": "northkorea",
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
_PAIRS = frozenset(
    map(stem, "side sides country countries nation ministers leaders parties governments presidents".split())
)
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
def _key(plain: str) -> str:
    return stem(_PAST.get(plain, plain))


def _grouped(text: str) -> dict[str, str]:
    """Stem → the first word of its line."""
    lines = [line.split() for line in text.strip().splitlines()]
    return {_key(word): line[0] for line in lines for word in line}


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
# What may stand for what: a plan is told with "will", and what is expected to come, too.
_ALLOWED = {"will": {"will", "plan", "expect"}, "plan": {"plan", "will"}, "expect": {"expect", "will"}}
_CONDITIONS = frozenset({"if", "unless", "provid"})
# Each line: words of one direction | words of the other.
_OPPOSITES = [
    tuple(frozenset(map(_key, side.split())) for side in line.split("|"))
    for line in """
    increase rise grow growth climb gain surge expand raise up | decrease fall decline drop shrink reduce cut lower down
    continue maintain resume extend | suspend halt stop cease terminate discontinue cancel
    begin start launch open | close finish shut
    support back endorse | oppose
    accept approve adopt | reject veto decline
    win won | lose lost
    import | export
    buy purchase | sell sold sale
    before prior ahead | after since following
    more above over exceed | less below under fewer
    higher | lower
    strengthen deepen enhance improve | weaken worsen deteriorate undermine
    join accede enter | leave withdraw quit exit
    allow permit authorise authorize | ban prohibit forbid bar
    impose tighten | lift ease remove
    welcome praise commend applaud | regret condemn criticise criticize deplore denounce
    confirm | deny
    succeed success | fail failure
    earliest first | last latest
    least minimum | most maximum
    north northern | south southern
    east eastern | west western
    male men | female women
    """.strip().splitlines()
    for sides in [line.split("|")]
    if len(sides) == 2
]
# Words that one may stand for another when a release is told in other words.
_MEANING = _grouped(
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
_TITLES = frozenset(
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
        self.days, without = _days_cut(_plainly_called(text))
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
        return frozenset(map(_month, self.days))

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
                        _named(sentence[:at]),
                        _named(sentence[at + 1 :]),
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


def _plainly_called(text: str) -> str:
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


def _month(day: Day) -> str:
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
    return Token(_key(plain), word, sentence, place, name=named, first=first)


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
            if token.key not in _TITLES and token.key not in STOP_STEMS:
                found.append(token.key)
        elif not (
            token.word in _HELPS | _PASSIVE | {"and", "the", "of", "also", "not", "have", "has", "had"}
            or token.key in _TITLES
        ):
            break
    return frozenset(found)


def _named(tokens: Iterable[Token]) -> frozenset[str]:
    return frozenset(
        t.key
        for t in tokens
        if (t.name or (t.first and t.word[:1].isupper())) and t.key not in _TITLES and t.key not in STOP_STEMS
    )


def _numbers(said: Facts, ground: Ground) -> str | None:
    held: dict[str, list[Number]] = defaultdict(list)
    for number in (*ground.quotes.numbers, *ground.titles.numbers):
        held[number.token.key].append(number)
    years = {f"{d.year}" for d in (*ground.quotes.dated, *ground.titles.dated) if d.year}
    # What another number counts: "12 ministers and 3 days" does not carry "3 ministers".
    first_counted = {n.counted[0]: key for key, numbers in held.items() for n in numbers if n.counted}
    for number in said.numbers:
        key, word = number.token.key, number.token.word
        if key not in held:
            if key in years or (key == "2" and (_PAIRS & set(number.counted) or "both" in ground.quotes.keys)):
                continue
            return f"the number {word} is not in its quotes"
        if number.units and not any(number.units <= other.units for other in held[key]):
            return f"{word} {' '.join(sorted(number.units))} is not in its quotes"
        counts = number.counted[:1]
        if counts and first_counted.get(counts[0], key) != key and not any(counts[0] in o.counted for o in held[key]):
            return f"{word} counts something else in its quotes"
    return None


# Stems with one ending more are of one family ("libya", "libyan"), if the beginning is long enough.
_FAMILY, _ENDING = 4, 4


def covers(key: str, keys: frozenset[str]) -> bool:
    """Whether a stem, another of its family or another word of its meaning is among the keys."""
    if key in keys:
        return True
    if (meaning := _MEANING.get(key)) and any(_MEANING.get(k) == meaning for k in keys):
        return True
    return key.isalpha() and any(_related(key, k) for k in keys)


@lru_cache(maxsize=500_000)
def _related(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) < _FAMILY or len(long) - len(short) > _ENDING or not short.isascii():
        return False
    return long.startswith(short if len(short) <= _FAMILY else short[:-1])


def _dates(said: Facts, ground: Ground) -> str | None:
    held = (*ground.quotes.dated, *ground.titles.dated)
    if "today" in ground.quotes.keys:
        held += tuple(Day(d.month, d.day, d.year) for d in ground.published)
    years = {float(d.year) for d in held if d.year} | {
        t.value for t in (*ground.quotes.tokens, *ground.titles.tokens) if t.value is not None
    }
    for day in said.days:
        if any(day.agrees(other) for other in held):
            continue
        # "in October and November 2023"
        if day.year in years and any(
            Day(day.month, day.day, None).agrees(other) and other.year in (None, day.year) for other in held
        ):
            continue
        told = f"{day.day} {_month(day).capitalize()}" if day.day else _month(day).capitalize()
        return f"the date {told}{f' {day.year}' if day.year else ''} is not in its quotes"
    return None


def _names(said: Facts, ground: Ground) -> str | None:
    opening = [t for t in said.tokens if t.first and t.word[:1].isupper() and not t.name and t.content]
    common = ground.quotes.lower | ground.titles.lower | frozenset().union(*(r.lower for r in ground.around))
    for token in (*said.names, *(t for t in opening if t.key not in common and t.key not in _COMMON_OPENINGS)):
        if token.key in _TITLES or covers(token.key, ground.keys) or _is_written_out(token, said, ground):
            continue
        return f"the name {token.word} is not in its quotes"
    return None


_COMMON_OPENINGS = frozenset(
    map(
        stem,
        """
        according additionally also both during following however meanwhile officials moreover regarding leaders
        ministers participants furthermore representatives negotiations talks discussions people another instead thus
        therefore later earlier finally then subsequently similarly specifically notably overall together although
        because since despite through among within without upon until several many some most few each every once
        further yes currently previously recently today
        """.split(),
    )
)


def _is_written_out(token: Token, said: Facts, ground: Ground) -> bool:
    """Whether the release writes the name next to one that the quotes hold: "Park Jin" for a quoted "Park"; or an
    acronym stands for a run of capitals in the quotes.
    """
    neighbours = {
        other.key
        for sentence in said.sentences
        for at, other in enumerate(sentence)
        if (other.name or other.first)
        and any(t is token for t in sentence[max(0, at - 2) : at + 3])
        and other is not token
    } & ground.keys - _TITLES
    for release in ground.around:
        for sentence in release.sentences:
            for at, other in enumerate(sentence):
                if (
                    other.key == token.key
                    and other.name
                    and neighbours & {t.key for t in sentence[max(0, at - 1) : at + 2]}
                ):
                    return True
    if token.word.isupper() and len(token.word) > 1:
        initials = "".join(t.word[0] for t in ground.quotes.tokens if t.word[:1].isupper())
        return token.word in initials
    return False


def _negation(said: Facts, ground: Ground) -> str | None:
    quoted = ground.quotes.about(said)
    inside = {t for scope in said.negated for t in scope}
    outside = {t.key for t in said.tokens if t not in inside}
    denied = {t for scope in quoted.negated for t in scope}
    affirmed = {t.key for t in quoted.tokens if t not in denied}
    for scope in said.negated:
        if scope and not {t.key for t in scope} & {t.key for t in denied}:
            return f"it denies “{scope[0].word}”, which its quotes do not"
        if not scope and not quoted.negated:
            return "it denies what its quotes do not"
    for scope in quoted.negated:
        if scope and scope[0].key in outside - affirmed and scope[0].key not in {t.key for t in inside}:
            return f"it leaves out that its quotes deny “{scope[0].word}”"
    return None


def _modality(said: Facts, ground: Ground) -> str | None:
    quoted = ground.quotes.about(said)
    kinds = {kind for kind, _ in quoted.modal}
    for kind, _ in said.modal:
        if not _ALLOWED.get(kind, {kind}) & kinds:
            return f"its quotes do not say it as a “{kind}”"
    inside = {t for _, scope in said.modal for t in scope}
    outside = {t.key for t in said.tokens if t not in inside} - {t.key for t in inside}
    qualified = {t for _, scope in quoted.modal for t in scope}
    plain = {t.key for t in quoted.tokens if t not in qualified}
    for kind, scope in quoted.modal:
        if kind != "consider" and scope and scope[0].key in outside - plain:
            return f"it leaves out the “{kind}” that its quotes put before “{scope[0].word}”"
    wanted = {t.key for t in said.tokens if t.content}
    if not said.keys & _CONDITIONS:
        for sentence in quoted.sentences:
            keys = {t.key for t in sentence}
            if (
                keys & _CONDITIONS
                and len(wanted & keys) >= 2
                and not any(
                    len(wanted & {t.key for t in other}) >= len(wanted & keys)
                    for other in quoted.sentences
                    if other is not sentence
                )
            ):
                return "it leaves out a condition of its quotes"
    return None


def _direction(said: Facts, ground: Ground) -> str | None:
    held = ground.keys
    for one, other in (pair for a, b in _OPPOSITES for pair in ((a, b), (b, a))):
        told = said.keys & one
        if told and not held & one and (against := ground.quotes.keys & other - said.keys):
            return f"it says “{min(told)}” where its quotes say “{min(against)}”"
    ways = {"from": {"to"}, "to": {"from"}}
    for way, others in ways.items():
        for name in _after(said, way):
            if name not in _after(ground.quotes, way) and any(name in _after(ground.quotes, o) for o in others):
                return f"its quotes do not say {way} “{name}”"
    return None


def _after(facts: Facts, way: str) -> frozenset[str]:
    """The names directly after a word such as "from"."""
    found = set()
    for sentence in facts.sentences:
        for at, token in enumerate(sentence):
            if token.word == way:
                for following in sentence[at + 1 : at + 3]:
                    if following.name and following.key not in _TITLES:
                        found.add(following.key)
                        break
    return frozenset(found)


def _who(said: Facts, ground: Ground) -> str | None:
    for deed, doings in said.deeds.items():
        told = ground.quotes.deeds.get(deed)
        if not told or deed in _TOGETHER:
            continue
        for actors, _before, after, passive in doings:
            if not actors or passive:
                continue
            for actor in actors:
                # A name that the quotes do not hold is another rule's.
                if actor in ground.quotes.keys and all(_is_other(actor, after, *doing) for doing in told):
                    return f"in its quotes “{deed}” is not what “{actor}” did"
    return None


def _is_other(
    actor: str,
    after: frozenset[str],
    actors: frozenset[str],
    before: frozenset[str],
    behind: frozenset[str],
    passive: bool,
) -> bool:
    """Whether a deed as quoted is not the actor's: another is named directly before it, or he only after it."""
    if passive:
        return actor in before and actor not in behind and bool(behind)
    if actors:
        return actor not in actors and not (actor in before and not actors & after)
    return actor in behind and actor not in before and bool(before)


def _exchanged(said: Facts, ground: Ground) -> str | None:
    """ "Opened by the king" for "opened by the mayor": one word for another between the same words."""
    told = {t.key: t.word for t in said.tokens if t.content}
    keys = _order(said.tokens)
    for sentence in ground.quotes.sentences:
        quoted = {t.key: t.word for t in sentence if t.content}
        order = _order(sentence)
        alike = SequenceMatcher(None, keys, order, autojunk=False)
        for kind, first, last, begin, end in alike.get_opcodes():
            if kind != "replace" or last - first != 1 or end - begin != 1 or first == 0:
                continue
            one, other = keys[first], order[begin]
            if one in told and other in quoted and other not in said.keys and not covers(one, ground.keys):
                return f"it says “{told[one]}” where its quotes say “{quoted[other]}”"
    return None


# So many words of what somebody said make a statement his.
_SAID_BY = 3


def _speaker(said: Facts, ground: Ground) -> str | None:
    """ "Wang's view was that …" for "Park said that …": words in the mouth of one whom that sentence does not name."""
    first = next((frozenset({t.key}) for t in said.tokens if _named([t])), frozenset())
    told = {t.key for t in said.tokens if t.content}
    for sentence in ground.quotes.sentences:
        for at, token in enumerate(sentence[:-2]):
            if _MEANING.get(token.key) == "say" and "that" in (sentence[at + 1].word, sentence[at + 2].word):
                speakers, words = _named(sentence[:at]), {t.key for t in sentence[at + 1 :] if t.content}
                strange = first and speakers and not first & {t.key for t in sentence}
                if strange and len(told & words) >= _SAID_BY:
                    return f"its quotes have “{min(speakers)}” say it"
    return None


# A pair of names stands the other way round when so many more neighbours agree once the two are exchanged.
_BETTER = 2


def _turned(said: Facts, ground: Ground) -> str | None:
    """ "The thanks of Rome for the people of Kyiv" for "the thanks of Kyiv for the people of Rome"; a list may be in
    any order, a passive turns names around, and what two do together may be told from either side.
    """
    names = {t.key: t.word for t in said.tokens if (t.name or t.first) and t.key in ground.quotes.keys}
    keys = _order(said.tokens)
    for sentence in ground.quotes.sentences:
        order = _order(sentence)
        neighbours = set(pairwise(order))
        if not neighbours or _is_passive(said.tokens) != _is_passive(sentence):
            continue
        places = [n for n, key in enumerate(keys) if key in names and key in order]
        for one, other in combinations(places, 2):
            between = set(keys[one + 1 : other])
            if between <= set(names) or between & _TOGETHER:
                continue
            turned = keys.copy()
            turned[one], turned[other] = keys[other], keys[one]
            agree, better = (sum(pair in neighbours for pair in pairwise(k)) for k in (keys, turned))
            if better >= agree + _BETTER:
                return f"“{names[keys[one]]}” and “{names[keys[other]]}” have changed places"
    return None


# What two do with each other may be told from either side.
_TOGETHER = frozenset(map(stem, "meet talk speak discuss confer agree call with between and".split()))


def _is_passive(tokens: Iterable[Token]) -> bool:
    return any(t.word == "by" for t in tokens)


def _order(tokens: Iterable[Token]) -> list[str]:
    return [t.key for t in tokens if t.content or t.value is not None]


Rule = Callable[[Facts, Ground], str | None]
RULES: dict[str, Rule] = {
    "number": _numbers,
    "date": _dates,
    "name": _names,
    "negation": _negation,
    "modality": _modality,
    "direction": _direction,
    "actor": _who,
    "exchange": _exchanged,
    "order": _turned,
    "speaker": _speaker,
}


def broken(said: Facts, ground: Ground) -> Iterator[tuple[str, str]]:
    """Each rule of RULES that a statement breaks, with what is wrong."""
    for name, rule in RULES.items():
        if fault := rule(said, ground):
            yield name, fault
