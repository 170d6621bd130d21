"""The clients on a terminal, as a table that is drawn again and again.

Only says; decides nothing. Rows are those of `Life.row`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from appliance.clock import parse_time
from appliance.uc_states import ON, Moment, State
from webserver.clients.telling import words

Row = dict[str, Any]

_STYLES = {
    State.OFF: "dim",
    State.CONNECTING: "dim",
    State.LOGGED_ON: "green",
    State.IN_CALL: "cyan",
    State.CUT_OFF: "yellow",
    State.LOCKED_OUT: "red",
    State.DEAD: "bold red",
}
# As they are told: who is well first, then from bad to worse.
_ORDER = (
    State.LOGGED_ON,
    State.IN_CALL,
    State.CONNECTING,
    State.CUT_OFF,
    State.LOCKED_OUT,
    State.DEAD,
    State.OFF,
)
_AROUND = 6  # lines of the screen that are no rows
_NARROW = 100  # columns; below, what clients say stands under the table, where it has room


def summary(rows: Iterable[Row]) -> Text:
    """How many are in each state: `10 logged on · 2 locked out`."""
    counts = Counter(row["state"] for row in rows)
    parts = [
        Text(f"{counts[state]} {words(state)}", _STYLES[state]) for state in _ORDER if counts[state]
    ]
    return Text(" · ").join(parts)


def drawn(
    rows: Sequence[Row], *, where: str, now: Moment, width: int, height: int, below: str = ""
) -> RenderableType:
    """The whole picture: a line for each client or, where `height` has no room, for each kind
    of client in each state.

    where: the box. width, height: of the screen. below: a hint under the table.
    """
    head = Text.assemble(
        ("UC clients", "bold"), f" at {where}", (f"   box {now.box:%Y-%m-%d %H:%M:%S}", "dim")
    )
    below_lines = below.count("\n") + 1 if below else 0
    narrow = width < _NARROW
    said = _by_client(rows) if narrow else []
    room = height - _AROUND - below_lines
    if len(rows) + sum(1 + text.cell_len // width for text in said) + bool(said) <= room:
        table = _singly(rows, now.real, errors=not narrow)
    else:
        table, said = _by_kind(rows, now.real), []
    parts: list[RenderableType] = [head, summary(rows), Text(), table]
    if said:
        parts += [Text(), *said]
    if below:
        parts += [Text(), Text(below, "dim", overflow="fold")]
    return Group(*parts)


def _table(*columns: str, whole: bool = False) -> Table:
    """An empty table; its last column is cut to one line, unless it is to be `whole`."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    for name in columns[:-1]:
        table.add_column(name, no_wrap=True, justify="right" if name == "Number" else "left")
    table.add_column(columns[-1], no_wrap=not whole, ratio=1, overflow="ellipsis")
    return table


def _singly(rows: Sequence[Row], now: datetime, *, errors: bool) -> Table:
    last = ("Last error",) if errors else ()
    table = _table("Client", "User", "State", "Since", "Again in", *last)
    for row in rows:
        table.add_row(
            row["client"],
            row["user"],
            Text(words(row["state"]), _STYLES[State(row["state"])]),
            _age(now, row["since_real"]),
            "" if row["next_try_real"] is None else _left(now, row["next_try_real"]),
            *((_said(row),) if errors else ()),
        )
    return table


def _by_client(rows: Sequence[Row]) -> list[Text]:
    """What clients say, each kind's words once, in full."""
    found: dict[tuple[str, str], Text] = {}
    for row in rows:
        said = _said(row)
        if said.plain:
            line = Text.assemble((row["client"], "dim"), "  ", said, overflow="fold")
            found.setdefault((row["client"], said.plain), line)
    return list(found.values())


def _by_kind(rows: Sequence[Row], now: datetime) -> Table:
    table = _table("Client", "Number", "State", "Since", "Last error", whole=True)
    groups: dict[tuple[str, State], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["client"], State(row["state"])), []).append(row)
    clients = list(dict.fromkeys(row["client"] for row in rows))
    for client, state in sorted(
        groups, key=lambda key: (clients.index(key[0]), _ORDER.index(key[1]))
    ):
        group = groups[client, state]
        latest = max(group, key=lambda row: row["since_real"])
        errors = Counter(row["error"] for row in group if row["error"])
        common = errors.most_common(1)
        shown = next((row for row in group if common and row["error"] == common[0][0]), latest)
        table.add_row(
            client,
            str(len(group)),
            Text(words(state), _STYLES[state]),
            _age(now, latest["since_real"]),
            _said(shown),
        )
    return table


def _said(row: Row) -> Text:
    """What it says now or, dimmed, what it said when something was wrong."""
    if row["warning"] and row["state"] in ON:
        return Text(f"warns: {row['warning']}", "yellow")
    return Text(row["error"] or "", "dim" if row["state"] in (*ON, State.OFF) else "")


def _age(now: datetime, since: str) -> str:
    return _long((now - parse_time(since, field="since")).total_seconds())


def _left(now: datetime, until: str) -> str:
    seconds = (parse_time(until, field="until") - now).total_seconds()
    return _long(seconds) if seconds >= 1 else "< 1 s"


def _long(seconds: float) -> str:
    whole = max(0, int(seconds))
    if whole < 100:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 6_000 else f"{whole // 3_600} h"
