"""Cases of authorities: whether they may issue what they did (RFC 5280 4.2.1.9 to 4.2.1.11)."""

from __future__ import annotations

from typing import Any

from appliance.catalogue.recipes import (
    BARE,
    Case,
    Extra,
    Recipe,
    authority,
    intermediate,
    leaf,
    of_topic,
)

_case = of_topic("constraints")
_NO_AUTHORITY = "The issuer is not marked as an authority."
_BARE_AUTHORITY: dict[str, Any] = {**BARE, "path_length": None}


def _under(name: str, title: str, wrong: str = "", **changes: Any) -> Case:
    """A case with an intermediate that differs by `changes`, and is sent."""
    return _case(
        name,
        title,
        wrong,
        between={"intermediate": intermediate(**changes)},
        leaf=leaf(issuer="intermediate"),
        chain=("leaf", "intermediate"),
    )


def _constrained(
    name: str, title: str, wrong: str = "", *, server: Recipe | None = None, **changes: Any
) -> Case:
    """A case reached by name whose intermediate has name constraints."""
    return _case(
        name,
        title,
        wrong,
        between={"intermediate": intermediate(**changes)},
        leaf=server or leaf(issuer="intermediate", names=("DNS:{dns}",)),
        chain=("leaf", "intermediate"),
        host="{dns}",
    )


def _constrained_ip(name: str, title: str, wrong: str = "", **changes: Any) -> Case:
    """A case reached by address whose intermediate has name constraints."""
    return _case(
        name,
        title,
        wrong,
        between={"intermediate": intermediate(**changes)},
        leaf=leaf(issuer="intermediate", names=("IP:{ip}",)),
        chain=("leaf", "intermediate"),
    )


_OUTSIDE = "The name is outside what the authority may issue for."

