"""What clients say of a certificate: the matrix, the chain, the limits; and before activation."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from string import Formatter

import pytest
from playwright.async_api import Browser

from appliance.clock import Dates
from appliance.trust import ENVIRONMENTS
from appliance.trust.rules import Rule
from store.inventory import Holding
from tests.portal.browser import WIDE, log_on_as_expert, needs_chromium, window
from tests.portal.visitor import CERTIFICATES, HOME, Answer, Visitor
from webserver.outlook import Telling, issuer_of, outlook_of, swap_of
from webserver.portal.german_verdicts import FINDINGS, german_value
from webserver.portal.limits import limits_of
from webserver.portal.texts import CATALOGUES, Texts
from webserver.portal.verdict_words import GROUPS, SHORT, TITLES
from webserver.simulator import Simulator

IOS, ANDROID = "myPortal to go (iOS)", "myPortal to go (Android)"


async def authority(simulator: Simulator) -> Holding:
    return await simulator.box.make(kind="authority", name="CA", subject={"CN": "My CA"})


async def server(simulator: Simulator, ca: Holding, **more: object) -> Holding:
    """A certificate of the box's own CA for its address."""
    values: dict[str, object] = {
        "kind": "server",
        "name": "Server",
        "subject": {"CN": "127.0.0.2"},
        "san": ["IP:127.0.0.2"],
        "authority": ca.id,
        "passphrase": "seven or more",
    }
    return await simulator.box.make(**{**values, **more})


def in_years(simulator: Simulator, years: int) -> str:
    now = simulator.box.clock.now()
    return f"{now.year + years}-01-01T00:00:00Z"


def row(answer: Answer, title: str) -> str:
    """A line of the matrix, as a person reads it."""
    found = re.search(
        rf'<th scope="row">{re.escape(html.escape(title))}</th>(.*?)</tr>', answer.text, re.DOTALL
    )
    assert found is not None, title
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found[1])).split())


