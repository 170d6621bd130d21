"""WSI sessions: who is logged in, since when; they end by logout, time-out and restart.

Session ids are eight hex digits, as captured from a real box. Time-out and bound are
not known of the real one (docs/assumptions.md). Times are the box's calendar.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

IDLE_LIMIT = timedelta(minutes=30)
MAX_PER_USER = 20


@dataclass(slots=True)
class Session:
    """One logged-in WSI client; `seen` is when it last called."""

    id: str
    extension: str
    started: datetime
    seen: datetime


class Sessions:
    """The open sessions of one box; used from the event loop only."""

    def __init__(self) -> None:
        self._open: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, extension: str, now: datetime) -> Session:
        """A new session; a user who has too many loses the one that was silent longest."""
        own = [session for session in self._open.values() if session.extension == extension]
        if len(own) >= MAX_PER_USER:
            del self._open[min(own, key=lambda session: session.seen).id]
        identity = secrets.token_hex(4)
        while identity in self._open or int(identity, 16) == 0:  # 0 means a failed login
            identity = secrets.token_hex(4)
        session = Session(identity, extension, now, now)
        self._open[identity] = session
        return session

    def find(self, identity: str, now: datetime) -> Session | None:
        """The open session `identity`, marked as seen now; None when it is over."""
        session = self._open.get(identity)
        if session is None:
            return None
        if now - session.seen > IDLE_LIMIT:
            del self._open[identity]
            return None
        session.seen = now
        return session

    def end(self, identity: str) -> None:
        """Log `identity` out; nothing happens when it is over already."""
        self._open.pop(identity, None)

    def end_all(self) -> int:
        """End every session, as a restart does; how many there were."""
        count = len(self._open)
        self._open.clear()
        return count
