"""What is known of revocation: lists, OCSP answers, and one that the server stapled.

Nothing is fetched: what is not given is not known. Whether a client heeds what is given is for
its rules to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp

from appliance.trust.facts import Facts
from store.foreign import collected_warnings

Evidence = Literal["list", "answer", "staple"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an OCSP response says of one certificate. stale: it had ended at that time."""

    revoked: datetime | None
    stale: bool


@dataclass(frozen=True, slots=True)
class Status:
    """crls: revocation lists that can be had. answers: OCSP responses (DER) that can be had.
    stapled: the one that came with the certificate; None when the server sent none."""

    crls: tuple[x509.CertificateRevocationList, ...] = ()
    answers: tuple[bytes, ...] = ()
    stapled: bytes | None = None

    def revocations(
        self, facts: Facts, issuer: Facts, at: datetime
    ) -> Iterator[tuple[Evidence, datetime]]:
        """How it is known that `facts` was revoked by the time `at`, and when it was.

        A list or an answer has to be its issuer's, with a good signature.
        """
        for crl in self.crls:
            when = _listed(crl, facts, issuer, at)
            if when is not None:
                yield "list", when
        for response in self.answers:
            answer = read_answer(response, facts, issuer, at)
            if answer is not None and answer.revoked is not None:
                yield "answer", answer.revoked
        staple = self.staple(facts, issuer, at)
        if staple is not None and staple.revoked is not None:
            yield "staple", staple.revoked

    def staple(self, facts: Facts, issuer: Facts, at: datetime) -> Answer | None:
        """What was stapled for `facts`; None when nothing was, or it can't be believed."""
        return None if self.stapled is None else read_answer(self.stapled, facts, issuer, at)


def _listed(
    crl: x509.CertificateRevocationList, facts: Facts, issuer: Facts, at: datetime
) -> datetime | None:
    try:
        with collected_warnings():
            if crl.issuer != issuer.certificate.subject or crl.last_update_utc > at:
                return None
            key = issuer.certificate.public_key()
            if not crl.is_signature_valid(key):  # type: ignore[arg-type]
                return None
            entry = crl.get_revoked_certificate_by_serial_number(facts.serial)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return None
    if entry is None or entry.revocation_date_utc > at:
        return None
    return entry.revocation_date_utc


def read_answer(data: bytes, facts: Facts, issuer: Facts, at: datetime) -> Answer | None:
    """What the OCSP response `data` (DER) says of `facts`; None when it says nothing of it, or
    was signed neither by its issuer nor by somebody that the issuer appointed (RFC 6960 4.2.2.2).
    """
    try:
        with collected_warnings():
            response = ocsp.load_der_ocsp_response(data)
            if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                return None
            if not _signed_for(response, issuer.certificate):
                return None
            for single in response.responses:
                if single.serial_number != facts.serial:
                    continue
                end = single.next_update_utc
                revoked = single.certificate_status is ocsp.OCSPCertStatus.REVOKED
                return Answer(
                    single.revocation_time_utc if revoked else None,
                    stale=single.this_update_utc > at or (end is not None and end < at),
                )
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        return None
    return None


def _signed_for(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    signer = issuer
    for certificate in response.certificates[:5]:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING in usage:
            certificate.verify_directly_issued_by(issuer)
            signer = certificate
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    assert isinstance(algorithm, hashes.HashAlgorithm)
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
    else:
        return False
    return True
