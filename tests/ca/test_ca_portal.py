"""The practice CA's portal, walked in Chromium: from a domain to a box that curl trusts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page

import osbiz
from tests.ca.conftest import LAN_IP, NAME
from tests.ca.test_ca_box import trusted
from tests.portal.browser import a_chromium, log_on_as_expert, needs_chromium, window
from tests.portal.test_portal_accessible import look
from tests.portal.test_portal_walks import (
    LOOKS,
    PASSPHRASE,
    activate_here,
    open_node,
    pictures,
    saved,
)
from webserver.ca.practice import PracticeCA

__all__ = ["pictures"]  # a fixture


@needs_chromium
async def test_section_3_the_wizard_leads_from_a_domain_to_a_box_that_curl_trusts(
    pictures: Path, tmp_path: Path
) -> None:
    started = osbiz.Simulator(ca=True, lan_ip=LAN_IP, booster=False, restart_time=0.5)
    async with started as sim, a_chromium() as chromium, window(chromium, **LOOKS) as page:
        assert sim.ca is not None
        (tmp_path / "root.pem").write_text(sim.ca.trust)
        await page.goto(sim.ca.page_url)
        sealed = await walked(page, pictures, tmp_path)
        await log_on_as_expert(page, sim)
        await open_node(page, "Server Certificates", "Import Server Certificate")
        await page.get_by_label("Name of the Certificate").fill("From a public CA")
        await page.get_by_label("Passphrase").fill(PASSPHRASE)
        await page.get_by_label("PKCS#12 file").set_input_files(sealed)
        await page.get_by_role("button", name="Import PKCS#12").click()
        await page.get_by_text("The certificate was imported.").wait_for()
        await activate_here(page, sim)
        await page.emulate_media(color_scheme="light")
        await page.screenshot(path=pictures / "public-ca-home.png")
        for name in (NAME, f"any.{NAME}"):
            assert await asyncio.to_thread(trusted, sim, tmp_path / "root.pem", name) == ""


async def picture(page: Page, path: Path) -> None:
    """A picture for the documentation: in daylight, no larger than the page."""
    await page.emulate_media(color_scheme="light")
    size = page.viewport_size
    assert size is not None
    await page.set_viewport_size({"width": 900, "height": 560})
    await page.screenshot(path=path, full_page=True)
    await page.set_viewport_size(size)


async def walked(page: Page, pictures: Path, folder: Path) -> Path:
    """The wizard from its first page to its last, with mistakes; the PKCS#12 file."""
    assert await look(page) == []
    await page.get_by_role("button", name="New certificate").click()
    await page.get_by_label("Enter domains").fill(NAME)
    await page.get_by_label("I need a wildcard").check()
    await picture(page, pictures / "public-ca-domains.png")
    await page.get_by_label("Enter domains").fill("osbiz.mycompany.de\n-.example.test")
    await page.get_by_role("button", name="Next step").click()
    await page.get_by_text("is in no practice zone").wait_for()
    await page.get_by_text("is no name of a host").wait_for()  # all that is wrong, at once
    assert await look(page) == []
    await page.get_by_label("Enter domains").fill(NAME)
    await page.get_by_role("button", name="Next step").click()
    await page.get_by_label("90-day certificate: 90 days").check()
    assert await look(page) == []
    await picture(page, pictures / "public-ca-validity.png")
    await page.get_by_role("button", name="Next step").click()
    await page.get_by_label("E-mail address").fill("anna@example")
    await page.get_by_label("HTTP: a file").check()
    await page.get_by_role("button", name="Next step").click()
    await page.get_by_text("can't be proved this way").wait_for()
    await page.get_by_label("E-mail address").fill("anna@example.com")
    await page.get_by_label("DNS: a TXT record").check()
    assert await look(page) == []
    await page.get_by_role("button", name="Next step").click()
    await picture(page, pictures / "public-ca-validation.png")
    await page.get_by_role("button", name="Verify domains").click()
    await page.get_by_text("There is no TXT record").first.wait_for()
    await page.get_by_role("button", name="Set the DNS records for me").click()
    await page.get_by_text("has what is needed").wait_for()
    assert await look(page) == []
    await page.get_by_role("button", name="Verify domains").click()
    await page.get_by_text("Issued.").wait_for()
    assert await look(page) == []
    await picture(page, pictures / "public-ca-download.png")
    for name in ("certificate.crt", "ca_bundle.crt", "private.key", "All of them"):
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name=name).click()
        await saved(await downloading.value, folder)
    await page.get_by_label("Passphrase").fill("short")
    await page.get_by_role("button", name="PKCS#12").click()
    await page.get_by_text("at least 7 and at most 32").wait_for()
    await page.get_by_label("Passphrase").fill(PASSPHRASE)
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="PKCS#12").click()
    sealed = await saved(await downloading.value, folder)
    for heading in ("DNS records", "Certificates"):
        await page.get_by_role("link", name=heading, exact=True).click()
        await page.get_by_role("heading", name=heading).wait_for()
        assert await look(page) == []
    return sealed


