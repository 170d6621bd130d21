"""The extensions that path validation looks at, each read by itself.

One that can't be read spoils nothing else: whether a client minds is for its rules to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from appliance.trust.der import (
    BIT_STRING,
    BOOLEAN,
    INTEGER,
    NULL,
    OCTET_STRING,
    OID,
    SEQUENCE,
    Malformed,
    bits,
    boolean,
    elements,
    expect,
    integer,
    members,
    oid,
    only,
)
from appliance.trust.naming import GeneralName, general_name

SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
ALTERNATIVE_NAME = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"
NAME_CONSTRAINTS = "2.5.29.30"
CRL_DISTRIBUTION_POINTS = "2.5.29.31"
CERTIFICATE_POLICIES = "2.5.29.32"
POLICY_MAPPINGS = "2.5.29.33"
AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"
POLICY_CONSTRAINTS = "2.5.29.36"
EXTENDED_KEY_USAGE = "2.5.29.37"
INHIBIT_ANY_POLICY = "2.5.29.54"
AUTHORITY_INFORMATION = "1.3.6.1.5.5.7.1.1"
TLS_FEATURE = "1.3.6.1.5.5.7.1.24"
NETSCAPE_TYPE = "2.16.840.1.113730.1.1"
PRECERTIFICATE_POISON = "1.3.6.1.4.1.11129.2.4.3"

# For people; the others are shown as numbers.
TITLES = {
    SUBJECT_KEY_IDENTIFIER: "subject key identifier",
    KEY_USAGE: "key usage",
    ALTERNATIVE_NAME: "subject alternative name",
    BASIC_CONSTRAINTS: "basic constraints",
    NAME_CONSTRAINTS: "name constraints",
    CRL_DISTRIBUTION_POINTS: "CRL distribution points",
    CERTIFICATE_POLICIES: "certificate policies",
    POLICY_MAPPINGS: "policy mappings",
    AUTHORITY_KEY_IDENTIFIER: "authority key identifier",
    POLICY_CONSTRAINTS: "policy constraints",
    EXTENDED_KEY_USAGE: "extended key usage",
    INHIBIT_ANY_POLICY: "inhibit any-policy",
    AUTHORITY_INFORMATION: "authority information access",
    TLS_FEATURE: "TLS feature",
    NETSCAPE_TYPE: "Netscape certificate type",
    PRECERTIFICATE_POISON: "precertificate poison",
}

SERVER_AUTH, CLIENT_AUTH = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
ANY_USAGE = "2.5.29.37.0"
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
NETSCAPE_SGC, MICROSOFT_SGC = "2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.3"
PURPOSES = {
    SERVER_AUTH: "serverAuth",
    CLIENT_AUTH: "clientAuth",
    ANY_USAGE: "anyExtendedKeyUsage",
    OCSP_SIGNING: "OCSPSigning",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    NETSCAPE_SGC: "Netscape SGC",
    MICROSOFT_SGC: "Microsoft SGC",
}
ANY_POLICY = "2.5.29.32.0"

_USAGES = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)


class Extension(NamedTuple):
    """One extension as it stands in the certificate."""

    oid: str
    critical: bool
    value: bytes


class Basic(NamedTuple):
    """BasicConstraints. path_length: None without a limit. default: cA FALSE is written out."""

    ca: bool
    path_length: int | None
    default: bool = False


class Constraints(NamedTuple):
    """NameConstraints. sized: whether a subtree has a minimum or a maximum."""

    permitted: tuple[GeneralName, ...]
    excluded: tuple[GeneralName, ...]
    sized: bool = False


class Authority(NamedTuple):
    """AuthorityKeyIdentifier; each part None when it is not there."""

    key: bytes | None
    issuer: bytes | None
    serial: int | None


class PolicyLimits(NamedTuple):
    """PolicyConstraints: after how many certificates each begins to hold; None for never."""

    explicit: int | None
    mapping: int | None


def basic_constraints(value: bytes) -> Basic:
    """2.5.29.19 (RFC 5280 4.2.1.9)."""
    found = members(value)
    ca, default, length = False, False, None
    if found and found[0].tag == BOOLEAN:
        ca = boolean(found.pop(0).content)
        default = not ca
    if found and found[0].tag == INTEGER:
        length = integer(found.pop(0).content)
    if found:
        raise Malformed("there is more than a flag and a length")
    return Basic(ca, length, default)


def key_usage(value: bytes) -> frozenset[str]:
    """2.5.29.15 (RFC 5280 4.2.1.3)."""
    found = bits(only(value, BIT_STRING))
    return frozenset(name for number, name in enumerate(_USAGES) if number in found)


def extended_key_usage(value: bytes) -> tuple[str, ...]:
    """2.5.29.37 (RFC 5280 4.2.1.12); may be empty, which it must not."""
    return tuple(oid(expect(one, OID)) for one in members(value))


def alternative_names(value: bytes) -> tuple[GeneralName, ...]:
    """2.5.29.17 (RFC 5280 4.2.1.6); may be empty, which it must not."""
    return tuple(general_name(one.tag, one.content) for one in members(value))


def name_constraints(value: bytes) -> Constraints:
    """2.5.29.30 (RFC 5280 4.2.1.10)."""
    subtrees: dict[int, list[GeneralName]] = {0xA0: [], 0xA1: []}
    sized = False
    for part in members(value):
        if part.tag not in subtrees:
            raise Malformed("neither permitted nor excluded subtrees")
        for subtree in elements(part.content):
            base, *limits = elements(expect(subtree, SEQUENCE))
            sized = sized or bool(limits)
            subtrees[part.tag].append(general_name(base.tag, base.content))
    return Constraints(tuple(subtrees[0xA0]), tuple(subtrees[0xA1]), sized)


def subject_key_identifier(value: bytes) -> bytes:
    """2.5.29.14 (RFC 5280 4.2.1.2)."""
    return only(value, OCTET_STRING)


def authority_key_identifier(value: bytes) -> Authority:
    """2.5.29.35 (RFC 5280 4.2.1.1); of the issuer's names, the first that is a DN."""
    key = issuer = serial = None
    for part in members(value):
        if part.tag == 0x80:
            key = part.content
        elif part.tag == 0xA1:
            names = (general_name(one.tag, one.content) for one in elements(part.content))
            issuer = next((name.content for name in names if name.kind == "DirName"), None)
        elif part.tag == 0x82:
            serial = integer(part.content)
        else:
            raise Malformed("an unknown part")
    return Authority(key, issuer, serial)


