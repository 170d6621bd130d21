"""What an authority says about revoked certificates: CRLs and OCSP responses.

Knows X.509 only; every time is an argument (aware UTC, whole seconds).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp

from store.foreign import UNREADABLE
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
    algorithm: hashes.HashAlgorithm | None = None,
) -> bytes:
    """An OCSP response (DER) about `leaf`, made at `now` and good for `LIFE`.

    revoked_at: None says that it is good. reason: why it was revoked; None says none.
    algorithm: the digest that names the issuer, as in the request; SHA-1, which all clients know,
    where there was none.
    """
    status = ocsp.OCSPCertStatus.GOOD if revoked_at is None else ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=leaf,
        issuer=issuer,
        algorithm=algorithm or hashes.SHA1(),  # noqa: S303 - a name, no signature
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
    return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)


def ocsp_malformed() -> bytes:
    """The OCSP response to what is no request (RFC 6960 2.3)."""
    return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    response = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return response.public_bytes(serialization.Encoding.DER)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which certificate an OCSP request asks about.

    algorithm: by which digest it names the issuer; the answer has to as well (RFC 6960 4.1.2).
    """

    serial: int
    algorithm: hashes.HashAlgorithm
    issuer_key_hash: bytes

    def issued_by(self, issuer: x509.Certificate) -> bool:
        """Whether it is a certificate of `issuer`'s that is asked about."""
        key = issuer.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.PKCS1
        )
        digest = hashes.Hash(self.algorithm)
        digest.update(key)
        return digest.finalize() == self.issuer_key_hash


def read_ocsp_request(request: bytes) -> Asked:
    """What an OCSP request (DER) asks; refused (`ocsp`) when it is none."""
    try:
        found = ocsp.load_der_ocsp_request(request)
        return Asked(found.serial_number, found.hash_algorithm, found.issuer_key_hash)
    except (*UNREADABLE, NotImplementedError):
        raise Refused.because("ocsp", "This is no OCSP request for one certificate.") from None
