"""Cases of use: what KeyUsage, ExtendedKeyUsage and their elders say the key is for."""

from __future__ import annotations

from appliance.catalogue.recipes import (
    AUTHORITY_USAGES,
    SERVER_USAGES,
    Case,
    Extra,
    authority,
    intermediate,
    leaf,
    of_topic,
)

_case = of_topic("usages")
_UNDER = leaf(issuer="intermediate")
_SENT = ("leaf", "intermediate")
_NOT_SERVER = "It may not be used for servers."
_NETSCAPE_TYPE = "2.16.840.1.113730.1.1"
_NETSCAPE_CLIENT, _NETSCAPE_SERVER = b"\x03\x02\x07\x80", b"\x03\x02\x06\x40"


def _purposes(name: str, title: str, wrong: str, *purposes: str, critical: bool = False) -> Case:
    return _case(name, title, wrong, leaf=leaf(purposes=purposes, purposes_critical=critical))


def _usages(name: str, title: str, wrong: str, *usages: str) -> Case:
    return _case(name, title, wrong, leaf=leaf(usages=usages))


CASES: tuple[Case, ...] = (
    _case(
        "eku-missing",
        "No ExtendedKeyUsage",
        "Apple wants serverAuth to be there.",
        leaf=leaf(purposes=None),
    ),
    _purposes("eku-any", "ExtendedKeyUsage anyExtendedKeyUsage only", _NOT_SERVER, "any"),
    _purposes("eku-client-only", "ExtendedKeyUsage clientAuth only", _NOT_SERVER, "client"),
    _purposes("eku-code-only", "ExtendedKeyUsage codeSigning only", _NOT_SERVER, "code"),
    _purposes("eku-unknown-only", "ExtendedKeyUsage that nobody knows", _NOT_SERVER, "2.25.77.1"),
    _purposes(
        "eku-server-and-client", "ExtendedKeyUsage clientAuth, serverAuth", "", "client", "server"
    ),
    _purposes("eku-critical", "ExtendedKeyUsage serverAuth, critical", "", "server", critical=True),
    _purposes(
        "eku-any-critical",
        "ExtendedKeyUsage anyExtendedKeyUsage, critical",
        _NOT_SERVER,
        "any",
        critical=True,
    ),
    _purposes(
        "eku-with-ocsp",
        "ExtendedKeyUsage serverAuth, OCSPSigning",
        "A server that may sign OCSP answers.",
        "server",
        "ocsp",
    ),
    _purposes(
        "eku-step-up", "ExtendedKeyUsage Netscape step-up only", _NOT_SERVER, "netscape-step-up"
    ),
    _purposes(
        "eku-empty", "ExtendedKeyUsage without any purpose", "RFC 5280 4.2.1.12 wants at least one."
    ),
    _case(
        "ku-missing",
        "No KeyUsage",
        leaf=leaf(usages=None),
    ),
    _case(
        "ku-not-critical",
        "KeyUsage is not critical",
        "RFC 5280 4.2.1.3 recommends that it is.",
        leaf=leaf(usages_critical=False),
    ),
    _usages("ku-signature-only", "KeyUsage digitalSignature only", "", "digital_signature"),
    _usages(
        "ku-encipherment-only",
        "KeyUsage keyEncipherment only",
        "The key may not sign handshakes, which all of today's need.",
        "key_encipherment",
    ),
    _usages(
        "ku-agreement-only",
        "KeyUsage keyAgreement only",
        "The key may not sign handshakes.",
        "key_agreement",
    ),
    _usages(
        "ku-commitment-only",
        "KeyUsage nonRepudiation only",
        "The key may not sign handshakes.",
        "content_commitment",
    ),
    _usages("ku-crl-only", "KeyUsage cRLSign only", "The key may not sign handshakes.", "crl_sign"),
    _usages(
        "ku-with-cert-sign",
        "KeyUsage of a server, and keyCertSign, with CA:FALSE",
        "What is no authority may not sign certificates.",
        *SERVER_USAGES,
        "key_cert_sign",
    ),
    _usages(
        "ku-cert-sign-only",
        "KeyUsage keyCertSign and cRLSign, with CA:FALSE",
        "The key may not sign handshakes.",
        *AUTHORITY_USAGES,
    ),
    _case(
        "ca-as-server",
        "An authority (CA:TRUE) that another one issued is the server certificate",
        "An authority is used as a server certificate.",
        leaf=leaf(ca=True, usages=(*SERVER_USAGES, "key_cert_sign")),
    ),
    _case(
        "ca-as-server-no-usages",
        "The same, without KeyUsage and ExtendedKeyUsage",
        "An authority is used as a server certificate.",
        leaf=leaf(ca=True, usages=None, purposes=None),
    ),
    _case(
        "ca-as-server-signing-only",
        "The same, with KeyUsage keyCertSign and cRLSign only",
        "Its key may sign certificates, not handshakes.",
        leaf=leaf(ca=True, usages=AUTHORITY_USAGES),
    ),
    _case(
        "netscape-client",
        "Netscape's certificate type says: client",
        _NOT_SERVER,
        leaf=leaf(more=(Extra(_NETSCAPE_TYPE, _NETSCAPE_CLIENT),)),
    ),
    _case(
        "netscape-server",
        "Netscape's certificate type says: server",
        leaf=leaf(more=(Extra(_NETSCAPE_TYPE, _NETSCAPE_SERVER),)),
    ),
    _case(
        "intermediate-eku-server",
        "The intermediate authority is for servers",
        between={"intermediate": intermediate(purposes=("server",))},
        leaf=_UNDER,
        chain=_SENT,
    ),
    _case(
        "intermediate-eku-client",
        "The intermediate authority is for clients",
        "The authority may not issue for servers.",
        between={"intermediate": intermediate(purposes=("client",))},
        leaf=_UNDER,
        chain=_SENT,
    ),
    _case(
        "intermediate-eku-any",
        "The intermediate authority is for anything (anyExtendedKeyUsage)",
        between={"intermediate": intermediate(purposes=("any",))},
        leaf=_UNDER,
        chain=_SENT,
    ),
    _case(
        "root-eku-client",
        "The trusted authority is for clients",
        "The authority may not issue for servers.",
        root=authority(purposes=("client",)),
    ),
    _case(
        "root-eku-server",
        "The trusted authority is for servers",
        root=authority(purposes=("server",)),
    ),
)
