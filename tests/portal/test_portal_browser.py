"""The portal in a real browser: first logon, looking around, activation, another address."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.portal.browser import (
    RESTART_SECONDS,
    WIDE,
    first_logon,
    log_on,
    log_on_as_expert,
    needs_chromium,
    window,
)
from tests.portal.visitor import (
    ADMIN,
    CERTIFICATES,
    DEFAULT,
    EXPERT,
    HOME,
    LAN,
    NAME,
    PASSWORD,
)
from webserver.simulator import Simulator

pytestmark = needs_chromium


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(restart_time=RESTART_SECONDS) as running:
        yield running


async def test_first_logon_by_keyboard_alone_changes_the_password(
    simulator: Simulator, chromium: Browser
) -> None:
    async with window(chromium) as page:
        await page.goto(simulator.box.portal_url)
        for text in (NAME, DEFAULT):
            await page.keyboard.type(text)
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Change password").wait_for()
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Home").wait_for()
        assert await page.get_by_role("article").get_by_text("3652 days left").count() == 2
        await page.keyboard.press("Tab")
        assert await page.locator(":focus").inner_text() == "To the content"
        await page.get_by_role("button", name="Logout").click()
        await page.get_by_text("You are logged out.").wait_for()


async def test_activate_now_waits_and_brings_the_person_back(
    simulator: Simulator, chromium: Browser
) -> None:
    held = await simulator.box.make(
        kind="self-signed", name="Next one", subject={"CN": "osbiz.example.com"}
    )
    async with window(chromium) as page:
        await log_on_as_expert(page, simulator)
        await page.get_by_role("link", name="Expert Mode").click()
        tree = page.get_by_role("navigation", name="Expert Mode")
        await tree.get_by_role("link", name="Server Certificates").click()
        await page.get_by_role("table").get_by_role("link", name="Next one").click()
        await page.get_by_text("Display General Information").first.wait_for()
        await page.get_by_role("link", name="Activate Certificate").click()
        assert await page.get_by_label("System").locator("option").all_inner_texts() == [
            "OpenScape Business",
            "OpenScape Business UC Booster Server",
        ]
        await page.get_by_role("button", name="Activate Now").click()
        await page.get_by_role("heading", name="The box restarts").wait_for()
        assert simulator.box.state.value == "restarting"
        colour = await page.locator("#go").evaluate("one => getComputedStyle(one).borderStyle")
        assert colour == "solid"  # the page has its looks although nothing can be fetched
        await page.get_by_text("The box is running again.").wait_for()
        assert simulator.box.model.active.id == held.id
        await log_on(page, name=EXPERT)
        await page.get_by_role("article").get_by_role("link", name="Next one").wait_for()


async def test_a_browser_that_does_not_trust_the_new_certificate_is_led_back_too(
    simulator: Simulator, chromium: Browser
) -> None:
    held = await simulator.box.make(
        kind="self-signed", name="Next one", subject={"CN": "osbiz.example.com"}
    )
    async with window(chromium) as page:
        await log_on_as_expert(page, simulator)
        # What a fetch does when the certificate is not trusted: it fails, every time.
        await page.route("**/robots.txt", lambda route: route.abort("failed"))
        await page.goto(f"{simulator.box.portal_url}{CERTIFICATES}/{held.id}/activate")
        await page.get_by_role("button", name="Activate Now").click()
        await page.get_by_text("The box should be back.").wait_for()
        await page.get_by_text("The box is running again.").wait_for()


async def test_another_address_takes_the_person_there(
    simulator: Simulator, chromium: Browser
) -> None:
    async with window(chromium) as page:
        await first_logon(page, simulator)
        await page.goto(simulator.box.portal_url + LAN)
        await page.get_by_label("IP address").fill("127.0.0.400")
        await page.get_by_role("button", name="Apply").click()
        await page.get_by_text("'127.0.0.400' is no IPv4 address.").wait_for()
        assert await page.get_by_label("IP address").input_value() == "127.0.0.400"
        await page.get_by_label("IP address").fill("127.0.0.9")
        await page.get_by_role("button", name="Apply").click()
        await page.get_by_role("heading", name="The box restarts").wait_for()
        await page.get_by_text("The box is running again.").wait_for()
        assert page.url.startswith("https://127.0.0.9:")
        await log_on(page, PASSWORD)
        card = page.get_by_role("article")
        await card.get_by_role("link", name="Default (127.0.0.9)").wait_for()


async def test_it_all_works_without_javascript(simulator: Simulator, chromium: Browser) -> None:
    async with window(chromium, javascript=False) as page:
        await first_logon(page, simulator)
        await page.goto(simulator.box.portal_url + LAN)
        await page.get_by_label("IP address").fill("127.0.0.9")
        await page.get_by_role("button", name="Apply").click()
        await page.get_by_text("This page then takes you to the logon by itself.").wait_for()
        await page.get_by_text("The box is running again.").wait_for()
        assert page.url.startswith("https://127.0.0.9:")


async def test_every_page_fits_telephones_and_screens_in_both_languages(
    simulator: Simulator, chromium: Browser
) -> None:
    held = await simulator.box.make(
        kind="self-signed",
        name="A-name-that-is-as-long-as-names-can-be-and-has-no-place-to-break",
        subject={"CN": "x" * 60 + ".eu", "O": "W" * 64},
        san=["DNS:" + "y" * 63 + ".example.com"],
    )
    authority = await simulator.box.make(kind="authority", name="W" * 64, subject={"CN": "W" * 64})
    async with window(chromium, locale="de-DE") as page:
        await page.goto(f"{simulator.box.portal_url}{ADMIN}?lang=en")
        await first_logon(page, simulator)
        here = f"{CERTIFICATES}/{held.id}"
        forms = ("/import", "/generate-csr")
        tabs = ("", "/activate", "/export", "/remove")
        node = f"{ADMIN}expert/authorities/{authority.id}"
        for path in (
            HOME,
            LAN,
            CERTIFICATES,
            *(CERTIFICATES + form for form in forms),
            *(here + tab for tab in tabs),
            node,
            node + "/generate-server",
        ):
            for language in ("de", "en"):
                await page.goto(f"{simulator.box.portal_url}{path}?lang={language}")
                for width in (360, 768, 1100, 1200, 1400):
                    await page.set_viewport_size({"width": width, "height": 740})
                    wide = await page.evaluate(WIDE)
                    assert wide == [], (path, language, width)
