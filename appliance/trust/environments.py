"""The client environments: which there are, and what is known of each.

A table. How an environment judges is for the rules it names; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from appliance.trust.verdicts import Standing


@dataclass(frozen=True, slots=True)
class Environment:
    """One kind of client.

    id: as in the contract. title: for people, with the version that was measured or meant.
    standing: how sure its verdicts are at best.
    common_name: whether a DNS name is looked for in the CN when there is no SAN.
    """

    id: str
    title: str
    standing: Standing
    common_name: bool = False


_MEASURED, _PUBLISHED, _ASSUMED = Standing.MEASURED, Standing.PUBLISHED, Standing.ASSUMED

_TABLE = (
    Environment("openssl", "OpenSSL 3.0 (s_client)", _MEASURED, common_name=True),
    Environment("curl", "curl 7.88 with OpenSSL", _MEASURED, common_name=True),
    Environment("wget", "wget 1.21 with GnuTLS", _MEASURED, common_name=True),
    Environment("gnutls", "GnuTLS 3.7 (gnutls-cli)", _MEASURED, common_name=True),
    Environment("node-20", "Node.js 20", _MEASURED, common_name=True),
    Environment("node-24", "Node.js 24.5 and later", _PUBLISHED, common_name=True),
    Environment("java-8", "Java 8", _PUBLISHED, common_name=True),
    Environment("java-17", "Java 17 (HttpsURLConnection)", _MEASURED, common_name=True),
    Environment("java-25", "Java 25", _PUBLISHED, common_name=True),
    Environment("python-3.11", "Python 3.11 (ssl)", _MEASURED, common_name=True),
    Environment("python-3.13", "Python 3.13 (ssl)", _MEASURED, common_name=True),
    Environment("requests", "Python requests", _MEASURED),
    Environment("cryptography", "Python cryptography (x509.verification)", _MEASURED),
    Environment("go", "Go 1.19 (crypto/x509)", _MEASURED),
    Environment("rustls", "rustls (Deno 2.9)", _MEASURED),
    Environment("chromium", "Chromium and Chrome", _MEASURED),
    Environment("firefox", "Firefox 153 ESR", _MEASURED),
    Environment("ios", "iOS 13 and later", _PUBLISHED),
    Environment("macos", "macOS 10.15 and later", _PUBLISHED),
    Environment("android", "Android 9 and later", _PUBLISHED),
    Environment("windows", "Windows and .NET", _PUBLISHED, common_name=True),
    Environment("edge", "Microsoft Edge", _PUBLISHED),
    Environment("teams", "Microsoft Teams", _ASSUMED),
    Environment("myportal-at-work", "myPortal @work", _ASSUMED),
    Environment("myportal-to-go-ios", "myPortal to go on iOS", _ASSUMED),
    Environment("myportal-to-go-android", "myPortal to go on Android", _ASSUMED),
    Environment("application-launcher", "Application Launcher", _ASSUMED),
    Environment("mycontacts", "myContacts", _ASSUMED),
    Environment("myportal-for-teams", "myPortal for Teams", _ASSUMED),
)

ENVIRONMENTS: Mapping[str, Environment] = MappingProxyType({one.id: one for one in _TABLE})
