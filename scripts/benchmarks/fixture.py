"""A box as a test fixture: made, asked once, gone; again and again in one process.

Run as a module with the name of a side and a number, it is that side's process: it does
so many, after one that warms up imports, and prints the seconds of each step as JSON.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from .measuring import Scale, address_of, get
from .report import Goal, Row, Skipped

SIDES = ("ours", "ours-async", "peer")
GOAL = Goal(1 / 3)
Steps = tuple[float, float, float]


def _client(pem: str) -> ssl.SSLContext:
    """A client that trusts `pem`; made without the system's roots, which cost 20 ms."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the box's own certificate has its IP in the CN alone
    context.load_verify_locations(cadata=pem)
    return context


def _ask(url: str, pem: str) -> None:
    get(_client(pem), address_of(url), "/robots.txt")


def _ours() -> Steps:
    import osbiz

    begun = time.perf_counter()
    with osbiz.run(booster=False) as simulator:
        made = time.perf_counter()
        _ask(simulator.box.portal_url, simulator.box.active.pem)
        asked = time.perf_counter()
    return made - begun, asked - made, time.perf_counter() - asked


async def _ours_async() -> Steps:
    import osbiz

    begun = time.perf_counter()
    async with osbiz.Simulator(booster=False) as simulator:
        made = time.perf_counter()
        await asyncio.to_thread(_ask, simulator.box.portal_url, simulator.box.active.pem)
        asked = time.perf_counter()
    return made - begun, asked - made, time.perf_counter() - asked


def _peer() -> Steps:
    import pytest_httpserver
    import trustme

    begun = time.perf_counter()
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = pytest_httpserver.HTTPServer(host="127.0.0.1", port=0, ssl_context=context)
    server.expect_request("/robots.txt").respond_with_data("User-agent: *\n")
    server.start()
    made = time.perf_counter()
    _ask(server.url_for("/"), authority.cert_pem.bytes().decode())
    asked = time.perf_counter()
    server.stop()
    return made - begun, asked - made, time.perf_counter() - asked


def _side(side: str, count: int) -> list[Steps]:
    if side == "ours-async":

        async def several() -> list[Steps]:
            return [await _ours_async() for _ in range(count + 1)]

        return asyncio.run(several())[1:]
    one = _ours if side == "ours" else _peer
    return [one() for _ in range(count + 1)][1:]


def fixture(scale: Scale) -> Iterator[Row | Skipped]:
    """Ours, with no Booster Server, against pytest-httpserver with a new trustme certificate."""
    taken: dict[str, list[Steps]] = {side: [] for side in SIDES}
    for _ in range(scale.rounds):
        for side in SIDES:
            command = [sys.executable, "-m", __spec__.name, side, str(scale.repeats)]
            done = subprocess.run(command, check=True, capture_output=True, timeout=120)
            taken[side] += json.loads(done.stdout)
    medians = {
        side: [statistics.median(step) * 1000 for step in zip(*steps, strict=True)]
        for side, steps in taken.items()
    }
    whole = {side: statistics.median(map(sum, steps)) * 1000 for side, steps in taken.items()}
    for side, name in (("ours", "with osbiz.run()"), ("ours-async", "osbiz.Simulator")):
        steps = "{:.1f} + {:.1f} + {:.1f} ms"
        parts = f"made + asked + gone: ours {steps}, theirs {steps}"
        yield Row(
            f"a box as a fixture, {name}",
            "ms",
            whole[side],
            "pytest-httpserver + trustme",
            whole["peer"],
            GOAL,
            parts.format(*medians[side], *medians["peer"]),
        )


if __name__ == "__main__":
    print(json.dumps(_side(sys.argv[1], int(sys.argv[2]))))
