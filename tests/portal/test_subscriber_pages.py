"""Subscribers' pages: keys are labelled, presence is set, and all hang on one certificate."""

from __future__ import annotations

import re
import ssl
from asyncio import to_thread
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.async_api import Browser, Page

from appliance.telephony import prepare_subscriber_removal
from store.certificate import fingerprint_groups
from tests.portal.browser import WIDE, needs_chromium, window
from tests.portal.test_portal_accessible import look
from tests.portal.visitor import ADMIN, Visitor
from webserver.portal.lockout import FREE_ATTEMPTS
from webserver.simulator import Simulator

KEYS, MY_PORTAL, LAUNCHER = "/keys/", "/myportaltogo/", "/applicationlauncher/"


async def log_on(visitor: Visitor, path: str = KEYS, password: str = "100-1234") -> int:
    """Log on as 100; the status of the answer."""
    fields = {"extension": "100", "password": password}
    return (await visitor.post(path + "logon", fields)).status


async def test_labels_are_kept_over_a_restart_of_the_program(tmp_path: Path) -> None:
    async with Simulator(data=tmp_path, booster=False) as simulator, Visitor(simulator) as anna:
        assert "Extension" in (await anna.get(KEYS)).words
        assert await log_on(anna) == 303
        answer = await anna.fill_in(KEYS, {"key2": " Jonas ", "key8": "Lager ☎"})
        assert (answer.status, answer.location) == (303, KEYS)
        page = await anna.get(KEYS)
        assert "The labels are on your telephone now." in page.words
        assert "on your telephone now" not in (await anna.get(KEYS)).words
    async with Simulator(data=tmp_path, booster=False) as simulator, Visitor(simulator) as anna:
        await log_on(anna)
        fields = (await anna.get(KEYS)).fields
        assert {key: label for key, label in fields.items() if label and key != "csrf"} == {
            "key2": "Jonas",
            "key8": "Lager ☎",
        }
        assert simulator.box.exchange.desks.labels("100") == {2: "Jonas", 8: "Lager ☎"}


async def test_a_label_that_does_not_fit_is_refused_at_its_key_and_none_is_kept(
    simulator: Simulator, stranger: Visitor
) -> None:
    await log_on(stranger)
    answer = await stranger.fill_in(KEYS, {"key1": "Anna", "key3": "x" * 25, "key4": "a\x07"})
    assert answer.status == 422
    assert set(answer.wrong) == {"key3", "key4"}
    assert answer.fields["key1"] == "Anna"
    assert simulator.box.exchange.desks.labels("100") == {}
    german = await stranger.post(KEYS + "?lang=de", answer.fields)
    assert german.wrong["key3"].startswith("Diese Beschriftung passt nicht")


async def test_who_guesses_passwords_has_to_wait(stranger: Visitor) -> None:
    tries = [await log_on(stranger, password="100-1235") for _ in range(FREE_ATTEMPTS)]
    assert tries == [401] * FREE_ATTEMPTS
    assert await log_on(stranger) == 429


@pytest.mark.parametrize("how", ["logoff", "restart", "moved", "gone"])
async def test_a_session_ends(simulator: Simulator, how: str) -> None:
    box = simulator.box
    async with Visitor(simulator) as anna:
        await log_on(anna)
        page = await anna.get(KEYS)
        assert "Save labels" in page.words
        kept = anna.cookies["SUBSCRIBER"]
        if how == "logoff":
            answer = await anna.post(KEYS + "logoff", {"csrf": page.csrf})
            assert answer.status == 303
        elif how == "restart":
            await box.activate(box.model.settings["active"])
        elif how == "moved":
            await box.change_lan_ip("127.0.0.31")
        else:
            change = prepare_subscriber_removal(box.model.subscribers, "100")
            await box.call(box.model.commit, change)
        later = await anna.get(KEYS, Cookie=f"SUBSCRIBER={kept}")
        assert "Save labels" not in later.words
        assert "Log on" in later.words


async def test_forms_are_taken_from_our_own_pages_only(stranger: Visitor) -> None:
    await log_on(stranger)
    fields = (await stranger.get(KEYS)).fields
    assert (await stranger.post(KEYS, {**fields, "csrf": "guessed"})).status == 403
    foreign = await stranger.post(KEYS, fields, Origin="https://elsewhere.example")
    assert foreign.status == 403
    assert (await stranger.post(KEYS, {**fields, "key1": "mine"})).status == 303


async def test_presence_that_is_set_is_told_and_calls_are_listed(simulator: Simulator) -> None:
    box = simulator.box
    session = box.sessions.begin("101", box.clock.now())
    box.sessions.watch(session, "100", ["PRESENCE"])
    box.exchange.make_call("101", "100")
    box.exchange.clear("101")
    async with Visitor(simulator, box.wsi_url) as anna:
        await log_on(anna, MY_PORTAL)
        answer = await anna.fill_in(MY_PORTAL, {"presence": "7"})
        assert answer.status == 303
        (event,) = session.take()
        assert event.detail["presence"] == "7"
        page = await anna.get(MY_PORTAL)
        assert page.fields["presence"] == "7"
        assert "missed 101 Jonas Keller 0" in page.words
        for wrong in ("0", "10", "", "lunch"):
            assert (await anna.fill_in(MY_PORTAL, {"presence": wrong})).status == 400


def fingerprint_at(url: str) -> str:
    """Of the certificate that a real handshake shows."""
    host, _, port = url.removeprefix("https://").partition(":")
    pem = ssl.get_server_certificate((host, int(port)))
    leaf = x509.load_pem_x509_certificate(pem.encode())
    return fingerprint_groups(leaf.fingerprint(hashes.SHA256()).hex())


