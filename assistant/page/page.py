"""Lay out the chat page with gradio: the conversation, the question box, and the place for a release.

A marker's click is answered by page.js, which fetches the release from `/panel` (see server.py). The conversation is
kept in the browser, so nothing of one reader's is in reach of another.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import fastapi
import gradio as gr

from assistant.answer import Answer, Statement
from assistant.assistant import Assistant
from assistant.page import render
from vectorstore import Release

_HERE = Path(__file__).parent
# Turns that survive a reload; a browser keeps about 5 MB a site, a long answer takes some 20 kB.
_KEPT = 40
_EXAMPLES = 5

_SERIF = ["Charter", "Bitstream Charter", "Iowan Old Style", "Source Serif 4", "Georgia", "Liberation Serif", "serif"]
_SANS = ["-apple-system", "Segoe UI", "Noto Sans", "Roboto", "Helvetica Neue", "Arial", "system-ui", "sans-serif"]
_MONO = ["ui-monospace", "monospace"]

_ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='#1d4e79'/>"
    "<text x='16' y='23' font-family='Georgia,serif' font-size='21' fill='#fff' text-anchor='middle'>¶</text></svg>"
)

# Under this name the browser keeps the conversation; page.js removes it to begin a new one.
_STORED_AS = "communique"
# A question and the HTML of its answer.
Turn = tuple[str, str]


@dataclass(frozen=True)
class Overview:
    """What an empty page says: how many releases there are, from when to when, what may be asked, whether there is a
    report of how well that is answered, and where questions are sent, None when they stay on this machine.
    """

    releases: int
    days: str
    examples: tuple[str, ...]
    quality: bool = False
    sent_to: str | None = None


def mount_page(app: fastapi.FastAPI, assistant: Assistant) -> None:
    """Put the page at the app's root. Routes added to the app after this one are never reached."""
    # The typefaces of the theme and of page.css come from the reader's own machine.
    theme = gr.themes.Base(font=_SANS, font_mono=_MONO)
    fonts = f":root {{ --serif: {_families(_SERIF)}; --sans: {_families(_SANS)}; }}\n"
    style = fonts + (_HERE / "page.css").read_text(encoding="utf-8")
    icon = f'<link rel="icon" href="data:image/svg+xml,{quote(_ICON)}">'
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    gr.mount_gradio_app(
        app,
        _layout(assistant),
        path="/",
        footer_links=[],
        run_history=False,
        pwa=False,
        ssr_mode=False,
        show_error=False,
        max_file_size=1,
        theme=theme,
        # As `css`, gradio would put a prefix before each selector, so that :root and .dark would match nothing.
        head=f"{icon}<style>{style}</style><script>{script}</script>",
    )


def _layout(assistant: Assistant) -> gr.Blocks:
    overview = _now_and_then(lambda: look_over(assistant))

    def ask(question: str, turns: list[Turn]) -> Iterator[dict[Any, Any]]:
        question = question.strip()
        if not question:
            # A generator that yields nothing would empty all that it is wired to.
            yield {box: ""}
            return
        asked = render.question_html(question)
        statements: list[Statement] = []
        yield {box: "", sent: question, earlier: _html(turns), latest: asked + render.waiting_html()}
        try:
            for part in assistant.stream(question, [q for q, _ in turns]):
                if isinstance(part, Answer):
                    turns = [*turns, (question, render.answer_html(part))][-_KEPT:]
                    yield {latest: _html(turns[-1:]), kept: turns}
                else:
                    statements.append(part)
                    yield {latest: asked + render.waiting_html(statements)}
        except ValueError as error:
            yield {box: question, latest: render.problem_html(str(error))}

    def unanswered(question: str) -> dict[Any, Any]:
        message = "The question could not be answered just now. It is back in the box below: please try again."
        return {box: question, latest: render.problem_html(message)}

    def reload(turns: list[Turn]) -> dict[Any, Any]:
        seen = overview()
        shown = _html(turns[-1:]) if turns else _welcome(seen)
        return {masthead: _masthead(seen), earlier: _html(turns[:-1]), latest: shown}

    plain: dict[str, Any] = {"apply_default_css": False, "js_on_load": None}
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    page: gr.Blocks
    with gr.Blocks(title="Communiqué", analytics_enabled=False, fill_width=True) as page:
        kept = gr.BrowserState([], storage_key=_STORED_AS)
        sent = gr.State("")
        masthead = gr.HTML(elem_id="masthead", **plain)
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="conversation"):
                with gr.Column(elem_id="thread"):
                    earlier = gr.HTML(elem_id="earlier", **plain)
                    latest = gr.HTML(elem_id="latest", **plain)
                box = gr.Textbox(
                    elem_id="box",
                    label="Your question",
                    show_label=False,
                    container=False,
                    placeholder="Ask what the releases say…",
                    # One line at first: Enter sends, Shift+Enter makes a new line.
                    lines=1,
                    max_lines=8,
                    autofocus=True,
                    submit_btn="Ask",
                )
            gr.HTML(_PANEL, elem_id="panel", **plain)

        asking = box.submit(ask, [box, kept], [box, sent, earlier, latest, kept], concurrency_limit=16, **quiet)
        asking.failure(unanswered, sent, [box, latest], **quiet)
        page.load(reload, kept, [masthead, earlier, latest], **quiet)
    return page


def _html(turns: Sequence[Turn]) -> str:
    return "".join(f'<article class="turn">{render.question_html(q)}{answer}</article>' for q, answer in turns)


