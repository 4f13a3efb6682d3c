"""`communique eval draft`: propose cases from the text of a release, for a person to keep, edit or reject one by one.

A rule looks at a sentence and proposes a question that it answers. To add one, write a function from a `Told` to
proposals and put it into `RULES`. Every decision is written down before the next is asked for, so that nothing is lost
when the work is interrupted, and the same command goes on where it ended.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.text import Text

from eval.cases import Case, Expected, check, read_cases, says
from ingest.dates import MONTHS
from vectorstore import Paragraph, Release
from vectorstore.sentences import sentence_spans

# What is told in the past, and the form that a question with "did" takes.
_DEEDS = dict(
    pair.split("=")
    for pair in """
    joined=join signed=sign ratified=ratify launched=launch established=establish announced=announce met=meet held=hold
    hosted=host visited=visit spoke=speak convened=convene agreed=agree adopted=adopt provided=provide
    contributed=contribute donated=donate pledged=pledge invested=invest allocated=allocate imposed=impose
    approved=approve issued=issue released=release delivered=deliver resumed=resume opened=open began=begin
    started=start completed=complete concluded=conclude took=take welcomed=welcome thanked=thank condemned=condemn
    reaffirmed=reaffirm discussed=discuss underscored=underscore reviewed=review expanded=expand committed=commit
    invited=invite appointed=appoint created=create increased=increase sent=send made=make received=receive
    """.split()
)
_SAYING = "said|stressed|noted|emphasized|emphasised|stated|explained|added|underscored|reaffirmed|reiterated|confirmed"
_MONTH = "|".join(name.capitalize() for name in sorted(MONTHS, key=len, reverse=True))
_WHEN = re.compile(
    rf"\s(?:on|in|by|until|since)\s+(?:[A-Z][a-z]+day,?\s+)?"
    rf"(?P<answer>(?:{_MONTH})\b\.?(?:\s\d{{1,2}}(?!\d))?(?:,?\s\d{{4}})?|\d{{1,2}}\s(?:{_MONTH})\b(?:\s\d{{4}})?"
    rf"|(?:19|20)\d\d)(?![\w%-])"
)
_ABOUT = r"(?:(?:more than|over|about|around|nearly|almost|at least|up to|an? additional)\s)?"
_MONEY = re.compile(
    rf"^(?P<answer>{_ABOUT}(?:an?\s)?(?:US|C|A)?[$€£¥]\s?\d[\d.,]*\d?(?:\s(?:million|billion|trillion))?)\b\s?"
)
_COUNT = re.compile(
    rf"^(?P<answer>{_ABOUT}\d[\d,.]*(?:\s(?:million|billion))?)\s(?P<what>(?:[a-z-]+\s){{0,2}}[a-z-]{{3,}}s)\b\s?"
)
_PURPOSE = re.compile(r"\s(?P<answer>(?:in order to|because|due to|so that|in response to|in honor of|to mark)\s.+)$")
# A name is capitals and the small words between them; "the two sides" are the one exception.
_WORD = r"(?:[A-Z][\w’'.-]*|of|the|for|and|to|on)"
_ACTOR = rf"(?:(?:The|Both|Our)\s(?:two\s)?[a-z]+|[A-Z][\w’'.-]*(?:\s{_WORD}){{0,12}}(?:,\sJr\.)?)"
_TOLD = re.compile(
    rf"^(?P<who>{_ACTOR})\s(?:also\s)?(?:(?P<will>will)\s(?:also\s)?(?P<base>[a-z]+)|(?P<past>{'|'.join(_DEEDS)}))\s"
    rf"(?P<rest>.+?)[.!]?$",
    re.DOTALL,
)
_SAID = re.compile(rf"^(?P<who>{_ACTOR})\s(?:also\s)?(?P<how>{_SAYING})\sthat\s(?P<what>.+?)[.!]?$", re.DOTALL)
# What is stated: the past form, in which a release tells it, and the bare one, in which a declaration says it.
_STATING = dict(
    pair.split("=")
    for pair in """
    discussed=discuss reaffirmed=reaffirm affirmed=affirm underscored=underscore stressed=stress emphasized=emphasize
    emphasised=emphasise highlighted=highlight reiterated=reiterate welcomed=welcome condemned=condemn
    appreciated=appreciate requested=request urged=urge encouraged=encourage announced=announce reviewed=review
    outlined=outline expressed=express recognized=recognize recognised=recognise acknowledged=acknowledge
    supported=support
    """.split()
)
_STATED = re.compile(
    rf"^(?:(?P<nobody>He|She|They|We)|(?P<who>{_ACTOR}))\s(?:(?:also|both|jointly|further|strongly)\s)?"
    rf"(?:(?P<past>{'|'.join(_STATING)})|(?P<base>{'|'.join(_STATING.values())}))\s(?:that\s)?(?P<what>.+?)[.!]?$",
    re.DOTALL,
)
_WITH = re.compile(
    r"^(?:(?:today|yesterday|by phone|virtually|again|in [A-Z]\w+),?\s)*with\s(?P<answer>[A-Z].+?)"
    r"(?=\s(?:to|about|on|in|at|by|for|during|regarding|yesterday|today|this|virtually|as|and discussed)\b|,(?!\sJr)|$)"
)
# Whom these mean is told elsewhere, so that a question about them could not be understood; or they are no actors.
_NOBODY = re.compile(
    r"^(?:he|she|it|they|we|i|this|these|that|those|there|such|who|which|what|as|if|when|since|in|on|at|from|with|by|to"
    r"|for|and|but|thanks|during|after|before|following|building|most|many|some|all)\b",
    re.IGNORECASE,
)
# These are somebody else in every release; the release has to be named with them.
_ANYBODY = re.compile(
    r"^(?:(?:the|both|two|our)\s(?:two\s)?[a-z]+|the (?:vice )?president|the prime minister|leaders|ministers)$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    rf"^[*※\s]*(?:(?:Today|Yesterday|Earlier today|On [A-Z][a-z]+day|(?:On|In) (?:{_MONTH})[^,]{{0,12}}),\s)?"
)
# Where the rest of a sentence begins to tell something else.
_ASIDE = re.compile(r";|,\s(?:which|where|who|noting|while)\b|\sand\s(?:pledged|welcomed|discussed|agreed|expressed)\b")
_LONGEST = 110
_LONGEST_ANSWER = 300
_MORE_OF_THIS = "The release may say more of this: keep it if this is the answer, else narrow the question."

KEYS = "[k]eep  [e]dit  [r]eject  [s]kip this release  [q]uit: "


@dataclass(frozen=True)
class Told:
    """A sentence, `paragraph.text[start:end]`, taken apart: `who` did (`base`, the bare verb) `rest`.

    `helper` is the word with which one asks: "did" or "will".
    """

    release: Release
    paragraph: Paragraph
    start: int
    end: int
    who: str
    helper: str
    base: str
    rest: str

    @property
    def asked_of(self) -> str:
        """`who` as it stands inside a question."""
        return re.sub(r"^(?:The|Both|Two|Our)\b", lambda m: m.group().lower(), self.who)

    @property
    def there(self) -> str:
        """Names the release where `who` does not tell which one is meant."""
        return f", according to “{self.release.title}”" if _ANYBODY.match(self.who) else ""

    def quote(self, words: str) -> str:
        """The words of the sentence from its verb to the end of `words`, or the words alone where that is long."""
        sentence = self.paragraph.text[self.start : self.end]
        at = sentence.find(words)
        begin = sentence.find(self.who) + len(self.who) + 1
        return sentence[begin : at + len(words)] if 0 < at + len(words) - begin <= _LONGEST and at >= begin else words


@dataclass(frozen=True)
class Proposal:
    """A case that a rule proposes, with the place it was taken from and a remark for who decides about it."""

    case: Case
    release: Release
    paragraph: Paragraph
    remark: str = ""


def when(told: Told) -> Iterator[Proposal]:
    """A date in the sentence: when did it happen?"""
    if (found := _WHEN.search(f" {told.rest}")) and (rest := _shortened(told.rest[: max(0, found.start() - 1)])):
        yield _answerable(told, "date", f"When {told.helper} {told.asked_of} {told.base} {rest}", found["answer"])


def how_much(told: Told) -> Iterator[Proposal]:
    """A sum of money or a number of things right after the verb."""
    if (found := _MONEY.match(told.rest)) and (rest := _shortened(told.rest[found.end() :])):
        yield _answerable(told, "number", f"How much {told.helper} {told.asked_of} {told.base} {rest}", found["answer"])
    elif (found := _COUNT.match(told.rest)) and (rest := _shortened(told.rest[found.end() :])):
        question = f"How many {found['what']} {told.helper} {told.asked_of} {told.base} {rest}"
        yield _answerable(told, "number", question, found["answer"])


def who(told: Told) -> Iterator[Proposal]:
    """A named actor: who did it?"""
    if not _ANYBODY.match(told.who) and told.helper == "did":
        past = next(past for past, base in _DEEDS.items() if base == told.base)
        if rest := _shortened(told.rest):
            yield _answerable(told, "who_said", f"Who {past} {rest}", told.who)


def why(told: Told) -> Iterator[Proposal]:
    """A purpose or a cause at the sentence's end."""
    if (found := _PURPOSE.search(told.rest)) and (rest := _shortened(told.rest[: found.start()])):
        yield _answerable(told, "why", f"Why {told.helper} {told.asked_of} {told.base} {rest}", found["answer"])


