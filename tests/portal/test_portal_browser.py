"""The portal in a real browser: first logon, looking around, activation, another address."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.portal.visitor import ADMIN, CERTIFICATES, DEFAULT, HOME, LAN, NAME, PASSWORD
from webserver.simulator import Simulator

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
RESTART_SECONDS = 1.0

# What sticks out of the panel that it is in, or out of the window.
WIDE = """() => [...document.querySelectorAll("main *")].filter(one => {
    const room = one.parentElement.closest(".panel") ?? document.documentElement;
    const style = getComputedStyle(one);
    return style.position !== "absolute"
        && one.closest("thead") === null
        && one.getBoundingClientRect().right > room.getBoundingClientRect().right + 1;
}).map(one => one.outerHTML.slice(0, 80))"""

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium (Debian package chromium), which is not here"
)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(restart_time=RESTART_SECONDS) as running:
        yield running


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def window(
    browser: Browser, *, javascript: bool = True, locale: str = "en-GB"
) -> AsyncIterator[Page]:
    """A browser window of its own, in which nothing may be blocked by the content policy."""
    context = await browser.new_context(
        ignore_https_errors=True, java_script_enabled=javascript, locale=locale
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()
    assert not complaints


async def log_on(page: Page, password: str) -> None:
    await page.get_by_label("User name").fill(NAME)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log on").click()


async def first_logon(page: Page, simulator: Simulator) -> None:
    await page.goto(simulator.box.portal_url)
    await log_on(page, DEFAULT)
    await page.get_by_label("New password", exact=True).fill(PASSWORD)
    await page.get_by_label("Repeat the new password").fill(PASSWORD)
    await page.get_by_role("button", name="Change password").click()
    await page.get_by_role("heading", name="Home").wait_for()


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
        assert await page.get_by_text("3652 days left").count() == 2
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
        await first_logon(page, simulator)
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
        await log_on(page, PASSWORD)
        await page.get_by_role("link", name="Next one").wait_for()


async def test_a_browser_that_does_not_trust_the_new_certificate_is_led_back_too(
    simulator: Simulator, chromium: Browser
) -> None:
    held = await simulator.box.make(
        kind="self-signed", name="Next one", subject={"CN": "osbiz.example.com"}
    )
    async with window(chromium) as page:
        await first_logon(page, simulator)
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
        await page.get_by_role("link", name="Default (127.0.0.9)").wait_for()


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
    async with window(chromium, locale="de-DE") as page:
        await page.goto(f"{simulator.box.portal_url}{ADMIN}?lang=en")
        await first_logon(page, simulator)
        here = f"{CERTIFICATES}/{held.id}"
        for path in (HOME, CERTIFICATES, here, here + "/activate", LAN):
            for language in ("de", "en"):
                await page.goto(f"{simulator.box.portal_url}{path}?lang={language}")
                for width in (360, 768, 1100, 1200, 1400):
                    await page.set_viewport_size({"width": width, "height": 740})
                    wide = await page.evaluate(WIDE)
                    assert wide == [], (path, language, width)
