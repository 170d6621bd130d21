"""Which authorities this machine trusts, and who put them there.

Reads the files that its distribution keeps; writes none. What the machine's administrator
added is told apart from what came with it, because clients judge the two differently.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from appliance.trust import Anchor, Origin
from store.foreign import UNREADABLE, collected_warnings

# Debian and its kin, Fedora and its kin, SUSE, Alpine and macOS; then what Python was told.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_ADDED = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors")
_MAX_ADDED = 1_000


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a test trusts.

    name: where it comes from, for people: a file, or files.
    """

    name: str
    anchors: tuple[Anchor, ...]


def machine_anchors() -> Trusted:
    """The authorities of this machine: public ones, and those its administrator added.

    Empty, with a name that says so, when no bundle is found.
    """
    added = _added()
    for path in (*_BUNDLES, ssl.get_default_verify_paths().cafile or ""):
        if not path or not os.path.isfile(path):
            continue
        found = _read(Path(path))
        if found:
            anchors = [
                Anchor(one, Origin.ADMINISTRATOR if one in added else Origin.PUBLIC)
                for one in dict.fromkeys(found)
            ]
            return Trusted(path + _said_of(anchors), tuple(anchors))
    return Trusted("nothing: this machine has no file of authorities that could be read", ())


def _said_of(anchors: list[Anchor]) -> str:
    own = sum(anchor.origin is Origin.ADMINISTRATOR for anchor in anchors)
    return f", {own} of them added by this machine's administrator" if own else ""


def _added() -> frozenset[x509.Certificate]:
    found: list[x509.Certificate] = []
    for folder in _ADDED:
        if os.path.isdir(folder):
            for path in sorted(Path(folder).rglob("*"))[:_MAX_ADDED]:
                if path.suffix in (".crt", ".pem", ".cer") and path.is_file():
                    found += _read(path)
    return frozenset(found)


def _read(path: Path) -> list[x509.Certificate]:
    try:
        data = path.read_bytes()
        with collected_warnings():
            return x509.load_pem_x509_certificates(data)
    except (OSError, *UNREADABLE):
        return []
