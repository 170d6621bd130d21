"""What the pages show and do, asked for by a script."""

import io
import re
import subprocess
import sys

import pytest

from tests.portal.visitor import ADMIN, CERTIFICATES, HOME, LAN, Visitor
from webserver.simulator import Simulator

SCRIPT = "<script>alert(1)</script>"
AUTHORITY = {
    "kind": "authority",
    "name": "MyCaCertificate",
    "serial": 123456789,
    "not_before": "2023-11-17T00:00:00Z",
    "not_after": "2024-11-17T00:00:00Z",
    "subject": {
        "C": "DE",
        "O": "Unify",
        "OU": "Unify Software and Solutions GmbH & Co. KG",
        "CN": "Unify",
    },
}


async def every_page(simulator: Simulator, admin: Visitor) -> list[str]:
    """The paths of all pages behind the logon, found by following links."""
    held = await simulator.box.make(
        kind="self-signed", name="Temporary", subject={"CN": "osbiz.example.com"}
    )
    found, open_ = {HOME}, [HOME]
    while open_:
        answer = await admin.get(open_.pop())
        assert answer.status == 200, answer.url
        for link in re.findall(r'href="(/management/admin/[^"?#]*)"', answer.text):
            if link not in found:
                found.add(link)
                open_.append(link)
    assert f"{CERTIFICATES}/{held.id}/activate" in found
    return sorted(found)


async def test_no_link_is_dead(simulator: Simulator, admin: Visitor) -> None:
    assert len(await every_page(simulator, admin)) >= 9


async def test_every_page_is_guarded_by_its_headers(simulator: Simulator, admin: Visitor) -> None:
    for path in [*await every_page(simulator, admin), ADMIN, "/nothing"]:
        headers = (await admin.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


async def test_no_page_has_script_or_style_inside_or_from_elsewhere(
    simulator: Simulator, admin: Visitor
) -> None:
    for path in await every_page(simulator, admin):
        text = (await admin.get(path)).text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text), path
        assert not re.findall(r'(?:src|href)="(?!/|\?|#)[^"]*"', text), path


async def test_static_files_are_kept_for_good_under_their_content(admin: Visitor) -> None:
    page = await admin.get(HOME)
    links = re.findall(r'<link [^>]*href="(/management/static/[^"]+)"', page.text)
    assert len(links) == 2
    for link in links:
        answer = await admin.get(link)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert (await admin.get(link + "0")).headers["Cache-Control"] == "no-cache"
    assert (await admin.get("/management/static/../visits.py")).status == 404
    assert (await admin.get("/management/static/nothing.css")).status == 404


async def test_home_says_what_the_box_is_and_serves(simulator: Simulator, admin: Visitor) -> None:
    words = (await admin.get(HOME)).words
    for text in ("running", "127.0.0.2", "V3R3", simulator.box.wsi_url, "3652 days left"):
        assert text in words
    for hint in (
        "It is self-signed.",
        "It has no Subject Alternative Name.",
        "Its Common Name (CN) is an IP address.",
        "It is valid for 3653 days.",
    ):
        assert words.count(hint) == 2  # of the box, and of its Booster Server


async def test_home_says_when_the_certificate_has_expired(
    simulator: Simulator, admin: Visitor
) -> None:
    end = simulator.box.active.not_after
    await simulator.box.set_clock(now=end.replace(year=end.year + 1))
    words = (await admin.get(HOME)).words
    assert "It expired on " in words
    assert "expired" in words


async def test_details_are_as_in_the_whitepapers_screenshot(
    simulator: Simulator, admin: Visitor
) -> None:
    held = await simulator.box.make(**AUTHORITY)
    words = (await admin.get(f"{ADMIN}expert/authorities/{held.id}")).words
    for text in (
        "Name of the Certificate: MyCaCertificate",
        "Certificate Type: Self-Signed CA Certificate",
        "Serial Number of Certificate: 123456789",
        "Serial Number of Certificate (hex): 075BCD15",
        "Type of Signature Algorithm: sha256RSA",
        "Start Time of Validity Period (GMT): Friday, 11/17/2023 00:00:00",
        "End Time of Validity Period (GMT): Sunday, 11/17/2024 00:00:00",
        "CRL Distribution Point: ---",
        "Issued by CA Country (C): DE Organization (O): Unify Organization Unit (OU): "
        "Unify Software and Solutions GmbH & Co. KG Common Name (CN): Unify",
        "Subject Name Country (C): DE",
        "Subject Alternative Name: ---",
        "Public Key Length: 2048",
    ):
        assert text in words
    assert held.certificate is not None
    sha1 = held.certificate.fingerprint("sha1").upper()
    assert "Fingerprint: " + " ".join(sha1[i : i + 4] for i in range(0, 40, 4)) in words


