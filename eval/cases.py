"""Read gold cases and prove that they fit the releases they ask about.

A file holds one JSON object a line, with the fields of `Case`; only `id`, `question` and, for a question that can be
answered, `expected` are required. To add a kind of question, put it with its meaning into `KINDS`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from vectorstore import Release

Place = tuple[str, int]
"""Where a paragraph stands: its release's id and its 0-based index."""

CASES = Path(__file__).parent / "cases"
"""The project's own cases, over the releases of `ingest/samples`."""

KINDS: dict[str, str] = {
    "fact": "something that was said or done",
    "date": "when it was, is or will be",
    "number": "how many, how much, how long",
    "who_said": "who said or did it",
    "definition": "what something is or is called",
    "list": "several things that stand together",
    "comparison": "what two or more releases or paragraphs say of one thing",
    "latest": "the latest, the first, or the last before a date",
    "paraphrase": "a fact asked for without the release's own words",
    "paragraph_number": "what a paragraph says that is asked for by its number",
    "followup": "understood only after the turns before it",
    "topic_switch": "follows other turns but has nothing to do with them",
    "korean": "asked in Korean over a release in English",
    "keyword": "a few words, no sentence",
    "why": "a reason or a purpose",
    "yes_no": "whether something is so",
    "near_miss": "close to what a release states, but this is not stated",
    "false_premise": "takes for granted what the releases deny or do not state",
    "off_topic": "outside what the releases are about",
    "confusable": "stated of a neighbour: another person, date, place or event",
}
"""The kinds of question and what each means. Some are always unanswerable; any kind can be."""


@dataclass(frozen=True)
class Expected:
    """A paragraph with the answer, and the exact words that hold it. Without `index`, whichever holds these words."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    release_id: str
    index: int | None = None
    quote: str = ""

    @property
    def place(self) -> Place:
        if self.index is None:
            raise ValueError(f"where {self.quote!r} stands in {self.release_id} is not known yet; call located() first")
        return self.release_id, self.index


@dataclass(frozen=True)
class Case:
    """One gold question with its expected paragraphs.

    `history` holds the earlier user turns, oldest first. `need` says whether each of `expected` alone answers the
    question or all are needed. A right answer matches every pattern of `must` and none of `must_not` (Python regular
    expressions, case ignored). `answer` is a short reference; `missing` says what no release states.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    id: str
    question: str
    history: tuple[str, ...] = ()
    kind: str = "fact"
    language: str = "en"
    answerable: bool = True
    expected: tuple[Expected, ...] = ()
    need: Literal["any", "all"] = "any"
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    answer: str = ""
    missing: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        """The expected paragraphs, each once: two quotes can stand in one."""
        return tuple(dict.fromkeys(e.place for e in self.expected))


_LINE = TypeAdapter(Case)


def read_cases(path: Path) -> list[Case]:
    """The cases of one JSONL file, or of all `*.jsonl` files of a folder in the order of their names.

    Raises ValueError, naming file and line, for a line that is no case, an id given twice, and where there is no case.
    """
    cases, faults = read_each(path)
    if faults:
        raise ValueError(faults[0])
    return cases


