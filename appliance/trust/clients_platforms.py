"""The platforms that no Linux machine can run, predicted from what their makers publish."""

from __future__ import annotations

from datetime import date

from appliance.trust import extensions as ext
from appliance.trust import matching
from appliance.trust.environment import Environment, Step
from appliance.trust.names import NameMatching
from appliance.trust.paths import Search
from appliance.trust.rules import ALL, ANCHORS, AUTHORITIES, ISSUERS, LEAF, SENT, Rule
from appliance.trust.rules_form import CriticalExtensions, WellFormed
from appliance.trust.rules_names import HostName, NameConstrained
from appliance.trust.rules_path import Anchored, KeySize, SignatureAlgorithm, Signed
from appliance.trust.rules_status import AnchorOrigin, Revoked
from appliance.trust.rules_time import Lifetime, Validity
from appliance.trust.rules_use import IssuerIsAuthority, IssuerKeyUsage, PathLength, Purpose
from appliance.trust.verdicts import Origin, Standing
from appliance.trust.words_others import android_words, apple_words, windows_words

_SHA2 = frozenset({"SHA-256", "SHA-384", "SHA-512"})
_WEB = frozenset({ext.SERVER_AUTH})
_PUBLIC = frozenset({Origin.PUBLIC})
_RFC = "RFC 5280 6.1"
_KNOWN = frozenset(
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
        ext.CRL_DISTRIBUTION_POINTS,
        ext.AUTHORITY_INFORMATION,
    }
)
_MINDS = frozenset(
    {f"extension:{oid}" for oid in (ext.BASIC_CONSTRAINTS, ext.KEY_USAGE, ext.EXTENDED_KEY_USAGE)}
    | {f"extension:{ext.ALTERNATIVE_NAME}", f"extension:{ext.NAME_CONSTRAINTS}", "repeated", "key"}
)


def _common(*, anchors: bool) -> tuple[Rule, ...]:
    """Path validation as RFC 5280 has it. anchors: whether an anchor's own validity counts."""
    over = ALL if anchors else SENT
    return (
        Signed(source=_RFC),
        Validity(source=_RFC, over=over),
        IssuerIsAuthority(source=_RFC, over=ISSUERS),
        IssuerKeyUsage(source=_RFC, over=AUTHORITIES, lone=False),
        PathLength(source=_RFC),
        NameConstrained(source=_RFC),
        CriticalExtensions(source=_RFC, over=ALL, known=_KNOWN),
    )


_APPLE = "Apple support 103769: requirements for certificates in iOS 13 and macOS 10.15"
_APPLE_398 = "Apple support 102028: preinstalled roots only; those of users are exempt"
_APPLE_STEPS = (
    Step((Anchored(source="Apple, SecTrustEvaluateWithError"),)),
    Step(
        (
            IssuerIsAuthority(
                source="a question-and-answer thread: full trust is for CA:TRUE only",
                standing=Standing.ASSUMED,
                over=ANCHORS,
            ),
        )
    ),
    Step((WellFormed(source=_RFC, minds=_MINDS), *_common(anchors=True)), order="down"),
    Step(
        (
            KeySize(source=_APPLE, since=date(2019, 9, 19), over=ALL, rsa=2048, others=frozenset()),
            SignatureAlgorithm(
                source=_APPLE,
                since=date(2019, 9, 19),
                over=SENT,
                hashes=_SHA2,
                kinds=frozenset({"RSA", "EC"}),
            ),
            Purpose(
                source=f"{_APPLE}, of those issued after 2019-07-01",
                since=date(2019, 7, 1),
                purposes=_WEB,
                required_from=date(2019, 7, 2),
            ),
            Purpose(
                source=_RFC, over=AUTHORITIES, purposes=frozenset({ext.SERVER_AUTH, ext.ANY_USAGE})
            ),
            Lifetime(
                source=f"{_APPLE}; seen under private roots too (mkcert#174)",
                since=date(2019, 7, 1),
                days=825,
                issued_from=date(2019, 7, 2),
            ),
            Lifetime(
                source=_APPLE_398,
                since=date(2020, 9, 1),
                days=398,
                issued_from=date(2020, 9, 1),
                origins=_PUBLIC,
            ),
        )
    ),
    Step(
        (
            Revoked(
                source="Apple looks at what is stapled",
                standing=Standing.ASSUMED,
                heeds=frozenset({"staple"}),
            ),
        )
    ),
    Step(
        (
            HostName(
                source=f"{_APPLE}: the CN is not looked at",
                since=date(2019, 9, 19),
                matching=NameMatching(matching.leftmost),
            ),
        )
    ),
)

_ANDROID = "Android, Conscrypt's TrustManagerImpl and ChainStrengthAnalyzer"
_WINDOWS = "Windows, CertGetCertificateChain; .NET, SslStream"

