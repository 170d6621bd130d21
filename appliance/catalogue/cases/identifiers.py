"""Cases of finding the issuer: names, and key identifiers (RFC 5280 4.2.1.1 and 4.2.1.2)."""

from __future__ import annotations

from appliance.catalogue.recipes import Case, Extra, authority, leaf, of_topic
from store.asn1 import sequence, tlv

_case = of_topic("identifiers")

CASES: tuple[Case, ...] = (
    _case(
        "same-subject-as-authority",
        "Authority and server certificate have the same subject, with key identifiers",
        "Issuer and subject are the same, as in a self-signed certificate.",
        root=authority("{dns}"),
        host="{dns}",
    ),
    _case(
        "same-subject-no-identifiers",
        "The same, without key identifiers",
        "Issuer and subject are the same, and nothing says that it is not self-signed.",
        root=authority("{dns}", key_identifier=False),
        leaf=leaf(authority_identifier="none", key_identifier=False),
        host="{dns}",
    ),
    _case(
        "identifiers-missing",
        "The server certificate has neither SKI nor AKI",
        "RFC 5280 4.2.1.1 wants an authority key identifier.",
        leaf=leaf(key_identifier=False, authority_identifier="none"),
    ),
    _case(
        "authority-identifier-missing",
        "The server certificate has no authority key identifier (AKI)",
        "RFC 5280 4.2.1.1 wants one.",
        leaf=leaf(authority_identifier="none"),
    ),
    _case(
        "subject-identifier-missing",
        "The server certificate has no subject key identifier (SKI)",
        "RFC 5280 4.2.1.2 recommends one.",
        leaf=leaf(key_identifier=False),
    ),
    _case(
        "authority-without-identifier",
        "The authority has no subject key identifier (SKI)",
        "RFC 5280 4.2.1.2 wants one.",
        root=authority(key_identifier=False),
        leaf=leaf(authority_identifier="none"),
    ),
    _case(
        "authority-identifier-wrong",
        "The authority key identifier (AKI) is of another key",
        "The AKI does not equal the authority's SKI.",
        leaf=leaf(authority_identifier="wrong-key"),
    ),
    _case(
        "authority-identifier-by-serial",
        "The AKI names the authority by issuer and serial number",
        leaf=leaf(authority_identifier="issuer-serial"),
    ),
    _case(
        "authority-identifier-wrong-serial",
        "The AKI names another serial number than the authority's",
        "The AKI does not fit the authority: it was renewed, perhaps.",
        leaf=leaf(authority_identifier="wrong-issuer-serial"),
    ),
    _case(
        "issuer-other-string-type",
        "The issuer is written in another string type than the authority's subject",
        "PrintableString against UTF8String: the same by RFC 5280 7.1, other bytes.",
        leaf=leaf(issuer_text="printable"),
    ),
    _case(
        "issuer-other-case",
        "The issuer is written in other letters than the authority's subject",
        "ROOT against Root: the same by RFC 5280 7.1, other bytes.",
        leaf=leaf(issuer_name="ROOT"),
    ),
    _case(
        "root-identifier-halved",
        "The AKI of the trusted root names a serial number and no issuer",
        "RFC 5280 4.2.1.1 wants both or neither.",
        root=authority(serial=7, more=(Extra("2.5.29.35", sequence(tlv(0x82, b"\x07"))),)),
    ),
)
