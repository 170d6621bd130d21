"""A real browser at the portal: Chromium, driven by Playwright."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.portal.visitor import DEFAULT, EXPERT, NAME, PASSWORD, set_up_expert
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

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium (Debian package chromium), which is not here"
)


@asynccontextmanager
async def a_chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def window(
    browser: Browser, *, javascript: bool = True, locale: str = "en-GB", **more: Any
) -> AsyncIterator[Page]:
    """A browser window of its own, in which nothing may be blocked by the content policy."""
    context = await browser.new_context(
        ignore_https_errors=True, java_script_enabled=javascript, locale=locale, **more
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


async def log_on(page: Page, password: str = PASSWORD, *, name: str = NAME) -> None:
    await page.get_by_label("User name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log on").click()


async def first_logon(page: Page, simulator: Simulator) -> None:
    await page.goto(simulator.box.portal_url)
    await log_on(page, DEFAULT)
    await page.get_by_label("New password", exact=True).fill(PASSWORD)
    await page.get_by_label("Repeat the new password").fill(PASSWORD)
    await page.get_by_role("button", name="Change password").click()
    await page.get_by_role("heading", name="Home").wait_for()


async def log_on_as_expert(page: Page, simulator: Simulator) -> None:
    """Log on with the right to import and to activate."""
    await set_up_expert(simulator)
    await page.goto(simulator.box.portal_url)
    await log_on(page, name=EXPERT)
    await page.get_by_role("heading", name="Home").wait_for()
