"""Full TLS 1.3 handshakes with one GET each, the server on one core."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from . import ours, peers
from .load import Load, load
from .measuring import Scale, cores, first_answer, free_port, process
from .report import Goal, Row, Skipped

GOALS = {"nginx": 0.85, "aiohttp": 1.25}
WHAT = "TLS 1.3 handshake + GET"


def handshakes(scale: Scale) -> Iterator[Row | Skipped]:
    """Ours against nginx and stock aiohttp: what one core can do."""
    server_core, client_core = cores()
    if server_core == client_core:
        yield Skipped(WHAT, "needs two cores, one for the server and one for its clients")
        return
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        peers.write_certificate(folder)
        box = stack.enter_context(ours.box(folder, core=server_core))
        path, size = box.page()
        servers = {"ours": (box.portal, box.process.pid)}
        commands = {"nginx": peers.nginx, "aiohttp": peers.aiohttp}
        for name, command_for in commands.items():
            address = ("127.0.0.1", free_port())
            command = command_for(folder, address[1], size)
            if command is None:
                yield Skipped(f"{WHAT}, against {name}", f"{name} is not installed")
                continue
            peer = stack.enter_context(process(command, core=server_core))
            first_answer(address, "/", peer)
            servers[name] = (address, peer.pid)

        def run(name: str, asked: str | None) -> Load:
            address, pid = servers[name]
            result = load(address, asked, seconds=scale.seconds, core=client_core, pid=pid)
            if result.failed:
                raise RuntimeError(f"{name} failed under load: {dict(result.failed)}")
            return result

        loads: dict[str, list[Load]] = {name: [] for name in servers}
        bare: dict[str, list[Load]] = {name: [] for name in servers}
        for _ in range(scale.rounds):
            for name in servers:
                loads[name].append(run(name, path))
                # For the reader of a missed goal: what handshakes cost that ask nothing.
                bare[name].append(run(name, None))

    def median(of: dict[str, list[Load]], value: Callable[[Load], float]) -> dict[str, float]:
        return {name: statistics.median(map(value, taken)) for name, taken in of.items()}

    cost, alone = median(loads, lambda one: one.cost), median(bare, lambda one: one.cost)
    rate, busy = median(loads, lambda one: one.rate), median(loads, lambda one: one.busy)
    # The goal is for what a core can do, taken from the processor time that was used:
    # how many were served depends on the clients too, where they can't keep a server busy.
    for name in (name for name in servers if name != "ours"):
        parts = (
            f"a request takes {cost['ours']:.2f} ms, of it {alone['ours']:.2f} without the GET; "
            f"{name}'s takes {cost[name]:.2f} and {alone[name]:.2f}"
        )
        goal = Goal(GOALS[name], at_least=True)
        able = 1000 / cost["ours"], 1000 / cost[name]
        yield Row(f"{WHAT}, per core second", "", able[0], name, able[1], goal, parts)
        shares = f"{busy['ours']:.0%} and {busy[name]:.0%} busy"
        yield Row(f"  served in a second ({shares})", "", rate["ours"], name, rate[name])