def part(answer: Answer, node: str) -> str:
    """What the page says of one system, as a person reads it."""
    text = answer.text.partition(f'id="outlook-{node}"')[2].partition("</section>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


async def tab(admin: Visitor, holding: Holding, query: str = "") -> Answer:
    return await admin.get(f"{CERTIFICATES}/{holding.id}/verdicts{query}")


# The tab


async def test_the_default_certificate_is_refused_by_nearly_everybody_even_when_trusted(
    simulator: Simulator, admin: Visitor
) -> None:
    page = await tab(admin, simulator.box.model.active)
    assert page.status == 200
    assert row(page, "Firefox").startswith("refuses: issuer measured refuses: name measured")
    assert row(page, "curl with OpenSSL").endswith("accepts measured accepts measured")
    assert "The address 127.0.0.2 is in the Common Name only" in page.words
    assert "refuses: issuer assumed" in row(page, IOS)


async def test_every_environment_has_its_line_once(simulator: Simulator, admin: Visitor) -> None:
    page = await tab(admin, simulator.box.model.active)
    for environment in ENVIRONMENTS.values():
        row(page, environment.title)
    named = [name for _, names in GROUPS for name in names]
    assert sorted(named) == sorted(ENVIRONMENTS)
    assert page.text.count('<th scope="row">') == len(ENVIRONMENTS)


async def test_a_small_ca_is_accepted_by_all_once_they_have_been_told(
    simulator: Simulator, admin: Visitor
) -> None:
    held = await server(simulator, await authority(simulator))
    page = await tab(admin, held)
    assert f"{len(ENVIRONMENTS)} accept 0 refuse" in page.words
    assert "They have been told by an administrator to trust My CA." in page.words
    assert "What they mind" not in page.words
    told = await tab(admin, held, "?told=nothing")
    assert f"0 accept {len(ENVIRONMENTS)} refuse" in told.words
    assert "✕ not sent, not known" in html.unescape(told.text)


async def test_ten_years_are_too_long_for_apple_alone_and_the_limit_is_drawn(
    simulator: Simulator, admin: Visitor
) -> None:
    ca = await authority(simulator)
    held = await server(simulator, ca, not_after=in_years(simulator, 9))
    page = await tab(admin, held)
    assert "refuses: valid too long" in row(page, IOS)
    assert "accepts" in row(page, "Firefox")
    assert "✕ too long for 825" in page.words
    assert "takes 825 at most" in page.words
    assert "Source: Apple support" in page.words


async def test_the_name_that_clients_use_can_be_chosen(
    simulator: Simulator, admin: Visitor
) -> None:
    held = await server(
        simulator, await authority(simulator), san=["IP:127.0.0.2", "DNS:osbiz.example"]
    )
    page = await tab(admin, held, "?host=osbiz.example")
    assert "For osbiz.example" in page.words
    assert "0 refuse" in page.words
    assert '<option value="osbiz.example">' in page.text
    other = await tab(admin, held, "?host=other.example")
    assert "0 accept" in other.words
    assert "other.example" in other.words


@pytest.mark.parametrize("host", ["a b", "x" * 300, "1.2.3.4.5:x"])
async def test_what_is_no_name_is_refused_beside_the_field(
    simulator: Simulator, admin: Visitor, host: str
) -> None:
    page = await tab(admin, simulator.box.model.active, f"?host={host}")
    assert page.status == 422
    assert "host" in page.wrong


async def test_the_box_s_time_counts(simulator: Simulator, admin: Visitor) -> None:
    held = await server(simulator, await authority(simulator))
    await simulator.box.set_clock(now=in_years(simulator, 5))
    page = await tab(admin, held)
    assert "refuses: expired" in row(page, "Firefox")
    assert "✕ expired" in html.unescape(page.text)


async def test_with_projected_dates_it_is_the_clients_time_that_counts(
    simulator: Simulator, admin: Visitor
) -> None:
    await simulator.box.set_clock(now="2001-01-01T00:00:00Z", dates=Dates.PROJECTED)
    held = await server(simulator, await authority(simulator))
    page = await tab(admin, held)
    assert "0 refuse" in page.words
    assert "at 2001-" not in page.words


async def test_what_has_no_certificate_to_serve_has_no_such_tab(
    simulator: Simulator, admin: Visitor
) -> None:
    asked = await simulator.box.make(kind="request", name="Asked", subject={"CN": "x"})
    assert (await tab(admin, asked)).status == 404
    assert "/verdicts" not in (await admin.get(f"{CERTIFICATES}/{asked.id}")).text


async def test_what_stands_in_a_certificate_is_text(simulator: Simulator, admin: Visitor) -> None:
    evil = "<script>alert(1)</script>"
    held = await simulator.box.make(kind="self-signed", name="Evil", subject={"CN": evil})
    asked = await tab(admin, held, "?host=%3Cscript%3Ealert(1)%3C/script%3E&told=%3Cscript%3E")
    assert "<script>" not in asked.text
    for page in (await tab(admin, held), await admin.get(f"{CERTIFICATES}/{held.id}/activate")):
        assert evil not in page.text
        assert evil in html.unescape(page.text)


async def test_home_leads_there(simulator: Simulator, admin: Visitor) -> None:
    link = f'href="{CERTIFICATES}/{simulator.box.model.active.id}/verdicts"'
    assert link in (await admin.get(HOME)).text


# Before activation


async def test_before_activation_it_says_whom_that_locks_out_and_why(
    simulator: Simulator, admin: Visitor
) -> None:
    ca = await authority(simulator)
    good = await server(simulator, ca)
    await simulator.box.activate(good.id)
    await admin.log_on()
    held = await server(simulator, ca, not_after=in_years(simulator, 9))
    page = await admin.get(f"{CERTIFICATES}/{held.id}/activate")
    assert f"This will lock out {IOS}" in page.words
    assert f"{IOS} (assumed)" in part(page, "system")
    assert "this client takes 825 at most" in part(page, "system")
    # The Booster Server's clients do not know the CA yet.
    assert page.words.count("have not been told to trust My CA will refuse") == 1


async def test_a_new_issuer_has_to_be_made_known_first(
    simulator: Simulator, admin: Visitor
) -> None:
    held = await server(simulator, await authority(simulator))
    page = await admin.get(f"{CERTIFICATES}/{held.id}/activate")
    assert "Clients that have not been told to trust My CA will refuse." in page.words
    assert "This locks out no client that accepts what is active now." in page.words
    told = part(page, "system")
    assert IOS in told.partition("This lets in:")[2]
    assert f"Where only their user has told them, these refuse as well: {ANDROID}" in told


async def test_each_system_is_judged_for_its_own_address(
    simulator: Simulator, admin: Visitor
) -> None:
    held = await server(simulator, await authority(simulator))
    page = await admin.get(f"{CERTIFICATES}/{held.id}/activate")
    assert f"{len(ENVIRONMENTS)} accept 0 refuse" in part(page, "system")
    booster = part(page, "booster")
    assert "For 127.0.0.3" in booster
    assert f"0 accept {len(ENVIRONMENTS)} refuse" in booster


async def test_the_booster_servers_own_certificate_is_what_its_new_one_is_compared_with(
    simulator: Simulator, admin: Visitor
) -> None:
    held = await server(simulator, await authority(simulator), san=["IP:127.0.0.3"])
    page = await admin.get(f"{CERTIFICATES}/{held.id}/activate")
    assert IOS in part(page, "booster").partition("This lets in:")[2]
    assert "This will lock out" in page.words.partition("Activate Now")[0]
    assert "Locked out:" not in part(page, "booster")


async def test_what_is_active_already_changes_nothing(simulator: Simulator, admin: Visitor) -> None:
    page = await admin.get(f"{CERTIFICATES}/{simulator.box.model.active.id}/activate")
    assert "It is active there already" in page.words
    assert "Locked out:" not in part(page, "system")


async def test_german_pages_say_it_in_german(simulator: Simulator, admin: Visitor) -> None:
    ca = await authority(simulator)
    held = await server(simulator, ca, not_after=in_years(simulator, 9))
    page = await tab(admin, held, "?lang=de")
    assert "Das Zertifikat gilt zu lange:" in page.words
    assert "lehnt ab: gilt zu lange angenommen" in row(page, IOS)
    default = await tab(admin, simulator.box.model.active)
    assert "Die Adresse steht nur im Common Name" in default.words
    for english in ("The certificate", "The address", "this client", "Have a", "Activate a"):
        assert english not in default.words
        assert english not in page.words
    activation = await admin.get(f"{CERTIFICATES}/{held.id}/activate")
    assert "Dem Aussteller" not in activation.words
    assert "This will" not in activation.words


@needs_chromium
async def test_the_choice_of_system_chooses_what_is_said(
    simulator: Simulator, chromium: Browser
) -> None:
    held = await server(simulator, await authority(simulator))
    async with window(chromium, javascript=False, viewport={"width": 360, "height": 740}) as page:
        await log_on_as_expert(page, simulator)
        await page.goto(f"{simulator.box.portal_url}{CERTIFICATES}/{held.id}/activate")
        system, booster = page.locator("#outlook-system"), page.locator("#outlook-booster")
        assert (await system.is_visible(), await booster.is_visible()) == (True, False)
        await page.get_by_label("System").focus()
        await page.keyboard.press("ArrowDown")
        assert (await system.is_visible(), await booster.is_visible()) == (False, True)
        assert await page.evaluate(WIDE) == []


# The parts


def rules(kind: type[Rule] = Rule) -> set[str]:
    found = {kind.id} if kind.id else set()
    for below in kind.__subclasses__():
        found |= rules(below)
    return found


def test_every_rule_has_german_words_and_they_fill_in_what_there_is() -> None:
    told = {rule for rule, _ in FINDINGS}
    assert rules() | {"expired", "not-yet-valid"} == told
    for words in FINDINGS.values():
        for text in filter(None, words):
            names = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert names <= {"it", "seen", "wanted"}
    assert SHORT.keys() <= told


def test_titles_are_german_where_they_have_words() -> None:
    worded = {
        one.title
        for one in ENVIRONMENTS.values()
        if re.search(r" (and|or|with|from|up to|later)\b", one.title)
    }
    assert worded == set(TITLES)
    assert worded <= CATALOGUES["de"].keys()


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("3326 days", "3326 Tage"),
        ("825 days or less", "höchstens 825 Tage"),
        ("none", "nichts"),
        ("RSA 2048 or EC P-256", "RSA 2048 oder EC P-256"),
        ("SHA-256 or better", "SHA-256 oder besser"),
        ("DNS:none.example", "DNS:none.example"),
        (None, "?"),
    ],
)
def test_values_are_german_too(english: str | None, german: str) -> None:
    assert german_value(english) == german


