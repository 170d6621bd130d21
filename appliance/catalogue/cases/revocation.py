"""Cases of revocation: what the certificate points to, and what is found there."""

from __future__ import annotations

from appliance.catalogue.recipes import Case, Extra, leaf, of_topic

_case = of_topic("revocation")
_UNSEEN = "Whether it is revoked can't be seen."
_REVOKED = "It has been revoked."
_STAPLE = (Extra("1.3.6.1.5.5.7.1.24", b"\x30\x03\x02\x01\x05"),)  # RFC 7633: status_request

CASES: tuple[Case, ...] = (
    _case(
        "crl-unreachable",
        "It names a revocation list that can't be had",
        _UNSEEN,
        leaf=leaf(crl=True),
    ),
    _case(
        "crl-revoked",
        "It is in the revocation list that it names",
        _REVOKED,
        leaf=leaf(crl=True),
        revocation="listed",
    ),
    _case(
        "ocsp-unreachable",
        "It names an OCSP responder that can't be reached",
        _UNSEEN,
        leaf=leaf(ocsp=True),
    ),
    _case(
        "ocsp-revoked",
        "The OCSP responder that it names says that it is revoked",
        _REVOKED,
        leaf=leaf(ocsp=True),
        revocation="answered",
    ),
    _case(
        "staple-good",
        "The server staples an OCSP answer: good",
        leaf=leaf(ocsp=True),
        revocation="stapled-good",
    ),
    _case(
        "staple-revoked",
        "The server staples an OCSP answer: revoked",
        _REVOKED,
        leaf=leaf(ocsp=True),
        revocation="stapled-revoked",
    ),
    _case(
        "staple-stale",
        "The server staples an OCSP answer that ended a week ago",
        "The answer is out of date.",
        leaf=leaf(ocsp=True),
        revocation="stapled-stale",
    ),
    _case(
        "must-staple",
        "It demands a stapled OCSP answer (RFC 7633), and there is none",
        "The server must staple an OCSP answer.",
        leaf=leaf(ocsp=True, more=_STAPLE),
    ),
    _case(
        "must-staple-good",
        "It demands a stapled OCSP answer, and there is one: good",
        leaf=leaf(ocsp=True, more=_STAPLE),
        revocation="stapled-good",
    ),
)
