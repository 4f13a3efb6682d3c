"""Put every case to the assistant, and keep the answers together with what is needed to have them again."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from pydantic import TypeAdapter

from assistant.answer import Answer
from eval.cases import Case
from eval.judge import Judgement
from eval.metrics import Figure, Result, figures
from vectorstore import Release

Progress = Callable[[int, int], None]

# How many of the paragraphs found are kept with their text, for whoever reads why a case was lost.
_FOUND_KEPT = 5

# Other versions of these can give other figures.
_PACKAGES = ("chromadb", "llama-index-core", "onnxruntime", "sentence-transformers", "tantivy", "torch")


class Asked(Protocol):
    """What is measured: `assistant.Assistant`, or anything that can stand in for it."""

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer: ...

    def release(self, release_id: str, version: int | None = None) -> Release | None: ...

    def releases(self) -> list[Release]: ...


@dataclass(frozen=True)
class Machine:
    """Where the seconds were measured. `cores` are those this process may use."""

    cpu: str
    cores: int
    system: str
    python: str

    def __str__(self) -> str:
        return f"{self.cpu}, {self.cores} cores, {self.system}, Python {self.python}"


@dataclass(frozen=True)
class Data:
    """What was searched. Two runs with one `fingerprint` searched the same texts."""

    releases: int
    paragraphs: int
    since: date | None
    until: date | None
    fingerprint: str


@dataclass(frozen=True)
class Run:
    """All answers of one evaluation, with its settings, code version, machine and data.

    `judgements` are a language model's, where one was asked; no metric takes notice of them.
    """

    date: datetime
    code: str
    machine: Machine
    packages: Mapping[str, str]
    data: Data
    settings: Mapping[str, Any]
    results: tuple[Result, ...] = field(repr=False)
    judgements: tuple[Judgement, ...] = ()

    @cached_property
    def figures(self) -> dict[str, Figure]:
        return figures(self.results)

    def save(self, folder: Path) -> None:
        """Write `run.json` (everything but the answers, with the figures) and `answers.jsonl` (a result a line)."""
        folder.mkdir(parents=True, exist_ok=True)
        head = _RUN.dump_python(
            self, mode="json", exclude={"results"} if self.judgements else {"results", "judgements"}
        )
        head["figures"] = {name: asdict(found) for name, found in self.figures.items()}
        with (folder / "answers.jsonl").open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_RESULT.dump_json(result).decode() + "\n" for result in self.results)
        # Last, so that a folder with a run.json is a whole run.
        (folder / "run.json").write_text(json.dumps(head, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


_RUN = TypeAdapter(Run)
_RESULT = TypeAdapter(Result)


def read_run(folder: Path) -> Run:
    """A run as `save` wrote it; its figures are computed anew. Raises OSError where the folder holds none."""
    head = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    lines = (folder / "answers.jsonl").read_text(encoding="utf-8").split("\n")
    # Not validated together with the head: JSON alone may give a list where a tuple is meant.
    results = tuple(_RESULT.validate_json(line) for line in lines if line)
    return _RUN.validate_python(head | {"results": results})


def evaluate(
    assistant: Asked,
    cases: Sequence[Case],
    settings: Mapping[str, Any] | None = None,
    progress: Progress = lambda done, total: None,
) -> Run:
    """Ask every case and keep every answer. `settings` are what the assistant was opened with, for the record."""
    # Asked now: a checkout may be another one by the time that the last case is answered.
    code = code_version()
    results = []
    for case in cases:
        results.append(result_of(assistant, case))
        progress(len(results), len(cases))
    return Run(
        date=datetime.now(UTC).replace(microsecond=0),
        code=code,
        machine=this_machine(),
        packages=_package_versions(),
        data=_data(assistant),
        settings=dict(settings or {}) | {"answerers": sorted({r.answer["answerer"] for r in results})},
        results=tuple(results),
    )


def result_of(assistant: Asked, case: Case) -> Result:
    """Ask one case, and read the cited paragraphs again from the store, so that its quotes can be held against them."""
    answer = assistant.ask(case.question, history=case.history)
    cited = tuple(_text(assistant, c.release_id, c.index, c.version) for c in answer.citations)
    expected = tuple(_text(assistant, *e.place) for e in case.expected)
    found = tuple(m.paragraph.text for m in answer.matches[:_FOUND_KEPT])
    return Result(case, answer.to_dict(), cited, expected, found)


def _text(assistant: Asked, release_id: str, index: int, version: int | None = None) -> str | None:
    release = assistant.release(release_id, version)
    return next((p.text for p in release.paragraphs if p.index == index), None) if release else None


def _data(assistant: Asked) -> Data:
    releases = [r for listed in assistant.releases() if (r := assistant.release(listed.id))]
    dates = [r.date for r in releases if r.date]
    return Data(
        releases=len(releases),
        paragraphs=sum(len(r.paragraphs) for r in releases),
        since=min(dates, default=None),
        until=max(dates, default=None),
        fingerprint=sha256("\n".join(sorted(f"{r.id} {r.fingerprint}" for r in releases)).encode()).hexdigest()[:16],
    )


def this_machine() -> Machine:
    """The processor, the cores this process may use, the system and Python's version."""
    return Machine(_processor(), _cores(), f"{platform.system()} {platform.machine()}", platform.python_version())


def _processor() -> str:
    # platform.processor() is empty or only "x86_64" on Linux.
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _package_versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def code_version() -> str:
    """The package's version and, where it runs from a checkout, what `git describe` calls that."""
    try:
        number = version("communique")
    except PackageNotFoundError:
        number = "not installed"
    described = _git("describe", "--tags", "--always", "--dirty")
    return f"{number} ({described})" if described else number


def _git(*arguments: str) -> str:
    here = Path(__file__)
    try:
        # An installed copy can lie inside another project's checkout, whose version would mean nothing here.
        tracked = ["git", "-C", str(here.parent), "ls-files", "--error-unmatch", here.name]
        subprocess.run(tracked, check=True, capture_output=True)
        command = ["git", "-C", str(here.parent), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
