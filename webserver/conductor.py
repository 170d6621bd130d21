"""Has connections conducted with the faults that happen to them.

Sits between a station and its listeners while faults are set (`station.Manner`), and asks
the settings about every connection. A context for faults that come together for the first
time is made off the event loop, while their connection waits. Knows neither what a fault
does nor how it was set.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from OpenSSL import SSL

from appliance.faults import Fault, Occasion, Setting, Settings, afflicted
from appliance.lifecycle import State
from appliance.serving import Conduct, ServingPlan, Unavailable
from webserver.finishing import finishing
from webserver.handshakes import Handshake, HandshakeLog, Peer
from webserver.listener import Listener
from webserver.obeying import ObeyingSocket
from webserver.obeying_tls import ObeyingTLS
from webserver.station import Manner, Station
from webserver.transport import ProtocolFactory, SocketTransport

_MAX_CONTEXTS = 64
_MANY = 1_000_000_000  # connections: as many as any limit

log = logging.getLogger("osbiz")

Together = tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Making:
    """A context for faults that come together, made or in the making.

    at: when that began, on the calendar that its certificates are for.
    good_for: how far from then, either way, they say what they are to say; None for ever.
    """

    task: asyncio.Task[SSL.Context]
    at: datetime
    good_for: timedelta | None

    def good(self, now: datetime) -> bool:
        """Whether it may be presented."""
        if self.task.done() and (self.task.cancelled() or self.task.exception() is not None):
            return False
        return self.good_for is None or abs(now - self.at) < self.good_for


class Conductor(Manner):
    """Conducts the connections of one station.

    make: makes the context for faults that come together; off the event loop.
    now: the time on the calendar that certificates are for.
    bare: what is presented without faults, as far as conduct depends on it.
    on_spent: called with a setting that has just happened for the last time.
    """

    def __init__(
        self,
        station: Station,
        settings: Settings,
        *,
        make: Callable[[Together], Awaitable[SSL.Context]],
        now: Callable[[], datetime],
        bare: Callable[[], ServingPlan],
        on_spent: Callable[[Setting], None],
    ) -> None:
        self._station = station
        self._settings = settings
        self._make = make
        self._now = now
        self._bare = bare
        self._on_spent = on_spent
        self._made: dict[Together, Making] = {}
        self._tasks: set[asyncio.Task[SSL.Context]] = set()
        self._refusing: dict[int, web.Server] = {}
        # Connections without TLS have no place in the log, but are conducted all the same.
        self._elsewhere = HandshakeLog(now, size=1)

    # --- as the manner of a station

    def fit(self, listeners: Mapping[str, Listener]) -> None:
        """Open those whose port is not closed by a fault, and stand between."""
        for name, listener in listeners.items():
            effective = any(setting.at(name) for setting in self._settings.effective)
            listener.maker = self._connect if effective else Listener.make_connection
            if self._settings.listening(name, self._bare()):
                listener.open()
            elif listener.listening:
                listener.pause()

    def renew(self) -> None:
        """Make every context anew when it is next needed."""
        self._made.clear()

    def bridge(self, listeners: Mapping[str, Listener], context: SSL.Context) -> None:
        """During the restart, open the ports at which something happens even then."""
        for name, listener in listeners.items():
            occasion = self._occasion(listener)
            if not self._settings.listening(name, self._bare()):
                continue
            if any(
                one.at(name) and one.fault.concerns(occasion) for one in self._settings.effective
            ):
                listener.context = context if listener.secure else None
                listener.maker = self._connect
                listener.open()

    # --- for who sets faults

    def adjust(self) -> None:
        """The settings have changed; while the node restarts, it is done when it is back."""
        if self._station.lifecycle.state is State.RUNNING:
            self.fit(self._station.listeners)

    async def close(self) -> None:
        """Make nothing any more."""
        self._made.clear()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in self._refusing.values():
            await server.shutdown(0)

    # --- connections

    def _occasion(self, listener: Listener) -> Occasion:
        return Occasion(
            endpoint=listener.endpoint,
            secure=listener.secure,
            open=listener.in_use,
            restarting=self._station.lifecycle.state is State.RESTARTING,
        )

    def _connect(
        self, listener: Listener, loop: asyncio.AbstractEventLoop, sock: socket.socket, peer: Peer
    ) -> SocketTransport:
        happening = self._settings.happening(self._occasion(listener))
        if not happening:
            return listener.make_connection(loop, sock, peer)
        for setting in happening:
            if setting.spent:
                self._on_spent(setting)
        faults = tuple(setting.fault for setting in happening)
        conduct = afflicted(self._bare(), faults).conduct
        tls = listener.secure if conduct.tls is None else conduct.tls
        record = self._record(listener, peer, tls=tls)
        record.faults = tuple(fault.name for fault in faults)
        factory = self._factory(listener, conduct)
        if tls:
            return ObeyingTLS(
                loop,
                sock,
                peer,
                factory,
                limits=listener.limits,
                on_gone=listener.gone,
                context=self._context(faults),
                record=record,
                conduct=conduct,
                choose=listener.choose,
            )
        return ObeyingSocket(
            loop,
            sock,
            peer,
            factory,
            limits=listener.limits,
            on_gone=listener.gone,
            record=record,
            conduct=conduct,
        )

    def _record(self, listener: Listener, peer: Peer, *, tls: bool) -> Handshake:
        seen = tls or listener.secure
        records = self._station.handshakes if seen else self._elsewhere
        return records.open(self._station.name, listener.endpoint, peer)

    def _factory(self, listener: Listener, conduct: Conduct) -> ProtocolFactory:
        if conduct.unavailable is None:
            return listener.factory
        after = conduct.unavailable.retry_after
        if after not in self._refusing:
            self._refusing[after] = _refusing(conduct.unavailable)
        return self._refusing[after]

    # --- contexts

    async def prepare(self) -> None:
        """Make now what connections will need if everything happens to them; refused when it
        can't be."""
        wanted = {
            tuple(
                one.fault
                for one in self._settings.effective
                if one.at(name)
                and one.fault.concerns(Occasion(name, secure=endpoint.secure, open=_MANY))
            )
            for name, endpoint in self._station.endpoints.items()
        }
        await asyncio.gather(*(self._context(faults) for faults in wanted if faults))

    def _context(self, faults: Together) -> asyncio.Task[SSL.Context]:
        now = self._now()
        made = self._made.get(faults)
        if made is not None and made.good(now):
            return made.task
        if len(self._made) >= _MAX_CONTEXTS:
            del self._made[next(iter(self._made))]
        chain = afflicted(self._bare(), faults).chain
        task = asyncio.get_running_loop().create_task(self._making(faults))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        self._made[faults] = Making(task, now, None if chain is None else chain.good_for)
        return task

    async def _making(self, faults: Together) -> SSL.Context:
        return await self._make(faults)

    def _done(self, task: asyncio.Task[SSL.Context]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a fault can't be presented: %s", error)


def _refusing(manner: Unavailable) -> web.Server:
    """Answers everything with 503."""

    async def handle(_request: web.BaseRequest) -> web.StreamResponse:
        response = web.Response(
            status=503,
            text="The service is not available at the moment.\n",
            headers={"Retry-After": str(manner.retry_after), "Cache-Control": "no-store"},
        )
        response.force_close()
        return response

    return web.Server(finishing(handle), access_log=None)
