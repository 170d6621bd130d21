"""Every fault of what is presented: on the wire, by real clients, and off again."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from appliance.faults import FAULTS, Group
from tests.faults.provoking import Provoked, address_of, chain_of, needs_gnutls

Chain = list[x509.Certificate]
DAY = timedelta(days=1)
ACCEPTED = "200"


def now() -> datetime:
    return datetime.now(UTC)


def extension(leaf: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
    try:
        return leaf.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def names(leaf: x509.Certificate) -> list[x509.GeneralName]:
    found = extension(leaf, x509.SubjectAlternativeName)
    return [] if found is None else list(found)  # type: ignore[call-overload]


def linked(chain: Chain) -> bool:
    """Whether each is issued by the next."""
    return all(one.issuer == above.subject for one, above in pairwise(chain))


def size(leaf: x509.Certificate) -> int:
    key = leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key.key_size


def is_ca(leaf: x509.Certificate) -> bool:
    found = extension(leaf, x509.BasicConstraints)
    return isinstance(found, x509.BasicConstraints) and found.ca


def purposes(leaf: x509.Certificate) -> list[x509.ObjectIdentifier]:
    found = extension(leaf, x509.ExtendedKeyUsage)
    return [] if found is None else list(found)  # type: ignore[call-overload]


# What is on the wire with each fault; `root` is the last argument.
WIRE: dict[str, Callable[[Chain, x509.Certificate], bool]] = {
    "leaf-only": lambda chain, root: len(chain) == 1 and chain[0].issuer != root.subject,
    "chain-disordered": lambda chain, _: len(chain) == 3 and chain[2].subject == chain[0].issuer,
    "superfluous-root": lambda chain, root: chain[-1] == root and linked(chain),
    "expired": lambda chain, _: abs(now() - chain[0].not_valid_after_utc - DAY) < DAY / 24,
    "not-yet-valid": lambda chain, _: abs(chain[0].not_valid_before_utc - now() - DAY) < DAY / 24,
    "wrong-name": lambda chain, _: names(chain[0]) == [x509.DNSName("wrong.host.invalid")],
    "no-san": lambda chain, _: names(chain[0]) == [],
    "ip-as-dns": lambda chain, _: x509.DNSName("127.0.0.2") in names(chain[0]),
    "rsa-1024": lambda chain, _: size(chain[0]) == 1024,
    "sha-1": lambda chain, _: (
        chain[0].signature_algorithm_oid == x509.SignatureAlgorithmOID.RSA_WITH_SHA1
    ),
    "ca-as-leaf": lambda chain, _: is_ca(chain[0]),
    "missing-eku": lambda chain, _: purposes(chain[0]) == [],
    "wrong-eku": lambda chain, _: purposes(chain[0]) == [ExtendedKeyUsageOID.CLIENT_AUTH],
    "repeated-serial": lambda chain, root: (
        (chain[0].issuer, chain[0].serial_number) == (root.issuer, root.serial_number)
        and chain[0] != root
    ),
    "unknown-issuer": lambda chain, root: linked(chain) and chain[-1].issuer != root.subject,
    "revoked": lambda chain, _: linked(chain),
    "stale-staple": lambda chain, _: linked(chain),
    "missing-staple": lambda chain, _: extension(chain[0], x509.TLSFeature) is not None,
    "giant-certificate": lambda chain, _: len(chain[0].tbs_certificate_bytes) > 110 * 1024,
}

# What OpenSSL says of it when it verifies chain and address; None where it accepts.
OPENSSL = {
    "leaf-only": "unable to get local issuer certificate",
    "chain-disordered": None,
    "superfluous-root": None,
    "wrong-key": "bad signature",
    "other-node": "certificate verify failed",
    "expired": "certificate has expired",
    "not-yet-valid": "certificate is not yet valid",
    "wrong-name": "IP address mismatch",
    "no-san": "IP address mismatch",
    "ip-as-dns": "IP address mismatch",
    "rsa-1024": "EE certificate key too weak",
    "sha-1": "CA signature digest algorithm too weak",
    "ca-as-leaf": None,
    "missing-eku": None,
    "wrong-eku": "unsuitable certificate purpose",
    "repeated-serial": None,
    "unknown-issuer": "unable to get local issuer certificate",
    "revoked": None,
    "stale-staple": None,
    "missing-staple": None,
    "giant-certificate": "excessive message size",
}


def test_every_presented_fault_is_tried_here() -> None:
    presented = {name for name, fault in FAULTS.items() if fault.group is Group.PRESENTED}
    assert presented | {"giant-certificate"} == OPENSSL.keys()
    assert WIRE.keys() | {"wrong-key", "other-node"} == OPENSSL.keys()


@pytest.mark.parametrize("name", WIRE)
def test_the_named_thing_is_wrong_on_the_wire(name: str, faulty: Provoked) -> None:
    # OpenSSL's client takes no giant; what it would have shown is looked at with less.
    given = {"kib": 60} if name == "giant-certificate" else {}
    with faulty.fault(name, **given):
        chain = chain_of(faulty.address)
        if name == "giant-certificate":
            assert len(chain[0].tbs_certificate_bytes) > 60 * 1024
        else:
            assert WIRE[name](chain, faulty.authority)
        assert faulty.latest()["faults"] == [name]
        assert faulty.latest()["shown"]["fingerprint_sha256"] == fingerprint(chain[0])
        assert faulty.hits(name) == 1


def fingerprint(leaf: x509.Certificate) -> str:
    from store.certificate import Certificate

    return Certificate(leaf).fingerprint("sha256")


@pytest.mark.parametrize(("name", "words"), OPENSSL.items(), ids=lambda part: str(part)[:20])
def test_nothing_else_is_wrong_for_openssl(name: str, words: str | None, faulty: Provoked) -> None:
    with faulty.fault(name):
        said = faulty.s_client()
        if words is None:
            assert "Verification: OK" in said.text
        else:
            assert words in said.text


@needs_gnutls
@pytest.mark.parametrize("name", ["expired", "wrong-name", "unknown-issuer", "wrong-key"])
def test_curl_and_python_and_gnutls_refuse_what_is_plainly_wrong(
    name: str, faulty: Provoked
) -> None:
    with faulty.fault(name):
        assert faulty.curl().status in (35, 60)
        with pytest.raises(ssl.SSLError):
            faulty.python().close()
        assert faulty.gnutls().status != 0


@needs_gnutls
def test_without_a_fault_every_client_is_content(faulty: Provoked) -> None:
    assert faulty.curl().text == ACCEPTED
    faulty.python().close()
    assert faulty.gnutls().status == 0
    assert "Verification: OK" in faulty.s_client().text


@needs_gnutls
def test_the_signature_of_a_wrong_key_verifies_for_nobody(faulty: Provoked) -> None:
    with faulty.fault("wrong-key"):
        assert "signature" in faulty.gnutls().text.lower()
        assert faulty.curl("-k").status == 35  # not even for who verifies no certificate
        assert faulty.latest()["alert"] == {"name": "decrypt_error", "code": 51, "from": "client"}
        assert faulty.curl("-k", "--tls-max", "1.2").status == 35


def test_the_other_nodes_certificate_comes_with_its_key(faulty: Provoked) -> None:
    booster = faulty.sim.booster
    with faulty.fault("other-node"):
        assert chain_of(faulty.address) == [booster.active.leaf]
        assert faulty.curl("-k").text == ACCEPTED
    booster.set_fault("other-node")
    assert chain_of(address_of(booster.url))[0] == faulty.box.active.leaf
    booster.clear_faults()
    assert chain_of(address_of(booster.url)) == [booster.active.leaf]


def test_two_faults_at_once_are_both_on_the_wire(faulty: Provoked) -> None:
    with faulty.fault("expired"):
        faulty.box.set_fault("no-san")
        faulty.box.set_fault("tls-1.2-only")
        leaf = chain_of(faulty.address)[0]
        assert leaf.not_valid_after_utc < now()
        assert names(leaf) == []
        assert faulty.latest()["version"] == "TLSv1.2"
        assert faulty.latest()["faults"] == ["expired", "no-san", "tls-1.2-only"]


def test_of_two_that_contradict_each_other_the_later_one_holds(faulty: Provoked) -> None:
    with faulty.fault("expired"):
        faulty.box.set_fault("not-yet-valid")
        assert chain_of(faulty.address)[0].not_valid_before_utc > now()
        faulty.box.set_fault("expired", days=3)
        assert chain_of(faulty.address)[0].not_valid_after_utc < now() - 2 * DAY


@needs_gnutls
def test_a_revoked_certificate_says_so_in_its_staple(faulty: Provoked) -> None:
    with faulty.fault("revoked"):
        assert "Cert Status: revoked" in faulty.s_client("-status").text
        assert faulty.curl("--cert-status").status == 91  # CURLE_SSL_INVALIDCERTSTATUS
        assert faulty.gnutls().status != 0
    assert "no response sent" in faulty.s_client("-status").text


def test_a_stale_staple_has_run_out(faulty: Provoked) -> None:
    with faulty.fault("stale-staple"):
        said = faulty.s_client("-status").text
        assert "Cert Status: good" in said
        assert faulty.curl("--cert-status").status == 91
    assert faulty.curl("--cert-status").status == 91  # nothing is stapled as a rule


@needs_gnutls
def test_a_staple_that_is_demanded_and_missing_is_missed_by_gnutls(faulty: Provoked) -> None:
    with faulty.fault("missing-staple"):
        said = faulty.gnutls()
        assert said.status != 0
        assert "OCSP" in said.text


def test_names_follow_the_node(faulty: Provoked) -> None:
    with faulty.fault("superfluous-root"):
        found = names(chain_of(faulty.address)[0])
        assert x509.IPAddress(ipaddress.ip_address("127.0.0.2")) in found
        assert x509.DNSName("localhost") in found


def test_the_root_is_the_boxs_own_also_above_an_intermediate(faulty: Provoked) -> None:
    box = faulty.box
    before = box.model.active.id
    root = box.make(kind="authority", name="Root", subject={"CN": "Root"})
    below = box.make(kind="authority", name="Below", subject={"CN": "Below"}, authority=root.id)
    made = box.make(
        kind="server", name="Leaf", subject={"CN": "127.0.0.2"}, san=["IP:127.0.0.2"],
        authority=below.id, passphrase="seven-7",
    )  # fmt: skip
    box.activate(made.id)
    try:
        assert box.fault_root() == root.certificate.leaf
        box.set_fault("superfluous-root")
        chain = chain_of(faulty.address)
        assert chain[-1] == root.certificate.leaf
        assert linked(chain)
    finally:
        box.clear_faults()
        box.activate(before)


def test_where_the_box_has_no_authority_the_faults_have_a_root_of_their_own(
    faulty: Provoked,
) -> None:
    booster = faulty.sim.booster
    root = booster.fault_root()
    assert root.subject.rfc4514_string().startswith("CN=Faults ")
    booster.set_fault("superfluous-root")
    chain = chain_of(address_of(booster.url))
    assert chain[-1] == root
    booster.clear_faults()


@pytest.mark.parametrize("days", [0.0001, 36_500])
@pytest.mark.parametrize("name", ["expired", "not-yet-valid"])
@pytest.mark.parametrize("now", ["1970-01-01T00:00:01Z", "8999-12-31T00:00:00Z"])
def test_at_the_edges_of_the_calendar_a_fault_is_still_what_it_says(
    name: str, days: float, now: str, faulty: Provoked
) -> None:
    faulty.box.set_fault(name, days=days)
    try:
        faulty.box.set_clock(now=now, rate=0)
        leaf = chain_of(faulty.address)[0]
        assert leaf.not_valid_before_utc < leaf.not_valid_after_utc
        moment = faulty.box.clock.now()
        if name == "expired":
            assert leaf.not_valid_after_utc < moment
        else:
            assert leaf.not_valid_before_utc > moment
    finally:
        faulty.box.clear_faults()
        faulty.box.set_clock(now="real")


def test_what_is_presented_follows_the_clock(faulty: Provoked) -> None:
    box = faulty.box
    with faulty.fault("not-yet-valid", days=2):
        first = chain_of(faulty.address)[0]
        assert chain_of(faulty.address)[0] == first
        box.set_clock(shift="3d")
        later = chain_of(faulty.address)[0]
        assert later.not_valid_before_utc - first.not_valid_before_utc > 2 * DAY
        box.set_clock(dates="projected")
        assert abs(chain_of(faulty.address)[0].not_valid_before_utc - now() - 2 * DAY) < DAY / 24
        box.set_clock(dates="simulated", shift="-3d")
        assert chain_of(faulty.address)[0].not_valid_before_utc < later.not_valid_before_utc
