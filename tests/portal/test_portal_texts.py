"""The portal speaks English and German, and no text was forgotten."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from store.requirements import REQUIREMENTS
from tests.portal.visitor import ADMIN, HOME, Visitor
from webserver.portal.texts import CATALOGUES, REFUSALS, choose_language

PORTAL = Path(__file__).resolve().parents[2] / "webserver" / "portal"
GERMAN = CATALOGUES["de"]

# The whitepaper's terms: the same in every language.
TERMS = {
    "Name of the Certificate",
    "Certificate Type",
    "Serial Number of Certificate",
    "Serial Number of Certificate (hex)",
    "Type of Signature Algorithm",
    "Start Time of Validity Period (GMT)",
    "End Time of Validity Period (GMT)",
    "CRL Distribution Point",
    "Issued by CA",
    "Subject Name",
    "Subject Alternative Name",
    "Public Key Encryption Data",
    "Public Key Length",
    "Public Key",
    "Fingerprint",
    "Fingerprint (SHA-256)",
    "Country (C)",
    "Organization (O)",
    "Organization Unit (OU)",
    "Common Name (CN)",
}


def used_texts() -> set[str]:
    found: set[str] = set()
    for path in PORTAL.glob("templates/*.html"):
        calls = re.findall(r"""\b_\((?:"([^"]*)"|'([^']*)')""", path.read_text("utf-8"))
        found |= {double or single for double, single in calls}
    for path in PORTAL.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "mark":
                assert isinstance(node.args[0], ast.Constant)
                found.add(node.args[0].value)
    return found


def test_every_text_has_a_german_one_or_is_a_term() -> None:
    assert used_texts() - GERMAN.keys() - TERMS == set()
    assert GERMAN.keys() - used_texts() == set()


# What can only happen before there is a page, or in interfaces that have none.
NOT_ON_PAGES = {
    "authority-unused", "booster-far", "data-directory", "data-in-use", "database-damaged",
    "database-newer", "firmware", "key-file-damaged", "key-file-missing", "kind", "no-such-node",
    "ocsp", "seal-broken", "unknown-field",
}  # fmt: skip


def codes_of_refusals() -> set[str]:
    """Every code that the portal's stories can raise, read off the syntax trees."""
    root = PORTAL.parents[1]
    names = ["appliance/accounts", "appliance/administration", "appliance/box", "appliance/clock"]
    names += [
        "appliance/importing",
        "appliance/workshop",
        "appliance/backups",
        "appliance/making",
        "appliance/network",
        "appliance/node",
        "appliance/telephones",
    ]
    names += ["webserver/running", "webserver/contexts", "webserver/booster_link"]
    files = [root / f"{name}.py" for name in names]
    found = {requirement.code for requirement in REQUIREMENTS}
    for path in [*files, *root.glob("store/*.py"), *PORTAL.glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            code = node.args[0]
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in {"Refusal", "because"} and isinstance(code, ast.Constant):
                found.add(code.value)
    return found - NOT_ON_PAGES


def test_every_refusal_has_german_words() -> None:
    assert codes_of_refusals() - REFUSALS["de"].keys() == set()
    for code, german in REFUSALS["de"].items():
        assert names_in(german) <= {"english"}, code


async def test_a_german_page_refuses_in_german(admin: Visitor) -> None:
    page = await admin.get(ADMIN + "expert/lan?lang=de")
    answer = await admin.post(ADMIN + "expert/lan", {"lan_ip": "fax", "csrf": page.csrf})
    assert "Das ist keine IPv4-Adresse." in answer.words
    assert "is no IPv4" not in answer.words


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_translations_fill_in_the_same_values() -> None:
    for english, german in GERMAN.items():
        names = [
            {name for _, name, _, _ in Formatter().parse(t) if name} for t in (english, german)
        ]
        assert names[0] == names[1], english


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en;q=0.4,de;q=0.8", "de"),
        ("fr,en;q=0.5,de;q=0.4", "en"),
        ("fr", "en"),
        ("de;q=0", "en"),
        ("de;q=much;;,,", "en"),
    ],
)
def test_the_browser_chooses_the_language(accepted: str, language: str) -> None:
    assert choose_language(asked=None, kept=None, accepted=accepted) == language


async def test_the_person_can_switch_and_the_choice_is_kept(admin: Visitor) -> None:
    assert "Active certificates" in (await admin.get(HOME)).words
    switched = await admin.get(HOME + "?lang=de")
    assert '<html lang="de">' in switched.text
    assert "Aktive Zertifikate" in (await admin.get(HOME)).words
    assert "Active certificates" in (await admin.get(HOME + "?lang=en")).words
    assert (await admin.get(HOME + "?lang=<x>")).status == 200


async def test_the_logon_is_german_for_a_german_browser(stranger: Visitor) -> None:
    answer = await stranger.get(ADMIN, **{"Accept-Language": "de-DE"})
    assert "Anmelden" in answer.words
