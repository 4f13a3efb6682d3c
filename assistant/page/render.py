"""Turn answers and releases into the HTML that the page shows. Every text from outside goes through `escape`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise
from urllib.parse import urlsplit

from assistant.answer import Answer, Citation, Dropped, Searched, Statement
from vectorstore import Match, Paragraph, Release

# How many nearest paragraphs are offered when nothing states the answer, and how much of each is shown.
_NEAREST = 4
_SNIPPET = 220

_VERDICTS = {"partial": "Partly stated", "not_stated": "Not stated"}


@dataclass(frozen=True)
class Passage:
    """The words `text[start:end]` of the paragraph at `index`; none at all when start and end are equal."""

    index: int
    start: int = 0
    end: int = 0


def question_html(question: str) -> str:
    return f'<h2 class="question" dir="auto">{escape(question)}</h2>'


def waiting_html(statements: Iterable[Statement] = ()) -> str:
    """What is verified so far, while the answer is still being made; its markers open nothing yet."""
    lines = "".join(
        _statement(s, "".join(f'<span class="marker">{_bracketed(n)}</span>' for n in s.citations)) for s in statements
    )
    return f'<div class="answer">{lines}<p class="waiting" role="status">Reading the releases…</p></div>'


def problem_html(message: str) -> str:
    """A question that could not be asked, and why."""
    return f'<div class="answer problem" role="alert"><p>{escape(message)}</p></div>'


def answer_html(answer: Answer) -> str:
    """A finished answer: statements with markers, sources, what was searched, and a copy button."""
    by_number = {c.number: c for c in answer.citations}
    parts = []
    if answer.standalone_question.strip() not in ("", answer.question.strip()):
        parts.append(f'<p class="read-as" dir="auto">Read as “{escape(answer.standalone_question)}”</p>')
    if verdict := _VERDICTS.get(answer.status):
        parts.append(f'<p class="verdict">{verdict}</p>')
    parts += [
        _statement(s, "".join(_marker(by_number[n]) for n in s.citations if n in by_number)) for s in answer.statements
    ] or [f'<p class="statement" dir="auto">{escape(answer.text)}</p>']
    parts += [f'<p class="remark" dir="auto">Not stated: {escape(part)}</p>' for part in answer.missing]
    if answer.remark:
        parts.append(f'<p class="remark" dir="auto">{escape(answer.remark)}</p>')
    if answer.citations and not _names_its_sources(answer):
        parts.append(f'<h3>Sources</h3><ol class="sources">{"".join(map(_source, answer.citations))}</ol>')
    elif answer.matches and not answer.citations:
        nearest = "".join(map(_near, answer.matches[:_NEAREST]))
        parts.append(f'<h3>Nearest paragraphs</h3><ul class="sources">{nearest}</ul>')
    parts.append(_record(answer))
    return f'<div class="answer {answer.status.replace("_", "-")}">{"".join(parts)}</div>'


def _names_its_sources(answer: Answer) -> bool:
    """Whether the answer is itself a list of releases, so that a list of sources would say the same once more."""
    return all(any(s.text.startswith(c.title) for s in answer.statements) for c in answer.citations)


def plain_text(answer: Answer) -> str:
    """The answer and its sources, for pasting into a document."""
    lines = [answer.text]
    if answer.remark:
        lines += ["", answer.remark]
    if answer.citations:
        lines += ["", "Sources"]
    for citation in answer.citations:
        place = ", ".join(filter(None, [citation.title, day(citation.date), citation.label]))
        lines += [f"[{citation.number}] {place}", f"    “{citation.quote}”"]
        if citation.url:
            lines.append(f"    {citation.url}")
    return "\n".join(lines)


def release_html(release: Release, opened: Passage, others: Sequence[Passage] = (), newest: int | None = None) -> str:
    """A release with its numbered paragraphs, at `opened` with the words marked, and the `others` in a lighter mark.

    `newest` is the number of the version that the release has now, when that may be another one than this.
    """
    facts = [escape(day(release.date) or "Undated")]
    if link := web_address(release.url):
        host = escape(urlsplit(link).hostname or link)
        facts.append(f'<a href="{escape(link)}" target="_blank" rel="noopener noreferrer">{host}&#8239;↗</a>')
    if newest and newest != release.version:
        facts.append(f'<span class="outdated">Version {release.version}; corrected since, now version {newest}</span>')
    if release.withdrawn:
        facts.append(
            f'<span class="outdated">Withdrawn: gone from its source on {escape(day(release.withdrawn))}</span>'
        )
    language, title = escape(release.language or "und"), escape(release.title)
    body = "".join(_paragraph(p, opened, others) for p in release.paragraphs)
    counted = all(not p.numbered for p in release.paragraphs)
    hint = (
        '<p class="note-to-reader">The release prints no paragraph numbers; the grey ones are counted.</p>'
        if counted
        else ""
    )
    return (
        f'<header><p class="facts">{"<span> · </span>".join(facts)}</p>'
        f'<h2 tabindex="-1" dir="auto" lang="{language}" title="{title}">{title}</h2></header>'
        f'<div class="paragraphs" tabindex="0" lang="{language}">{body}{hint}</div>'
    )


def web_address(url: str | None) -> str | None:
    """The url when a browser may be sent there: http or https, with a host. Not "javascript:…", not a file."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # "https://[" is no address
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def day(when: date | None) -> str:
    """ "26 November 2023", or nothing."""
    return f"{when.day} {when:%B} {when.year}" if when else ""


