"""What every simulated node in a process stands on: its thread, its feed, its endpoints.

Owns how a node is loaded, given a station and opened. Knows no box: how a box and its
Booster Server are wired upon it can be read in `simulator`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self, TypeVar

from aiohttp import web

from appliance.clock import Clock, Dates
from appliance.node import Node
from store.journal import Entry
from store.keys import process_pool
from store.opening import open_store
from webserver.contexts import build_context
from webserver.feed import Feed
from webserver.handshakes import Handshake, HandshakeLog
from webserver.late import LateServer
from webserver.listener import Listener
from webserver.model_thread import ModelThread
from webserver.options import Options
from webserver.representations import entry_json
from webserver.station import Station, release

if TYPE_CHECKING:
    from webserver.doors import Lodging

_N = TypeVar("_N", bound=Node)

CONTROL_ADDRESS = "127.0.0.1"  # what it says, keys included, is for this machine only


class Site:
    """What every simulated node in a process stands on: thread, feed, handshakes, clock.

    An async context manager that takes down, in reverse, whatever was put up on it.

    lodging: what it shares with other sites in its process; None when it is on its own.
    """

    def __init__(self, options: Options, lodging: Lodging | None = None) -> None:
        self.options = options
        self.lodging = lodging
        self.feed = Feed()
        self.model = ModelThread() if lodging is None else lodging.model
        self.keys = process_pool()
        self.handshakes = HandshakeLog(lambda: self.clock.now())
        self.handshakes.listeners.append(self._publish_handshake)
        self.clock = Clock(
            now=options.now, rate=options.rate, dates=options.dates or Dates.SIMULATED
        )
        self._nodes: list[Node] = []
        self._stations: list[Station] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.feed.close()
        await asyncio.gather(*(station.stop() for station in self._stations))
        await self._stack.aclose()
        await self.model.call(self._close_nodes)
        if self.lodging is None:
            self.model.close()

    def load(self, kind: Callable[..., _N], name: str) -> _N:
        """The node of this `kind` whose store is `name`; for the model thread.

        Its journal is published, and it is closed with the site.
        """
        store = open_store(self.options.data, name)
        try:
            node = kind(store, clock=self.clock, keys=self.keys)
        except BaseException:
            store.close()
            raise

        def on_entry(entry: Entry) -> None:
            self._loop.call_soon_threadsafe(self._publish_entry, entry, node.name)

        node.on_entry = on_entry
        self._nodes.append(node)
        return node

    def _close_nodes(self) -> None:
        for node in reversed(self._nodes):
            node.close()

    def station(self, node: Node, *, on_down: Callable[[], int] = lambda: 0) -> Station:
        """A station for `node`, journaling its restarts; stopped with the site.

        on_down: ends what a restart ends; how many WSI sessions that were.
        """

        def going(seconds: float) -> None:
            ended = on_down()
            detail = {"seconds": round(seconds, 3), "wsi_sessions_ended": ended}
            self.model.post(node.note, "restart-begun", **detail)

        def back() -> None:
            self.model.post(node.note, "restart-ended", address=station.address)

        station = Station(
            node.name,
            node.lifecycle,
            self.handshakes,
            bind=self.options.bind,
            restart_time=self.options.restart_time,
            on_down=going,
            on_back=back,
            listener=Listener if self.lodging is None else self.lodging.listener,
        )
        self._stations.append(station)
        return station

    def server(self, make_app: Callable[[], web.Application]) -> LateServer:
        """A server of the application that `make_app` makes; closed with the site."""
        server = LateServer(make_app)
        self._stack.push_async_callback(server.close)
        return server

    async def open(
        self, node: Node, station: Station, address: str, prepare: Callable[[], object]
    ) -> None:
        """Bind, then change the store, then open: a port that is taken changes nothing."""
        reserved = station.reserve(address)
        try:
            context = await self.model.call(lambda: (prepare(), build_context(node.plan()))[1])
        except BaseException:
            release(reserved)
            raise
        station.start(address, reserved, context)

    def open_plain(self, server: LateServer, port: int) -> Listener:
        """A plain endpoint of the simulator's own, on loopback; closed with the site."""
        listener = Listener(CONTROL_ADDRESS, port, server)
        listener.open()
        self._stack.push_async_callback(listener.close)
        return listener

    def _publish_entry(self, entry: Entry, node: str) -> None:
        if self.feed.heard:
            self.feed.publish("journal", entry_json(entry, node=node))

    def publish_client(self, happening: dict[str, Any]) -> None:
        """What became of a UC client in this process, for whoever listens."""
        if self.feed.heard:
            self.feed.publish("client", happening)

    def _publish_handshake(self, record: Handshake) -> None:
        if self.feed.heard:
            from webserver.observed import handshake_json  # off the start path

            self.feed.publish("handshake", handshake_json(record))