def certificate_policies(value: bytes) -> tuple[str, ...]:
    """2.5.29.32 (RFC 5280 4.2.1.4): the policies without their qualifiers."""
    found = []
    for one in members(value):
        parts = elements(expect(one, SEQUENCE))
        if not parts:
            raise Malformed("a policy is not named")
        found.append(oid(expect(parts[0], OID)))
    if not found or len(set(found)) != len(found):
        raise Malformed("there is no policy, or one twice")
    return tuple(found)


def policy_mappings(value: bytes) -> tuple[tuple[str, str], ...]:
    """2.5.29.33 (RFC 5280 4.2.1.5): pairs of issuer's and subject's policy."""
    found = []
    for one in members(value):
        parts = elements(expect(one, SEQUENCE))
        if len(parts) != 2:
            raise Malformed("a mapping is no pair")
        found.append((oid(expect(parts[0], OID)), oid(expect(parts[1], OID))))
    return tuple(found)


def policy_constraints(value: bytes) -> PolicyLimits:
    """2.5.29.36 (RFC 5280 4.2.1.11)."""
    explicit = mapping = None
    for part in members(value):
        if part.tag == 0x80:
            explicit = integer(part.content)
        elif part.tag == 0x81:
            mapping = integer(part.content)
        else:
            raise Malformed("an unknown part")
    return PolicyLimits(explicit, mapping)


def inhibit_any_policy(value: bytes) -> int:
    """2.5.29.54 (RFC 5280 4.2.1.14)."""
    return integer(only(value, INTEGER))


def tls_features(value: bytes) -> tuple[int, ...]:
    """1.3.6.1.5.5.7.1.24 (RFC 7633): numbers of TLS extensions; 5 asks for a stapled OCSP."""
    return tuple(integer(expect(one, INTEGER)) for one in members(value))


def netscape_type(value: bytes) -> frozenset[int]:
    """2.16.840.1.113730.1.1: bit 0 client, 1 server, 5 TLS authority."""
    return bits(only(value, BIT_STRING))


def distribution_points(value: bytes) -> bool:
    """2.5.29.31 (RFC 5280 4.2.1.13): whether all points have full names, or none at all."""
    full = True
    for one in members(value):
        for part in elements(expect(one, SEQUENCE)):
            if part.tag == 0xA0:
                full = full and all(name.tag == 0xA0 for name in elements(part.content))
    return full


def _information(value: bytes) -> bytes:
    for one in members(value):
        parts = elements(expect(one, SEQUENCE))
        if len(parts) != 2:
            raise Malformed("an access description is no pair")
    return value


def _poison(value: bytes) -> bytes:
    return only(value, NULL)


READERS: dict[str, Callable[[bytes], object]] = {
    SUBJECT_KEY_IDENTIFIER: subject_key_identifier,
    KEY_USAGE: key_usage,
    ALTERNATIVE_NAME: alternative_names,
    BASIC_CONSTRAINTS: basic_constraints,
    NAME_CONSTRAINTS: name_constraints,
    CRL_DISTRIBUTION_POINTS: distribution_points,
    CERTIFICATE_POLICIES: certificate_policies,
    POLICY_MAPPINGS: policy_mappings,
    AUTHORITY_KEY_IDENTIFIER: authority_key_identifier,
    POLICY_CONSTRAINTS: policy_constraints,
    EXTENDED_KEY_USAGE: extended_key_usage,
    INHIBIT_ANY_POLICY: inhibit_any_policy,
    AUTHORITY_INFORMATION: _information,
    TLS_FEATURE: tls_features,
    NETSCAPE_TYPE: netscape_type,
    PRECERTIFICATE_POISON: _poison,
}


def read_extensions(data: bytes) -> list[Extension]:
    """The extensions of a TBSCertificate's [3], as they stand there. Malformed: at the first
    whose frame can't be read."""
    found = []
    for one in members(data):
        parts = elements(expect(one, SEQUENCE))
        critical = len(parts) == 3 and boolean(expect(parts[1], BOOLEAN))
        if len(parts) not in (2, 3):
            raise Malformed("an extension has not two or three parts")
        found.append(
            Extension(oid(expect(parts[0], OID)), critical, expect(parts[-1], OCTET_STRING))
        )
    return found
