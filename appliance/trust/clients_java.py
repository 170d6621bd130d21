"""Java: its PKIX trust manager, as HttpsURLConnection has it."""

from __future__ import annotations

from appliance.trust import extensions as ext
from appliance.trust import matching
from appliance.trust.environment import Environment, Step, Words
from appliance.trust.matching import Matcher
from appliance.trust.names import NameMatching
from appliance.trust.paths import OrderedFirst, Search
from appliance.trust.rules import ALL, ANCHORS, AUTHORITIES, ISSUERS, LEAF, SENT
from appliance.trust.rules_form import CriticalExtensions, IssuerNamed, WellFormed, unreadable
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
    NetscapeType,
    PathLength,
    Purpose,
)
from appliance.trust.verdicts import Standing
from appliance.trust.words_java_go import java_25_words, java_words

_SHA2 = frozenset({"SHA-256", "SHA-384", "SHA-512"})
_NIST = frozenset({"P-256", "P-384", "P-521"})
_NONE: frozenset[str] = frozenset()


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


_KINDS = frozenset({"RSA", "EC", "DSA", "Ed25519", "Ed448"})


def java_steps(
    dns: Matcher,
    *,
    strictly_read: frozenset[str] = _NONE,
    sha224: bool = True,
    kinds: frozenset[str] = _KINDS,
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
                    critically=unreadable(*ext.READERS),
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
                    kinds=kinds,
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
            strictly_read=unreadable(ext.ALTERNATIVE_NAME, ext.EXTENDED_KEY_USAGE)
            | {"names-empty"},
            sha224=False,
            kinds=_KINDS - {"DSA"},  # measured: SHA256withDSA fails its algorithm constraints
        ),
        java_25_words,
    ),
)
