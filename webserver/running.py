"""A box that runs: the model's stories as coroutines, each followed to the sockets.

This is what Python code, the portal and the control API all use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.box import Box
from appliance.change import Change
from appliance.lifecycle import Event
from appliance.network import parse_address
from appliance.sessions import Sessions
from store.inventory import Holding
from store.journal import Entry
from store.refusals import Refused
from webserver.administration import Administration
from webserver.client_runs import ClientRuns
from webserver.model_thread import ModelThread
from webserver.running_calendar import Calendar
from webserver.running_node import RunningNode
from webserver.running_telephones import RunningTelephones
from webserver.station import Station
from webserver.time_stories import TimeStories

if TYPE_CHECKING:
    from appliance.desks import Desks
    from appliance.exchange import Exchange
    from webserver.booster_link import BoosterLink, BoosterView

NODES = ("system", "booster")


class RunningBox(TimeStories):
    """The box, as Python code holds it.

    desks: the telephones that are kept; None when nothing is.
    Changes that restart it return when it serves again; with `wait=False`, as soon as
    the restart has begun.
    """

    def __init__(
        self,
        box: Box,
        station: Station,
        model: ModelThread,
        *,
        sessions: Sessions,
        desks: Desks | None = None,
    ) -> None:
        super().__init__(box, station, model)
        self.model = box
        self.sessions = sessions
        self.telephones = RunningTelephones(box, model, sessions=sessions, desks=desks)
        self.booster: BoosterLink | None = None
        self.client_runs = ClientRuns()
        self.calendar = Calendar(self)
        self.administration = Administration(box, model, self._finish)

    @property
    def exchange(self) -> Exchange:
        """The telephone exchange; used from the event loop only."""
        return self.telephones.exchange

    # What it is

    @property
    def lan_ip(self) -> str:
        """The LAN IP address."""
        return self.model.lan_ip

    @property
    def portal_url(self) -> str:
        """Where the Admin Portal is."""
        return self._url("https", "portal")

    @property
    def wsi_url(self) -> str:
        """Where WSI is, over TLS."""
        return self._url("https", "wsi")

    @property
    def wsi_http_url(self) -> str:
        """Where WSI is, without TLS."""
        return self._url("http", "wsi_http")

    @property
    def http_url(self) -> str | None:
        """Where plain HTTP is answered, for CAs; None when the box has no port for it."""
        return self._url("http", "http") if "http" in self.station.listeners else None

    def _url(self, scheme: str, endpoint: str) -> str:
        port = self.station.listeners[endpoint].port
        return f"{scheme}://{self.station.host}:{port}"

    def holdings(self) -> list[Holding]:
        """Certificates and signing requests, oldest first."""
        return list(self.model.holdings.values())

    def active_on(self, identity: str) -> list[str]:
        """The nodes that serve the certificate `identity`, as far as the box knows."""
        found = [self.model.name] if self.model.settings["active"] == identity else []
        if self.booster is not None and self.booster.active_id == identity:
            found.append("booster")
        return found

    # What can be done

    async def activate(
        self, identity: str, *, node: str = "system", wait: bool = True
    ) -> tuple[str, ...]:
        """Make a certificate the active one of `node`; returns warnings for the person.

        On the Booster Server, certificate and key are transferred first. Refused: see
        `Node.prepare_activation`, and what TLS itself refuses.
        """
        if node == "system":
            change = await self._finish(self.activate_holding(identity))
            if wait:
                await self.running()
            return change.warnings
        return await self._finish(self._activate_on_booster(identity, wait=wait))

    async def _activate_on_booster(self, identity: str, *, wait: bool) -> tuple[str, ...]:
        link = self.booster_link()
        async with self.changing:
            if identity in self.model.holdings:
                change = await self._model.call(self.model.prepare_activation, identity)
                await link.transfer(self.model.holding(identity))
                warnings = change.warnings
            else:
                await link.activate(identity)
                warnings = ()
            await self._model.call(
                self.model.note, "booster-certificate-activated", certificate=identity
            )
        if wait:
            await link.running()
        return warnings

    def booster_link(self) -> BoosterLink:
        """The way to the Booster Server; refused when there is none."""
        if self.booster is None:
            raise Refused.because(
                "no-booster",
                "This box has no Booster Server.",
                field="node",
                instead="Start it without --no-booster.",
            )
        return self.booster

    @property
    def booster_url(self) -> str | None:
        """Where the Booster Server's page is; None when the box has none."""
        return None if self.booster is None else self.booster.url

    async def journal_of(self, node: str, *, since: int = 0) -> list[Entry]:
        """The journal of `system`, or of a Booster Server in this process."""
        return await self.near_node(node).journal(since=since)

    def near_node(self, node: str) -> RunningNode:
        """`system`, or a Booster Server in this process; refused when it is neither."""
        if node == "system":
            return self
        if node == "booster":
            return self.booster_link().near()
        raise Refused.because(
            "no-such-node",
            f"There is no node {node[:40]!r}.",
            field="node",
            instead=f"Nodes are {' and '.join(NODES)}.",
        )

    async def booster_view(self) -> BoosterView | None:
        """What the Booster Server says of itself; None when the box has none."""
        return None if self.booster is None else await self.booster.view()

    async def change_lan_ip(self, lan_ip: str, *, wait: bool = True) -> None:
        """Move to another LAN IP: a new self-signed certificate, then a restart there.

        Nothing happens when it is the present one. Refused, with nothing changed: a
        malformed address, or one this machine can't listen at.
        """
        address = parse_address(lan_ip)
        if address == self.lan_ip:
            return
        await self._finish(self._change_lan_ip(address))
        if wait:
            await self.running()

    async def _change_lan_ip(self, address: str) -> None:
        async with self.changing:
            self.model.lifecycle.check(Event.RESTART)
            change = await self._model.call(self.model.prepare_move, address)
            await self._apply(change, address=address)

    async def _apply_at(self, lan_ip: str, change: Change) -> None:
        await self._apply(change, address=None if lan_ip == self.lan_ip else lan_ip)

    async def make(self, **form: Any) -> Holding:
        """Make a certificate or signing request; members as in `POST /v1/certificates`."""
        return await self._finish(self._model.call(self.model.make, form))

    async def serve_trusted(self, *names: str, wait: bool = True) -> Holding:
        """Serve a certificate that clients accept once they trust the authority returned.

        names: more alternative names (`DNS:…`, `IP:…`) than the LAN IP. The authority is
        the same at the next call, while it is valid.
        """
        authority = await self._finish(self._serve_trusted(names))
        if wait:
            await self.running()
        return authority

    async def _serve_trusted(self, names: tuple[str, ...]) -> Holding:
        from appliance.trusting import prepare_trusted  # off the start path

        async with self.changing:
            self.model.lifecycle.check(Event.RESTART)
            here = f"IP:{self.station.host}"  # not the LAN IP where it is bound elsewhere
            trusted = await self._model.call(prepare_trusted, self.model, (here, *names))
            await self._apply(trusted.change)
        return trusted.authority

    async def import_files(
        self, *, name: str, passphrase: str, certificate: bytes, key: bytes | None
    ) -> Holding:
        """Import a certificate file and its key file; not active."""
        return await self._finish(
            self._model.call(
                self.model.import_files,
                name=name,
                passphrase=passphrase,
                certificate=certificate,
                key=key,
            )
        )

    async def import_pkcs12(self, *, name: str, passphrase: str, data: bytes) -> Holding:
        """Import a PKCS#12 file; not active."""
        return await self._finish(
            self._model.call(self.model.import_pkcs12, name=name, passphrase=passphrase, data=data)
        )

    async def remove(self, identity: str) -> None:
        """Forget a certificate or signing request; refused while a node serves it."""
        if "booster" in self.active_on(identity):
            raise Refused.because(
                "certificate-active",
                "The certificate is active on the Booster Server.",
                field="certificate",
                instead="Activate another one there first.",
            )
        await self._finish(self._remove(identity))

    async def _remove(self, identity: str) -> None:
        async with self.changing:
            change = await self._model.call(self.model.prepare_removal, identity)
            await self._model.call(self.model.commit, change)

    async def drop_connections(self) -> None:
        """End every connection and WSI session, as a restart does; it serves on meanwhile."""
        self.sessions.end_all()
        self.station.end_connections()

    async def reset(self, *, wait: bool = True) -> None:
        """The box, and a Booster Server in its process, as newly installed."""
        await self._finish(self._reset())
        if wait:
            await self.running()

    async def _reset(self) -> None:
        async with self.acme_paused(), self.changing:
            self.model.lifecycle.check(Event.RESTART)
            if self.booster is not None:
                self.booster.check_reset()
            change = await self._model.call(self.model.prepare_reset)
            await self._apply_at(change.settings["lan_ip"], change)
            self.telephones.forget_all()
            await self.forget_faults()
            if self.booster is not None:
                await self.booster.reset()

    async def settle(self) -> None:
        """Wait for changes that were begun, and follow the time no longer."""
        await self.calendar.end()
        await self.end_acme()
        await super().settle()
        await self.telephones.close()

    async def back_up(self, passphrase: str) -> bytes:
        """Everything the box holds as a file sealed with `passphrase`."""
        memory = self.exchange.desks.memory()
        return await self._finish(self._model.call(self.model.back_up, passphrase, memory))

    async def restore(
        self, data: bytes, passphrase: str, *, keep_lan_ip: bool = False, wait: bool = True
    ) -> None:
        """Be what a backup holds, then restart; refused, with nothing changed, if it can't be."""
        await self._finish(self._restore(data, passphrase, keep_lan_ip))
        if wait:
            await self.running()

    async def _restore(self, data: bytes, passphrase: str, keep_lan_ip: bool) -> None:
        async with self.acme_paused(), self.changing:
            self.model.lifecycle.check(Event.RESTART)
            change = await self._model.call(
                self.model.prepare_restore, data, passphrase, keep_lan_ip=keep_lan_ip
            )
            await self._apply_at(change.settings["lan_ip"], change)
            self.telephones.forget_all(change.telephones)
