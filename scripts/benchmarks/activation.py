"""Certificates activated under load, with a restart time of 0."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from . import ours
from .load import WORKERS, load
from .measuring import Scale, cores
from .report import Goal, Row, Skipped

ACTIVATIONS = 20
PAUSE = 0.1  # seconds between two


def _shown(address: tuple[str, int]) -> str:
    """The SHA-256 fingerprint of what a new connection is shown, hexadecimal."""
    pem = ssl.get_server_certificate(address, timeout=10)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def _swap_times(count: int) -> list[float]:
    """Milliseconds for which the event loop of an idle box is busy with the swap itself.

    Looks inside: from outside, the swap can't be told from the work that goes before it.
    """
    import osbiz

    async def swaps() -> list[float]:
        times = []
        async with osbiz.Simulator() as simulator:
            station = simulator.box.station
            context = station.listeners["portal"].context
            assert context is not None
            for _ in range(count):
                begun = time.perf_counter()
                station.restart(context)
                times.append((time.perf_counter() - begun) * 1000)
        return times

    return asyncio.run(swaps())


def activation(_: Scale) -> Iterator[Row | Skipped]:
    """Connections refused or failed during 20 activations, and how long one takes."""
    answers: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        server_core, client_core = cores()
        with ours.box(Path(name), "--restart-time", "0", core=server_core) as box:
            path, _size = box.page()
            made = [_made(box, number) for number in range(2)]

            def activate() -> None:
                for number in range(ACTIVATIONS):
                    identity, fingerprint = made[number % 2]
                    begun = time.monotonic()
                    box.call("POST", "/v1/nodes/system/activate", {"certificate": identity})
                    answers.append((time.monotonic() - begun) * 1000)
                    if _shown(box.portal) != fingerprint:
                        raise RuntimeError("the old certificate is still shown after the answer")
                    time.sleep(PAUSE)

            result = load(
                box.portal,
                path,
                seconds=ACTIVATIONS * (PAUSE + 0.1),
                core=client_core,
                pid=box.process.pid,
                meanwhile=activate,
            )
    refused = sum(n for how, n in result.failed.items() if how.startswith("ConnectionRefused"))
    other = result.failed.total() - refused
    how = "; ".join(f"{count} × {text}" for text, count in result.failed.most_common(3))
    what = f"{ACTIVATIONS} activations, {WORKERS} clients"
    none = Goal(0, absolute=True)
    yield Row(f"{what}: refused", "", refused, goal=none, parts=how)
    yield Row(f"  failed otherwise, of {result.done}", "", other, goal=none, parts=how)
    yield Row("  the swap itself", "ms", statistics.median(_swap_times(50)), goal=ABSOLUTE_MS)
    yield Row("  until the API's answer, under load", "ms", statistics.median(answers))


ABSOLUTE_MS = Goal(1, absolute=True)


def _made(box: ours.Box, number: int) -> tuple[str, str]:
    """The identity of a new self-signed certificate, and its SHA-256 fingerprint."""
    form = {"kind": "self-signed", "name": f"bench-{number}", "subject": {"CN": box.portal[0]}}
    answer = box.call("POST", "/v1/certificates", form)
    der = ssl.PEM_cert_to_DER_cert(answer["pem"])
    return answer["id"], hashlib.sha256(der).hexdigest()
