"""The clients with GnuTLS: gnutls-cli and Debian's wget.

wget asks GnuTLS whether the certificate is trusted, without saying what for, and then looks at
validity and name by itself.
"""

from __future__ import annotations

from appliance.trust import extensions as ext
from appliance.trust import matching
from appliance.trust.algorithms import SHA3
from appliance.trust.environment import Environment, Step
from appliance.trust.names import NameMatching
from appliance.trust.rules import ALL, ANCHORS, ISSUERS, LEAF
from appliance.trust.rules_form import CriticalExtensions, Version, WellFormed
from appliance.trust.rules_names import HostName, NameConstrained
from appliance.trust.rules_path import Anchored, KeySize, SignatureAlgorithm, Signed
from appliance.trust.rules_status import Features, MustStaple, Revoked
from appliance.trust.rules_time import Validity
from appliance.trust.rules_use import (
    IssuerIsAuthority,
    IssuerKeyUsage,
    LeafKeyUsage,
    PathLength,
    Purpose,
)
from appliance.trust.verdicts import Standing
from appliance.trust.walks import GnuTLSWalk
from appliance.trust.words import gnutls_words, wget_words

_VERIFY = "GnuTLS 3.7, gnutls_x509_trust_list_verify_crt2(3)"
_LOW = "GnuTLS 3.7, the profile LOW that is its default"
_NAME = "GnuTLS 3.7, gnutls_x509_crt_check_hostname2(3)"

_KNOWN = frozenset(
    {
        ext.SUBJECT_KEY_IDENTIFIER,
        ext.KEY_USAGE,
        ext.ALTERNATIVE_NAME,
        "2.5.29.18",
        ext.BASIC_CONSTRAINTS,
        ext.NAME_CONSTRAINTS,
        ext.CRL_DISTRIBUTION_POINTS,
        ext.AUTHORITY_KEY_IDENTIFIER,
        ext.EXTENDED_KEY_USAGE,
        ext.AUTHORITY_INFORMATION,
        "1.3.6.1.5.5.7.1.14",
        ext.TLS_FEATURE,
        ext.CERTIFICATE_POLICIES,
        ext.INHIBIT_ANY_POLICY,
    }
)
_MATCHING = NameMatching(
    matching.gnutls, common_name="single", instead_of=frozenset({"DNS", "IP", "URI"}), undotted=True
)
_HASHES = frozenset({"SHA-224", "SHA-256", "SHA-384", "SHA-512", "SHAKE256"}) | SHA3
_CURVES = frozenset({"P-192", "P-224", "P-256", "P-384", "P-521"})
_SPOKEN = frozenset({"P-256", "P-384", "P-521"})

_read = WellFormed(
    source="GnuTLS 3.7, gnutls_x509_crt_import(3)",
    minds=frozenset(
        {"repeated", "version-extensions", "dns-empty", f"extension:{ext.ALTERNATIVE_NAME}"}
    ),
    presented=True,
)
_path = (
    IssuerIsAuthority(source=_VERIFY, over=ISSUERS),
    IssuerIsAuthority(source=_VERIFY, over=ANCHORS, missing="self-signed", lone=False),
    Version(source=_VERIFY, over=ISSUERS, versions=frozenset({2, 3})),
    PathLength(source=_VERIFY, self_issued=True),
    IssuerKeyUsage(source=_VERIFY, lone=False),
    NameConstrained(
        source="GnuTLS 3.7, gnutls_x509_name_constraints_check_crt(3)",
        below="leaf",
        understood=frozenset({"DNS", "IP", "email"}),
        ignored_permitted=frozenset({"DirName", "URI"}),
        refused=frozenset({"RID", "other"}),
        common_name="any",
        wildcards=False,
        families=True,
        most=1 << 20,
    ),
    WellFormed(source=_VERIFY, over=("issuer", "anchor"), minds=frozenset({"constraint-address"})),
    Signed(source=_VERIFY),
    Features(source="GnuTLS 3.7, gnutls_x509_tlsfeatures_check_crt(3)"),
)
_strength = (
    CriticalExtensions(source=_VERIFY, known=_KNOWN, lone=False),
    KeySize(source=_LOW, over=ALL, rsa=1024, dsa=1024, curves=_CURVES),
    KeySize(source="RFC 8446 4.2.3, as GnuTLS offers it", over=LEAF, curves=_SPOKEN),
    SignatureAlgorithm(source=_VERIFY, over=("leaf", "issuer"), hashes=_HASHES),
)
_valid = Validity(source="GnuTLS 3.7, verify.c; measured at the very second", over=ALL)

CLIENTS = (
    Environment(
        "wget",
        "wget with GnuTLS",
        "wget 1.21 of Debian 12, with GnuTLS 3.7.",
        Standing.MEASURED,
        GnuTLSWalk(),
        (
            Step((_read,)),
            Step((Anchored(source=_VERIFY), *_path)),
            Step(_strength),
            Step((MustStaple(source="GnuTLS 3.7, measured"),)),
            Step((_valid,)),
            Step(
                (
                    Revoked(
                        source="GnuTLS 3.7: what is stapled; measured",
                        heeds=frozenset({"staple"}),
                        stale=True,
                    ),
                )
            ),
            Step(
                (
                    Validity(
                        source="wget 1.21, src/gnutls.c; measured at the very second",
                        over=LEAF,
                        last_second=False,
                    ),
                )
            ),
            Step((HostName(source=_NAME, matching=_MATCHING),)),
        ),
        wget_words,
    ),
    Environment(
        "gnutls",
        "GnuTLS 3.7 (gnutls-cli)",
        "gnutls-cli 3.7.9 of Debian 12, with its default priorities.",
        Standing.MEASURED,
        GnuTLSWalk(),
        (
            Step((_read,)),
            Step(
                (
                    LeafKeyUsage(
                        source="GnuTLS 3.7: TLS 1.3 is signed; measured",
                        any_of=frozenset({"digitalSignature"}),
                        empty=True,
                    ),
                )
            ),
            Step((Anchored(source=_VERIFY), *_path)),
            Step(
                (
                    Purpose(
                        source=_VERIFY,
                        over=ISSUERS,
                        purposes=frozenset({ext.SERVER_AUTH, ext.NETSCAPE_SGC}),
                        empty=True,
                    ),
                )
            ),
            Step(_strength),
            Step((_valid,)),
            Step(
                (
                    WellFormed(source=_VERIFY, over=LEAF, minds=frozenset({"extension:2.5.29.37"})),
                    Purpose(
                        source=_VERIFY,
                        purposes=frozenset({ext.SERVER_AUTH, ext.ANY_USAGE}),
                        empty=True,
                    ),
                    HostName(source=_NAME, matching=_MATCHING),
                )
            ),
            Step((MustStaple(source="GnuTLS 3.7, measured"),)),
            Step(
                (
                    Revoked(
                        source="GnuTLS 3.7: what is stapled; measured",
                        heeds=frozenset({"staple"}),
                        stale=True,
                    ),
                )
            ),
        ),
        gnutls_words,
    ),
)
