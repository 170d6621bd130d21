"""What belongs to a subscriber's telephone besides its calls: presence, display, journal.

Times are the box's calendar, handed in. Knows no call and no event.
"""

from __future__ import annotations

import enum
import itertools
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from store.refusals import Refused

OFFICE = 1
DO_NOT_DISTURB = 9
# 1 and 9 are known from clients' code; those between are the product's list in its order.
PRESENCES = {
    OFFICE: "Office",
    2: "Meeting",
    3: "Sick",
    4: "Break",
    5: "Out of the office",
    6: "Vacation",
    7: "Lunch",
    8: "Gone home",
    DO_NOT_DISTURB: "Do not disturb",
}


class Agent(enum.StrEnum):
    """What an agent of a call distribution group is doing; the words are ECMA-269's."""

    LOGGED_OFF = "agentLoggedOff"
    READY = "agentReady"
    NOT_READY = "agentNotReady"
    AFTER_CALL = "agentWorkingAfterCall"


PTIME_FORM = "%Y/%m/%d %H:%MZ"  # as clients write it
MAX_DISPLAY = 255
MAX_JOURNAL = 100


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One finished call of one subscriber.

    kind: `outgoing`, `incoming` or `missed`.
    number: who was called, or who called.
    seconds: how long it was connected; 0 when it never was.
    """

    id: int
    time: datetime
    kind: str
    number: str
    seconds: int


@dataclass(slots=True)
class Desk:
    """A subscriber's telephone.

    until: when `presence` goes back to Office by itself; None for never.
    forward_to: where every call goes instead; None for nowhere.
    call_me: where its user can be called as if here, when `call_me_on`; None: never said.
    """

    presence: int = OFFICE
    until: datetime | None = None
    forward_to: str | None = None
    call_me: str | None = None
    call_me_on: bool = False
    agent: Agent = Agent.LOGGED_OFF
    display: str = ""
    journal: deque[JournalEntry] = field(default_factory=lambda: deque(maxlen=MAX_JOURNAL))

    @property
    def leads_to(self) -> str | None:
        """Where its calls go instead; None while they ring here."""
        return self.forward_to or (self.call_me if self.call_me_on else None)

    def lapse(self, now: datetime) -> bool:
        """Go back to Office when it is time; whether that changed anything."""
        if self.until is None or now < self.until:
            return False
        self.presence, self.until = OFFICE, None
        return True


class Desks:
    """The telephones of one box, each made when it is first touched."""

    def __init__(self) -> None:
        self._desks: dict[str, Desk] = {}
        self._numbers = itertools.count(1)

    def __contains__(self, extension: str) -> bool:
        """Whether the telephone of `extension` was touched."""
        return extension in self._desks

    def at(self, extension: str) -> Desk:
        """The telephone of `extension`, which must be a subscriber's."""
        return self._desks.setdefault(extension, Desk())

    def forget(self, extension: str) -> None:
        """What the telephone knew is gone."""
        self._desks.pop(extension, None)

    def clear(self) -> None:
        """All telephones as they come from the factory."""
        self._desks.clear()

    def log(
        self, extension: str, *, kind: str, number: str, time: datetime, seconds: int
    ) -> JournalEntry:
        """Write a finished call into the journal of `extension`."""
        entry = JournalEntry(next(self._numbers), time, kind, number, seconds)
        self.at(extension).journal.append(entry)
        return entry

    def journal(
        self, extension: str, *, count: int = MAX_JOURNAL, kind: str | None = None
    ) -> list[JournalEntry]:
        """The newest entries first, at most `count`; of one `kind` where that is given."""
        found: Iterable[JournalEntry] = reversed(self.at(extension).journal)
        if kind is not None:
            found = (entry for entry in found if entry.kind == kind)
        return list(itertools.islice(found, count))


def parse_ptime(text: str) -> datetime:
    """A time as clients write it (`2024/01/31 17:00Z`), UTC; refused when it is none."""
    try:
        return datetime.strptime(text, PTIME_FORM).replace(tzinfo=UTC)
    except ValueError:
        raise Refused.because(
            "ptime", f"{text[:40]!r} is no time.", field="ptime", instead="Write 2024/01/31 17:00Z."
        ) from None


def format_ptime(moment: datetime) -> str:
    """`moment` as clients write it."""
    return moment.astimezone(UTC).strftime(PTIME_FORM)
