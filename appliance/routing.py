"""Where a dialled number leads: a subscriber, somebody outside, a feature, or nowhere.

Pure: told who the subscribers are and how their telephones stand. Rules that are not
known of the real box are in docs/wsi.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from appliance.desks import DO_NOT_DISTURB, Desk
from store.people import Subscriber

TRUNK_PREFIX = "0"
MAX_DIVERSIONS = 5
MAX_LEGS = 2  # one call, and a second that waits or is held

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call goes.

    device: who is to ring; None when nobody is.
    failure: why not: `no-such-number`, `busy`, `do-not-disturb`; None when somebody rings.
    waits: whether the device is engaged, so that the call waits.
    diverted: the devices that passed the call on, in order.
    feature: a code for the box itself (`*44*` sets the night service).
    """

    device: str | None = None
    failure: str | None = None
    outside: bool = False
    waits: bool = False
    diverted: tuple[str, ...] = ()
    feature: bool = False


def is_number(text: str) -> bool:
    """Whether `text` can be dialled: digits, `*`, `#`, perhaps a leading `+`; up to 33."""
    return _NUMBER.fullmatch(text) is not None


def is_outside(number: str) -> bool:
    """Whether `number`, which is no extension, leads out of the box."""
    return number.startswith("+") or (number.startswith(TRUNK_PREFIX) and len(number) > 1)


def route(
    number: str,
    *,
    subscribers: Mapping[str, Subscriber],
    desk: Callable[[str], Desk],
    legs: Callable[[str], int],
    engaged: Callable[[str], bool],
) -> Route:
    """Follow `number` through forwardings to its end.

    desk, legs, engaged: of an extension: its telephone, how many connections it has, and
    whether one of them keeps it from ringing.
    """
    diverted: list[str] = []
    while number in subscribers:
        telephone = desk(number)
        elsewhere = telephone.leads_to
        if elsewhere is not None:
            diverted.append(number)
            number = elsewhere
            if number in diverted or len(diverted) > MAX_DIVERSIONS:
                return Route(failure="busy", diverted=tuple(diverted))
            continue
        if telephone.presence == DO_NOT_DISTURB:
            return Route(failure="do-not-disturb", diverted=tuple(diverted))
        if legs(number) >= MAX_LEGS:
            return Route(failure="busy", diverted=tuple(diverted))
        return Route(number, waits=engaged(number), diverted=tuple(diverted))
    if is_number(number) and is_outside(number):
        return Route(number, outside=True, diverted=tuple(diverted))
    if is_number(number) and number[0] in "*#" and not diverted:
        return Route(feature=True)
    return Route(failure="no-such-number", diverted=tuple(diverted))
