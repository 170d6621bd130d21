"""The libraries that search for a path: Java, Go, rustls, and Python's cryptography."""

from __future__ import annotations

from datetime import date

from appliance.trust import extensions as ext
from appliance.trust import matching
from appliance.trust.environment import Environment, Step, Words
from appliance.trust.matching import Matcher
from appliance.trust.names import NameMatching
from appliance.trust.oracles import cryptography_says
from appliance.trust.paths import OrderedFirst, Search
from appliance.trust.rules import ALL, ANCHORS, AUTHORITIES, ISSUERS, LEAF, SENT
from appliance.trust.rules_form import CriticalExtensions, IssuerNamed, Version, WellFormed
from appliance.trust.rules_message import Message
from appliance.trust.rules_names import HostName, NameConstrained
from appliance.trust.rules_path import (
    Anchored,
    KeyIdentifiers,
    KeySize,
    SignatureAlgorithm,
    Signed,
)
from appliance.trust.rules_status import Policies, Revoked
from appliance.trust.rules_time import Validity
from appliance.trust.rules_use import (
    IssuerIsAuthority,
    IssuerKeyUsage,
    LeafKeyUsage,
    LeafNoAuthority,
    NetscapeType,
    PathLength,
    Purpose,
)
from appliance.trust.verdicts import Standing
from appliance.trust.words_java_go import go_words, java_25_words, java_words
from appliance.trust.words_others import cryptography_words, rustls_words

_SHA2 = frozenset({"SHA-256", "SHA-384", "SHA-512"})
_NIST = frozenset({"P-256", "P-384", "P-521"})
_NONE: frozenset[str] = frozenset()


def _reads(*oids: str) -> frozenset[str]:
    return frozenset(f"extension:{oid}" for oid in oids)


# Java

_PKIX = "Java, PKIX CertPathValidator and X509TrustManagerImpl"
_DISABLED = "java.security, jdk.certpath.disabledAlgorithms"
_JAVA_KNOWN = frozenset(
    {
        ext.BASIC_CONSTRAINTS,
        ext.KEY_USAGE,
        ext.EXTENDED_KEY_USAGE,
        ext.ALTERNATIVE_NAME,
        ext.NAME_CONSTRAINTS,
        ext.CERTIFICATE_POLICIES,
        ext.POLICY_MAPPINGS,
        ext.POLICY_CONSTRAINTS,
        ext.INHIBIT_ANY_POLICY,
    }
)
_JAVA_PURPOSES = frozenset({ext.SERVER_AUTH, ext.ANY_USAGE, ext.NETSCAPE_SGC, ext.MICROSOFT_SGC})
_JAVA_MINDS = frozenset(
    {
        "repeated",
        "version-extensions",
        "names-not-critical",
        "address-length",
        "key",
        "constraint-mailbox-empty",
    }
)


