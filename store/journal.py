"""What happened when, oldest first; kept with the change it tells of.

An entry is appended in the transaction of its change, so that neither is there
without the other. No secret belongs into a detail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.certificate import iso_time
from store.database import Database, damaged


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    seq: increases by one with each entry of a node.
    time: the box's calendar, ISO 8601 in UTC.
    event: a stable, hyphenated word.
    """

    seq: int
    time: str
    event: str
    detail: Mapping[str, Any]


class Journal:
    """The journal of one node."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, time: datetime, event: str, detail: Mapping[str, Any]) -> Entry:
        """Add an entry; inside a transaction."""
        text = iso_time(time)
        cursor = self._database.execute(
            "INSERT INTO journal (time, event, detail) VALUES (?, ?, ?)",
            (text, event, json.dumps(detail)),
        )
        assert cursor.lastrowid is not None
        return Entry(cursor.lastrowid, text, event, detail)

    def put_back(self, entries: Iterable[Entry]) -> None:
        """Add entries of a backup in their order, under new numbers; inside a transaction."""
        for entry in entries:
            self._database.execute(
                "INSERT INTO journal (time, event, detail) VALUES (?, ?, ?)",
                (entry.time, entry.event, json.dumps(dict(entry.detail), ensure_ascii=False)),
            )

    def since(self, seq: int = 0, *, limit: int = 10_000) -> list[Entry]:
        """The entries after `seq`, oldest first; at most `limit`, the newest of them."""
        rows = self._database.rows(
            "SELECT seq, time, event, detail FROM journal WHERE seq > ? ORDER BY seq DESC LIMIT ?",
            (seq, limit),
        )
        return self._entries(rows)

    def named(self, prefix: str, *, limit: int) -> list[Entry]:
        """The entries whose event begins with `prefix`, oldest first; the newest `limit`."""
        rows = self._database.rows(
            "SELECT seq, time, event, detail FROM journal WHERE substr(event, 1, ?) = ? "
            "ORDER BY seq DESC LIMIT ?",
            (len(prefix), prefix, limit),
        )
        return self._entries(rows)

    def _entries(self, rows: list[tuple[Any, ...]]) -> list[Entry]:
        try:
            return [
                Entry(number, time, event, json.loads(detail))
                for number, time, event, detail in reversed(rows)
            ]
        except ValueError as error:
            raise damaged(self._database.path, error) from None

    def clear(self) -> None:
        """Forget everything, as a new installation does; inside a transaction."""
        self._database.execute("DELETE FROM journal")