async def test_every_page_names_the_one_certificate_it_came_with(simulator: Simulator) -> None:
    box = simulator.box

    async def named() -> set[str]:
        found = set()
        for url, path in (
            (box.portal_url, ADMIN),
            (box.portal_url, KEYS),
            (box.portal_url, "/nothing"),
            (box.wsi_url, MY_PORTAL),
            (box.wsi_url, LAUNCHER),
        ):
            async with Visitor(simulator, url) as visitor:
                page = await visitor.get(path)
                found |= set(re.findall(r"Certificate (.*) \(SHA-256\), valid until", page.words))
                assert await to_thread(fingerprint_at, url) in page.words, path
        return found

    before = await named()
    made = await box.make(kind="self-signed", name="Another", subject={"CN": "another"})
    await box.activate(made.id)
    after = await named()
    assert (len(before), len(after)) == (1, 1)
    assert before != after


async def test_without_tls_a_page_leads_to_where_it_has_it(simulator: Simulator) -> None:
    box = simulator.box
    async with Visitor(simulator, box.wsi_http_url) as visitor:
        for path in (MY_PORTAL, LAUNCHER, MY_PORTAL.rstrip("/")):
            answer = await visitor.get(path)
            assert (answer.status, answer.location) == (302, box.wsi_url + path)
        strange = await visitor.get(MY_PORTAL, Host="[::1")
        assert strange.status in (302, 400)
        assert "NOT_FOUND" in (await visitor.get("/keys/")).text


async def test_what_is_no_page_is_told_in_the_way_of_its_port(simulator: Simulator) -> None:
    box = simulator.box
    for url, path, words in (
        (box.portal_url, "/keys/nothing", "There is no such page."),
        (box.wsi_url, "/myportaltogo/nothing", "There is no such page."),
        (box.wsi_url, "/keys/", "NOT_FOUND"),
        (box.wsi_url, "/management/admin/", "NOT_FOUND"),
        (box.portal_url, "/myportaltogo/", "There is no such page."),
    ):
        async with Visitor(simulator, url) as visitor:
            answer = await visitor.get(path)
            assert (answer.status, words in answer.text) == (404, True), path


FORMS = st.dictionaries(
    st.sampled_from(["key1", "key9", "presence", "extension", "password", "csrf", "x"]),
    st.text(max_size=40),
    max_size=5,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(form=FORMS, where=st.sampled_from([KEYS, KEYS + "logon", MY_PORTAL, MY_PORTAL + "logoff"]))
async def test_whatever_is_posted_nothing_breaks(
    stranger: Visitor, form: dict[str, str], where: str
) -> None:
    assert (await stranger.post(where, form)).status < 500


# In a real browser


async def log_on_by_keyboard(page: Page) -> None:
    """The field that matters has the focus: type, Tab, type, Enter."""
    await page.get_by_label("Extension", exact=True).wait_for()
    await page.keyboard.type("100")
    await page.keyboard.press("Tab")
    await page.keyboard.type("100-1234")
    await page.keyboard.press("Enter")


@needs_chromium
async def test_keys_are_labelled_without_a_mouse_and_one_logon_is_good_on_both_ports(
    simulator: Simulator, chromium: Browser
) -> None:
    async with window(chromium) as page:
        await page.goto(simulator.box.portal_url + "/keys")
        await log_on_by_keyboard(page)
        await page.get_by_label("Key 1").wait_for()
        await page.keyboard.type("Jonas")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Mia")
        await page.keyboard.press("Enter")
        await page.get_by_text("The labels are on your telephone now.").wait_for()
        assert simulator.box.exchange.desks.labels("100") == {1: "Jonas", 2: "Mia"}
        await page.get_by_role("link", name="myPortal to go").click()
        await page.get_by_label("Where you are").select_option(label="Lunch")
        await page.get_by_role("button", name="Set presence").click()
        await page.get_by_text("Everybody who watches you was told.").wait_for()
        assert simulator.box.exchange.desk("100").presence == 7
        await page.get_by_role("link", name="Application Launcher").click()
        await page.get_by_text("Server address").wait_for()
        await page.get_by_role("button", name="Log off").click()
        await page.get_by_role("link", name="Key Programming", exact=True).click()
        await page.get_by_role("button", name="Log on").wait_for()


@needs_chromium
async def test_no_page_keeps_anybody_out_and_all_fit_a_telephone(
    simulator: Simulator, chromium: Browser
) -> None:
    box = simulator.box
    box.exchange.make_call("101", "100")
    box.exchange.clear("101")
    grave: list[str] = []
    async with window(chromium, viewport={"width": 360, "height": 740}) as page:

        async def examine() -> None:
            nonlocal grave
            grave += await look(page)
            grave += [f"{page.url} too wide: {one}" for one in await page.evaluate(WIDE)]

        await page.goto(f"{box.portal_url}/keys?lang=de")
        await examine()
        await page.get_by_label("Nebenstelle").fill("100")
        await page.get_by_label("Passwort").fill("falsch")
        await page.keyboard.press("Enter")
        await page.get_by_text("Nebenstelle oder Passwort ist falsch.").wait_for()
        await examine()
        await page.get_by_label("Passwort").fill("100-1234")
        await page.keyboard.press("Enter")
        await page.get_by_label("Taste 1").fill("x" * 30)
        await examine()
        await page.get_by_role("button", name="Beschriftung speichern").click()
        await page.locator(".wrong").wait_for()
        await examine()
        for path in (MY_PORTAL, LAUNCHER):
            await page.goto(box.wsi_url + path)
            await examine()
    assert grave == []
