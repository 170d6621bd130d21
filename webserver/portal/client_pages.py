"""Service Center: the UC clients at this box, and how they fare.

Shows what `ClientRuns` has; what is told from elsewhere is text like any other here.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from aiohttp import web

from appliance.uc_states import State
from webserver.portal.service_pages import tabs
from webserver.portal.texts import mark
from webserver.portal.visits import Visit

SHOWN = 200  # who fares worst comes first

_WORDS: dict[str, str] = {
    State.LOGGED_ON: mark("logged on"),
    State.IN_CALL: mark("in a call"),
    State.CONNECTING: mark("connecting"),
    State.CUT_OFF: mark("cut off"),
    State.LOCKED_OUT: mark("locked out"),
    State.DEAD: mark("gave up"),
    State.OFF: mark("off"),
}
_LAMPS: dict[str, str] = {
    State.LOGGED_ON: "running",
    State.IN_CALL: "running",
    State.CUT_OFF: "warn",
    State.LOCKED_OUT: "bad",
    State.DEAD: "bad",
}
_WORST_FIRST = (
    State.DEAD,
    State.LOCKED_OUT,
    State.CUT_OFF,
    State.CONNECTING,
    State.IN_CALL,
    State.LOGGED_ON,
    State.OFF,
)


async def clients(visit: Visit) -> web.StreamResponse:
    """The table, the worst first, and how many are in each state."""
    rows = visit.box.client_runs.rows()
    counts = Counter(row["state"] for row in rows)
    rows.sort(key=lambda row: _WORST_FIRST.index(State(row["state"])))  # keeps the order of equals
    return await visit.page(
        "clients.html",
        tabs=tabs(visit),
        rows=[_shown(row) for row in rows[:SHOWN]],
        more=max(0, len(rows) - SHOWN),
        counts=[(_WORDS[state], counts[state]) for state in _WORDS if counts[state]],
    )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    state = row["state"]
    return row | {"words": _WORDS[state], "lamp": _LAMPS.get(state, "off")}
