"""What is known of revocation: lists that were given, and an answer the server stapled.

Nothing is fetched: what is not given is not known, and is said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import ocsp

from appliance.trust.facts import Facts


@dataclass(frozen=True, slots=True)
class Status:
    """crls: revocation lists to look into. stapled: the OCSP response that came with the
    certificate, in DER; None when the server sent none."""

    crls: tuple[x509.CertificateRevocationList, ...] = ()
    stapled: bytes | None = None

    def revoked(self, facts: Facts, issuer: Facts, at: datetime) -> datetime | None:
        """When `facts` was revoked, by what is known; None when it is not known to be.

        A list has to be its issuer's, with a good signature, and not of the future.
        """
        for crl in self.crls:
            if crl.issuer != issuer.certificate.subject or crl.last_update_utc > at:
                continue
            try:
                key = issuer.certificate.public_key()
                if not crl.is_signature_valid(key):  # type: ignore[arg-type]
                    continue
                entry = crl.get_revoked_certificate_by_serial_number(facts.serial)
            except (TypeError, ValueError, UnsupportedAlgorithm):
                continue
            if entry is not None and entry.revocation_date_utc <= at:
                return entry.revocation_date_utc
        return self._stapled_revocation(facts)

    def _stapled_revocation(self, facts: Facts) -> datetime | None:
        if self.stapled is None:
            return None
        try:
            response = ocsp.load_der_ocsp_response(self.stapled)
            if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                return None
            for single in response.responses:
                revoked = single.certificate_status is ocsp.OCSPCertStatus.REVOKED
                if revoked and single.serial_number == facts.serial:
                    return single.revocation_time_utc
        except (ValueError, UnsupportedAlgorithm):
            return None
        return None
