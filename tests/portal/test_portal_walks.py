"""The whitepaper's walks, click by click in a real browser, with what came out of them in real
clients. Their pictures go to the directory OSBIZ_PICTURES where that is set."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Download, Page, async_playwright
from playwright.async_api import Error as PlaywrightError

from tests.clients import curl, served
from tests.helpers import openssl
from tests.portal.browser import (
    ARGUMENTS,
    CHROMIUM,
    first_logon,
    log_on,
    log_on_as_expert,
    needs_chromium,
    window,
)
from tests.portal.visitor import EXPERT, PASSWORD
from webserver.simulator import Simulator

pytestmark = needs_chromium

LOOKS: dict[str, Any] = {"viewport": {"width": 1200, "height": 900}, "device_scale_factor": 0.75}
PASSPHRASE = "seven or more"
TREE = "Expert Mode"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(restart_time=0.5) as running:
        yield running


@pytest.fixture
async def nobody(chromium: Browser) -> AsyncIterator[Page]:
    async with window(chromium, accept_downloads=True, **LOOKS) as page:
        yield page


@pytest.fixture
async def page(simulator: Simulator, nobody: Page) -> Page:
    await log_on_as_expert(nobody, simulator)
    return nobody


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    directory = Path(os.environ.get("OSBIZ_PICTURES", tmp_path))
    directory.mkdir(parents=True, exist_ok=True)
    return directory


async def become_expert(page: Page) -> None:
    """Set up an Expert, log on as that one, choose a password."""
    await page.get_by_role("link", name="Administrators").click()
    await page.get_by_role("link", name="Add").click()
    await page.get_by_label("User name").fill(EXPERT)
    await page.get_by_label("Role").select_option(label="Expert")
    await page.get_by_label("First password", exact=True).fill("for the first time")
    await page.get_by_label("Repeat the first password").fill("for the first time")
    await page.get_by_role("button", name="Set up").click()
    await page.get_by_role("button", name="Logout").click()
    await log_on(page, "for the first time", name=EXPERT)
    await page.get_by_label("New password", exact=True).fill(PASSWORD)
    await page.get_by_label("Repeat the new password").fill(PASSWORD)
    await page.get_by_role("button", name="Change password").click()
    await page.get_by_role("heading", name="Home").wait_for()


async def open_node(page: Page, node: str, tab: str) -> None:
    """Expert Mode, a node of its tree, a tab of that."""
    await page.get_by_role("link", name="Expert Mode", exact=True).first.click()
    tree = page.get_by_role("navigation", name=TREE)
    await tree.get_by_role("link", name=node, exact=True).click()
    await open_tab(page, tab)


async def open_tab(page: Page, tab: str) -> None:
    tabs = page.get_by_role("navigation", name="Tabs")
    await tabs.get_by_role("link", name=tab).click()
    await tabs.locator("[aria-current]").get_by_text(tab).wait_for()


async def fill_subject(page: Page, **parts: str) -> None:
    subject = page.get_by_role("group", name="Subject Name")
    labels = {
        "country": "Country (C)",
        "organization": "Organization (O)",
        "unit": "Organization Unit (OU)",
        "common_name": "Common Name (CN)",
    }
    for part, value in parts.items():
        await subject.get_by_label(labels[part]).fill(value)


async def add_name(page: Page, kind: str, value: str) -> None:
    await page.get_by_label("Subject Alternative Name Extension").select_option(label=kind)
    await page.get_by_label("Add Subject Alternative Name").fill(value)
    await page.get_by_role("button", name="Add", exact=True).click()
    added = page.get_by_role("list", name="Names that were added")
    await added.get_by_text(value).wait_for()


async def activate_here(page: Page, simulator: Simulator, picture: Path | None = None) -> str:
    """*Activate Now* on the box, until the person is back; what the box serves then."""
    await open_tab(page, "Activate Certificate")
    await page.get_by_label("System").select_option(label="OpenScape Business")
    if picture is not None:
        await page.screenshot(path=picture)
    await page.get_by_role("button", name="Activate Now").click()
    await page.get_by_role("heading", name="The box restarts").wait_for()
    await page.get_by_text("The box is running again.").wait_for()
    await log_on(page, name=EXPERT)
    await page.get_by_role("heading", name="Home").wait_for()
    return await fingerprint_at(simulator.box.portal_url)


async def fingerprint_at(url: str) -> str:
    return (await asyncio.to_thread(served, url)).fingerprint


async def curl_says(*arguments: str | Path) -> int:
    return (await asyncio.to_thread(curl, *arguments)).returncode


async def saved(download: Download, directory: Path) -> Path:
    path = directory / download.suggested_filename
    await download.save_as(path)
    return path


async def test_section_4_1_a_new_self_signed_certificate(
    simulator: Simulator, nobody: Page, pictures: Path
) -> None:
    page = nobody
    await first_logon(page, simulator)
    await become_expert(page)
    await open_node(page, "Certificate Generation", "Generate Self-Signed Certificate")
    await page.get_by_label("Name of the Certificate").fill("Temporary 2027")
    await fill_subject(page, country="DE", organization="My Company", common_name="127.0.0.2")
    await add_name(page, "IP Address", "127.0.0.2")
    await page.get_by_label("Name of the Certificate").scroll_into_view_if_needed()
    await page.screenshot(path=pictures / "self-signed-form.png")
    await page.get_by_role("button", name="Apply").click()
    await page.get_by_text("It is not active yet").wait_for()
    before = await fingerprint_at(simulator.box.portal_url)
    made = simulator.box.holdings()[-1]
    assert made.certificate is not None
    assert before != made.certificate.fingerprint("sha256")
    shown = await activate_here(page, simulator, pictures / "activate.png")
    assert shown == made.certificate.fingerprint("sha256")
    card = page.get_by_role("article").filter(has=page.get_by_role("heading", name="OpenScape"))
    await card.get_by_role("link", name="Temporary 2027").wait_for()
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await page.screenshot(path=pictures / "home.png")


async def test_section_4_2_an_own_ca_that_curl_and_chromium_trust(
    simulator: Simulator, page: Page, pictures: Path, tmp_path: Path
) -> None:
    await open_node(page, "Certificate Generation", "Generate CA Certificate")
    await page.get_by_label("Name of the Certificate").fill("MyCaCertificate")
    await page.get_by_label("Serial Number of Certificate").fill("123456789")
    await fill_subject(page, country="DE", organization="Unify", common_name="My Company CA")
    await page.get_by_role("button", name="Apply").click()
    await page.get_by_text("075BCD15").wait_for()
    await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(path=pictures / "ca-information.png")
    await open_tab(page, "Export Certificate")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Load").click()
    authority = await saved(await download.value, tmp_path)
    assert authority.name == "MyCaCertificate.crt"

    await open_tab(page, "Generate CA-Signed Server Certificate [PKCS#12]")
    await page.get_by_label("Name of the Certificate").fill("Büro & Lager")
    await fill_subject(page, country="DE", organization="My Company", common_name="127.0.0.2")
    await add_name(page, "DNS Name", "osbiz.mycompany.example")
    await add_name(page, "IP Address", "127.0.0.2")
    await page.get_by_label("Passphrase for encryption").fill(PASSPHRASE)
    await page.get_by_role("group", name="Subject Alternative Name").screenshot(
        path=pictures / "alternative-names.png"
    )
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Generate Certificate").click()
    sealed = await saved(await download.value, tmp_path)
    assert sealed.name == "Büro & Lager.p12"
    await page.get_by_text("On another system it has to be imported.").wait_for()
    await asyncio.to_thread(opens_everywhere, sealed, tmp_path)

    await open_node(page, "Server Certificates", "Import Server Certificate")
    await page.get_by_label("Name of the Certificate").fill("Imported")
    await page.get_by_label("Passphrase").fill(PASSPHRASE)
    await page.get_by_label("PKCS#12 file").set_input_files(sealed)
    await page.screenshot(path=pictures / "import.png")
    await page.get_by_role("button", name="Import PKCS#12").click()
    await page.get_by_text("The certificate was imported.").wait_for()
    shown = await activate_here(page, simulator)
    assert simulator.box.model.active.name == "Imported"
    assert shown == simulator.box.active.fingerprint("sha256")

    url = simulator.box.portal_url
    assert await curl_says("--cacert", authority, url) == 0
    assert await curl_says(url) == 60
    if shutil.which("certutil"):
        assert await chromium_says(url, trusting=authority, home=tmp_path / "home") == "200"
        said = await chromium_says(url, trusting=None, home=tmp_path / "elsewhere")
        assert "ERR_CERT_AUTHORITY_INVALID" in said


def opens_everywhere(sealed: Path, directory: Path) -> None:
    """The PKCS#12 file opens in openssl, in Java's keytool and in NSS."""
    plain = shutil.copy(sealed, directory / "copy.p12")  # for tools that know ASCII alone
    text = openssl("pkcs12", "-in", plain, "-passin", f"pass:{PASSPHRASE}", "-noenc")
    assert text.count(b"BEGIN CERTIFICATE") >= 1
    assert b"BEGIN PRIVATE KEY" in text
    readers: dict[str, list[str]] = {
        "keytool": [
            "-list",
            "-keystore",
            str(plain),
            "-storepass",
            PASSPHRASE,
            "-storetype",
            "PKCS12",
        ],
        "pk12util": ["-l", str(plain), "-W", PASSPHRASE],
    }
    for program, arguments in readers.items():
        if shutil.which(program):
            done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30)
            assert re.search(r"PrivateKeyEntry|Key\(shrouded\)", done.stdout), done


