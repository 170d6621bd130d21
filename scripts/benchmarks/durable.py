"""A durable change of the store. Looks inside: it is the store's own cost that is meant."""

from __future__ import annotations

import datetime
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .measuring import Scale
from .report import Goal, Row, Skipped

CHANGES = 200


def durable(scale: Scale) -> Iterator[Row | Skipped]:
    """One setting and its journal entry, against replacing a file: write, fsync, rename."""
    from store.database import Database
    from store.journal import Journal
    from store.settings import Settings

    now = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    # In the environment, which is on a disk: the usual temporary directory may be in memory.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=sys.prefix) as name:
        folder = Path(name)
        database = Database(folder / "box.db")
        settings, journal = Settings(database), Journal(database)

        def change() -> None:
            with database.transaction():
                settings.put("lan_ip", "127.0.0.2")
                journal.append(now, "lan-ip-changed", {"to": "127.0.0.2"})

        def replace() -> None:
            new = folder / "settings.new"
            with new.open("wb") as file:
                file.write(b"x" * 4096)
                file.flush()
                os.fsync(file.fileno())
            new.rename(folder / "settings")

        taken: dict[str, list[float]] = {"change": [], "replace": []}
        steps: dict[str, Callable[[], None]] = {"change": change, "replace": replace}
        for _ in range(scale.rounds):
            for what, step in steps.items():
                for _ in range(CHANGES // scale.rounds):
                    begun = time.perf_counter()
                    step()
                    taken[what].append((time.perf_counter() - begun) * 1000)
        database.close()
    value, theirs = (statistics.median(taken[what]) for what in ("change", "replace"))
    slow = sorted(taken["change"])[int(len(taken["change"]) * 0.95)]
    parts = f"this disk; the 95th percentile is {slow:.2f} ms"
    goal = Goal(1, absolute=True)
    yield Row("a durable change of the store", "ms", value, "a file", theirs, goal, parts)
