"""The box's dates on the real calendar, for clients whose clock nobody moves.

A certificate that the box's calendar gives ten more seconds is presented with ten more
real seconds (divided by the rate): same key, subject, serial and extensions, only its
validity moved and signed again. What the box has no signing key for stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.clock import Clock
from store.certificate import Certificate
from store.inventory import Holding, Kind
from store.issuing import redated
from store.requirements import key_matches

Validity = tuple[datetime, datetime]


def projected(
    certificate: Certificate,
    holdings: Iterable[Holding],
    *,
    clock: Clock,
    second: datetime | None = None,
) -> Certificate | None:
    """`certificate` with its validity on the real calendar; None when its leaf can't be signed.

    holdings: where the keys of authorities are looked for. Certificates of the chain that
    can't be signed are left as they are.
    second: the real second in which it is to be presented; None for now.
    Signs (half a millisecond each): call off the loop.
    """
    authorities = [one for one in holdings if one.kind is Kind.AUTHORITY]

    def moved(
        part: x509.Certificate, own_key: rsa.RSAPrivateKey | None = None
    ) -> x509.Certificate | None:
        key = _signing_key(part, own_key, authorities)
        if key is None:
            return None
        return redated(
            part,
            key,
            not_before=clock.to_real(part.not_valid_before_utc, second=second),
            not_after=clock.to_real(part.not_valid_after_utc, second=second),
        )

    leaf = moved(certificate.leaf, certificate.key)
    if leaf is None:
        return None
    return replace(
        certificate, leaf=leaf, chain=tuple(moved(part) or part for part in certificate.chain)
    )


def can_project(certificate: Certificate, holdings: Iterable[Holding]) -> bool:
    """Whether the box holds the key that signed the leaf."""
    return key_that_signed(certificate, holdings) is not None


def key_that_signed(
    certificate: Certificate, holdings: Iterable[Holding]
) -> rsa.RSAPrivateKey | None:
    """The key with which the leaf was signed: its own, or an authority's; None if not held."""
    authorities = [one for one in holdings if one.kind is Kind.AUTHORITY]
    return _signing_key(certificate.leaf, certificate.key, authorities)


def _signing_key(
    certificate: x509.Certificate,
    own_key: rsa.RSAPrivateKey | None,
    authorities: Sequence[Holding],
) -> rsa.RSAPrivateKey | None:
    if certificate.issuer == certificate.subject and own_key and key_matches(certificate, own_key):
        return own_key
    issuer = issuer_among(certificate, authorities)
    return None if issuer is None or issuer.certificate is None else issuer.certificate.key


def issuer_among(certificate: x509.Certificate, holdings: Iterable[Holding]) -> Holding | None:
    """The authority that signed `certificate` and whose key the box holds; None without one."""
    for authority in holdings:
        issuer = authority.certificate
        if authority.kind is not Kind.AUTHORITY or issuer is None or issuer.key is None:
            continue
        if issuer.leaf.subject != certificate.issuer:
            continue
        try:
            certificate.verify_directly_issued_by(issuer.leaf)
        except (InvalidSignature, TypeError, ValueError, UnsupportedAlgorithm):
            continue
        return authority
    return None
