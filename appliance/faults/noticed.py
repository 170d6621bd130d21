"""Which environments were seen to notice which fault, by their ids.

Written by `python -m tests.faults.measuring --write`, with real clients of Debian 12; the
clients that were tried are in `TRIED`. A table only.
"""

from __future__ import annotations

from collections.abc import Mapping

TRIED: tuple[str, ...] = (
    "openssl",
    "curl",
    "wget",
    "gnutls",
    "node-20",
    "java-17",
    "java-25",
    "python-3.11",
    "python-3.13",
    "requests",
    "cryptography",
    "go",
    "rustls",
    "chromium",
    "firefox",
)


def _all_but(*names: str) -> tuple[str, ...]:
    return tuple(name for name in TRIED if name not in names)


NOTICED: Mapping[str, tuple[str, ...]] = {
    "leaf-only": TRIED,
    "chain-disordered": (),
    "superfluous-root": (),
    "wrong-key": TRIED,
    "other-node": TRIED,
    "expired": TRIED,
    "not-yet-valid": TRIED,
    "wrong-name": TRIED,
    "no-san": _all_but("curl"),
    "ip-as-dns": TRIED,
    "rsa-1024": ("openssl", "curl", "python-3.11", "python-3.13", "requests", "rustls"),
    "sha-1": _all_but("java-17", "java-25"),
    "ca-as-leaf": ("cryptography", "rustls", "firefox"),
    "missing-eku": (),
    "wrong-eku": _all_but("wget"),
    "repeated-serial": ("firefox",),
    "unknown-issuer": TRIED,
    "revoked": ("wget", "gnutls", "chromium", "firefox"),
    "stale-staple": ("wget", "gnutls", "firefox"),
    "missing-staple": ("wget", "gnutls", "firefox"),
    "no-answer": (),
    "close-handshake": TRIED,
    "reset-handshake": TRIED,
    "slow-handshake": ("gnutls",),
    "delay": (),
    "alert": TRIED,
    "tls-1.2-only": (),
    "tls-1.3-only": (),
    "old-tls": _all_but("wget", "gnutls", "cryptography"),
    "one-cipher": (),
    "hello-retry": (),
    "no-alpn": ("curl", "requests", "rustls", "chromium", "firefox"),
    "client-certificate": TRIED,
    "tickets-refused": (),
    "giant-certificate": TRIED,
    "port-closed": TRIED,
    "silent": (),
    "plain-http": TRIED,
    "tls-on-plain": ("curl", "wget", "node-20", "python-3.11", "requests"),
    "reset-response": TRIED,
    "half-response": TRIED,
    "unavailable": TRIED,
    "connection-limit": TRIED,
}
