"""States of a node and the legal ways between them: one table.

Who may ask for a change and what it does is not known here.
"""

from __future__ import annotations

import enum

from store.refusals import Refused


class State(enum.StrEnum):
    """What a node is doing; `running` and `restarting` are the control API's words."""

    OFF = "off"
    RUNNING = "running"
    RESTARTING = "restarting"


class Event(enum.StrEnum):
    """What can happen to a node."""

    START = "start"
    RESTART = "restart"
    BACK = "back"
    STOP = "stop"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.OFF, Event.START): State.RUNNING,
    (State.RUNNING, Event.RESTART): State.RESTARTING,
    (State.RESTARTING, Event.BACK): State.RUNNING,
    (State.RUNNING, Event.STOP): State.OFF,
    (State.RESTARTING, Event.STOP): State.OFF,
}


_REFUSALS = {
    State.OFF: ("not-running", "Start it first."),
    State.RUNNING: ("running", "It runs already."),
    State.RESTARTING: ("restarting", "Try again when it is running."),
}


class Lifecycle:
    """The state of one node."""

    def __init__(self) -> None:
        self.state = State.OFF

    def happen(self, event: Event) -> State:
        """Follow the table; refused, with the state unchanged, where it has no way."""
        try:
            self.state = TRANSITIONS[self.state, event]
        except KeyError:
            raise self._refusal(event) from None
        return self.state

    def check(self, event: Event) -> None:
        """Refuse now what `happen` would refuse, before anything is begun."""
        if (self.state, event) not in TRANSITIONS:
            raise self._refusal(event)

    def _refusal(self, event: Event) -> Refused:
        code, instead = _REFUSALS[self.state]
        return Refused.because(
            code, f"The node is {self.state.value}; it can't {event.value} now.", instead=instead
        )