def with_whom(told: Told) -> Iterator[Proposal]:
    """A meeting or a call: with whom, on the release's day?"""
    if told.base in ("meet", "speak") and (found := _WITH.match(told.rest)) and len(found["answer"]) <= _LONGEST:
        day = told.release.date
        then = f" on {day:%-d %B %Y}" if day else f", according to “{told.release.title}”"
        question = f"Whom {told.helper} {told.asked_of} {told.base} with{then}"
        yield _answerable(told, "fact", question, found["answer"])


RULES: dict[str, Callable[[Told], Iterator[Proposal]]] = {
    "when": when,
    "how_much": how_much,
    "why": why,
    "with_whom": with_whom,
    "who": who,
}


def proposals(releases: Sequence[Release]) -> Iterator[Proposal]:
    """Proposals release by release, in the order of the text: what sentences answer, a numbered paragraph, and
    questions that nothing answers, made by asking of one actor what another one did."""
    for release in releases:
        told = [*_told(release)]
        names = list(dict.fromkeys(t.who for t in told if not _ANYBODY.match(t.who)))
        asked = set()
        for one in told:
            # The first rule that has something to ask; several questions about one sentence only tire a person.
            found = next(filter(None, ([*rule(one)] for rule in RULES.values())), [])
            yield from found
            yield from _turned_around(one, found, names)
            asked |= {(one.paragraph.index, one.start) for _ in found}
        for proposal, sentence in (*_said(release), *_stated(release)):
            if sentence not in asked:
                asked.add(sentence)
                yield proposal
        yield from _by_number(release)


