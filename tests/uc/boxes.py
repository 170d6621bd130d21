"""Fleets for the tests, and what they did."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from webserver.clients.boxes import NearBox
from webserver.clients.fleet import Fleet, Happening
from webserver.simulator import Simulator

SECONDS = 30.0  # how long anything may take on a busy machine

# Those that take a certificate of the box's own authority once an administrator has put it there,
# whatever is thought of phones: on these the judgement of such an authority may well change.
ON_DESKS = ("myportal-at-work", "application-launcher", "mycontacts")


def on_desks(count: int) -> dict[str, int]:
    """So many clients of these kinds, in turn."""
    return {
        kind: count // len(ON_DESKS) + (number < count % len(ON_DESKS))
        for number, kind in enumerate(ON_DESKS)
    }


@asynccontextmanager
async def a_box(**options: Any) -> AsyncIterator[Simulator]:
    """A box alone, which serves a certificate that clients accept who trust its authority."""
    async with Simulator(**({"trusted": True, "booster": False} | options)) as simulator:
        yield simulator


@asynccontextmanager
async def a_fleet(simulator: Simulator, **options: Any) -> AsyncIterator[Fleet]:
    """A fleet at it that makes no calls, unless told otherwise."""
    async with Fleet(NearBox(simulator.box), **({"calls": 0, "seed": 1} | options)) as fleet:
        yield fleet


def keep(fleet: Fleet) -> list[Happening]:
    """Everything that happens to the fleet from now on."""
    kept: list[Happening] = []
    fleet.listeners.append(kept.append)
    return kept


async def entries(simulator: Simulator, event: str) -> list[dict[str, Any]]:
    """The details of the box's journal entries of one kind."""
    return [dict(one.detail) for one in await simulator.box.journal() if one.event == event]
