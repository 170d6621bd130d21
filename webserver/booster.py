"""The Booster Server as it runs: its page, and the channel on which it is handed certificates.

It answers on its own address with its own certificate. Whoever knows the pairing secret
may hand it a certificate with its key; it looks everything over as the box does, keeps
it, and restarts, alone.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from appliance.booster import Booster
from appliance.change import Change
from appliance.lifecycle import Event
from store.inventory import Holding, Kind
from store.journal import Entry
from store.refusals import Refused
from webserver.booster_link import (
    TRANSFER_PATH,
    BoosterView,
    Pairing,
    TransferChannel,
    transfer_body,
)
from webserver.model_thread import ModelThread
from webserver.problems import problems_middleware
from webserver.representations import certificate_json
from webserver.requests import json_object
from webserver.running_node import RunningNode
from webserver.station import Station

MAX_BODY = 1 << 20


class RunningBooster(RunningNode):
    """A Booster Server that serves."""

    def __init__(
        self, booster: Booster, station: Station, model: ModelThread, *, secret: str
    ) -> None:
        super().__init__(booster, station, model)
        self.model = booster
        self.secret = secret
        self.on_certificate: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"https://{self.station.host}:{self.station.listeners['portal'].port}"

    def pairing(self) -> Pairing:
        """What a box needs to know to hand it certificates."""
        return Pairing(
            host=self.station.host,
            port=self.station.listeners["portal"].port,
            secret=self.secret,
            key_sha256=self.active.key_sha256,
        )

    def active_json(self) -> dict[str, Any]:
        """Its active certificate, as CERTIFICATE."""
        return certificate_json(
            self.model.active,
            active_on=["booster"],
            real=self.model.real_validity(self.model.active),
        )

    async def receive(self, body: dict[str, Any]) -> None:
        """Take over a certificate and key; refused, with nothing changed, when they won't do."""
        await self._finish(self._receive(body))

    async def _receive(self, body: dict[str, Any]) -> None:
        async with self.changing:
            self.model.lifecycle.check(Event.RESTART)
            holding = await self._model.call(self._read, body)
            await self._apply(self.model.prepare_transfer(holding))
        self.on_certificate()

    def _read(self, body: dict[str, Any]) -> Holding:
        from appliance.importing import checked_import  # no start needs them
        from store.bundles import read_files

        values = {key: body.get(key) for key in ("id", "name", "certificate", "key")}
        if not all(isinstance(value, str) for value in values.values()) or not re.fullmatch(
            r"[0-9a-f]{10}", str(values["id"])
        ):
            raise Refused.because("body", "The transfer is not complete.", instead="Try again.")
        material = read_files(
            str(values["certificate"]).encode(), str(values["key"]).encode(), passphrase=""
        )
        certificate = checked_import(material, [], field="certificate")
        return Holding(
            id=str(values["id"]),
            name=str(values["name"]),
            kind=Kind.IMPORTED,
            created=self.model.clock.now(),
            certificate=certificate,
            key=certificate.key,
        )

    async def activate(self, identity: str) -> None:
        """Serve one of its own certificates, for example the default one again."""
        await self._finish(self.activate_holding(identity))
        self.on_certificate()

    async def start_over(self, ip: str) -> None:
        """As newly installed, at `ip`."""
        await self._finish(self._start_over(ip))
        self.on_certificate()

    async def _start_over(self, ip: str) -> None:
        async with self.changing:
            change: Change = await self._model.call(
                self.model.prepare_installation, ip=ip, event="installed", wipe=True
            )
            await self._apply(change)
            await self.forget_faults()


class NearBooster:
    """A Booster Server in the same process, reached over the same TLS channel as a far one."""

    def __init__(self, booster: RunningBooster) -> None:
        self.booster = booster
        self._channel = TransferChannel(booster.pairing)

    @property
    def active_id(self) -> str | None:
        """The id of its active certificate."""
        return self.booster.model.active.id

    @property
    def url(self) -> str:
        """Where its page is."""
        return self.booster.url

    def near(self) -> RunningNode:
        return self.booster

    async def journal(self, *, since: int = 0) -> list[Entry]:
        return await self.booster.journal(since=since)

    async def transfer(self, holding: Holding) -> None:
        await self._channel.send("PUT", "certificate", transfer_body(holding))

    async def activate(self, identity: str) -> None:
        await self._channel.send("POST", "activate", {"certificate": identity})

    async def view(self) -> BoosterView:
        return BoosterView(self.booster.state.value, self.booster.active_json())

    async def running(self) -> None:
        await self.booster.running()

    async def check_projection(self) -> None:
        await self.booster.call(self.booster.model.check_projection)

    async def prepare_to_present(self, second: datetime | None = None) -> Callable[[], None]:
        return await self.booster.prepare_to_present(second)

    def check_reset(self) -> None:
        self.booster.model.lifecycle.check(Event.RESTART)

    async def reset(self) -> None:
        await self.booster.start_over(self.booster.model.ip)


def make_transfer_app(booster: RunningBooster) -> web.Application:
    """The channel: status, take over a certificate, activate one."""

    @web.middleware
    async def authenticated(request: web.Request, handler: Any) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {booster.secret}".encode()):
            raise Refused.because(
                "unauthorized", "This channel is for the system that is paired with this server."
            )
        answer: web.StreamResponse = await handler(request)
        return answer

    async def status(_request: web.Request) -> web.Response:
        return web.json_response({"state": booster.state.value, "active": booster.active_json()})

    async def certificate(request: web.Request) -> web.Response:
        await booster.receive(await json_object(request))
        return _accepted(booster)

    async def activate(request: web.Request) -> web.Response:
        identity = (await json_object(request)).get("certificate")
        if not isinstance(identity, str):
            raise Refused.because("body", "Name the certificate.", field="certificate")
        await booster.activate(identity)
        return _accepted(booster)

    app = web.Application(
        middlewares=[problems_middleware, authenticated], client_max_size=MAX_BODY
    )
    app.router.add_get("/status", status)
    app.router.add_put("/certificate", certificate)
    app.router.add_post("/activate", activate)
    return app


def _accepted(booster: RunningBooster) -> web.Response:
    answer = {"state": booster.state.value, "key_sha256": booster.active.key_sha256}
    return web.json_response(answer, status=202)


def make_booster_app(booster: RunningBooster) -> web.Application:
    """The whole server: its page and the transfer channel."""
    from webserver.portal import make_booster_pages

    app = make_booster_pages(booster)
    app.add_subapp(TRANSFER_PATH, make_transfer_app(booster))
    return app
