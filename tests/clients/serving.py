"""Cases of the catalogue, served: a listener for each, and a proxy that finds their names.

Listeners are the simulator's own, so each handshake is recorded, with the alert that the
client sent. Runs in a thread, since clients are asked by code that blocks.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from appliance.catalogue import CASES, Built, Case, Keyring, build
from tests.clients.questions import Question
from webserver.catalogue_contexts import case_context
from webserver.finishing import finishing
from webserver.handshakes import Handshake, HandshakeLog
from webserver.listener import Listener

ADDRESS = "127.0.40.1"
NAME = "osbiz.example.test"


class Served:
    """One case at its port; `built.at` decides when its clients may shake hands.

    fetched: how often somebody fetched what there is of its revocation.
    """

    def __init__(
        self, case: Case, folder: Path, keys: Keyring, log: HandshakeLog, revocation: str
    ) -> None:
        self.case = case
        self.fetched = 0
        self._revocation = revocation
        self.anchors = folder / f"{case.name}.pem"
        self._keys = keys
        self._log = log
        self._listener: Listener | None = None
        self._door: asyncio.Server | None = None
        self._late = False
        self.built = self.make(datetime.now(UTC))

    def make(self, at: datetime) -> Built:
        """The case made for the time `at`, with its anchors written where clients read them."""
        self.built = build(
            self.case,
            at=at,
            keys=self._keys,
            address=ADDRESS,
            dns=NAME,
            revocation=self._revocation,
        )
        anchors = self.built.anchors_pem()
        if not anchors:  # clients take no empty file
            stranger = build(CASES["unknown-authority"], at=at, keys=self._keys)
            anchors = stranger.anchors_pem()
        self.anchors.write_bytes(anchors)
        if self._listener is not None:
            self._listener.context = case_context(self.built)
        return self.built

    @property
    def late(self) -> bool:
        """Whether the last client that knocked came after the time it was to ask at."""
        return self._late

    @property
    def port(self) -> int:
        """Where clients knock."""
        assert self._listener is not None
        if self._door is not None:
            port: int = self._door.sockets[0].getsockname()[1]
            return port
        return self._listener.port

    async def open(self) -> None:
        """Start to listen."""
        greeting = _greeting(self.case)

        async def greet(_: web.BaseRequest) -> web.StreamResponse:
            return web.Response(text=greeting)

        self._listener = Listener(
            ADDRESS,
            0,
            web.Server(finishing(greet), access_log=None),
            node=self.case.name,
            context=case_context(self.built),
            handshakes=self._log,
        )
        self._listener.open()
        if self.case.asked:
            self._door = await asyncio.start_server(self._wait, ADDRESS, 0)

    async def _wait(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let a client in at the time for which the case was made: it judges then, whatever time
        it needs to start."""
        left = (self.built.at - datetime.now(UTC)).total_seconds()
        self._late = left < 0
        await asyncio.sleep(max(left, 0))
        assert self._listener is not None
        await _join(reader, writer, ADDRESS, self._listener.port)

    async def close(self) -> None:
        """Stop."""
        if self._door is not None:
            self._door.close()
        if self._listener is not None:
            await self._listener.close()


class Zoo:
    """Cases being served to one client; see `serving`."""

    def __init__(self, served: Mapping[str, Served], proxy: int, log: HandshakeLog) -> None:
        self._served = served
        self._proxy = proxy
        self._log = log

    def question(self, case: str) -> Question:
        """What to ask a client about `case`."""
        served = self._served[case]
        built = served.built
        return Question(case, built.host, served.port, built.address, served.anchors, self._proxy)

    @property
    def anchors(self) -> list[Path]:
        """The files with what clients of each case trust."""
        return [one.anchors for one in self._served.values()]

    def at(self, case: str) -> datetime:
        """The time at which clients are to ask about `case`."""
        return self._served[case].built.at

    def renew(self, case: str, *, seconds: float) -> None:
        """Make `case` again, to be asked about in `seconds`."""
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        self._served[case].make(at)

    def in_time(self, case: str) -> bool:
        """Whether the last client of `case` came, and has had its answer, in the second that
        the case is about. To be asked at once."""
        served = self._served[case]
        past = datetime.now(UTC) - served.built.at + served.case.asked
        return not served.late and past < timedelta(seconds=1)

    def fetched(self, case: str) -> int:
        """How often somebody fetched what there is of its revocation."""
        return self._served[case].fetched

    def handshakes(self, case: str) -> list[Handshake]:
        """Those of `case`, oldest first."""
        return [record for record in self._log.since() if record.node == case]


@contextmanager
def serving(cases: Mapping[str, Case], folder: Path, keys: Keyring) -> Iterator[Zoo]:
    """Serve `cases` at ADDRESS; anchors are written to `folder`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="zoo", daemon=True)
    thread.start()

    doors: list[Served | Listener] = []

    async def start() -> tuple[Zoo, asyncio.Server]:
        log = HandshakeLog(lambda: datetime.now(UTC), size=100_000)
        served: dict[str, Served] = {}
        responder = Listener(ADDRESS, 0, web.Server(_responder(served), access_log=None))
        responder.open()
        place = f"http://{ADDRESS}:{responder.port}"
        for case in cases.values():
            served[case.name] = Served(case, folder, keys, log, place)
            await served[case.name].open()
        proxy = await asyncio.start_server(_proxy, "127.0.0.1", 0)
        port = proxy.sockets[0].getsockname()[1]
        doors.extend([*served.values(), responder])
        return Zoo(served, port, log), proxy

    async def stop() -> None:
        proxy.close()
        for door in doors:
            await door.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    zoo, proxy = asyncio.run_coroutine_threadsafe(start(), loop).result(120)
    try:
        yield zoo
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(120)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _responder(served: Mapping[str, Served]) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Where revocation lists (`/CASE.crl`) and OCSP answers (`/CASE.ocsp`) are fetched."""

    async def respond(request: web.BaseRequest) -> web.StreamResponse:
        case, _, kind = request.path.strip("/").split("/")[0].rpartition(".")
        one = served.get(case)
        body = b"" if one is None else one.built.crl if kind == "crl" else one.built.ocsp
        if one is None or not body:
            return web.Response(status=404)
        one.fetched += 1
        kinds = {"crl": "application/pkix-crl", "ocsp": "application/ocsp-response"}
        return web.Response(body=body, content_type=kinds[kind])

    return respond


def _greeting(case: Case) -> str:
    return Question(case.name, "", 0, "", Path(), 0).greeting


async def _proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An HTTP proxy (RFC 9110 9.3.6) to whom every name is at ADDRESS."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split(" ", 2)
        port = int(target.rpartition(":")[2])
        if method != "CONNECT":
            raise ValueError(method)
    except (ValueError, asyncio.IncompleteReadError, OSError):
        writer.close()
        return
    writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
    await _join(reader, writer, ADDRESS, port)


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, port: int
) -> None:
    try:
        inner_reader, inner_writer = await asyncio.open_connection(address, port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # the other side is told by the end of its stream
    finally:
        writer.close()
