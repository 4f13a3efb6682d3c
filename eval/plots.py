"""Draw the report's plots as inline SVG.

Colours come from the page's CSS variables, so that one drawing serves light and dark. Every plot carries a title and a
description in words, which readers of the screen and of the source get in place of the picture.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count

from eval.confidence import Bin, Covered

_WIDTH, _HEIGHT = 480, 290
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 16, 14, 44
_numbers = count(1)

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` with a label, ticks and how these are written."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    write: Callable[[float], str] = "{:g}".format


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


_SHARE_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Frame:
    """The plane of a plot: data in, pixels out."""

    x: Axis
    y: Axis

    def at(self, point: Point) -> Point:
        x = (point[0] - self.x.low) / (self.x.high - self.x.low)
        y = (point[1] - self.y.low) / (self.y.high - self.y.low)
        return _LEFT + x * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - y * (_HEIGHT - _TOP - _BOTTOM)

    def axes(self) -> str:
        parts = []
        for tick in self.y.ticks:
            x, y = self.at((self.x.low, tick))
            parts.append(f'<line class="grid" x1="{x:.1f}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(_text(x - 8, y + 4, self.y.write(tick), "tick", "end"))
        for tick in self.x.ticks:
            x, y = self.at((tick, self.y.low))
            parts.append(_text(x, y + 18, self.x.write(tick), "tick", "middle"))
        middle = (_LEFT + _WIDTH - _RIGHT) / 2
        return "".join([*parts, _text(middle, _HEIGHT - 6, self.x.label, "label", "middle")])

    def line(self, points: Sequence[Point], kind: str) -> str:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self.at, points))
        return f'<polyline class="{kind}" points="{path}"/>'

    def dot(self, point: Point, kind: str, words: str, radius: float = 4) -> str:
        x, y = self.at(point)
        return (
            f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"><title>{escape(words)}</title></circle>'
        )

    def note(self, point: Point, words: str, kind: str, anchor: str = "start", right: float = 8, up: float = 8) -> str:
        x, y = self.at(point)
        return _text(x + right, y - up, words, f"note {kind}", anchor)

    def upright(self, x: float, kind: str) -> str:
        return self.line([(x, self.y.low), (x, self.y.high)], kind)


def _text(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _drawn(title: str, told: str, inside: str, height: int = _HEIGHT) -> str:
    number = next(_numbers)
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="plot{number} told{number}">'
        f'<title id="plot{number}">{escape(title)}</title><desc id="told{number}">{escape(told)}</desc>{inside}</svg>'
    )


def retrieval_curve(paragraphs: Sequence[float], releases: Sequence[float]) -> str:
    """Recall by rank; the first value is that at rank 1."""
    ranks = len(paragraphs)
    lowest = min((*paragraphs, *releases), default=0.0)
    low = max(0.0, (int(lowest * 10) - 1) / 10)
    ticks = tuple(round(low + step * (1 - low) / 4, 3) for step in range(5))
    frame = Frame(
        Axis("paragraphs or releases looked at", 1, ranks, (1, *range(5, ranks + 1, 5))),
        Axis("recall", low, 1, ticks, "{:.2f}".format),
    )
    parts = [frame.axes()]
    # The line that ends higher has its name above it, the other below.
    for values, kind, name, up in ((releases, "second", "releases", 9), (paragraphs, "first", "paragraphs", -17)):
        parts.append(frame.line(list(enumerate(values, 1)), kind))
        parts += [
            frame.dot((n, values[n - 1]), kind, f"{name}: {values[n - 1]:.3f} among {n}")
            for n in (1, 5, 10)
            if n <= ranks
        ]
        parts.append(frame.note((ranks, values[-1]), name, kind, "end", right=0, up=up))
    told = "; ".join(
        f"recall among {n}: paragraphs {paragraphs[n - 1]:.3f}, releases {releases[n - 1]:.3f}"
        for n in (1, 5, 10)
        if n <= ranks
    )
    return _drawn("Recall by rank", told, "".join(parts))


def risk_curve(curve: Sequence[Covered], answered: Covered) -> str:
    """Risk against coverage, and where the run stands on it."""
    high = max([0.1, *(c.risk for c in curve)])
    step = 0.1 if high <= 0.5 else 0.2
    top = step * -(-high // step)
    frame = Frame(
        Axis("share of questions answered, the surest first", 0, 1, _SHARE_TICKS, _percent),
        Axis("risk", 0, top, tuple(round(step * n, 2) for n in range(round(top / step) + 1)), _percent),
    )
    here = (answered.coverage, answered.risk)
    words = f"this run answers {_percent(answered.coverage)}, {_percent(answered.risk)} of it wrongly"
    parts = [
        frame.axes(),
        frame.line([(c.coverage, c.risk) for c in curve], "first"),
        frame.dot(here, "mark", words, 5.5),
        frame.note(here, "this run", "marked", "end", right=4, up=14),
    ]
    return _drawn("Risk and coverage", f"Answered wrongly, by share of questions answered; {words}", "".join(parts))


def calibration_plot(bins: Sequence[Bin], threshold: float) -> str:
    """The share that is right by confidence; on the diagonal, confidence is what it says."""
    share = Axis("confidence", 0, 1, _SHARE_TICKS, _percent)
    frame = Frame(share, Axis("right", 0, 1, _SHARE_TICKS, _percent))
    points = [(b.confidence, b.right) for b in bins]
    told = "; ".join(f"confidence {_percent(b.confidence)}: {_percent(b.right)} right of {b.count}" for b in bins)
    right = threshold < 0.6
    parts = [
        frame.axes(),
        frame.line([(0, 0), (1, 1)], "ideal"),
        frame.upright(threshold, "limit"),
        frame.note(
            (threshold, 1), f"threshold {threshold:.2f}", "marked", "start" if right else "end", 7 if right else -7, -10
        ),
        frame.line(points, "first"),
        *(
            frame.dot(p, "first", f"{_percent(b.right)} right at {_percent(b.confidence)}, {b.count} cases")
            for p, b in zip(points, bins, strict=True)
        ),
    ]
    return _drawn("Confidence against being right", told, "".join(parts))


def latency_histogram(seconds: Sequence[float], median: float, p95: float) -> str:
    """How many questions took how long; what took much longer than the rest is counted in the last bar."""
    bars = 24
    step_x = _round_step(1.3 * p95 / 4)
    most = 4 * step_x
    counts = [0] * bars
    for one in seconds:
        counts[min(int(one / most * bars), bars - 1)] += 1
    step = max(1, math.ceil(_round_step(max(counts) / 4)))
    frame = Frame(
        Axis("milliseconds to an answer", 0, most, tuple(step_x * n for n in range(5)), lambda v: f"{1000 * v:g}"),
        Axis("questions", 0, 4 * step, tuple(step * n for n in range(5))),
    )
    parts = [frame.axes()]
    for number, one in enumerate(counts):
        left, top = frame.at((most * number / bars, one))
        right, bottom = frame.at((most * (number + 1) / bars, 0))
        words = f"{one} questions under {1000 * most * (number + 1) / bars:.0f} ms"
        parts.append(
            f'<rect class="bar" x="{left + 1:.1f}" y="{top:.1f}" width="{right - left - 2:.1f}" '
            f'height="{bottom - top:.1f}" rx="1.5"><title>{words}</title></rect>'
        )
    for value, name in ((median, "median"), (p95, "95 %")):
        parts += [frame.upright(value, "limit"), frame.note((value, 4 * step), name, "marked", right=6, up=-10)]
    told = f"median {1000 * median:.0f} ms, 95th percentile {1000 * p95:.0f} ms"
    return _drawn("How long answers took", told, "".join(parts))


def _round_step(least: float) -> float:
    """The next of 1, 2, 2.5, 5 and their tenfolds."""
    tens = 10.0 ** math.floor(math.log10(max(least, 1e-6)))
    return next(tens * digit for digit in (1, 2, 2.5, 5, 10) if tens * digit >= least * (1 - 1e-9))


def bars(title: str, rows: Sequence[tuple[str, float, str]]) -> str:
    """Horizontal bars from 0 to 1: a name, a share, and what stands behind the bar."""
    row, left, right = 21, 134, 92
    height = row * len(rows) + 6
    parts = []
    for number, (name, share, note) in enumerate(rows):
        y = number * row + 4
        width = (_WIDTH - left - right) * share
        parts += [
            _text(left - 10, y + 12, name, "row", "end"),
            f'<rect class="track" x="{left}" y="{y}" width="{_WIDTH - left - right}" height="15" rx="3"/>',
            f'<rect class="bar" x="{left}" y="{y}" width="{width:.1f}" height="15" rx="3"/>',
            _text(_WIDTH - right + 10, y + 12, note, "tick", "start"),
        ]
    return _drawn(title, "; ".join(f"{name}: {note}" for name, _, note in rows), "".join(parts), height)


def whisker(value: float, low: float, high: float, lower_is_better: bool) -> str:
    """A share with its interval on a line from 0 to 1, for a table's cell."""
    width, height = 150, 16
    kind = "whisker less" if lower_is_better else "whisker"
    x, left, right = (3 + (width - 6) * v for v in (value, low, high))
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">'
        f'<line class="track" x1="3" x2="{width - 3}" y1="8" y2="8"/>'
        f'<line class="range" x1="{left:.1f}" x2="{right:.1f}" y1="8" y2="8"/>'
        f'<circle cx="{x:.1f}" cy="8" r="4"/></svg>'
    )