def _told(release: Release) -> Iterator[Told]:
    for paragraph in release.paragraphs:
        for start, end in sentence_spans(paragraph.text):
            sentence = _LEAD.sub("", paragraph.text[start:end])
            if (found := _TOLD.match(sentence)) and not _NOBODY.match(found["who"]):
                helper, base = ("will", found["base"]) if found["will"] else ("did", _DEEDS[found["past"]])
                yield Told(release, paragraph, start, end, found["who"], helper, base, found["rest"])


Sentence = tuple[int, int]
"""A paragraph's index, and where in its text the sentence begins."""


def _said(release: Release) -> Iterator[tuple[Proposal, Sentence]]:
    """Who said so, for each sentence in which somebody says that something is so."""
    for paragraph in release.paragraphs:
        for start, end in sentence_spans(paragraph.text):
            found = _SAID.match(paragraph.text[start:end])
            if found is None or _NOBODY.match(found["who"]) or _ANYBODY.match(found["who"]):
                continue
            told = Told(release, paragraph, start, end, found["who"], "did", "say", found["what"])
            if what := _shortened(found["what"]):
                proposal = _answerable(told, "who_said", f"Who {found['how']} that {what}", found["who"])
                yield proposal, (paragraph.index, start)


def _stated(release: Release) -> Iterator[tuple[Proposal, Sentence]]:
    """What was discussed, reaffirmed or asked for; of the whole release, since other releases tell of others.

    A question is proposed once, of the first sentence that answers it.
    """
    asked = set()
    for paragraph in release.paragraphs:
        for start, end in sentence_spans(paragraph.text):
            sentence = paragraph.text[start:end]
            lead = _LEAD.match(sentence)
            found = _STATED.match(sentence[lead.end() :] if lead else sentence)
            if found is None or (found["who"] and _NOBODY.match(found["who"])):
                continue
            answer = _ASIDE.split(found["what"])[0].rstrip(" ,.")
            if len(answer) > _LONGEST_ANSWER:
                continue
            question = _what(found, release.title)
            if question not in asked:
                asked.add(question)
                case = _case(release, paragraph, "fact", question, answer, answer)
                yield Proposal(case, release, paragraph, _MORE_OF_THIS), (paragraph.index, start)