CASES: tuple[Case, ...] = (
    _under(
        "intermediate-ca-false",
        "The intermediate says CA:FALSE",
        _NO_AUTHORITY,
        ca=False,
        path_length=None,
    ),
    _under(
        "intermediate-no-basic-constraints",
        "The intermediate has no BasicConstraints",
        _NO_AUTHORITY,
        ca=None,
    ),
    _under(
        "intermediate-v1",
        "The intermediate is of X.509 version 1, without extensions",
        _NO_AUTHORITY,
        version=1,
        **_BARE_AUTHORITY,
    ),
    _under(
        "intermediate-server-certificate",
        "A server certificate issued it",
        _NO_AUTHORITY,
        ca=False,
        path_length=None,
        usages=("digital_signature",),
        purposes=("server",),
    ),
    _under(
        "intermediate-basic-constraints-not-critical",
        "BasicConstraints of the intermediate is not critical",
        "RFC 5280 4.2.1.9 wants it to be.",
        ca_critical=False,
    ),
    _under(
        "intermediate-ku-missing",
        "The intermediate has no KeyUsage",
        "RFC 5280 4.2.1.3 wants one.",
        usages=None,
    ),
    _under(
        "intermediate-ku-no-cert-sign",
        "The intermediate may sign CRLs, but no certificates",
        "The authority's key may not sign certificates.",
        usages=("digital_signature", "crl_sign"),
    ),
    _case(
        "root-no-basic-constraints",
        "The trusted root has no BasicConstraints",
        _NO_AUTHORITY,
        root=authority(ca=None),
    ),
    _case(
        "root-ca-false", "The trusted root says CA:FALSE", _NO_AUTHORITY, root=authority(ca=False)
    ),
    _case(
        "root-v1",
        "The trusted root is of X.509 version 1, without extensions",
        "Version 1 can't say that it is an authority.",
        root=authority(version=1, **BARE),
        leaf=leaf(authority_identifier="none"),
    ),
    _case(
        "root-bare",
        "The trusted root has no extensions",
        _NO_AUTHORITY,
        root=authority(**BARE),
        leaf=leaf(authority_identifier="none"),
    ),
    _case(
        "root-basic-constraints-not-critical",
        "BasicConstraints of the root is not critical",
        "RFC 5280 4.2.1.9 wants it to be.",
        root=authority(ca_critical=False),
    ),
    _case(
        "root-ku-missing",
        "The trusted root has no KeyUsage",
        "RFC 5280 4.2.1.3 wants one.",
        root=authority(usages=None),
    ),
    _case(
        "root-ku-no-cert-sign",
        "The trusted root may sign CRLs, but no certificates",
        "The authority's key may not sign certificates.",
        root=authority(usages=("digital_signature", "crl_sign")),
    ),
    _case(
        "root-ku-not-critical",
        "KeyUsage of the root is not critical",
        "RFC 5280 4.2.1.3 recommends that it is.",
        root=authority(usages_critical=False),
    ),
    _case(
        "path-length-kept",
        "The root allows one intermediate (path length 1), and there is one",
        root=authority(path_length=1),
        between={"intermediate": intermediate()},
        leaf=leaf(issuer="intermediate"),
        chain=("leaf", "intermediate"),
    ),
    _case(
        "path-length-of-root",
        "The root allows no intermediate (path length 0), and there is one",
        "The path is longer than the root allows.",
        root=authority(path_length=0),
        between={"intermediate": intermediate()},
        leaf=leaf(issuer="intermediate"),
        chain=("leaf", "intermediate"),
    ),
    _case(
        "path-length-of-intermediate",
        "An intermediate allows no other below it (path length 0), and there is one",
        "The path is longer than an authority allows.",
        between={
            "upper": intermediate("Upper Intermediate", path_length=0),
            "intermediate": intermediate(issuer="upper", path_length=None),
        },
        leaf=leaf(issuer="intermediate"),
        chain=("leaf", "intermediate", "upper"),
    ),
    _case(
        "path-length-on-leaf",
        "The server certificate has CA:FALSE and a path length",
        "RFC 5280 4.2.1.9 allows path lengths to authorities only.",
        leaf=leaf(more=(Extra("2.5.29.19", b"\x30\x03\x02\x01\x00", critical=True),), ca=None),
    ),
    _constrained(
        "permitted-dns",
        "The authority may issue for example.test, and did",
        permitted=("DNS:example.test",),
    ),
    _constrained(
        "permitted-dns-dot",
        "The same, written with a dot in front",
        "RFC 5280 4.2.1.10 knows no dot there.",
        permitted=("DNS:.example.test",),
    ),
    _constrained(
        "permitted-dns-other",
        "The authority may issue for other.test only",
        _OUTSIDE,
        permitted=("DNS:other.test",),
    ),
    _constrained(
        "permitted-dns-other-not-critical",
        "The same, and the extension is not critical",
        _OUTSIDE,
        permitted=("DNS:other.test",),
        constraints_critical=False,
    ),
    _constrained(
        "excluded-dns",
        "The authority may not issue for example.test",
        _OUTSIDE,
        excluded=("DNS:example.test",),
    ),
    _constrained(
        "excluded-dns-other",
        "The authority may not issue for other.test",
        excluded=("DNS:other.test",),
    ),
    _constrained(
        "permitted-dns-cn-only",
        "The authority may issue for other.test only; the name is in the CN, no SAN",
        _OUTSIDE,
        server=leaf(issuer="intermediate", names=None),
        permitted=("DNS:other.test",),
    ),
    _constrained(
        "permitted-dns-wildcard",
        "The authority may issue for osbiz.example.test; the SAN is *.example.test",
        _OUTSIDE,
        server=leaf(issuer="intermediate", names=("DNS:*.{domain}",)),
        permitted=("DNS:{dns}",),
    ),
    _constrained(
        "permitted-dns-beside",
        "One of two names in the SAN is outside what the authority may issue for",
        _OUTSIDE,
        server=leaf(issuer="intermediate", names=("DNS:{dns}", "DNS:osbiz.other.test")),
        permitted=("DNS:{domain}",),
    ),
    _constrained_ip(
        "permitted-ip",
        "The authority may issue for 127.0.0.0/8, and did",
        permitted=("IP:127.0.0.0/8",),
    ),
    _constrained_ip(
        "permitted-ip-other",
        "The authority may issue for 10.0.0.0/8 only",
        _OUTSIDE,
        permitted=("IP:10.0.0.0/8",),
    ),
    _constrained_ip(
        "excluded-ip",
        "The authority may not issue for 127.0.0.0/8",
        _OUTSIDE,
        excluded=("IP:127.0.0.0/8",),
    ),
    _constrained_ip(
        "permitted-dns-for-ip",
        "The authority may issue for names in example.test; the SAN is an address",
        "",
        permitted=("DNS:example.test",),
    ),
    _case(
        "root-permitted-dns-other",
        "The trusted root itself may issue for other.test only",
        _OUTSIDE,
        root=authority(permitted=("DNS:other.test",)),
        leaf=leaf(names=("DNS:{dns}",)),
        host="{dns}",
    ),
    _case(
        "permitted-dns-malformed-beside",
        "The authority may issue for example.test; beside the right name is one that is none",
        "A name cannot begin with a dot (RFC 5280 4.2.1.6).",
        between={"intermediate": intermediate(permitted=("DNS:example.test",))},
        leaf=leaf(issuer="intermediate", names=("DNS:.{domain}", "DNS:{dns}")),
        chain=("leaf", "intermediate"),
        host="{dns}",
    ),
    _under(
        "policy-required",
        "The intermediate demands a policy, and the server certificate has none",
        "RFC 5280 6.1 wants a policy in every certificate then.",
        more=(Extra("2.5.29.36", b"\x30\x03\x80\x01\x00", critical=True),),
    ),
)