def trust(authority: Path | None, home: Path) -> None:
    """Have the user whose home that is trust `authority` in Chromium, or nobody."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    subprocess.run(["certutil", "-N", "-d", f"sql:{store}", "--empty-password"], check=True)
    if authority is not None:
        line = [
            "certutil",
            "-A",
            "-d",
            f"sql:{store}",
            "-n",
            "lab",
            "-t",
            "C,,",
            "-i",
            str(authority),
        ]
        subprocess.run(line, check=True)


async def chromium_says(url: str, *, trusting: Path | None, home: Path) -> str:
    """How a Chromium of its own, which is told to trust the authority, opens `url`."""
    await asyncio.to_thread(trust, trusting, home)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, env={**os.environ, "HOME": str(home)}
        )
        page = await browser.new_page()
        try:
            answer = await page.goto(url)
        except PlaywrightError as error:
            return error.message
        finally:
            await browser.close()
        return "" if answer is None else str(answer.status)


async def test_section_3_a_signing_request_that_an_authority_answers(
    simulator: Simulator, page: Page, pictures: Path, tmp_path: Path
) -> None:
    await open_node(page, "Server Certificates", "Generate Certificate Signing Request (CSR)")
    await page.get_by_label("Certificate Request Name").fill("Certificate_Name")
    await fill_subject(page, country="DE", common_name="osbiz.mycompany.example")
    await add_name(page, "DNS Name", "osbiz.mycompany.example")
    await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(path=pictures / "signing-request.png")
    downloads: list[Download] = []
    page.on("download", lambda one: downloads.append(one))
    await page.get_by_role("button", name="Apply").click()
    await page.get_by_text("The signing request was generated").wait_for()
    while len(downloads) < 2:
        await page.wait_for_timeout(50)
    files = {path.name: path for path in [await saved(one, tmp_path) for one in downloads]}
    assert set(files) == {"Certificate_Name.csr", "key_csr.pem"}
    assert b"PRIVATE KEY" in files["key_csr.pem"].read_bytes()
    await page.screenshot(path=pictures / "signing-request-files.png")
    await page.reload()
    await page.wait_for_timeout(600)
    assert len(downloads) == 2  # a reload downloads nothing again

    authority, answer = tmp_path / "authority.pem", tmp_path / "answer.cer"
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", tmp_path / "authority.key",
        "-out", authority, "-days", "30", "-subj", "/CN=An authority",
    )  # fmt: skip
    openssl(
        "x509", "-req", "-in", files["Certificate_Name.csr"], "-CA", authority, "-CAkey",
        tmp_path / "authority.key", "-copy_extensions", "copyall", "-days", "10", "-out", answer,
    )  # fmt: skip

    await open_node(page, "Server Certificates", "Import Server Certificate")
    await page.get_by_label("Name of the Certificate").fill("Trusted")
    await page.get_by_label("Passphrase").fill(PASSPHRASE)
    await page.get_by_label("Certificate file").set_input_files(answer)
    await page.get_by_role("button", name="Import Certificate and Key").click()
    await page.get_by_text("The certificate was imported.").wait_for()
    await page.get_by_role("link", name="Server Certificates").last.click()
    table = page.get_by_role("table")
    for name in ("Certificate_Name", "Trusted"):
        await table.get_by_role("link", name=name).wait_for()
    await page.screenshot(path=pictures / "server-certificates.png")
    await table.get_by_role("link", name="Trusted").click()
    await activate_here(page, simulator)
    port = simulator.box.portal_url.rpartition(":")[2]
    asked = f"https://osbiz.mycompany.example:{port}/"
    here = f"osbiz.mycompany.example:{port}:127.0.0.2"
    assert await curl_says("--resolve", here, "--cacert", authority, asked) == 0


async def test_section_5_the_booster_server_gets_a_certificate_of_its_own(
    simulator: Simulator, page: Page, pictures: Path
) -> None:
    assert simulator.booster is not None
    held = await simulator.box.make(
        kind="self-signed",
        name="For the Booster",
        subject={"CN": "127.0.0.3"},
        san=["IP:127.0.0.3"],
    )
    assert held.certificate is not None
    before = await fingerprint_at(simulator.box.portal_url)
    await page.get_by_role("link", name="Expert Mode", exact=True).first.click()
    tree = page.get_by_role("navigation", name=TREE)
    await tree.get_by_role("link", name="Server Certificates").click()
    await page.get_by_role("table").get_by_role("link", name="For the Booster").click()
    await open_tab(page, "Activate Certificate")
    await page.get_by_label("System").select_option(label="OpenScape Business UC Booster Server")
    await page.screenshot(path=pictures / "booster.png")
    await page.get_by_role("button", name="Activate Now").click()
    await page.get_by_text("Certificate and key were transferred.").wait_for()
    await simulator.booster.running()
    assert await fingerprint_at(simulator.booster.url) == held.certificate.fingerprint("sha256")
    assert await fingerprint_at(simulator.box.portal_url) == before


async def test_a_signing_request_gives_its_files_without_javascript(
    simulator: Simulator, chromium: Browser, tmp_path: Path
) -> None:
    async with window(chromium, javascript=False, accept_downloads=True) as page:
        await log_on_as_expert(page, simulator)
        await open_node(page, "Server Certificates", "Generate Certificate Signing Request (CSR)")
        await page.get_by_label("Certificate Request Name").fill("Prüfung")
        await fill_subject(page, common_name="osbiz.mycompany.example")
        await add_name(page, "DNS Name", "osbiz.mycompany.example")
        await page.get_by_role("button", name="Remove DNS:osbiz.mycompany.example").click()
        await page.get_by_label("Certificate Request Name").press("Enter")
        async with page.expect_download() as download:
            await page.get_by_text("The signing request was generated").wait_for()
        assert (await download.value).suggested_filename == "Prüfung.csr"
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Load key_csr.pem").click()
        assert (await download.value).suggested_filename == "key_csr.pem"
