"""WSI sessions: who is logged in, since when, and what each watches and has not heard yet.

They end by logout, time-out and restart. Session ids are eight hex digits, as captured
from a real box. Time-out and bounds are not known of the real one (docs/assumptions.md).
Times are the box's calendar. Knows no event loop: a client that waits for events leaves
a `waiter` to be called.
"""

from __future__ import annotations

import enum
import itertools
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appliance.calls import (
    AGENT_EVENT,
    CALL_EVENTS,
    DEVICE_EVENT,
    HOOK_EVENT,
    PRESENCE_EVENT,
    Event,
)

IDLE_LIMIT = timedelta(minutes=30)
MAX_PER_USER = 20
MAX_WAITING = 1_000
MAX_WATCHED = 1_000

# What a filter lets through. HOOKSTATE is a word of real clients, and these are the events
# they expect of it; the other words are ours.
FILTERS: dict[str, frozenset[str]] = {
    "ALL": frozenset({*CALL_EVENTS, PRESENCE_EVENT, DEVICE_EVENT, AGENT_EVENT}),
    "CALL": frozenset(CALL_EVENTS),
    "HOOKSTATE": frozenset(
        {"ServiceInitiatedEvent", "DeliveredEvent", "EstablishedEvent", "ConnectionClearedEvent"}
    ),
    "PRESENCE": frozenset({PRESENCE_EVENT}),
    "DEVSTATE": frozenset({DEVICE_EVENT}),
    "AGENT": frozenset({AGENT_EVENT}),
}
# What comes to who names no filter. What real boxes tell in the last two is not known: they
# come to who asks for them.
UNFILTERED = ("CALL", "PRESENCE")
_UNFILTERED = frozenset().union(*(FILTERS[word] for word in UNFILTERED))


class Ending(enum.Enum):
    """Why a session is over."""

    LOGOUT = "logout"
    RESTART = "restart"
    TAKEN = "taken"  # timed out, or given up for a newer one of the same user


@dataclass(slots=True, eq=False)
class Session:
    """One logged-in WSI client.

    seen: when it last called.
    watched: the filter words for each device whose events it wants.
    hooks: devices whose hook it wants to know of.
    monitors: the device of each monitor by its number.
    waiting: events it has not fetched, oldest first.
    lost: how many were given up because it did not fetch them.
    waiter: called when there is an event, or with how the session ended; None when
        nobody waits. A session that somebody waits on does not time out.
    """

    id: str
    extension: str
    started: datetime
    seen: datetime
    watched: dict[str, tuple[str, ...]] = field(default_factory=dict)
    hooks: set[str] = field(default_factory=set)
    monitors: dict[int, str] = field(default_factory=dict)
    waiting: list[Event] = field(default_factory=list)
    lost: int = 0
    waiter: Callable[[Ending | None], None] | None = None

    def wants(self, event: Event) -> bool:
        """Whether its subscriptions let `event` through."""
        if event.type == HOOK_EVENT:
            return event.device in self.hooks
        words = self.watched.get(event.device)
        if words is not None and any(event.type in FILTERS[word] for word in words):
            return True
        return event.type in _UNFILTERED and event.device in self.monitors.values()

    def take(self) -> list[Event]:
        """The events that wait, which then no longer do."""
        taken, self.waiting = self.waiting, []
        return taken

    def hear(self, event: Event) -> None:
        """Queue `event`; the oldest goes when too many wait."""
        self.waiting.append(event)
        if len(self.waiting) > MAX_WAITING:
            del self.waiting[0]
            self.lost += 1
        if self.waiter is not None:
            self.waiter(None)


