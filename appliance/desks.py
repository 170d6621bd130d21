"""What belongs to a subscriber's telephone besides its calls: presence, display, journal.

Times are the box's calendar, handed in. Knows no call and no event. Keeps account of what
is to be written, and leaves the writing to others.
"""

from __future__ import annotations

import enum
import itertools
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from store.refusals import Refused
from store.telephones import JournalEntry, Memory, MemoryChanges

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
KEYS = range(1, 9)
MAX_LABEL = 24  # what the display of an OpenStage 40 has room for
_NO_ENTRY = sys.maxsize


@dataclass(slots=True)
class Desk:
    """A subscriber's telephone.

    until: when `presence` goes back to Office by itself; None for never.
    forward_to: where every call goes instead; None for nowhere.
    call_me: where its user can be called as if here, when `call_me_on`; None: never said.
    labels: what is written beside each key that has a label, by the key's number.
    """

    presence: int = OFFICE
    until: datetime | None = None
    forward_to: str | None = None
    call_me: str | None = None
    call_me_on: bool = False
    agent: Agent = Agent.LOGGED_OFF
    display: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)
    journal: deque[JournalEntry] = field(default_factory=lambda: deque(maxlen=MAX_JOURNAL))

    @property
    def leads_to(self) -> str | None:
        """Where its calls go instead; None while they ring here."""
        return self.forward_to or (self.call_me if self.call_me_on else None)


def _as_json(desk: Desk) -> dict[str, Any]:
    return {
        "presence": desk.presence,
        "until": None if desk.until is None else desk.until.isoformat(),
        "forward_to": desk.forward_to,
        "call_me": desk.call_me,
        "call_me_on": desk.call_me_on,
        "agent": desk.agent.value,
        "display": desk.display,
        "labels": {str(key): label for key, label in desk.labels.items()},
    }


_FACTORY = _as_json(Desk())


def desk_settings(desk: Desk) -> dict[str, Any]:
    """How a telephone is set, as JSON; what is as it came from the factory is left out."""
    return {name: value for name, value in _as_json(desk).items() if value != _FACTORY[name]}


def desk_of(settings: Mapping[str, Any], entries: Iterable[JournalEntry] = ()) -> Desk:
    """The telephone that was kept so; ValueError when none can have been."""
    values = {**_FACTORY, **settings}
    until = values["until"]
    if type(values["presence"]) is not int or values["presence"] not in PRESENCES:
        raise ValueError(values["presence"])
    for name in ("forward_to", "call_me"):
        if not isinstance(values[name], str | None):
            raise TypeError(name)
    desk = Desk(
        presence=values["presence"],
        until=None if until is None else datetime.fromisoformat(until),
        forward_to=values["forward_to"],
        call_me=values["call_me"],
        call_me_on=bool(values["call_me_on"]),
        agent=Agent(values["agent"]),
        display=str(values["display"]),
        labels={int(key): str(label) for key, label in values["labels"].items()},
    )
    desk.journal.extend(entries)
    return desk


