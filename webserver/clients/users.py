"""The users of a fleet: subscribers of its own, with extensions that nobody has."""

from __future__ import annotations

import secrets

from appliance.telephony import MAX_SUBSCRIBERS
from store.people import Subscriber
from store.refusals import Refused

NAME = "UC client"
_EXTENSIONS = range(200, 100_000)


def new_users(count: int, taken: set[str]) -> list[Subscriber]:
    """People for `count` clients; refused when the box can't have so many beside `taken`."""
    left = max(0, MAX_SUBSCRIBERS - len(taken))
    if count > left:
        raise Refused.because(
            "subscribers",
            f"{count} clients need as many subscribers, and the box has {len(taken)} already.",
            field="count",
            instead=f"It can have {MAX_SUBSCRIBERS}: ask for {left} clients at most.",
        )
    free = (str(number) for number in _EXTENSIONS if str(number) not in taken)
    return [
        Subscriber(extension, f"{NAME} {extension}", secrets.token_hex(8))
        for extension, _ in zip(free, range(count), strict=False)
    ]
