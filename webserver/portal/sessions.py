"""Administrators' sessions: who is logged on, in memory, until a restart ends them.

Times are monotonic seconds, not the box's calendar: setting that must log nobody off.
Used from the event loop only.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

COOKIE = "JSESSIONID"  # what a Java server with `j_security_check` sets; assumed
IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 3600
MAX_SESSIONS = 1_000


@dataclass(slots=True)
class Session:
    """One logged-on browser or script.

    csrf: has to come back with every change.
    client: the address it was begun from.
    notices: what the next page tells, once.
    """

    id: str = field(repr=False)
    account: str
    csrf: str = field(repr=False)
    started: float
    seen: float
    client: str = ""
    notices: list[str] = field(default_factory=list)

    @property
    def handle(self) -> str:
        """What it is called on pages: nobody gets from here to `id`."""
        return hashlib.sha256(b"handle " + self.id.encode()).hexdigest()[:24]


def new_id() -> str:
    """An id nobody guesses: 256 random bits."""
    return secrets.token_urlsafe(32)


class Sessions:
    """The open sessions of one portal."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._open: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, account: str, *, client: str = "") -> Session:
        """A new session; when there are too many, the one silent longest ends."""
        if len(self._open) >= MAX_SESSIONS:
            del self._open[min(self._open.values(), key=lambda session: session.seen).id]
        now = self._now()
        session = Session(new_id(), account, secrets.token_urlsafe(24), now, now, client)
        self._open[session.id] = session
        return session

    def find(self, identity: str) -> Session | None:
        """The open session `identity`, marked as seen now; None when it is over."""
        session = self._open.get(identity)
        if session is None:
            return None
        if self._over(session):
            del self._open[identity]
            return None
        session.seen = self._now()
        return session

    def _over(self, session: Session) -> bool:
        now = self._now()
        return now - session.seen > IDLE_SECONDS or now - session.started > LONGEST_SECONDS

    def open(self) -> list[Session]:
        """The sessions that are not over, oldest first."""
        return sorted(
            (session for session in self._open.values() if not self._over(session)),
            key=lambda session: session.started,
        )

    def age(self, moment: float) -> float:
        """Seconds since `moment`, a session's `started` or `seen`."""
        return self._now() - moment

    def end(self, identity: str) -> None:
        """Log `identity` off; nothing happens when it is over already."""
        self._open.pop(identity, None)

    def end_account(self, account: str) -> None:
        """Log everybody off who uses `account`."""
        for session in [s for s in self._open.values() if s.account == account]:
            del self._open[session.id]

    def end_all(self) -> int:
        """End every session, as a restart does; how many there were."""
        count = len(self._open)
        self._open.clear()
        return count
