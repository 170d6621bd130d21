"""What certificate authorities answer with, and what people upload in its place."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from store.asn1 import NULL, integer, octet_string, oid, sequence
from store.bundles import Material, read_files, read_pkcs12
from store.certificate import Certificate
from store.certificate_files import MAX_CERTIFICATES
from store.chains import assemble
from store.issuing import Profile, Wanted, issued, self_signed, signing_request
from tests.helpers import (
    PASSPHRASE,
    a_key,
    certificate_pem,
    key_pem,
    openssl,
    pem,
    subject,
)
from tests.store.test_bundles import (
    BEGIN,
    END,
    assert_whole,
    authority,
    codes,
    intermediate,
    leaf,
    root,
)

WHOLE = (leaf, intermediate, root)


def p7(*certificates: x509.Certificate, form: str = "PEM") -> bytes:
    """PKCS#7 as openssl packs it."""
    return openssl(
        "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", "-outform", form,
        data=certificate_pem(*certificates),
    )  # fmt: skip


def whole_p7(form: str = "PEM") -> bytes:
    return p7(*(make() for make in WHOLE), form=form)


def read(data: bytes) -> Material:
    return read_files(data, key_pem(a_key()), PASSPHRASE)


def chain_of(material: Material) -> Certificate:
    certificate = assemble(material, field="certificate")
    assert codes(material) == []
    assert certificate is not None
    return certificate


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_p7b_is_read_whatever_the_order_of_its_certificates(form: str) -> None:
    for order in permutations(make() for make in WHOLE):
        bag = b"".join(certificate_pem(part) for part in order)
        der = openssl("crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", "-outform", form, data=bag)
        assert_whole(read(der))


@pytest.mark.parametrize(
    "label", ["CERTIFICATE", "CMS", "PKCS #7 SIGNED DATA"], ids=["Windows", "RFC 7468", "old"]
)
def test_pkcs7_is_known_by_its_content_whatever_its_label(label: str) -> None:
    assert_whole(read(pem(whole_p7("DER"), label)))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_text_as_windows_saves_it_is_read(encoding: str) -> None:
    text = "\ufeff" if encoding == "utf-16-be" else ""
    assert_whole(read((text + whole_p7().decode()).replace("\n", "\r\n").encode(encoding)))


def test_base64_without_a_label_is_read() -> None:
    assert_whole(read(b"\r\n" + b64encode(whole_p7("DER")) + b"\r\n"))


@pytest.mark.parametrize("text", [b"MIIBA", b"MI" + b" " * (1 << 20) + b"!", b"MI==="])
def test_what_only_looks_like_base64_is_refused_at_once(text: bytes) -> None:
    assert codes(read(text)) == ["not-a-certificate"]


def test_a_file_may_mix_certificates_pkcs7_and_text() -> None:
    file = b"Dear customer,\n" + certificate_pem(leaf()) + b"and\n" + p7(intermediate(), root())
    assert_whole(read(file))
    assert_whole(read(key_pem(a_key()) + file))


def test_signed_pkcs7_in_ber_gives_its_certificates(tmp_path: Path) -> None:
    (tmp_path / "leaf.pem").write_bytes(certificate_pem(leaf()))
    (tmp_path / "leaf.key").write_bytes(key_pem(a_key()))
    (tmp_path / "chain.pem").write_bytes(certificate_pem(intermediate(), root()))
    ber = openssl(
        "smime", "-sign", "-nodetach", "-stream", "-outform", "DER", "-binary", "-signer",
        tmp_path / "leaf.pem", "-inkey", tmp_path / "leaf.key", "-certfile",
        tmp_path / "chain.pem", data=b"hello",
    )  # fmt: skip
    assert ber[1] == 0x80, "of indefinite length"
    assert_whole(read(ber))


# More than is needed


def test_what_leads_nowhere_is_left_out_of_pkcs7_and_named() -> None:
    stray = authority(9, "Another Root")
    material = read(p7(stray, leaf(), root(), intermediate()))
    assert len(chain_of(material).chain) == 2
    assert material.left_out == [stray]


def test_of_a_cross_signed_authority_the_shorter_way_is_taken() -> None:
    older = authority(5, "Older Root")
    cross = issued(
        Wanted(subject("Root"), BEGIN, END, 6, profile=Profile.AUTHORITY),
        a_key(1).public_key(),
        authority=older,
        authority_key=a_key(5),
    )
    material = read(p7(older, cross, root(), intermediate(), leaf()))
    assert chain_of(material).chain == (intermediate(), root())
    assert set(material.left_out) == {older, cross}
    without_root = read(p7(older, cross, intermediate(), leaf()))
    assert chain_of(without_root).chain == (intermediate(), cross, older)


def test_a_chain_is_taken_without_its_root() -> None:
    assert chain_of(read(p7(intermediate(), leaf()))).chain == (intermediate(),)


def test_the_leaf_is_found_without_a_key() -> None:
    material = read_files(whole_p7(), None, PASSPHRASE)
    assert chain_of(material).leaf == leaf()
    assert material.left_out == []


# What does not do


def test_pkcs7_without_certificates_is_said_to_hold_none() -> None:
    for form in ("PEM", "DER"):
        material = read(openssl("crl2pkcs7", "-nocrl", "-outform", form))
        assert codes(material) == ["pkcs7-empty"]
        assert "holds no certificate" in material.wrong[0].message


def test_pkcs7_that_is_encrypted_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "to.pem").write_bytes(certificate_pem(leaf()))
    sealed = openssl("smime", "-encrypt", "-outform", "DER", tmp_path / "to.pem", data=b"hello")
    material = read(sealed)
    assert codes(material) == ["pkcs7-empty"]
    assert "encrypted" in material.wrong[0].message


