"""What a box looks like from outside: its state as one value, its journal, what is active."""

from __future__ import annotations

from pathlib import Path

from appliance.box import Box
from store.certificate import common_name
from tests.helpers import a_box


def state(box: Box) -> tuple[object, ...]:
    return (
        dict(box.settings),
        list(box.holdings),
        dict(box.accounts),
        dict(box.subscribers),
        box.store.journal.since(),
        box.clock.now(),
    )


def reopened(box: Box, directory: Path) -> Box:
    box.close()
    return a_box(directory, clock=box.clock)


def events(box: Box) -> list[str]:
    return [entry.event for entry in box.store.journal.since()]


def active_name(box: Box) -> str | None:
    assert box.active.certificate is not None
    return common_name(box.active.certificate.leaf.subject)
