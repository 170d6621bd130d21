"""The listeners of one node: opened together, restarted together, gone together.

A restart is real. The listening sockets close, connections and WSI sessions end, the
address is held so that nobody else takes it while connects to it are refused, and after
the set time the listeners open with the new certificate. With a restart time of 0 the
new context takes over on the kept sockets instead, and nobody is refused.

What is served, and whether a restart is right, is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from OpenSSL import SSL

from appliance.clock import real_now
from appliance.lifecycle import Event, Lifecycle, State
from store.refusals import Refused
from webserver.handshakes import HandshakeLog
from webserver.late import LateServer
from webserver.listener import Listener
from webserver.tls import Chooser

REAL_RESTART = (120.0, 180.0)  # whitepaper 3.1: "approx. 2-3 minutes"
DRAIN_SECONDS = 1.0  # for answers that are under way when a restart begins
STOP_SECONDS = 0.2  # the same, when the program ends
RETRY_SECONDS = 1.0

log = logging.getLogger("osbiz")


@dataclass(slots=True)
class Endpoint:
    """One port of a node.

    server: makes the protocol of each connection.
    port: 0 for any free one; what it turned out to be once it was bound.
    """

    server: LateServer
    port: int
    secure: bool = True


class Manner:
    """How the listeners of a station are had: as they are. Whoever wants more overrides it."""

    def fit(self, listeners: Mapping[str, Listener]) -> None:
        """Open listeners that were reserved, now that the station serves with them."""
        for listener in listeners.values():
            listener.open()

    def renew(self) -> None:
        """What is presented has changed."""

    def bridge(self, listeners: Mapping[str, Listener], context: SSL.Context) -> None:
        """A restart began, after which `listeners` and `context` are to serve."""


def draw_restart_time(seconds: float | None) -> float:
    """Seconds for one restart; as long as the real box takes when `seconds` is None."""
    return random.uniform(*REAL_RESTART) if seconds is None else seconds  # noqa: S311


class Station:
    """The endpoints of one node.

    bind: listen here wherever the node's own address is; None to listen at that.
    restart_time: seconds, None for the real box's.
    handshakes: the log of every TLS connection; nodes in one process share it.
    on_down: called when a restart begins, with the seconds it will take.
    on_back: called when it serves again.
    listener: makes its listeners.
    """

    def __init__(
        self,
        name: str,
        lifecycle: Lifecycle,
        handshakes: HandshakeLog,
        *,
        bind: str | None = None,
        restart_time: float | None = 0.0,
        on_down: Callable[[float], None] = lambda _seconds: None,
        on_back: Callable[[], None] = lambda: None,
        listener: Callable[..., Listener] = Listener,
    ) -> None:
        self.name = name
        self.lifecycle = lifecycle
        self.endpoints: dict[str, Endpoint] = {}
        self.listeners: dict[str, Listener] = {}
        self.context: SSL.Context | None = None
        self.address = ""
        self.bind = bind
        self.back_at: datetime | None = None
        self.restart_time = restart_time
        self.on_down = on_down
        self.on_back = on_back
        self.handshakes = handshakes
        self._listener = listener
        self._choose: Chooser | None = None
        self.manner = Manner()
        self._task: asyncio.Task[None] | None = None
        self._serving = asyncio.Event()

    @property
    def host(self) -> str:
        """Where a client on this machine reaches the node."""
        if self.bind is None:
            return self.address
        return "127.0.0.1" if self.bind == "0.0.0.0" else self.bind  # noqa: S104 - compared

    def reserve(self, address: str) -> dict[str, Listener]:
        """Listeners bound at `address` but not open; refused when one can't be bound."""
        made: dict[str, Listener] = {}
        try:
            for name, endpoint in self.endpoints.items():
                made[name] = self._listener(
                    self.bind or address,
                    endpoint.port,
                    endpoint.server,
                    node=self.name,
                    endpoint=name,
                    handshakes=self.handshakes if endpoint.secure else None,
                )
                made[name].bind()
        except BaseException:
            release(made)
            raise
        return made

    def start(self, address: str, reserved: Mapping[str, Listener], context: SSL.Context) -> None:
        """Open what was reserved at `address`."""
        self.context = context
        self._take(address, reserved)
        self.lifecycle.happen(Event.START)
        self._serving.set()

    def _take(self, address: str, reserved: Mapping[str, Listener]) -> None:
        self.address, self.listeners = address, dict(reserved)
        for name, listener in reserved.items():
            self.endpoints[name].port = listener.port
            listener.choose = self._choose
            if self.endpoints[name].secure:
                listener.context = self.context
        self.manner.fit(self.listeners)

    def present(self, context: SSL.Context) -> None:
        """Show new connections `context` from now on; those that are open are left alone."""
        self.context = context
        for name, listener in self.listeners.items():
            if self.endpoints[name].secure:
                listener.context = context
        self.manner.renew()

    def choose_by(self, choose: Chooser | None) -> None:
        """Ask `choose` of each ClientHello what to present; None: all are shown the same."""
        self._choose = choose
        for listener in self.listeners.values():
            listener.choose = choose

    def restart(
        self,
        context: SSL.Context,
        *,
        address: str | None = None,
        reserved: Mapping[str, Listener] | None = None,
    ) -> None:
        """Go away now, and come back by itself with `context`.

        address: the node's address from now on, when it is another one.
        reserved: the listeners to come back with, from `reserve`; None for the same place.
        """
        self.context = context
        seconds = draw_restart_time(self.restart_time)
        self.lifecycle.happen(Event.RESTART)
        self._serving.clear()
        self.back_at = real_now() + timedelta(seconds=seconds)
        self.on_down(seconds)
        self.address = address or self.address
        self.manner.renew()
        if seconds == 0 and reserved is None:
            for name, listener in self.listeners.items():
                if self.endpoints[name].secure:
                    listener.swap(context)
                else:
                    listener.retire()
            self._back()
            return
        old = tuple(self.listeners.values())
        for listener in old:
            listener.close_listening()
        reserved = reserved or self._hold()
        if reserved is not None:
            self.manner.bridge(reserved, context)
        self._task = asyncio.create_task(self._come_back(old, seconds, reserved))

    def _hold(self) -> dict[str, Listener] | None:
        """The same ports again, bound; None when somebody was quicker."""
        try:
            return self.reserve(self.address)
        except Refused as refused:
            log.warning("%s Trying again.", refused)
            return None

    async def _come_back(
        self,
        old: tuple[Listener, ...],
        seconds: float,
        reserved: Mapping[str, Listener] | None,
    ) -> None:
        draining = asyncio.gather(*(listener.drain(DRAIN_SECONDS) for listener in old))
        try:
            await asyncio.sleep(seconds)
            while reserved is None:
                reserved = self._hold()
                if reserved is None:
                    await asyncio.sleep(RETRY_SECONDS)
            self._take(self.address, reserved)
            self._back()
        except asyncio.CancelledError:
            draining.cancel()
            for listener in (*old, *(reserved or {}).values()):
                await listener.close()
            raise
        await draining

    def _back(self) -> None:
        self.back_at = None
        self.lifecycle.happen(Event.BACK)
        self._serving.set()
        self.on_back()

    def end_connections(self) -> None:
        """Let every connection end, politely and soon; new ones are served as ever."""
        for listener in self.listeners.values():
            listener.retire()

    async def serving(self) -> None:
        """Wait until the node serves; at once when it does."""
        await self._serving.wait()

    async def stop(self) -> None:
        """Close everything, connections included, and stay away."""
        if self.lifecycle.state is not State.OFF:
            self.lifecycle.happen(Event.STOP)
        self._serving.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*(one.close(STOP_SECONDS) for one in self.listeners.values()))


def release(listeners: Mapping[str, Listener]) -> None:
    """Give up listeners that were reserved and never opened."""
    for listener in listeners.values():
        listener.close_listening()
