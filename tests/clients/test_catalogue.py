"""The catalogue: what a case says is what its certificates are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from appliance.catalogue import CASES, Built, Keyring, build
from tests.helpers import openssl

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
KEYS = Keyring()


def built(name: str) -> Built:
    return build(CASES[name], at=NOW, keys=KEYS, address="127.0.40.1")


def the_leaf(name: str) -> x509.Certificate:
    return built(name).presented()[0]


@pytest.mark.parametrize("topic", sorted({case.topic for case in CASES.values()}))
def test_every_case_can_be_read_by_cryptography_and_by_openssl(topic: str) -> None:
    cases = [built(name) for name, case in CASES.items() if case.topic == topic]
    for made in cases:
        for certificate in (*made.presented(), *made.trusted()):
            assert certificate.subject is not None
    everything = b"".join(made.chain_pem() + made.anchors_pem() for made in cases)
    bundle = openssl("crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", data=everything)
    listed = openssl("pkcs7", "-print_certs", "-noout", data=bundle)
    assert listed.count(b"subject=") == everything.count(b"BEGIN CERTIFICATE")


def test_a_sound_case_is_what_rfc_5280_asks_for() -> None:
    leaf, root = the_leaf("good-ip"), built("good-ip").trusted()[0]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.40.1"]
    assert names.get_values_for_type(x509.DNSName) == ["osbiz.example.test"]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=365)
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.key_cert_sign) == (True, False)
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert basic.value.ca
    above = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    pointer = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert pointer.key_identifier == above.digest
    leaf.verify_directly_issued_by(root)


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if not case.wrong and "leaf" in case.chain]
)
def test_what_is_said_to_be_sound_verifies_with_openssl(name: str) -> None:
    """Its chain and its time; names, and what TLS does with a key, are not looked at."""
    made = built(name)
    from OpenSSL import crypto

    store = crypto.X509Store()
    for anchor in made.trusted():
        store.add_cert(crypto.X509.from_cryptography(anchor))
    store.set_time(made.at.replace(tzinfo=None))
    leaf, *others = [crypto.X509.from_cryptography(one) for one in made.presented()]
    if name == "two-roots-of-one-name-no-identifiers":
        pytest.xfail("OpenSSL takes the first authority of the name, which is the wrong one")
    if name in ("last-second", "last-instant"):
        pytest.xfail("OpenSSL counts the last second as past")
    crypto.X509StoreContext(store, leaf, others).verify_certificate()


def test_dates_are_counted_from_the_time_that_is_given() -> None:
    assert the_leaf("expired").not_valid_after_utc == NOW - timedelta(days=1)
    assert the_leaf("not-yet-valid").not_valid_before_utc == NOW + timedelta(days=1)
    assert the_leaf("until-9999").not_valid_after_utc.year == 9999
    assert the_leaf("last-second").not_valid_after_utc == NOW
    assert built("last-second").at == NOW + timedelta(seconds=0.4)


@pytest.mark.parametrize("days", [398, 399, 825, 826])
def test_days_of_validity_are_counted_with_the_last_second(days: int) -> None:
    leaf = the_leaf(f"{days}-days")
    assert leaf.not_valid_after_utc + timedelta(seconds=1) - leaf.not_valid_before_utc == timedelta(
        days=days
    )


@pytest.mark.parametrize(
    ("name", "serial"), [("serial-zero", 0), ("serial-negative", -77), ("serial-one", 1)]
)
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_serial_numbers_that_no_library_writes_are_written(name: str, serial: int) -> None:
    assert the_leaf(name).serial_number == serial


def test_a_serial_number_has_as_many_octets_as_its_case_says() -> None:
    assert b"\x02\x15" in built("serial-21-octets").chain[0]
    assert b"\x02\x14" in built("serial-20-octets").chain[0]


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("sha1", hashes.SHA1),
        ("md5", hashes.MD5),
        ("sha384", hashes.SHA384),
        ("good-ip", hashes.SHA256),
    ],
)
def test_signatures_are_of_the_digest_that_is_said(
    name: str, digest: type[hashes.HashAlgorithm]
) -> None:
    leaf = the_leaf(name)
    assert isinstance(leaf.signature_hash_algorithm, digest)
    issuer = built(name).trusted()[0].public_key()
    assert isinstance(issuer, rsa.RSAPublicKey)
    issuer.verify(leaf.signature, leaf.tbs_certificate_bytes, padding.PKCS1v15(), digest())


def test_a_damaged_signature_does_not_fit() -> None:
    made = built("signature-damaged")
    with pytest.raises(InvalidSignature):
        made.presented()[0].verify_directly_issued_by(made.trusted()[0])


def test_keys_are_of_the_kind_that_is_said() -> None:
    assert the_leaf("rsa-1024").public_key().key_size == 1024  # type: ignore[union-attr]
    assert isinstance(the_leaf("ed25519").public_key(), ed25519.Ed25519PublicKey)
    curve = the_leaf("ec-p384").public_key()
    assert isinstance(curve, ec.EllipticCurvePublicKey)
    assert curve.curve.name == "secp384r1"


def test_renewed_certificates_have_the_key_of_the_old_ones() -> None:
    made = built("self-signed-renewed")
    (leaf,), (gone,) = made.presented(), made.trusted()
    assert leaf.public_key() == gone.public_key()
    assert leaf.serial_number != gone.serial_number
    other = built("self-signed-remade")
    assert other.presented()[0].public_key() != other.trusted()[0].public_key()


def test_no_two_cases_have_an_authority_in_common() -> None:
    seen: dict[str, str] = {}
    for name in CASES:
        for anchor in built(name).trusted():
            owner = seen.setdefault(anchor.subject.rfc4514_string(), name)
            assert owner == name


@pytest.mark.parametrize("name", CASES)
def test_no_text_of_a_recipe_is_left_unfilled(name: str) -> None:
    made = built(name)
    texts = (b"{ip}", b"{ip_end}", b"{dns}", b"{domain}")
    assert not [text for text in texts if any(text in der for der in made.chain + made.anchors)]


def test_a_case_can_be_served_anywhere() -> None:
    made = build(CASES["good-dns"], at=NOW, keys=KEYS, address="127.0.0.77", dns="box.lab.test")
    names = made.presented()[0].extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert made.host == "box.lab.test"
    assert names.value.get_values_for_type(x509.DNSName) == ["box.lab.test"]
    assert build(CASES["wildcard"], at=NOW, keys=KEYS, dns="box.lab.test").host == "box.lab.test"


def test_a_revoked_certificate_is_in_the_list_that_it_names() -> None:
    made = built("crl-revoked")
    (leaf,), (root,) = made.presented(), made.trusted()
    listed = x509.load_der_x509_crl(made.crl)
    points = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name is not None
    assert points[0].full_name[0].value.endswith("/crl-revoked.crl")
    assert listed.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None
    key = root.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert listed.is_signature_valid(key)


@pytest.mark.parametrize(
    ("name", "status", "current"),
    [
        ("staple-good", ocsp.OCSPCertStatus.GOOD, True),
        ("staple-revoked", ocsp.OCSPCertStatus.REVOKED, True),
        ("staple-stale", ocsp.OCSPCertStatus.GOOD, False),
        ("ocsp-revoked", ocsp.OCSPCertStatus.REVOKED, True),
    ],
)
def test_ocsp_answers_say_what_the_case_says(
    name: str, status: ocsp.OCSPCertStatus, current: bool
) -> None:
    made = built(name)
    answer = ocsp.load_der_ocsp_response(made.staple or made.ocsp)
    assert answer.serial_number == made.presented()[0].serial_number
    assert answer.certificate_status == status
    assert answer.next_update_utc is not None
    assert (answer.next_update_utc > NOW) is current
