"""Show how long work is getting on: what is done, how fast, how long it will take. Silent where nobody watches."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

# Seconds. A batch may take longer than the half minute that rich looks back; then no rate and no time left would show.
_ESTIMATED_OVER = 600


class _Rate(ProgressColumn):
    """ "1,234 releases, 56.7/s" """

    def render(self, task: Task) -> Text:
        of = f" of {task.total:,.0f}" if task.total else ""
        rate = f", {task.speed:,.1f}/s" if task.speed else ""
        return Text(f"{task.completed:,.0f}{of} releases{rate}")


class Watched:
    """A line a step on a terminal's standard error; nothing elsewhere. For `vectorstore.store.Progress`."""

    def __init__(self, console: Console | None = None) -> None:
        console = console or Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            _Rate(),
            TimeRemainingColumn(compact=True),
            console=console,
            disable=not console.is_terminal,
            speed_estimate_period=_ESTIMATED_OVER,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def __call__(self, step: str, done: int, total: int | None) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total)
        self._bars.update(self._tasks[step], completed=done, total=total)


class Waits:
    """Says on standard error why nothing happens: another process is at it. Each is told of once."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, who: str) -> None:
        if who not in self._told:
            print(f"communique: waiting for {who}", file=sys.stderr)
        self._told.add(who)
