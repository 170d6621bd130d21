"""Cases of form: serial numbers, versions, extensions that few know."""

from __future__ import annotations

from appliance.catalogue.recipes import (
    BARE,
    Case,
    Extra,
    authority,
    intermediate,
    leaf,
    of_topic,
)
from store.asn1 import NULL, integer, octet_string, oid, sequence, tlv

_case = of_topic("oddities")
_NOBODY_KNOWS = "2.25.77.2"


def _serial(name: str, serial: int, title: str, wrong: str = "") -> Case:
    return _case(name, title, wrong, leaf=leaf(serial=serial))


def _extra(name: str, title: str, wrong: str, *extras: Extra) -> Case:
    return _case(name, title, wrong, leaf=leaf(more=extras))


def _large(name: str, kilobytes: int, wrong: str = "") -> Case:
    filling = Extra(_NOBODY_KNOWS, octet_string(bytes(kilobytes * 1000)))
    return _extra(name, f"A certificate of {kilobytes} kB", wrong, filling)


def _feature(number: int) -> Extra:
    """The TLS feature extension (RFC 7633), asking for one."""
    return Extra("1.3.6.1.5.5.7.1.24", sequence(integer(number)))


_PLACE = tlv(0x86, b"http://127.0.0.1:9/list.crl")

CASES: tuple[Case, ...] = (
    _serial("serial-one", 1, "Serial number 1"),
    _serial(
        "serial-20-octets", (1 << 158) + 7, "Serial number of 20 octets, the most there may be"
    ),
    _serial("serial-zero", 0, "Serial number 0", "RFC 5280 4.1.2.2 wants a positive number."),
    _serial(
        "serial-negative", -77, "Serial number -77", "RFC 5280 4.1.2.2 wants a positive number."
    ),
    _serial(
        "serial-21-octets",
        (1 << 166) + 7,
        "Serial number of 21 octets",
        "RFC 5280 4.1.2.2 allows 20.",
    ),
    _case(
        "serial-of-authority",
        "Authority and server certificate have the same issuer and serial number",
        "Issuer and serial number must name one certificate.",
        root=authority(serial=7),
        leaf=leaf(serial=7),
    ),
    _case(
        "serial-of-authority-sent",
        "The same, and the authority is sent as well",
        "Issuer and serial number must name one certificate.",
        root=authority(serial=7),
        leaf=leaf(serial=7),
        chain=("leaf", "root"),
    ),
    _case(
        "serial-of-intermediate",
        "Intermediate and server certificate have the same serial number, of two issuers",
        between={"intermediate": intermediate(serial=7)},
        leaf=leaf(issuer="intermediate", serial=7),
        chain=("leaf", "intermediate"),
    ),
    _case(
        "serial-of-other-sent",
        "Another certificate of the same issuer and serial number is sent",
        "Issuer and serial number must name one certificate.",
        between={"other": leaf(names=("DNS:other.example.test",), serial=7)},
        leaf=leaf(serial=7),
        chain=("leaf", "other"),
    ),
    _case(
        "version-1",
        "X.509 version 1, the name in the CN",
        "Version 1 has no extensions, so no SAN.",
        leaf=leaf(version=1, **BARE),
        host="{dns}",
    ),
    _case(
        "version-1-with-extensions",
        "X.509 version 1, with extensions all the same",
        "RFC 5280 4.1.2.1 wants version 3 then.",
        leaf=leaf(version=1),
    ),
    _case(
        "version-3-bare",
        "X.509 version 3 without extensions, the name in the CN",
        "There is no SAN.",
        leaf=leaf(**BARE),
        host="{dns}",
    ),
    _case(
        "san-only",
        "With SAN and AKI, and no other extension",
        leaf=leaf(ca=None, usages=None, purposes=None, key_identifier=False),
    ),
    _case("basic-constraints-missing", "No BasicConstraints", leaf=leaf(ca=None)),
    _case(
        "basic-constraints-not-critical",
        "BasicConstraints CA:FALSE, not critical",
        leaf=leaf(ca_critical=False),
    ),
    _extra(
        "unknown-critical",
        "A critical extension that nobody knows",
        "RFC 5280 4.2 has it refused.",
        Extra(_NOBODY_KNOWS, NULL, critical=True),
    ),
    _extra(
        "unknown-not-critical",
        "An extension that nobody knows, not critical",
        "",
        Extra(_NOBODY_KNOWS, NULL),
    ),
    _case(
        "unknown-critical-in-intermediate",
        "A critical extension that nobody knows, in the intermediate",
        "RFC 5280 4.2 has it refused.",
        between={"intermediate": intermediate(more=(Extra(_NOBODY_KNOWS, NULL, critical=True),))},
        leaf=leaf(issuer="intermediate"),
        chain=("leaf", "intermediate"),
    ),
    _case(
        "unknown-critical-in-root",
        "A critical extension that nobody knows, in the trusted root",
        "RFC 5280 4.2 has it refused.",
        root=authority(more=(Extra(_NOBODY_KNOWS, NULL, critical=True),)),
    ),
    _extra(
        "extension-twice",
        "The subject key identifier is there twice",
        "RFC 5280 4.2 allows each extension once.",
        Extra("2.5.29.14", octet_string(bytes(20))),
    ),
    _extra(
        "precertificate",
        "A precertificate, made for Certificate Transparency logs only (RFC 6962)",
        "Its critical poison extension has it refused.",
        Extra("1.3.6.1.4.1.11129.2.4.3", NULL, critical=True),
    ),
    _extra(
        "policy-any",
        "It has a certificate policy of its own",
        "",
        Extra("2.5.29.32", sequence(sequence(oid("2.25.77.3")))),
    ),
    _large("large", 12),
    _large("large-33", 33, "Java takes 32 kB of certificates."),
    _large("large-66", 66, "TLS libraries bound what they take."),
    _large("large-110", 110, "TLS libraries bound what they take."),
    _case(
        "eleven-sent",
        "Eleven certificates are sent, ten of which have nothing to do with it",
        between={f"other-{number}": intermediate(f"Other {number}") for number in range(10)},
        chain=("leaf", *(f"other-{number}" for number in range(10))),
    ),
    _extra(
        "crl-place-critical",
        "Where its revocation list is, in a critical extension",
        "",
        Extra("2.5.29.31", sequence(sequence(tlv(0xA0, tlv(0xA0, _PLACE)))), critical=True),
    ),
    _extra(
        "netscape-type-critical",
        "A Netscape certificate type for servers, critical",
        "",
        Extra("2.16.840.1.113730.1.1", tlv(0x03, b"\x06\x40"), critical=True),
    ),
    _extra(
        "tls-feature-unknown",
        "It asks for a TLS feature that is no more: several stapled answers (RFC 6961)",
        "",
        _feature(17),
    ),
    _case(
        "tls-feature-of-issuer",
        "The intermediate asks for stapled answers, and the certificate does not",
        "RFC 7633 4.2.2 wants it to ask for what its issuer asks for.",
        between={"intermediate": intermediate(more=(_feature(5),))},
        leaf=leaf(issuer="intermediate"),
        chain=("leaf", "intermediate"),
    ),
)
