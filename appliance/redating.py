"""A certificate issued again with other dates: to expire soon, to have expired, to start later.

For tests that want an expiry without moving any clock: clients on the real one see it too.
Key, subject, serial number and extensions stay, and so do the certificate's id and its place;
whoever signed it signs it again. So it works on whatever the box holds the signing key of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography import x509

from appliance.change import Change
from appliance.node import Node
from appliance.projection import Validity, key_that_signed
from store.certificate import iso_time
from store.inventory import Holding
from store.issuing import redated
from store.refusals import Refused

_SECOND = timedelta(seconds=1)
_FIRST_YEAR, _LAST_YEAR = 1950, 9989  # what X.509 can write, with room for a length


@dataclass(frozen=True, slots=True, kw_only=True)
class Redating:
    """What the dates are to become, on the box's calendar; exactly one way of saying it.

    expire_in, expired_since, not_valid_for: at least so long, to the second. The validity
        moves as a whole and keeps its length, so that nothing but time changes what a client
        thinks of it.
    not_before, not_after: the dates themselves; one that is None stays.
    """

    expire_in: timedelta | None = None
    expired_since: timedelta | None = None
    not_valid_for: timedelta | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None

    def __post_init__(self) -> None:
        spans = {name: getattr(self, name) for name in SPANS if getattr(self, name) is not None}
        dates = self.not_before is not None or self.not_after is not None
        if len(spans) + dates != 1:
            raise Refused.because(
                "validity-twice" if spans else "field-missing",
                "It is not clear what the dates are to become.",
                field="expire_in",
                instead=f"Give one of {', '.join(SPANS)}, or not_before and not_after.",
            )
        for name, span in spans.items():
            if span < timedelta(0):
                raise Refused.because(
                    "duration",
                    "A negative duration says the opposite.",
                    field=name,
                    instead="Give one that is not negative.",
                )

    def validity(self, before: Validity, now: datetime) -> Validity:
        """First and last moment, given those `before`; refused when they can't be written."""
        first, last = before
        length = last - first
        try:
            if self.expire_in is not None:
                last = _up(now + self.expire_in)
                return _checked(last - length, last)
            if self.expired_since is not None:
                last = (now - self.expired_since).replace(microsecond=0)
                return _checked(last - length, last)
            if self.not_valid_for is not None:
                first = _up(now + self.not_valid_for)
                return _checked(first, first + length)
        except OverflowError:
            raise _out_of_range("expire_in") from None
        first, last = self.not_before or first, self.not_after or last
        if last <= first:
            raise Refused.because(
                "validity",
                "The validity ends before it starts.",
                field="not_after",
                instead="Give an end that is later than the start.",
            )
        return _checked(first.replace(microsecond=0), last.replace(microsecond=0))


SPANS = ("expire_in", "expired_since", "not_valid_for")


def _up(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + _SECOND


def _checked(first: datetime, last: datetime) -> Validity:
    if last.year > _LAST_YEAR or last.year < _FIRST_YEAR:
        raise _out_of_range("not_after")
    edge = datetime(_FIRST_YEAR, 1, 2, tzinfo=last.tzinfo)
    return max(first, edge), max(last, edge + _SECOND)


def _out_of_range(field: str) -> Refused:
    return Refused.because(
        "time-range",
        "A validity can't reach that far.",
        field=field,
        instead=f"Years from {_FIRST_YEAR} to {_LAST_YEAR} can be written.",
    )


def prepare_redating(
    node: Node, identity: str | None, redating: Redating
) -> tuple[Change, x509.Certificate, x509.Certificate]:
    """The certificate `identity` of `node` (None: the active one) with other dates.

    Returns the change, and the certificate before and after it, for `prepare_reissue`
    elsewhere. Refused: a signing request, and what the node can't sign again. Signs: call
    off the event loop.
    """
    holding = node.active if identity is None else node.holding(identity)
    certificate = holding.certificate
    if certificate is None:
        raise Refused.because(
            "certificate-pending",
            f"{holding.name!r} is a signing request: it has no dates.",
            field="certificate",
            instead="Choose a certificate.",
        )
    key = key_that_signed(certificate, node.signers())
    if key is None:
        raise Refused.because(
            "not-signable",
            f"{holding.name!r} can't be issued again: the box does not hold the key that signed "
            "it.",
            field="certificate",
            instead="Choose one that the box has signed: its default one, a self-signed one, or "
            "one of its own authorities'.",
        )
    first, last = redating.validity(
        (certificate.not_before, certificate.not_after), node.clock.now()
    )
    leaf = redated(certificate.leaf, key, not_before=first, not_after=last)
    new = replace(holding, certificate=replace(certificate, leaf=leaf))
    assert new.certificate is not None
    detail = {
        "certificate": holding.id,
        "name": holding.name,
        "valid_before": f"{iso_time(certificate.not_before)}/{iso_time(certificate.not_after)}",
        "not_before": iso_time(new.certificate.not_before),
        "not_after": iso_time(new.certificate.not_after),
        "fingerprint_sha256": new.certificate.fingerprint("sha256"),
    }
    chains = prepare_reissue(node, certificate.leaf, leaf).add
    change = Change(add=(new, *chains), journal=(("certificate-redated", detail),))
    return change, certificate.leaf, leaf


def prepare_reissue(node: Node, old: x509.Certificate, new: x509.Certificate) -> Change:
    """Send `new` wherever a chain of `node` has `old`; nothing to add when none has."""

    def followed(holding: Holding) -> Holding:
        assert holding.certificate is not None
        chain = tuple(new if part == old else part for part in holding.certificate.chain)
        return replace(holding, certificate=replace(holding.certificate, chain=chain))

    return Change(
        add=tuple(
            followed(holding)
            for holding in node.holdings.values()
            if holding.certificate is not None and old in holding.certificate.chain
        )
    )
