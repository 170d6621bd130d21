"""How long a certificate is valid against how long each client lets it be: bars on one axis.

The limits are the judgement's own rules. Numbers for a drawing; knows no HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.trust import ENVIRONMENTS, Environment, Origin
from appliance.trust.rules_time import Lifetime
from store.certificate import Certificate
from webserver.outlook import Telling
from webserver.portal.display import Validity, validity
from webserver.portal.texts import Texts
from webserver.portal.timeline import Tick, ticks
from webserver.portal.verdict_words import title_of

_ORIGIN = {
    Telling.NOTHING: Origin.PUBLIC,
    Telling.USER: Origin.USER,
    Telling.ADMINISTRATOR: Origin.ADMINISTRATOR,
}
_MARGIN = 0.03
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
_FARTHEST = timedelta(days=12 * 365.25)


@dataclass(frozen=True, slots=True)
class Limit:
    """A longest validity. names: titles of who has it.

    ends: when a certificate with this start would have to end. over: whether ours ends later.
    x, width: percent of the axis.
    """

    days: int
    names: tuple[str, ...]
    ends: datetime
    over: bool
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The drawing: the certificate's own bar, then the limits, the strictest first.

    x, width, now: percent of the axis. days: of the certificate's validity.
    """

    life: Validity
    days: int
    x: float
    width: float
    cut: bool
    limits: tuple[Limit, ...]
    ticks: tuple[Tick, ...]
    now: float


def limits_of(certificate: Certificate, *, at: datetime, telling: Telling, texts: Texts) -> Limits:
    """The limits that hold for `certificate` under an authority that clients were so told of."""
    start = certificate.not_before
    found: dict[int, list[str]] = {}
    for environment in ENVIRONMENTS.values():
        days = [
            rule.days
            for rule in _lifetimes(environment)
            if _ORIGIN[telling] in rule.origins
            and (rule.issued_from is None or start.date() >= rule.issued_from)
        ]
        if days:
            found.setdefault(min(days), []).append(title_of(environment.id, texts))
    ends = {days: start + timedelta(days=days) for days in found}
    begin, end = min(start, at), max([certificate.not_after, at, *ends.values()])
    end = min(end, max(start, at) + _FARTHEST)
    margin = max((end - begin) * _MARGIN, _DAY)
    begin, end = begin - margin, end + margin

    def place(moment: datetime) -> float:
        return min(max(round((moment - begin) / (end - begin) * 100, 2), 0.0), 100.0)

    def width(last: datetime) -> float:
        return max(round(place(last) - place(start), 2), 0.8)

    return Limits(
        life=validity(certificate, at),
        days=-(-(certificate.not_after - start + _SECOND) // _DAY),  # as the rule counts them
        x=place(start),
        width=width(certificate.not_after),
        cut=certificate.not_after > end,
        limits=tuple(
            Limit(
                days=days,
                names=tuple(found[days]),
                ends=last,
                over=certificate.not_after + _SECOND > last,
                x=place(start),
                width=width(last),
            )
            for days, last in sorted(ends.items())
        ),
        ticks=tuple(Tick(place(moment), text) for moment, text in ticks(begin, end)),
        now=place(at),
    )


def _lifetimes(environment: Environment) -> Iterator[Lifetime]:
    for rule in environment.rules:
        if isinstance(rule, Lifetime):
            yield rule
    for name in environment.parts:
        yield from _lifetimes(ENVIRONMENTS[name])
