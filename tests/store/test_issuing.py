"""What the box issues, extension by extension, and what the real openssl thinks of it."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from store.certificate import alternative_names, iso_time, signature_algorithm
from store.issuing import (
    ALGORITHMS,
    Profile,
    Wanted,
    add_years,
    issued,
    random_serial,
    self_signed,
    signing_request,
)
from store.names import Subject
from tests.helpers import a_key, certificate_pem, openssl, subject

BEGIN = datetime(2023, 11, 17, tzinfo=UTC)
END = datetime(2024, 11, 16, 23, 59, 59, tzinfo=UTC)
NAMES = (
    x509.DNSName("osbiz.example"),
    x509.IPAddress(ipaddress.ip_address("192.168.1.2")),
    x509.RFC822Name("admin@osbiz.example"),
    x509.UniformResourceIdentifier("https://osbiz.example/"),
)
CRL = x509.UniformResourceIdentifier("http://osbiz.example/ca.crl")


def wanted(profile: Profile, **more: object) -> Wanted:
    values: dict[str, object] = {
        "subject": subject(),
        "not_before": BEGIN,
        "not_after": END,
        "serial": 123456789,
    }
    return Wanted(**(values | more), profile=profile)  # type: ignore[arg-type]


def authority() -> x509.Certificate:
    return self_signed(wanted(Profile.AUTHORITY, subject=subject("Muster CA"), serial=1), a_key(1))


def server(**more: object) -> x509.Certificate:
    return issued(
        wanted(Profile.SERVER, **more),
        a_key().public_key(),
        authority=authority(),
        authority_key=a_key(1),
    )


def oids(certificate: x509.Certificate) -> list[x509.ObjectIdentifier]:
    return [extension.oid for extension in certificate.extensions]


def test_a_bare_certificate_has_a_name_dates_and_no_extension_at_all() -> None:
    certificate = self_signed(
        wanted(Profile.BARE, subject=Subject("192.168.1.2"), serial=77), a_key()
    )
    assert certificate.version is x509.Version.v3
    assert certificate.subject.rfc4514_string() == "CN=192.168.1.2"
    assert certificate.issuer == certificate.subject
    assert certificate.serial_number == 77
    assert certificate.not_valid_before_utc == BEGIN
    assert certificate.not_valid_after_utc == END
    assert list(certificate.extensions) == []
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    assert certificate.public_key() == a_key().public_key()


def test_a_server_certificate_has_exactly_the_extensions_of_one() -> None:
    certificate = server(alternative_names=NAMES, crl_distribution_point=CRL)
    assert oids(certificate) == [
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ]
    critical = [extension.oid for extension in certificate.extensions if extension.critical]
    assert critical == [ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE]


def test_a_server_certificate_is_no_authority() -> None:
    constraints = server().extensions.get_extension_for_class(x509.BasicConstraints).value
    assert constraints == x509.BasicConstraints(ca=False, path_length=None)


def test_a_server_certificate_signs_and_enciphers_and_nothing_else() -> None:
    usage = server().extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage == x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def test_a_server_certificate_is_for_tls_servers_only() -> None:
    usage = server().extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_the_alternative_names_stand_in_the_order_asked_for() -> None:
    assert alternative_names(server(alternative_names=NAMES).extensions) == (
        "DNS:osbiz.example",
        "IP:192.168.1.2",
        "email:admin@osbiz.example",
        "URI:https://osbiz.example/",
    )


def test_the_crl_distribution_point_is_a_full_name() -> None:
    certificate = server(crl_distribution_point=CRL)
    (point,) = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point == x509.DistributionPoint([CRL], None, None, None)


def test_the_key_identifiers_of_issuer_and_issued_meet() -> None:
    theirs = authority().extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    mine = server().extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert mine.key_identifier == theirs.digest
    assert mine.authority_cert_issuer is None


def test_an_authority_without_a_key_identifier_is_identified_by_its_key() -> None:
    bare = self_signed(wanted(Profile.BARE), a_key(1))
    certificate = issued(
        wanted(Profile.SERVER), a_key().public_key(), authority=bare, authority_key=a_key(1)
    )
    identifier = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert identifier == x509.AuthorityKeyIdentifier.from_issuer_public_key(a_key(1).public_key())


def test_an_authority_signs_certificates_and_crls_and_says_so_critically() -> None:
    extensions = list(authority().extensions)
    assert [(extension.oid, extension.critical) for extension in extensions] == [
        (ExtensionOID.BASIC_CONSTRAINTS, True),
        (ExtensionOID.KEY_USAGE, True),
        (ExtensionOID.SUBJECT_KEY_IDENTIFIER, False),
    ]
    assert extensions[0].value == x509.BasicConstraints(ca=True, path_length=None)
    usage = extensions[1].value
    assert isinstance(usage, x509.KeyUsage)
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)


def test_the_subject_has_country_organization_unit_and_name_in_this_order() -> None:
    assert [part.oid for part in server().subject] == [
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.COMMON_NAME,
    ]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_of_the_whitepaper_is_the_one_that_openssl_sees(algorithm: str) -> None:
    certificate = self_signed(wanted(Profile.SERVER, algorithm=algorithm), a_key())
    assert signature_algorithm(certificate) == algorithm
    text = openssl("x509", "-noout", "-text", data=certificate_pem(certificate)).decode()
    assert f"{algorithm.removesuffix('RSA')}WithRSAEncryption" in text


def test_openssl_follows_the_chain_strictly_and_finds_the_host(tmp_path: Path) -> None:
    trusted, leaf = tmp_path / "ca.pem", tmp_path / "leaf.pem"
    trusted.write_bytes(certificate_pem(authority()))
    leaf.write_bytes(certificate_pem(server(alternative_names=NAMES)))
    at = str(int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()))
    strict = ("verify", "-x509_strict", "-purpose", "sslserver", "-attime", at)
    for host in (("-verify_hostname", "osbiz.example"), ("-verify_ip", "192.168.1.2")):
        said = openssl(*strict, *host, "-CAfile", trusted, leaf)
        assert said.decode().strip().endswith("OK")


def test_openssl_takes_a_bare_certificate_that_it_was_told_to_trust(tmp_path: Path) -> None:
    file = tmp_path / "bare.pem"
    bare = self_signed(wanted(Profile.BARE, subject=Subject("192.168.1.2")), a_key())
    file.write_bytes(certificate_pem(bare))
    openssl("verify", "-attime", str(int(BEGIN.timestamp())), "-CAfile", file, file)


def test_a_signing_request_carries_subject_and_names_and_its_signature_holds() -> None:
    request = signing_request(subject(), a_key(), algorithm="sha384RSA", alternative_names=NAMES)
    assert request.is_signature_valid
    assert request.subject == subject().as_x509()
    assert request.public_key() == a_key().public_key()
    assert signature_algorithm(request) == "sha384RSA"
    assert [extension.oid for extension in request.extensions] == [
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME
    ]


def test_openssl_verifies_a_signing_request(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    request = signing_request(subject(), a_key()).public_bytes(Encoding.PEM)
    text = openssl("req", "-verify", "-noout", "-subject", data=request).decode()
    assert "CN = osbiz.example" in text


def test_a_signing_request_without_names_asks_for_no_extension() -> None:
    assert list(signing_request(subject(), a_key()).extensions) == []


@pytest.mark.parametrize(
    ("moment", "years", "then"),
    [
        (datetime(2023, 11, 17, 1, 2, 3, tzinfo=UTC), 10, "2033-11-17T01:02:03Z"),
        (datetime(2024, 2, 29, tzinfo=UTC), 10, "2034-02-28T00:00:00Z"),
        (datetime(2024, 2, 29, tzinfo=UTC), 4, "2028-02-29T00:00:00Z"),
        (datetime(2023, 2, 28, tzinfo=UTC), 1, "2024-02-28T00:00:00Z"),
    ],
)
def test_years_are_added_to_the_same_day_or_the_last_of_february(
    moment: datetime, years: int, then: str
) -> None:
    assert iso_time(add_years(moment, years)) == then


def test_random_serials_are_positive_differ_and_fit_a_signed_64_bit_integer() -> None:
    serials = {random_serial() for _ in range(100)}
    assert len(serials) == 100
    assert all(0 < serial < 1 << 63 for serial in serials)
