"""The switch under the exchange: connections made, joined and ended, and what is told of it.

Owns every call and who is a party to it, and keeps what must always hold (`_mend`).
What a subscriber may ask for, and when, is for `appliance.exchange`. No event loop: what
happens is handed to `on_event` before the method returns.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import datetime

from appliance.calls import (
    DEVICE_EVENT,
    ENGAGED,
    HOOK_EVENT,
    PRESENCE_EVENT,
    TALKING,
    Call,
    Event,
    Leg,
    State,
    Step,
)
from appliance.desks import DO_NOT_DISTURB, Desk, Desks, format_ptime
from appliance.routing import Route, route
from store.people import Subscriber

AT_REST = {"state": "idle", "doNotDisturb": "false", "forwardTo": ""}
_ON_HOOK = frozenset({State.IDLE, State.ALERTING, State.QUEUED})


class Switch:
    """The calls of one box; used from one thread.

    subscribers: says who has an extension just now.
    now: the box's calendar.
    desks: the telephones with what they remember; new ones unless given.
    on_event: told of everything that happens at a subscriber's device, in order.
    on_until: told when a presence that was set is to end.
    """

    def __init__(
        self,
        subscribers: Callable[[], Mapping[str, Subscriber]],
        now: Callable[[], datetime],
        *,
        desks: Desks | None = None,
    ) -> None:
        self.subscribers = subscribers
        self.now = now
        self.on_event: Callable[[Event], None] = lambda _event: None
        self.on_until: Callable[[datetime], None] = lambda _until: None
        self.calls: dict[int, Call] = {}
        self.desks = desks or Desks()
        self._at: dict[str, list[Leg]] = {}
        self._numbers = itertools.count(1)
        self._off_hook: set[str] = set()
        self._device_states: dict[str, dict[str, str]] = {}  # as last told, where not at rest
        self._touched: dict[str, None] = {}  # in order, so that events have one

    # --- what there is

    def legs_at(self, extension: str) -> list[Leg]:
        """The connections of a subscriber's device, oldest first."""
        return list(self._at.get(extension, ()))

    def engaged(self, extension: str) -> bool:
        """Whether something keeps the device from ringing."""
        return any(leg.state in ENGAGED for leg in self._at.get(extension, ()))

    def desk(self, extension: str) -> Desk:
        """The telephone of a subscriber, its presence as it is now."""
        desk = self.desks.at(extension)
        if self.desks.lapse(extension, self.now()):
            self._tell_presence(extension, desk)
        return desk

    def device_state(self, extension: str) -> dict[str, str]:
        """How a subscriber's device stands, as `DevStateChange` tells it."""
        states = {leg.state for leg in self._at.get(extension, ())}
        busy, ringing = states - _ON_HOOK, State.ALERTING in states
        desk = self.desk(extension)
        return {
            "state": "busy" if busy else "ringing" if ringing else "idle",
            "doNotDisturb": str(desk.presence == DO_NOT_DISTURB).lower(),
            "forwardTo": desk.leads_to or "",
        }

    def route(self, number: str) -> Route:
        """Where `number` leads now."""
        return route(
            number,
            subscribers=self.subscribers(),
            desk=self.desk,
            legs=lambda extension: len(self._at.get(extension, ())),
            engaged=self.engaged,
        )

    # --- what is told

    def _emit(self, event: str, device: str, call: Call, leg: Leg | None, **detail: str) -> None:
        members = {
            "callID": str(call.id),
            "callingDevice": call.calling,
            "calledDevice": call.called,
            "localConnection": State.IDLE if leg is None else leg.state.value,
            **detail,
        }
        self.on_event(Event(event, device, members))

    def _tell(self, call: Call, event: str, **detail: str) -> None:
        """Every subscriber in the call, in the order in which they joined it."""
        for leg in call.legs:
            if not leg.outside:
                self._touched[leg.device] = None
                self._emit(event, leg.device, call, leg, **detail)

    def _tell_presence(self, extension: str, desk: Desk) -> None:
        until = {} if desk.until is None else {"ptime": format_ptime(desk.until)}
        detail = {"presence": str(desk.presence), **until}
        self.on_event(Event(PRESENCE_EVENT, extension, detail))
        self._tell_device_state(extension)

    def _tell_device_state(self, extension: str) -> None:
        state = self.device_state(extension)
        if state == self._device_states.get(extension, AT_REST):
            return
        if state == AT_REST:
            del self._device_states[extension]
        else:
            self._device_states[extension] = state
        self.on_event(Event(DEVICE_EVENT, extension, state))

    # --- steps

    def _new_call(self, calling: str, called: str) -> Call:
        call = Call(next(self._numbers), calling, called, self.now())
        self.calls[call.id] = call
        return call

    def _join(self, call: Call, device: str, *, outside: bool, caller: bool, other: str) -> Leg:
        leg = Leg(call, device, outside, caller, other, self.now())
        call.legs.append(leg)
        if not outside:
            self._at.setdefault(device, []).append(leg)
            self._touched[device] = None
        return leg

    def _originate(self, device: str, number: str, found: Route, *, outside: bool = False) -> Call:
        """A new call from `device`, as far as it gets at once."""
        call = self._new_call(device, number)
        leg = self._join(call, device, outside=outside, caller=True, other=number)
        leg.step(Step.LIFT)
        self._tell(call, "ServiceInitiatedEvent")
        if found.feature:
            self._end(leg, cause="normal")
            return call
        leg.step(Step.DIAL)
        self._tell(call, "OriginatedEvent")
        self._ring(call, found, caller=leg)
        return call

    def _ring(self, call: Call, found: Route, *, caller: Leg) -> None:
        for passed in found.diverted:
            detail = {"divertingDevice": passed, "newDestination": found.device or ""}
            self._emit("DivertedEvent", passed, call, None, **detail)
            self._tell(call, "DivertedEvent", **detail)
        if found.device is None:
            caller.step(Step.FAIL)
            self._tell(call, "FailedEvent", cause=found.failure or "")
            return
        leg = self._join(
            call, found.device, outside=found.outside, caller=False, other=caller.device
        )
        leg.step(Step.WAIT if found.waits else Step.RING)
        if found.waits:
            self._tell(call, "QueuedEvent", queue=found.device)
        else:
            self._tell(call, "DeliveredEvent", alertingDevice=found.device)

    def _remove(self, leg: Leg) -> None:
        """Take a connection out of its call, with its journal entry and nothing else."""
        leg.step(Step.LEAVE)
        leg.call.legs.remove(leg)
        if leg.outside:
            return
        self._at[leg.device].remove(leg)
        if not self._at[leg.device]:
            del self._at[leg.device]
        self._touched[leg.device] = None
        if leg.device in self.subscribers():
            kind = "outgoing" if leg.caller else "missed" if leg.answered is None else "incoming"
            spent = 0.0 if leg.answered is None else (self.now() - leg.answered).total_seconds()
            self.desks.log(
                leg.device, kind=kind, number=leg.other, time=leg.begun, seconds=max(0, int(spent))
            )

    def _leave(self, leg: Leg, *, cause: str) -> None:
        """End one connection; its party is told, and hears no more of the call."""
        call = leg.call
        self._remove(leg)
        if not leg.outside:
            self._emit("ConnectionClearedEvent", leg.device, call, None, cause=cause)

    def _end(self, leg: Leg, *, cause: str) -> None:
        """End one connection, and the call with it when nobody is left to talk to."""
        call = leg.call
        self._leave(leg, cause=cause)
        self._mend(call)

    def _pass_on(self, leg: Leg, found: Route, *, caller: Leg, cause: str) -> None:
        """The party of `leg` leaves, and its call goes on where `found` says."""
        call = leg.call
        self._leave(leg, cause=cause)
        self._ring(call, found, caller=caller)
        self._mend(call)

    def _mend(self, call: Call) -> None:
        """A call has two parties, one of whom has called or talks; or one who hears a tone."""
        alone = len(call.legs) == 1 and call.legs[0].state not in (State.INITIATED, State.FAILED)
        nobody = all(leg.state in _ON_HOOK for leg in call.legs)
        if call.legs and (alone or nobody):
            self._end(call.legs[0], cause="normal")
            return
        if not call.legs:
            self.calls.pop(call.id, None)
            return
        talking = [leg for leg in call.legs if leg.state in TALKING]
        if len(talking) == 1 and talking[0].state is State.CONNECTED:
            talking[0].step(Step.AWAIT)

    def _connect(self, leg: Leg) -> None:
        """`leg` answers: who waited for it is connected too."""
        leg.step(Step.ANSWER)
        for other in leg.call.legs:
            if other.state is State.ORIGINATED:
                other.step(Step.REACH)
            if other.state is State.CONNECTED and other.answered is None:
                other.answered = self.now()
        self._tell(leg.call, "EstablishedEvent", answeringDevice=leg.device)

    def _merge(self, kept: Call, given: Call) -> None:
        """All parties of `given` join `kept`; `given` is over."""
        for leg in given.legs:
            leg.call = kept
        kept.legs += given.legs
        given.legs = []
        self.calls.pop(given.id, None)

    def _settle(self) -> None:
        """After every operation: waiting calls ring where they can, and hooks are told."""
        while self._touched:
            touched, self._touched = self._touched, {}
            for device in touched:
                self._let_ring(device)
                self._tell_hook(device)
                self._tell_device_state(device)

    def _let_ring(self, device: str) -> None:
        waiting = [leg for leg in self._at.get(device, ()) if leg.state is State.QUEUED]
        if waiting and not self.engaged(device):
            waiting[0].step(Step.RING)
            self._tell(waiting[0].call, "DeliveredEvent", alertingDevice=device)

    def _tell_hook(self, device: str) -> None:
        off = next((leg for leg in self._at.get(device, ()) if leg.state not in _ON_HOOK), None)
        if (off is not None) == (device in self._off_hook):
            return
        detail = {"hook": "on", "inout": "", "intext": ""}
        if off is None:
            self._off_hook.discard(device)
        else:
            self._off_hook.add(device)
            outside = any(leg.outside for leg in off.call.legs)
            detail = {
                "hook": "off",
                "inout": "out" if off.caller else "in",
                "intext": "ext" if outside else "int",
            }
        self.on_event(Event(HOOK_EVENT, device, detail))