def java_steps(
    dns: Matcher, *, strictly_read: frozenset[str] = _NONE, sha224: bool = True
) -> tuple[Step, ...]:
    """The checks of Java's PKIX trust manager; a leaf that is itself trusted is looked at for
    its name alone."""
    return (
        Step(
            (
                Message(
                    source="Java, jdk.tls.maxHandshakeMessageSize and maxCertificateChainLength; "
                    "measured",
                    most=32 * 1024,
                    certificates=10,
                ),
            )
        ),
        Step(
            (
                WellFormed(
                    source="Java, X509CertImpl",
                    minds=_JAVA_MINDS | strictly_read,
                    critically=_reads(*ext.READERS),
                    presented=True,
                ),
                IssuerNamed(source="Java, X509CertImpl", over=ALL),
            )
        ),
        Step(
            (KeySize(source="RFC 8446 4.2.3, as Java offers it", over=LEAF, rsa=528, curves=_NIST),)
        ),
        Step((Anchored(source=_PKIX),)),
        Step(
            (
                IssuerIsAuthority(
                    source="Java, jdk.security.allowNonCaAnchor is off",
                    over=ANCHORS,
                    missing="version-1",
                    lone=False,
                ),
                IssuerKeyUsage(source=_PKIX, over=ANCHORS, lone=False),
            )
        ),
        Step((KeyIdentifiers(source="Java, AdaptableX509CertSelector", over=SENT, last=True),)),
        Step(
            (
                KeySize(
                    source=_DISABLED, over=ALL, rsa=1024, dsa=1024, curves=_ANY_CURVE, lone=False
                ),
                KeySize(
                    source="Java 16 and later: other curves are gone (JDK-8235710)",
                    over=AUTHORITIES,
                    rsa=0,
                    dsa=0,
                    curves=_NIST,
                    lone=False,
                ),
                SignatureAlgorithm(
                    source=f"{_DISABLED}: SHA-1 only under the JDK's own roots",
                    over=SENT,
                    hashes=_SHA2 | {"SHA-1", "SHAKE256"} | ({"SHA-224"} if sha224 else set()),
                ),
                Validity(source=_PKIX, over=SENT, fractions=True, lone=False),
                Signed(source=_PKIX),
                IssuerIsAuthority(source=_PKIX, over=ISSUERS),
                PathLength(source=_PKIX, over=ISSUERS),
                IssuerKeyUsage(source=_PKIX, over=ISSUERS),
                NameConstrained(source=_PKIX, over=ISSUERS, wildcards=False, common_name="host"),
                WellFormed(
                    source=_PKIX, over=ISSUERS, minds=frozenset({"constraint-domain-empty"})
                ),
                CriticalExtensions(source=_PKIX, over=SENT, known=_JAVA_KNOWN, lone=False),
            ),
            order="down",
        ),
        Step((Policies(source=_PKIX),)),
        Step(
            (
                LeafKeyUsage(
                    source="Java, EndEntityChecker: TLS 1.3 is signed",
                    any_of=frozenset({"digitalSignature"}),
                    lone=False,
                ),
                Purpose(source="Java, EndEntityChecker", purposes=_JAVA_PURPOSES, lone=False),
                NetscapeType(source="Java, EndEntityChecker", lone=False),
            )
        ),
        Step((Revoked(source="off unless asked for"),)),
        Step(
            (
                HostName(
                    source="Java, sun.security.util.HostnameChecker",
                    matching=NameMatching(dns, common_name="last", mapped=True),
                ),
            )
        ),
    )


_BRAINPOOL = frozenset({"brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"})
_ANY_CURVE = _NIST | _BRAINPOOL | {"P-224", "secp256k1"}
_JAVA_BUILDER = OrderedFirst(Search(names="java", anchor_names="java", most=5))

# Go

