"""What a CA advises, allows and demands in time: renewal information, rate limits, an hour."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

import osbiz
from store.certificate import iso_time
from store.refusals import Refused
from tests.acme.conftest import Start, setup
from tests.acme.front import front_of
from tests.acme.watching import failed_again, installed_after, moment, status_when


async def test_the_ca_may_have_a_certificate_renewed_earlier_than_at_two_thirds(
    sim: osbiz.Simulator, start: Start, tmp_path: Path
) -> None:
    async with front_of(start(), tmp_path) as front:
        asked = setup(start.authority, directory=front.directory, trust=front.trust)
        first = await sim.box.acme(**asked)
        begins = sim.box.clock.now() + timedelta(days=7)
        front.window = {
            "start": iso_time(begins),
            "end": iso_time(begins + timedelta(days=1)),
        }
        # It asks every six hours, as the CA says.
        await sim.box.set_clock(now=sim.box.clock.now() + timedelta(hours=7))
        status = await status_when(sim, lambda status: status["renewal_info"] is not None)
        due = moment(status["next_renewal"])
        assert begins - timedelta(seconds=2) <= due <= begins + timedelta(days=1)
        assert status["renewal_info"]["explanation"] == "https://ca.example/why"
        front.window = None
        await sim.box.set_clock(now=due + timedelta(seconds=1))
        await installed_after(sim, first["certificate"])
        # The order says what it replaces: the certificate that had been asked about.
        assert front.replaced == [None, front.asked[0]]


async def test_a_rate_limit_is_waited_for_as_long_as_the_ca_says(
    sim: osbiz.Simulator, start: Start, tmp_path: Path
) -> None:
    async with front_of(start(), tmp_path) as front:
        asked = setup(start.authority, directory=front.directory, trust=front.trust)
        first = await sim.box.acme(**asked)
        front.limited = 5 * 86_400
        with pytest.raises(Refused, match=r"rate limit is reached.*too many certificates"):
            await sim.box.acme_renew()
        status = await sim.box.acme_status()
        waits = moment(status["next_renewal"]) - sim.box.clock.now()
        assert timedelta(days=4.9) < waits < timedelta(days=5.1)
        front.limited = None
        await sim.box.set_clock(now=moment(status["next_renewal"]))
        await installed_after(sim, first["certificate"])


async def test_what_was_obtained_waits_for_its_hour_and_costs_no_restart_before(
    sim: osbiz.Simulator, start: Start
) -> None:
    before = sim.box.model.active.id
    await sim.box.set_clock(now="2026-05-04T21:00:00Z")
    await sim.box.acme(wait=False, **setup(start(), activate_at="03:00"))
    status = await status_when(sim, lambda status: status["step"] == "wait")
    assert status["activates_at"] == "2026-05-05T03:00:00Z"
    assert status["state"] == "ordering"
    assert sim.box.model.active.id == before
    await sim.box.set_clock(now="2026-05-05T02:59:00Z")
    await asyncio.sleep(0.2)
    assert sim.box.model.active.id == before
    await sim.box.set_clock(now="2026-05-05T03:00:00Z")
    status = await status_when(sim, lambda status: status["state"] == "installed")
    assert sim.box.model.active.id == status["certificate"]


async def test_who_can_not_wait_for_the_hour_activates_at_once(
    sim: osbiz.Simulator, start: Start
) -> None:
    await sim.box.set_clock(now="2026-05-04T21:00:00Z")
    await sim.box.acme(wait=False, **setup(start(), activate_at="03:00"))
    await status_when(sim, lambda status: status["step"] == "wait")
    status = await sim.box.acme_renew(activate_now=True)
    assert (status["state"], status["serving"]) == ("installed", True)


async def test_who_activates_it_by_hand_before_its_hour_has_it_installed(
    sim: osbiz.Simulator, start: Start
) -> None:
    await sim.box.set_clock(now="2026-05-04T21:00:00Z")
    await sim.box.acme(wait=False, **setup(start(), activate_at="03:00"))
    await status_when(sim, lambda status: status["step"] == "wait")
    obtained = sim.box.holdings()[-1].id
    await sim.box.activate(obtained)
    await sim.box.set_clock(now="2026-05-05T03:00:00Z")
    status = await status_when(sim, lambda status: status["state"] == "installed")
    assert status["certificate"] == obtained
    activated = [entry for entry in await sim.box.journal() if entry.event == "restart-begun"]
    assert len(activated) == 1


async def test_a_calendar_that_is_set_back_leaves_as_long_to_the_renewal_as_there_was(
    sim: osbiz.Simulator, start: Start
) -> None:
    status = await sim.box.acme(**setup(start()))
    left = moment(status["next_renewal"]) - sim.box.clock.now()
    await sim.box.set_clock(shift="-400d")
    status = await status_when(
        sim, lambda status: moment(status["next_renewal"]) < sim.box.clock.now() + left * 1.5
    )
    now_left = moment(status["next_renewal"]) - sim.box.clock.now()
    assert abs(now_left - left) < timedelta(minutes=1)


async def test_a_box_whose_calendar_runs_ahead_of_its_ca_renews_in_steps_not_in_a_storm(
    sim: osbiz.Simulator, start: Start
) -> None:
    """The CA's certificates are dated in real time, and the box is years ahead."""
    await sim.box.acme(**setup(start()))
    await sim.box.set_clock(shift="1200d")
    await asyncio.sleep(1.5)
    status = await sim.box.acme_status()
    installed = [one for one in status["history"] if one["event"] == "installed"]
    assert len(installed) == 2  # once for the jump, and no more
    assert moment(status["next_renewal"]) - sim.box.clock.now() > timedelta(days=50)


async def test_failures_wait_longer_and_longer(sim: osbiz.Simulator, start: Start) -> None:
    authority = start()
    await asyncio.to_thread(authority.stop)
    await sim.box.acme(wait=False, **setup(authority))
    waits = []
    for number in range(1, 6):
        again = moment((await failed_again(sim, number))["next_renewal"])
        waits.append(again - sim.box.clock.now())
        await sim.box.set_clock(now=again)
    assert waits == sorted(waits)
    assert waits[0] < timedelta(minutes=3) < timedelta(hours=2) < waits[-1]
