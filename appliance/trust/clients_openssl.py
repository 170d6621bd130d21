"""The clients whose paths OpenSSL 3.0 builds: openssl, curl, Node, Python, requests.

They have its checks in common and differ in the security level, in flags, and in how names are
compared, which curl and Node do themselves. Followed is X509_verify_cert with the purpose
`sslserver`; measured were the versions that the titles name.
"""

from __future__ import annotations

from datetime import date

from appliance.trust import extensions as ext
from appliance.trust import matching
from appliance.trust.environment import Environment, Step
from appliance.trust.names import NameMatching
from appliance.trust.rules import ALL, AUTHORITIES, LEAF, Rule
from appliance.trust.rules_form import CriticalExtensions, IssuerNamed, Strict, WellFormed
from appliance.trust.rules_message import Message
from appliance.trust.rules_names import HostName, NameConstrained
from appliance.trust.rules_path import Anchored, KeySecurity, KeySize, SignatureSecurity, Signed
from appliance.trust.rules_status import Revoked
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
from appliance.trust.walks import OpenSSLWalk
from appliance.trust.words import curl_words, node_24_words, node_words, openssl_words, python_words

_VERIFY = "OpenSSL 3.0, X509_verify_cert; openssl-verification-options(1)"
_MESSAGE = "OpenSSL, SSL_CTX_set_max_cert_list(3); measured"
_LEVEL = "OpenSSL, SSL_CTX_set_security_level(3)"
_HOST = "OpenSSL, X509_check_host(3) and X509_check_ip(3)"
_STRICT = "OpenSSL, X509_V_FLAG_X509_STRICT; the default of Python 3.13 (cpython#107361)"

# What X509_supported_extension(3) knows.
KNOWN = frozenset(
    {
        ext.NETSCAPE_TYPE,
        ext.KEY_USAGE,
        ext.ALTERNATIVE_NAME,
        ext.BASIC_CONSTRAINTS,
        ext.CERTIFICATE_POLICIES,
        ext.CRL_DISTRIBUTION_POINTS,
        ext.EXTENDED_KEY_USAGE,
        ext.POLICY_CONSTRAINTS,
        ext.NAME_CONSTRAINTS,
        ext.POLICY_MAPPINGS,
        ext.INHIBIT_ANY_POLICY,
        "1.3.6.1.5.5.7.1.7",  # IP address blocks and AS numbers (RFC 3779)
        "1.3.6.1.5.5.7.1.8",
        "1.3.6.1.5.5.7.1.14",  # proxy certificates (RFC 3820)
        "1.3.6.1.5.5.7.48.1.5",  # OCSP no check
    }
)
_PURPOSES = frozenset({ext.SERVER_AUTH, ext.NETSCAPE_SGC, ext.MICROSOFT_SGC})
_LEVELS = {1: 80, 2: 112}  # bits of security


def openssl_steps(
    name: Rule,
    *,
    level: int = 2,
    strict: bool = False,
    named: tuple[Rule, ...] = (),
    dsa: int | None = None,
) -> tuple[Step, ...]:
    """The checks of X509_verify_cert in its order, with `name` where the name is checked."""
    bits = _LEVELS[level]
    uses: tuple[Rule, ...] = (
        CriticalExtensions(source=_VERIFY, known=KNOWN),
        IssuerIsAuthority(source=_VERIFY, over=("issuer",)),
        IssuerIsAuthority(
            source=_VERIFY, over=("anchor",), missing="refused" if strict else "version-1-or-usage"
        ),
        IssuerKeyUsage(source=_VERIFY),
        *((Strict(source=_STRICT, since=date(2024, 10, 7)),) if strict else ()),
        Purpose(source=_VERIFY, over=ALL, purposes=_PURPOSES),
        LeafKeyUsage(source=_VERIFY),
        NetscapeType(source=_VERIFY),
        PathLength(source=_VERIFY),
    )
    return (
        Step((Message(source=_MESSAGE, most=100 * 1024),)),
        Step((KeySecurity(source=_LEVEL, over=LEAF, bits=bits),)),
        Step(
            (
                KeySize(
                    source="RFC 8446 4.2.3, as OpenSSL offers it; measured",
                    over=LEAF,
                    rsa=528,
                    dsa=dsa,
                ),
            )
        ),
        Step((Anchored(source=_VERIFY),)),
        Step((WellFormed(source=_VERIFY, over=LEAF, minds=_MINDS),)),
        Step(uses, order="up"),
        Step(
            (
                KeySecurity(source=_LEVEL, over=AUTHORITIES, bits=bits),
                SignatureSecurity(source=_LEVEL, over=ALL, bits=bits),
            ),
            order="up",
        ),
        Step(named),
        Step((Revoked(source="only when asked for (-crl_check)"),)),
        Step(
            (
                Signed(source=_VERIFY, alike="octets"),
                Validity(
                    source="OpenSSL, X509_cmp_time(3); measured at the very second",
                    last_second=False,
                ),
            ),
            order="down",
        ),
        Step(
            (
                NameConstrained(
                    source="OpenSSL 3.0, v3_ncons.c",
                    common_name="host",
                    wildcards=False,
                    most=1 << 20,
                    count_subject=True,
                ),
            )
        ),
        Step(() if named else (name,)),
    )


