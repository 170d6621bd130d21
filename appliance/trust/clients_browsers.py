"""The browsers: Chromium with its verifier in BoringSSL, and Firefox with mozilla::pkix.

Both were measured on Linux with anchors in an NSS database, trusted for servers (`C,,`). What
browsers refuse, a person may mostly override; that is `overridable`, and a refusal all the same.
"""

from __future__ import annotations

from datetime import date

from appliance.trust import extensions as ext
from appliance.trust import matching
from appliance.trust.environment import Environment, Step
from appliance.trust.names import NameMatching
from appliance.trust.paths import Search
from appliance.trust.rules import ALL, ANCHORS, AUTHORITIES, ISSUERS, LEAF, SENT
from appliance.trust.rules_form import (
    CriticalExtensions,
    IssuerNamed,
    UniqueSerial,
    Version,
    WellFormed,
)
from appliance.trust.rules_message import Message
from appliance.trust.rules_names import HostName, NameConstrained
from appliance.trust.rules_path import Anchored, KeySize, SignatureAlgorithm, Signed
from appliance.trust.rules_status import (
    STATUS_REQUEST,
    Features,
    MustStaple,
    Policies,
    Revoked,
)
from appliance.trust.rules_time import Lifetime, Validity
from appliance.trust.rules_use import (
    IssuerIsAuthority,
    IssuerKeyUsage,
    LeafKeyUsage,
    LeafNoAuthority,
    PathLength,
    Purpose,
)
from appliance.trust.status import Evidence
from appliance.trust.verdicts import Origin, Standing
from appliance.trust.words_others import chromium_words, firefox_words

_SHA2 = frozenset({"SHA-256", "SHA-384", "SHA-512"})
_NIST = frozenset({"P-256", "P-384", "P-521"})
_NONE: frozenset[str] = frozenset()
_PUBLIC = frozenset({Origin.PUBLIC})
_STAPLE: frozenset[Evidence] = frozenset({"staple"})

_PKI = "BoringSSL pki, as Chromium uses it"
_CHROME_POLICY = "Chrome Root Store FAQ; CA/B Forum Baseline Requirements 6.3.2"
_PKI_KNOWN = frozenset(
    {
        ext.BASIC_CONSTRAINTS,
        ext.KEY_USAGE,
        ext.EXTENDED_KEY_USAGE,
        ext.ALTERNATIVE_NAME,
        ext.NAME_CONSTRAINTS,
        ext.CERTIFICATE_POLICIES,
        ext.POLICY_CONSTRAINTS,
        ext.POLICY_MAPPINGS,
        ext.INHIBIT_ANY_POLICY,
    }
)
_PKI_READ = _PKI_KNOWN | {
    ext.AUTHORITY_INFORMATION,
    ext.SUBJECT_KEY_IDENTIFIER,
    ext.AUTHORITY_KEY_IDENTIFIER,
}
_PKI_MINDS = frozenset(f"extension:{oid}" for oid in _PKI_READ) | {
    "repeated",
    "version-extensions",
    "authority-key-halved",
    "address-length",
    "address-and-mask",
    "constraints-empty",
    "constraint-address",
    "name-not-ascii",
    "names-empty",
    "names-not-critical",
    "key-usage-empty",
    "extended-key-usage-empty",
    "extensions-empty",
    "path-length-negative",
    "path-length-large",
    "key",
}
_ANYTHING = frozenset({ext.SERVER_AUTH, ext.ANY_USAGE})

CHROMIUM_STEPS = (
    Step((Message(source="BoringSSL, SSL_CTX_set_max_cert_list", most=100 * 1024),)),
    Step((WellFormed(source=_PKI, minds=_PKI_MINDS),)),
    Step(
        (
            KeySize(
                source="Chromium offers no P-521 and no Ed25519 in TLS; measured",
                over=LEAF,
                rsa=528,
                curves=frozenset({"P-256", "P-384"}),
                others=_NONE,
            ),
            LeafKeyUsage(
                source="Chromium: the key usage has to fit TLS (ERR_SSL_KEY_USAGE_INCOMPATIBLE)",
                any_of=frozenset({"digitalSignature"}),
            ),
        )
    ),
    Step(
        (
            HostName(
                source="Chrome 58: the CN is not looked at (chromestatus 4981025180483584)",
                since=date(2017, 4, 19),
                matching=NameMatching(matching.chromium),
            ),
        )
    ),
    Step((Anchored(source=_PKI),)),
    Step(
        (
            KeySize(source=_PKI, over=ALL, rsa=1024, curves=_NIST, others=_NONE),
            SignatureAlgorithm(
                source=_PKI, over=SENT, hashes=_SHA2, kinds=frozenset({"RSA", "EC"})
            ),
            Signed(source=_PKI),
            IssuerIsAuthority(source=_PKI, over=ISSUERS),
            IssuerIsAuthority(source=_PKI, over=ANCHORS, missing="taken"),
            IssuerKeyUsage(source=_PKI),
            Purpose(source=_PKI, over=ALL, purposes=_ANYTHING),
            PathLength(source=_PKI),
            NameConstrained(
                source=_PKI,
                understood=frozenset({"DNS", "IP", "DirName", "email"}),
                most=1 << 20,
            ),
            CriticalExtensions(source=_PKI, over=ALL, known=_PKI_KNOWN),
            Policies(source=_PKI, anchor_too=True),
        ),
        order="down",
    ),
    Step((Revoked(source="Chromium: CRLSets and what is stapled; measured", heeds=_STAPLE),)),
    Step((Validity(source=_PKI),)),
    Step(
        (
            Lifetime(
                source=_CHROME_POLICY, days=825, issued_from=date(2018, 3, 1), origins=_PUBLIC
            ),
            Lifetime(
                source=_CHROME_POLICY, days=398, issued_from=date(2020, 9, 1), origins=_PUBLIC
            ),
        )
    ),
)
CHROMIUM_SEARCH = Search(names="prepared", leaf=False, self_issuer=True, most=18)

