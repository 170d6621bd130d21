"""The catalogue, served: each case at an address of its own, with certificates made fresh.

Owns the listeners and the files with what clients are to trust. What is wrong with a case is
for `appliance.catalogue` to say, and what clients do for `appliance.trust`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from aiohttp import web
from OpenSSL import SSL

from appliance.catalogue import CASES, Built, Case, Keyring, build
from appliance.clock import real_now
from webserver.catalogue_contexts import case_context
from webserver.finishing import finishing
from webserver.handshakes import Handshake, HandshakeLog
from webserver.listener import Listener

NAME = "osbiz.example.test"
PORT = 8443
# "Valid from tomorrow" stays so: certificates are made again before they could rot.
FRESH = timedelta(hours=1)
_LONGEST_AHEAD = timedelta(seconds=10)
_PER_NETWORK = 200


def address_of(name: str) -> str:
    """The loopback address of a case, the same in every run of this release."""
    number = list(CASES).index(name)
    return f"127.0.{40 + number // _PER_NETWORK}.{number % _PER_NETWORK + 1}"


def host_of(case: Case) -> str:
    """The name or address that a client uses for the case at its own address."""
    address = address_of(case.name)
    return case.host.format(
        ip=address,
        ip_end=address.partition(".")[2],
        dns=NAME,
        domain=NAME.partition(".")[2],
    )


def greeting(case: Case) -> str:
    """What a case answers over HTTP: only who has really talked to it knows."""
    return f"this is the case {case.name}."


@dataclass(slots=True)
class Place:
    """A case that is served. cafile: what its client is to trust, as PEM."""

    case: Case
    address: str
    host: str
    cafile: Path
    built: Built
    listener: Listener
    door: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where clients knock."""
        if self.door is None:
            return self.listener.port
        port: int = self.door.sockets[0].getsockname()[1]
        return port


class CatalogueServer:
    """Serves cases until `stop`; all on one event loop.

    folder: where the files of anchors are written.
    port: the same for every case; 0 for any free one each.
    on_progress: told of each case that is ready, from the loop.
    """

    def __init__(
        self,
        cases: Iterable[Case],
        *,
        folder: Path,
        port: int = PORT,
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self.places: dict[str, Place] = {}
        self.handshakes = HandshakeLog(real_now, size=50_000)
        self._cases = tuple(cases)
        self._folder = folder
        self._port = port
        self._on_progress = on_progress
        self._keys = Keyring()
        self._renewing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Make all certificates and listen; refused when an address can't be had."""
        try:
            for case in self._cases:
                await self._open(case)
                self._on_progress()
        except BaseException:
            await self.stop()
            raise
        self._renewing = asyncio.create_task(self._stay_fresh())

    async def _open(self, case: Case) -> None:
        address = address_of(case.name)
        cafile = self._folder / f"{case.name}.pem"
        built, context = await asyncio.to_thread(self._make, case)

        async def greet(_: web.BaseRequest) -> web.StreamResponse:
            return web.Response(text=f"{greeting(case)}\n{case.title}\n{case.wrong}\n")

        behind_a_door = bool(case.asked)
        listener = Listener(
            address,
            0 if behind_a_door else self._port,
            web.Server(finishing(greet), access_log=None),
            node=case.name,
            endpoint="catalogue",
            context=context,
            handshakes=self.handshakes,
        )
        listener.open()
        place = Place(case, address, built.host, cafile, built, listener)
        self.places[case.name] = place
        if behind_a_door:
            let_in = partial(self._let_in, place)
            place.door = await asyncio.start_server(let_in, address, self._port)
        # Not before the address is ours: the file may be that of who has it.
        await asyncio.to_thread(self._write, place)

    def _make(self, case: Case) -> tuple[Built, SSL.Context]:
        built = build(
            case,
            at=real_now(),
            keys=self._keys,
            address=address_of(case.name),
            dns=NAME,
        )
        return built, case_context(built)

    def _write(self, place: Place) -> None:
        # Clients take no empty file; who is to trust nobody trusts a stranger.
        place.cafile.write_bytes(place.built.anchors_pem() or self._stranger(place.case))

    def _stranger(self, case: Case) -> bytes:
        stranger = CASES["unknown-authority"]
        made = build(stranger, at=real_now(), keys=self._keys, address=address_of(case.name))
        return made.anchors_pem()

    async def _let_in(
        self, place: Place, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """A case about one moment: made for the client that knocks, who is let in at it."""
        ahead = timedelta(seconds=1)
        while True:
            at = real_now().replace(microsecond=0) + ahead
            built = await asyncio.to_thread(
                build, place.case, at=at, keys=self._keys, address=place.address, dns=NAME
            )
            context = await asyncio.to_thread(case_context, built)
            if real_now() <= built.at or ahead > _LONGEST_AHEAD:
                break
            ahead *= 2  # a busy machine: the moment went by while it was made
        place.built, place.listener.context = built, context
        await asyncio.sleep(max((built.at - real_now()).total_seconds(), 0))
        await join(reader, writer, place.address, place.listener.port)

    async def _stay_fresh(self) -> None:
        while True:
            await asyncio.sleep(FRESH.total_seconds())
            for place in self.places.values():
                place.built, context = await asyncio.to_thread(self._make, place.case)
                await asyncio.to_thread(self._write, place)
                place.listener.context = context

    def handshakes_of(self, name: str) -> list[Handshake]:
        """The connections to a case, oldest first."""
        return [record for record in self.handshakes.since() if record.node == name]

    async def stop(self) -> None:
        """Close everything; the files of anchors stay."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        for place in self.places.values():
            if place.door is not None:
                place.door.close()
            await place.listener.close()


async def join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, port: int
) -> None:
    """Pass bytes on, both ways, until both sides have ended."""
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
