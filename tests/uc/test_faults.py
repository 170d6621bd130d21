"""Whatever goes wrong at the box: no client hangs, each says what it is, and all come back."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.faults import FAULTS
from store.refusals import Refused
from tests.uc.boxes import SECONDS, a_box, a_fleet

# What the clients make of some of them; the rest is for them to survive.
CAUSES = {
    "alert": "tls-alert",
    "client-certificate": "tls-alert",
    "close-handshake": "tls-failed",
    "expired": "untrusted",
    "half-response": "connection-lost",
    "old-tls": "tls-alert",
    "plain-http": "tls-failed",
    "port-closed": "connection-refused",
    "reset-handshake": "connection-lost",
    "unknown-issuer": "untrusted",
    "wrong-name": "untrusted",
}


KINDS = {"myportal-at-work": 2, "application-launcher": 2}


async def survive(fault: str, cause: str | None, **parameters: Any) -> None:
    async with (
        a_box(booster=fault == "other-node") as simulator,
        a_fleet(simulator, profiles=KINDS) as fleet,
    ):
        active = simulator.box.model.settings["active"]
        await fleet.until("logged-on", seconds=SECONDS)
        await simulator.box.set_fault(fault, **parameters)
        await simulator.box.activate(active)
        if cause is not None:
            await fleet.until(lambda life: life.row()["cause"] == cause, seconds=SECONDS)
            assert all(row["error"] for row in fleet.rows())
        else:
            await fleet.until(lambda life: life.losses == 1, seconds=SECONDS)
        await simulator.box.clear_fault(fault)
        await simulator.box.activate(active)
        await fleet.wake()
        await fleet.until("logged-on", seconds=SECONDS)


@pytest.mark.parametrize(("fault", "cause"), CAUSES.items())
async def test_what_goes_wrong_is_told_for_what_it_is(fault: str, cause: str) -> None:
    await survive(fault, cause)


@pytest.mark.slow
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - CAUSES.keys()))
async def test_every_other_fault_is_survived(fault: str) -> None:
    try:
        await survive(fault, None)
    except Refused as refused:
        pytest.skip(f"can't be set at this box: {refused}")


async def test_a_server_that_is_unavailable_is_told_by_its_status() -> None:
    async with a_box(restart_time=1.5) as simulator, a_fleet(simulator, profiles=KINDS) as fleet:
        await fleet.until("logged-on", seconds=SECONDS)
        await simulator.box.set_fault("unavailable")
        await simulator.box.activate(simulator.box.model.settings["active"], wait=False)
        await fleet.until(lambda life: life.row()["cause"] == "http-status", seconds=SECONDS)
        errors = [row["error"] for row in fleet.rows()]
        assert "response code: 503 for URL: https://127.0.0.2:" in errors[3]
        await fleet.until("logged-on", seconds=SECONDS)
