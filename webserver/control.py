"""The simulator's own API under /v1: JSON over HTTP on loopback, with a bearer token.

A thin translation: requests to `RunningBox`, refusals to problems, the model to JSON.
The calls are described by /v1/openapi.json (`webserver/openapi.py`).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from store.certificate import iso_time
from store.inventory import Holding
from store.refusals import Refused
from webserver.control_acme import AcmeControl
from webserver.control_clients import ClientControl
from webserver.control_faults import REVOCATION_PATH, FaultControl
from webserver.control_telephony import TelephonyControl
from webserver.control_time import TimeControl
from webserver.control_trust import TrustControl
from webserver.control_verdicts import VerdictControl
from webserver.feed import Feed
from webserver.files import certificate_file
from webserver.handshakes import HandshakeLog
from webserver.problems import problems_middleware
from webserver.representations import certificate_json, entry_json
from webserver.requests import import_parts, json_object, query_number, text_part
from webserver.running import NODES, RunningBox
from webserver.tokens import bearers_only

MAX_BODY = 1 << 20
_OPEN = ("/v1/openapi.json", REVOCATION_PATH + "/")  # no token is wanted there


class Control:
    """The calls, over one box."""

    def __init__(self, box: RunningBox, *, feed: Feed, handshakes: HandshakeLog) -> None:
        self._box = box
        self._feed = feed
        self._handshakes = handshakes

    @property
    def box(self) -> RunningBox:
        """The box that this is the API of."""
        return self._box

    # The box

    async def get_box(self, _request: web.Request) -> web.Response:
        return web.json_response(await self._box_json())

    async def _box_json(self) -> dict[str, Any]:
        box = self._box
        nodes: dict[str, Any] = {
            "system": {
                "state": box.state.value,
                "active": self._certificate(box.model.active),
            }
        }
        view = await box.booster_view()
        if view is not None:
            nodes["booster"] = {"state": view.state, "active": view.active}
        return {
            "lan_ip": box.lan_ip,
            "firmware": box.model.release.name,
            "installed_at": box.model.settings["installed_at"],
            "state": box.state.value,
            "now": iso_time(box.clock.now()),
            "rate": box.clock.rate,
            "dates": box.clock.dates.value,
            "portal": box.portal_url,
            "wsi": box.wsi_url,
            "wsi_http": box.wsi_http_url,
            "http": box.http_url,
            "booster": box.booster_url,
            "nodes": nodes,
        }

    async def patch_box(self, request: web.Request) -> web.Response:
        body = await json_object(request, allowed=("lan_ip",))
        if "lan_ip" not in body:
            raise Refused.because(
                "field-missing", "Nothing to change is named.", field="lan_ip", instead="Give it."
            )
        before = self._box.lan_ip
        await self._box.change_lan_ip(body["lan_ip"], wait=False)
        status = 200 if self._box.lan_ip == before else 202
        return web.json_response(await self._box_json(), status=status)

    async def reset(self, _request: web.Request) -> web.Response:
        await self._box.reset(wait=False)
        return web.json_response(await self._box_json(), status=202)

    # Certificates

    def _certificate(self, holding: Holding) -> dict[str, Any]:
        box = self._box
        return certificate_json(
            holding,
            active_on=box.active_on(holding.id),
            real=box.model.real_validity(holding),
        )

    def _created(self, holding: Holding) -> web.Response:
        return web.json_response(
            self._certificate(holding),
            status=201,
            headers={"Location": f"/v1/certificates/{holding.id}"},
        )

    async def get_certificates(self, _request: web.Request) -> web.Response:
        found = [self._certificate(holding) for holding in self._box.holdings()]
        return web.json_response({"certificates": found})

    async def post_certificate(self, request: web.Request) -> web.Response:
        return self._created(await self._box.make(**await json_object(request)))

    async def import_certificate(self, request: web.Request) -> web.Response:
        parts = await import_parts(request)
        name, passphrase = (text_part(parts, field) for field in ("name", "passphrase"))
        if "pkcs12" in parts and not {"certificate", "key"} & parts.keys():
            holding = await self._box.import_pkcs12(
                name=name, passphrase=passphrase, data=parts["pkcs12"]
            )
        elif "certificate" in parts and "pkcs12" not in parts:
            holding = await self._box.import_files(
                name=name,
                passphrase=passphrase,
                certificate=parts["certificate"],
                key=parts.get("key"),
            )
        else:
            raise Refused.because(
                "import-parts",
                "It is not clear what to import.",
                field="certificate",
                instead="Send certificate and key, or pkcs12.",
            )
        return self._created(holding)

    async def get_certificate(self, request: web.Request) -> web.Response:
        identity, dot, suffix = request.match_info["id"].partition(".")
        holding = self._box.model.holding(identity)
        if not dot:
            return web.json_response(self._certificate(holding))
        model = self._box.model
        file = await self._box.call(lambda: certificate_file(model.as_presented(holding), suffix))
        return web.Response(
            body=file.content,
            content_type=file.media_type,
            headers={
                "Content-Disposition": file.disposition,
                "Cache-Control": "no-store",
            },
        )

    async def delete_certificate(self, request: web.Request) -> web.Response:
        await self._box.remove(request.match_info["id"])
        return web.Response(status=204)

    async def activate(self, request: web.Request) -> web.Response:
        node = request.match_info["node"]
        if node not in NODES:
            raise Refused.because(
                "no-such-node",
                f"There is no node {node[:40]!r}.",
                field="node",
                instead=f"Nodes are {' and '.join(NODES)}.",
            )
        body = await json_object(request, allowed=("certificate",))
        identity = body.get("certificate")
        if not isinstance(identity, str):
            raise Refused.because(
                "field-missing",
                "The certificate to activate is not named.",
                field="certificate",
                instead='Send {"certificate": ID}.',
            )
        warnings = await self._box.activate(identity, node=node, wait=False)
        state = self._box.state.value
        if node == "booster" and (view := await self._box.booster_view()) is not None:
            state = view.state
        answer = {"node": node, "certificate": identity, "state": state, "warnings": list(warnings)}
        return web.json_response(answer, status=202)

    # What happened

    async def get_journal(self, request: web.Request) -> web.Response:
        node = request.query.get("node", "system")
        entries = await self._box.journal_of(node, since=query_number(request, "since"))
        return web.json_response({"journal": [entry_json(entry, node=node) for entry in entries]})

    async def get_handshakes(self, request: web.Request) -> web.Response:
        from webserver.observed import handshake_json  # off the start path

        records = self._handshakes.since(query_number(request, "since"))

        def text() -> str:  # thousands of records take a third of a second
            return json.dumps({"handshakes": [handshake_json(record) for record in records]})

        return web.json_response(text=await asyncio.to_thread(text))

    async def get_events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        with self._feed.listening() as queue:
            await response.prepare(request)
            await response.write(b": connected\n\n")
            while (happening := await queue.get()) is not None:
                number = happening.value.get("seq", happening.value.get("id"))
                data = json.dumps(happening.value, ensure_ascii=False)
                text = f"event: {happening.kind}\nid: {number}\ndata: {data}\n\n"
                await response.write(text.encode())
        return response

    async def get_openapi(self, _request: web.Request) -> web.Response:
        from webserver.openapi import document  # off the start path

        return web.json_response(document())


def make_control_app(control: Control, *, token: str) -> web.Application:
    """The API, for whoever has `token`."""
    app = web.Application(
        middlewares=[problems_middleware, bearers_only(token, but=_OPEN)], client_max_size=MAX_BODY
    )
    app.router.add_routes(
        [
            web.get("/v1/openapi.json", control.get_openapi),
            web.get("/v1/box", control.get_box),
            web.patch("/v1/box", control.patch_box),
            web.post("/v1/reset", control.reset),
            web.get("/v1/certificates", control.get_certificates),
            web.post("/v1/certificates", control.post_certificate),
            web.post("/v1/certificates/import", control.import_certificate),
            web.get("/v1/certificates/{id}", control.get_certificate),
            web.delete("/v1/certificates/{id}", control.delete_certificate),
            web.post("/v1/nodes/{node}/activate", control.activate),
            *FaultControl(lambda name: control.box.near_node(name)).routes(),
            *VerdictControl(
                lambda name: control.box.near_node(name), keeper=lambda: control.box
            ).routes(),
            *TimeControl(lambda: control.box).routes(),
            *TelephonyControl(lambda: control.box).routes(),
            *ClientControl(lambda: control.box.client_runs).routes(),
            *TrustControl(lambda: control.box).routes(),
            *AcmeControl(lambda: control.box).routes(),
            web.get("/v1/journal", control.get_journal),
            web.get("/v1/handshakes", control.get_handshakes),
            web.get("/v1/events", control.get_events),
        ]
    )
    return app
