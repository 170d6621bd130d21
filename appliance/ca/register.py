"""What the CA has issued and revoked, and what it says of that: lists and OCSP answers.

`Conduct` is how it is told to misbehave. Signing takes a millisecond: for an executor.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.acme.signing import certificate_id
from appliance.acme.wire import Identifier
from appliance.ca.authority import Authority
from appliance.ca.problems import error
from store.refusals import Refused
from store.revocation import (
    LIFE,
    ocsp_malformed,
    ocsp_response,
    ocsp_unauthorized,
    read_ocsp_request,
    revocation_list,
)

BACK = timedelta(minutes=5)  # what is said holds a little before now, for clocks that are behind

# RFC 5280 5.3.1, as far as a subscriber may say them (RFC 8555 7.6, BR 7.2.2).
REASONS = {
    0: None,
    1: x509.ReasonFlags.key_compromise,
    3: x509.ReasonFlags.affiliation_changed,
    4: x509.ReasonFlags.superseded,
    5: x509.ReasonFlags.cessation_of_operation,
    9: x509.ReasonFlags.privilege_withdrawn,
}


class Conduct(enum.StrEnum):
    """How the CA publishes revocation.

    CURRENT: as it should. EXPIRED: what it says has run out. WITHHELD: it says nothing.
    WRONG: the opposite of what is true.
    """

    CURRENT = "current"
    EXPIRED = "expired"
    WITHHELD = "withheld"
    WRONG = "wrong"


@dataclass(slots=True)
class Issued:
    """A certificate of the CA's.

    account: whose it is; "" for the web portal.
    """

    id: str
    leaf: x509.Certificate
    names: tuple[Identifier, ...]
    account: str
    at: datetime
    revoked_at: datetime | None = None
    reason: int = 0

    def window(self) -> tuple[datetime, datetime]:
        """When to renew it (RFC 9773 4.2): after two thirds of its life; in the past if revoked."""
        start, end = self.leaf.not_valid_before_utc, self.leaf.not_valid_after_utc
        if self.revoked_at is not None:
            return self.revoked_at - timedelta(days=1), self.revoked_at
        opens = start + (end - start) * 2 / 3
        return opens, opens + max((end - start) / 45, timedelta(minutes=1))


class Register:
    """Everything issued, by id, serial number and the name it has in renewal information."""

    def __init__(self) -> None:
        self.issued: dict[str, Issued] = {}
        self._by_serial: dict[int, Issued] = {}
        self._by_der: dict[bytes, Issued] = {}
        self._by_renewal: dict[str, Issued] = {}
        self.conduct: dict[str, Conduct] = {"crl": Conduct.CURRENT, "ocsp": Conduct.CURRENT}

    def add(self, one: Issued) -> None:
        """Enter a certificate."""
        self.issued[one.id] = one
        self._by_serial[one.leaf.serial_number] = one
        self._by_der[one.leaf.public_bytes(Encoding.DER)] = one
        name = certificate_id(one.leaf)
        if name is not None:
            self._by_renewal[name] = one

    def by_der(self, der: bytes) -> Issued | None:
        """The entry of exactly this certificate; `der` may be anything."""
        return self._by_der.get(der)

    def by_renewal(self, name: str) -> Issued | None:
        """The entry of an RFC 9773 certificate identifier."""
        return self._by_renewal.get(name)

    def times(self, names: tuple[Identifier, ...]) -> list[datetime]:
        """When certificates for exactly `names` were issued."""
        return [one.at for one in self.issued.values() if one.names == names]

    def revoke(self, one: Issued, *, reason: object, now: datetime) -> None:
        """Revoke a certificate; refused when it is already, or the reason is none of ours."""
        if isinstance(reason, bool) or not isinstance(reason, int) or reason not in REASONS:
            raise error(
                "badRevocationReason",
                f"{str(reason)[:20]} is no reason a subscriber may give; "
                f"{', '.join(map(str, REASONS))} are (RFC 5280 5.3.1).",
            )
        if one.revoked_at is not None:
            raise error("alreadyRevoked", "This certificate was revoked before.")
        one.revoked_at, one.reason = now.replace(microsecond=0), reason

    def revocation_list(self, authority: Authority, *, now: datetime) -> bytes | None:
        """The CRL (DER), as `conduct` has it; None when it is withheld."""
        conduct = self.conduct["crl"]
        if conduct is Conduct.WITHHELD:
            return None
        now = self._said_at(now, conduct)
        wrong = conduct is Conduct.WRONG
        listed = {
            one.leaf.serial_number: (one.revoked_at or now)
            for one in self.issued.values()
            if (one.revoked_at is None) == wrong
        }
        reasons = {one.leaf.serial_number: REASONS[one.reason] for one in self.issued.values()}
        return revocation_list(
            listed, issuer=authority.issuer, key=authority.key, now=now, reasons=reasons
        )

    def ocsp_answer(self, authority: Authority, request: bytes, *, now: datetime) -> bytes | None:
        """The OCSP answer (DER), as `conduct` has it; None when it is withheld."""
        conduct = self.conduct["ocsp"]
        if conduct is Conduct.WITHHELD:
            return None
        try:
            asked = read_ocsp_request(request)
        except Refused:
            return ocsp_malformed()
        found = self._by_serial.get(asked.serial)
        if found is None or not asked.issued_by(authority.issuer):
            return ocsp_unauthorized()
        now = self._said_at(now, conduct)
        revoked = found.revoked_at
        if conduct is Conduct.WRONG:
            revoked = now if revoked is None else None
        return ocsp_response(
            found.leaf,
            issuer=authority.issuer,
            key=authority.key,
            now=now,
            revoked_at=revoked,
            reason=REASONS[found.reason],
            algorithm=asked.algorithm,
        )

    @staticmethod
    def _said_at(now: datetime, conduct: Conduct) -> datetime:
        back = LIFE + timedelta(days=1) if conduct is Conduct.EXPIRED else BACK
        return now.replace(microsecond=0) - back