CLIENTS = (
    Environment(
        "ios",
        "iOS and iPadOS 13 and later",
        "Apps and Safari, with anchors that were given full trust.",
        Standing.PUBLISHED,
        Search(names="prepared", anchor_names="prepared"),
        _APPLE_STEPS,
        apple_words,
    ),
    Environment(
        "macos",
        "macOS 10.15 and later",
        "Apps and Safari, with anchors that are always trusted in the keychain.",
        Standing.PUBLISHED,
        Search(names="prepared", anchor_names="prepared"),
        _APPLE_STEPS,
        apple_words,
    ),
    Environment(
        "android",
        "Android 9 and later",
        "Apps that target API 24 or later and do not opt in to the user's CAs.",
        Standing.PUBLISHED,
        Search(names="prepared", anchor_names="prepared"),
        (
            Step((Anchored(source=_ANDROID),)),
            Step(
                (
                    AnchorOrigin(
                        source="Android developers' blog, 2016-07: changes to trusted CAs",
                        since=date(2016, 8, 22),
                        origins=frozenset({Origin.PUBLIC, Origin.ADMINISTRATOR}),
                    ),
                )
            ),
            Step(
                (
                    WellFormed(source=_ANDROID, minds=_MINDS),
                    IssuerIsAuthority(
                        source=_ANDROID, over=ANCHORS, missing="version-1", lone=False
                    ),
                    *_common(anchors=False),
                    KeySize(source=_ANDROID, over=ALL, rsa=1024, others=frozenset()),
                    SignatureAlgorithm(
                        source=_ANDROID, over=SENT, hashes=_SHA2, kinds=frozenset({"RSA", "EC"})
                    ),
                    Purpose(
                        source=_ANDROID,
                        purposes=frozenset(
                            {ext.SERVER_AUTH, ext.ANY_USAGE, ext.NETSCAPE_SGC, ext.MICROSOFT_SGC}
                        ),
                    ),
                ),
                order="down",
            ),
            Step((Revoked(source="off unless asked for"),)),
            Step(
                (
                    HostName(
                        source="Android 9: the CN is not looked at",
                        since=date(2018, 8, 6),
                        matching=NameMatching(matching.leftmost),
                    ),
                )
            ),
        ),
        android_words,
    ),
    Environment(
        "windows",
        "Windows and .NET",
        "Programs with SChannel, and .NET's HttpClient.",
        Standing.PUBLISHED,
        Search(names="prepared", anchor_names="prepared", ends=True),
        (
            Step((Anchored(source=_WINDOWS),)),
            Step(
                (
                    WellFormed(source=_WINDOWS, minds=_MINDS),
                    *_common(anchors=True),
                    KeySize(
                        source="Microsoft security advisory 2661254: RSA from 1024 bits",
                        since=date(2012, 10, 9),
                        over=ALL,
                        rsa=1024,
                        others=frozenset(),
                    ),
                    KeySize(
                        source="Microsoft tech community 4134028: RSA from 2048 bits for public "
                        "roots; private CAs are unaffected",
                        over=LEAF,
                        rsa=2048,
                        others=frozenset(),
                        origins=_PUBLIC,
                    ),
                    SignatureAlgorithm(
                        source="Microsoft: SHA-1 is blocked for public roots; MD5 always",
                        over=SENT,
                        hashes=_SHA2 | {"SHA-1"},
                        kinds=frozenset({"RSA", "EC", "DSA"}),
                    ),
                    Purpose(
                        source=_WINDOWS,
                        over=ALL,
                        purposes=frozenset({ext.SERVER_AUTH, ext.ANY_USAGE}),
                    ),
                ),
                order="down",
            ),
            Step((Revoked(source="off in .NET unless asked for"),)),
            Step(
                (
                    HostName(
                        source=".NET, X509Certificate2.MatchesHostname",
                        matching=NameMatching(
                            matching.leftmost,
                            common_name="last",
                            instead_of=frozenset({"DNS", "IP"}),
                            addresses=True,
                        ),
                    ),
                )
            ),
        ),
        windows_words,
    ),
)

# Clients that stand on others: each of those has to accept.
COMBINED = (
    Environment(
        "teams",
        "Microsoft Teams",
        "It shows pages with Chromium (WebView2) on the trust of the system.",
        Standing.ASSUMED,
        parts=("edge",),
    ),
    Environment(
        "myportal-at-work",
        "myPortal @work",
        "A desktop program built on Chromium, as its WebRTC suggests.",
        Standing.ASSUMED,
        parts=("chromium",),
    ),
    Environment(
        "myportal-to-go-ios",
        "myPortal to go (iOS)",
        "An app for iOS: Apple's rules. That it is one is known; that it adds none is assumed.",
        Standing.ASSUMED,
        parts=("ios",),
    ),
    Environment(
        "myportal-to-go-android",
        "myPortal to go (Android)",
        "An app for Android that does not opt in to the user's CAs. That it is an app is known.",
        Standing.ASSUMED,
        parts=("android",),
    ),
    Environment(
        "application-launcher",
        "Application Launcher",
        "A Java program, as the maker's older desktop clients are.",
        Standing.ASSUMED,
        parts=("java-17",),
    ),
    Environment(
        "mycontacts",
        "myContacts",
        "A Windows program on .NET; nothing was found.",
        Standing.ASSUMED,
        parts=("windows",),
    ),
    Environment(
        "myportal-for-teams",
        "myPortal for Teams",
        "A page inside Teams: what Teams shows, and what the page's own calls accept.",
        Standing.ASSUMED,
        parts=("teams",),
    ),
)
