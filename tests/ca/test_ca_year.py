"""A year of 47-day certificates: renewed by the calendar, none expired while it is served."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

import osbiz
from tests.acme.watching import moment
from tests.ca.conftest import LAN_IP, setup

START = datetime(2030, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=12)


# Renewals are 31 days apart: these weeks begin at every phase between two of them.
WEEKS = [pytest.param(day, marks=pytest.mark.slow) for day in (7, 14, 21, 28, 35, 180)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("away", [None, *WEEKS])
async def test_no_certificate_expires_while_it_is_served_though_the_ca_is_away_for_a_week(
    away: int | None,
) -> None:
    async with osbiz.Simulator(ca=True, lan_ip=LAN_IP, booster=False, now=START) as sim:
        assert sim.ca is not None
        await sim.box.acme(**setup(sim.ca))
        made = {sim.box.active.serial}
        now = START
        while now < START + timedelta(days=365):
            now += STEP
            if away is not None:
                there = not timedelta(days=away) <= now - START < timedelta(days=away + 7)
                answers = ["127.0.0.1"] if not there else [LAN_IP]
                sim.ca.zones.set("osbiz.example.test", "RCODE", [] if there else ["SERVFAIL"])
                sim.ca.zones.set("osbiz.example.test", "A", answers)
            await sim.box.set_clock(now=now)
            for _ in range(100):
                status = await sim.box.acme_status()
                if status["state"] != "ordering" and moment(status["next_renewal"]) > now:
                    break
                await asyncio.sleep(0.02)
            active = sim.box.active
            assert active.not_before <= sim.box.clock.now() < active.not_after, status
            assert active.not_after - active.not_before <= timedelta(days=47)
            made.add(active.serial)
        assert len(made) >= 10
        failed = [entry for entry in status["history"] if entry["event"] == "failed"]
        if away in (None, 28):  # the week in which the first renewal is due
            assert bool(failed) == (away == 28)