def days(since: date | None, until: date | None) -> str:
    """ "22 January 2021 – 29 December 2023", one day alone, or nothing."""
    return " – ".join(dict.fromkeys(filter(None, [day(since), day(until)])))


def amount(number: int, thing: str) -> str:
    """ "1 release", "1,240 releases"."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _statement(statement: Statement, markers: str) -> str:
    # A no-break space keeps the first marker on the line of the word it belongs to.
    tail = f"&nbsp;{markers}" if markers else ""
    start, end = statement.answer or (0, 0)
    text = statement.text
    bold = f"<b>{escape(text[start:end])}</b>" if start < end else ""
    shown = f"{escape(text[:start])}{bold}{escape(text[end:])}"
    return f'<p class="statement {statement.kind}" dir="auto">{shown}{tail}</p>'


def _bracketed(number: int) -> str:
    # The brackets are there for whoever copies the text or has it read out; the style sheet draws a shape instead.
    return f"<i>[</i>{number}<i>]</i>"


def _opens(release_id: str, version: int, passage: Passage) -> str:
    """The attributes by which page.js knows what a button opens."""
    return (
        f'type="button" data-release="{escape(release_id)}" data-version="{version}" '
        f'data-index="{passage.index}" data-start="{passage.start}" data-end="{passage.end}"'
    )


def _cited(citation: Citation) -> str:
    return _opens(citation.release_id, citation.version, Passage(citation.index, citation.start, citation.end))


def _marker(citation: Citation) -> str:
    label = escape(f"Source {citation.number}: {citation.title}, {citation.label}")
    return (
        f'<button class="marker" {_cited(citation)} data-number="{citation.number}" aria-label="{label}" '
        f'title="{escape(_shortened(citation.quote))}">{_bracketed(citation.number)}</button>'
    )


def _source(citation: Citation) -> str:
    return (
        f'<li><button class="source" {_cited(citation)} data-number="{citation.number}">'
        f'<span class="key">{citation.number}</span>'
        f'<span class="title" dir="auto">{escape(citation.title)}</span>'
        f'<span class="place">{_place(citation.date, citation.label)}</span></button></li>'
    )


def _near(match: Match) -> str:
    release, paragraph = match.release, match.paragraph
    return (
        f'<li><button class="source near" {_opens(release.id, release.version, Passage(paragraph.index))}>'
        f'<span class="title" dir="auto">{escape(release.title)}</span>'
        f'<span class="place">{_place(release.date, paragraph.label)}</span>'
        f'<span class="snippet" dir="auto">{escape(_shortened(paragraph.text))}</span></button></li>'
    )


def _place(when: date | None, label: str) -> str:
    return " · ".join(f"<span>{escape(part)}</span>" for part in (label, day(when)) if part)


def _record(answer: Answer) -> str:
    """The line under an answer: what was searched, what was left out, how long it took."""
    facts = [_searched(answer.searched), f"{answer.seconds.total:.1f} s"]
    if answer.dropped:
        facts.append(f"{amount(answer.dropped, 'statement')} left out: not covered by the quoted words")
    if answer.answerer.startswith("llm:"):
        facts.append(f"Written by {answer.answerer.removeprefix('llm:')}, checked against the quotes")
    shown = " · ".join(f'<span dir="auto">{escape(fact)}</span>' for fact in facts)
    copied = f'data-copy="{escape(plain_text(answer))}" title="Copy the answer with its sources"'
    button = f'<button type="button" class="copy" {copied}>Copy</button>'
    return f'{_left_out(answer.drops)}<p class="record"><span>{shown}</span>{button}</p>'


def _left_out(drops: Sequence[Dropped]) -> str:
    """What was written and not shown, and why; closed until a reader opens it."""
    if not drops:
        return ""
    items = "".join(f'<li dir="auto"><q>{escape(d.text)}</q> – {escape(d.reason)}</li>' for d in drops)
    return f'<details class="left-out"><summary>What was left out, and why</summary><ul>{items}</ul></details>'


def _searched(searched: Searched) -> str:
    when = days(searched.since, searched.until)
    return f"Searched {amount(searched.releases, 'release')}" + (f", {when}" if when else "")


def _paragraph(paragraph: Paragraph, opened: Passage, others: Sequence[Passage]) -> str:
    """One paragraph with its number in the margin, its notes set apart, its marks inside both."""
    quotes = [(p.start, p.end, "quote") for p in [opened] if p.index == paragraph.index]
    quotes += [(p.start, p.end, "other") for p in others if p.index == paragraph.index]
    blocks, done = [], 0
    for note in sorted(paragraph.notes, key=lambda n: n.start):
        blocks += [("words", done, note.start), ("note", note.start, note.end)]
        done = note.end
    blocks.append(("words", done, len(paragraph.text)))
    shown = "".join(
        f'<p class="{kind}" dir="auto">{_marked(paragraph.text, start, end, quotes)}</p>'
        for kind, start, end in blocks
        if paragraph.text[start:end].strip()
    )
    cited = " cited" if opened.index == paragraph.index else ""
    how = (
        'class="number"' if paragraph.numbered else 'class="number counted" title="Counted: not printed in the release"'
    )
    number = f"<span {how}>{escape(paragraph.number)}</span>"
    return f'<section class="paragraph{cited}" data-index="{paragraph.index}">{number}<div>{shown}</div></section>'


def _marked(text: str, start: int, end: int, quotes: Sequence[tuple[int, int, str]]) -> str:
    """`text[start:end]`, escaped, with the quotes marked; where two overlap, the one given first is shown."""
    cuts = sorted({start, end} | {min(max(cut, start), end) for q in quotes for cut in q[:2]})
    pieces: list[tuple[str, str]] = []
    for left, right in pairwise(cuts):
        kind = next((kind for first, last, kind in quotes if first <= left and right <= last), "")
        if pieces and pieces[-1][0] == kind:
            pieces[-1] = kind, pieces[-1][1] + text[left:right]
        else:
            pieces.append((kind, text[left:right]))
    return "".join(f'<mark class="{kind}">{escape(words)}</mark>' if kind else escape(words) for kind, words in pieces)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SNIPPET else text[:_SNIPPET].rsplit(" ", 1)[0] + "…"
