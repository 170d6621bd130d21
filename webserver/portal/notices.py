"""What a technician would thank us for saying about a certificate.

Each rule looks at one certificate at one time. They are hints, not verdicts: how client
environments really judge is known elsewhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from store.certificate import Certificate, alternative_names, common_name, long_date
from webserver.portal.texts import mark

SOON_DAYS = 30
LONGEST_DAYS = 398  # Apple's bound for certificates issued from 2020-09-01; CA/B Forum until 2026


@dataclass(frozen=True, slots=True)
class Notice:
    """One hint.

    level: `bad` (clients refuse it now), `warn` (they soon will), `hint`.
    text, advice: to be looked up in the catalogue and filled in with `values`.
    """

    level: str
    text: str
    advice: str
    values: dict[str, Any] = field(default_factory=dict)


def notices_for(
    certificate: Certificate, now: datetime, *, authority: bool = False
) -> list[Notice]:
    """Everything worth saying about `certificate` at `now`, the worst first.

    authority: whether it is there to sign others, not to be served.
    """
    form = () if authority else _form_notices(certificate)
    return [*time_notices(certificate, now), *form]


def time_notices(certificate: Certificate, now: datetime) -> list[Notice]:
    """What is worth saying about its validity at `now`."""
    return list(_time_notices(certificate, now))


def _time_notices(certificate: Certificate, now: datetime) -> Iterator[Notice]:
    if now > certificate.not_after:
        yield Notice(
            "bad",
            mark("It expired on {date} GMT."),
            mark("Clients refuse it. Activate a valid certificate."),
            {"date": long_date(certificate.not_after)},
        )
    elif now < certificate.not_before:
        yield Notice(
            "bad",
            mark("It is not valid before {date} GMT."),
            mark("Clients refuse it until then. Check the box's clock."),
            {"date": long_date(certificate.not_before)},
        )
    elif certificate.days_left(now) < SOON_DAYS:
        yield Notice(
            "warn",
            mark("It expires on {date} GMT."),
            mark("Get a new one and activate it before that."),
            {"date": long_date(certificate.not_after)},
        )


def _form_notices(certificate: Certificate) -> Iterator[Notice]:
    leaf = certificate.leaf
    if leaf.issuer == leaf.subject:
        yield Notice(
            "hint",
            mark("It is self-signed."),
            mark("No client trusts it unless it is told to; browsers warn."),
        )
    if not alternative_names(leaf.extensions):
        yield Notice(
            "hint",
            mark("It has no Subject Alternative Name."),
            mark("Most clients look for the name there only, and refuse without."),
        )
    if _is_address(common_name(leaf.subject)):
        yield Notice(
            "hint",
            mark("Its Common Name (CN) is an IP address."),
            mark("Public authorities certify names, and clients do not look for addresses there."),
        )
    days = (certificate.not_after - certificate.not_before).days
    if days > LONGEST_DAYS:
        yield Notice(
            "hint",
            mark("It is valid for {days} days."),
            mark("Some client environments accept no more than {longest}."),
            {"days": days, "longest": LONGEST_DAYS},
        )


def _is_address(text: str | None) -> bool:
    try:
        ipaddress.ip_address(text or "")
    except ValueError:
        return False
    return True
