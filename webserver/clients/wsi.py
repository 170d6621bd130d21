"""WSI as its public clients read it: requests as text, answers as what matters of them.

Pure. The shapes are those of docs/wsi.md, from the client's side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

PATH = "/cgi-bin/gadgetapi"
NOT_LOGGED_IN = "NOT_LOGGED_IN"

_ID = re.compile(r"<LOGIN>.*?<ID>([0-9a-fA-F]{1,16})</ID>", re.DOTALL)
_ERROR = re.compile(r"<(?:ERROR|REASON)>([^<]*)</(?:ERROR|REASON)>")
_CSTA = re.compile(r"<CSTAErrorCode>\s*<[A-Za-z]+>([^<]*)</")


class NotWsi(Exception):
    """An answer that WSI does not give; the text is its beginning."""


def target(command: str, parameters: Mapping[str, str]) -> str:
    """What a GET of `command` asks for."""
    if command == "GetEvents":
        return f"{PATH}/GetEvents?{urlencode(parameters, quote_via=quote)}"
    return f"{PATH}?{urlencode({'cmd': command, **parameters}, quote_via=quote)}"


def session_of(body: str) -> str | None:
    """The session that a login began; None when it was refused (see `complaint`)."""
    found = _ID.search(body)
    if found is None and "<LOGIN>" not in body:
        raise NotWsi(body[:60])
    return None if found is None or int(found[1], 16) == 0 else found[1]


def complaint(body: str) -> str | None:
    """What a command's answer complains of, in the box's words; None when it does not."""
    for shape in (_CSTA, _ERROR):
        found = shape.search(body)
        if found is not None:
            return found[1] or "ERROR"
    return 'local="false"' if 'local="false"' in body else None


@dataclass(frozen=True, slots=True)
class Heard:
    """One event. call: None when it is about none. state: of the device's part in it."""

    type: str
    device: str
    call: str | None
    state: str | None


def events_of(body: str) -> list[Heard]:
    """The events of a poll's answer; none for the empty body that a logout leaves."""
    if not body.strip():
        return []
    try:
        found = json.loads(body)["events"]
        return [_heard(event) for event in found]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotWsi(body[:60]) from None


def _heard(event: dict[str, Any]) -> Heard:
    kind = str(event["type"])
    detail = (event.get("jsonEvent") or {}).get(kind)
    detail = detail if isinstance(detail, dict) else {}
    call, state = detail.get("callID"), detail.get("localConnection")
    return Heard(
        kind,
        str(event.get("deviceID", "")),
        None if call is None else str(call),
        None if state is None else str(state),
    )
