"""Boxes for the clients: what they serve, and who trusts it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from store.inventory import Holding
from webserver.clients.boxes import NearBox
from webserver.clients.fleet import Fleet
from webserver.running import RunningBox
from webserver.simulator import Simulator

AUTHORITY = {"kind": "authority", "name": "Lab CA", "subject": {"CN": "Lab CA"}}


async def server_certificate(
    box: RunningBox, *, authority: Holding | None = None, name: str = "Server", **form: Any
) -> Holding:
    """A certificate for the box's address as every client wants it, from an authority of its."""
    authority = authority or await box.make(**AUTHORITY)
    return await box.make(
        **{
            "kind": "server",
            "name": name,
            "subject": {"CN": box.lan_ip},
            "san": [f"IP:{box.lan_ip}"],
            "authority": authority.id,
            "passphrase": "seven or more",
            **form,
        }
    )


@asynccontextmanager
async def trusted_box(**options: Any) -> AsyncIterator[Simulator]:
    """A box that serves such a certificate."""
    async with Simulator(**options) as simulator:
        made = await server_certificate(simulator.box)
        restart_time = simulator.box.station.restart_time
        simulator.box.station.restart_time = 0.0
        await simulator.box.activate(made.id)
        simulator.box.station.restart_time = restart_time
        yield simulator


def fleet(simulator: Simulator, **options: Any) -> Fleet:
    """A fleet at it that makes no calls, unless told otherwise."""
    return Fleet(NearBox(simulator.box), **({"calls": 0, "seed": 1} | options))
