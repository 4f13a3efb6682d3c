"""Write a run as one HTML file that needs nothing else, and as Markdown."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

import numpy as np

from eval.cases import Case
from eval.compare import Comparison, Difference
from eval.confidence import (
    Covered,
    calibration,
    calibration_error,
    risk_coverage,
    suggested_threshold,
)
from eval.judge import VERDICTS
from eval.metrics import METRICS, Figure, Result, recall_at, release_recall_at, values_of
from eval.plots import bars, calibration_plot, latency_histogram, retrieval_curve, risk_curve, whisker
from eval.report import STEPS, Failure, by_kind, failures
from eval.run import Run

HEADLINES = ("right", "recall@5", "citation_hit", "answer_match", "abstention_right", "abstention_wrong", "seconds")
_NAMES = {
    "right": "answered right",
    "recall@5": "found among 5",
    "citation_hit": "right paragraph cited",
    "answer_match": "answer says it",
    "abstention_right": "rightly not stated",
    "abstention_wrong": "wrongly not stated",
    "seconds": "median seconds",
}
_RANKS = 20
_ID_SHOWN = 90
_SNIPPET = 420
_FOUND_SHOWN = 5
_CLEAR = 0.05


def save_report(run: Run, folder: Path, difference: Comparison | None = None, against: Run | None = None) -> None:
    """Write `report.html` and `report.md` into a run's folder; `difference` is that to the run `against`."""
    (folder / "report.html").write_text(html_report(run, difference, against), encoding="utf-8")
    (folder / "report.md").write_text(markdown_report(run, difference, against), encoding="utf-8")


def html_report(run: Run, difference: Comparison | None = None, against: Run | None = None) -> str:
    """The whole report; every text from outside goes through `escape`."""
    lost = failures(run.results)
    sections = [
        _head(run, difference is not None),
        _headlines(run),
        _section("figures", "Figures", _figures(run)),
        _section("plots", "Plots", _plots(run)),
        _section("change", "Change", _change(difference, against)) if difference and against else "",
        _section("judge", "A language model’s opinion", _judge(run)) if run.judgements else "",
        _section("lost", f"{len(lost)} of {len(run.results)} cases were lost", _lost(lost, run.results)),
        _foot(run),
    ]
    style = files("eval").joinpath("report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Quality · {run.date:%Y-%m-%d %H:%M} · Communiqué</title><style>{style}</style></head>"
        f"<body><main>{''.join(sections)}</main></body></html>\n"
    )


def _section(name: str, title: str, inside: str) -> str:
    return f'<section id="{name}"><h2>{escape(title)}</h2>{inside}</section>'


def _head(run: Run, changed: bool) -> str:
    data = run.data
    when = f", {data.since:%-d %B %Y} to {data.until:%-d %B %Y}" if data.since and data.until else ""
    links = [
        ("figures", "Figures"),
        ("plots", "Plots"),
        ("change", "Change"),
        ("judge", "Opinion"),
        ("lost", "Lost cases"),
    ]
    shown = {"change": changed, "judge": bool(run.judgements)}
    nav = "".join(f'<a href="#{name}">{title}</a>' for name, title in links if shown.get(name, True))
    return (
        '<header><p class="brand"><span aria-hidden="true">¶</span>Communiqué</p><h1>How well it answers</h1>'
        f"<p>{len(run.results)} questions with known answers over {data.releases:,} releases "
        f"({data.paragraphs:,} paragraphs{when}), asked on {run.date:%-d %B %Y at %H:%M} UTC.</p>"
        f"<nav>{nav}</nav></header>"
    )


def _headlines(run: Run) -> str:
    cards = []
    for name in HEADLINES:
        figure, metric = run.figures[name], METRICS[name]
        interval = f"{_shown(figure.low)} – {_shown(figure.high)}" if figure.count else "no case applies"
        hint = "" if metric.higher_is_better else '<span class="hint">lower is better</span>'
        cards.append(
            f'<div class="card"><dt>{_NAMES[name]}</dt><dd><b>{_shown(figure.value)}</b>'
            f'<span class="interval">{interval}</span>{hint}</dd></div>'
        )
    return f'<dl class="cards">{"".join(cards)}</dl>'


def _figures(run: Run) -> str:
    rows, group = [], ""
    for name, metric in sorted(METRICS.items(), key=lambda item: list(_groups()).index(item[1].group)):
        figure = run.figures[name]
        if metric.group != group:
            group = metric.group
            rows.append(f'<tr class="group"><th colspan="5" scope="colgroup">{group}</th></tr>')
        drawn = ""
        if metric.share and figure.value is not None and figure.low is not None and figure.high is not None:
            drawn = whisker(figure.value, figure.low, figure.high, not metric.higher_is_better)
        meaning = metric.meaning if metric.higher_is_better else f"{metric.meaning} (lower is better)"
        rows.append(
            f'<tr><th scope="row"><code>{name}</code><span>{escape(meaning)}</span></th>'
            f'<td class="number">{_shown(figure.value)}</td><td class="drawn">{drawn}</td>'
            f'<td class="number soft">{_interval(figure)}</td><td class="number soft">{figure.count}</td></tr>'
        )
    head = "<tr><th>metric</th><th>value</th><th></th><th>95 % interval</th><th>cases</th></tr>"
    return f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>'