_GO = "Go, crypto/x509 Certificate.Verify"
_GO_READ = _reads(
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

# rustls

_WEBPKI = "rustls-webpki 0.103"
_WEBPKI_KNOWN = frozenset(
    {
        ext.KEY_USAGE,
        ext.ALTERNATIVE_NAME,
        ext.BASIC_CONSTRAINTS,
        ext.NAME_CONSTRAINTS,
        ext.CRL_DISTRIBUTION_POINTS,
        ext.EXTENDED_KEY_USAGE,
    }
)
_WEBPKI_MINDS = _reads(*(_WEBPKI_KNOWN - {ext.KEY_USAGE})) | {
    *(f"repeated:{oid}" for oid in _WEBPKI_KNOWN),
    "time-early",
    "unique-identifier",
    "extended-key-usage-empty",
    "constraint-address",
    "path-length-negative",
    "path-length-large",
}

# cryptography

_POLICY = "cryptography, x509.verification: the default policies for servers"

_NO_CN = NameMatching(matching.leftmost)


def _java(
    identity: str,
    title: str,
    about: str,
    standing: Standing,
    steps: tuple[Step, ...],
    words: Words = java_words,
) -> Environment:
    return Environment(identity, title, about, standing, _JAVA_BUILDER, steps, words)


CLIENTS = (
    _java(
        "java-8",
        "Java 8",
        "As Java 17, of which the rules were taken back to Java 8.",
        Standing.PUBLISHED,
        java_steps(matching.java),
    ),
    _java(
        "java-17",
        "Java 17",
        "OpenJDK 17 of Debian 12, HttpsURLConnection.",
        Standing.MEASURED,
        java_steps(matching.java),
    ),
    _java(
        "java-25",
        "Java 25",
        "Temurin 25, HttpsURLConnection.",
        Standing.MEASURED,
        java_steps(
            matching.java_leftmost,
            strictly_read=_reads(ext.ALTERNATIVE_NAME, ext.EXTENDED_KEY_USAGE) | {"names-empty"},
            sha224=False,
        ),
        java_25_words,
    ),
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
    Environment(
        "rustls",
        "rustls (Deno)",
        "Deno 2.9 with rustls 0.23 and rustls-webpki 0.103.",
        Standing.MEASURED,
        Search(leaf=False, self_issuer=True, most=6),
        (
            Step((Message(source="rustls: a handshake message; measured", most=0xFFFF),)),
            Step(
                (
                    KeySize(
                        source="RFC 8446 4.2.3, as rustls offers it",
                        over=LEAF,
                        rsa=528,
                        others=frozenset({"Ed25519"}),
                    ),
                )
            ),
            Step((Version(source=_WEBPKI, over=SENT),)),
            Step((WellFormed(source=_WEBPKI, over=SENT, minds=_WEBPKI_MINDS),)),
            Step((CriticalExtensions(source=_WEBPKI, over=SENT, known=_WEBPKI_KNOWN),)),
            Step((Signed(source=_WEBPKI, alike="octets"),), order="down"),
            Step(
                (
                    Validity(
                        source="rustls-webpki 0.103: an anchor's own validity is ignored",
                        over=SENT,
                        ordered=True,
                    ),
                    LeafNoAuthority(source="rustls/webpki#205"),
                    IssuerIsAuthority(source=_WEBPKI, over=ISSUERS),
                    PathLength(source=_WEBPKI, over=ISSUERS, self_issued=True),
                    Purpose(source=_WEBPKI, over=SENT),
                ),
                order="up",
            ),
            Step((Anchored(source=_WEBPKI),)),
            Step(
                (
                    SignatureAlgorithm(
                        source=_WEBPKI,
                        over=SENT,
                        hashes=_SHA2,
                        kinds=frozenset({"RSA", "EC", "Ed25519"}),
                    ),
                    KeySize(
                        source="rustls, RSA_PKCS1_2048_8192_SHA256 and its like",
                        over=ALL,
                        rsa=2048,
                        rsa_most=8192,
                        curves=_NIST,
                        others=frozenset({"Ed25519"}),
                    ),
                )
            ),
            Step(
                (
                    NameConstrained(
                        source=_WEBPKI,
                        understood=frozenset({"DNS", "IP"}),
                        self_issued=True,
                        strictly_read=True,
                        most=250_000,
                    ),
                )
            ),
            Step((HostName(source=_WEBPKI, matching=NameMatching(matching.webpki)),)),
            Step((Revoked(source="only with lists given"),)),
        ),
        rustls_words,
    ),
    Environment(
        "cryptography",
        "Python cryptography",
        "cryptography's x509.verification itself, the version that this program runs on.",
        Standing.MEASURED,
        Search(most=8),
        (
            Step((Anchored(source=_POLICY),)),
            Step((Validity(source=_POLICY),)),
            Step((HostName(source=_POLICY, matching=_NO_CN),)),
            Step((LeafNoAuthority(source=_POLICY),)),
            Step((IssuerIsAuthority(source=_POLICY),)),
            Step((IssuerKeyUsage(source=_POLICY),)),
            Step((PathLength(source=_POLICY),)),
            Step((Purpose(source=_POLICY, over=LEAF),)),
            Step((KeySize(source=_POLICY, over=AUTHORITIES, rsa=2048, others=_NONE),)),
            Step((SignatureAlgorithm(source=_POLICY, over=SENT, hashes=_SHA2),)),
            Step((Version(source=_POLICY, over=ALL),)),
            Step((NameConstrained(source=_POLICY),)),
            Step((Signed(source=_POLICY),)),
        ),
        cryptography_words,
        oracle=cryptography_says,
        transport=(
            Step(
                (
                    Message(source="OpenSSL, which made the connection; measured", most=100 * 1024),
                    KeySize(
                        source="OpenSSL 3.0, which made the connection; measured",
                        over=LEAF,
                        rsa=528,
                        curves=_NIST | _BRAINPOOL,
                    ),
                )
            ),
        ),
    ),
)
