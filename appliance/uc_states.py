"""What becomes of a UC client: the states it goes through, as a table, and one client's life.

Pure: told what happens and when. What it looks like on the wire is for others to know.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from appliance.uc_clients import Profile
from appliance.uc_words import Trouble
from store.certificate import iso_time


class State(enum.StrEnum):
    """What a client is doing. In `cut-off` and `locked-out` it tries again now and then.

    CUT_OFF: the box is not there, or ended the session. LOCKED_OUT: the box is there, but its
    certificate is not good enough. DEAD: it waits for somebody to start it again.
    """

    OFF = "off"
    CONNECTING = "connecting"
    LOGGED_ON = "logged-on"
    IN_CALL = "in-call"
    CUT_OFF = "cut-off"
    LOCKED_OUT = "locked-out"
    DEAD = "dead"


class Event(enum.StrEnum):
    """What can happen to a client.

    LOST: no connection, or it broke, or the session is over. REFUSED: by its rules it can't
    trust the certificate. TURNED_AWAY: the box knows no such user or password.
    """

    START = "start"
    ADMITTED = "admitted"
    CALL_BEGAN = "call-began"
    CALL_OVER = "call-over"
    LOST = "lost"
    REFUSED = "refused"
    TURNED_AWAY = "turned-away"
    GAVE_UP = "gave-up"
    STOP = "stop"


_AWAY = (State.CUT_OFF, State.LOCKED_OUT)
_TRYING = (State.CONNECTING, *_AWAY)
_ON = (State.LOGGED_ON, State.IN_CALL)
ON = frozenset(_ON)

TRANSITIONS: Mapping[tuple[State, Event], State] = MappingProxyType(
    {
        (State.OFF, Event.START): State.CONNECTING,
        **{(state, Event.ADMITTED): State.LOGGED_ON for state in _TRYING},
        (State.LOGGED_ON, Event.CALL_BEGAN): State.IN_CALL,
        (State.IN_CALL, Event.CALL_OVER): State.LOGGED_ON,
        **{(state, Event.LOST): State.CUT_OFF for state in (*_TRYING, *_ON)},
        **{(state, Event.REFUSED): State.LOCKED_OUT for state in (*_TRYING, *_ON)},
        **{(state, Event.TURNED_AWAY): State.DEAD for state in _TRYING},
        **{(state, Event.GAVE_UP): State.DEAD for state in _AWAY},
        # Somebody ends the application and starts it again.
        **{(state, Event.START): State.CONNECTING for state in (*_AWAY, State.DEAD)},
        **{(state, Event.STOP): State.OFF for state in State if state is not State.OFF},
    }
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on the box's calendar and on the real one (aware UTC)."""

    box: datetime
    real: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a client is not logged on.

    words: as the client would show it. alert: the TLS alert it sent; None when it sent none.
    """

    trouble: Trouble
    words: str
    alert: int | None = None


@dataclass(slots=True, eq=False)
class Life:
    """One client: what it is doing, since when, and what went wrong last.

    user: its extension. fault: the last one, kept when it is over; `fault_at` is when it was.
    warning: what its platform shows although it goes on; None when it shows nothing.
    shown: SHA-256 of the certificate it saw last, in hex.
    tries: in vain, since it was logged on last. next_try: None when none is planned.
    logons, losses, calls: how often so far.
    """

    number: int
    profile: Profile
    user: str
    since: Moment
    state: State = State.OFF
    fault: Fault | None = None
    fault_at: Moment | None = None
    warning: str | None = None
    shown: str | None = None
    tries: int = 0
    next_try: datetime | None = None
    logons: int = 0
    losses: int = 0
    calls: int = 0
    in_calls: set[str] = field(default_factory=set)

    def happen(self, event: Event, at: Moment, fault: Fault | None = None) -> State:
        """Follow the table; the state before. ValueError where it has no way."""
        before = self.state
        after = TRANSITIONS.get((before, event))
        if after is None:
            raise ValueError(f"a client that is {before} can't be told {event}")
        self.state = after
        if after is not before:
            self.since = at
        if fault is not None:
            self.fault, self.fault_at = fault, at
        self.next_try = None
        if before in ON and after not in ON:
            self.in_calls.clear()
            self.losses += after is not State.OFF
        if event in (Event.LOST, Event.REFUSED):
            # Another kind of trouble has a pace of its own.
            self.tries = self.tries + 1 if after is before else 1
        elif event is not Event.GAVE_UP:
            self.tries = 0
        self.logons += event is Event.ADMITTED
        return before

    def delay(self) -> float | None:
        """Seconds to the next try; None when it gives up. Only while it is away."""
        pace = self.profile.when_lost
        if self.state is State.LOCKED_OUT:
            pace = self.profile.when_refused
        return pace.delay(self.tries)

    def row(self) -> dict[str, Any]:
        """The client as a line of the table, in JSON's types."""
        fault, at = self.fault, self.fault_at
        return {
            "id": self.number,
            "profile": self.profile.id,
            "client": self.profile.client,
            "user": self.user,
            "state": self.state.value,
            "since": iso_time(self.since.box),
            "since_real": iso_time(self.since.real),
            "error": None if fault is None else fault.words,
            "cause": None if fault is None else fault.trouble.value,
            "alert": None if fault is None else fault.alert,
            "error_at": None if at is None else iso_time(at.box),
            "error_at_real": None if at is None else iso_time(at.real),
            "warning": self.warning,
            "shown": self.shown,
            "tries": self.tries,
            "next_try_real": None if self.next_try is None else iso_time(self.next_try),
            "logons": self.logons,
            "losses": self.losses,
            "calls": self.calls,
        }