def _groups() -> dict[str, None]:
    return dict.fromkeys(metric.group for metric in METRICS.values())


def _interval(figure: Figure) -> str:
    return f"{_shown(figure.low)} – {_shown(figure.high)}" if figure.count else ""


def _plots(run: Run) -> str:
    results = run.results
    answerable = [r for r in results if r.case.answerable]
    pairs = values_of(METRICS["aurc"], results)
    figures = []
    if answerable:
        paragraphs, releases = (_by_rank(answerable, at) for at in (recall_at, release_recall_at))
        text = "How often what holds the answer is among the first so many paragraphs, or releases."
        figures.append(_figure("Recall by rank", text, retrieval_curve(paragraphs, releases)))
    figures.append(
        _figure(
            "Risk and coverage",
            "If only the surest answers were given, how many of them would rest on a paragraph that does not hold the "
            "answer. A question that nothing answers is always wrong to answer.",
            risk_curve(risk_coverage(pairs), _answered(results)),
        )
    )
    suggested = suggested_threshold(pairs, [r.case.answerable for r in results])
    figures.append(
        _figure(
            "What confidence is worth",
            f"On the dashed line, confidence is the share that is right; the mean distance is "
            f"{calibration_error(pairs):.3f}. Of these cases most, {suggested.right} of {suggested.count}, are decided "
            f"rightly from a confidence of {suggested.threshold:.3f} on. Set a threshold from other cases than these.",
            calibration_plot(calibration(pairs), suggested.threshold),
        )
    )
    seconds = [float(v) for v in values_of(METRICS["seconds"], results)]
    if seconds:
        middle, slow = run.figures["seconds"].value or 0.0, run.figures["seconds_p95"].value or 0.0
        text = "From the question to the whole answer, on the machine named below."
        figures.append(_figure("How long answers took", text, latency_histogram(seconds, middle, slow)))
    kinds = [
        (kind.replace("_", " "), float(of_kind["right"] or 0), f"{of_kind['right'] or 0:.2f} of {of_kind['cases']}")
        for kind, of_kind in by_kind(results).items()
    ]
    figures.append(
        _figure("Right, by kind of question", "The lower ones are not stated anywhere.", bars("Right by kind", kinds))
    )
    counts = Counter(f.step for f in failures(results))
    lost = sum(counts.values())
    steps = [(step, counts[step] / lost, f"{counts[step]} of {lost}") for step in STEPS if counts[step]]
    if steps:
        text = f"Of the {lost} lost cases of {len(results)}, by the step that lost them."
        figures.append(_figure("Where cases were lost", text, bars("Lost at", steps)))
    return f'<div class="plots">{"".join(figures)}</div>'


def _by_rank(results: Sequence[Result], at: Callable[[int], Callable[[Result], float | None]]) -> list[float]:
    return [float(np.mean([at(rank)(r) or 0.0 for r in results])) for rank in range(1, _RANKS + 1)]


def _answered(results: Sequence[Result]) -> Covered:
    """Where the run's own threshold stands: the share that was answered and how much of it rests on the wrong place."""
    answered = [r for r in results if not r.abstained]
    wrong = sum(not r.found_right for r in answered)
    return Covered(len(answered) / len(results), wrong / len(answered) if answered else 0.0)


def _figure(title: str, text: str, drawn: str) -> str:
    return f"<figure><figcaption><b>{escape(title)}</b><span>{escape(text)}</span></figcaption>{drawn}</figure>"


def _change(found: Comparison, against: Run) -> str:
    rows = []
    for name, one in found.differences.items():
        if one is None or (one.change == 0 and one.p > _CLEAR):
            continue
        better = (one.change > 0) == METRICS[name].higher_is_better
        kind = ("better" if better else "worse") if one.p < _CLEAR else "unclear"
        rows.append(
            f'<tr class="{kind}"><th scope="row"><code>{name}</code></th><td class="number">{one.before:.3f}</td>'
            f'<td class="number">{one.after:.3f}</td><td class="number change">{one.change:+.3f}</td>'
            f'<td class="number soft">{one.low:+.3f} – {one.high:+.3f}</td>'
            f'<td class="number soft">{one.p:.3f}</td></tr>'
        )
    head = "<tr><th>metric</th><th>before</th><th>now</th><th>change</th><th>95 % interval</th><th>p</th></tr>"
    table = (
        f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>' if rows else ""
    )
    return (
        f"<p>Against the run of {against.date:%-d %B %Y, %H:%M} UTC, code {escape(against.code)}, over the cases that "
        "both were asked. Coloured where chance alone would do as much less than once in twenty (randomisation test); "
        f"of so many metrics one or two are so by chance.{'' if rows else ' No figure differs.'}</p>{table}"
        f"{_case_list('Now right', found.gained)}{_case_list('Now wrong', found.lost)}"
    )


