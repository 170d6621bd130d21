"""Two journals as one: the box's, and that of its Booster Server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# What happens to a Booster Server and is in no journal but its own.
_ITS_OWN = {"certificate-redated", "fault-set", "fault-cleared", "fault-spent"}


def merged(
    journal: Sequence[Mapping[str, Any]], booster: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The box's journal, with what happened to its Booster Server where it belongs.

    Both are in order, but their calendar may have been set: an entry of the one belongs between
    two of the other when the calendar passes its time there.
    """
    waiting = [
        {**one, "detail": {**one["detail"], "node": "booster"}}
        for one in booster
        if one["event"] in _ITS_OWN
    ]
    found: list[Mapping[str, Any]] = []
    calendar = ""
    for entry in journal:
        jump = entry["event"] == "clock-set"
        until = entry["detail"]["from"] if jump else entry["time"]
        while waiting and calendar <= waiting[0]["time"] <= until:
            if waiting[0]["time"] == until and not jump:
                break
            found.append(waiting.pop(0))
        found.append(entry)
        calendar = entry["detail"]["to"] if jump else entry["time"]
    return [*found, *waiting]
