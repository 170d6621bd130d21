"""The composition root: a box, its Booster Server and their endpoints, wired and started.

What is wired here knows nothing of the rest; how it is wired can be read in `_start`.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from appliance.acme import BOOK
from appliance.box import Box
from appliance.change import Change
from appliance.clock import Clock, as_dates, as_time
from appliance.network import parse_address
from appliance.sessions import Sessions
from store.refusals import Refused
from webserver.booster import NearBooster, RunningBooster
from webserver.booster_link import FarBooster
from webserver.booster_start import start_booster
from webserver.challenges import make_http_app
from webserver.fault_specs import read_specs
from webserver.handshakes import HandshakeLog
from webserver.options import DEFAULT_LAN_IP, Options
from webserver.pairing import keep_pin, read_pairing
from webserver.portal import PORTAL, Portal, make_portal_app, make_services
from webserver.running import RunningBox
from webserver.site import CONTROL_ADDRESS, Site
from webserver.station import Endpoint
from webserver.telephone_keeping import remembered

if TYPE_CHECKING:
    from appliance.desks import Desks
    from webserver.ca.practice import PracticeCA
    from webserver.clients.fleet import Fleet
    from webserver.doors import Lodging
    from webserver.late import LateServer


def make_control(site: Site, box: RunningBox, token: str) -> web.Application:
    """The control API of `box`; imported when somebody calls it."""
    from webserver.control import Control, make_control_app

    control = Control(box, feed=site.feed, handshakes=site.handshakes)
    return make_control_app(control, token=token)


def make_wsi(box: RunningBox, services: Portal) -> web.Application:
    """The WSI application, its tables loaded when the first client comes."""
    from webserver.wsi.app import make_wsi_app

    return make_wsi_app(box, services)


class Simulator:
    """A box that runs while the `async with` block does.

    Keyword arguments are those of `webserver.options.Options`. `data=DIR` keeps the box
    in a directory; without it, or with `ephemeral=True`, nothing is kept. All ports are
    free ones and a restart takes no time, unless told otherwise. Times may be text
    (ISO 8601 in UTC).

    lodging: for one of many boxes in a process (`webserver.boxes`).

    Raises `Refused` on entering when an address or port can't be had or the data can't be used.
    """

    def __init__(
        self,
        *,
        ephemeral: bool = False,
        data: str | Path | None = None,
        lodging: Lodging | None = None,
        **options: Any,
    ) -> None:
        if ephemeral and data is not None:
            raise Refused.because(
                "data",
                "A box can't be ephemeral and keep its data.",
                field="data",
                instead="Give one of the two.",
            )
        for name in ("installed_at", "now"):
            options[name] = as_time(options.get(name), field=name)
        options["dates"] = as_dates(options.get("dates"))
        self.options = Options(data=None if data is None else Path(data), **options)
        self._lodging = lodging
        self.token = secrets.token_urlsafe(24)
        self.booster: RunningBooster | None = None
        self.ca: PracticeCA | None = None
        self.box: RunningBox
        self.control: LateServer
        self.control_url = ""

    @property
    def handshakes(self) -> HandshakeLog:
        """Every TLS connection to its nodes, the latest ones."""
        return self._site.handshakes

    async def clients(self, count: int | None = None, **options: Any) -> Fleet:
        """UC clients at this box, running; they end with it, or with `stop`.

        options: `profiles`, `trust`, `anchors`, `calls`, `seed`, `host`, `client_clock`, as
        for `webserver.clients.fleet.Fleet`. Refused as there.
        """
        from webserver.clients.boxes import NearBox  # off the start path
        from webserver.clients.fleet import Fleet

        fleet = Fleet(NearBox(self.box), count=count, **options)
        fleet.listeners.append(self._site.publish_client)
        fleet.on_stopped = lambda: self.box.client_runs.drop(fleet)
        await fleet.start()
        self.box.client_runs.add(fleet)
        return fleet

    async def __aenter__(self) -> Self:
        self._site = await Site(self.options, self._lodging).__aenter__()
        try:
            await self._start(self._site)
        except BaseException:
            await self._site.__aexit__()
            raise
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.box.client_runs.stop()
        if self.ca is not None:
            await self.ca.stop()
        await self.box.settle()
        if self.booster is not None:
            await self.booster.settle()
        try:
            if not self.box.model.store.ephemeral:
                await self._site.model.call(self._put_to_rest)
        finally:
            await self._site.__aexit__()

    async def _start(self, site: Site) -> None:
        options, faults = self.options, read_specs(self.options.faults)
        model, desks = await site.model.call(self._load, site)
        sessions = Sessions()

        def end_sessions() -> int:
            if portal.app is not None:
                portal.app[PORTAL].end_sessions()
            services.end_sessions()
            return sessions.end_all()

        station = site.station(model, on_down=end_sessions)
        self.box = RunningBox(model, station, site.model, sessions=sessions, desks=desks)
        services = make_services(lambda: self.box)
        portal = site.server(lambda: make_portal_app(self.box, services))
        wsi = site.server(lambda: make_wsi(self.box, services))
        station.endpoints = {
            "portal": Endpoint(portal, options.portal_port),
            "wsi": Endpoint(wsi, options.wsi_port),
            "wsi_http": Endpoint(wsi, options.wsi_http_port, secure=False),
        }
        http_port = 0 if options.http_port is None and options.ca else options.http_port
        if http_port is not None:
            http = site.server(
                lambda: make_http_app(self.box.challenges, lambda: self.box.portal_url)
            )
            station.endpoints["http"] = Endpoint(http, http_port, secure=False)
        before = model.lan_ip if model.installed else DEFAULT_LAN_IP
        lan_ip = before if options.lan_ip is None else parse_address(options.lan_ip)
        await site.open(model, station, lan_ip, lambda: self._install(model, lan_ip))
        if options.booster_pairing is not None:
            await self._pair(site, model, options.booster_pairing)
        elif options.booster:
            self.booster = await start_booster(
                site, ip=options.booster_ip, port=options.port_of_booster()
            )
            booster_model = self.booster.model
            booster_model.signers = lambda: (
                *model.holdings.values(),
                *booster_model.holdings.values(),
            )
            self.box.booster = NearBooster(self.booster)
            self.box.neighbour, self.booster.neighbour = self.booster, self.box
        self.box.calendar.follow()
        if model.settings.get(BOOK):
            await self.box.start_acme()
        self._open_control(site)
        if options.ca:
            from appliance.acme.setup import Beside  # off the start path
            from webserver.ca.beside import start_ca

            self.ca = await start_ca(self.box, site.clock)
            self.box.practice_ca = Beside(self.ca.directory, self.ca.trust)
        for spec in faults:
            await self.box.near_node(spec.node).set_fault_as_given(spec.name, spec.given)

    def _open_control(self, site: Site) -> None:
        self.control = site.server(lambda: make_control(site, self.box, self.token))
        if self._lodging is not None:
            self.control_url = self._lodging.control_url
            return
        listener = site.open_plain(self.control, self.options.control_port)
        self.control_url = f"http://{CONTROL_ADDRESS}:{listener.port}"
        for node in filter(None, (self.box, self.booster)):
            node.revocation = f"{self.control_url}/revocation/{node.node.name}"

    def _load(self, site: Site) -> tuple[Box, Desks | None]:
        model = site.load(Box, "osbiz")
        saved = model.settings.get("clock")
        if saved is not None and self.options.now is None:  # the calendar goes on where it was
            before = Clock.from_settings(saved)
            now = None if before.goes_with_the_machine else before.now()
            site.clock.set(
                now=now, rate=self.options.rate, dates=self.options.dates or before.dates
            )
        return model, remembered(model.store)

    def _install(self, model: Box, lan_ip: str) -> None:
        options = self.options
        if options.subscribers:
            model.first_subscribers = options.subscribers
        if not model.installed:
            model.install(
                lan_ip=lan_ip,
                release=options.firmware,
                installed_at=options.installed_at,
            )
        else:
            self._start_again(model, lan_ip)
        if options.now is not None:
            model.commit(Change(settings={"clock": model.clock.as_settings()}))
        if options.trusted:
            from appliance.trusting import prepare_trusted  # off the start path

            bound = () if options.bind is None else (f"IP:{options.bind}",)
            model.commit(prepare_trusted(model, bound).change)
        model.note("started", lan_ip=lan_ip, firmware=model.release.name)

    def _start_again(self, model: Box, lan_ip: str) -> None:
        options = self.options
        if options.installed_at is not None:
            raise Refused.because(
                "installed-already",
                f"The box in {options.data} was installed on {model.settings['installed_at']}.",
                field="installed_at",
                instead="Leave it out, or give another data directory.",
            )
        if options.firmware is not None:
            model.update_firmware(options.firmware)
        if options.subscribers:
            model.commit(Change(subscribers=options.subscribers))
        if lan_ip != model.lan_ip:
            model.commit(model.prepare_move(lan_ip))

    async def _pair(self, site: Site, model: Box, path: Path) -> None:
        pairing = await site.model.call(read_pairing, path, model)

        def keep(fingerprint: str) -> None:
            site.model.post(keep_pin, model, pairing.secret, fingerprint)

        self.box.booster = FarBooster(pairing, on_pin=keep)

    def _put_to_rest(self) -> None:
        model = self.box.model
        settings = {"clock": model.clock.as_settings()} if "clock" in model.settings else {}
        model.commit(Change(settings=settings, journal=(("stopped", {}),)))
