"""The telephone exchange as a whole: its subscribers, and the world outside, played by hand.

What a subscriber may do is `appliance.operations`; here is what else happens to calls.
"""

from __future__ import annotations

from appliance.calls import Call, State
from appliance.operations import Operations
from appliance.routing import is_number
from store.refusals import Refused
from store.telephones import Memory


class Exchange(Operations):
    """The calls, telephones and operations of one box."""

    # --- the world outside, played by hand

    def ring_from_outside(self, number: str, extension: str) -> Call:
        """Somebody outside calls a subscriber; refused when nobody there can ring."""
        if not is_number(number) or number in self.subscribers():
            raise Refused.because("number", f"{number[:40]!r} is no outside number.", field="from")
        self._lines()
        found = self._destination(self.device(extension), busy_will_do=False)
        if found.device == number:
            raise Refused.because("in-this-call", f"{extension} is forwarded there.", field="from")
        made = self._originate(number, extension, found, outside=True)
        self._settle()
        return made

    def answer_call(self, identity: int, party: str | None = None) -> Call:
        """The party that rings answers, inside or outside; the first one unless named."""
        made = self.call(identity)
        ringing = [leg for leg in made.legs if leg.state is State.ALERTING]
        leg = next((leg for leg in ringing if party in (None, leg.device)), None)
        if leg is None:
            raise Refused.because("wrong-state", "Nobody is ringing there.", field="call")
        if not leg.outside:
            return self.answer(leg.device, call=identity)
        self._connect(leg)
        self._settle()
        return made

    def clear_call(self, identity: int, party: str | None = None) -> Call:
        """A party hangs up; everybody does, unless one is named."""
        made = self.call(identity)
        if party is not None:
            leg = made.leg_of(party)
            if leg is None:
                raise Refused.because("no-such-party", f"{party[:40]!r} is not in this call.")
            self._end(leg, cause="normal")
        else:
            self._end_all(made)
        self._settle()
        return made

    # --- endings

    def forget_subscriber(self, extension: str) -> None:
        """End what a subscriber who is gone was doing, and forget the telephone."""
        for leg in self.legs_at(extension):
            if leg.state is not State.IDLE:
                self._end(leg, cause="normal")
        self._settle()
        self.desks.forget(extension)
        self._device_states.pop(extension, None)

    def forget_all(self, memory: Memory | None = None) -> None:
        """End every call, and forget every telephone but what is in `memory`."""
        for identity in list(self.calls):
            if identity in self.calls:
                self.clear_call(identity)
        self.desks.become(memory or Memory())
        self._device_states.clear()
