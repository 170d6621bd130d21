"""Recording an incident: what is asked of a running box; how it is written is the model's."""

from __future__ import annotations

from appliance.incidents.writing import written
from webserver.remote import Remote


def record(box: Remote, *, title: str | None = None) -> str:
    """The text of an incident file, from the journal and certificates of `box`."""
    return written(
        box=box.get("box"),
        journal=box.get("journal")["journal"],
        certificates=box.get("certificates")["certificates"],
        title=title,
    )