async def test_what_comes_out_of_a_certificate_is_text(
    simulator: Simulator, admin: Visitor
) -> None:
    held = await simulator.box.make(
        kind="self-signed",
        name="Evil",
        subject={"CN": SCRIPT, "O": '" onload="x'},
        san=[f"URI:http://x/{SCRIPT}"],
    )
    await simulator.box.activate(held.id, node="booster")
    page = f"{CERTIFICATES}/{held.id}"
    for path in (HOME, CERTIFICATES, page, page + "/activate"):
        answer = await admin.get(path)
        assert SCRIPT not in answer.text
        assert 'onload="x' not in answer.text
    assert SCRIPT in (await admin.get(page)).words
    assert simulator.booster is not None
    async with Visitor(simulator, simulator.booster.url) as other:
        answer = await other.get("/")
        assert SCRIPT in answer.words
        assert SCRIPT not in answer.text


async def test_activating_answers_with_a_page_that_needs_nothing_more(
    simulator: Simulator, expert: Visitor
) -> None:
    held = await simulator.box.make(
        kind="self-signed", name="Next one", subject={"CN": "osbiz.example.com"}
    )
    answer = await expert.send(f"{CERTIFICATES}/{held.id}/activate", {"system": "system"})
    assert answer.status == 200
    assert "It comes back with the certificate Next one." in answer.words
    assert not re.search(r"<(script|img|iframe)[^>]* src=|<link[^>]*stylesheet", answer.text)
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy
    await simulator.box.running()
    assert simulator.box.model.active.id == held.id
    assert (await expert.get(HOME)).location == ADMIN + "?after=end"


async def test_warnings_come_before_the_button(simulator: Simulator, expert: Visitor) -> None:
    held = await simulator.box.make(
        kind="self-signed",
        name="Old",
        subject={"CN": "osbiz.example.com"},
        not_before="2020-01-01T00:00:00Z",
        not_after="2021-01-01T00:00:00Z",
    )
    page = await expert.get(f"{CERTIFICATES}/{held.id}/activate")
    assert page.words.index("It expired on Friday, 01/01/2021") < page.words.index("Activate Now")
    answer = await expert.send(f"{CERTIFICATES}/{held.id}/activate", {"system": "system"})
    assert "This certificate expired on 2021-01-01" in answer.words


async def test_activating_on_the_booster_server_leaves_the_box_alone(
    simulator: Simulator, expert: Visitor
) -> None:
    held = await simulator.box.make(
        kind="self-signed", name="For both", subject={"CN": "osbiz.example.com"}
    )
    before = simulator.box.model.active.id
    path = f"{CERTIFICATES}/{held.id}"
    answer = await expert.send(path + "/activate", {"system": "booster"})
    assert (answer.status, answer.location) == (303, path)
    words = (await expert.get(path)).words
    assert "Certificate and key were transferred." in words
    assert "active on OpenScape Business UC Booster Server" in words
    assert simulator.box.model.active.id == before


async def test_a_signing_request_has_no_tab_to_activate_and_is_refused(
    simulator: Simulator, expert: Visitor
) -> None:
    held = await simulator.box.make(kind="request", name="Asked", subject={"CN": "osbiz.example"})
    path = f"{CERTIFICATES}/{held.id}"
    assert "Activate Certificate" not in (await expert.get(path)).words
    answer = await expert.send(path + "/activate", {"system": "system"})
    assert answer.status == 422
    assert "is a signing request that no authority has answered yet." in answer.words


async def test_an_unknown_system_is_refused_beside_its_field(
    simulator: Simulator, expert: Visitor
) -> None:
    path = f"{CERTIFICATES}/{simulator.box.model.active.id}/activate"
    answer = await expert.send(path, {"system": "toaster"})
    assert answer.status == 404
    assert 'aria-describedby="system-hint system-wrong1' in answer.text


