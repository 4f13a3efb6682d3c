"""Read the cases that the reader and the confidence are trained on, and prove that they fit their releases.

They lie in `eval/training`, a slice a pair of files: `releases-x.jsonl` as records that `communique ingest` reads, and
`cases-x.jsonl` with the fields of `TrainingCase`. `SPLITS` says what each slice may be used for. None of the releases
is a sample and none stands in the gold set, so that the gold set measures what was never seen.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import digits
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from eval.cases import KINDS, asked

TRAINING = Path(__file__).parent / "training"

Split = Literal["training", "calibration", "held out"]

SPLITS: dict[str, Split] = {
    **dict.fromkeys("abcdfghijknopqrstuvwxyz", "training"),
    **dict.fromkeys(("aa", "ab", "ac", "ad", "ae", "af", "ag", "ah"), "training"),
    **dict.fromkeys("el", "calibration"),
    "m": "held out",
}
"""What a slice is for. Nothing is fitted, chosen or tuned by looking at a slice that is held out."""


@dataclass(frozen=True)
class Gold:
    """A sentence that answers, `sentence in paragraphs[paragraph_index]`, and the shortest words of it that do."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    release_id: str
    paragraph_index: int
    sentence: str
    quote: str


@dataclass(frozen=True)
class TrainingCase:
    """A question about one release, answered by each of `gold` or by none of the releases.

    `history` holds the earlier user turns, oldest first. `mirror_of` names the answerable case that an unanswerable one
    turns around; `missing` says what is not stated.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    id: str
    release_id: str
    question: str
    history: tuple[str, ...]
    kind: str
    language: str
    answerable: bool
    gold: tuple[Gold, ...]
    answer: str
    mirror_of: str | None
    missing: str

    @property
    def slice(self) -> str:
        """The letters of the slice, with which every id begins."""
        return self.id.rstrip(digits)

    @property
    def split(self) -> Split:
        return SPLITS[self.slice]


_LINE = TypeAdapter(TrainingCase)


def read_training(folder: Path = TRAINING, split: Split | None = None) -> list[TrainingCase]:
    """The cases of every slice, or of those of one split. Raises ValueError, naming file and line, for what is none."""
    cases = []
    for path in sorted(folder.glob("cases-*.jsonl")):
        for number, line in _lines(path):
            try:
                cases.append(_LINE.validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"]))
                raise ValueError(f"{path}, line {number}: {field}: {first['msg']}") from None
    return [case for case in cases if split is None or SPLITS.get(case.slice) == split]


def read_training_releases(folder: Path = TRAINING) -> dict[str, dict[str, Any]]:
    """The records of every slice by their ids, with the text as it was published, Markdown included."""
    records = [json.loads(line) for path in sorted(folder.glob("releases-*.jsonl")) for _, line in _lines(path)]
    return {record["id"]: record for record in records}


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    # Not splitlines: JSON strings may hold U+2028 and other characters at which that would cut.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.strip():
            yield number, line


def check_training(
    cases: Iterable[TrainingCase], releases: Mapping[str, Mapping[str, Any]], reserved: Collection[str]
) -> list[str]:
    """What is wrong with the cases, a line each that begins with the case's id; empty when they can be trusted.

    `reserved` are the ids of the samples and of the releases of the gold set.
    """
    cases = list(cases)
    problems = [f"{i}: the release is a sample or stands in the gold set" for i in releases if i in reserved]
    answerable = {case.id: case.answerable for case in cases}
    times = Counter(case.id for case in cases)
    questions: dict[tuple[str, ...], str] = {}
    for case in cases:
        found = [*_wrong_fields(case), *_misquoted(case, releases)]
        if times[case.id] > 1:
            found.append("the id comes twice")
        if case.mirror_of and not answerable.get(case.mirror_of, False):
            found.append(f"mirrors {case.mirror_of!r}, which is no answerable case")
        same = questions.setdefault(asked(case.question, case.history), case.id)
        if same != case.id:
            found.append(f"asks the same as {same}: {case.question!r}")
        problems += [f"{case.id}: {problem}" for problem in found]
    return problems


def _wrong_fields(case: TrainingCase) -> Iterator[str]:
    if case.slice not in SPLITS:
        yield f"belongs to no slice of {', '.join(SPLITS)}"
    if case.kind not in KINDS:
        yield f"there is no kind {case.kind!r}"
    if not case.question.strip():
        yield "the question is empty"
    if case.answerable and not (case.gold and case.answer.strip()):
        yield "can be answered, yet has no sentence or no reference answer"
    if not case.answerable and (case.gold or case.answer or not case.missing.strip()):
        yield "cannot be answered, so it has an answer too many or does not say what is missing"


def _misquoted(case: TrainingCase, releases: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    # A question about nothing in the archive belongs to no release.
    if case.kind != "off_topic" and case.release_id not in releases:
        yield f"there is no release {case.release_id!r}"
    for gold in case.gold:
        paragraphs = releases.get(gold.release_id, {}).get("paragraphs", [])
        if not 0 <= gold.paragraph_index < len(paragraphs):
            yield f"{gold.release_id!r} has no paragraph with index {gold.paragraph_index}"
        elif not gold.sentence or gold.sentence not in paragraphs[gold.paragraph_index]:
            yield f"paragraph {gold.paragraph_index} of {gold.release_id!r} does not say {gold.sentence!r}"
        elif not gold.quote or gold.quote not in gold.sentence:
            yield f"the sentence does not hold {gold.quote!r}"
