"""A Booster Server, wired and started: beside a box, or alone with a control API of its own."""

from __future__ import annotations

import secrets

from aiohttp import web

from appliance.booster import Booster
from appliance.network import parse_address
from webserver.booster import RunningBooster, make_booster_app
from webserver.options import DEFAULT_BOOSTER_IP
from webserver.pairing import secret_of
from webserver.site import CONTROL_ADDRESS, Site
from webserver.station import Endpoint


async def start_booster(site: Site, *, ip: str | None, port: int) -> RunningBooster:
    """A Booster Server on `site`, installed when it was not."""

    def load() -> tuple[Booster, str]:
        booster = site.load(Booster, "booster")
        return booster, secret_of(booster)

    model, secret = await site.model.call(load)
    station = site.station(model)
    running = RunningBooster(model, station, site.model, secret=secret)
    server = site.server(lambda: make_booster_app(running))
    station.endpoints["portal"] = Endpoint(server, port)
    before = model.ip if model.installed else DEFAULT_BOOSTER_IP
    address = before if ip is None else parse_address(ip, field="booster_ip")

    def prepare() -> None:
        if not model.installed:
            model.install(ip=address)
        elif address != model.ip:
            model.commit(model.prepare_installation(ip=address, event="ip-changed"))
        model.note("started", ip=address)

    await site.open(model, station, address, prepare)
    return running


def control_booster(site: Site, booster: RunningBooster, port: int) -> dict[str, str]:
    """A control API for a Booster Server that runs alone; its `control` URL and `token`."""
    token = secrets.token_urlsafe(24)

    def make() -> web.Application:
        from webserver.control_booster import make_booster_control  # when somebody calls it

        return make_booster_control(booster, site.handshakes, token=token)

    listener = site.open_plain(site.server(make), port)
    url = f"http://{CONTROL_ADDRESS}:{listener.port}"
    booster.revocation = f"{url}/revocation/booster"
    return {"control": url, "token": token}
