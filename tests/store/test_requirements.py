"""What the box wants of a server certificate and of a passphrase: whitepaper 2.1 and 3.1."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from store.requirements import broken_requirements, passphrase_refusals
from tests.helpers import (
    a_key,
    key_pem,
    openssl,
)

BEGIN, END = datetime(2023, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)


def foreign(
    key: Any = None,
    *,
    algorithm: hashes.HashAlgorithm | None = hashes.SHA256(),  # noqa: B008 - a constant
    signer: Any = None,
    extensions: tuple[x509.ExtensionType, ...] = (),
) -> x509.Certificate:
    """What another authority issues; without a signer, `key` signs for itself."""
    key = key or a_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "osbiz.example")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signer or key, algorithm)  # type: ignore[arg-type]


def key_usage(**allowed: bool) -> x509.KeyUsage:
    none = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
         "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        False,
    )  # fmt: skip
    return x509.KeyUsage(**(none | allowed))


CLIENT_ONLY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
SIGNS_ONLY = key_usage(key_cert_sign=True, crl_sign=True)


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def broken(certificate: x509.Certificate) -> list[str]:
    return [refusal.code for refusal in broken_requirements(certificate)]


@pytest.mark.parametrize("bits", [1024, 3072])
def test_rsa_keys_of_other_lengths_are_refused(bits: int) -> None:
    assert broken(foreign(rsa_key(bits))) == ["key-length"]


def test_an_elliptic_key_is_refused_for_its_kind_whoever_signed() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert broken(foreign(key, signer=a_key())) == ["key-length"]
    assert broken(foreign(key)) == ["signature-algorithm", "key-length"]


def test_an_ed25519_certificate_breaks_two_rules() -> None:
    certificate = foreign(ed25519.Ed25519PrivateKey.generate(), algorithm=None)
    assert broken(certificate) == ["signature-algorithm", "key-length"]


def test_sha1_is_refused(tmp_path: Path) -> None:
    (tmp_path / "k.pem").write_bytes(key_pem(a_key()))
    made = openssl("req", "-x509", "-new", "-sha1", "-key", tmp_path / "k.pem", "-subj", "/CN=b")
    assert broken(x509.load_pem_x509_certificate(made)) == ["signature-algorithm"]


def test_rsa_pss_is_refused(tmp_path: Path) -> None:
    (tmp_path / "k.pem").write_bytes(key_pem(a_key()))
    made = openssl(
        "req", "-x509", "-new", "-sigopt", "rsa_padding_mode:pss", "-key", tmp_path / "k.pem",
        "-subj", "/CN=b",
    )  # fmt: skip
    assert broken(x509.load_pem_x509_certificate(made)) == ["signature-algorithm"]


@pytest.mark.parametrize(
    "extensions",
    [
        (CLIENT_ONLY,),
        (SIGNS_ONLY,),
        (CLIENT_ONLY, SIGNS_ONLY),
        (x509.BasicConstraints(ca=True, path_length=None), SIGNS_ONLY),
    ],
)
def test_what_may_not_serve_tls_is_no_server_certificate(
    extensions: tuple[x509.ExtensionType, ...],
) -> None:
    assert broken(foreign(extensions=extensions)) == ["not-a-server-certificate"]


@pytest.mark.parametrize(
    "extensions",
    [
        (),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]),),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), key_usage(key_agreement=True)),
        (x509.BasicConstraints(ca=True, path_length=None),),
    ],
)
def test_what_may_serve_tls_is_taken(extensions: tuple[x509.ExtensionType, ...]) -> None:
    assert broken(foreign(extensions=extensions)) == []


def test_a_version_1_certificate_of_openssl_is_taken(tmp_path: Path) -> None:
    (tmp_path / "k.pem").write_bytes(key_pem(a_key()))
    request = openssl("req", "-new", "-key", tmp_path / "k.pem", "-subj", "/CN=box")
    made = openssl("x509", "-req", "-signkey", tmp_path / "k.pem", data=request)
    assert broken(x509.load_pem_x509_certificate(made)) == []


def test_all_broken_rules_are_told_at_once() -> None:
    key = rsa_key(1024)
    certificate = foreign(key, algorithm=hashes.SHA224(), extensions=(CLIENT_ONLY,))
    assert broken(certificate) == ["signature-algorithm", "key-length", "not-a-server-certificate"]


@pytest.mark.parametrize(
    ("length", "refused"), [(0, True), (6, True), (7, False), (32, False), (33, True)]
)
def test_a_passphrase_has_7_to_32_characters(length: int, refused: bool) -> None:
    found = [refusal.code for refusal in passphrase_refusals("ü" * length)]
    assert found == (["passphrase-length"] if refused else [])


@pytest.mark.parametrize("bad", ["with\nline", "with\0nul", "with\ud800half"])
def test_a_passphrase_is_printable_and_in_no_refusal(bad: str) -> None:
    (refusal,) = passphrase_refusals(bad)
    assert refusal.code == "passphrase-characters"
    assert bad not in str(refusal)