_MOZPKIX = "mozilla::pkix and Firefox's NSSCertDBTrustDomain"
_MOZPKIX_KNOWN = frozenset(
    {
        ext.KEY_USAGE,
        ext.ALTERNATIVE_NAME,
        ext.BASIC_CONSTRAINTS,
        ext.NAME_CONSTRAINTS,
        ext.CERTIFICATE_POLICIES,
        ext.POLICY_CONSTRAINTS,
        ext.EXTENDED_KEY_USAGE,
        ext.INHIBIT_ANY_POLICY,
        ext.AUTHORITY_INFORMATION,
        ext.TLS_FEATURE,
        ext.NETSCAPE_TYPE,
        "1.3.6.1.5.5.7.48.1.5",
        "1.3.6.1.5.5.7.1.3",
    }
)
_MOZPKIX_MINDS = frozenset(
    {f"extension:{oid}" for oid in (ext.BASIC_CONSTRAINTS, ext.KEY_USAGE, ext.EXTENDED_KEY_USAGE)}
    | {f"extension:{ext.AUTHORITY_INFORMATION}"}
    | {f"repeated:{oid}" for oid in _MOZPKIX_KNOWN}
    | {"time-early", "extended-key-usage-empty", "path-length-negative", "path-length-large"}
    | {"key-usage-empty", "key", "key-parameters", "algorithm-mismatch", "constraints-empty"}
)
_WEB = frozenset({ext.SERVER_AUTH})

FIREFOX = Environment(
    "firefox",
    "Firefox",
    "Firefox 153 ESR on Linux.",
    Standing.MEASURED,
    Search(most=6),
    (
        Step((Message(source="mozilla::pkix, Input: 16 bits of length; measured", each=0xFFFE),)),
        Step((UniqueSerial(source="NSS (bugzilla 1432181)"),)),
        Step(
            (
                KeySize(
                    source="Firefox offers no Ed25519 in TLS; measured",
                    over=LEAF,
                    rsa=528,
                    others=_NONE,
                ),
            )
        ),
        Step((MustStaple(source="Firefox, security.ssl.enable_ocsp_must_staple"),)),
        Step((Features(source=_MOZPKIX, known=frozenset({STATUS_REQUEST})),)),
        Step(
            (
                WellFormed(source=_MOZPKIX, minds=_MOZPKIX_MINDS),
                IssuerNamed(source=_MOZPKIX, over=ALL),
                CriticalExtensions(source=_MOZPKIX, over=ALL, known=_MOZPKIX_KNOWN),
                NameConstrained(
                    source=_MOZPKIX,
                    understood=frozenset({"DNS", "IP", "DirName", "email"}),
                    excluded=frozenset({"DNS", "IP", "email"}),
                    self_issued=True,
                    strictly_read=True,
                ),
                Validity(source=_MOZPKIX, over=AUTHORITIES, ordered=True),
                SignatureAlgorithm(
                    source=_MOZPKIX, over=SENT, hashes=_SHA2, kinds=frozenset({"RSA", "EC"})
                ),
                KeySize(source=_MOZPKIX, over=ALL, rsa=1017, curves=_NIST, others=_NONE),
                IssuerKeyUsage(source=_MOZPKIX),
                Version(source=_MOZPKIX, over=ISSUERS, versions=frozenset({2, 3, 4})),
                IssuerIsAuthority(source=_MOZPKIX, over=ISSUERS),
                IssuerIsAuthority(source=_MOZPKIX, over=ANCHORS, missing="version-1"),
                PathLength(source=_MOZPKIX, self_issued=True),
                Purpose(source=_MOZPKIX, over=AUTHORITIES, purposes=_WEB),
                Signed(source=_MOZPKIX),
            ),
            order="down",
        ),
        Step((Anchored(source=_MOZPKIX),)),
        Step(
            (
                LeafKeyUsage(source=_MOZPKIX),
                LeafNoAuthority(source=_MOZPKIX),
                Purpose(source=_MOZPKIX, purposes=_WEB, never=frozenset({ext.OCSP_SIGNING})),
            )
        ),
        # Of two errors that a person may override, Firefox shows the one about the name.
        Step((HostName(source=_MOZPKIX, matching=NameMatching(matching.mozpkix)),)),
        Step((Validity(source=_MOZPKIX, over=LEAF, ordered=True),)),
        Step(
            (
                Revoked(
                    source="Firefox: CRLite, OCSP and what is stapled; measured",
                    heeds=frozenset({"answer", "staple"}),
                    stale=True,
                ),
            )
        ),
    ),
    firefox_words,
    overridable=True,
)

CLIENTS = (
    Environment(
        "chromium",
        "Chrome and Chromium",
        "Chromium 156 on Linux. A leaf that is itself trusted has to be a CA's.",
        Standing.MEASURED,
        CHROMIUM_SEARCH,
        CHROMIUM_STEPS,
        chromium_words,
        overridable=True,
    ),
    FIREFOX,
    Environment(
        "edge",
        "Microsoft Edge",
        "Chromium's verifier, with anchors from Windows as from Linux.",
        Standing.PUBLISHED,
        CHROMIUM_SEARCH,
        CHROMIUM_STEPS,
        chromium_words,
        overridable=True,
    ),
)
