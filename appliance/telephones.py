"""Subscribers' telephones as they are set: presence, display, forwarding.

What calls do about it is for `appliance.routing` and the exchange.
"""

from __future__ import annotations

from datetime import datetime

from appliance.desks import MAX_DISPLAY, OFFICE, PRESENCES, Desk
from appliance.switching import Switch
from store.refusals import Refused


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
        desk = self.desk(self.device(extension))
        if presence not in PRESENCES:
            raise Refused.because("presence", f"There is no presence {presence}.", field="presence")
        desk.presence = presence
        desk.until = None if presence == OFFICE else until
        self._tell_presence(extension, desk)
        return desk

    def set_display(self, extension: str, text: str) -> None:
        """Show `text` on the telephone's display; the empty text clears it."""
        if len(text) > MAX_DISPLAY:
            raise Refused.because("text", f"At most {MAX_DISPLAY} characters.", field="text")
        self.desk(self.device(extension)).display = text

    def set_forwarding(self, extension: str, number: str | None) -> None:
        """Send every call for a subscriber to `number`; None for no longer."""
        desk = self.desk(self.device(extension))
        if number is not None:
            found = self.route(number)
            if number == extension or found.feature or found.failure == "no-such-number":
                raise Refused.because("no-such-number", "Nobody has that number.", field="number")
        desk.forward_to = number