async def test_who_presses_a_button_twice_is_led_to_the_certificate(ca: PracticeCA) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=ca.page_url) as http:
        begun = (await http.post("/new")).headers["Location"].rpartition("/")[0]
        await http.post(f"{begun}/domains", data={"names": NAME})
        await http.post(f"{begun}/validity", data={"validity": "90-days"})
        form = {"make": "generate", "contact": "anna", "way": "dns"}
        refused = await http.post(f"{begun}/request", data=form)
        assert (refused.status_code, "no e-mail address" in refused.text) == (422, True)
        await http.post(f"{begun}/request", data=form | {"contact": ""})
        early = await http.post(f"{begun}/download", data={"passphrase": "seven-7"})
        assert early.headers["Location"] == f"{begun}/validation"
        await http.post(f"{begun}/validation", data={"records": "set"})
        for _ in range(2):
            answer = await http.post(f"{begun}/validation")
            assert answer.headers["Location"] == f"{begun}/download"
        (found,) = (await http.get("/v1/certificates")).json()["certificates"]
        chain = (await http.get(f"/certificates/{found['id']}.pem")).text
        assert chain.startswith(found["pem"])


async def test_other_sites_pages_and_rebound_names_get_nothing(ca: PracticeCA) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        foreign = await http.post(f"{ca.page_url}/new", headers={"Origin": "http://evil.test"})
        assert foreign.status_code == 403
        rebound = await http.get(f"{ca.page_url}/v1/ca", headers={"Host": "evil.test"})
        assert rebound.status_code == 403
        assert (await http.get(f"{ca.page_url}/v1/ca")).status_code == 200


@pytest.mark.parametrize(
    ("csr", "words"),
    [("nonsense", "no signing request"), ("", "no CSR to use")],
)
async def test_a_csr_that_is_no_good_is_told_at_its_step(
    ca: PracticeCA, csr: str, words: str
) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=ca.page_url) as http:
        begun = (await http.post("/new")).headers["Location"].rpartition("/")[0]
        await http.post(f"{begun}/domains", data={"names": NAME})
        await http.post(f"{begun}/validity", data={"validity": "longest"})
        form = {"make": "paste", "csr": csr, "way": "dns"}
        answer = await http.post(f"{begun}/request", data=form)
        assert answer.status_code == 422
        assert words in answer.text
        assert (await http.get(f"{begun}/download")).headers["Location"].endswith("/validity")


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("multipart/form-data; boundary=x", b"rubbish"),
        ("multipart/form-data", b"rubbish"),
        ("application/x-www-form-urlencoded", b"names=\xff\xfe%00"),
        ("application/x-www-form-urlencoded; charset=nope", b"names=a"),
    ],
)
async def test_what_is_no_form_is_told_so(ca: PracticeCA, media_type: str, body: bytes) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=ca.page_url) as http:
        begun = (await http.post("/new")).headers["Location"]
        headers = {"Content-Type": media_type}
        for path in (begun, "/dns", "/publishing"):
            answer = await http.post(path, content=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (400, "body")