async def test_a_box_without_booster_offers_none() -> None:
    async with Simulator(booster=False) as alone, Visitor(alone) as admin:
        await admin.log_on()
        page = await admin.get(f"{CERTIFICATES}/{alone.box.model.active.id}/activate")
        assert "Booster" not in page.words
        assert "Booster" not in (await admin.get(HOME)).words


@pytest.mark.parametrize("address", ["", "not an address", "0.0.0.0", "10.255.255.1", "::1"])
async def test_an_impossible_address_comes_back_in_the_form(
    simulator: Simulator, admin: Visitor, address: str
) -> None:
    answer = await admin.send(LAN, {"lan_ip": address})
    assert 400 <= answer.status < 500
    assert f'name="lan_ip" type="text" value="{address}"' in answer.text
    assert 'id="lan_ip-wrong1"' in answer.text
    assert simulator.box.lan_ip == "127.0.0.2"


async def test_the_present_address_changes_nothing(simulator: Simulator, admin: Visitor) -> None:
    before = simulator.box.model.active.id
    assert (await admin.send(LAN, {"lan_ip": "127.0.0.2"})).location == LAN
    assert "Nothing was changed." in (await admin.get(LAN)).words
    assert simulator.box.model.active.id == before


async def test_moving_says_beforehand_what_it_does_and_afterwards_where_it_went(
    simulator: Simulator, admin: Visitor
) -> None:
    words = (await admin.get(LAN)).words
    assert "The box makes a new self-signed certificate for the new address" in words
    assert "Default (127.0.0.2), stays in the store" in words
    answer = await admin.send(LAN, {"lan_ip": "127.0.0.9"})
    assert answer.status == 200
    assert f'data-target="{simulator.box.portal_url}{ADMIN}?after=restart"' in answer.text
    assert "https://127.0.0.9:" in simulator.box.portal_url
    await simulator.box.running()
    assert "The box is running again." in (await admin.get(ADMIN + "?after=restart")).words


async def test_too_much_and_unreadable_forms_are_refused(admin: Visitor) -> None:
    big = await admin.ask(
        "POST",
        LAN,
        data=io.BytesIO(b"lan_ip=" + b"1" * (1 << 20)),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert big.status == 413
    many = await admin.ask(
        "POST",
        LAN,
        data=b"a=&" * 1_000,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert many.status == 400
    other = await admin.ask("POST", LAN, data=b"{}", headers={"Content-Type": "application/json"})
    assert other.status == 415
    odd = await admin.ask(
        "POST",
        LAN,
        data=b"lan_ip=%FF%ED%A0%80\xff",
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"},
    )
    assert odd.status == 403


async def test_errors_are_plain_pages(admin: Visitor, simulator: Simulator) -> None:
    for path, status in (
        ("/nothing", 404),
        (CERTIFICATES + "/nothing", 404),
        (CERTIFICATES + "/<script>", 404),
        (CERTIFICATES + "/%ED%A0%80%FF%00", 404),
    ):
        answer = await admin.get(path)
        assert answer.status == status
        assert "Not possible" in answer.words
        assert "<script>" not in answer.text
    answer = await admin.ask("DELETE", LAN)
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]


async def test_an_own_fault_shows_nothing_of_its_insides(
    simulator: Simulator, admin: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.box.booster = "not a booster"  # type: ignore[assignment]
    answer = await admin.get(HOME)
    assert answer.status == 500
    assert "its log says why" in answer.words
    assert "Traceback" not in answer.text
    assert "AttributeError" in caplog.text


async def test_the_booster_server_has_a_page_and_its_channel_keeps_its_own_words(
    simulator: Simulator,
) -> None:
    assert simulator.booster is not None
    async with Visitor(simulator, simulator.booster.url) as visitor:
        page = await visitor.get("/")
        assert "Common Name (CN): 127.0.0.3" in page.words
        assert "Organization (O): Unify Software and Solutions GmbH & Co. KG" in page.words
        assert (await visitor.get("/robots.txt")).status == 200
        assert (await visitor.get("/nothing")).status == 404
        channel = await visitor.get("/transfer/v1/status")
        assert channel.status == 401
        assert channel.headers["Content-Type"].startswith("application/problem+json")


def test_importing_the_portal_loads_no_pages_templates_or_password_hashing() -> None:
    program = (
        "import sys, webserver.portal; late = ('jinja2', 'argon2', 'webserver.portal.admin'); "
        "sys.exit([name for name in late if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr.strip() == "[]"
