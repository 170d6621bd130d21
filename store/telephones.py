"""What subscribers' telephones remember, as rows: how they are set, and their latest calls.

What a setting means, and how many calls are kept, is for `appliance.desks` to know. Write
inside a transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from store.database import Database, damaged

KINDS = ("incoming", "outgoing", "missed")
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One finished call of one subscriber.

    id: increases with each entry of the box.
    kind: one of `KINDS`.
    number: who was called, or who called.
    seconds: how long it was connected; 0 when it never was.
    """

    id: int
    time: datetime
    kind: str
    number: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Memory:
    """What all telephones remember; both by extension.

    settings: JSON values by name; what is as it came from the factory may be left out.
    entries: oldest first.
    """

    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    entries: Mapping[str, tuple[JournalEntry, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemoryChanges:
    """What is different from what was written last; done in this order.

    cleared: everything that was there goes.
    gone: extensions whose telephone forgets everything.
    changed: new settings and further entries.
    oldest: the ID of the oldest entry that each extension keeps.
    """

    cleared: bool
    gone: tuple[str, ...]
    changed: Memory
    oldest: Mapping[str, int]


def memory_as_json(memory: Memory) -> dict[str, Any]:
    """`memory` for a file."""
    return {
        "settings": {extension: dict(found) for extension, found in memory.settings.items()},
        "entries": {
            extension: [
                [one.id, one.time.isoformat(), one.kind, one.number, one.seconds] for one in found
            ]
            for extension, found in memory.entries.items()
        },
    }


def memory_from_json(value: Any) -> Memory:
    """The memory in a file; ValueError, TypeError or the like when it is none."""
    settings = {extension: dict(found) for extension, found in value["settings"].items()}
    entries = {
        extension: tuple(_entry(*row) for row in found)
        for extension, found in value["entries"].items()
    }
    numbers = [one.id for found in entries.values() for one in found]
    if len(set(numbers)) < len(numbers):
        raise ValueError("an entry is there twice")
    json.dumps([settings, list(entries)], ensure_ascii=False).encode()
    return Memory(settings, entries)


def _entry(identity: Any, time: Any, kind: Any, number: Any, seconds: Any) -> JournalEntry:
    for value in (identity, seconds):
        if type(value) is not int or not 0 <= value < _LARGEST:
            raise ValueError(value)
    if kind not in KINDS or not isinstance(number, str):
        raise ValueError(kind)
    number.encode()
    moment = datetime.fromisoformat(time)
    if moment.tzinfo is None:
        raise ValueError(time)
    return JournalEntry(identity, moment.astimezone(UTC), kind, number, seconds)


class Telephones:
    """The telephones of one node."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Memory:
        """All that is kept; refused (`database-damaged`) when it can't be what was written."""
        settings = self._database.rows("SELECT extension, settings FROM telephones")
        calls = self._database.rows(
            "SELECT extension, id, time, kind, number, seconds FROM call_journal ORDER BY id"
        )
        entries: dict[str, list[JournalEntry]] = {}
        try:
            for extension, identity, time, kind, number, seconds in calls:
                entry = _entry(identity, time, kind, number, seconds)
                entries.setdefault(extension, []).append(entry)
            return Memory(
                {extension: dict(json.loads(text)) for extension, text in settings},
                {extension: tuple(found) for extension, found in entries.items()},
            )
        except (ValueError, TypeError) as error:
            raise damaged(self._database.path, error) from None

    def write(self, changes: MemoryChanges) -> None:
        """Have the rows be as `changes` says."""
        if changes.cleared:
            self.clear()
        for extension in changes.gone:
            self.remove(extension)
        self.add(changes.changed)
        for extension, oldest in changes.oldest.items():
            self._database.execute(
                "DELETE FROM call_journal WHERE extension = ? AND id < ?", (extension, oldest)
            )

    def add(self, memory: Memory) -> None:
        """Keep these settings and entries beside what there is."""
        for extension, settings in memory.settings.items():
            self._database.execute(
                "INSERT OR REPLACE INTO telephones (extension, settings) VALUES (?, ?)",
                (extension, json.dumps(settings)),
            )
        for extension, entries in memory.entries.items():
            for entry in entries:
                self._database.execute(
                    "INSERT OR REPLACE INTO call_journal "
                    "(id, extension, time, kind, number, seconds) VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        entry.id,
                        extension,
                        entry.time.isoformat(),
                        entry.kind,
                        entry.number,
                        entry.seconds,
                    ),
                )

    def remove(self, extension: str) -> None:
        """Forget one telephone."""
        self._database.execute("DELETE FROM telephones WHERE extension = ?", (extension,))
        self._database.execute("DELETE FROM call_journal WHERE extension = ?", (extension,))

    def clear(self) -> None:
        """Forget all."""
        self._database.execute("DELETE FROM telephones")
        self._database.execute("DELETE FROM call_journal")
