"""When a certificate is renewed, when a failed attempt is repeated, when somebody is warned.

All of it on the box's calendar; real time is not known here. A certificate's dates are on the
CA's calendar, which is the box's only as long as nobody moves the box's clock. So a life is
counted from when the box obtained the certificate, and never reaches past its end unless the
two calendars are so far apart that its dates say nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, time, timedelta

from appliance.acme.wire import RenewalInfo
from appliance.clock import LATEST

RENEW_AT = 2 / 3  # of the life, where the CA says nothing better
_AT_LATEST = 9 / 10  # of the life, whatever the CA advises
_MEANINGLESS = 1 / 10  # of the life: with less left when it is new, its dates say nothing
_TOGETHER = timedelta(days=1)  # how far apart the calendars of box and CA may be and agree

# After the first, second, … failure in a row; the last one is for all that follow.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 30, 60, 3 * 60, 6 * 60, 12 * 60))
_SHARE = 1 / 20  # of what is left of the certificate being served: no retry waits longer
_AT_LEAST = timedelta(minutes=1)

# Parts of the life that are left when a failing renewal becomes a warning, each more urgent.
WARN_AT = (1 / 4, 1 / 10, 0.0)

ASK_AGAIN = timedelta(hours=6)  # for renewal information, where the CA says nothing (RFC 9773 4.3)
ASK_BOUNDS = (timedelta(minutes=1), timedelta(days=1))


def life_left(obtained: datetime, not_before: datetime, not_after: datetime) -> timedelta:
    """How much of a certificate's life lay before it when it was obtained."""
    life = not_after - not_before
    left = min(life, not_after - obtained)
    return life if left < life * _MEANINGLESS else left


def renewal_due(obtained: datetime, not_before: datetime, not_after: datetime) -> datetime:
    """When a certificate is to be renewed: two thirds of its life after it was obtained."""
    return _plus(obtained, life_left(obtained, not_before, not_after) * RENEW_AT)


def advised_due(
    info: RenewalInfo,
    *,
    obtained: datetime,
    not_before: datetime,
    not_after: datetime,
    draw: Callable[[], float] = random.random,
) -> datetime:
    """When to renew as the CA advises: some moment of its window (RFC 9773 4.2).

    The window is on the CA's calendar. Where the box's is another one, it is as long after
    obtaining on the one as it is after `not_before` on the other. Never so late that the
    certificate could end first.
    """
    apart = obtained - not_before
    shift = timedelta(0) if abs(apart) <= _TOGETHER else apart
    latest = _plus(obtained, life_left(obtained, not_before, not_after) * _AT_LATEST)
    return min(_plus(info.start, shift + (info.end - info.start) * draw()), latest)


def retry_at(
    now: datetime, *, failures: int, not_after: datetime | None, retry_after: float | None
) -> datetime:
    """When to try again after `failures` (one or more) in a row.

    not_after: the end of the certificate that was to be renewed; None where there is none.
    retry_after: seconds that the CA asked for; a lower bound.
    """
    wait = BACK_OFF[min(failures, len(BACK_OFF)) - 1]
    if not_after is not None and not_after > now:
        wait = max(min(wait, (not_after - now) * _SHARE), _AT_LEAST)
    if retry_after is not None:
        wait = max(wait, timedelta(seconds=min(retry_after, 86_400 * 30)))
    return _plus(now, wait)


def warning_level(
    now: datetime, *, obtained: datetime, not_before: datetime, not_after: datetime
) -> int:
    """How urgent a failing renewal is: 0, or up to 3 when the certificate has expired."""
    life = life_left(obtained, not_before, not_after)
    left = _plus(obtained, life) - now
    return sum(left <= life * share for share in WARN_AT)


def next_hour(now: datetime, hour: time | None) -> datetime:
    """The next time of day `hour` on the box's calendar (UTC); now, when it is None."""
    if hour is None:
        return now
    today = datetime.combine(now.date(), hour, tzinfo=now.tzinfo)
    return today if today >= now else _plus(today, timedelta(days=1))


def ask_again(now: datetime, retry_after: float | None) -> datetime:
    """When to ask for renewal information again."""
    low, high = ASK_BOUNDS
    wait = ASK_AGAIN if retry_after is None else timedelta(seconds=min(retry_after, 86_400))
    return _plus(now, min(max(wait, low), high))


def _plus(moment: datetime, by: timedelta) -> datetime:
    try:
        return min(moment + by, LATEST)
    except OverflowError:
        return LATEST
