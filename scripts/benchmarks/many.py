"""Ten thousand boxes in one process: how long until all listen, and what they take."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .measuring import Scale, address_of, client_context, get, in_turn
from .report import Goal, Row, Skipped

COUNT = 10_000
SECONDS, MEMORY_MIB = 1.0, 100


async def _measure() -> dict[str, float]:
    import osbiz

    begun = time.perf_counter()
    async with osbiz.Boxes(COUNT) as boxes:
        opened = time.perf_counter()
        memory = _resident()
        address = address_of(boxes[-1].portal_url)
        asked = time.perf_counter()
        await asyncio.to_thread(get, client_context(), address, "/robots.txt")
        first = time.perf_counter()
    return {"open": opened - begun, "memory": memory, "first": first - asked}


def _resident() -> float:
    """MiB that this process has in memory."""
    (line,) = (
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    )
    return int(line.split()[1]) / 1024


def many(scale: Scale) -> Iterator[Row | Skipped]:
    """10,000 boxes: all listening, and one of them touched for the first time."""
    taken: list[dict[str, float]] = []

    def run() -> float:
        command = [sys.executable, "-m", __spec__.name]
        done = subprocess.run(command, check=True, capture_output=True, timeout=120)
        taken.append(json.loads(done.stdout))
        return taken[-1]["open"]

    opened, _ = in_turn({"open": run}, scale.rounds)["open"]
    memory = sorted(one["memory"] for one in taken)[len(taken) // 2]
    first = sorted(one["first"] for one in taken)[len(taken) // 2]
    parts = f"the first answer of one that slept takes {first * 1000:.0f} ms, mostly its key"
    yield Row(
        f"{COUNT} boxes listening", "s", opened, goal=Goal(SECONDS, absolute=True), parts=parts
    )
    yield Row("  memory of the process", "MiB", memory, goal=Goal(MEMORY_MIB, absolute=True))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure())))
