"""Every page of the portal under axe-core, in light and dark: nothing serious, nothing critical.

And all of it fits a telephone, in the longer of the two languages.
"""

import re
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.portal.browser import WIDE, log_on_as_expert, needs_chromium, window
from tests.portal.test_portal_administrators import logged_on, set_up
from tests.portal.visitor import ADMIN, CERTIFICATES, DEFAULT, HOME, LAN, NAME, Visitor
from webserver.portal.lockout import FREE_ATTEMPTS
from webserver.portal.sessions import COOKIE
from webserver.simulator import Simulator

pytestmark = needs_chromium

GRAVE = ("serious", "critical")
AXE = Axe()
RUN = "async options => (await axe.run(options)).violations"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(restart_time=3.0) as running:
        yield running


async def look(page: Page) -> list[str]:
    """What axe finds grave on the page as it is; everything in light, the colours in dark."""
    found = []
    await page.evaluate(AXE.axe_script)
    for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        violations = await page.evaluate(RUN, {"resultTypes": ["violations"], **rules})
        found += [
            f"{page.url} {scheme}: {one['id']}: {node['html'][:120]}"
            for one in violations
            if one["impact"] in GRAVE
            for node in one["nodes"]
        ]
    return found


@pytest.mark.slow
async def test_no_page_keeps_anybody_out(simulator: Simulator, chromium: Browser) -> None:
    box = simulator.box
    await box.make(kind="self-signed", name="Mine", subject={"CN": "osbiz.example.com"})
    await box.make(kind="authority", name="CA", subject={"CN": "CA"})
    await box.make(kind="request", name="Asked", subject={"CN": "x"})
    await box.note("nobody-knows", what="this")
    name = await set_up(simulator, "basic")
    async with Visitor(simulator) as guesser:
        for _ in range(FREE_ATTEMPTS):
            await guesser.try_to_log_on("a guess", name=name)
    async with window(chromium, viewport={"width": 360, "height": 740}) as page:
        await log_on_as_expert(page, simulator)
        await page.goto(f"{box.portal_url}{HOME}?lang=de")
        grave: list[str] = []
        seen, open_ = {HOME, "/nothing"}, [HOME, "/nothing"]
        while open_:
            await page.goto(box.portal_url + open_.pop())
            grave += await look(page)
            grave += [f"{page.url} too wide: {one}" for one in await page.evaluate(WIDE)]
            for link in re.findall(r'href="(/management/admin/[^"?#]*)"', await page.content()):
                # A download is no page; of alike pages one of each kind will do.
                kind = re.sub(r"/[0-9a-f]{10}\b", "/ID", link)
                if kind not in seen and not re.search(r"/export/\w+$", link):
                    seen.add(kind)
                    open_.append(link)
        assert len(seen) > 20
    assert grave == []


async def test_no_form_that_comes_back_keeps_anybody_out(
    simulator: Simulator, chromium: Browser
) -> None:
    grave = []
    async with window(chromium) as page:
        await log_on_as_expert(page, simulator)
        for path, button in (
            (ADMIN + "administrators/new", "Set up"),
            (ADMIN + "backup", "Make a backup"),
            (ADMIN + "backup/restore", "Restore"),
            (LAN, "Apply"),
        ):
            await page.goto(simulator.box.portal_url + path)
            await page.evaluate(
                "document.querySelectorAll('main form').forEach(f => f.noValidate = true)"
            )
            for field in await page.locator("main input[type=text]").all():
                await field.fill("nothing right")
            await page.get_by_role("button", name=button, exact=True).click()
            await page.locator(".wrong").first.wait_for()
            grave += await look(page)
        await page.goto(
            f"{simulator.box.portal_url}{CERTIFICATES}/{simulator.box.model.active.id}/activate"
        )
        await page.get_by_role("button", name="Activate Now").click()
        await page.get_by_role("heading", name="The box restarts").wait_for()
        grave += await look(page)
    assert grave == []


async def test_no_page_before_and_beside_the_frame_keeps_anybody_out(
    simulator: Simulator, chromium: Browser
) -> None:
    assert simulator.booster is not None
    grave = []
    async with window(chromium) as page:
        for url in (simulator.box.portal_url, simulator.booster.url):
            await page.goto(url)
            grave += await look(page)
        await page.goto(simulator.box.portal_url)
        await page.get_by_label("User name").fill(NAME)
        for password in ("wrong", DEFAULT):
            await page.get_by_label("Password").fill(password)
            await page.get_by_role("button", name="Log on").click()
            await page.wait_for_load_state()
            grave += await look(page)
        assert page.url.endswith("/password")
    name = await set_up(simulator, "basic")
    async with logged_on(simulator, name) as visitor, window(chromium) as page:
        cookie = {"name": COOKIE, "value": visitor.cookies[COOKIE], "url": simulator.box.portal_url}
        await page.context.add_cookies([cookie])  # type: ignore[list-item]
        for path in ("administrators", "administrators/new", "setup", "backup", "expert/lan"):
            await page.goto(f"{simulator.box.portal_url}{ADMIN}{path}")
            grave += await look(page)
    assert grave == []
