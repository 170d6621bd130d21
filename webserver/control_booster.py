"""The control API of a Booster Server that runs alone: its faults, what happened, and what
clients say of its certificate.

A few of the box's calls, at the same paths. They are here because a fault can break the
channel between the two: it could not be cleared over that.
"""

from __future__ import annotations

from aiohttp import web

from store.refusals import Refused
from webserver.booster import RunningBooster
from webserver.control_faults import REVOCATION_PATH, FaultControl
from webserver.control_verdicts import VerdictControl
from webserver.handshakes import HandshakeLog
from webserver.observed import handshake_json
from webserver.problems import problems_middleware
from webserver.representations import entry_json
from webserver.requests import query_number
from webserver.running_node import RunningNode
from webserver.tokens import bearers_only


def make_booster_control(
    booster: RunningBooster, handshakes: HandshakeLog, *, token: str
) -> web.Application:
    """The API, for whoever has `token`."""

    def node_called(name: str) -> RunningNode:
        if name == "booster":
            return booster
        raise Refused.because(
            "no-such-node",
            f"There is no node {name[:40]!r} here.",
            field="node",
            instead="This is the Booster Server's own API: its node is booster.",
        )

    async def journal(request: web.Request) -> web.Response:
        entries = await booster.journal(since=query_number(request, "since"))
        found = [entry_json(entry, node="booster") for entry in entries]
        return web.json_response({"journal": found})

    async def records(request: web.Request) -> web.Response:
        found = handshakes.since(query_number(request, "since"))
        return web.json_response({"handshakes": [handshake_json(record) for record in found]})

    app = web.Application(
        middlewares=[problems_middleware, bearers_only(token, but=(REVOCATION_PATH + "/",))]
    )
    app.router.add_routes(
        [
            *FaultControl(node_called).routes(),
            *VerdictControl(node_called, keeper=lambda: booster).routes(),
            web.get("/v1/journal", journal),
            web.get("/v1/handshakes", records),
        ]
    )
    return app