class Sessions:
    """The open sessions of one box; used from the event loop only."""

    def __init__(self) -> None:
        self._open: dict[str, Session] = {}
        self._of: dict[str, dict[str, Session]] = {}
        self._listening: dict[str, dict[str, Session]] = {}
        self._monitor_numbers = itertools.count(1)

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, extension: str, now: datetime) -> Session:
        """A new session; a user who has too many loses the one that was silent longest."""
        own = self._of.setdefault(extension, {})
        if len(own) >= MAX_PER_USER:
            oldest = min(
                own.values(), key=lambda session: (session.waiter is not None, session.seen)
            )
            self.end(oldest.id, Ending.TAKEN)
            own = self._of.setdefault(extension, {})
        identity = secrets.token_hex(4)
        while identity in self._open or int(identity, 16) == 0:  # 0 means a failed login
            identity = secrets.token_hex(4)
        session = Session(identity, extension, now, now)
        self._open[identity] = own[identity] = session
        return session

    def find(self, identity: str, now: datetime) -> Session | None:
        """The open session `identity`, marked as seen now; None when it is over."""
        session = self._open.get(identity)
        if session is None:
            return None
        if session.waiter is None and now - session.seen > IDLE_LIMIT:
            self.end(identity, Ending.TAKEN)
            return None
        session.seen = now
        return session

    def count_of(self, extension: str) -> int:
        """How many sessions a subscriber has open."""
        return len(self._of.get(extension, ()))

    # --- what they watch

    def watch(self, session: Session, device: str, words: Iterable[str]) -> bool:
        """Give `session` the events of `device`; False when it watches too many."""
        if device not in session.watched and self._full(session):
            return False
        session.watched[device] = tuple(words)
        self._listen(session, device)
        return True

    def watch_hook(self, session: Session, device: str) -> bool:
        """Give `session` the hook events of `device`; False when it watches too many."""
        if device not in session.hooks and self._full(session):
            return False
        session.hooks.add(device)
        self._listen(session, device)
        return True

    def unwatch_hook(self, session: Session, device: str) -> bool:
        """No more hook events of `device`; False when there were none."""
        hooked = device in session.hooks
        session.hooks.discard(device)
        self._unlisten(session, device)
        return hooked

    def start_monitor(self, session: Session, device: str) -> int | None:
        """A monitor of `device`: its number; None when the session watches too much."""
        if self._full(session):
            return None
        number = next(self._monitor_numbers)
        session.monitors[number] = device
        self._listen(session, device)
        return number

    def unwatch(self, session: Session, device: str) -> bool:
        """No more events of `device`, hook events included; False when it was not watched."""
        watched = session.watched.pop(device, None) is not None
        return self.unwatch_hook(session, device) or watched

    def stop_monitor(self, session: Session, number: int) -> bool:
        """End a monitor; False when the session has none of this number."""
        device = session.monitors.pop(number, None)
        if device is None:
            return False
        self._unlisten(session, device)
        return True

    def publish(self, event: Event) -> None:
        """Give `event` to every session that wants it."""
        for session in tuple(self._listening.get(event.device, {}).values()):
            if session.wants(event):
                session.hear(event)

    def _full(self, session: Session) -> bool:
        return len(session.watched) + len(session.hooks) + len(session.monitors) >= MAX_WATCHED

    def _listen(self, session: Session, device: str) -> None:
        self._listening.setdefault(device, {})[session.id] = session

    def _unlisten(self, session: Session, device: str) -> None:
        if device in session.watched or device in session.hooks:
            return
        if device in session.monitors.values():
            return
        listening = self._listening.get(device)
        if listening is not None:
            listening.pop(session.id, None)
            if not listening:
                del self._listening[device]

    # --- endings

    def end(self, identity: str, how: Ending = Ending.LOGOUT) -> None:
        """End the session `identity`; nothing happens when it is over already."""
        session = self._open.pop(identity, None)
        if session is None:
            return
        own = self._of[session.extension]
        del own[identity]
        if not own:
            del self._of[session.extension]
        devices = {*session.watched, *session.hooks, *session.monitors.values()}
        session.watched.clear()
        session.hooks.clear()
        session.monitors.clear()
        for device in devices:
            self._unlisten(session, device)
        if session.waiter is not None:
            session.waiter(how)

    def end_of(self, extension: str) -> None:
        """End the sessions of a subscriber who is gone."""
        for identity in list(self._of.get(extension, ())):
            self.end(identity, Ending.TAKEN)

    def end_all(self) -> int:
        """End every session, as a restart does; how many there were."""
        count = len(self._open)
        for identity in list(self._open):
            self.end(identity, Ending.RESTART)
        return count
