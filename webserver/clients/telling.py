"""What happens to a fleet, as lines of text: where there is no terminal for a table.

Changes of many clients at once are told together. Only text in and out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from appliance.uc_clients import PROFILES

_ALIKE = 4  # as many of one kind at once are told in one line

Happening = dict[str, Any]
_Change = tuple[str, str, str, str | None]


def words(state: str) -> str:
    """A state, or how something ended, in words: `logged on`."""
    return state.replace("-", " ")


def told(happenings: Iterable[Happening]) -> Iterator[str]:
    """The lines for `happenings`, which came together, in their order."""
    kept = [
        one
        for one in happenings
        if one["event"] == "call"
        or (one["from"] != one["to"] and one["event"] not in ("start", "stop"))
    ]
    alike: dict[_Change, list[Happening]] = {}
    for one in kept:
        if one["event"] != "call":
            alike.setdefault(_change(one), []).append(one)
    said: set[_Change] = set()
    for one in kept:
        if one["event"] == "call":
            yield f"{one['time']}  {one['from']} calls {one['to']}: {words(one['ended'])}"
            continue
        change = _change(one)
        group = alike[change]
        if len(group) < _ALIKE:
            yield _line(one, f"{one['user']} {_client(one)}")
        elif change not in said:
            said.add(change)
            yield _line(one, f"{len(group)} × {_client(one)}")


def _change(one: Happening) -> _Change:
    return one["profile"], one["from"], one["to"], one["error"]


def _client(one: Happening) -> str:
    return PROFILES[one["profile"]].client


def _line(one: Happening, who: str) -> str:
    error = "" if one["error"] is None else f": {one['error']}"
    return f"{one['time']}  {who}  {words(one['from'])} → {words(one['to'])}{error}"
