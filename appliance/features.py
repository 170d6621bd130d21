"""Feature codes: what dialling `*` or `#` with digits does to a telephone, as a table.

Of the real box's codes these are dialled by published clients: `*83EXTENSION` before a code,
to dial it for somebody else; `*11NUMBER` and `#1`; `*44` and `#44`. The others are assumed
(docs/wsi.md). Pure: the exchange does what is found here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from appliance.desks import DO_NOT_DISTURB, OFFICE, Agent


class Setting(Enum):
    """What of a telephone a code sets."""

    FORWARDING = "forwarding"
    PRESENCE = "presence"
    AGENT = "agent"
    NOTHING = "nothing"  # taken, and without effect on any telephone


@dataclass(frozen=True, slots=True)
class Feature:
    """What a dialled code asks for.

    value: of the kind that the setting takes; None for none any more.
    extension: whose telephone; None for the one it was dialled at.
    """

    setting: Setting
    value: str | int | Agent | None = None
    extension: str | None = None


# Code, what it sets, and to what; where that is None, to the number behind the code.
_CODES: tuple[tuple[str, Setting, int | Agent | None], ...] = (
    (r"\*11(\+?[0-9]+)", Setting.FORWARDING, None),
    (r"#1", Setting.FORWARDING, None),
    (r"\*97", Setting.PRESENCE, DO_NOT_DISTURB),
    (r"#97", Setting.PRESENCE, OFFICE),
    (r"\*401[0-9]*", Setting.AGENT, Agent.READY),
    (r"#401", Setting.AGENT, Agent.LOGGED_OFF),
    (r"\*402", Setting.AGENT, Agent.READY),
    (r"#402", Setting.AGENT, Agent.NOT_READY),
    (r"\*403", Setting.AGENT, Agent.AFTER_CALL),
    (r"#403", Setting.AGENT, Agent.READY),
)
_TABLE = tuple((re.compile(code), setting, value) for code, setting, value in _CODES)
_FOR_ANOTHER = re.compile(r"\*83([0-9]{1,10})([*#].+)")


def feature(number: str) -> Feature:
    """What dialling `number`, which begins with `*` or `#`, asks for."""
    extension = None
    if found := _FOR_ANOTHER.fullmatch(number):
        extension, number = found.groups()
    for pattern, setting, value in _TABLE:
        if match := pattern.fullmatch(number):
            behind = match[1] if pattern.groups else None
            return Feature(setting, behind if value is None else value, extension)
    return Feature(Setting.NOTHING, extension=extension)
