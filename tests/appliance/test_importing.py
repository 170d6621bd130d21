"""Imports as an administrator meets them: whitepaper 2.1 and 3.1, through the box."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from appliance.box import Box
from store.inventory import Kind
from tests.helpers import (
    PASSPHRASE,
    a_box,
    a_key,
    certificate_pem,
    foreign_authority,
    key_pem,
    pem,
    refusals,
)


@pytest.fixture
def box() -> Iterator[Box]:
    box = a_box()
    yield box
    box.close()


@pytest.fixture(scope="module")
def issued() -> trustme.LeafCert:
    return foreign_authority().issue_cert("osbiz.example", key_type=trustme.KeyType.RSA)


def files(issued: trustme.LeafCert, **changes: Any) -> dict[str, Any]:
    return {
        "name": "from the CA",
        "passphrase": PASSPHRASE,
        "certificate": b"".join(part.bytes() for part in issued.cert_chain_pems),
        "key": issued.private_key_pem.bytes(),
    } | changes


def answered(request: x509.CertificateSigningRequest) -> bytes:
    """What a foreign authority issues for a signing request of the box."""
    begin = datetime(2023, 11, 17, tzinfo=UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Answering CA")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(name)
        .public_key(request.public_key())
        .serial_number(9)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=90))
        .sign(a_key(7), hashes.SHA256())
    )
    return certificate_pem(certificate)


def test_an_imported_certificate_is_kept_with_chain_and_key_and_not_active(
    box: Box, issued: trustme.LeafCert
) -> None:
    before = box.active
    root = foreign_authority().cert_pem.bytes()
    values = files(issued)
    kept = box.import_files(**values | {"certificate": values["certificate"] + root})
    assert kept.kind is Kind.IMPORTED
    assert kept.certificate is not None
    assert len(kept.certificate.chain) == 1
    assert box.active is before
    box.commit(box.prepare_activation(kept.id))
    assert box.active.id == kept.id


def test_a_pkcs12_import_is_the_same_but_for_the_file(box: Box, issued: trustme.LeafCert) -> None:
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    leaf = x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
    data = pkcs12.serialize_key_and_certificates(
        b"n", key, leaf, None, serialization.BestAvailableEncryption(PASSPHRASE.encode())
    )
    kept = box.import_pkcs12(name="p12", passphrase=PASSPHRASE, data=data)
    assert kept.certificate is not None
    assert kept.certificate.leaf == leaf
    assert refusals(box.import_pkcs12, name="p12", passphrase="not this", data=data) == [
        "passphrase-wrong"
    ]


def test_the_answer_to_a_signing_request_is_imported_without_a_key_file(box: Box) -> None:
    request = box.make({"kind": "request", "name": "csr", "subject": {"CN": "osbiz.example"}})
    assert request.request is not None
    kept = box.import_files(
        name="answer",
        passphrase=PASSPHRASE,
        certificate=answered(request.request),
        key=None,
    )
    assert kept.key is request.key
    assert box.prepare_activation(kept.id).activate == kept.id


def test_without_a_key_file_and_without_a_request_the_key_is_missing(
    box: Box, issued: trustme.LeafCert
) -> None:
    assert refusals(box.import_files, **files(issued, key=None)) == ["key-missing"]


def test_without_a_readable_certificate_nothing_is_said_of_a_key(
    box: Box, issued: trustme.LeafCert
) -> None:
    values = files(issued, certificate=b"junk", key=None)
    assert refusals(box.import_files, **values) == ["not-a-certificate"]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"name": ""}, ["name"]),
        ({"passphrase": "sixsix"}, ["passphrase-length"]),
        ({"passphrase": "x" * 33}, ["passphrase-length"]),
        ({"certificate": b"junk"}, ["not-a-certificate"]),
        ({"key": b"junk"}, ["not-a-key"]),
        ({"key": key_pem(a_key(5))}, ["key-mismatch"]),
        ({"key": key_pem(a_key(5), "another-one")}, ["passphrase-wrong"]),
        (
            {"name": "a/b", "passphrase": "short", "certificate": b"junk", "key": b"junk"},
            ["passphrase-length", "name", "not-a-certificate", "not-a-key"],
        ),
    ],
)
def test_each_broken_rule_is_its_own_refusal_and_all_are_told_at_once(
    box: Box, issued: trustme.LeafCert, changes: dict[str, Any], codes: list[str]
) -> None:
    before = dict(box.holdings)
    assert refusals(box.import_files, **files(issued, **changes)) == codes
    assert dict(box.holdings) == before


def test_rules_of_the_certificate_and_of_the_file_are_told_together(box: Box) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "weak")])
    begin = datetime(2023, 1, 1, tzinfo=UTC)
    weak = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=1))
        .sign(key, hashes.SHA224())
    )
    codes = refusals(
        box.import_files,
        name="weak",
        passphrase="short",
        certificate=certificate_pem(weak) + foreign_authority().cert_pem.bytes(),
        key=key_pem(a_key(5)),
    )
    assert codes == [
        "passphrase-length", "key-mismatch", "chain-unrelated", "signature-algorithm",
        "key-length",
    ]  # fmt: skip


def test_an_authority_with_its_key_is_no_server_certificate(box: Box) -> None:
    authority = box.make({"kind": "authority", "name": "CA", "subject": {"CN": "CA"}})
    assert authority.certificate is not None
    assert authority.key is not None
    codes = refusals(
        box.import_files,
        name="CA",
        passphrase=PASSPHRASE,
        certificate=certificate_pem(authority.certificate.leaf),
        key=key_pem(authority.key),
    )
    assert codes == ["not-a-server-certificate"]


def test_an_elliptic_key_is_refused_with_its_certificate(box: Box) -> None:
    elliptic = trustme.CA().issue_cert("osbiz.example")
    codes = refusals(box.import_files, **files(elliptic))
    assert set(codes) >= {"signature-algorithm", "key-length", "key-kind"}


def test_neither_passphrase_nor_key_is_in_the_journal(box: Box, issued: trustme.LeafCert) -> None:
    encrypted = key_pem(
        serialization.load_pem_private_key(issued.private_key_pem.bytes(), None), PASSPHRASE
    )
    box.import_files(**files(issued, key=encrypted))
    journal = repr(box.store.journal.since())
    assert PASSPHRASE not in journal
    assert "PRIVATE" not in journal


def test_pem_with_text_around_it_is_read_as_tools_write_it(
    box: Box, issued: trustme.LeafCert
) -> None:
    leaf = x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
    der = leaf.public_bytes(serialization.Encoding.DER)
    noisy = b"subject=CN = osbiz\r\nissuer=...\r\n" + pem(der, "CERTIFICATE").replace(
        b"\n", b"\r\n"
    )
    assert box.import_files(**files(issued, certificate=noisy)).certificate is not None
