"""What clients would say of a certificate of this box, in three cases: before they have been
told to trust its issuer, and after their user or their administrator has told them.

Values only; takes a few hundredths of a second, so call it off the loop. Knows no page.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from appliance.trust import Anchor, Origin, Outcome, Verdict, judge
from store.certificate import Certificate
from store.foreign import UNREADABLE
from webserver.public_roots import machine_anchors


class Telling(enum.StrEnum):
    """What clients have been told to trust beside the public authorities.

    NOTHING: they are as they came. USER, ADMINISTRATOR: the certificate's issuer, by whom.
    """

    NOTHING = "nothing"
    USER = "user"
    ADMINISTRATOR = "administrator"


_ORIGINS = {Telling.USER: Origin.USER, Telling.ADMINISTRATOR: Origin.ADMINISTRATOR}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of the clients.

    certificate: as it is, or would be, presented. host: the name or address they use.
    at: their time (aware UTC).
    issuer: what they would have to be told to trust; the certificate itself when that is
        self-signed; None when it is a public authority, or not in the box.
    verdicts: of every environment, by what it has been told; `NOTHING` alone without issuer.
    """

    certificate: Certificate
    host: str
    at: datetime
    issuer: x509.Certificate | None
    verdicts: Mapping[Telling, tuple[Verdict, ...]]

    @property
    def best_known(self) -> Telling:
        """What this box's clients will most likely have been told: by who exported the issuer."""
        told = Telling.ADMINISTRATOR
        return told if told in self.verdicts else Telling.NOTHING

    @property
    def not_by_user(self) -> tuple[str, ...]:
        """Ids of who heeds an administrator's word on the issuer, but not their user's."""
        if self.issuer is None:
            return ()
        refused = {
            verdict.environment
            for verdict in self.verdicts[Telling.USER]
            if verdict.outcome is Outcome.REFUSED
        }
        return tuple(
            verdict.environment
            for verdict in self.verdicts[Telling.ADMINISTRATOR]
            if verdict.outcome is not Outcome.REFUSED and verdict.environment in refused
        )

    @property
    def self_signed(self) -> bool:
        """Whether the issuer is the certificate itself."""
        return self.issuer is not None and self.issuer == self.certificate.leaf

    def count(self, outcome: Outcome, telling: Telling) -> int:
        """How many environments come to `outcome`."""
        return sum(verdict.outcome is outcome for verdict in self.verdicts[telling])


def outlook_of(
    certificate: Certificate,
    *,
    host: str,
    at: datetime,
    authorities: Iterable[x509.Certificate] = (),
) -> Outlook:
    """What clients that use `host` at `at` make of `certificate`.

    authorities: where its issuer is looked for when the chain does not reach it. Refused as
    `judge` refuses.
    """
    chain = (certificate.leaf, *certificate.chain)
    public = public_anchors()
    issuer = issuer_of(certificate, authorities)
    if any(anchor.certificate == issuer for anchor in public):
        issuer = None  # every client has it already
    found = {Telling.NOTHING: tuple(judge(chain, host=host, anchors=public, at=at))}
    if issuer is not None:
        for telling, origin in _ORIGINS.items():
            anchors = (Anchor(issuer, origin), *public)
            found[telling] = tuple(judge(chain, host=host, anchors=anchors, at=at))
    return Outlook(certificate, host, at, issuer, found)


def issuer_of(
    certificate: Certificate, authorities: Iterable[x509.Certificate]
) -> x509.Certificate | None:
    """The certificate at the top of the chain, or the one of `authorities` that signed that."""
    top = certificate.chain[-1] if certificate.chain else certificate.leaf
    if top.subject == top.issuer:
        return top
    for authority in authorities:
        if authority.subject == top.issuer and _signed(top, authority):
            return authority
    return None


def _signed(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


@lru_cache(maxsize=1)
def public_anchors() -> tuple[Anchor, ...]:
    """The public authorities of this machine, without what its administrator added."""
    return tuple(one for one in machine_anchors().anchors if one.origin is Origin.PUBLIC)


@dataclass(frozen=True, slots=True)
class Swap:
    """What changes for clients when one certificate takes the place of another.

    shut: verdicts on the new one of environments that take the old one and not the new.
    opened: ids of those that did not take the old one and take the new.
    refusing: verdicts of those that take neither.
    """

    shut: tuple[Verdict, ...]
    opened: tuple[str, ...]
    refusing: tuple[Verdict, ...]


def swap_of(old: Outlook, new: Outlook) -> Swap:
    """Both judged by clients that have been told to trust the issuer, where it is known."""
    took = {
        verdict.environment: verdict.outcome is not Outcome.REFUSED
        for verdict in old.verdicts[old.best_known]
    }
    verdicts = new.verdicts[new.best_known]
    refused = [one for one in verdicts if one.outcome is Outcome.REFUSED]
    return Swap(
        shut=tuple(one for one in refused if took[one.environment]),
        opened=tuple(
            one.environment
            for one in verdicts
            if one.outcome is not Outcome.REFUSED and not took[one.environment]
        ),
        refusing=tuple(one for one in refused if not took[one.environment]),
    )
