"""Telephones as rows: written as changes, read as a whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from store.opening import Store, open_store
from store.telephones import JournalEntry, Memory, MemoryChanges
from tests.helpers import refusals

NOON = datetime(2024, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def entry(identity: int) -> JournalEntry:
    return JournalEntry(identity, NOON + timedelta(seconds=identity), "missed", "0891", identity)


def changes(
    *, cleared: bool = False, gone: tuple[str, ...] = (), oldest: int = 0, **entries: list[int]
) -> MemoryChanges:
    changed = {
        extension.strip("_"): tuple(map(entry, found)) for extension, found in entries.items()
    }
    return MemoryChanges(
        cleared=cleared,
        gone=gone,
        changed=Memory({extension: {"presence": 7} for extension in changed}, changed),
        oldest=dict.fromkeys(changed, oldest),
    )


def write(store: Store, *several: MemoryChanges) -> Memory:
    for one in several:
        with store.database.transaction():
            store.telephones.write(one)
    return store.telephones.read()


def test_what_was_written_is_read_in_order_after_opening_again(tmp_path: Path) -> None:
    store = open_store(tmp_path, "osbiz")
    write(store, changes(_100=[1, 3]), changes(_101=[2], _100=[4]))
    store.close()
    store = open_store(tmp_path, "osbiz")
    assert store.telephones.read() == Memory(
        {"100": {"presence": 7}, "101": {"presence": 7}},
        {"100": (entry(1), entry(3), entry(4)), "101": (entry(2),)},
    )
    store.close()


def test_what_is_older_than_the_oldest_that_is_kept_goes() -> None:
    store = open_store(None, "osbiz")
    kept = write(store, changes(_100=[1, 3, 5], _101=[2]), changes(_100=[6], oldest=5))
    assert kept.entries == {"100": (entry(5), entry(6)), "101": (entry(2),)}
    store.close()


def test_who_is_gone_and_has_come_back_has_only_what_is_new() -> None:
    store = open_store(None, "osbiz")
    kept = write(store, changes(_100=[1], _101=[2]), changes(gone=("100",), _100=[3]))
    assert kept.entries == {"100": (entry(3),), "101": (entry(2),)}
    assert write(store, changes(cleared=True)) == Memory()
    store.close()


def test_rows_that_nobody_wrote_are_called_damage(tmp_path: Path) -> None:
    for statement in (
        "INSERT INTO telephones VALUES ('100', '[3]')",
        "INSERT INTO telephones VALUES ('100', '{')",
        "INSERT INTO call_journal VALUES (1, '100', 'noon', 'missed', '1', 0)",
    ):
        store = open_store(None, "osbiz")
        store.database.execute(statement)
        assert refusals(store.telephones.read) == ["database-damaged"]
        store.close()
