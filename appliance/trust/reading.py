"""Bytes to certificates, with bounds: whatever is refused here costs nobody anything."""

from __future__ import annotations

from cryptography import x509

from store.foreign import UNREADABLE, collected_warnings
from store.refusals import Refused

MAX_BYTES = 1 << 20
MAX_CERTIFICATES = 100


def presented_chain(data: bytes, *, field: str = "chain") -> tuple[x509.Certificate, ...]:
    """The certificates in `data`: PEM, in the order they stand there, or a single one in DER.

    Refused, naming `field`: nothing that can be read, more than 1 MiB, more than 100.
    """
    if len(data) > MAX_BYTES:
        raise Refused.because(
            "too-large",
            f"It has {len(data):,} bytes.",
            field=field,
            instead=f"At most {MAX_BYTES:,} are read.",
        )
    pem = b"-----BEGIN" in data
    if (count := data.count(b"-----BEGIN CERTIFICATE-----")) > MAX_CERTIFICATES:
        raise Refused.because(
            "chain-length",
            f"It holds {count} certificates.",
            field=field,
            instead=f"At most {MAX_CERTIFICATES} are taken.",
        )
    try:
        with collected_warnings():
            if pem:
                return tuple(x509.load_pem_x509_certificates(data))
            return (x509.load_der_x509_certificate(data),)
    except UNREADABLE:
        raise Refused.because(
            "not-a-certificate",
            "It holds no X.509 certificate that can be read.",
            field=field,
            instead="Give a chain as PEM, leaf first, or one certificate as DER.",
        ) from None