_MINDS = frozenset(
    {"extension:2.5.29.14", "extension:2.5.29.15", "extension:2.5.29.17", "extension:2.5.29.19"}
    | {"extension:2.5.29.30", "extension:2.5.29.31", "extension:2.5.29.35", "extension:2.5.29.37"}
    | {"repeated", "key-usage-empty", "path-length-negative", "key"}
)
_CN = NameMatching(matching.openssl, common_name="any")
_PYTHON_CN = NameMatching(matching.python, common_name="any")
_PYTHON = NameMatching(matching.python, undotted=True)
_CURL = NameMatching(
    matching.curl, common_name="last", instead_of=frozenset({"DNS", "IP"}), addresses=True
)
_NODE = NameMatching(matching.node, common_name="any")

_openssl = HostName(source=_HOST, matching=_CN)
_python = HostName(source=f"{_HOST}; Python, ssl.SSLContext.check_hostname", matching=_PYTHON_CN)
_requests = HostName(
    source="urllib3 2: hostname_checks_common_name is off",
    since=date(2023, 4, 26),
    matching=_PYTHON,
)
_curl = HostName(
    source="curl, lib/vtls/hostcheck.c; CN still looked at (curl#22845)", matching=_CURL
)
_node = HostName(source="Node, tls.checkServerIdentity", matching=_NODE)

CLIENTS = (
    Environment(
        "openssl",
        "OpenSSL 3.0 (s_client)",
        "openssl s_client 3.0.19 of Debian 12, told to check the name; security level 2.",
        Standing.MEASURED,
        OpenSSLWalk(),
        openssl_steps(_openssl, named=(_openssl,)),
        openssl_words,
    ),
    Environment(
        "curl",
        "curl with OpenSSL",
        "curl 7.88 of Debian 12. It takes any trusted certificate as the end of a path.",
        Standing.MEASURED,
        OpenSSLWalk(partial=True),
        (*openssl_steps(_curl), Step((IssuerNamed(source="curl, lib/vtls/openssl.c"),))),
        curl_words,
    ),
    Environment(
        "node-20",
        "Node.js 20",
        "Node.js 20.20 with the OpenSSL it brings, at security level 1.",
        Standing.MEASURED,
        OpenSSLWalk(),
        openssl_steps(_node, level=1, dsa=1024),
        node_words,
    ),
    Environment(
        "node-24",
        "Node.js 24.5 and later",
        "As Node.js 20, with security level 2 (node commit 583b1b255d).",
        Standing.MEASURED,
        OpenSSLWalk(sha3=True),
        openssl_steps(_node, level=2),
        node_24_words,
    ),
    Environment(
        "python-3.11",
        "Python up to 3.12 (ssl)",
        "Python 3.11 with OpenSSL 3.0 and ssl.create_default_context().",
        Standing.MEASURED,
        OpenSSLWalk(),
        openssl_steps(_python, named=(_python,)),
        python_words,
    ),
    Environment(
        "python-3.13",
        "Python from 3.13 (ssl)",
        "Python 3.13 with OpenSSL 3.0: strict, and any trusted certificate ends a path.",
        Standing.MEASURED,
        OpenSSLWalk(partial=True),
        openssl_steps(_python, strict=True, named=(_python,)),
        python_words,
    ),
    Environment(
        "requests",
        "Python requests",
        "requests 2 with urllib3 2 on Python 3.11.",
        Standing.MEASURED,
        OpenSSLWalk(),
        openssl_steps(_requests, named=(_requests,)),
        python_words,
    ),
)
