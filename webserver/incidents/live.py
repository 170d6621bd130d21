"""A replay on a terminal: what happened scrolls by, below it the calendar runs.

Without a terminal the same lines are printed, and nothing moves.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from appliance.incidents.form import Client, Step
from webserver.incidents.playing import Watcher
from webserver.incidents.results import Replay, StepResult
from webserver.incidents.telling import Kind, Teller
from webserver.incidents.world import World

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

_STYLES = {"title": "bold", "time": "bold cyan", "good": "green", "bad": "bold red", "soft": "dim"}


@contextmanager
def printed() -> Iterator[Watcher]:
    """Lines, one after the other."""
    yield Teller(lambda line, _kind: print(line, flush=True))


@contextmanager
def live() -> Iterator[Watcher]:
    """Lines that scroll, above a panel that moves."""
    from rich.console import Console  # a terminal is there: then it is worth its time
    from rich.live import Live
    from rich.text import Text

    console = Console(highlight=False)
    with Live(console=console, refresh_per_second=12, transient=True) as shown:

        def say(line: str, kind: Kind) -> None:
            console.print(Text(_wrapped(line, console.width), style=_STYLES.get(kind, "")))

        yield _Panel(say, shown)


def _wrapped(line: str, width: int) -> str:
    """A line of the story, what does not fit on it indented below it."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False)


class _Panel(Teller):
    """The moving part: the calendar, how far the story is, and how everybody gets on."""

    def __init__(self, say: Any, shown: Live) -> None:
        super().__init__(say)
        self._shown = shown
        self._replay: Replay | None = None
        self._now: datetime | None = None
        self._next: Step | None = None
        self._states: dict[str, str] = {}

    def begun(self, replay: Replay, world: World) -> None:
        super().begun(replay, world)
        self._replay = replay
        self._world = world
        self._now = replay.incident.start.clock
        self._draw()

    def passing(self, now: datetime, until: Step) -> None:
        self._now, self._next = now, until
        self._draw()

    def step(self, step: Step) -> None:
        super().step(step)
        self._now, self._next = step.at, step
        self._draw()

    def client(self, client: Client, happening: dict[str, Any]) -> None:
        if "to" in happening and "client" in happening:
            self._states[client.name] = happening["to"]
            self._draw()

    def looked(self, result: StepResult) -> None:
        super().looked(result)
        self._draw()

    def _draw(self) -> None:
        self._shown.update(self._picture())

    def _picture(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        assert self._replay is not None
        assert self._now is not None
        steps = self._replay.incident.steps
        grid = Table.grid(padding=(0, 2), expand=True)
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_column(no_wrap=True, justify="right")
        rate = self._world.box.clock.rate
        pace = "stands still" if rate == 0 else f"x {rate:,.0f}"
        done = len(self._replay.steps)
        grid.add_row(
            Text(self._now.strftime("%Y-%m-%d %H:%M:%S"), style="bold"),
            ProgressBar(total=len(steps), completed=done + self._share(), width=None),
            Text(f"{done} of {len(steps)}  {pace}", style="dim"),
        )
        parts: list[RenderableType] = [Text(""), grid]
        if self._next is not None and done < len(steps):
            parts.append(Text(self._next.title, style="dim", no_wrap=True, overflow="ellipsis"))
        if self._states:
            people = [one.name for one in self._replay.incident.clients if one.name in self._states]
            told = "   ".join(f"{name}: {self._states[name]}" for name in people)
            parts.append(Text(told, no_wrap=True, overflow="ellipsis"))
        return Group(*parts)

    def _share(self) -> float:
        """How far time has come from the step before to the next, from 0 to 1."""
        assert self._replay is not None
        if self._next is None or self._now is None:
            return 0.0
        done = self._replay.steps
        since = done[-1].at if done else self._replay.incident.start.clock
        whole = (self._next.at - since).total_seconds()
        passed = (self._now - since).total_seconds()
        return 0.0 if whole <= 0 else min(max(passed / whole, 0.0), 1.0)