class Desks:
    """The telephones of one box, each made when it is first touched.

    memory: what they remember from before; ValueError or TypeError when that makes no sense.
    on_change: called when there is something to write; None when nothing is written.
    """

    def __init__(self, memory: Memory | None = None) -> None:
        self._desks: dict[str, Desk] = {}
        self._latest = 0
        self.on_change: Callable[[], None] | None = None
        self._cleared = False
        self._gone: dict[str, None] = {}
        self._changed: dict[str, int] = {}  # with the first journal entry that is not written
        self._remember(memory or Memory())

    def _remember(self, memory: Memory) -> None:
        settings, entries = memory.settings, memory.entries
        for extension in {**settings, **entries}:
            desk = desk_of(settings.get(extension, {}), entries.get(extension, ()))
            self._desks[extension] = desk
            self._latest = max(self._latest, *(entry.id for entry in desk.journal), 0)

    def memory(self) -> Memory:
        """What all telephones remember now."""
        return Memory(
            {extension: desk_settings(desk) for extension, desk in self._desks.items()},
            {ext: tuple(desk.journal) for ext, desk in self._desks.items() if desk.journal},
        )

    def __contains__(self, extension: str) -> bool:
        """Whether the telephone of `extension` was touched."""
        return extension in self._desks

    def at(self, extension: str) -> Desk:
        """The telephone of `extension`, which must be a subscriber's."""
        return self._desks.setdefault(extension, Desk())

    def labels(self, extension: str) -> Mapping[int, str]:
        """What is written beside keys, without making a telephone that nobody has touched."""
        desk = self._desks.get(extension)
        return {} if desk is None else desk.labels

    def change(self, extension: str, **settings: Any) -> Desk:
        """Set the telephone of `extension`: members of `Desk` by name."""
        desk = self.at(extension)
        for name, value in settings.items():
            setattr(desk, name, value)
        self._touch(extension)
        return desk

    def lapse(self, extension: str, now: datetime) -> bool:
        """Have presence go back to Office when it is time; whether that changed anything."""
        until = self.at(extension).until
        if until is None or now < until:
            return False
        self.change(extension, presence=OFFICE, until=None)
        return True

    def limited(self) -> dict[str, datetime]:
        """When each presence ends that ends by itself, by extension."""
        return {
            extension: desk.until
            for extension, desk in self._desks.items()
            if desk.until is not None
        }

    def forget(self, extension: str) -> None:
        """What the telephone knew is gone."""
        self._desks.pop(extension, None)
        self._changed.pop(extension, None)
        if self.on_change is not None:
            self._gone[extension] = None
            self.on_change()

    def become(self, memory: Memory) -> None:
        """All telephones as `memory` has them, and no others."""
        self._desks.clear()
        self._changed.clear()
        self._gone.clear()
        if self.on_change is not None:
            self._cleared = True
            self.on_change()
        self._remember(memory)
        for extension in self._desks:
            self._touch(extension, 0)

    # --- what is to be written

    def _touch(self, extension: str, entry: int = _NO_ENTRY) -> None:
        if self.on_change is not None:
            self._changed[extension] = min(entry, self._changed.get(extension, _NO_ENTRY))
            self.on_change()

    def take_changes(self, limit: int) -> MemoryChanges | None:
        """What is to be written now, of `limit` telephones at most; None when nothing is."""
        if not (self._cleared or self._gone or self._changed):
            return None
        taken = dict(itertools.islice(self._changed.items(), limit))
        desks = {extension: self._desks[extension] for extension in taken}
        entries = {
            extension: tuple(one for one in desk.journal if one.id >= taken[extension])
            for extension, desk in desks.items()
        }
        changes = MemoryChanges(
            cleared=self._cleared,
            gone=tuple(self._gone),
            changed=Memory(
                {extension: desk_settings(desk) for extension, desk in desks.items()},
                {extension: found for extension, found in entries.items() if found},
            ),
            oldest={
                extension: desks[extension].journal[0].id
                for extension, found in entries.items()
                if found
            },
        )
        self._cleared = False
        self._gone.clear()
        for extension in taken:
            del self._changed[extension]
        return changes

    def put_back(self, changes: MemoryChanges) -> None:
        """`changes` could not be written: they are taken again next time."""
        self._cleared |= changes.cleared
        self._gone.update(dict.fromkeys(changes.gone))
        for extension in changes.changed.settings:
            if extension in self._desks:
                entries = changes.changed.entries.get(extension)
                self._touch(extension, entries[0].id if entries else _NO_ENTRY)

    # --- journals

    def log(
        self, extension: str, *, kind: str, number: str, time: datetime, seconds: int
    ) -> JournalEntry:
        """Write a finished call into the journal of `extension`."""
        self._latest += 1
        entry = JournalEntry(self._latest, time, kind, number, seconds)
        self.at(extension).journal.append(entry)
        self._touch(extension, entry.id)
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