def read_each(path: Path) -> tuple[list[Case], list[str]]:
    """The lines that are cases, and what is wrong with every other line, naming file and line.

    Raises ValueError for a file that cannot be read, and where nothing is in it.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    cases: dict[str, Case] = {}
    faults = []
    for where, line in (found for file in files for found in _lines(file)):
        try:
            case = _case(line)
            if case.id in cases:
                raise ValueError(f"a case with the id {case.id!r} was read before; give this one another")
            cases[case.id] = case
        except ValueError as error:
            faults.append(f"{where}: {error}")
    if not cases and not faults:
        raise ValueError(f"{path} holds no cases; it should be a JSONL file or a folder of *.jsonl files")
    return list(cases.values()), faults


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} cannot be read as UTF-8: {error}") from None
    # Not splitlines: JSON strings may hold U+2028 and other characters at which that would cut.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{file}, line {number}", line


def _case(line: str) -> Case:
    try:
        case = _LINE.validate_json(line)
    except ValidationError as error:
        # A field whose name is mistyped is unknown and missing; the first says more.
        unknown = "unexpected_keyword_argument"
        first = next((e for e in error.errors() if e["type"] == unknown), error.errors()[0])
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == unknown:
            known = Expected if field.startswith("expected.") else Case
            told = f"there is no such field; there are {', '.join(one.name for one in fields(known))}"
        else:
            told = first["msg"]
        raise ValueError(f"{field}: {told}" if field else told) from None
    if not case.question.strip():
        raise ValueError("the question is empty")
    if case.answerable and not case.expected:
        raise ValueError('no paragraph is expected; give one, or say "answerable": false')
    if broken := _broken_patterns(case):
        raise ValueError(broken[0])
    return case


def _broken_patterns(case: Case) -> list[str]:
    broken = []
    for pattern in (*case.must, *case.must_not):
        try:
            re.compile(pattern)
        except re.error as error:
            broken.append(f"{pattern!r} is not a regular expression: {error}")
    return broken


def located(cases: Iterable[Case], releases: Mapping[str, Release]) -> list[Case]:
    """The cases with every index filled in from the quote; one that is nowhere gets index 0, which `check` reports."""
    return [
        replace(case, expected=tuple(_located(e, releases.get(e.release_id)) for e in case.expected)) for case in cases
    ]


def _located(expected: Expected, release: Release | None) -> Expected:
    if expected.index is not None:
        return expected
    paragraphs = release.paragraphs if release else ()
    return replace(expected, index=next((p.index for p in paragraphs if expected.quote in p.text), 0))


def check(cases: Sequence[Case], releases: Mapping[str, Release]) -> list[str]:
    """What is wrong with the cases, a line each that begins with the case's id; empty when they can be trusted.

    Every expected paragraph has a quote that is an exact part of it; every pattern compiles, what a right answer must
    say is said by the reference answer (by an expected quote where there is no reference), and what it must not say by
    neither; kinds are those of KINDS; ids and questions come once; what cannot be answered expects nothing.
    """
    problems = []
    ids: set[str] = set()
    questions: dict[tuple[str, ...], str] = {}
    for case in cases:
        found = [*_misplaced(case, releases), *_mispatterned(case)]
        if case.kind not in KINDS:
            found.append(f"there is no kind {case.kind!r}; there are {', '.join(KINDS)}")
        if case.id in ids:
            found.append("the id comes twice")
        ids.add(case.id)
        same = asked(case.question, case.history)
        if same in questions:
            found.append(f"asks the same as {questions[same]}: {case.question!r}")
        questions.setdefault(same, case.id)
        if not case.answerable and (case.expected or case.must or case.answer):
            found.append("cannot be answered, yet expects something")
        problems += [f"{case.id}: {problem}" for problem in found]
    return problems


def asked(question: str, history: Sequence[str]) -> tuple[str, ...]:
    """A question with the turns before it, the same for two that differ in capitals, spaces and punctuation alone.

    A follow-up such as "And when?" asks something else after another history.
    """
    return tuple(" ".join(re.findall(r"\w+", turn.casefold())) for turn in (*history, question))


def _misplaced(case: Case, releases: Mapping[str, Release]) -> Iterator[str]:
    for expected in case.expected:
        release = releases.get(expected.release_id)
        if release is None:
            yield f"there is no release {expected.release_id!r}"
            continue
        paragraph = next((p for p in release.paragraphs if p.index == expected.place[1]), None)
        if paragraph is None:
            yield f"{expected.release_id!r} has no paragraph with index {expected.index}"
        elif not expected.quote:
            yield f"no quote says where in paragraph {expected.index} of {expected.release_id!r} the answer stands"
        elif expected.quote not in paragraph.text:
            yield f"paragraph {expected.index} of {expected.release_id!r} does not say {expected.quote!r}"


def _mispatterned(case: Case) -> Iterator[str]:
    if broken := _broken_patterns(case):
        yield from broken
        return
    quotes = [e.quote for e in case.expected]
    for pattern in case.must if case.answerable else ():
        if not any(says(text, pattern) for text in ([case.answer] if case.answer else quotes)):
            yield f"{'the reference answer does not say' if case.answer else 'no expected quote says'} {pattern!r}"
    for pattern in case.must_not:
        if any(says(text, pattern) for text in (case.answer, *quotes)):
            yield f"the reference answer or an expected quote says {pattern!r}, which a right answer must not"


_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " "})


def says(text: str, pattern: str) -> bool:
    """Whether a pattern is found in a text; capitals, runs of white space and shapes of quotation marks are ignored."""
    return _compiled(pattern).search(" ".join(text.translate(_PLAIN).split())) is not None


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.translate(_PLAIN), re.IGNORECASE)
