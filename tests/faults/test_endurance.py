"""Random sequences of faults, clock jumps, activations, moves and connections leave nothing."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import socket
import ssl
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from appliance.faults import FAULTS, parameters_of
from store.refusals import Refused
from tests.faults.provoking import address_of
from webserver.running_node import RunningNode
from webserver.simulator import Simulator

ADDRESSES = ["127.0.0.2", "127.0.0.91", "127.0.0.92"]
GET = b"GET /management/admin/ HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n"
# What would only make the test wait, or hash for long.
BRIEF = {"seconds": 0.02, "every": 0.001, "octets": 512, "kib": 20, "retry_after": 1}
PATIENCE = 0.25


def random_fault(chance: random.Random) -> tuple[str, dict[str, object]]:
    """A fault with random parameters and limits, not always ones that will do."""
    name = chance.choice(list(FAULTS))
    given: dict[str, object] = {}
    for key, (parameter, default) in parameters_of(FAULTS[name]).items():
        if key in BRIEF:
            given[key] = BRIEF[key]
        elif parameter.choices:
            given[key] = chance.choice(parameter.choices)
        else:
            given[key] = default
    if chance.random() < 0.4:
        given["connections"] = chance.randint(1, 3)
    if chance.random() < 0.3:
        given |= {"probability": chance.random() or 1, "seed": chance.randint(0, 99)}
    if chance.random() < 0.2:
        given["endpoint"] = chance.choice(["portal", "wsi", "wsi_http"])
    return name, given


class Walk:
    """One simulator, and what may happen to it."""

    def __init__(self, simulator: Simulator, seed: int) -> None:
        self.simulator = simulator
        self.chance = random.Random(seed)
        self.lenient = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.lenient.check_hostname = False
        self.lenient.verify_mode = ssl.CERT_NONE
        self.told: list[str] = []

    async def sequence(self) -> None:
        """Some steps, one after the other; connections go on beside them."""
        steps = [self.fault, self.fault, self.fault, self.clear, self.clock, self.activate]
        clients: list[asyncio.Task[None]] = []
        for _ in range(self.chance.randint(3, 8)):
            step = self.chance.choice([*steps, self.move])
            self.told.append(step.__name__)
            try:
                await step()
            except Refused as refused:
                self.told.append(refused.code)
            clients += [asyncio.create_task(self.connect()) for _ in range(2)]
            await asyncio.sleep(0)
        await asyncio.gather(*clients)
        for node in self.nodes:
            await node.clear_faults()

    @property
    def nodes(self) -> list[RunningNode]:
        assert self.simulator.booster is not None
        return [self.simulator.box, self.simulator.booster]

    # Steps

    async def fault(self) -> None:
        name, given = random_fault(self.chance)
        self.told.append(f"{name} {given}")
        await self.chance.choice(self.nodes).set_fault_as_given(name, given)

    async def clear(self) -> None:
        node = self.chance.choice(self.nodes)
        names = list(node.faults())
        if names:
            await node.clear_fault(self.chance.choice(names))

    async def clock(self) -> None:
        now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=self.chance.randint(-9000, 9000))
        rate = self.chance.choice([0, 1, 1, 1000, 100_000])
        dates = self.chance.choice(["simulated", "projected"])
        await self.simulator.box.set_clock(now=now, rate=rate, dates=dates, allow_unprojected=True)

    async def activate(self) -> None:
        box = self.simulator.box
        if self.chance.random() < 0.5:
            await box.serve_trusted()
        else:
            held = self.chance.choice(box.holdings())
            node = self.chance.choice(["system", "system", "booster"])
            box.station.restart_time = self.chance.choice([0.0, 0.0, 0.03])
            await asyncio.wait_for(box.activate(held.id, node=node), 20)

    async def move(self) -> None:
        await self.simulator.box.change_lan_ip(self.chance.choice(ADDRESSES))

    # Clients

    async def connect(self) -> None:
        """A client of some kind, at some endpoint; whatever becomes of it."""
        box, booster = self.simulator.box, self.simulator.booster
        assert booster is not None
        urls = [box.portal_url, box.wsi_url, box.wsi_http_url, booster.url]
        url = self.chance.choice(urls)
        behaviour = self.chance.choice([self.ask, self.ask, self.ask, self.leave, self.babble])
        secure = url.startswith("https") != (self.chance.random() < 0.1)
        try:
            async with asyncio.timeout(PATIENCE):
                await behaviour(address_of(url), secure)
        except (OSError, EOFError, TimeoutError, ssl.SSLError):
            pass

    async def ask(self, address: tuple[str, int], secure: bool) -> None:
        async with connected(address, self.lenient if secure else None) as (reader, writer):
            writer.write(GET)
            await reader.read()

    async def leave(self, address: tuple[str, int], secure: bool) -> None:
        async with connected(address) as (_, writer):
            sock = writer.get_extra_info("socket")
            if secure:  # a reset, else an end
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.write(b"\x16\x03\x01\x02\x00\x01" if self.chance.random() < 0.5 else b"")
            await asyncio.sleep(0.01)

    async def babble(self, address: tuple[str, int], secure: bool) -> None:
        async with connected(address) as (reader, writer):
            writer.write(self.chance.randbytes(300) if secure else GET[:-7])
            await reader.read(10)


@asynccontextmanager
async def connected(
    address: tuple[str, int], secure: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that is gone after the block, whatever became of it."""
    reader, writer = await asyncio.open_connection(*address, ssl=secure)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def open_files() -> list[str]:
    """What every descriptor leads to."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            continue
    return sorted(found)


async def settled(walk: Walk, tasks: set[asyncio.Task[object]]) -> None:
    """Wait until no connection is left at any listener, and no task but one.

    tasks: those that there were before. One more follows the real time while the box's
    calendar stands still.
    """
    async with asyncio.timeout(15):
        while (
            any(
                listener.connections
                for node in walk.nodes
                for listener in node.station.listeners.values()
            )
            or len(asyncio.all_tasks() - tasks) > 1
        ):
            await asyncio.sleep(0.01)


def waiting_timers() -> list[str]:
    """What our transports and scripts have asked the loop to call later."""
    scheduled = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    return [repr(timer) for timer in scheduled if not timer.cancelled() and "beying" in repr(timer)]


async def endure(sequences: int, seed: int) -> None:
    before, tasks_before = len(open_files()), asyncio.all_tasks()
    addresses: set[tuple[str, int]] = set()
    async with Simulator(restart_time=0.0) as simulator:
        walk = Walk(simulator, seed)
        for number in range(sequences):
            walk.told = [f"sequence {number} of seed {seed}"]
            try:
                await walk.sequence()
                await settled(walk, tasks_before)
            except BaseException:
                print(*walk.told, *asyncio.all_tasks(), sep="\n", file=sys.stderr)
                raise
            listeners = [
                listener for node in walk.nodes for listener in node.station.listeners.values()
            ]
            assert len(listeners) == 4
            assert all(listener.listening for listener in listeners), walk.told
            assert waiting_timers() == [], walk.told
            addresses |= {(listener.address, listener.port) for listener in listeners}
            sockets = [name for name in open_files() if name.startswith("socket:")]
            assert len(sockets) <= 4 + 1 + 6, walk.told  # listeners, control API, the loop's own
    await asyncio.sleep(0.05)
    gc.collect()
    assert asyncio.all_tasks() == tasks_before
    assert waiting_timers() == []
    assert len(open_files()) <= before + 1
    for address in addresses:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=1)


async def test_a_few_random_sequences_leave_nothing_behind() -> None:
    await endure(12, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(10, 20))
async def test_a_thousand_random_sequences_leave_nothing_behind(seed: int) -> None:
    await endure(100, seed)
