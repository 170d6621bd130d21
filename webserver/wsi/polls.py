"""Held polls: requests that wait for events, by the thousand, at the price of memory only.

All share one timer, which runs when the oldest is due and not more often than once a
second. A poll is a future and an entry in a dict; what ends it is a call from the model.
"""

from __future__ import annotations

import asyncio

from appliance.sessions import Ending, Session

HOLD_SECONDS = 90.0  # real time: it is the network's patience that counts, not the calendar
_STEP = 1.0


class Polls:
    """The held polls of one server; hold: seconds after which one is answered empty."""

    def __init__(self, hold: float = HOLD_SECONDS) -> None:
        self.hold = hold
        self._due: dict[asyncio.Future[Ending | None], float] = {}  # in order of due time
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._due)

    async def wait(self, session: Session) -> Ending | None:
        """Wait until `session` has an event, is over, or it has been long enough.

        How it ended; None while it lives. Another poll of the same session lets go of
        this one first.
        """
        if session.waiter is not None:
            session.waiter(None)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Ending | None] = loop.create_future()

        def wake(how: Ending | None) -> None:
            if not future.done():
                future.set_result(how)

        session.waiter = wake
        self._due[future] = loop.time() + self.hold
        if self._timer is None:
            self._timer = loop.call_later(self.hold, self._release)
        try:
            return await future
        finally:
            self._due.pop(future, None)
            if session.waiter is wake:
                session.waiter = None
            if not self._due and self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _release(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._timer = None
        for future, due in self._due.items():
            if due > now:
                self._timer = loop.call_later(max(_STEP, due - now), self._release)
                return
            if not future.done():
                future.set_result(None)
