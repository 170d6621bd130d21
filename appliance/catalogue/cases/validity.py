"""Cases of time: when the certificates are valid, for how long, and how that is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from appliance.catalogue.recipes import DAY, Case, authority, intermediate, leaf, of_topic

_case = of_topic("validity")
_UNDER = leaf(issuer="intermediate")
_SENT = ("leaf", "intermediate")
_LAST_YEAR: dict[str, Any] = {"starts": -400 * DAY, "ends": -DAY}


def _days(days: int) -> timedelta:
    """When a certificate ends that began yesterday and has `days` days, the last second included
    (RFC 5280 4.1.2.5; Apple counts so too)."""
    return (days - 1) * DAY - timedelta(seconds=1)


CASES: tuple[Case, ...] = (
    _case("expired", "Expired yesterday", "It has expired.", leaf=leaf(**_LAST_YEAR)),
    _case(
        "expired-second",
        "Expired a minute ago",
        "It has expired.",
        leaf=leaf(ends=-timedelta(minutes=1)),
    ),
    _case(
        "expired-by-name",
        "Expired yesterday, reached by another name than the one it is for",
        "It has expired, and is for another name.",
        leaf=leaf(names=("DNS:other.example.test",), **_LAST_YEAR),
        host="{dns}",
    ),
    _case(
        "not-yet-valid",
        "Valid from tomorrow",
        "It is not valid yet.",
        leaf=leaf(starts=DAY),
    ),
    _case(
        "dates-swapped",
        "It ends before it begins, both in the past",
        "The end of its validity is before its beginning.",
        leaf=leaf(starts=-DAY, ends=-2 * DAY),
    ),
    _case(
        "dates-swapped-around-now",
        "It begins tomorrow and ended yesterday",
        "The end of its validity is before its beginning.",
        leaf=leaf(starts=DAY, ends=-DAY),
    ),
    _case("398-days", "Valid for 398 days", leaf=leaf(ends=_days(398))),
    _case("399-days", "Valid for 399 days", leaf=leaf(ends=_days(399))),
    _case("825-days", "Valid for 825 days", leaf=leaf(ends=_days(825))),
    _case("826-days", "Valid for 826 days", leaf=leaf(ends=_days(826))),
    _case("ten-years", "Valid for ten years", leaf=leaf(ends=3649 * DAY)),
    _case(
        "until-2060",
        "Valid until 2060, written as GeneralizedTime",
        leaf=leaf(ends=datetime(2060, 1, 1, tzinfo=UTC)),
        root=authority(ends=datetime(2060, 1, 1, tzinfo=UTC)),
    ),
    _case(
        "until-9999",
        "Valid until the end of 9999: no end is meant (RFC 5280 4.1.2.5)",
        leaf=leaf(ends=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        root=authority(ends=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ),
    _case(
        "since-1970",
        "Valid since 1970",
        leaf=leaf(starts=datetime(1970, 1, 1, tzinfo=UTC)),
        root=authority(starts=datetime(1970, 1, 1, tzinfo=UTC)),
    ),
    _case(
        "since-1949",
        "Valid since 1949, before UTCTime begins",
        leaf=leaf(starts=datetime(1949, 1, 1, tzinfo=UTC)),
    ),
    _case(
        "generalized-time",
        "Its dates are written as GeneralizedTime, though they are before 2050",
        "RFC 5280 4.1.2.5 wants UTCTime through the year 2049.",
        leaf=leaf(generalized=True),
    ),
    _case(
        "outlives-authority",
        "It is valid for longer than the authority that issued it",
        leaf=leaf(ends=800 * DAY),
        root=authority(ends=400 * DAY),
    ),
    _case(
        "anchor-expired",
        "The trusted authority has expired, the server certificate has not",
        "The authority has expired.",
        root=authority(starts=-4000 * DAY, ends=-DAY),
    ),
    _case(
        "anchor-not-yet-valid",
        "The trusted authority is valid from tomorrow",
        "The authority is not valid yet.",
        root=authority(starts=DAY),
    ),
    _case(
        "anchor-expired-sent",
        "The trusted authority has expired, and is sent as well",
        "The authority has expired.",
        root=authority(starts=-4000 * DAY, ends=-DAY),
        chain=("leaf", "root"),
    ),
    _case(
        "intermediate-expired",
        "The intermediate authority has expired",
        "The intermediate has expired.",
        between={"intermediate": intermediate(**_LAST_YEAR)},
        leaf=_UNDER,
        chain=_SENT,
    ),
    _case(
        "intermediate-not-yet-valid",
        "The intermediate authority is valid from tomorrow",
        "The intermediate is not valid yet.",
        between={"intermediate": intermediate(starts=DAY)},
        leaf=_UNDER,
        chain=_SENT,
    ),
    _case(
        "last-second",
        "It is in its last second: not_after is the second that has begun",
        leaf=leaf(ends=timedelta()),
        asked=timedelta(seconds=0.4),
    ),
    _case(
        "last-instant",
        "The time is not_after exactly, without a fraction",
        leaf=leaf(ends=timedelta()),
        frozen=True,
    ),
    _case(
        "first-instant",
        "The time is not_before exactly, without a fraction",
        leaf=leaf(starts=timedelta()),
        frozen=True,
    ),
    _case(
        "second-after",
        "The time is one second after not_after, without a fraction",
        "It has expired.",
        leaf=leaf(ends=-timedelta(seconds=1)),
        frozen=True,
    ),
    _case(
        "first-second",
        "It is in its first second: not_before is the second that has begun",
        leaf=leaf(starts=timedelta()),
        asked=timedelta(seconds=0.4),
    ),
)
