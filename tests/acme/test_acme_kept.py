"""Over ends and beginnings of the program, resets and backups: what is kept, and what is not."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import osbiz
from appliance.acme import ACCOUNTS, BOOK
from tests.acme.authorities import challtestsrv, free_port, pebble
from tests.acme.conftest import LAN_IP, Start, setup
from tests.acme.watching import installed_after, moment, status_when
from tests.system.program import Program, program

PASSPHRASE = "seven or more"


def a_box(data: Path, port: int) -> osbiz.Simulator:
    return osbiz.Simulator(data=data, http_port=port, lan_ip=LAN_IP, booster=False)


async def test_a_box_that_was_off_goes_on_renewing_with_the_account_it_had(tmp_path: Path) -> None:
    port = free_port()
    with (
        challtestsrv(tmp_path, address=LAN_IP) as names,
        pebble(tmp_path, http_port=port, dns=names.dns, life=86_400 * 90) as authority,
    ):
        async with a_box(tmp_path / "data", port) as sim:
            first = await sim.box.acme(**setup(authority))
        async with a_box(tmp_path / "data", port) as sim:
            status = await sim.box.acme_status()
            assert {**status, "renewal_info": None} == first
            await sim.box.set_clock(now=moment(status["next_renewal"]))
            second = await installed_after(sim, first["certificate"])
        assert b"There are now 1 accounts" in authority.log.read_bytes()
        assert b"There are now 2 accounts" not in authority.log.read_bytes()
        # Off in the middle of waiting for the hour: it still waits, with what it has.
        async with a_box(tmp_path / "data", port) as sim:
            await sim.box.set_clock(now="2036-05-04T21:00:00Z")
            await sim.box.acme(wait=False, **setup(authority, activate_at="03:00"))
            await status_when(sim, lambda status: status["step"] == "wait")
        async with a_box(tmp_path / "data", port) as sim:
            status = await sim.box.acme_status()
            assert (status["state"], status["step"]) == ("ordering", "wait")
            assert sim.box.model.active.id == second["certificate"]
            await sim.box.set_clock(now="2036-05-05T03:00:01Z")
            await installed_after(sim, second["certificate"])


def test_a_box_that_is_killed_in_the_middle_of_an_order_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    port = free_port()
    line = ["--data", str(tmp_path / "data"), "--lan-ip", LAN_IP, "--no-booster"]
    line += ["--restart-time", "200ms", "--http-port", str(port)]
    with (
        challtestsrv(tmp_path, address=LAN_IP) as names,
        pebble(tmp_path, http_port=port, dns=names.dns, PEBBLE_VA_SLEEPTIME="2") as authority,
    ):
        with program(tmp_path, *line) as box:
            assert box.call("PUT", "/v1/acme", setup(authority)).status == 202
            until(box, lambda status: status["step"] == "validate")
            box.end(signal.SIGKILL)
        with program(tmp_path, *line) as box:
            status = until(box, lambda status: status["state"] != "ordering")
            assert (status["state"], status["serving"]) == ("installed", True)


def until(box: Program, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """How it stands once `holds` of it."""
    end = time.monotonic() + 30
    while not holds(status := box.call("GET", "/v1/acme").body):
        assert time.monotonic() < end, status
        time.sleep(0.02)
    found: dict[str, Any] = status
    return found


def test_the_disk_knows_no_secret_in_plain_text(tmp_path: Path) -> None:
    secret = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
    directory = f"https://127.0.0.1:{free_port()}/dir"
    asked: dict[str, Any] = {"directory": directory, "names": [LAN_IP], "accept_terms": True}
    with osbiz.run(data=tmp_path / "data", http_port=0, lan_ip=LAN_IP, booster=False) as sim:
        sim.box.acme(wait=False, eab={"kid": "kid-1", "hmac_key": secret}, **asked)
    for file in (tmp_path / "data").iterdir():
        assert secret.encode() not in file.read_bytes()


async def test_certificates_of_long_ago_go_and_what_is_served_stays(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start()
    seen = [(await sim.box.acme(**setup(authority)))["certificate"] for _ in range(5)]
    held = [holding.id for holding in sim.box.holdings()][1:]
    assert held == seen[-3:]  # the one that is served, and two to go back to
    assert sim.box.model.active.id == seen[-1]


async def test_a_reset_forgets_the_ca_and_a_restored_box_asks_none(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start()
    await sim.box.acme(**setup(authority))
    kept = await sim.box.back_up(PASSPHRASE)
    await sim.box.reset()
    status = await sim.box.acme_status()
    assert (status["state"], status["history"]) == ("idle", [])
    assert sim.box.model.settings[BOOK] is None
    assert sim.box.model.settings[ACCOUNTS] is None
    await sim.box.restore(kept, PASSPHRASE)
    status = await sim.box.acme_status()
    assert status["state"] == "idle"
    assert [one["event"] for one in status["history"]] == ["set-up", "obtained", "installed"]
    assert sim.box.model.active.kind == "imported"


async def test_forgetting_the_ca_leaves_its_certificate_in_place(
    sim: osbiz.Simulator, start: Start
) -> None:
    status = await sim.box.acme(**setup(start()))
    await sim.box.acme_forget()
    assert (await sim.box.acme_status())["state"] == "idle"
    assert sim.box.model.active.id == status["certificate"]
    await sim.box.set_clock(now=moment(status["not_after"]))
    assert (await sim.box.acme_status())["state"] == "idle"