def test_more_certificates_than_twenty_are_too_many_in_pkcs7() -> None:
    pile = [
        self_signed(Wanted(subject(f"CA {n}"), BEGIN, END, n + 1), a_key(1))
        for n in range(MAX_CERTIFICATES + 1)
    ]
    assert codes(read(p7(*pile))) == ["chain-length"]


@pytest.mark.parametrize("cut", [2, 10, 200, -10])
def test_damaged_pkcs7_is_refused(cut: int) -> None:
    assert codes(read(whole_p7("DER")[:cut])) == ["not-a-certificate"]
    assert codes(read(pem(whole_p7("DER")[:cut], "PKCS7"))) == ["not-a-certificate"]


def a_pkcs12() -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"box",
        a_key(),
        leaf(),
        [intermediate(), root()],
        serialization.BestAvailableEncryption(PASSPHRASE.encode()),
    )


def a_request() -> bytes:
    request = signing_request(subject(), a_key(), algorithm="sha256RSA", alternative_names=())
    return request.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (a_pkcs12, "is-pkcs12"),
        (lambda: pem(a_pkcs12(), "PKCS12"), "is-pkcs12"),
        (a_request, "is-request"),
        (lambda: key_pem(a_key()), "is-key"),
        (lambda: b"\xfe\xed\xfe\xed\x00\x00\x00\x02", "is-java-keystore"),
        (lambda: b"PK\x03\x04\x14\x00", "is-archive"),
        (lambda: b"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n", "is-revocation-list"),
        (lambda: b"\n<!DOCTYPE html><html>", "is-web-page"),
    ],
    ids=["PKCS#12", "PKCS#12 in PEM", "request", "key", "JKS", "ZIP", "CRL", "HTML"],
)
def test_what_is_uploaded_in_place_of_a_certificate_is_named(
    file: Callable[[], bytes], code: str
) -> None:
    assert codes(read(file())) == [code]


def test_pkcs7_in_place_of_pkcs12_or_of_a_key_is_named() -> None:
    for form in ("PEM", "DER"):
        assert codes(read_pkcs12(whole_p7(form), PASSPHRASE)) == ["is-pkcs7"]
        assert codes(read_files(whole_p7(), whole_p7(form), PASSPHRASE)) == ["is-pkcs7"]


# PKCS#12


def test_pkcs12_in_pem_is_read_as_certtool_writes_it() -> None:
    assert_whole(read_pkcs12(pem(a_pkcs12(), "PKCS12"), PASSPHRASE))


def with_pbmac1(pkcs12_without_mac: bytes, authenticated: bytes) -> bytes:
    """The file with a MAC of RFC 9579, which Debian's openssl can't make yet."""
    salt, rounds = b"salt of the MAC", 2048
    key = hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(), salt, rounds, 32)
    hmac_sha256 = sequence(oid("1.2.840.113549.2.9"), NULL)
    derivation = sequence(octet_string(salt), integer(rounds), integer(32), hmac_sha256)
    algorithm = sequence(
        oid("1.2.840.113549.1.5.14"),
        sequence(sequence(oid("1.2.840.113549.1.5.12"), derivation), hmac_sha256),
    )
    mac = octet_string(hmac.digest(key, authenticated, "sha256"))
    unused = octet_string(b"not used")
    content = pkcs12_without_mac[4:] + sequence(sequence(algorithm, mac), unused, integer(1))
    return sequence(content)


def test_a_pkcs12_file_with_the_mac_of_rfc_9579_opens_with_its_passphrase(tmp_path: Path) -> None:
    for name, data in (("leaf.pem", certificate_pem(leaf())), ("leaf.key", key_pem(a_key()))):
        (tmp_path / name).write_bytes(data)
    bare = openssl(
        "pkcs12", "-export", "-nomac", "-in", tmp_path / "leaf.pem", "-inkey",
        tmp_path / "leaf.key", "-passout", f"pass:{PASSPHRASE}",
    )  # fmt: skip
    assert bare[:2] == b"\x30\x82"
    authenticated = bare[bare.index(b"\x04\x82") + 4 :]
    file = with_pbmac1(bare, authenticated)
    material = read_pkcs12(file, PASSPHRASE)
    assert codes(material) == []
    assert material.certificates == [leaf()]
    assert codes(read_pkcs12(file, "not-this")) == ["passphrase-wrong"]


def test_where_openssl_lacks_old_ciphers_the_refusal_says_what_to_type(tmp_path: Path) -> None:
    for name, data in (("leaf.pem", certificate_pem(leaf())), ("leaf.key", key_pem(a_key()))):
        (tmp_path / name).write_bytes(data)
    sealed = openssl(
        "pkcs12", "-export", "-legacy", "-in", tmp_path / "leaf.pem", "-inkey",
        tmp_path / "leaf.key", "-passout", f"pass:{PASSPHRASE}",
    )  # fmt: skip
    assert codes(read_pkcs12(sealed, PASSPHRASE)) == []
    script = (
        "import sys; from store.bundles import read_pkcs12; "
        f"print(*read_pkcs12(sys.stdin.buffer.read(), {PASSPHRASE!r}).wrong, sep='|')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=sealed,
        env=os.environ
        | {"CRYPTOGRAPHY_OPENSSL_NO_LEGACY": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert b"not supported" in done.stdout
    assert b"openssl pkcs12 -legacy -in FILE -nodes | openssl pkcs12 -export -out NEW.p12" in (
        done.stdout
    )


def test_a_request_and_a_certificate_in_one_file_are_no_mistake() -> None:
    assert_whole(read(a_request() + certificate_pem(*(make() for make in WHOLE))))
