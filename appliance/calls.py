"""Calls as values: the states of a connection, the legal steps between them, the events.

A call joins connections ("legs"), one per party. Names follow ECMA-269 (CSTA), whose
events the real interface passes on. Knows nothing of numbers, subscribers or who watches.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from store.refusals import Refused


class State(enum.StrEnum):
    """What one party's connection to a call is doing."""

    IDLE = "idle"
    INITIATED = "initiated"
    ORIGINATED = "originated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    HELD = "held"
    QUEUED = "queued"
    FAILED = "failed"


class Step(enum.StrEnum):
    """What can happen to a connection."""

    LIFT = "lift"
    DIAL = "dial"
    RING = "ring"
    WAIT = "wait"
    ANSWER = "answer"
    REACH = "reach"  # the other end answered
    AWAIT = "await"  # connected so far, and waits for another end to answer
    HOLD = "hold"
    RETRIEVE = "retrieve"
    FAIL = "fail"
    LEAVE = "leave"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.IDLE, Step.LIFT): State.INITIATED,
    (State.INITIATED, Step.DIAL): State.ORIGINATED,
    (State.ORIGINATED, Step.REACH): State.CONNECTED,
    (State.ORIGINATED, Step.FAIL): State.FAILED,
    (State.IDLE, Step.RING): State.ALERTING,
    (State.IDLE, Step.WAIT): State.QUEUED,
    (State.QUEUED, Step.RING): State.ALERTING,
    (State.ALERTING, Step.ANSWER): State.CONNECTED,
    (State.CONNECTED, Step.AWAIT): State.ORIGINATED,
    (State.CONNECTED, Step.HOLD): State.HELD,
    (State.HELD, Step.RETRIEVE): State.CONNECTED,
    (State.HELD, Step.AWAIT): State.ORIGINATED,
    **{(state, Step.LEAVE): State.IDLE for state in State if state is not State.IDLE},
}

# Each operation with the states its device's own connection may be in, the likeliest first.
OPERATIONS: dict[str, tuple[State, ...]] = {
    "answer": (State.ALERTING,),
    "clear": (
        State.CONNECTED,
        State.ORIGINATED,
        State.INITIATED,
        State.FAILED,
        State.ALERTING,
        State.QUEUED,
        State.HELD,
    ),
    "deflect": (State.ALERTING, State.QUEUED),
    "hold": (State.CONNECTED,),
    "retrieve": (State.HELD,),
    "consultation": (State.CONNECTED,),
    "alternate": (State.CONNECTED,),
    "reconnect": (State.CONNECTED, State.ORIGINATED, State.FAILED),
    "conference": (State.CONNECTED,),
    "end-conference": (State.CONNECTED, State.HELD),
    "transfer": (State.CONNECTED,),
    "attended-transfer": (State.CONNECTED, State.ORIGINATED),
}
# These need a second call, on hold at the same device.
WITH_HELD_CALL = {"alternate", "reconnect", "conference", "attended-transfer"}

# A device does one of these at a time; a held or waiting call leaves it free.
ENGAGED = frozenset(
    {State.INITIATED, State.ORIGINATED, State.ALERTING, State.CONNECTED, State.FAILED}
)
TALKING = frozenset({State.CONNECTED, State.HELD})


@dataclass(slots=True, eq=False)
class Leg:
    """One party's connection to a call.

    device: an extension, or the number of somebody outside.
    outside: whether this is not a subscriber of the box.
    caller: whether this party called, rather than was called.
    other: the number this party dialled or was called by, for its journal.
    answered: when it first was connected; None so far.
    """

    call: Call
    device: str
    outside: bool
    caller: bool
    other: str
    begun: datetime
    answered: datetime | None = None
    state: State = State.IDLE

    def step(self, step: Step) -> None:
        """Follow the table; refused, with nothing changed, where it has no way."""
        try:
            self.state = TRANSITIONS[self.state, step]
        except KeyError:
            raise Refused.because(
                "wrong-state", f"A connection that is {self.state.value} can't {step.value}."
            ) from None


@dataclass(slots=True, eq=False)
class Call:
    """A call; `calling` and `called` are the numbers it began with.

    master: who made a conference of it; None when nobody has.
    """

    id: int
    calling: str
    called: str
    begun: datetime
    legs: list[Leg] = field(default_factory=list)
    master: str | None = None

    def leg_of(self, device: str) -> Leg | None:
        """The connection of `device`; None when it is no party."""
        return next((leg for leg in self.legs if leg.device == device), None)

    def talking_besides(self, leg: Leg) -> bool:
        """Whether anybody else is connected, on hold or not."""
        return any(other.state in TALKING for other in self.legs if other is not leg)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened at one device, for everybody who watches it.

    type: the real interface's word (`DeliveredEvent`; `TransferedEvent` is spelt so there).
    detail: further members by name.
    """

    type: str
    device: str
    detail: Mapping[str, str]


CALL_EVENTS = (
    "ServiceInitiatedEvent",
    "OriginatedEvent",
    "DeliveredEvent",
    "EstablishedEvent",
    "HeldEvent",
    "RetrievedEvent",
    "QueuedEvent",
    "DivertedEvent",
    "TransferedEvent",
    "ConferencedEvent",
    "FailedEvent",
    "ConnectionClearedEvent",
)
HOOK_EVENT = "HookEvent"
PRESENCE_EVENT = "PresenceEvent"
DEVICE_EVENT = "DevStateChange"
AGENT_EVENT = "AgentState"
EVENT_TYPES = (*CALL_EVENTS, PRESENCE_EVENT, HOOK_EVENT, DEVICE_EVENT, AGENT_EVENT)
