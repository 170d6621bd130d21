"""A row of the result, and the result as a table and as JSON. Measures nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """What a row should reach.

    at_least: whether `limit` is a least value, else a greatest.
    absolute: whether it is for our own value, else for its ratio to the peer's.
    """

    limit: float
    at_least: bool = False
    absolute: bool = False

    def met(self, value: float) -> bool:
        """Whether `value` reaches the goal."""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing.

    ours, theirs: medians in `unit`; theirs is None without a peer.
    goal: None for a row that only informs.
    parts: where our value comes from, as measured: the cause when a goal is missed.
    """

    what: str
    unit: str
    ours: float
    peer: str = ""
    theirs: float | None = None
    goal: Goal | None = None
    parts: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours to theirs; None without a peer."""
        return self.ours / self.theirs if self.theirs else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        value = self.ours if self.goal.absolute else self.ratio
        return value is not None and self.goal.met(value)

    def as_json(self) -> dict[str, Any]:
        """The row's member of the JSON report."""
        goal = self.goal and {
            "limit": self.goal.limit,
            "direction": "at least" if self.goal.at_least else "at most",
            "of": "ours" if self.goal.absolute else "ratio",
        }
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": self.ours,
            "peer": self.peer or None,
            "theirs": self.theirs,
            "ratio": self.ratio,
            "goal": goal,
            "met": self.met,
            "parts": self.parts or None,
        }


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be measured here, and why."""

    what: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """Its member of the JSON report."""
        return {"what": self.what, "skipped": self.why}


def _cells(row: Row | Skipped) -> list[str]:
    if isinstance(row, Skipped):
        return [row.what, "", "", "", "", "skipped: " + row.why]
    goal = ""
    if row.goal:
        sign = "≥" if row.goal.at_least else "≤"
        goal = f"{sign} {row.goal.limit:.3g}" + (f" {row.unit}" if row.goal.absolute else "")
    return [
        row.what,
        f"{row.ours:.3g} {row.unit}" if row.ours < 100 else f"{row.ours:.0f} {row.unit}",
        ""
        if row.theirs is None
        else f"{row.peer} {row.theirs:.3g}"
        if row.theirs < 100
        else f"{row.peer} {row.theirs:.0f}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        goal,
        {True: "yes", False: "NO", None: ""}[row.met],
    ]


def table(rows: Sequence[Row | Skipped]) -> str:
    """All rows for a terminal; below those that miss their goal, the parts of their value."""
    head = ["", "ours", "peer", "ratio", "goal", "met"]
    cells = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *(c[:5] for c in cells), strict=False)]
    lines = []
    for row, line in zip([None, *rows], [head, *cells], strict=True):
        fitted = [text.ljust(width) for text, width in zip(line, widths, strict=False)]
        lines.append("  ".join([*fitted, line[5]]).rstrip())
        if isinstance(row, Row) and row.met is False and row.parts:
            lines.append(f"    {row.parts}")
    return "\n".join(lines)
