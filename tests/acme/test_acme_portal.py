"""*Let's Encrypt* in the Admin Portal: walked in Chromium, looked at by axe, in both languages."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import osbiz
from appliance.acme.failures import CAUSES
from tests.acme.conftest import NAME, Start, setup
from tests.acme.watching import status_when
from tests.portal.browser import a_chromium, log_on, log_on_as_expert, needs_chromium, window
from tests.portal.test_portal_accessible import look
from tests.portal.visitor import ADMIN, EXPERT, HOME, Visitor
from webserver.portal.texts import REFUSALS

PAGE = ADMIN + "expert/lets-encrypt"
ROOT = Path(__file__).resolve().parents[2]


def test_every_failure_and_every_refusal_has_german_words() -> None:
    tree = ast.parse((ROOT / "appliance/acme/setup_form.py").read_text("utf-8"))
    codes = {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "Refusal"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(codes) > 10
    assert (codes | CAUSES.keys()) - {"unknown-field"} - REFUSALS["de"].keys() == set()


@needs_chromium
async def test_a_person_asks_for_a_certificate_sees_it_come_and_sees_a_renewal_fail(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start()
    assert authority.names is not None
    async with a_chromium() as chromium, window(chromium) as page:
        await log_on_as_expert(page, sim)
        await page.get_by_role("link", name="Expert Mode").click()
        await page.get_by_role("link", name="Let's Encrypt").first.click()
        await page.get_by_role("button", name="Obtain and activate").click()
        await page.get_by_text("No name to be certified is given.").wait_for()
        grave = await look(page)
        await page.get_by_label("Names").fill(NAME)
        await page.get_by_label("Directory of the CA").fill(authority.directory)
        await page.get_by_label("E-mail address").fill("anna@example.com")
        await page.get_by_text("For other CAs").click()
        await page.get_by_label("Trusted besides").fill(authority.trust)
        await page.get_by_label("terms of service").check()
        await page.get_by_role("button", name="Obtain and activate").click()
        await status_when(sim, lambda status: status["state"] == "installed")
        # The box has restarted with it, and who was logged on logs on anew.
        await page.goto(sim.box.portal_url)
        await log_on(page, name=EXPERT)
        await page.goto(sim.box.portal_url + PAGE)
        await page.get_by_text("installed and kept renewed").wait_for()
        grave += await look(page)
        await asyncio.to_thread(authority.stop)
        await page.get_by_role("button", name="Renew now").click()
        await status_when(sim, lambda status: status["state"] == "failed")
        await page.goto(sim.box.portal_url + PAGE + "?lang=de")
        await page.get_by_text("Anzurufen ist die CA. Ansprechpartner").wait_for()
        grave += await look(page)
        await page.goto(sim.box.portal_url + HOME)
        await page.get_by_text("Seine Erneuerung scheitert.").wait_for()
        await page.goto(sim.box.portal_url + PAGE)
        await page.get_by_role("button", name="Nicht mehr erneuern").click()
        await page.get_by_text("Es wird nicht mehr erneuert.").wait_for()
    assert (await sim.box.acme_status())["state"] == "idle"
    assert grave == []


async def test_what_is_wrong_stands_at_its_field_and_what_is_secret_stays_so(
    sim: osbiz.Simulator,
) -> None:
    async with Visitor(sim) as visitor:
        await visitor.log_on_as_expert()
        wrong = {
            "names": "*.example.com a_b,-x",
            "directory": "http://ca.example/",
            "activate_at": "noon",
            "trust": "<no PEM>",
            "eab_kid": "kid-1",
            "eab_hmac": "!secret!",
        }
        answer = await visitor.send(PAGE, {**wrong, "challenge": "http-01"})
        assert answer.status == 422
        fields = {"names", "directory", "activate_at", "trust", "eab", "accept_terms"}
        assert answer.wrong.keys() == fields
        assert "!secret!" not in answer.text
        assert "&lt;no PEM&gt;" in answer.text
        assert "Refresh" not in answer.headers


async def test_the_page_looks_again_while_an_order_is_under_way(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start(PEBBLE_VA_SLEEPTIME="3600")
    await sim.box.acme(wait=False, **setup(authority))
    await status_when(sim, lambda status: status["step"] == "validate")
    async with Visitor(sim) as visitor:
        await visitor.log_on_as_expert()
        page = await visitor.get(PAGE)
        assert page.headers["Refresh"] == "2"
        assert "The CA sees whether the names lead to this box." in page.words
        assert "Obtain and activate" not in page.words
        assert (await visitor.get(PAGE + "/stop")).status == 405
        assert (await visitor.post(PAGE + "/stop", {"csrf": page.csrf})).status == 303
    assert (await sim.box.acme_status())["state"] == "idle"


async def test_who_may_not_activate_may_look_and_no_more(sim: osbiz.Simulator) -> None:
    async with Visitor(sim) as visitor:
        await visitor.log_on()
        page = await visitor.get(PAGE)
        assert "Activating a certificate needs the role Expert." in page.words
        answer = await visitor.send(PAGE, {"names": NAME, "accept_terms": "yes"})
        assert answer.status == 403
    assert (await sim.box.acme_status())["state"] == "idle"
