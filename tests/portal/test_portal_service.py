"""Service Center: the journal in words, and what real clients thought of the certificate."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error

from appliance.decisions import Certainty, Decided, Decision, Reason
from store.journal import Entry
from tests.portal.browser import needs_chromium
from tests.portal.visitor import ADMIN, NAME, Visitor
from webserver.portal.happenings import happening
from webserver.portal.opinions import opinion_of
from webserver.portal.service_pages import PAGE
from webserver.portal.texts import Texts
from webserver.simulator import Simulator

SERVICE = ADMIN + "service"
CONNECTIONS = SERVICE + "/connections"
ENGLISH, GERMAN = Texts("en"), Texts("de")
MOMENT = "2024-01-01T00:00:00Z"


async def run(*command: str) -> None:
    """A client, whatever becomes of it."""
    await asyncio.to_thread(
        subprocess.run,
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False,
    )  # fmt: skip


async def newest(admin: Visitor, query: str = "?only=refusals") -> str:
    """The first connection in the list, as a person reads it."""
    page = await admin.get(CONNECTIONS + query)
    page.text = page.text.partition("<li class=")[2].partition("</li>")[0]
    return page.words


# The journal


async def test_what_happened_is_told_newest_first_in_both_languages(
    simulator: Simulator, admin: Visitor
) -> None:
    held = await simulator.box.make(kind="self-signed", name="Mine", subject={"CN": "x.example"})
    await simulator.box.activate(held.id)
    await admin.log_on()
    words = (await admin.get(SERVICE)).words
    told = [
        "The restart is over. It serves at 127.0.0.2.",
        "A restart began: 0 s away",
        "Mine was activated.",
        "Mine was made.",
        f"{NAME} chose a new password.",
        f"Failed logon as {NAME}.",
        "The box was installed at 127.0.0.2 with the firmware V3R3.",
    ]
    places = [words.index(text) for text in told]
    assert places == sorted(places)
    assert "Kind self-signed" in words
    words = (await admin.get(SERVICE + "?lang=de")).words
    assert "Mine wurde aktiviert." in words
    assert "Art selbstsigniert" in words


async def test_the_booster_servers_journal_is_there_too(admin: Visitor) -> None:
    words = (await admin.get(SERVICE + "?node=booster")).words
    assert "The Booster Server was installed at 127.0.0.3." in words
    assert (await admin.get(SERVICE + "?node=toaster")).status == 404


async def test_a_long_journal_comes_in_pages(simulator: Simulator, admin: Visitor) -> None:
    for number in range(PAGE + 5):
        await simulator.box.note("counted", number=number)
    first = await admin.get(SERVICE)
    assert first.text.count("<li class=") == PAGE
    assert f"number {PAGE + 4}" in first.words
    assert "number 4 " not in first.words
    assert "Newest" not in first.words
    older = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = await admin.get(older)
    assert "number 4 " in second.words
    assert "Older" not in second.words
    assert "Newest" in second.words
    for odd in ("-1", "x", "٣", "9" * 400, ""):
        assert (await admin.get(f"{SERVICE}?before={odd}")).status == 200


def test_every_event_of_the_model_has_words() -> None:
    root = Path(__file__).resolve().parents[2]
    told = (root / "webserver" / "portal" / "happenings.py").read_text("utf-8")
    for event in (
        "installed", "started", "stopped", "restart-begun", "restart-ended", "firmware-changed",
        "clock-set", "lan-ip-changed", "ip-changed", "certificate-created", "certificate-imported",
        "certificate-activated", "certificate-removed", "certificate-received", "backup-made",
        "certificate-redated",
        "booster-certificate-activated", "restored", "administrator-logged-on",
        "administrator-refused", "password-changed", "account-created", "role-changed",
        "password-set", "account-removed", "sessions-ended", "lockout-lifted",
    ):  # fmt: skip
        assert f'"{event}"' in told


def test_what_nobody_has_words_for_is_shown_as_it_is() -> None:
    for event, detail in (
        ("brand-new", {"what": "{x}", "n": 2.5}),
        ("certificate-activated", {"certificate": "abc"}),
        ("restored", {"made": None}),
    ):
        told = happening(Entry(1, MOMENT, event, detail), ENGLISH)
        assert told.text is None or "None" in told.text or event == "restored"
        assert len(told.details) == len([v for v in detail.values() if v is not None])
    odd = happening(Entry(1, MOMENT, "account-removed", {"by": "{by}", "account": "<b>"}), GERMAN)
    assert odd.text == "{by} hat <b> gelöscht."


async def test_what_stands_in_the_journal_is_text(simulator: Simulator, admin: Visitor) -> None:
    await simulator.box.note("<script>alert(1)</script>", **{"<b>": "<i>"})
    answer = await admin.get(SERVICE)
    assert "<script>" not in answer.text
    assert "<i>" not in answer.text
    assert "<script>alert(1)</script>" in answer.words


# What clients think: their own words


async def test_openssl_does_not_trust_the_issuer(simulator: Simulator, admin: Visitor) -> None:
    host = simulator.box.portal_url.removeprefix("https://")
    await run("openssl", "s_client", "-connect", host, "-verify_return_error", "-alpn", "h2,foo")
    words = await newest(admin)
    assert "The client does not trust the issuer." in words
    assert "unknown_ca (48)" in words
    assert "TLSv1.3" in words
    assert "SNI --- · ALPN h2, foo" in words
    assert "Shown 127.0.0.2" in words
    assert "issuer. likely" not in words


@pytest.mark.skipif(shutil.which("faketime") is None, reason="needs faketime (Debian package)")
async def test_a_client_with_another_clock_is_told_apart(
    simulator: Simulator, admin: Visitor, tmp_path: Path
) -> None:
    trusted = tmp_path / "trusted.pem"
    trusted.write_text(simulator.box.active.pem)
    host = simulator.box.portal_url.removeprefix("https://")
    later = simulator.box.active.not_after.year + 2
    await run(
        "faketime", "-f", f"@{later}-01-01 00:00:00",
        "openssl", "s_client", "-CAfile", str(trusted), "-verify_return_error", "-connect", host,
    )  # fmt: skip
    words = await newest(admin)
    assert "By the client's own clock, the certificate has expired." in words
    assert "By this box's clock it was valid at that moment" in words
    await simulator.box.set_clock(now=f"{later}-01-01T00:00:00Z")
    await run(
        "faketime", "-f", f"@{later}-01-01 00:00:00",
        "openssl", "s_client", "-CAfile", str(trusted), "-verify_return_error", "-connect", host,
    )  # fmt: skip
    assert "By this box's clock" not in await newest(admin)


async def test_a_client_that_is_too_old_never_saw_it(simulator: Simulator, admin: Visitor) -> None:
    host = simulator.box.portal_url.removeprefix("https://")
    await run("openssl", "s_client", "-connect", host, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    words = await newest(admin)
    assert "The client speaks only TLS versions that this box does not." in words
    assert "protocol_version (70)" in words
    assert "Shown ---" in words


@needs_chromium
async def test_chromium_refuses_and_does_not_say_why(
    simulator: Simulator, admin: Visitor, chromium: Browser
) -> None:
    page = await chromium.new_page()
    with pytest.raises(Error):
        await page.goto(simulator.box.portal_url)
    words = await newest(admin)
    assert "The client refuses the certificate, and does not say why." in words
    assert "Chromium" in words
    await page.close()


# What clients think: what their silence says


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js (Debian package nodejs)")
async def test_node_leaves_without_a_word(simulator: Simulator, admin: Visitor) -> None:
    program = "require('https').get(process.argv[1]).on('error', () => {})"
    await run("node", "-e", program, simulator.box.portal_url)
    words = await newest(admin)
    assert "it left without a word when it had seen it. likely" in words
    assert "Guess Node.js its ClientHello is that of version" in words
    assert "closed in the middle of the handshake" in words


async def test_curl_leaves_after_the_handshake_when_the_name_is_another(
    simulator: Simulator, admin: Visitor, tmp_path: Path
) -> None:
    trusted = tmp_path / "trusted.pem"
    trusted.write_text(simulator.box.active.pem)
    port = simulator.box.portal_url.rpartition(":")[2]
    there = f"osbiz.example:{port}:127.0.0.2"
    url = f"https://osbiz.example:{port}/"
    await run("curl", "-sS", "--cacert", str(trusted), "--resolve", there, url)
    words = await newest(admin)
    assert "The client wanted another name or address than the certificate has. likely" in words
    assert "Guess curl" in words
    assert "SNI osbiz.example" in words


async def test_http_on_the_tls_port_is_no_opinion(simulator: Simulator, admin: Visitor) -> None:
    await run("curl", "-sS", simulator.box.portal_url.replace("https", "http"))
    words = await newest(admin)
    assert "The client spoke no TLS." in words
    assert "a guess" not in words


async def test_a_client_that_trusts_is_said_to(simulator: Simulator, admin: Visitor) -> None:
    words = await newest(admin, "")
    assert "The client accepts the certificate, or does not look at it." in words
    assert "requests came" in words


def test_every_reason_has_words_and_doubt_is_said() -> None:
    now = datetime.now(UTC)
    for reason in Reason:
        sure = opinion_of(Decision(Decided.UNCLEAR, reason), client=None, shown=None, at=now)
        assert sure.text
        assert sure.doubt is None
        doubtful = Decision(Decided.REFUSED, reason, reason_certainty=Certainty.GUESS)
        assert opinion_of(doubtful, client=None, shown=None, at=now).doubt == "a guess"


# Finding one among many


async def test_the_list_is_filtered_by_node_and_outcome_and_comes_in_pages(
    simulator: Simulator, admin: Visitor
) -> None:
    assert simulator.booster is not None
    await run("curl", "-sS", simulator.booster.url)
    await run("curl", "-sS", simulator.box.portal_url)
    for node, there, not_there in (
        ("booster", "→ OpenScape Business UC Booster Server", "→ Admin Portal"),
        ("system", "→ Admin Portal", "→ OpenScape Business UC Booster Server"),
    ):
        words = (await admin.get(f"{CONNECTIONS}?node={node}&only=refusals")).words
        assert there in words
        assert not_there not in words
        assert "accepts the certificate" not in words
    assert "Nothing here." in (await admin.get(f"{CONNECTIONS}?before=0")).words
    for _ in range(PAGE):
        await admin.get(ADMIN + "home")
    page = await admin.get(CONNECTIONS)
    assert page.text.count("<li class=") == PAGE
    older = page.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert "does not trust the issuer" in (await admin.get(older)).words


async def test_what_a_client_offers_is_text(simulator: Simulator, admin: Visitor) -> None:
    host = simulator.box.portal_url.removeprefix("https://")
    evil = "<script>alert(1)</script>"
    await run("openssl", "s_client", "-connect", host, "-servername", evil, "-alpn", evil)
    answer = await admin.get(CONNECTIONS)
    assert evil not in answer.text
    assert evil in answer.words
