"""Certificates out of the files in which they travel: PEM, DER, PKCS#7.

A certificate authority answers with one certificate or with a bag of them (PKCS#7, RFC 5652
10.2.3: in no order, and perhaps more than are needed), bare or in Base64, and Windows writes
PKCS#7 under the label of a certificate. So what a block holds is read off its content, not off
its label. Knows nothing of keys.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs7

from store.der import looks_like_pkcs7
from store.foreign import UNREADABLE, collected_warnings, why_unreadable
from store.mistaken import mistaken
from store.refusals import Refusal

MAX_CERTIFICATES = 20

# RFC 7468 5.1 and 8.1, with the labels of older programs.
_LABELS = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE", b"PKCS7", b"CMS", b"PKCS #7 SIGNED DATA"})
_BARE_BASE64 = re.compile(rb"\s*+MI[A-Za-z0-9+/\s]++[=\s]*+\Z")  # a SEQUENCE of 256 octets or more
_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}  # PowerShell's `>` writes the first


@dataclass(frozen=True, slots=True)
class Found:
    """Certificates as they were found.

    certificates: in the order of the file; without meaning when it is a bag.
    bag: whether they came as PKCS#7, where more may lie than lead to the root.
    """

    certificates: list[x509.Certificate]
    bag: bool = False


class _NoCertificates(ValueError):
    """PKCS#7 without certificates, or encrypted."""


def as_bytes(data: bytes) -> bytes:
    """`data` as PEM or DER: UTF-16 text as ASCII, Base64 without a label as what it encodes."""
    encoding = _BOMS.get(data[:2])
    if encoding is not None:
        data = data[2:].decode(encoding, "replace").encode("ascii", "replace")
    if b"-----BEGIN" not in data and _BARE_BASE64.match(data):
        with suppress(NotBase64):
            return b64decode(data)
    return data


def pem_blocks(data: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """Label and content of each PEM block; None where there is no end, or no Base64 inside."""
    for block in data.split(b"-----BEGIN ")[1:]:
        label, _, rest = block.partition(b"-----")
        text, end, _ = rest.partition(b"-----END " + label + b"-----")
        try:
            yield label, b64decode(b"".join(text.split()), validate=True) if end else None
        except NotBase64:
            yield label, None


def read_certificates(data: bytes, wrong: list[Refusal]) -> Found:
    """The certificates in `data` (through `as_bytes`); none when something joined `wrong`."""
    try:
        with collected_warnings():  # one is for BER, which many tools write
            found = _found(data)
    except _NoCertificates as error:
        wrong.append(
            Refusal(
                "pkcs7-empty",
                str(error),
                "certificate",
                "Ask for the certificate with its chain: openssl crl2pkcs7 -nocrl -certfile FILE.",
            )
        )
        return Found([])
    except UNREADABLE:
        wrong.append(
            mistaken(data, "certificate")
            or Refusal(
                "not-a-certificate",
                "The file holds no X.509 certificate that can be read.",
                "certificate",
                "Choose a PEM (.cer, .crt, .pem), DER or PKCS#7 (.p7b) file.",
            )
        )
        return Found([])
    return Found(readable(found.certificates, "certificate", wrong), found.bag)


def _found(data: bytes) -> Found:
    if b"-----BEGIN" not in data:
        return _in_der(data)
    certificates: list[x509.Certificate] = []
    bag = False
    for label, content in pem_blocks(data):
        if label in _LABELS:
            if content is None:
                raise ValueError("a block that is damaged")
            found = _in_der(content)
            certificates += found.certificates
            bag = bag or found.bag
    if not certificates:
        raise ValueError("no block of certificates")
    return Found(certificates, bag)


def _in_der(der: bytes) -> Found:
    if not looks_like_pkcs7(der):
        return Found([x509.load_der_x509_certificate(der)])
    try:
        return Found(pkcs7.load_der_pkcs7_certificates(der), bag=True)
    except UnsupportedAlgorithm:
        raise _NoCertificates("The PKCS#7 file is encrypted, or of another kind.") from None
    except ValueError as error:
        if "no certificate" in str(error):
            raise _NoCertificates("The PKCS#7 file holds no certificate.") from None
        raise


def readable(
    found: list[x509.Certificate], field: str, wrong: list[Refusal]
) -> list[x509.Certificate]:
    """`found`, or nothing when they are too many or one of them can't be read through."""
    if len(found) > MAX_CERTIFICATES:
        wrong.append(
            Refusal(
                "chain-length",
                f"The file holds {len(found)} certificates.",
                field,
                f"At most {MAX_CERTIFICATES} are taken.",
            )
        )
        return []
    reasons = [why_unreadable(certificate) for certificate in found]
    for number, reason in enumerate(reasons, start=1):
        if reason is not None:
            wrong.append(
                Refusal(
                    "certificate-malformed",
                    f"Certificate {number} of {len(found)} is malformed. {reason}",
                    field,
                    "Have it issued again.",
                )
            )
    return [] if any(reasons) else found