def _case_list(title: str, cases: Sequence[Case]) -> str:
    if not cases:
        return ""
    items = "".join(f"<li><code>{escape(c.id)}</code> <span dir='auto'>{escape(c.question)}</span></li>" for c in cases)
    return f'<details class="list"><summary>{title}: {len(cases)}</summary><ul>{items}</ul></details>'


def _judge(run: Run) -> str:
    counts = Counter(j.verdict for j in run.judgements)
    questions = {r.case.id: r.case.question for r in run.results}
    rows = "".join(
        f'<tr><th scope="row">{verdict}<span>{meaning}</span></th><td class="number">{counts[verdict]}</td></tr>'
        for verdict, meaning in VERDICTS.items()
    )
    items = "".join(
        f"<li><b>{j.verdict}</b> <code>{escape(j.case_id)}</code> {escape(questions[j.case_id])} "
        f"<span class='soft'>{escape(j.reason)}</span></li>"
        for j in run.judgements
        if j.verdict != "correct"
    )
    return (
        f"<p>By {escape(run.judgements[0].judge)}, as far as a model can be trusted. No figure above uses it.</p>"
        f'<div class="wide"><table><tbody>{rows}</tbody></table></div>'
        f'<details class="list"><summary>All but the correct ones</summary><ul>{items}</ul></details>'
    )


def _lost(lost: Sequence[Failure], results: Sequence[Result]) -> str:
    by_id = {r.case.id: r for r in results}
    parts = []
    for step, meaning in STEPS.items():
        of_step = [f for f in lost if f.step == step]
        if of_step:
            cards = "".join(_failure(f, by_id[f.case.id]) for f in of_step)
            parts.append(f"<h3>{step}<span>{len(of_step)}</span></h3><p>{escape(meaning)}.</p>{cards}")
    return "".join(parts) or "<p>Every question was answered right.</p>"


def _failure(failure: Failure, result: Result) -> str:
    case = failure.case
    rows = [_row("before", f"<span dir='auto'>{escape(turn)}</span>") for turn in case.history]
    texts = result.expected_texts or (None,) * len(case.expected)
    for expected, rank, text in zip(case.expected, failure.ranks, texts, strict=True):
        found = f"found at rank {rank}" if rank else f"not among the {len(failure.retrieved)} found"
        shown = _marked(text or expected.quote, expected.quote)
        rows.append(_row("expected", f"{shown}{_where(*expected.place, found)}"))
    if case.answer:
        rows.append(_row("reference", escape(case.answer)))
    if not case.answerable:
        rows.append(_row("expected", f"not stated{': ' + escape(case.missing) if case.missing else ''}"))
    if failure.step == "wrong words":
        wanted = [f"<code>{escape(p)}</code>" for p in case.must] + [
            f"not <code>{escape(p)}</code>" for p in case.must_not
        ]
        rows.append(_row("must say", " and ".join(wanted)))
    rows.append(_row("answered", f"<span dir='auto'>{escape(failure.text)}</span>"))
    rows += [
        _row(f"cited [{n}]", _where(*place, "expected" if place in case.places else ""))
        for n, (place, _) in enumerate(failure.citations, 1)
    ]
    found = "".join(
        f"<li{' class=right' if place in case.places else ''}>{_where(*place)}"
        f"<p dir='auto'>{escape(_snippet(text))}</p></li>"
        for place, text in zip(failure.retrieved, result.found_texts, strict=False)
    )
    if found:
        rows.append(_row("found", f"<ol>{found}</ol>"))
    facts = f"{case.id} · {case.kind.replace('_', ' ')} · confidence {result.answer['confidence']:.2f}"
    return (
        f'<details class="case"><summary><span dir="auto">{escape(case.question)}</span>'
        f"<small>{escape(facts)}</small></summary>"
        f"<dl>{''.join(rows)}</dl></details>"
    )


def _row(name: str, inside: str) -> str:
    return f"<dt>{name}</dt><dd>{inside}</dd>"


