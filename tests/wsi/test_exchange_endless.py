"""Whatever people do at their telephones, in whatever order: the exchange stays in order."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from appliance.calls import ENGAGED, HOOK_EVENT, TALKING, State
from store.refusals import Refused
from tests.wsi.exchanges import Watched

EXTENSIONS = st.sampled_from(["100", "101", "102", "103"])
CODES = ("*44*", "*11102", "#1", "*97", "#97", "*401", "#402", "*83101*11103", "*83999#1")
NUMBERS = st.sampled_from(["100", "101", "102", "103", "0891", "0892", "555", *CODES])
OUTSIDE = st.sampled_from(["0891", "0892"])
BARE = ("answer", "clear", "hold", "retrieve", "alternate", "reconnect")
JOINING = ("conference", "end_conference", "attended_transfer")
ONWARD = ("make_call", "deflect", "consult", "transfer", "set_forwarding")


class Telephones(RuleBasedStateMachine):
    """Random hands at four telephones."""

    def __init__(self) -> None:
        super().__init__()
        self.exchange = Watched()

    def attempt(self, act: Callable[..., object], *arguments: object) -> None:
        before = len(self.exchange.events)
        held = {call: [leg.state for leg in call.legs] for call in self.exchange.calls.values()}
        try:
            act(*arguments)
        except Refused:
            after = {
                call: [leg.state for leg in call.legs] for call in self.exchange.calls.values()
            }
            assert after == held, "a refusal changed a call"
            assert len(self.exchange.events) == before, "a refusal told of something"

    @rule(operation=st.sampled_from((*BARE, *JOINING)), extension=EXTENSIONS)
    def do(self, operation: str, extension: str) -> None:
        self.attempt(getattr(self.exchange, operation), extension)

    @rule(operation=st.sampled_from(ONWARD), extension=EXTENSIONS, number=NUMBERS)
    def do_onward(self, operation: str, extension: str, number: str) -> None:
        self.attempt(getattr(self.exchange, operation), extension, number)

    @rule(extension=EXTENSIONS)
    def forward_no_longer(self, extension: str) -> None:
        self.exchange.set_forwarding(extension, None)

    @rule(extension=EXTENSIONS, presence=st.sampled_from([1, 9]))
    def be(self, extension: str, presence: int) -> None:
        self.exchange.set_presence(extension, presence)

    @rule(number=OUTSIDE, extension=EXTENSIONS)
    def ring(self, number: str, extension: str) -> None:
        self.attempt(self.exchange.ring_from_outside, number, extension)

    @rule(which=st.integers(0, 5), party=st.none() | NUMBERS, answer=st.booleans())
    def play(self, which: int, party: str | None, answer: bool) -> None:
        calls = list(self.exchange.calls)
        if calls:
            act = self.exchange.answer_call if answer else self.exchange.clear_call
            self.attempt(act, calls[which % len(calls)], party)

    @invariant()
    def calls_are_in_order(self) -> None:
        for number, call in self.exchange.calls.items():
            states = Counter(leg.state for leg in call.legs)
            assert call.id == number
            assert len({leg.device for leg in call.legs}) == len(call.legs)
            assert all(leg.call is call for leg in call.legs)
            assert len(call.legs) >= 2 or states[State.FAILED] == 1
            assert not states[State.IDLE]
            assert not states[State.INITIATED]
            talking = sum(states[state] for state in TALKING)
            assert not states[State.CONNECTED] or talking >= 2
            assert states[State.ORIGINATED] <= 1
            if states[State.ORIGINATED]:
                assert states[State.ALERTING] + states[State.QUEUED]

    @invariant()
    def devices_do_one_thing_at_a_time(self) -> None:
        for extension in self.exchange.people:
            legs = self.exchange.legs_at(extension)
            assert len(legs) <= 2
            engaged = [leg for leg in legs if leg.state in ENGAGED]
            assert len([leg for leg in engaged if leg.state is not State.ALERTING]) <= 1
            if any(leg.state is State.QUEUED for leg in legs):
                assert engaged, "a call waits for nothing"
            for leg in legs:
                assert leg.call.id in self.exchange.calls
                assert leg in leg.call.legs

    @invariant()
    def everybody_has_heard_of_the_end(self) -> None:
        """Each device that was told of a beginning and has no call was told of an end."""
        last: dict[str, str] = {}
        for event in self.exchange.events:
            if event.type.endswith(("ClearedEvent", "InitiatedEvent", "DeliveredEvent")):
                last[event.device] = event.type
        for device, heard in last.items():
            if not self.exchange.legs_at(device):
                assert heard == "ConnectionClearedEvent"

    @invariant()
    def the_last_word_of_every_hook_is_true(self) -> None:
        hooks = {
            event.device: event.detail["hook"]
            for event in self.exchange.events
            if event.type == HOOK_EVENT
        }
        for extension in self.exchange.people:
            off = {"alerting", "queued"} < {"alerting", "queued", *self.exchange.states(extension)}
            assert hooks.get(extension, "on") == ("off" if off else "on")

    def teardown(self) -> None:
        for _ in range(20):
            for extension in self.exchange.people:
                with contextlib.suppress(Refused):
                    self.exchange.clear(extension)
        outside = [
            call for call in self.exchange.calls.values() if all(leg.outside for leg in call.legs)
        ]
        assert len(outside) == len(self.exchange.calls)
        self.exchange.forget_all()
        assert not self.exchange.calls


TestTelephones = Telephones.TestCase
TestTelephones.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
