"""Subscribers' telephones as they are set: presence, display, forwarding.

What calls do about it is for `appliance.routing` and the exchange.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from appliance.calls import AGENT_EVENT, Event
from appliance.desks import KEYS, MAX_DISPLAY, MAX_LABEL, OFFICE, PRESENCES, Agent, Desk
from appliance.features import Setting, feature
from appliance.switching import Switch
from store.refusals import Refusal, Refused, refuse_all


def _label(key: int, label: str) -> Iterator[Refusal]:
    if key not in KEYS:
        yield Refusal(
            "no-such-key",
            f"There is no key {key}.",
            f"key{key}",
            f"Keys are numbered from {KEYS[0]} to {KEYS[-1]}.",
        )
    elif len(label.strip()) > MAX_LABEL or not all(map(str.isprintable, label.strip())):
        yield Refusal(
            "key-label",
            f"The label of key {key} does not fit.",
            f"key{key}",
            f"Use up to {MAX_LABEL} letters, digits and signs.",
        )


class Telephones(Switch):
    """The telephones over one switch; refusals leave them as they were."""

    def device(self, extension: str) -> str:
        """`extension`, when a subscriber has it; else refused (`no-such-device`)."""
        if extension not in self.subscribers():
            raise Refused.because(
                "no-such-device", f"Nobody has the extension {extension[:20]!r}.", field="device"
            )
        return extension

    def set_presence(self, extension: str, presence: int, until: datetime | None = None) -> Desk:
        """Say where a subscriber is, perhaps only until a time on the box's calendar."""
        self.device(extension)
        if presence not in PRESENCES:
            raise Refused.because("presence", f"There is no presence {presence}.", field="presence")
        until = None if presence == OFFICE else until
        desk = self.desks.change(extension, presence=presence, until=until)
        self._tell_presence(extension, desk)
        if until is not None:
            self.on_until(until)
        return desk

    def lapse_presences(self) -> datetime | None:
        """Have every presence end whose time has come; when the next will, None for never."""
        for extension in self.desks.limited():
            self.desk(extension)
        return min(self.desks.limited().values(), default=None)

    def set_display(self, extension: str, text: str) -> None:
        """Show `text` on the telephone's display; the empty text clears it."""
        if len(text) > MAX_DISPLAY:
            raise Refused.because("text", f"At most {MAX_DISPLAY} characters.", field="text")
        self.desks.change(self.device(extension), display=text)

    def set_forwarding(self, extension: str, number: str | None) -> None:
        """Send every call for a subscriber to `number`; None for no longer."""
        self.device(extension)
        if number is not None:
            self._check_target(extension, number)
        self.desks.change(extension, forward_to=number)
        self._tell_device_state(extension)

    def set_call_me(self, extension: str, *, on: bool, number: str | None = None) -> None:
        """Have a subscriber's calls ring at `number`, or at the one that was given last.

        Refused: `missing-parameter` when none ever was.
        """
        desk = self.desk(self.device(extension))
        if number is not None:
            self._check_target(extension, number)
        if on and (number or desk.call_me) is None:
            raise Refused.because("missing-parameter", "It is not said where.", field="number")
        self.desks.change(extension, call_me=number or desk.call_me, call_me_on=on)
        self._tell_device_state(extension)

    def _check_target(self, extension: str, number: str) -> None:
        found = self.route(number)
        if number == extension or found.feature or found.failure == "no-such-number":
            raise Refused.because("no-such-number", "Nobody has that number.", field="number")

    def label_keys(self, extension: str, labels: Mapping[int, str]) -> None:
        """What is written beside the keys of a telephone; keys that are not named keep theirs.

        A label of blanks is none. Refused (`key-label`, `no-such-key`), all at once, with
        the fields `key1` and so on.
        """
        desk = self.desk(self.device(extension))
        refuse_all(refusal for key, label in labels.items() for refusal in _label(key, label))
        kept = {**desk.labels, **{key: label.strip() for key, label in labels.items()}}
        kept = {key: kept[key] for key in KEYS if kept.get(key)}
        if kept != desk.labels:
            self.desks.change(extension, labels=kept)

    def set_agent(self, extension: str, state: Agent) -> None:
        """What a subscriber does as an agent of a group; calls are not distributed."""
        desk = self.desk(self.device(extension))
        if desk.agent is not state:
            self.desks.change(extension, agent=state)
            self.on_event(Event(AGENT_EVENT, extension, {"agentState": state.value}))

    def use_feature(self, extension: str, code: str) -> None:
        """Do what a dialled code says, for the one who dials or whom the code names.

        Refused when that is nobody, and as the setting itself is.
        """
        found = feature(code)
        device = self.device(found.extension or extension)
        match found.setting, found.value:
            case Setting.FORWARDING, str() | None as number:
                self.set_forwarding(device, number)
            case Setting.PRESENCE, int() as presence:
                self.set_presence(device, presence)
            case Setting.AGENT, Agent() as agent:
                self.set_agent(device, agent)