def _where(release_id: str, index: int, remark: str = "") -> str:
    name = release_id.rsplit("/", 1)[-1]
    shown = name if len(name) <= _ID_SHOWN else name[:_ID_SHOWN] + "…"
    tail = f" · {remark}" if remark else ""
    return f'<span class="where" title="{escape(release_id)}">{escape(f"{shown} #{index}{tail}")}</span>'


def _marked(text: str, quote: str) -> str:
    """A paragraph with the quote marked, cut to what stands around it."""
    at = text.find(quote) if quote else -1
    if at < 0:
        return f"<q dir='auto'>{escape(_snippet(text))}</q>"
    begin, end = max(0, at - 160), min(len(text), at + len(quote) + 160)
    before, after = (
        ("…" if begin else "") + text[begin:at],
        text[at + len(quote) : end] + ("…" if end < len(text) else ""),
    )
    return f"<q dir='auto'>{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}</q>"


def _snippet(text: str | None) -> str:
    text = " ".join((text or "").split())
    return text if len(text) <= _SNIPPET else text[:_SNIPPET].rsplit(" ", 1)[0] + "…"


def _foot(run: Run) -> str:
    facts = [("code", run.code), ("machine", str(run.machine)), ("data", f"fingerprint {run.data.fingerprint}")]
    facts += [
        (name, ", ".join(map(str, v)) if isinstance(v, list | tuple) else str(v))
        for name, v in run.settings.items()
        if v
    ]
    facts += [("packages", ", ".join(f"{name} {number}" for name, number in run.packages.items()))]
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    note = (
        "Intervals are 95 % percentile bootstraps over cases. The answers themselves lie beside this file in "
        "<code>answers.jsonl</code>."
    )
    return f"<footer><h2>How to have these figures again</h2><dl>{rows}</dl><p>{note}</p></footer>"


def markdown_report(run: Run, difference: Comparison | None = None, against: Run | None = None) -> str:
    """The same without the plots, for reading where there is no browser."""
    data = run.data
    lines = [
        f"# How well it answers, {run.date:%Y-%m-%d %H:%M} UTC",
        "",
        f"{len(run.results)} questions over {data.releases:,} releases ({data.paragraphs:,} paragraphs); "
        f"code {run.code}; {run.machine}.",
        "",
        "| metric | value | 95 % interval | cases | what it says |",
        "|---|---:|---:|---:|---|",
    ]
    for name, figure in run.figures.items():
        metric = METRICS[name]
        meaning = metric.meaning if metric.higher_is_better else f"{metric.meaning} (lower is better)"
        lines.append(f"| {name} | {_shown(figure.value)} | {_interval(figure)} | {figure.count} | {meaning} |")
    lines += ["", "| kind | cases | right |", "|---|---:|---:|"]
    lines += [f"| {kind} | {k['cases']} | {_shown(k['right'])} |" for kind, k in by_kind(run.results).items()]
    if difference and against:
        lines += _markdown_change(difference, against)
    if run.judgements:
        counts = Counter(j.verdict for j in run.judgements)
        lines += ["", f"## {run.judgements[0].judge} thinks", "", ", ".join(f"{v}: {counts[v]}" for v in VERDICTS)]
    lost = failures(run.results)
    lines += ["", f"## {len(lost)} of {len(run.results)} cases were lost", ""]
    lines += [line for failure in lost for line in _markdown_failure(failure)]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_change(found: Comparison, against: Run) -> Iterable[str]:
    yield from ("", f"## Against the run of {against.date:%Y-%m-%d %H:%M} UTC, code {against.code}", "")
    yield from ("| metric | before | now | change | 95 % interval | p |", "|---|---:|---:|---:|---:|---:|")
    for name, one in found.differences.items():
        if isinstance(one, Difference) and one.change:
            yield (
                f"| {name} | {one.before:.3f} | {one.after:.3f} | {one.change:+.3f} | "
                f"{one.low:+.3f} – {one.high:+.3f} | {one.p:.3f} |"
            )
    for title, cases in (("now right", found.gained), ("now wrong", found.lost)):
        yield from ("", f"{title}: {', '.join(case.id for case in cases) or 'none'}")


def _markdown_failure(failure: Failure) -> Iterable[str]:
    case = failure.case
    yield f"- **{case.id}** ({case.kind}, {failure.step}): {case.question}"
    for expected, rank in zip(case.expected, failure.ranks, strict=True):
        found = f"found at rank {rank}" if rank else "not found"
        yield f"  - expected “{expected.quote}”, {expected.release_id} #{expected.place[1]}, {found}"
    if not case.answerable:
        yield f"  - expected: not stated{f' ({case.missing})' if case.missing else ''}"
    yield f"  - answered: {' '.join(failure.text.split())}"
    retrieved = (f"{place[0]} #{place[1]}" for place in failure.retrieved[:_FOUND_SHOWN])
    yield f"  - found: {'; '.join(retrieved) or 'nothing'}"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
