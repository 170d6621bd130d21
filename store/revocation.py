"""What an authority says about revoked certificates: CRLs and OCSP responses.

Knows X.509 only; every time is an argument (aware UTC, whole seconds).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp

from store.issuing import authority_key_identifier
from store.refusals import Refused

LIFE = timedelta(days=7)  # what is said holds so long


def revocation_list(
    revoked: Mapping[int, datetime],
    *,
    issuer: x509.Certificate,
    key: rsa.RSAPrivateKey,
    now: datetime,
    reasons: Mapping[int, x509.ReasonFlags | None] | None = None,
) -> bytes:
    """A CRL (DER) of the serial numbers `revoked`, each with the time of its revocation.

    reasons: by serial number; where there is none, the entry says none (RFC 5280 5.3.1).
    """
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now)
        .next_update(now + LIFE)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(authority_key_identifier(issuer), critical=False)
    )
    for serial, moment in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment)
        if (reason := (reasons or {}).get(serial)) is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def ocsp_response(
    leaf: x509.Certificate,
    *,
    issuer: x509.Certificate,
    key: rsa.RSAPrivateKey,
    now: datetime,
    revoked_at: datetime | None = None,
    reason: x509.ReasonFlags | None = x509.ReasonFlags.key_compromise,
) -> bytes:
    """An OCSP response (DER) about `leaf`, made at `now` and good for `LIFE`.

    revoked_at: None says that it is good. reason: why it was revoked; None says none.
    """
    status = ocsp.OCSPCertStatus.GOOD if revoked_at is None else ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=leaf,
        issuer=issuer,
        algorithm=hashes.SHA1(),  # noqa: S303 - names the issuer; the one that all clients know
        cert_status=status,
        this_update=now,
        next_update=now + LIFE,
        revocation_time=revoked_at,
        revocation_reason=None if revoked_at is None else reason,
    )
    signed = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer).sign(
        key, hashes.SHA256()
    )
    return signed.public_bytes(serialization.Encoding.DER)


def ocsp_unauthorized() -> bytes:
    """The OCSP response to who asks for a certificate that nobody here issued."""
    response = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    return response.public_bytes(serialization.Encoding.DER)


def serial_asked(request: bytes) -> int:
    """The serial number that an OCSP request (DER) asks for; refused when it is none."""
    try:
        return ocsp.load_der_ocsp_request(request).serial_number
    except (ValueError, NotImplementedError):
        raise Refused.because("ocsp", "This is no OCSP request for one certificate.") from None
