"""Presences that end by themselves, told to those who watch when their time comes.

One timer at most, on the box's calendar, and none while nobody's presence is to end. Knows
no session: what is told goes the exchange's way.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from appliance.clock import Clock
from appliance.exchange import Exchange

_LONGEST = 60.0  # seconds: a machine that slept has another time than the loop thinks


class Lapsing:
    """Has presences lapse at their time; used from the event loop."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._due: datetime | None = None
        self._timer: asyncio.TimerHandle | None = None
        exchange.on_until = self._expect
        self.look()

    def look(self) -> None:
        """Have lapse what is due, and wait for the next; to be called when the clock is set."""
        self._due = self._exchange.lapse_presences()
        self._wait()

    def _expect(self, until: datetime) -> None:
        if self._due is None or until < self._due:
            self._due = until
            self._wait()

    def _wait(self) -> None:
        self.end()
        if self._due is None or self._clock.rate == 0:
            return
        left = (self._due - self._clock.now()).total_seconds() / self._clock.rate
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(min(max(left, 0.001), _LONGEST), self.look)

    def end(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
