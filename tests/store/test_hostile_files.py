"""Files that nobody should have written: refused quickly, and in words, whatever they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.asn1 import attribute, extension, integer, oid, sequence, tlv
from store.bundles import Material, read_files, read_pkcs12
from store.certificate import Certificate
from store.chains import assemble
from store.inventory import Holding, Kind
from store.issuing import Wanted, self_signed
from store.requirements import broken_requirements
from tests.helpers import (
    PASSPHRASE,
    a_key,
    certificate_der,
    certificate_pem,
    crafted,
    crafted_pkcs12,
    key_der,
    key_pem,
    pem,
    plain_key_bag,
    subject,
)
from webserver.representations import certificate_json

BEGIN, END = datetime(2023, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)
LEAF = self_signed(Wanted(subject(), BEGIN, END, 1), a_key())


def taken(material: Material) -> Certificate | None:
    """What an import would keep; None when it would say no."""
    certificate = assemble(material, field="certificate")
    if material.wrong or certificate is None or list(broken_requirements(certificate.leaf)):
        return None
    return certificate


def shown(certificate: Certificate) -> str:
    """As the control API tells of it."""
    holding = Holding("id", "name", Kind.IMPORTED, BEGIN, certificate, key=certificate.key)
    return json.dumps(certificate_json(holding, active_on=()))


# Certificates


def name(value: bytes, *, tag: int = 0x0C, kind: str = "2.5.4.3") -> bytes:
    return sequence(attribute(kind, value, tag=tag))


def names(*values: bytes) -> tuple[bytes, ...]:
    return (extension("2.5.29.17", sequence(*values)),)


MODULUS = a_key().public_key().public_numbers().n
BASIC = extension("2.5.29.19", sequence())
UNREADABLE = {
    "serial 0": {"serial": integer(0)},
    "negative serial": {"serial": integer(-5)},
    "serial of 21 octets": {"serial": integer(2**161)},
    "serial of a thousand octets": {"serial": integer(2**8000)},
    "the same extension twice": {"extensions": (BASIC, BASIC)},
    "an extension of junk": {"extensions": (extension("2.5.29.17", b"junk"),)},
    "an empty extended key usage": {"extensions": (extension("2.5.29.37", sequence()),)},
    "x400Address": {"extensions": names(tlv(0xA3, sequence()))},
    "ediPartyName": {"extensions": names(tlv(0xA5, sequence()))},
    "a DNS name beyond ASCII": {"extensions": names(tlv(0x82, b"\xe4.example"))},
    "an IP address of five octets": {"extensions": names(tlv(0x87, b"12345"))},
    "a directory name with country DEU": {
        "extensions": names(tlv(0xA4, name(b"DEU", tag=0x13, kind="2.5.4.6")))
    },
    "country DEU": {"subject": name(b"DEU", tag=0x13, kind="2.5.4.6")},
    "empty common name": {"subject": name(b"")},
    "common name of 200 characters": {"subject": name(b"x" * 200)},
    "subject that is no UTF-8": {"subject": name(b"\xff\xfe")},
    "issuer that is no UTF-8": {"issuer": name(b"\xff\xfe")},
    "T61String": {"subject": name(b"\xe4\xf6", tag=0x14)},
    "half a BMPString": {"subject": name(b"\xd8\x00", tag=0x1E)},
    "common name that is a number": {"subject": name(b"\x01", tag=0x02)},
    "common name that is bits": {"subject": name(b"\x00\x01", tag=0x03)},
    "year 0": {"not_before": tlv(0x18, b"00000101000000Z")},
    "30 February": {"not_before": tlv(0x17, b"230230000000Z")},
    "a time zone": {"not_before": tlv(0x17, b"230101000000+0100")},
    "version 2": {"version": tlv(0xA0, integer(1))},
    "version 4": {"version": tlv(0xA0, integer(3))},
    "a public key of junk": {
        "public_key": sequence(
            sequence(oid("1.2.840.113549.1.1.1"), tlv(0x05)), tlv(0x03, b"\0junk")
        )
    },
    "a public key of an unknown kind": {
        "public_key": sequence(sequence(oid("1.2.3")), tlv(0x03, b"\0junk"))
    },
    "a public exponent of 2": {
        "public_key": sequence(
            sequence(oid("1.2.840.113549.1.1.1"), tlv(0x05)),
            tlv(0x03, b"\0" + sequence(integer(MODULUS), integer(2))),
        )
    },
}
ODD = {
    "serial of 20 octets": {"serial": integer(2**159)},
    "an unknown extension": {"extensions": (extension("1.2.3.4", b"junk"),)},
    "no subject": {"subject": sequence(), "issuer": sequence()},
    "an unknown attribute": {"subject": name(b"x", kind="1.2.3.4.5")},
    "a NUL in the name": {"subject": name(b"box\0.example")},
    "BMPString": {"subject": name("büro".encode("utf-16-be"), tag=0x1E)},
    "UniversalString": {"subject": name("büro".encode("utf-32-be"), tag=0x1C)},
    "a unique identifier of bits": {"subject": name(b"\x00\x01", tag=0x03, kind="2.5.4.45")},
    "year 1": {"not_before": tlv(0x18, b"00010101000000Z")},
    "no end (RFC 5280 4.1.2.5)": {"not_after": tlv(0x18, b"99991231235959Z")},
    "an end before the beginning": {"not_after": tlv(0x17, b"220101000000Z")},
    "an empty DNS name": {"extensions": names(tlv(0x82))},
    "a network for an address": {
        "extensions": names(tlv(0x87, bytes([10, 0, 0, 0, 255, 0, 0, 0])))
    },
    "otherName": {"extensions": names(tlv(0xA0, oid("1.2.3"), tlv(0xA0, tlv(0x0C, b"x"))))},
}


def as_pem(der: bytes) -> Material:
    return read_files(pem(der, "CERTIFICATE"), None, PASSPHRASE)


def as_der(der: bytes) -> Material:
    return read_files(der, None, PASSPHRASE)


def as_pkcs12(der: bytes) -> Material:
    bundle = crafted_pkcs12(der, plain_key_bag(a_key()), octets=lambda *b: tlv(0x04, *b))
    return read_pkcs12(bundle, PASSPHRASE)


WAYS = [as_pem, as_der, as_pkcs12]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("parts", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_certificate_that_could_not_be_shown_later_is_refused_when_it_comes_in(
    parts: dict[str, bytes], way: Callable[[bytes], Material]
) -> None:
    assert taken(way(crafted(**parts))) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("parts", ODD.values(), ids=ODD.keys())
def test_an_odd_certificate_that_is_taken_can_be_shown(
    parts: dict[str, bytes], way: Callable[[bytes], Material]
) -> None:
    certificate = taken(way(crafted(**parts)))  # type: ignore[arg-type]
    assert certificate is not None
    assert "BEGIN CERTIFICATE" in shown(certificate)


def test_a_malformed_certificate_of_a_chain_is_named_by_its_number() -> None:
    bundle = certificate_pem(LEAF) + pem(crafted(serial=integer(0)), "CERTIFICATE")
    material = read_files(bundle, key_pem(a_key()), PASSPHRASE)
    (refusal,) = material.wrong
    assert refusal.code == "certificate-malformed"
    assert "2 of 2" in refusal.message
    assert "serial number" in refusal.message


# Anything at all

PEM_BUNDLE = certificate_pem(LEAF)
PKCS12 = crafted_pkcs12(
    certificate_der(LEAF), plain_key_bag(a_key()), octets=lambda *b: tlv(0x04, *b)
)
GOOD = [
    certificate_der(LEAF),
    PEM_BUNDLE,
    key_der(a_key()),
    key_pem(a_key()),
    key_der(a_key(), PASSPHRASE),
    PEM_BUNDLE + key_pem(a_key()),
    PKCS12,
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good file with some of its bytes changed, cut out or put in."""
    data = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "cut":
                del data[at : at + draw(st.integers(1, 40))]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=20))
    return bytes(data)


@settings(deadline=5000, max_examples=300)
@given(certificate=st.binary() | mutated(), key=st.none() | st.binary() | mutated())
def test_whatever_the_files_are_they_are_taken_or_refused(
    certificate: bytes, key: bytes | None
) -> None:
    kept = taken(read_files(certificate, key, PASSPHRASE))
    if kept is not None:
        shown(kept)


@settings(deadline=5000, max_examples=300)
@given(data=st.binary() | mutated())
def test_whatever_a_pkcs12_file_is_it_is_taken_or_refused(data: bytes) -> None:
    kept = taken(read_pkcs12(data, PASSPHRASE))
    if kept is not None:
        shown(kept)


@settings(deadline=5000, max_examples=200)
@given(
    at=st.integers(0, len(certificate_der(LEAF)) - 1),
    value=st.integers(0, 255),
)
def test_a_certificate_with_one_changed_byte_is_refused_or_can_be_shown(
    at: int, value: int
) -> None:
    der = bytearray(certificate_der(LEAF))
    der[at] = value
    kept = taken(read_files(bytes(der), None, PASSPHRASE))  # checking a key takes 50 ms
    if kept is not None:
        shown(kept)
