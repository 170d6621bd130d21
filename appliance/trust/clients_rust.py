"""The verifiers written in Rust: rustls-webpki, and Python's cryptography."""

from __future__ import annotations

from appliance.trust import extensions as ext
from appliance.trust import matching
from appliance.trust.environment import Environment, Step
from appliance.trust.names import NameMatching
from appliance.trust.oracles import cryptography_says
from appliance.trust.paths import Search
from appliance.trust.rules import ALL, AUTHORITIES, ISSUERS, LEAF, SENT
from appliance.trust.rules_form import CriticalExtensions, Version, WellFormed, unreadable
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
    LeafNoAuthority,
    PathLength,
    Purpose,
)
from appliance.trust.verdicts import Standing
from appliance.trust.words_others import cryptography_words, rustls_words

_SHA2 = frozenset({"SHA-256", "SHA-384", "SHA-512"})
_NIST = frozenset({"P-256", "P-384", "P-521"})
_NONE: frozenset[str] = frozenset()


_BRAINPOOL = frozenset({"brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"})
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
_WEBPKI_MINDS = unreadable(*(_WEBPKI_KNOWN - {ext.KEY_USAGE})) | {
    *(f"repeated:{oid}" for oid in _WEBPKI_KNOWN),
    "time-early",
    "unique-identifier",
    "extended-key-usage-empty",
    "constraint-address",
    "path-length-negative",
    "path-length-large",
}

_POLICY = "cryptography, x509.verification: the default policies for servers"

_NO_CN = NameMatching(matching.leftmost)


CLIENTS = (
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
