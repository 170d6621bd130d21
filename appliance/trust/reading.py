"""Bytes to certificates, with bounds: whatever is refused here costs nobody anything."""

from __future__ import annotations

from cryptography import x509

from appliance.trust.der import Malformed
from appliance.trust.facts import facts_of
from appliance.trust.verdicts import Anchor, Origin
from store.certificate_files import as_bytes
from store.foreign import UNREADABLE, collected_warnings
from store.mistaken import mistaken
from store.refusals import Refused

MAX_BYTES = 1 << 20
MAX_PRESENTED = 100
MAX_ANCHORS = 1_000
_BEGIN = b"-----BEGIN CERTIFICATE-----"


def presented_chain(data: bytes, *, field: str = "chain") -> tuple[x509.Certificate, ...]:
    """The certificates in `data`: PEM, in the order they stand there, or a single one in DER.

    Refused, naming `field`: nothing that can be read, more than 1 MiB, more than 100.
    """
    return _certificates(data, field=field, most=MAX_PRESENTED)


def anchors_in(data: bytes, *, origin: Origin, field: str = "anchors") -> tuple[Anchor, ...]:
    """The certificates in `data`, trusted; each once. Refused as `presented_chain` refuses,
    but that 1,000 are taken."""
    found = _certificates(data, field=field, most=MAX_ANCHORS)
    return tuple(Anchor(one, origin) for one in dict.fromkeys(found))


def _certificates(data: bytes, *, field: str, most: int) -> tuple[x509.Certificate, ...]:
    _check_size(data, field)
    data = as_bytes(data)
    if (count := data.count(_BEGIN)) > most:
        raise Refused.because(
            "chain-length",
            f"It holds {count} certificates.",
            field=field,
            instead=f"At most {most} are taken.",
        )
    try:
        with collected_warnings():
            if b"-----BEGIN" in data:
                found = tuple(x509.load_pem_x509_certificates(data))
            else:
                found = (x509.load_der_x509_certificate(data),)
    except UNREADABLE:
        other = mistaken(data, field)
        raise Refused.because(
            "not-a-certificate",
            other.message if other else "It holds no X.509 certificate that can be read.",
            field=field,
            instead="Give a chain as PEM, leaf first, or one certificate as DER.",
        ) from None
    for number, certificate in enumerate(found, start=1):
        try:
            with collected_warnings():
                facts_of(certificate)
        except (Malformed, *UNREADABLE) as error:
            raise Refused.because(
                "certificate-malformed",
                f"Certificate {number} of {len(found)} is malformed: {error}.",
                field=field,
                instead="Have it issued again.",
            ) from None
    return found


def revocation_lists(
    data: bytes, *, field: str = "crl"
) -> tuple[x509.CertificateRevocationList, ...]:
    """The revocation list in `data`, PEM or DER. Refused: it can't be read, or is too large."""
    _check_size(data, field)
    load = x509.load_pem_x509_crl if b"-----BEGIN" in data else x509.load_der_x509_crl
    try:
        with collected_warnings():
            return (load(data),)
    except UNREADABLE:
        raise Refused.because(
            "not-a-revocation-list",
            "It holds no revocation list that can be read.",
            field=field,
            instead="Give a CRL as PEM or DER.",
        ) from None


def _check_size(data: bytes, field: str) -> None:
    if len(data) > MAX_BYTES:
        raise Refused.because(
            "too-large",
            "It has more than 1 MiB.",
            field=field,
            instead="Give the certificates that the server sends, and no others.",
        )