def _masthead(seen: Overview) -> str:
    count = render.amount(seen.releases, "release") if seen.releases else "No releases yet"
    facts = f"{count}<span class='days'>{escape(seen.days)}</span>"
    quality = '<a id="quality" href="quality" target="_blank" rel="noopener">Quality</a>' if seen.quality else ""
    return (
        '<header><h1><span aria-hidden="true">¶</span>Communiqué</h1>'
        "<p class='tagline'>Answers from official press releases, every sentence tied to its paragraph.</p>"
        f'<p class="holdings">{facts}</p>{quality}<button type="button" id="anew">New conversation</button></header>'
        f"{_sent(seen)}"
    )


def _sent(seen: Overview) -> str:
    """Where a question goes, which whoever asks must know before asking."""
    if seen.sent_to is None:
        return ""
    return (
        f'<p class="sent" role="note">Answers are worded by a language model at <b>{escape(seen.sent_to)}</b>: '
        "your question and the paragraphs found for it are sent there, and nothing else.</p>"
    )


def _welcome(seen: Overview) -> str:
    if not seen.releases:
        return (
            '<div class="welcome"><h2>There is nothing to ask yet.</h2>'
            "<p>Load releases with <code>communique ingest SOURCE</code>, then open this page again.</p></div>"
        )
    buttons = "".join(
        f'<button type="button" class="example" dir="auto">{escape(example)}</button>' for example in seen.examples
    )
    return (
        '<div class="welcome"><h2>What would you like to know?</h2>'
        "<p>Every sentence of an answer carries a number. Open it to read the exact words in the release itself. "
        f'What no release states is answered with “not stated”.</p><div class="examples">{buttons}</div></div>'
    )


_PANEL = (
    '<aside id="release" aria-label="Release" aria-live="off">'
    '<button type="button" class="close" aria-label="Close the release" title="Close (Esc)">×</button>'
    '<div class="sheet"></div>'
    '<div class="hint"><span aria-hidden="true">¶</span>'
    "<p>Open a numbered marker in an answer<br>to read the cited words here, in the release.</p></div></aside>"
)


def look_over(assistant: Assistant) -> Overview:
    """Count the releases and find questions that they answer."""
    releases = assistant.releases()
    dates = sorted(r.date for r in releases if r.date)
    when = render.days(dates[0], dates[-1]) if dates else ""
    recent = filter(None, (assistant.release(r.id) for r in releases[:_READ_FOR_EXAMPLES]))
    examples = example_questions(list(recent), releases)
    return Overview(len(releases), when, examples, assistant.quality_report() is not None, assistant.answerer.sends_to)


# Full texts looked through for a dated fact: enough to find one, few enough to be read while a page opens.
_READ_FOR_EXAMPLES = 60
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DEEDS = {"joined": "join", "signed": "sign", "ratified": "ratify", "launched": "launch", "established": "establish"}
_DATED_DEED = re.compile(
    rf"(?<![^\s*※])(?P<who>[A-Z][\w-]+(?: [A-Z][\w-]+){{0,3}}) (?P<deed>{'|'.join(_DEEDS)}) "
    rf"(?P<what>(?:the )?[A-Z][\w-]+(?: [A-Z][\w-]+){{0,5}}) (?:in|on) (?:{_MONTHS})"
)
# Titles of releases, and the question that a reader of such a title would ask. The first that fits is taken.
_TITLES: dict[re.Pattern[str], str] = {
    re.compile(r"Readout of (?P<who>.+?)(?:’s|'s)? (?:call|meeting) with (?P<whom>.+)", re.IGNORECASE): (
        "What did {who} discuss with {whom}?"
    ),
    re.compile(r"Outcome of (?:the )?(?P<what>.+?)(?: \(.+\))?"): "What was the outcome of the {what}?",
    re.compile(r"(?:Joint )?Statement (?:from|by) (?P<who>.+?) on (?P<what>.+)"): "What did {who} say about {what}?",
    re.compile(r"FACT SHEET: *(?P<what>.+ (?:Summit|Agreement|Partnership|Framework|Initiative))"): (
        "What came out of the {what}?"
    ),
    re.compile(r"(?P<what>(?:Joint|G7|G20|Quad|Leaders).+ (?:Statement|Declaration|Communiqué).*)"): (
        "What does the {what} say?"
    ),
}
_QUOTED_TITLE = {"ko": "‘{title}’의 주요 내용은 무엇입니까?"}
_LONGEST = 100


def example_questions(recent: Sequence[Release], listing: Sequence[Release]) -> tuple[str, ...]:
    """Up to five questions that these releases answer: a dated fact from a text first, then one a kind of title."""
    examples: dict[str, str] = {}
    for release in recent:
        for fact in (m for p in release.paragraphs for m in _DATED_DEED.finditer(p.text)):
            examples.setdefault("fact", f"When did {fact['who']} {_DEEDS[fact['deed']]} {fact['what']}?")
    titles = {" ".join(release.title.split()): release.language for release in listing}
    others = []
    for title in titles:
        fitting = ((question, found) for kind, question in _TITLES.items() if (found := kind.fullmatch(title)))
        question, parts = next(fitting, ("", None))
        if parts is None:
            others.append(title)
        elif len(asked := question.format(**parts.groupdict())) <= _LONGEST:
            examples.setdefault(question, asked)
    for title in others:
        if len(title) <= _LONGEST:
            examples.setdefault(title, _QUOTED_TITLE.get(titles[title], "What does “{title}” say?").format(title=title))
    return tuple(examples.values())[:_EXAMPLES]


def _now_and_then(make: Callable[[], Overview]) -> Callable[[], Overview]:
    """The overview, made anew at most every ten seconds: releases may come in while the page is served."""
    made = lru_cache(maxsize=1)(lambda _moment: make())
    return lambda: made(int(time.monotonic() // 10))


def _families(fonts: Sequence[str]) -> str:
    return ", ".join(f'"{font}"' if " " in font else font for font in fonts)
