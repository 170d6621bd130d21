"""The picture of a replay in numbers: where each row, piece and mark of it is.

Steps are years apart or one second, so the axis goes from step to step, each gap as wide as
its logarithm. Between two steps time is even; where the clock was set, it breaks off. Knows
no HTML; lengths are in units of the drawing.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from appliance.spans import format_span
from webserver.incidents.results import Replay, StepResult
from webserver.incidents.rows import Cell, Life, Plan, rows_of

WIDTH = 1160.0
LABELS = 226.0
LEAD = 48.0  # before the first step, after the last
LINE = 14.0
BAR = LINE + 4  # a piece of a row, whose label may have more lines
_TOP = 74.0
_LABEL_CHARACTERS = 32
_GAP_WEIGHT = 0.6
_NARROW = 84.0  # a column that is narrower has no room for a date of its own
_CHARACTER = 6.4  # about as wide as one character in a piece


@dataclass(frozen=True, slots=True)
class Column:
    """One step on the axis, at `x`.

    date, time, gap: empty where there is no room. gap_x: the middle of the gap before it.
    jump: the clock was set in it. met: it went as expected.
    """

    number: int
    x: float
    title: str
    date: str
    time: str
    gap: str
    gap_x: float
    jump: bool
    met: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a row. kind: how it is drawn; text: in it, empty where there is no room."""

    x: float
    width: float
    kind: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on a row.

    text: beside it, empty where there is no room. long: it is to be seen in all rows below.
    """

    x: float
    kind: str
    title: str
    text: str = ""
    long: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the picture. labels: the lines of its label."""

    labels: tuple[str, ...]
    y: float
    height: float
    pieces: tuple[Piece, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together, under a title at `y`."""

    title: str
    y: float
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it. left: where the labels end."""

    width: float
    height: float
    left: float
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From one step to the next; `number` of the step before, 0 for none."""

    number: int
    x: float
    end: float
    begins: datetime
    ends: datetime

    def place(self, moment: datetime) -> float:
        whole = (self.ends - self.begins).total_seconds()
        share = 1.0 if whole <= 0 else (moment - self.begins).total_seconds() / whole
        return round(self.x + (self.end - self.x) * min(max(share, 0.0), 1.0), 1)


class Axis:
    """Where a moment is. One that the calendar passed twice is there twice."""

    def __init__(self, steps: Sequence[StepResult]) -> None:
        self.xs = _places(steps)
        first, last = steps[0], steps[-1]
        reach = max(last.at - first.step.at, timedelta(days=1)) / 8
        self._stretches = [
            _Stretch(0, LABELS, self.xs[0], first.step.at - reach, first.step.at),
            *(
                _Stretch(number, self.xs[number - 1], self.xs[number], before.at, after.step.at)
                for number, (before, after) in enumerate(pairwise(steps), start=1)
            ),
            _Stretch(len(steps), self.xs[-1], WIDTH, last.at, last.at + reach),
        ]

    def pieces(self, life: Life, title: str) -> list[Piece]:
        """Where the calendar is within a validity."""
        found: list[Piece] = []
        for one in self._stretches:
            begin, end = max(life.begin, one.begins), min(life.end, one.ends)
            if begin > end:
                continue
            x, right = one.place(begin) if one.begins < one.ends else one.x, one.place(end)
            kind = "served" if one.number in life.served else "valid"
            if found and found[-1].kind == kind and found[-1].x + found[-1].width >= x - 0.1:
                x = found.pop().x
            found.append(Piece(x, max(right - x, 2.0), kind, "", title))
        return found

    def ends(self, life: Life) -> list[tuple[float, bool]]:
        """Where the calendar passes the end of a validity, and whether it was served then."""
        return [
            (one.place(life.end), one.number in life.served)
            for one in self._stretches[1:-1]
            if one.begins < life.end <= one.ends
        ]

    def runs(self, cells: Sequence[Cell]) -> list[tuple[float, float, Cell]]:
        """One cell for each step, equal neighbours as one stretch: from, to, the cell."""
        found: list[tuple[float, float, Cell]] = []
        last = self._stretches[-1]
        for stretch, cell in zip(self._stretches[1:], cells, strict=True):
            parts = [(stretch.x, stretch.end, cell)]
            turns = None if stretch is last else cell.turns
            if turns is not None and stretch.begins <= turns[0] < stretch.ends:
                x = stretch.place(turns[0])
                parts = [(stretch.x, x, cell), (x, stretch.end, turns[1])]
            for x, end, one in parts:
                if found and found[-1][2] == one:
                    found[-1] = (found[-1][0], end, one)
                elif end > x:
                    found.append((x, end, one))
        return found


def draw(replay: Replay) -> Picture:
    """The picture of a replay that has at least one step."""
    axis = Axis(replay.steps)
    groups: list[Group] = []
    y = _TOP
    for title, plans in rows_of(replay):
        if not plans:
            continue
        top, y = y, y + 18
        rows: list[Row] = []
        for plan in plans:
            rows.append(_row(plan, axis, y))
            y += rows[-1].height + 6
        groups.append(Group(title, top, tuple(rows)))
        y += 20
    return Picture(WIDTH, y, LABELS, _columns(replay.steps, axis.xs), tuple(groups))


def _row(plan: Plan, axis: Axis, y: float) -> Row:
    if plan.life is not None:
        pieces = axis.pieces(plan.life, plan.title)
        marks = [_end(plan.life, x, plan.title, served) for x, served in axis.ends(plan.life)]
    else:
        pieces = [
            Piece(x, max(end - x, 2.0), cell.kind, _words(cell, end - x), cell.title)
            for x, end, cell in axis.runs(plan.cells)
        ]
        marks = [Mark(axis.xs[step], kind, title) for step, kind, title in plan.marks]
    labels = tuple(textwrap.wrap(plan.label, _LABEL_CHARACTERS))
    return Row(labels, y, LINE * len(labels) + 4, tuple(pieces), tuple(marks))


def _end(life: Life, x: float, title: str, served: bool) -> Mark:
    """An end is told of, unless another certificate had taken its place in time."""
    if life.served and not served:
        return Mark(x, "replaced", title)
    told = f"ends {life.end:%Y-%m-%d %H:%M:%S}"
    return Mark(x, "ends", title, _fitting(told, WIDTH - x), long=served)


def _words(cell: Cell, width: float) -> str:
    more = _fitting(f"{cell.text}: {cell.more}", width) if cell.more else ""
    return more or _fitting(cell.text, width)


def _fitting(text: str, width: float) -> str:
    return text if len(text) * _CHARACTER + 12 <= width else ""


# The axis


def _places(steps: Sequence[StepResult]) -> list[float]:
    """Where each step is."""
    weights = []
    for before, after in pairwise(steps):
        gap = max((after.step.at - before.at).total_seconds(), 0.0)
        weights.append(1 + _GAP_WEIGHT * math.log10(1 + gap))
    room = WIDTH - LABELS - 2 * LEAD
    found = [LABELS + LEAD]
    for weight in weights:
        found.append(round(found[-1] + weight * room / sum(weights), 1))
    return found


def _columns(steps: Sequence[StepResult], xs: Sequence[float]) -> tuple[Column, ...]:
    found: list[Column] = []
    written = 0.0
    for position, (result, x) in enumerate(zip(steps, xs, strict=True)):
        at = result.step.at
        room = x - written >= _NARROW
        written = x if room else written
        before = x if position == 0 else xs[position - 1]
        gap = "" if position == 0 else _gap(at - steps[position - 1].at)
        found.append(
            Column(
                number=result.step.number,
                x=x,
                title=result.step.title,
                date=at.strftime("%Y-%m-%d") if room else "",
                time=at.strftime("%H:%M:%S") if room else "",
                gap=gap if len(gap) * _CHARACTER + 22 <= x - before else "",
                gap_x=(x + before) / 2,
                jump=abs(result.at - at) > timedelta(minutes=1),
                met=result.met,
            )
        )
    return tuple(found)


def _gap(span: timedelta) -> str:
    """A gap in one or two units: `10 s`, `7 h 40 m`, `90 d`."""
    parts = [f"{count} {unit}" for count, unit in re.findall(r"(\d+)([a-z]+)", format_span(span))]
    return " ".join(parts[: 1 if span.days >= 10 else 2])