async def test_an_issuer_is_found_by_its_signature_not_by_its_name(simulator: Simulator) -> None:
    ours, other = await authority(simulator), await authority(simulator)
    held = await server(simulator, ours)
    assert held.certificate is not None
    assert ours.certificate is not None
    assert other.certificate is not None
    bare = replace(held.certificate, chain=())
    assert issuer_of(bare, [other.certificate.leaf]) is None
    found = issuer_of(bare, [other.certificate.leaf, ours.certificate.leaf])
    assert found == ours.certificate.leaf


async def test_a_swap_compares_environment_by_environment(simulator: Simulator) -> None:
    ca = await authority(simulator)
    good, long = (
        await server(simulator, ca),
        await server(simulator, ca, not_after=in_years(simulator, 9)),
    )
    assert ca.certificate is not None
    at = simulator.box.clock.now()
    outlooks = []
    for held in (good, long):
        assert held.certificate is not None
        outlooks.append(
            outlook_of(held.certificate, host="127.0.0.2", at=at, authorities=[ca.certificate.leaf])
        )
    swap, back = swap_of(*outlooks), swap_of(*reversed(outlooks))
    assert {verdict.environment for verdict in swap.shut} == {"ios", "macos", "myportal-to-go-ios"}
    assert set(back.opened) == {verdict.environment for verdict in swap.shut}
    assert not swap.opened
    assert not back.shut


async def test_the_drawn_limits_are_those_that_are_judged_by(simulator: Simulator) -> None:
    ca = await authority(simulator)
    assert ca.certificate is not None
    now = simulator.box.clock.now()
    for years in (1, 9):
        held = await server(simulator, ca, not_after=in_years(simulator, years))
        certificate = held.certificate
        assert certificate is not None
        outlook = outlook_of(
            certificate, host="127.0.0.2", at=now, authorities=[ca.certificate.leaf]
        )
        for telling, verdicts in outlook.verdicts.items():
            if telling is Telling.NOTHING:
                continue
            judged = {
                ENVIRONMENTS[verdict.environment].title
                for verdict in verdicts
                for finding in verdict.findings
                if finding.rule == "lifetime"
            }
            drawn = limits_of(certificate, at=now, telling=telling, texts=Texts("en"))
            assert judged == {name for one in drawn.limits if one.over for name in one.names}
            for bar in (drawn, *drawn.limits):
                assert 0 <= bar.x <= 100
                assert bar.x + bar.width <= 100.81