def _what(found: re.Match[str], title: str) -> str:
    if found["base"]:
        # In the words of a declaration, which speaks for whoever made it.
        return f"What does “{title}” {found['base']}?"
    if found["nobody"]:
        return f"What was {found['past']}, according to “{title}”?"
    who = re.sub(r"^(?:The|Both|Our)\b", lambda m: m.group().lower(), found["who"])
    return f"What did {who} {_STATING[found['past']]}, according to “{title}”?"


def _by_number(release: Release) -> Iterator[Proposal]:
    """The middle one of the paragraphs that the release numbers itself."""
    numbered = [p for p in release.paragraphs if p.numbered]
    if numbered:
        paragraph = numbered[len(numbered) // 2]
        start, end = sentence_spans(paragraph.text)[0]
        answer = paragraph.text[start:end]
        question = f"What does paragraph {paragraph.number} of “{release.title}” say?"
        case = _case(release, paragraph, "paragraph_number", question, answer, answer)
        yield Proposal(case, release, paragraph)


def _turned_around(told: Told, found: Iterable[Proposal], names: Sequence[str]) -> Iterator[Proposal]:
    """The same of the next other actor: a question that looks answered and is not."""
    others = [name for name in names if name not in told.who and told.who not in name]
    for proposal in found:
        case = proposal.case
        if not others or told.asked_of not in case.question:
            continue
        question = case.question.replace(told.asked_of, others[0], 1)
        missing = f"stated of {told.who}, not of {others[0]}"
        made = replace(
            case,
            id=_id(told.release, told.paragraph, question),
            question=question,
            kind="confusable",
            answerable=False,
            expected=(),
            must=(),
            answer="",
            missing=missing,
        )
        remark = f"Not to be answered: {missing}. Keep it only if no release states it."
        yield Proposal(made, told.release, told.paragraph, remark)


def _answerable(told: Told, kind: str, question: str, answer: str) -> Proposal:
    question = f"{question.rstrip(' ,')}{told.there}?"
    case = _case(told.release, told.paragraph, kind, question, answer, told.quote(answer))
    return Proposal(case, told.release, told.paragraph)


def _case(release: Release, paragraph: Paragraph, kind: str, question: str, answer: str, quote: str) -> Case:
    question = " ".join(question.split())
    return Case(
        id=_id(release, paragraph, question),
        question=question,
        kind=kind,
        language=release.language,
        expected=(Expected(release.id, paragraph.index, quote),),
        must=(re.escape(_core(" ".join(answer.split()))).replace(r"\ ", " "),),
        answer=" ".join(answer.split()),
    )


def _core(answer: str) -> str:
    """What of an answer must be said in any wording: without "more than", and of a sentence its first words."""
    return " ".join(re.sub(f"^{_ABOUT}", "", answer).split()[:6])


def _id(release: Release, paragraph: Paragraph, question: str) -> str:
    return "draft-" + sha256(f"{release.id} {paragraph.index} {question}".encode()).hexdigest()[:10]


def _shortened(rest: str) -> str:
    """The rest of a sentence as far as its first clause goes; empty where that is too long to be asked."""
    rest = " ".join(re.sub(r"\b(?:today|yesterday|this (?:morning|afternoon))\b", "", rest).split())
    first = re.split(r"(?<=\w)(?:[;:]|,\s(?:and|which|where|who|as|including|with)\b)", rest)[0].rstrip(" ,.")
    return first if len(first) <= _LONGEST else ""


class Draft:
    """A file of cases that grows, and beside it, in `FILE.decided`, which proposals were decided about."""

    def __init__(self, file: Path) -> None:
        """Raises ValueError, naming the line, for a file that holds something else than cases."""
        self.file = file
        self._decided = file.with_name(file.name + ".decided")
        self.cases = read_cases(file) if file.is_file() and file.stat().st_size else []
        ids = self._decided.read_text(encoding="utf-8").split() if self._decided.is_file() else []
        # A kill between the two writes leaves a case that is in the file alone.
        self.decided: set[str] = {*ids, *(case.id for case in self.cases)}

    def keep(self, proposed: str, case: Case) -> None:
        """Add a case; `proposed` is the id of the proposal that it was made from."""
        line = {name: value for name, value in asdict(case).items() if value not in ((), "") or name == "history"}
        _append(self.file, json.dumps(line, ensure_ascii=False))
        self.cases.append(case)
        self.decide(proposed)

    def decide(self, proposed: str) -> None:
        _append(self._decided, proposed)
        self.decided.add(proposed)


def _append(file: Path, line: str) -> None:
    """Add a line that is on the disk when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as out:
        # A line cut short by a kill must not run into this one.
        if out.seek(0, os.SEEK_END) and (out.seek(-1, os.SEEK_END), out.read(1))[1] != b"\n":
            out.write(b"\n")
        out.write(line.encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())


def decide(draft: Draft, found: Iterable[Proposal], ask: Callable[[str], str], console: Console) -> bool:
    """Put each proposal that was not decided before to a person; false when they quit before the end.

    `ask` shows a prompt and returns what was typed; EOFError ends the work as "q" does.
    """
    skipped: set[str] = set()
    for proposal in found:
        if proposal.case.id in draft.decided or proposal.release.id in skipped:
            continue
        case = proposal.case
        try:
            while True:
                _show(replace(proposal, case=case), console)
                key = ask(KEYS).strip().lower()[:1]
                if key == "e":
                    case = _edited(case, ask)
                elif key == "k" and (problems := check([case], {proposal.release.id: proposal.release})):
                    console.print(Text(f"Not yet: {problems[0]}", "red"))
                elif key in ("k", "r", "s", "q"):
                    break
        except (EOFError, KeyboardInterrupt):
            return False
        if key == "k":
            draft.keep(proposal.case.id, case)
        elif key == "r":
            draft.decide(proposal.case.id)
        elif key == "s":
            skipped.add(proposal.release.id)
        else:
            return False
    return True


def _show(proposal: Proposal, console: Console) -> None:
    case, text = proposal.case, Text(proposal.paragraph.text)
    for expected in case.expected:
        if expected.quote and (at := text.plain.find(expected.quote)) >= 0:
            text.stylize("bold underline", at, at + len(expected.quote))
    console.print()
    day = f", {proposal.release.date}" if proposal.release.date else ""
    console.print(Text(f"{proposal.release.title}{day}, {proposal.paragraph.label}", "dim"))
    console.print(text)
    console.print(Text(f"\n{case.kind}:  {case.question}", "bold"))
    console.print(Text(f"answer:  {case.answer or 'not stated'}"))
    for name, value in (("must say", " and ".join(case.must)), ("missing", case.missing)):
        if value:
            console.print(Text(f"{name}:  {value}"))
    if proposal.remark:
        console.print(Text(proposal.remark, "yellow"))


def _edited(case: Case, ask: Callable[[str], str]) -> Case:
    """The case as typed anew, field by field; an empty line leaves a field as it is."""
    case = replace(case, question=ask(f"question [{case.question}]: ").strip() or case.question)
    if not case.answerable:
        return replace(case, missing=ask(f"missing [{case.missing}]: ").strip() or case.missing)
    answer = ask(f"answer [{case.answer}]: ").strip() or case.answer
    quote = ask(f"quote [{case.expected[0].quote}]: ").strip() or case.expected[0].quote
    kept = case.must if all(says(answer, pattern) for pattern in case.must) else (re.escape(answer),)
    typed = ask(f"must say, a regular expression [{' and '.join(kept)}]: ").strip()
    expected = (replace(case.expected[0], quote=quote),)
    return replace(case, answer=answer, expected=expected, must=(typed,) if typed else kept)
