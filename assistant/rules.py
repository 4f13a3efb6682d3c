"""Say what one text states beyond another.

`RULES` is the table of what is compared. To add a rule, write a function that is given the statement and what carries
it and says in a few words what is wrong, or None, and put it into the table. Rules look for contradictions and
additions, never for omissions: a statement may say less than its quotes, but nothing else. They were written for
English; in other languages numbers, dates and words are compared.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from itertools import combinations, pairwise

from assistant.facts import MEANING, TITLES, Day, Facts, Ground, Number, Token, covers, key_of, month_of, named
from vectorstore.language import stem

# What may stand for what: a plan is told with "will", and what is expected to come, too.
_ALLOWED = {"will": {"will", "plan", "expect"}, "plan": {"plan", "will"}, "expect": {"expect", "will"}}
_CONDITIONS = frozenset({"if", "unless", "provid"})
# Each line: words of one direction | words of the other.
_OPPOSITES = [
    tuple(frozenset(map(key_of, side.split())) for side in line.split("|"))
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
_PAIRS = frozenset(
    map(stem, "side sides country countries nation ministers leaders parties governments presidents".split())
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
        told = f"{day.day} {month_of(day).capitalize()}" if day.day else month_of(day).capitalize()
        return f"the date {told}{f' {day.year}' if day.year else ''} is not in its quotes"
    return None


def _names(said: Facts, ground: Ground) -> str | None:
    opening = [t for t in said.tokens if t.first and t.word[:1].isupper() and not t.name and t.content]
    common = ground.quotes.lower | ground.titles.lower | frozenset().union(*(r.lower for r in ground.around))
    for token in (*said.names, *(t for t in opening if t.key not in common and t.key not in _COMMON_OPENINGS)):
        if token.key in TITLES or covers(token.key, ground.keys) or _is_written_out(token, said, ground):
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
    } & ground.keys - TITLES
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
                    if following.name and following.key not in TITLES:
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
    first = next((frozenset({t.key}) for t in said.tokens if named([t])), frozenset())
    told = {t.key for t in said.tokens if t.content}
    for sentence in ground.quotes.sentences:
        for at, token in enumerate(sentence[:-2]):
            if MEANING.get(token.key) == "say" and "that" in (sentence[at + 1].word, sentence[at + 2].word):
                speakers, words = named(sentence[:at]), {t.key for t in sentence[at + 1 :] if t.content}
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
