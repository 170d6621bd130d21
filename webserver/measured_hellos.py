"""Who sends which ClientHello: a table, measured with the real clients, and its date.

A row's fingerprint is the second and third part of JA4, made of the hello without the
extensions that come and go between two connections of one client (`TRANSIENT`). Data
only; how it is searched is in `webserver.guesses`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MEASURED = "2026-11-23"

# Padding (to a round length), resumption (a ticket from an earlier visit) and cookies (a
# second hello) say nothing of who it is.
TRANSIENT = frozenset({0x0015, 0x0029, 0x002A, 0x002C})


@dataclass(frozen=True, slots=True)
class Row:
    """One client.

    client: a key of `appliance.decisions.HABITS`.
    title: its name for people. version: the one that was measured.
    ciphers, rest: parts `b` and `c` of its fingerprint.
    environments: the client environments whose rules it follows.
    """

    client: str
    title: str
    version: str
    ciphers: str
    rest: str
    environments: tuple[str, ...] = ()


# Debian 12's packages; Deno's wheel; Python with OpenSSL 3.0; pyOpenSSL with its own OpenSSL.
ROWS: tuple[Row, ...] = (
    Row("openssl", "openssl s_client", "3.0.19", "e8f1e7e78f70", "1f22a2ca17c4", ("openssl",)),
    Row("curl", "curl", "7.88.1", "e8f1e7e78f70", "375ca2c5e164", ("curl",)),
    Row("wget", "wget", "1.21.3", "723694b0fccc", "148158566ece", ("wget",)),
    Row("gnutls-cli", "gnutls-cli", "3.7.9", "723694b0fccc", "2cc26d266019", ("gnutls",)),
    Row("node", "Node.js", "20.20.2", "a33745022dd6", "1f22a2ca17c4", ("node-20",)),
    Row(
        "python",
        "Python (ssl)",
        "3.10 to 3.13",
        "85036bcba153",
        "1f22a2ca17c4",
        ("python-3.11", "python-3.13"),
    ),
    Row(
        "requests",
        "Python (requests)",
        "2.32 on 3.11",
        "85036bcba153",
        "375ca2c5e164",
        ("requests",),
    ),
    Row("java", "Java", "17.0.15", "db35923f8641", "7c76daad20ec", ("java-17",)),
    Row("go", "Go", "1.19.8", "9dc949149365", "97f8aa674fd9", ("go",)),
    Row("deno", "Deno (rustls)", "2.9.8", "61a7ad8aa9b6", "f9531d972513", ("rustls",)),
    Row("firefox", "Firefox", "153.7 ESR", "86a278354501", "3cbfd9057e0d", ("firefox",)),
    Row("chromium", "Chromium", "156.0", "8daaf6152771", "cb7bf5808d99", ("chromium",)),
    Row("pyopenssl", "pyOpenSSL", "26.4", "1d37bd780c83", "0d46a1bf4a7c"),
    # Its handshake with everything on offer; those of one version each are like nothing else.
    Row("probe", "osbiz probe", "OpenSSL 4.0", "1a0666d6c920", "794db145ce42"),
)


@dataclass(frozen=True, slots=True)
class Kin:
    """Whom a part of the fingerprint points to, when the whole is not known.

    client: None when its ways of refusing are not known.
    published: the versions that others' captures show it of; None when it was measured here.
    """

    client: str | None
    title: str
    environments: tuple[str, ...] = ()
    published: str | None = None


# By part `b`: the ciphers change less often than the rest.
BY_CIPHERS: Mapping[str, Kin] = {
    "e8f1e7e78f70": Kin(None, "a program with OpenSSL's defaults", ("openssl",)),
    "723694b0fccc": Kin(None, "a program with GnuTLS", ("gnutls",)),
    "a33745022dd6": Kin("node", "Node.js", ("node-20",)),
    "85036bcba153": Kin("python", "Python", ("python-3.11", "python-3.13")),
    "db35923f8641": Kin("java", "Java", ("java-17",)),
    "9dc949149365": Kin("go", "Go", ("go",)),
    "61a7ad8aa9b6": Kin("deno", "a program with rustls", ("rustls",)),
    "86a278354501": Kin("firefox", "Firefox", ("firefox",)),
    "8daaf6152771": Kin("chromium", "Chromium, Chrome, Edge or a relative", ("chromium",)),
    "5b57614c22b0": Kin("firefox", "Firefox", ("firefox",), "Firefox 120–147"),
    "a09f3c656075": Kin(
        None, "Safari, or an app on iOS or macOS", ("ios", "macos"), "Safari 16–26, iOS 16–26"
    ),
}


@dataclass(frozen=True, slots=True)
class Trait:
    """A way to tell a TLS library by what it alone offers.

    extensions, ciphers, algorithms: all of these are offered.
    first: the ciphers that the list begins with.
    grease: whether meaningless values (RFC 8701) are mixed in; None when that says nothing.
    """

    kin: Kin
    extensions: frozenset[int] = frozenset()
    ciphers: frozenset[int] = frozenset()
    algorithms: frozenset[int] = frozenset()
    first: tuple[int, ...] = ()
    grease: bool | None = None


TRAITS: tuple[Trait, ...] = (
    # Application settings (ALPS), in its two numbers.
    Trait(
        Kin("chromium", "Chromium or a relative", ("chromium",)),
        frozenset({0x44CD}),
        grease=True,
    ),
    Trait(
        Kin("chromium", "Chromium or a relative", ("chromium",)),
        frozenset({0x4469}),
        grease=True,
    ),
    # delegated_credential and record_size_limit.
    Trait(Kin("firefox", "Firefox or a relative", ("firefox",)), frozenset({0x0022, 0x001C})),
    # status_request_v2.
    Trait(Kin("java", "Java", ("java-17",)), frozenset({0x0011})),
    # AES-CCM among the suites of TLS 1.3, or with ECDSA before it.
    Trait(Kin(None, "a program with GnuTLS", ("gnutls",)), ciphers=frozenset({0x1304, 0xC0AD})),
    # encrypt_then_mac and rsa_pss_pss, and none of GnuTLS' own.
    Trait(
        Kin(None, "a program with OpenSSL", ("openssl",)),
        frozenset({0x000B, 0x0016}),
        algorithms=frozenset({0x0809, 0x080A, 0x080B}),
        grease=False,
    ),
    # signed_certificate_timestamp without GREASE; ECDHE before the suites of TLS 1.3.
    Trait(
        Kin("go", "a program in Go", ("go",)),
        frozenset({0x0012, 0xFF01}),
        first=(0xC02B, 0xC02F),
        grease=False,
    ),
    Trait(
        Kin("deno", "a program with rustls", ("rustls",)),
        frozenset({0x0017, 0x002D}),
        first=(0x1302, 0x1301, 0x1303, 0xC02C),
        grease=False,
    ),
)
