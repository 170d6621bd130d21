"""What subscribers can do with calls: make, take, hold, join, pass on and end them.

Each operation looks everything over before it changes anything, so that a refusal leaves
the calls as they were. In which state each is possible is a table (`calls.OPERATIONS`).
"""

from __future__ import annotations

from appliance.calls import ENGAGED, OPERATIONS, WITH_HELD_CALL, Call, Leg, State, Step
from appliance.routing import MAX_LEGS, Route
from appliance.telephones import Telephones
from store.refusals import Refused

CONFERENCE_LIMIT = 8
MAX_CALLS = 10_000


class Operations(Telephones):
    """What is done at the telephones of one box."""

    # --- looking up

    def call(self, identity: int) -> Call:
        """The call with this number; refused (`no-such-call`) when it is over."""
        try:
            return self.calls[identity]
        except KeyError:
            raise Refused.because(
                "no-such-call", f"There is no call {identity}.", field="call"
            ) from None

    def _leg(self, operation: str, extension: str, call: int | None) -> Leg:
        """The connection at `extension` that `operation` is about."""
        legs = self.legs_at(self.device(extension))
        if call is not None:
            legs = [leg for leg in legs if leg.call.id == call]
        for state in OPERATIONS[operation]:
            for leg in legs:
                if leg.state is state:
                    return leg
        is_now = ", ".join(leg.state.value for leg in legs) or "idle"
        raise Refused.because(
            "wrong-state" if legs else "no-active-call",
            f"{extension} is {is_now}; {operation} is not possible.",
            field="device",
        )

    def _pair(self, operation: str, extension: str) -> tuple[Leg, Leg]:
        """The active connection at `extension` and the held one beside it."""
        assert operation in WITH_HELD_CALL
        active = self._leg(operation, extension, None)
        for leg in self.legs_at(extension):
            if leg.state is State.HELD:
                return active, leg
        raise Refused.because("no-held-call", f"{extension} holds no call.", field="device")

    def _free(self, extension: str, *, ringing_will_do: bool = False) -> None:
        for leg in self.legs_at(extension):
            if leg.state in ENGAGED and not (ringing_will_do and leg.state is State.ALERTING):
                raise Refused.because(
                    "wrong-state", f"{extension} is {leg.state.value}.", field="device"
                )

    def _destination(self, number: str, *, busy_will_do: bool, call: Call | None = None) -> Route:
        found = self.route(number)
        refused = found.failure == "no-such-number" or (
            not busy_will_do and (found.feature or found.failure)
        )
        if refused:
            code = found.failure or "no-such-number"
            raise Refused.because(code, f"{number[:40]!r} can't be reached.", field="number")
        if call is not None and found.device is not None and call.leg_of(found.device):
            raise Refused.because("in-this-call", "That party is in the call.", field="number")
        return found

    # --- operations of a subscriber

    def make_call(self, extension: str, number: str) -> Call:
        """Call `number` from a subscriber's device; busy is a call too, and has to be cleared.

        Refused: `no-such-number`, and `wrong-state` when the device is engaged.
        """
        self._free(self.device(extension))
        self._room(extension)
        found = self._dial(extension, number)
        made = self._originate(extension, number, found)
        self._settle()
        return made

    def _dial(self, extension: str, number: str) -> Route:
        """Where dialling `number` leads; a feature code has done its work then."""
        found = self._destination(number, busy_will_do=True)
        if extension in (number, found.device):
            raise Refused.because("no-such-number", "That is its own number.", field="number")
        if found.feature:
            self.use_feature(extension, number)
        return found

    def _room(self, extension: str) -> None:
        if len(self.legs_at(extension)) >= MAX_LEGS:
            raise Refused.because("busy", f"{extension} can't have another call.", field="device")
        self._lines()

    def _lines(self) -> None:
        if len(self.calls) >= MAX_CALLS:
            raise Refused.because("busy", f"There are {MAX_CALLS} calls already.")

    def answer(self, extension: str, *, call: int | None = None) -> Call:
        """Take the call that rings; refused while another one is active."""
        leg = self._leg("answer", extension, call)
        self._free(extension, ringing_will_do=True)
        self._connect(leg)
        self._settle()
        return leg.call

    def clear(self, extension: str, *, call: int | None = None) -> Call:
        """Hang up, or reject what rings or waits; a held call last."""
        leg = self._leg("clear", extension, call)
        self._end(leg, cause="normal")
        self._settle()
        return leg.call

    def deflect(self, extension: str, number: str, *, call: int | None = None) -> Call:
        """Send the call that rings or waits here to `number` instead."""
        leg = self._leg("deflect", extension, call)
        found = self._destination(number, busy_will_do=False, call=leg.call)
        made = leg.call
        caller = next(other for other in made.legs if other is not leg)
        self._tell(made, "DivertedEvent", divertingDevice=extension, newDestination=number)
        self._pass_on(leg, found, caller=caller, cause="redirected")
        self._settle()
        return made

    def hold(self, extension: str, *, call: int | None = None) -> Call:
        """Put the active call on hold."""
        leg = self._leg("hold", extension, call)
        self._hold(leg)
        self._settle()
        return leg.call

    def _hold(self, leg: Leg) -> None:
        leg.step(Step.HOLD)
        self._tell(leg.call, "HeldEvent", holdingDevice=leg.device)

    def retrieve(self, extension: str, *, call: int | None = None) -> Call:
        """Take a held call back; refused while another one is active."""
        leg = self._leg("retrieve", extension, call)
        self._free(extension, ringing_will_do=True)
        self._retrieve(leg)
        self._settle()
        return leg.call

    def _retrieve(self, leg: Leg) -> None:
        leg.step(Step.RETRIEVE if leg.call.talking_besides(leg) else Step.AWAIT)
        self._tell(leg.call, "RetrievedEvent", retrievingDevice=leg.device)

    def consult(self, extension: str, number: str, *, call: int | None = None) -> Call:
        """Put the active call on hold and call `number`."""
        leg = self._leg("consultation", extension, call)
        self._room(extension)
        found = self._dial(extension, number)
        self._hold(leg)
        made = self._originate(extension, number, found)
        self._settle()
        return made

    def alternate(self, extension: str) -> Call:
        """Hold the active call and take back the held one."""
        active, held = self._pair("alternate", extension)
        self._hold(active)
        self._retrieve(held)
        self._settle()
        return held.call

    def reconnect(self, extension: str) -> Call:
        """End the active call and take back the held one."""
        active, held = self._pair("reconnect", extension)
        self._end(active, cause="normal")
        if held.state is State.HELD:  # ending the other may have ended this one too
            self._retrieve(held)
        self._settle()
        return held.call

    def conference(self, extension: str) -> Call:
        """Join the active and the held call."""
        active, held = self._pair("conference", extension)
        kept = self._joined(active, held, leaving=0)
        self._remove(held)
        self._merge(kept, held.call)
        kept.master = extension
        self._tell(kept, "ConferencedEvent", conferencingDevice=extension)
        self._mend(kept)
        self._settle()
        return kept

    def end_conference(self, extension: str, *, call: int | None = None) -> Call:
        """End a conference for all its parties; only who began it can (its master)."""
        made = self._leg("end-conference", extension, call).call
        if made.master != extension:
            raise Refused.because(
                "wrong-state", f"{extension} is no master of a conference.", field="device"
            )
        self._end_all(made)
        self._settle()
        return made

    def _end_all(self, call: Call) -> None:
        while call.legs:
            self._end(call.legs[0], cause="normal")

    def attended_transfer(self, extension: str) -> Call:
        """Join the parties of the active and the held call, and leave."""
        active, held = self._pair("attended-transfer", extension)
        if not (held.call.talking_besides(held) or active.call.talking_besides(active)):
            raise Refused.because("wrong-state", "Nobody is there to transfer.", field="device")
        kept = self._joined(active, held, leaving=1)
        given = held.call
        self._remove(held)
        self._merge(kept, given)
        self._tell(kept, "TransferedEvent", transferringDevice=extension)
        self._end(active, cause="transfer")
        self._settle()
        return kept

    def _joined(self, active: Leg, held: Leg, *, leaving: int) -> Call:
        """The active call, when it can be joined with the held one."""
        ours = {leg.device for leg in active.call.legs} - {active.device}
        theirs = {leg.device for leg in held.call.legs} - {held.device}
        if ours & theirs:
            raise Refused.because("in-this-call", "A party is in both calls.", field="device")
        if len(ours) + len(theirs) + 1 - leaving > CONFERENCE_LIMIT:
            raise Refused.because(
                "busy", f"A call has at most {CONFERENCE_LIMIT} parties.", field="device"
            )
        return active.call

    def transfer(self, extension: str, number: str, *, call: int | None = None) -> Call:
        """Send the other party of the active call to `number`, and leave (blind transfer)."""
        leg = self._leg("transfer", extension, call)
        made = leg.call
        if len(made.legs) != 2:
            raise Refused.because("wrong-state", "A conference can't be transferred.")
        found = self._destination(number, busy_will_do=False, call=made)
        other = next(one for one in made.legs if one is not leg)
        self._tell(made, "TransferedEvent", transferringDevice=extension, transferredTo=number)
        self._pass_on(leg, found, caller=other, cause="transfer")
        self._settle()
        return made
