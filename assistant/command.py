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
from assistant.assistant import Assistant, open_assistant
from assistant.llms import LLMS, NO_LLM
from assistant.upkeep import DONE, SOME_FAILED, WRONG_USAGE, add_commands, day
from vectorstore.embeddings import EMBEDDINGS

# What a shell reports of a program that a closed pipe ended.
READER_LEFT = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 some sources failed, 2 wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        status = int(options.run(options))
        # What is still waiting to be printed belongs to the command, and so does a reader who has left.
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # `communique list | head`: nobody reads on. The interpreter would complain at its end, too, unless it has
        # somewhere to write to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT
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

    add_commands(command)

    ask = command("ask", _ask, "answer a question with quotes from the releases")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument("--history", action="append", default=[], metavar="TURN", help="an earlier question, oldest first")
    _add_llm(ask)
    ask.add_argument("--since", type=day, metavar="DATE", help="only releases of this day or later, as 2023-11-26")
    ask.add_argument("--until", type=day, metavar="DATE", help="only releases of this day or earlier")
    ask.add_argument("--as-of", type=day, metavar="DATE", help='the day that "last week" counts from (default: today)')
    ask.add_argument(
        "--batch", metavar="FILE", help='JSON lines {"id","question","history":[…]}; "-" reads standard input'
    )
    ask.add_argument("--json", action="store_true", help="print the answer as JSON")

    serve = command("serve", _serve, "serve the chat page and the REST interface")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=7860)
    _add_llm(serve)

    from eval.command import add_arguments
    from eval.command import main as run_evaluation

    add_arguments(command("eval", run_evaluation, "measure the assistant against cases with known answers"))
    return parser


def _add_llm(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--llm",
        metavar="NAME",
        help=f"a language model that words the answers, as KIND:MODEL, KIND one of {', '.join(LLMS)}; "
        f'"{NO_LLM}" for none (default: COMMUNIQUE_LLM, else none)',
    )


def _days(options: argparse.Namespace) -> dict[str, date | None]:
    return {"since": options.since, "until": options.until, "as_of": options.as_of}


def _open(options: argparse.Namespace) -> Assistant:
    return open_assistant(options.data, getattr(options, "llm", None), embedding=options.embedding)


def _ask(options: argparse.Namespace) -> int:
    if options.batch and options.question:
        raise ValueError("give a QUESTION or --batch FILE, not both")
    if options.batch:
        with _open(options) as assistant:
            return _batch(assistant, options)
    if options.question is None:
        raise ValueError('there is no question; try: communique ask "When did China join the Apostille Convention?"')
    with _open(options) as assistant:
        answer = assistant.ask(options.question, options.history, **_days(options))
    print(json.dumps(answer.to_dict(), ensure_ascii=False) if options.json else _readable(answer))
    return DONE


def _batch(assistant: Assistant, options: argparse.Namespace) -> int:
    """One object a line, in order; a line that cannot be asked gives {"id", "error"} and exit status 1."""
    if options.batch == "-":
        text = sys.stdin.read().removeprefix("\ufeff")
    else:
        text = Path(options.batch).read_text(encoding="utf-8-sig")
    status = DONE
    # `splitlines` would also cut at U+2028 and its like, which may stand inside JSON.
    for number, line in enumerate(text.split("\n"), 1):
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
            answer = assistant.ask(asked["question"], history, **_days(options))
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
            f"[{c.number}] {c.title}{_dated(c.date)}, {c.label}" + (", since withdrawn" if c.withdrawn else ""),
            f'    "{c.quote}"' if answer.text.count(c.quote) == 0 else f"    {c.url or c.release_id}",
        ]
    if answer.status == "not_stated" and answer.matches:
        lines += ["", "Nearest paragraphs:"]
        for match in answer.matches[:3]:
            text = " ".join(match.paragraph.text.split())
            lines.append(f"  {match.release.title}{_dated(match.release.date)}, {match.paragraph.label}")
            lines.append(f"    {text if len(text) <= 160 else text[:160].rsplit(' ', 1)[0] + ' …'}")
    return "\n".join(lines)


def _dated(when: date | None) -> str:
    return f", {when:%-d %B %Y}" if when else ", undated"


def _serve(options: argparse.Namespace) -> int:
    from assistant.server import serve

    with _open(options) as assistant:
        serve(assistant, options.host, options.port)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
