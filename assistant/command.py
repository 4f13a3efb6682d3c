"""The `communique` command: reads arguments, calls the library, prints. The one place that looks across all folders."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assistant.answer import Answer
from assistant.assistant import Assistant, data_folder, open_assistant
from vectorstore import Catalogue, Paragraph, Release, ReleaseStore, open_catalogue, open_store
from vectorstore.embeddings import DEFAULT_EMBEDDING, EMBEDDINGS

DONE, SOME_FAILED, WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 some sources failed, 2 wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except (ValueError, OSError) as error:
        # Known errors are one line; anything else is a defect and shows its trace.
        print(f"communique: {' '.join(str(error).split())}", file=sys.stderr)
        return WRONG_USAGE
    except KeyboardInterrupt:
        print("communique: stopped; what was done is kept, and the same command goes on from there", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", metavar="DIR", help="data folder (else COMMUNIQUE_DATA, else the platform's)")
    common.add_argument(
        "--embedding",
        metavar="NAME",
        help=f"embedding model: {', '.join(EMBEDDINGS)}, a folder or OWNER/NAME of the hub",
    )
    parser = argparse.ArgumentParser(
        prog="communique", description="Ask official press releases; every answer is quoted."
    )
    parser.add_argument("--version", action="version", version=f"communique {version('communique')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:  # noqa: A002
        made = commands.add_parser(name, parents=[common], help=help, description=help)
        made.set_defaults(run=run)
        return made

    ingest = command("ingest", _ingest, "read releases from files and folders and keep them in step")
    ingest.add_argument("sources", nargs="+", metavar="SOURCE", help="a file or a folder")
    ingest.add_argument("--json", action="store_true", help="print the report as JSON")

    ask = command("ask", _ask, "answer a question with quotes from the releases")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--history", action="append", default=[], metavar="TURN", help="an earlier question, oldest first")
    ask.add_argument("--llm", metavar="NAME", help="a language model that words the answers")
    ask.add_argument("--since", type=_day, metavar="DATE", help="only releases of this day or later, as 2023-11-26")
    ask.add_argument("--until", type=_day, metavar="DATE", help="only releases of this day or earlier")
    ask.add_argument(
        "--batch", metavar="FILE", help='JSON lines {"id","question","history":[…]}; "-" reads standard input'
    )
    ask.add_argument("--json", action="store_true", help="print the answer as JSON")

    serve = command("serve", _serve, "serve the chat page and the REST interface")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=7860)

    from eval.command import add_arguments
    from eval.command import main as run_evaluation

    add_arguments(command("eval", run_evaluation, "measure the assistant against cases with known answers"))

    listing = command("list", _list, "list the releases, newest first")
    listing.add_argument("--json", action="store_true", help="print one JSON object a line")

    show = command("show", _show, "print a release, or exactly the text of one of its paragraphs")
    show.add_argument("release", metavar="RELEASE", help="a release's id")
    show.add_argument(
        "paragraph", nargs="?", metavar="PARAGRAPH", help="a paragraph's number as cited, or #INDEX from 0"
    )
    show.add_argument("--release-version", type=int, metavar="N", help="as it read in version N")
    show.add_argument("--json", action="store_true", help="print as JSON")

    history = command("history", _history, "show how a release was corrected")
    history.add_argument("release", metavar="RELEASE")

    remove = command("remove", _remove, "delete releases with all their versions")
    remove.add_argument("releases", nargs="+", metavar="RELEASE")

    command("reindex", _reindex, "make vectors and words anew from the catalogue, also for another embedding model")
    command("doctor", _doctor, "check the installation and the data folder")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2023-11-26") from None


def _store(options: argparse.Namespace, *, fresh: bool = False) -> ReleaseStore:
    return open_store(
        data_folder(options.data),
        embedding=options.embedding or os.environ.get("COMMUNIQUE_EMBEDDING") or DEFAULT_EMBEDDING,
        catalogue=os.environ.get("COMMUNIQUE_CATALOGUE"),
        vectors=os.environ.get("COMMUNIQUE_VECTORS"),
        fresh=fresh,
    )


def _catalogue(options: argparse.Namespace) -> Catalogue:
    return open_catalogue(data_folder(options.data), os.environ.get("COMMUNIQUE_CATALOGUE"))


def _open(options: argparse.Namespace) -> Assistant:
    return open_assistant(options.data, getattr(options, "llm", None), embedding=options.embedding)


def _ingest(options: argparse.Namespace) -> int:
    from ingest import ingest

    with _store(options) as store, _Progress("Indexing releases") as progress:
        report = ingest(store, options.sources, progress)
    for failure in report.failed:
        print(f"communique: {failure.origin}: {failure.reason}", file=sys.stderr)
    for remark in report.remarks:
        print(f"communique: {remark.origin}: {remark.reason}", file=sys.stderr)
    if options.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        print(
            f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, {report.removed} removed, "
            f"{len(report.failed)} failed; {report.releases:,} releases with {report.paragraphs:,} paragraphs "
            f"in {report.seconds:.1f} s"
        )
    return SOME_FAILED if report.failed else DONE


class _Progress:
    """A bar with rate and time left on a terminal; silent elsewhere."""

    def __init__(self, what: str) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task(what, total=None)

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)


def _ask(options: argparse.Namespace) -> int:
    if options.batch and options.question:
        raise ValueError("give a QUESTION or --batch FILE, not both")
    if options.batch:
        with _open(options) as assistant:
            return _batch(assistant, options)
    if options.question is None:
        raise ValueError('there is no question; try: communique ask "When did China join the Apostille Convention?"')
    with _open(options) as assistant:
        answer = assistant.ask(options.question, options.history, since=options.since, until=options.until)
    print(json.dumps(answer.to_dict(), ensure_ascii=False) if options.json else _readable(answer))
    return DONE


def _batch(assistant: Assistant, options: argparse.Namespace) -> int:
    """One object a line, in order; a line that cannot be asked gives {"id", "error"} and exit status 1."""
    if options.batch == "-":
        lines = sys.stdin.read().splitlines()
    else:
        lines = Path(options.batch).read_text(encoding="utf-8").splitlines()
    status = DONE
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        asked: Any = {}
        try:
            asked = json.loads(line)
            if not isinstance(asked, dict) or not isinstance(asked.get("question"), str):
                raise ValueError('a line is {"id","question","history":[…]}')
            history = asked.get("history") or []
            if not isinstance(history, list) or not all(isinstance(turn, str) for turn in history):
                raise ValueError('"history" is a list of strings')
            answer = assistant.ask(asked["question"], history, since=options.since, until=options.until)
            made = {"id": asked.get("id"), **answer.to_dict()}
        except ValueError as error:
            status = SOME_FAILED
            made = {"id": asked.get("id") if isinstance(asked, dict) else None, "error": f"line {number}: {error}"}
            print(f"communique: {options.batch}: {made['error']}", file=sys.stderr)
        print(json.dumps(made, ensure_ascii=False), flush=True)
    return status


def _readable(answer: Answer) -> str:
    lines = [answer.text]
    if answer.remark:
        lines.append(answer.remark)
    if answer.citations:
        lines.append("")
    for c in answer.citations:
        lines += [
            f"[{c.number}] {c.title}{_dated(c.date)}, {c.label}",
            f'    "{c.quote}"' if answer.text.count(c.quote) == 0 else f"    {c.url or c.release_id}",
        ]
    if answer.status == "not_stated" and answer.matches:
        lines += ["", "Nearest paragraphs:"]
        for match in answer.matches[:3]:
            text = " ".join(match.paragraph.text.split())
            lines.append(f"  {match.release.title}{_dated(match.release.date)}, {match.paragraph.label}")
            lines.append(f"    {text if len(text) <= 160 else text[:160].rsplit(' ', 1)[0] + ' …'}")
    return "\n".join(lines)


def _dated(day: date | None) -> str:
    return f", {day:%-d %B %Y}" if day else ", undated"


def _serve(options: argparse.Namespace) -> int:
    from assistant.server import serve

    with _open(options) as assistant:
        serve(assistant, options.host, options.port)
    return DONE


def _list(options: argparse.Namespace) -> int:
    for release in _catalogue(options).listing():
        if options.json:
            print(json.dumps(release.facts(), ensure_ascii=False))
        else:
            print(f"{release.date or 'undated   '}  {release.title}\n            {release.id}")
    return DONE


def _known(catalogue: Catalogue, release_id: str, number: int | None = None) -> Release:
    release = catalogue.get(release_id, number)
    if release is None:
        which = f"version {number} of " if number else ""
        raise ValueError(f"there is no {which}release {release_id!r}; `communique list` shows all")
    return release


def _show(options: argparse.Namespace) -> int:
    release = _known(_catalogue(options), options.release, options.release_version)
    if options.paragraph is None:
        print(json.dumps(release.to_dict(), ensure_ascii=False) if options.json else _as_text(release))
        return DONE
    paragraph = _paragraph(release, options.paragraph)
    print(json.dumps(paragraph.to_dict(), ensure_ascii=False) if options.json else paragraph.text)
    return DONE


def _paragraph(release: Release, wanted: str) -> Paragraph:
    for paragraph in release.paragraphs:
        if f"#{paragraph.index}" == wanted or paragraph.is_called(wanted.removeprefix("¶")):
            return paragraph
    numbers = [p.number for p in release.paragraphs]
    raise ValueError(f"{release.id} has no paragraph {wanted!r}; it has {numbers[0]} to {numbers[-1]}")


def _as_text(release: Release) -> str:
    source = f" ({release.date_source})" if release.date_source else ""
    head = [release.title, f"{release.date or 'undated'}{source} · version {release.version} · {release.id}"]
    head += [release.url] if release.url else []
    width = max((len(p.number) for p in release.paragraphs), default=1)
    body = [f"{p.number if p.numbered else f'({p.number})':>{width + 2}}  {p.text}" for p in release.paragraphs]
    return "\n".join([*head, "", *body])


def _history(options: argparse.Namespace) -> int:
    import difflib

    catalogue = _catalogue(options)
    _known(catalogue, options.release)
    readings = [(v, _known(catalogue, options.release, v.version)) for v in catalogue.versions(options.release)]
    before: list[str] = []
    for seen, release in readings:
        print(
            f"Version {seen.version}, read {seen.read_at:%Y-%m-%d %H:%M} UTC: "
            f"{release.title} ({release.date or 'undated'})"
        )
        lines = [f"{p.number}. {p.text}" for p in release.paragraphs]
        if before:
            changed = [d for d in difflib.ndiff(before, lines) if d[0] in "+-"]
            print("\n".join(changed) or "  only title, date or address changed")
        before = lines
    return DONE


def _remove(options: argparse.Namespace) -> int:
    with _store(options) as store:
        unknown = [release_id for release_id in options.releases if not store.remove(release_id)]
    for release_id in unknown:
        print(f"communique: there is no release {release_id!r}; `communique list` shows all", file=sys.stderr)
    print(f"{len(options.releases) - len(unknown)} removed")
    return SOME_FAILED if unknown else DONE


def _reindex(options: argparse.Namespace) -> int:
    with _store(options, fresh=True) as store, _Progress("Indexing releases") as progress:
        done = store.catch_up(progress)
    print(f"{done:,} releases indexed with {store.embedder.name}")
    return DONE


def _doctor(options: argparse.Namespace) -> int:
    """Print what is installed and what the data folder holds; exit 1 when something must be mended, saying how."""
    import platform

    folder = data_folder(options.data)
    print(f"communique {version('communique')}, Python {platform.python_version()}, {platform.platform()}")
    for package in ("chromadb", "gradio", "llama-index-core", "sentence-transformers", "tantivy", "torch"):
        print(f"  {package} {version(package)}")
    print(f"data folder {folder}")
    with _store(options) as store:
        span = store.span()
        behind = store.catalogue.to_index_count()
        print(f"  embedding {store.embedder.name}, weights {store.embedder.weights_sha256[:12]}")
        print(
            f"  {span.releases:,} releases, {store.catalogue.paragraph_count():,} paragraphs, "
            f"{span.since} to {span.until}"
        )
        counted = store.paragraph_count()
        if behind or counted != store.catalogue.paragraph_count():
            print(f"  {behind} releases are not indexed yet: run communique reindex --data {folder}")
            return SOME_FAILED
    print("  catalogue, vectors and words agree")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
