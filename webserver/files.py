"""Certificates as files to download: names, types and contents.

Making a PKCS#12 file and writing out a key block; call off the event loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from cryptography.hazmat.primitives import serialization

from store.inventory import Holding
from store.keys import key_to_pem
from store.refusals import Refused

FILE_KINDS = {
    "pem": "application/x-pem-file",
    "crt": "application/x-x509-ca-cert",
    "csr": "application/pkcs10",
    "p12": "application/x-pkcs12",
    "key": "application/x-pem-file",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it goes over HTTP."""

    name: str
    media_type: str
    content: bytes

    @property
    def disposition(self) -> str:
        """The Content-Disposition header: an ASCII name, and the real one (RFC 6266)."""
        plain = "".join(
            c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in self.name
        )
        return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"


def certificate_file(holding: Holding, suffix: str) -> File:
    """`holding` as `pem` (with chain), `crt` (leaf), `csr`, `p12` or `key`.

    Refused (`no-such-file`) when there is no such form of it.
    """
    if suffix not in FILE_KINDS:
        raise _absent(f"There is no file of type {suffix[:20]!r}.", "Types are " + _types())
    content: bytes | None = None
    certificate = holding.certificate
    match suffix:
        case "pem" if certificate is not None:
            content = certificate.pem.encode()
        case "crt" if certificate is not None:
            content = certificate.leaf.public_bytes(serialization.Encoding.PEM)
        case "csr" | "pem" if holding.request is not None:
            content = holding.request.public_bytes(serialization.Encoding.PEM)
        case "p12":
            content = holding.pkcs12
        case "key" if holding.key is not None:
            content = key_to_pem(holding.key)
    if content is None:
        raise _absent(
            f"{holding.name!r} ({holding.kind.value}) has no .{suffix} file.",
            "A .p12 file is made with a CA-signed server certificate, and a .csr file with a "
            "signing request.",
        )
    name = f"{holding.name}.{suffix}"
    if suffix == "key" and holding.request is not None:
        name = "key_csr.pem"  # whitepaper 3, step 4
    return File(name=name, media_type=FILE_KINDS[suffix], content=content)


def _types() -> str:
    return ", ".join(FILE_KINDS) + "."


def _absent(message: str, instead: str) -> Refused:
    return Refused.because("no-such-file", message, field="id", instead=instead)
