"""Recording an incident: what is asked of a running box; how it is written is the model's."""

from __future__ import annotations

from contextlib import suppress

from appliance.incidents.journals import merged
from appliance.incidents.writing import written
from store.refusals import Refused
from webserver.remote import Remote


def record(box: Remote, *, title: str | None = None) -> str:
    """The text of an incident file, from the journal and certificates of `box`."""
    told = box.get("box")
    journal = box.get("journal")["journal"]
    if told["booster"] is not None:
        with suppress(Refused):  # one in a process of its own has its journal there
            journal = merged(journal, box.get("journal?node=booster")["journal"])
    return written(
        box=told,
        journal=journal,
        certificates=box.get("certificates")["certificates"],
        title=title,
    )
