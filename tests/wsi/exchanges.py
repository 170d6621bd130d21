"""Exchanges for tests: a few subscribers, and what happened as short lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from appliance.calls import CALL_EVENTS, Event
from appliance.exchange import Exchange
from store.people import Subscriber

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
PEOPLE = tuple(
    Subscriber(extension, name, f"{extension}-secret")
    for extension, name in (("100", "Anna"), ("101", "Jonas"), ("102", "Mia"), ("103", "Ben"))
)


class Watched(Exchange):
    """An exchange of four, a calendar that is set by hand, and a list of what happened."""

    def __init__(self) -> None:
        self.people = {one.extension: one for one in PEOPLE}
        self.time = NOON
        self.events: list[Event] = []
        super().__init__(lambda: self.people, lambda: self.time)
        self.on_event = self.events.append

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)

    def told(self) -> list[str]:
        """The call events since the last time, as `100 Delivered`."""
        events, self.events[:] = list(self.events), []
        return [
            f"{event.device} {event.type.removesuffix('Event')}"
            for event in events
            if event.type in CALL_EVENTS
        ]

    def states(self, extension: str) -> list[str]:
        """What the device is doing."""
        return [leg.state.value for leg in self.legs_at(extension)]

    def talk(self, one: str, other: str) -> int:
        """Have two subscribers talk; the call's number."""
        call = self.make_call(one, other)
        self.answer(other)
        self.told()
        return call.id
