"""What the practice CA publishes and issues: lists that lie when told to, clean profiles."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from appliance.acme.wire import Identifier
from appliance.ca.authority import Authority, Places, pem
from appliance.ca.policy import life_of
from appliance.ca.problems import AcmeError
from appliance.ca.register import Conduct, Issued, Register

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLACES = Places("http://127.0.0.1:1/i", "http://127.0.0.1:1/c", "http://127.0.0.1:1/o")
NAMES = (Identifier("dns", "osbiz.example.test"),)

# What pkilint may find; docs/practice-ca.md says why.
INTENDED = {
    "cabf.internal_domain_name",
    "cabf.serverauth.dv.common_name_attribute_present",
    "cabf.serverauth.subscriber_rsa_digitalsignature_and_keyencipherment_present",
}
_EXCEEDS = re.compile(r"cabf\.serverauth\.certificate_validity_period_exceeds_\d+_days")


@pytest.fixture(scope="module")
def authority() -> Authority:
    """One for all."""
    return Authority.make(around=(NOW,), base="http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("year", "days"), [(2025, 398), (2026, 200), (2027, 100), (2028, 100), (2029, 47), (2040, 47)]
)
def test_the_longest_validity_is_the_one_of_the_calendars_date(year: int, days: int) -> None:
    assert life_of("longest", datetime(year, 3, 15, tzinfo=UTC)) == timedelta(days=days)
    before = datetime(2026, 3, 14, 23, 59, 59, tzinfo=UTC)
    assert life_of("1-year", before) == timedelta(days=365)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.parametrize("validity", ["90-days", "longest"])
def test_pkilint_finds_nothing_but_what_is_meant(
    authority: Authority, tmp_path: Path, kind: str, validity: str
) -> None:
    made = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else None
    key = (made or rsa.generate_private_key(65537, 2048)).public_key()
    life = life_of(validity, NOW)
    leaf = authority.issue(NAMES, key, now=NOW, life=life, places=PLACES)
    found = linted(leaf, tmp_path)
    assert "cabf.internal_domain_name" in found
    assert {one for one in found if not _EXCEEDS.match(one)} <= INTENDED


def linted(certificate: x509.Certificate, folder: Path) -> list[str]:
    """What pkilint's CA/B lint finds in it, of whatever kind it is."""
    lint = shutil.which("lint_cabf_serverauth_cert", path=str(Path(sys.executable).parent))
    if lint is None:
        pytest.skip("pkilint is not installed (PyPI has it)")
    path = folder / "linted.pem"
    path.write_text(pem(certificate))
    done = subprocess.run([lint, "lint", "-d", path], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return re.findall(r"^    (\S+) \((?:WARNING|ERROR|FATAL)\)", done.stdout, re.MULTILINE)


def test_pkilint_is_content_with_root_and_intermediate_too(
    authority: Authority, tmp_path: Path
) -> None:
    assert linted(authority.roots[0], tmp_path) == []
    found = linted(authority.intermediates[0], tmp_path)
    assert set(found) == {"cabf.internal_domain_name"}  # its root's list is at 127.0.0.1


@pytest.mark.parametrize(
    ("conduct", "revoked", "words"),
    [
        (Conduct.CURRENT, False, "OK"),
        (Conduct.CURRENT, True, "certificate revoked"),
        (Conduct.WRONG, False, "certificate revoked"),
        (Conduct.WRONG, True, "OK"),
        (Conduct.EXPIRED, False, "CRL has expired"),
    ],
)
def test_openssl_believes_the_list_that_the_ca_publishes(
    authority: Authority, tmp_path: Path, conduct: Conduct, revoked: bool, words: str
) -> None:
    register = Register()
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    life = timedelta(days=90)
    leaf = authority.issue(NAMES, key, now=NOW, life=life, places=PLACES)
    one = Issued("1", leaf, NAMES, "anna", NOW)
    register.add(one)
    if revoked:
        register.revoke(one, reason=4, now=NOW)
    register.conduct["crl"] = conduct
    made = register.revocation_list(authority, now=NOW + timedelta(minutes=30))
    assert made is not None
    line = ["openssl", "crl", "-inform", "DER"]
    crl = subprocess.run(line, input=made, capture_output=True, check=True).stdout
    root, issuer = pem(authority.roots[0]), pem(authority.issuer)
    for name, text in (("root", root), ("issuer", issuer), ("leaf", pem(leaf))):
        (tmp_path / name).write_text(text)
    (tmp_path / "crl").write_bytes(crl)
    at = str(int((NOW + timedelta(hours=1)).timestamp()))
    line = ["openssl", "verify", "-attime", at, "-crl_check", "-CAfile", "root"]
    line += ["-untrusted", "issuer", "-CRLfile", "crl", "leaf"]
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path)
    assert words in done.stdout + done.stderr


def test_a_withheld_list_is_none_and_a_certificate_is_revoked_once(authority: Authority) -> None:
    register = Register()
    register.conduct["crl"] = Conduct.WITHHELD
    assert register.revocation_list(authority, now=NOW) is None
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    leaf = authority.issue(NAMES, key, now=NOW, life=timedelta(days=9), places=PLACES)
    one = Issued("1", leaf, NAMES, "anna", NOW)
    register.revoke(one, reason=1, now=NOW)
    with pytest.raises(AcmeError, match="revoked before"):
        register.revoke(one, reason=1, now=NOW)
