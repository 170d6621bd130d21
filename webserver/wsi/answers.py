"""The shapes of WSI's answers: XML elements, and the three ways it says no.

Pure text in, pure text out. Shapes follow captures and the code of real clients; what is
assumed about them says docs/wsi.md.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from appliance.calls import HOOK_EVENT, Event

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
NOT_LOGGED_IN = "NOT_LOGGED_IN"

# What XML 1.0 can't carry, not even escaped: control characters, surrogates, two others.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Errors(enum.Enum):
    """How a command says no: what its clients look for."""

    LOGIN = "ID 0 and ERROR in LOGIN"
    REASON = "ERROR with REASON"
    CSTA = "CSTAErrorCode"
    LOCAL = 'local="false"'


def speakable(text: str) -> str:
    """`text` as XML content."""
    return escape(_UNSPEAKABLE.sub("\ufffd", text))


def element(name: str, *content: str, **attributes: str) -> str:
    """An element around `content`, which is XML already; texts go through `leaf`."""
    said = "".join(
        f" {key}={quoteattr(_UNSPEAKABLE.sub('�', value))}" for key, value in attributes.items()
    )
    inside = "".join(content)
    return f"<{name}{said}>{inside}</{name}>" if inside else f"<{name}{said}/>"


def leaf(name: str, text: object) -> str:
    """An element with text in it; without text it still has both its tags."""
    return f"<{name}>{speakable(str(text))}</{name}>"


def reason(text: str) -> str:
    """`<ERROR><REASON>`: what most commands answer when they can't."""
    return element("ERROR", leaf("REASON", text))


# Codes of refusals, as ECMA-323 sorts and words them.
_CSTA: dict[str, tuple[str, str]] = {
    "invalid-parameter": ("operation", "invalidParameterValue"),
    "missing-parameter": ("operation", "invalidParameterValue"),
    "no-such-device": ("operation", "invalidDeviceID"),
    "no-such-number": ("operation", "invalidDestination"),
    "in-this-call": ("operation", "invalidDestination"),
    "no-such-monitor": ("operation", "invalidMonitorCrossRefID"),
    "wrong-state": ("stateIncompatibility", "invalidObjectState"),
    "no-active-call": ("stateIncompatibility", "noActiveCall"),
    "no-held-call": ("stateIncompatibility", "noHeldCall"),
    "busy": ("systemResourceAvailability", "resourceBusy"),
    "do-not-disturb": ("systemResourceAvailability", "resourceBusy"),
}
# Where one command has a more exact word for it.
_CSTA_OF: dict[tuple[str, str], tuple[str, str]] = {
    ("MakeCall", "no-such-device"): ("operation", "invalidCallingDeviceID"),
    ("MakeCall", "no-such-number"): ("operation", "invalidCalledDeviceID"),
    ("Answer", "no-active-call"): ("stateIncompatibility", "noCallToAnswer"),
    ("Clear", "no-active-call"): ("stateIncompatibility", "noCallToClear"),
}


def csta_error(command: str, code: str) -> str:
    """ECMA-323's error element for the refusal `code`."""
    kind, word = _CSTA_OF.get((command, code)) or _CSTA.get(code, ("operation", "generic"))
    return element("CSTAErrorCode", leaf(kind, word))


def refusal(errors: Errors, command: str, code: str, about: str = "") -> str:
    """The refusal `code` in the way `command` has; `about` names a parameter or value."""
    text = code.upper().replace("-", "_") + (f" {about[:40]}" if about else "")
    if errors is Errors.CSTA:
        return csta_error(command, code)
    if errors is Errors.LOCAL:
        return element(command.upper(), reason(text), local="false")
    if errors is Errors.LOGIN:
        return element("LOGIN", leaf("ID", 0), leaf("ERROR", text))
    return reason(text)


def events_json(events: Iterable[Event]) -> str:
    """The answer of GetEvents: `{"events": [{"type", "deviceID", "jsonEvent"}]}`."""
    found = []
    for event in events:
        if event.type == HOOK_EVENT:
            inner: object = [{"deviceID": event.device, **event.detail}]
            found.append({"type": event.type, "jsonEvent": {event.type: inner}})
        else:
            inner = dict(event.detail)
            found.append(
                {"type": event.type, "deviceID": event.device, "jsonEvent": {event.type: inner}}
            )
    return json.dumps({"events": found}, separators=(",", ":"))
