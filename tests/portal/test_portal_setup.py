"""Setup: what the box is, who has an extension, and the clock that is set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.clock import real_now
from tests.portal.visitor import ADMIN, Visitor
from webserver.simulator import Simulator

SETUP = ADMIN + "setup"
CLOCK = SETUP + "/clock"


async def set_clock(visitor: Visitor, **fields: str) -> int:
    token = (await visitor.get(SETUP)).csrf
    return (await visitor.post(CLOCK, {**fields, "csrf": token})).status


async def test_it_says_what_the_box_is_and_no_password(
    simulator: Simulator, admin: Visitor
) -> None:
    words = (await admin.get(SETUP)).words
    for text in ("V3R3", "127.0.0.2", "gone when the simulator ends", "100 Anna Berger", "GMT"):
        assert text in words
    for subscriber in simulator.box.model.subscribers.values():
        assert subscriber.password not in words


async def test_a_box_on_disk_says_so_and_not_where(tmp_path: Path) -> None:
    async with Simulator(data=tmp_path, booster=False) as kept, Visitor(kept) as admin:
        await admin.log_on()
        page = await admin.get(SETUP)
        assert "everything, on this machine's disk" in page.words
        assert str(tmp_path) not in page.text


async def test_dates_are_moved_onto_the_real_calendar_and_both_are_shown(
    simulator: Simulator, admin: Visitor
) -> None:
    box = simulator.box
    path = f"{ADMIN}expert/certificates/{box.model.active.id}"
    assert "real calendar" not in (await admin.get(path)).words
    assert await set_clock(admin, now="2030-01-01T00:00:00", dates="projected") == 303
    end = box.clock.to_real(box.active.not_after)
    page = await admin.get(path)
    assert f"to {end:%Y-%m-%d %H:%M:%S} (GMT)" in page.words
    assert box.active.not_after.strftime("%m/%d/%Y %H:%M:%S") in page.words
    assert "moved onto the real calendar" in (await admin.get(SETUP)).words
    assert await set_clock(admin, now="", dates="lunar") == 422
    assert await set_clock(admin, dates="simulated") == 303
    assert "real calendar" not in (await admin.get(path)).words


@pytest.mark.parametrize(
    ("fields", "now", "rate"),
    [
        ({"now": "2024-01-01T00:00:00", "rate": "0"}, datetime(2024, 1, 1, tzinfo=UTC), 0),
        ({"now": "2024-01-01T01:00:00+01:00", "rate": ""}, datetime(2024, 1, 1, tzinfo=UTC), 1),
        ({"now": "2024-01-01 00:00", "rate": "60"}, datetime(2024, 1, 1, tzinfo=UTC), 60),
        ({"now": "", "rate": "2,5"}, None, 2.5),
        ({"now": "2024-01-01", "rate": "100,000"}, datetime(2024, 1, 1, tzinfo=UTC), 100_000),
        ({"preset": "new-year"}, datetime(2023, 12, 31, 23, 59, tzinfo=UTC), 1),
        ({"preset": "real"}, None, 1),
    ],
)
async def test_the_clock_is_set(
    simulator: Simulator, admin: Visitor, fields: dict[str, str], now: datetime | None, rate: float
) -> None:
    assert await set_clock(admin, **fields) == 303
    clock = simulator.box.clock
    assert clock.rate == rate
    far = abs(clock.now() - (now or real_now()))
    assert far < timedelta(seconds=10 * max(rate, 1))
    assert "The clock was set." in (await admin.get(SETUP)).words


async def test_a_clock_that_was_set_logs_nobody_off(admin: Visitor) -> None:
    assert await set_clock(admin, now="8999-01-01", rate="100000") == 303
    assert (await admin.get(SETUP)).status == 200
    assert await set_clock(admin, now="1970-01-01", rate="0") == 303
    assert "stands still" in (await admin.get(SETUP)).words


@pytest.mark.parametrize(
    ("now", "rate", "wrong"),
    [
        ("yesterday", "fast", ("now", "rate")),
        ("9999-12-31T23:59:59-23:59", "1e9", ("now", "rate")),
        ("1969-12-31", "0.5", ("now", "rate")),
        ("", "nan", ("rate",)),
        ("2024-02-30", "1", ("now",)),
    ],
)
async def test_what_no_clock_can_show_comes_back_with_all_that_is_wrong(
    simulator: Simulator, admin: Visitor, now: str, rate: str, wrong: tuple[str, ...]
) -> None:
    line = simulator.box.clock.line
    token = (await admin.get(SETUP)).csrf
    answer = await admin.post(CLOCK, {"now": now, "rate": rate, "csrf": token})
    assert answer.status == 422
    for field in wrong:
        assert f'id="{field}-wrong1"' in answer.text
    assert f'name="rate" type="text" value="{rate}"' in answer.text
    assert simulator.box.clock.line == line


async def test_a_shift_that_leads_off_the_calendar_is_wrong_where_it_was_typed(
    simulator: Simulator, admin: Visitor
) -> None:
    token = (await admin.get(SETUP)).csrf
    answer = await admin.post(CLOCK, {"now": "", "shift": "9999999d", "rate": "1", "csrf": token})
    assert answer.status == 422
    assert 'id="shift-wrong1"' in answer.text
    assert 'id="now-wrong1"' not in answer.text
    assert simulator.box.clock.goes_with_the_machine
