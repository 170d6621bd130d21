"""What an authority says of a certificate's revocation: a list, and an OCSP answer.

`Case.revocation` says which there is; where it is fetched, or whether it is stapled, is for
whoever serves the case.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

Revocation = Literal["", "listed", "answered", "stapled-good", "stapled-revoked", "stapled-stale"]

_DAY = timedelta(days=1)
_SHA1 = hashes.SHA1()  # noqa: S303 - names the certificate in OCSP (RFC 6960); proves nothing


def revocation_list(
    leaf: x509.Certificate, issuer: x509.Certificate, key: rsa.RSAPrivateKey, *, at: datetime
) -> bytes:
    """A list, DER, of `issuer` at the time `at`: `leaf` was revoked two hours ago."""
    revoked = (
        x509.RevokedCertificateBuilder()
        .serial_number(leaf.serial_number)
        .revocation_date(at - timedelta(hours=2))
        .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        .build()
    )
    identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
        issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    )
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(at - timedelta(hours=1))
        .next_update(at + 7 * _DAY)
        .add_revoked_certificate(revoked)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def ocsp_answer(
    leaf: x509.Certificate,
    issuer: x509.Certificate,
    key: rsa.RSAPrivateKey,
    *,
    at: datetime,
    revocation: Revocation,
) -> bytes:
    """An OCSP answer, DER, of `issuer` itself about `leaf`; stale ones ended a week ago."""
    made = at - timedelta(hours=1) - (14 * _DAY if revocation == "stapled-stale" else 0 * _DAY)
    revoked = revocation in ("answered", "stapled-revoked")
    return (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=leaf,
            issuer=issuer,
            algorithm=_SHA1,
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=made,
            next_update=made + 7 * _DAY,
            revocation_time=at - timedelta(hours=2) if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.NAME, issuer)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
