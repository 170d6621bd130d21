"""Control API, UC clients: the table of those at this box, and rows told by other processes.

A thin translation between requests and `ClientRuns`. What is told is looked over, since it
is shown to others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from appliance.uc_clients import PROFILES
from appliance.uc_states import State
from store.refusals import Refused
from webserver.client_runs import ClientRuns
from webserver.requests import json_object

MAX_ROWS = 1_000
MAX_TEXT = 500
MAX_SECONDS = 60
DEFAULT_SECONDS = 10

# The members of a row and their JSON types; `appliance.uc_states.Life.row` makes them.
ROW: dict[str, tuple[type, ...]] = {
    "id": (int,),
    "profile": (str,),
    "client": (str,),
    "user": (str,),
    "state": (str,),
    "since": (str,),
    "since_real": (str,),
    "error": (str, type(None)),
    "cause": (str, type(None)),
    "alert": (int, type(None)),
    "error_at": (str, type(None)),
    "error_at_real": (str, type(None)),
    "warning": (str, type(None)),
    "shown": (str, type(None)),
    "tries": (int,),
    "next_try_real": (str, type(None)),
    "logons": (int,),
    "losses": (int,),
    "calls": (int,),
}
_VALUES: dict[str, tuple[str, ...]] = {"profile": tuple(PROFILES), "state": tuple(State)}


class ClientControl:
    """The calls of the API that are about UC clients.

    runs: gives the runs when there is a request, which is later than routes are made.
    """

    def __init__(self, runs: Callable[[], ClientRuns]) -> None:
        self._runs = runs

    async def get_clients(self, _request: web.Request) -> web.Response:
        return web.json_response({"clients": self._runs().rows()})

    async def put_run(self, request: web.Request) -> web.Response:
        run = request.match_info["run"]
        body = await json_object(request, allowed=("clients", "seconds"))
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", run):
            raise Refused.because(
                "client-run",
                f"{run[:40]!r} is no name of a run.",
                field="run",
                instead="Use up to 40 letters, digits, dots, underscores and hyphens.",
            )
        seconds = body.get("seconds", DEFAULT_SECONDS)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            seconds = 0
        if not 0 < seconds <= MAX_SECONDS:
            raise Refused.because(
                "client-seconds",
                "It is not clear how long the rows are good for.",
                field="seconds",
                instead=f"Give up to {MAX_SECONDS} seconds, and renew them before.",
            )
        self._runs().tell(run, checked_rows(body.get("clients")), seconds=seconds)
        return web.Response(status=204)

    async def delete_run(self, request: web.Request) -> web.Response:
        self._runs().end(request.match_info["run"])
        return web.Response(status=204)

    def routes(self) -> list[web.RouteDef]:
        """What this part of the API answers to."""
        return [
            web.get("/v1/clients", self.get_clients),
            web.put("/v1/clients/{run}", self.put_run),
            web.delete("/v1/clients/{run}", self.delete_run),
        ]


def checked_rows(rows: object) -> list[dict[str, Any]]:
    """`rows` as they were told; refused when they are not rows of the table."""
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        raise Refused.because(
            "client-rows",
            "The clients are no list, or too many.",
            field="clients",
            instead=f"Send a list of up to {MAX_ROWS} rows; more of them under another name.",
        )
    for number, row in enumerate(rows):
        wrong = _wrong(row)
        if wrong is not None:
            raise Refused.because(
                "client-row",
                f"Row {number} is none of the table: {wrong}.",
                field=f"clients[{number}]",
                instead="See /v1/openapi.json for its members.",
            )
    return rows


def _wrong(row: object) -> str | None:
    """What is wrong with a row; None when nothing is."""
    if not isinstance(row, dict):
        return "it is no object"
    member: dict[str, Any] = row
    if row.keys() != ROW.keys():
        other = ", ".join(sorted(row.keys() ^ ROW.keys()))[:200]
        return f"it lacks these members, or has too many: {other}"
    for name, types in ROW.items():
        value = member[name]
        if isinstance(value, bool) or not isinstance(value, types):
            return f"{name} is of another type"
        if isinstance(value, str) and len(value) > MAX_TEXT:
            return f"{name} has more than {MAX_TEXT} characters"
        if name in _VALUES and value not in _VALUES[name]:
            return f"there is no {name} {str(value)[:40]!r}"
    return None
