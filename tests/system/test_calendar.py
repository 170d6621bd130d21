"""Two calendars: certificates with the box's own dates, or moved onto the real one."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import osbiz
from appliance.clock import Dates
from tests.clients import Served, curl, served
from tests.system.conftest import Issued

LAST_SECONDS = datetime(2023, 12, 31, 23, 59, 50, tzinfo=UTC)


def seconds_left(shown: Served) -> float:
    """Until the certificate expires on the real calendar."""
    return (datetime.fromisoformat(shown.not_after) - datetime.now(UTC)).total_seconds()


def test_simulated_dates_are_exactly_those_of_history() -> None:
    with osbiz.run(firmware="V3R1", now=LAST_SECONDS, booster=False) as sim:
        assert served(sim.box.portal_url).not_after == "2024-01-01T00:00:00Z"


def test_projected_dates_leave_a_real_client_the_same_remaining_life() -> None:
    made = {"firmware": "V3R1", "installed_at": datetime(2014, 5, 1, tzinfo=UTC)}
    with osbiz.run(**made, now=LAST_SECONDS, dates=Dates.PROJECTED) as sim:
        shown = served(sim.box.portal_url)
        assert 7 < seconds_left(shown) <= 10
        key = sim.box.active.leaf.public_key().public_numbers().n
        assert shown.public_key == key
        assert shown.common_name == "127.0.0.2"
        booster = served(sim.box.booster_url)  # whose ten years begin now
        assert 3650 < seconds_left(booster) / 86400 < 3654


def test_a_fast_calendar_shortens_what_is_left() -> None:
    with osbiz.run(
        firmware="V3R1", now=LAST_SECONDS - timedelta(hours=1), rate=100, booster=False,
        installed_at=datetime(2021, 1, 1, tzinfo=UTC), dates=Dates.PROJECTED,
    ) as sim:  # fmt: skip
        assert 30 < seconds_left(served(sim.box.portal_url)) < 36.2


def test_a_frozen_calendar_leaves_the_same_life_however_long_one_looks() -> None:
    with osbiz.run(
        firmware="V3R1", now="2023-12-31T23:59:50Z", rate=0, booster=False,
        installed_at="2021-01-01T00:00:00Z", dates="projected",
    ) as sim:  # fmt: skip
        first = served(sim.box.portal_url)
        time.sleep(2.2)
        second = served(sim.box.portal_url)
        assert second.not_after > first.not_after
        assert 7.5 < seconds_left(second) <= 10.5


def test_setting_the_clock_moves_what_is_presented_without_a_restart() -> None:
    with osbiz.run(booster=False) as sim:
        sim.box.set_clock(dates="projected")
        sim.box.set_clock(now=sim.box.active.not_after - timedelta(seconds=5))
        assert 2 < seconds_left(served(sim.box.portal_url)) <= 5
        sim.box.set_clock(now=sim.box.active.not_after + timedelta(days=3))
        assert -3.1 < seconds_left(served(sim.box.portal_url)) / 86400 < -2.9
        events = [entry.event for entry in sim.box.journal()]
        assert "restart-begun" not in events


def test_an_unmodified_client_sees_a_certificate_of_the_box_expire(tmp_path: Path) -> None:
    """The box's own small CA, whose certificates are moved down the chain."""
    with osbiz.run(booster=False) as sim:
        authority = sim.box.make(kind="authority", name="CA", subject={"CN": "CA"})
        server = sim.box.make(
            kind="server", name="s", subject={"CN": "127.0.0.2"}, san=["IP:127.0.0.2"],
            authority=authority.id, passphrase="1234567",
        )  # fmt: skip
        back = sim.box.import_pkcs12(name="s", passphrase="1234567", data=server.pkcs12)
        sim.box.activate(back.id)
        sim.box.set_clock(
            now=back.certificate.not_after - timedelta(seconds=4), dates=Dates.PROJECTED
        )
        root = tmp_path / "ca.pem"
        root.write_text(sim.box.model.as_presented(authority).certificate.pem)
        url = sim.box.portal_url + "/robots.txt"
        assert curl("--cacert", root, url).returncode == 0
        time.sleep(5)
        done = curl("--cacert", root, url)
        assert "certificate has expired" in done.stderr


def test_an_imported_certificate_is_not_projected_unless_asked_for(issued: Issued) -> None:
    with osbiz.run(booster=False) as sim:
        imported = sim.box.import_files(
            name="x", passphrase="1234567", certificate=issued.certificate, key=issued.key
        )
        sim.box.activate(imported.id)
        before = served(sim.box.portal_url)
        with pytest.raises(osbiz.Refused) as caught:
            sim.box.set_clock(now=LAST_SECONDS, dates=Dates.PROJECTED)
        assert caught.value.code == "not-projectable"
        assert sim.box.clock.dates is Dates.SIMULATED
        sim.box.set_clock(now=LAST_SECONDS, dates=Dates.PROJECTED, allow_unprojected=True)
        assert served(sim.box.portal_url) == before


def test_which_calendar_it_is_lasts_over_a_restart_of_the_program(tmp_path: Path) -> None:
    with osbiz.run(data=tmp_path / "data", booster=False) as sim:
        sim.box.set_clock(now=LAST_SECONDS, dates=Dates.PROJECTED)
    with osbiz.run(data=tmp_path / "data", booster=False) as sim:
        assert sim.box.clock.dates is Dates.PROJECTED
        assert sim.box.clock.now().year in (2023, 2024)
