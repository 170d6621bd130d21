"""The practice CA's portal, walked in Chromium: from a domain to a box that curl trusts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

import osbiz
from tests.ca.conftest import NAME
from tests.ca.test_ca_box import trusted
from tests.portal.browser import a_chromium, needs_chromium, window
from tests.portal.test_portal_accessible import look
from webserver.ca.practice import PracticeCA


@needs_chromium
async def test_the_wizard_leads_from_a_domain_to_a_box_that_curl_trusts(
    sim: osbiz.Simulator, ca: PracticeCA, root: Path, tmp_path: Path
) -> None:
    async with a_chromium() as chromium, window(chromium) as page:
        await page.goto(ca.page_url)
        assert await look(page) == []
        await page.get_by_role("button", name="New certificate").click()
        await page.get_by_label("Enter domains").fill("osbiz.mycompany.de")
        await page.get_by_role("button", name="Next step").click()
        await page.get_by_text("is in no practice zone").wait_for()
        assert await look(page) == []
        await page.get_by_label("Enter domains").fill(NAME)
        await page.get_by_label("I need a wildcard").check()
        await page.get_by_role("button", name="Next step").click()
        await page.get_by_label("90-day certificate: 90 days").check()
        assert await look(page) == []
        await page.get_by_role("button", name="Next step").click()
        await page.get_by_label("E-mail address").fill("anna@example.com")
        await page.get_by_label("HTTP: a file").check()
        await page.get_by_role("button", name="Next step").click()
        await page.get_by_text("can't be proved this way").wait_for()
        await page.get_by_label("DNS: a TXT record").check()
        assert await look(page) == []
        await page.get_by_role("button", name="Next step").click()
        await page.get_by_role("button", name="Verify domains").click()
        await page.get_by_text("There is no TXT record").wait_for()
        await page.get_by_role("button", name="Set the DNS records for me").click()
        await page.get_by_text("has what is needed").wait_for()
        assert await look(page) == []
        await page.get_by_role("button", name="Verify domains").click()
        await page.get_by_text("Issued.").wait_for()
        assert await look(page) == []
        for name in ("certificate.crt", "ca_bundle.crt", "private.key", "certificate.zip"):
            async with page.expect_download() as downloading:
                words = "All of them" if name.endswith("zip") else name
                await page.get_by_role("link", name=words).click()
            await (await downloading.value).save_as(tmp_path / name)
        await page.get_by_label("Passphrase").fill("a passphrase")
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="PKCS#12").click()
        await (await downloading.value).save_as(tmp_path / "certificate.p12")
        await page.get_by_role("link", name="DNS records").click()
        assert await look(page) == []
        await page.get_by_role("link", name="Certificates", exact=True).click()
        assert await look(page) == []
    data = (tmp_path / "certificate.p12").read_bytes()
    made = await sim.box.import_pkcs12(name="public", passphrase="a passphrase", data=data)
    await sim.box.activate(made.id)
    for name in (NAME, f"any.{NAME}"):
        assert await asyncio.to_thread(trusted, sim, root, name) == ""


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
