"""Go: crypto/x509, as crypto/tls asks it."""

from __future__ import annotations

from datetime import date

from appliance.trust import extensions as ext
from appliance.trust import matching
from appliance.trust.environment import Environment, Step
from appliance.trust.names import NameMatching
from appliance.trust.paths import Search
from appliance.trust.rules import ALL, ANCHORS, AUTHORITIES, ISSUERS, LEAF, SENT
from appliance.trust.rules_form import CriticalExtensions, WellFormed, unreadable
from appliance.trust.rules_message import Message
from appliance.trust.rules_names import HostName, NameConstrained
from appliance.trust.rules_path import (
    Anchored,
    KeySize,
    SignatureAlgorithm,
    Signed,
)
from appliance.trust.rules_status import Revoked
from appliance.trust.rules_time import Validity
from appliance.trust.rules_use import (
    IssuerIsAuthority,
    IssuerKeyUsage,
    PathLength,
    Purpose,
)
from appliance.trust.verdicts import Standing
from appliance.trust.words_java_go import go_words

_SHA2 = frozenset({"SHA-256", "SHA-384", "SHA-512"})
_NIST = frozenset({"P-256", "P-384", "P-521"})


_GO = "Go, crypto/x509 Certificate.Verify"
_GO_READ = unreadable(
    ext.KEY_USAGE,
    ext.BASIC_CONSTRAINTS,
    ext.ALTERNATIVE_NAME,
    ext.NAME_CONSTRAINTS,
    ext.CRL_DISTRIBUTION_POINTS,
    ext.AUTHORITY_KEY_IDENTIFIER,
    ext.EXTENDED_KEY_USAGE,
    ext.SUBJECT_KEY_IDENTIFIER,
    ext.CERTIFICATE_POLICIES,
    ext.AUTHORITY_INFORMATION,
)
_GO_KNOWN = frozenset(code.partition(":")[2] for code in _GO_READ)
_GO_MINDS = _GO_READ | {
    "repeated",
    "version-extensions",
    "address-length",
    "address-and-mask",
    "name-not-ascii",
    "constraints-empty",
    "constraint-address",
    "relative-distribution-point",
    "algorithm-encoding",
    "key",
    "key-parameters",
}

CLIENTS = (
    Environment(
        "go",
        "Go",
        "Go 1.19, crypto/tls with SSL_CERT_FILE.",
        Standing.MEASURED,
        Search(alternative=True),
        (
            Step((Message(source="Go, crypto/tls maxHandshake; measured", most=64 * 1024),)),
            Step(
                (
                    WellFormed(
                        source="Go, crypto/x509 ParseCertificate", minds=_GO_MINDS, presented=True
                    ),
                )
            ),
            Step(
                (
                    KeySize(
                        source="RFC 8446 4.2.3, as Go offers it",
                        over=LEAF,
                        rsa=528,
                        others=frozenset({"Ed25519"}),
                    ),
                )
            ),
            Step(
                (
                    CriticalExtensions(source=_GO, over=LEAF, known=_GO_KNOWN),
                    Validity(source=_GO, over=LEAF, fractions=True),
                    HostName(
                        source="Go 1.15: the CN is not looked at",
                        since=date(2020, 8, 11),
                        matching=NameMatching(matching.go, mapped=True),
                    ),
                )
            ),
            Step((Anchored(source=_GO),)),
            Step(
                (
                    IssuerIsAuthority(source=_GO, over=ANCHORS, missing="version-1", lone=False),
                    IssuerIsAuthority(source=_GO, over=ISSUERS),
                    IssuerKeyUsage(source=_GO, empty=True, lone=False),
                    SignatureAlgorithm(
                        source="Go 1.18: SHA-1 is rejected (golang#41682)",
                        since=date(2022, 3, 15),
                        over=SENT,
                        hashes=_SHA2,
                        kinds=frozenset({"RSA", "EC", "Ed25519"}),
                    ),
                    KeySize(
                        source=_GO,
                        over=AUTHORITIES,
                        rsa=0,
                        curves=_NIST | {"P-224"},
                        others=frozenset({"Ed25519"}),
                        lone=False,
                    ),
                    Signed(source=_GO, alike="octets"),
                    CriticalExtensions(source=_GO, over=AUTHORITIES, known=_GO_KNOWN, lone=False),
                    Validity(source=_GO, over=AUTHORITIES, fractions=True, lone=False),
                    NameConstrained(
                        source=_GO,
                        below="leaf",
                        understood=frozenset({"DNS", "IP", "email", "URI"}),
                        ignored_permitted=frozenset({"DirName", "RID", "other"}),
                        ignored_excluded=frozenset({"DirName", "RID", "other"}),
                        stops=frozenset({"DirName", "RID", "other"}),
                        wildcards=False,
                        domains=True,
                        subjects=False,
                        own=True,
                        most=250_000,
                    ),
                    PathLength(source=_GO, self_issued=True),
                ),
                order="up",
            ),
            Step(
                (
                    Purpose(
                        source=_GO,
                        over=ALL,
                        purposes=frozenset({ext.SERVER_AUTH, ext.ANY_USAGE}),
                        empty=True,
                    ),
                )
            ),
            Step((Revoked(source="Go looks at no lists"),)),
        ),
        go_words,
    ),
)
