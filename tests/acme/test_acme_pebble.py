"""The box against a real ACME CA, Debian's pebble: obtained, renewed, failed, kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

import osbiz
from store.refusals import Refused
from tests.acme.conftest import LAN_IP, NAME, Start, setup
from tests.acme.watching import failed_again, installed_after, moment, trusted


async def test_a_certificate_is_obtained_renewed_twice_by_the_calendar_and_always_trusted(
    sim: osbiz.Simulator, start: Start, tmp_path: Path
) -> None:
    authority = start()
    root = tmp_path / "root.pem"
    root.write_text(await asyncio.to_thread(authority.root))
    status = await sim.box.acme(**setup(authority))
    assert (status["state"], status["error"], status["serving"]) == ("installed", None, True)
    assert await asyncio.to_thread(trusted, sim, root) == ""
    for _ in range(2):
        before, due = status["certificate"], moment(status["next_renewal"])
        await sim.box.set_clock(now=due - timedelta(hours=1))
        await asyncio.sleep(0.2)
        assert (await sim.box.acme_status())["certificate"] == before
        await sim.box.set_clock(now=due + timedelta(seconds=1))
        status = await installed_after(sim, before)
        assert sim.box.model.active.id == status["certificate"]
        assert await asyncio.to_thread(trusted, sim, root) == ""
    events = [entry["event"] for entry in status["history"]]
    assert events == ["set-up", *["obtained", "installed"] * 3]


@pytest.mark.parametrize(
    ("challenge", "names"),
    [
        ("http-01", [NAME, LAN_IP]),
        ("tls-alpn-01", [NAME, LAN_IP]),
        ("dns-01", [NAME, f"*.{NAME}"]),
    ],
)
async def test_every_challenge_convinces_the_ca_though_it_rejects_nine_nonces_of_ten(
    sim: osbiz.Simulator, start: Start, tmp_path: Path, challenge: str, names: list[str]
) -> None:
    authority = start(PEBBLE_WFE_NONCEREJECT="90", PEBBLE_AUTHZREUSE="0")
    assert authority.names is not None
    dns = authority.names.management if challenge == "dns-01" else None
    await sim.box.acme(**setup(authority, challenge=challenge, names=names, dns=dns))
    root = tmp_path / "root.pem"
    root.write_text(await asyncio.to_thread(authority.root))
    for name in names:
        assert await asyncio.to_thread(trusted, sim, root, name.replace("*", "any")) == ""
    # Nothing is left of the answers, and the box shows nobody the CA's special certificate.
    assert not sim.box.challenges.http
    assert not sim.box.challenges.tls


async def test_a_slow_ca_is_waited_for(sim: osbiz.Simulator, start: Start) -> None:
    authority = start(PEBBLE_VA_SLEEPTIME="3")
    assert (await sim.box.acme(**setup(authority)))["state"] == "installed"


async def test_a_failed_renewal_leaves_the_old_certificate_serving_and_says_whom_to_call(
    sim: osbiz.Simulator, start: Start, tmp_path: Path
) -> None:
    authority = start(PEBBLE_AUTHZREUSE="0")
    assert authority.names is not None
    good = await sim.box.acme(**setup(authority))
    root = tmp_path / "root.pem"
    root.write_text(await asyncio.to_thread(authority.root))
    await asyncio.to_thread(authority.names.ask, "set-default-ipv4", ip="127.0.0.99")
    with pytest.raises(Refused) as refused:
        await sim.box.acme_renew()
    assert refused.value.code == "acme-validation-connection"
    status = await sim.box.acme_status()
    assert status["state"] == "failed"
    assert status["certificate"] == good["certificate"] == sim.box.model.active.id
    assert status["serving"] is True
    for words in ("nobody came", "firewall or router", "anna@example.com", "goes on being served"):
        assert words in status["error"]
    assert await asyncio.to_thread(trusted, sim, root) == ""
    # What was wrong is put right; the box tries again by itself, later on its calendar.
    await asyncio.to_thread(authority.names.ask, "set-default-ipv4", ip=LAN_IP)
    await sim.box.set_clock(now=moment(status["next_renewal"]))
    await installed_after(sim, good["certificate"])
    assert await asyncio.to_thread(trusted, sim, root) == ""


async def test_a_ca_that_is_away_is_tried_again_and_warned_of_until_it_is_back(
    sim: osbiz.Simulator, start: Start, tmp_path: Path
) -> None:
    authority = start()
    good = await sim.box.acme(**setup(authority))
    end = moment(good["not_after"])
    await asyncio.to_thread(authority.stop)
    warned = []
    for left in (25, 10, 5):  # days; two thirds of 90 are gone, then three quarters, then …
        await sim.box.set_clock(now=end - timedelta(days=left))
        await failed_again(sim, len(warned) + 1)
        status = await sim.box.acme_status()
        assert status["failure"]["code"] == "acme-directory-refused"
        assert status["serving"] is True
        warned.append([one["level"] for one in status["history"] if one["event"] == "warning"])
    assert warned == [[], [1], [1, 2]]
