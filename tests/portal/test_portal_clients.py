"""Service Center: the UC clients at the box."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from appliance.uc_clients import PROFILES
from appliance.uc_states import Life, Moment, State
from tests.portal.browser import WIDE, first_logon, needs_chromium, window
from tests.portal.visitor import ADMIN, Visitor
from webserver.portal.client_pages import SHOWN
from webserver.simulator import Simulator

CLIENTS = ADMIN + "service/clients"


async def test_without_clients_it_says_how_to_have_some(admin: Visitor) -> None:
    assert "Start some with osbiz clients." in (await admin.get(CLIENTS)).words
    assert "Starten Sie welche" in (await admin.get(CLIENTS + "?lang=de")).words


async def test_who_is_on_and_what_the_others_say_is_told_the_worst_first(
    simulator: Simulator, admin: Visitor
) -> None:
    await simulator.box.serve_trusted()
    await admin.log_on()
    trusting = await simulator.clients(profiles={"mycontacts": 1}, calls=0)
    await trusting.until("logged-on", seconds=20)
    other = await simulator.clients(profiles={"application-launcher": 2}, trust="none", calls=0)
    await other.until("locked-out", seconds=20)
    page = await admin.get(CLIENTS)
    error = other.rows()[0]["error"]
    assert "1 logged on · 2 locked out" in page.words
    assert error in page.words
    assert page.text.count(">Application Launcher<") == 2
    assert page.text.index("Application Launcher") < page.text.index("myContacts")
    assert "2 ausgesperrt" in (await admin.get(CLIENTS + "?lang=de")).words
    await trusting.stop()
    await other.stop()
    assert "Application Launcher" not in (await admin.get(CLIENTS)).text


async def test_what_is_told_from_elsewhere_is_only_text(
    simulator: Simulator, admin: Visitor
) -> None:
    now = Moment(simulator.box.clock.now(), simulator.box.clock.now())
    row = Life(1, PROFILES["mycontacts"], "<b>200</b>", now, state=State.CUT_OFF).row()
    row |= {"error": "<script>alert(1)</script>", "error_at": "<i>", "error_at_real": "<i>"}
    simulator.box.client_runs.tell("mine", [row] * (SHOWN + 5), seconds=60)
    page = await admin.get(CLIENTS)
    assert "<script>alert(1)" not in page.text
    assert "<b>200" not in page.text
    assert "<i>" not in page.text
    assert "205 cut off" in page.words
    assert "5 more are not shown." in page.words


@needs_chromium
@pytest.mark.parametrize("width", [1400, 420])
async def test_the_table_has_room_in_every_window(
    simulator: Simulator, chromium: Browser, width: int
) -> None:
    fleet = await simulator.clients(6, trust="none", calls=0)
    await fleet.until("locked-out", seconds=20)
    async with window(chromium, viewport={"width": width, "height": 900}) as page:
        await first_logon(page, simulator)
        await page.goto(simulator.box.portal_url + CLIENTS)
        await page.get_by_role("table", name="UC clients").wait_for()
        assert await page.evaluate(WIDE) == []
