"""The file that survives: migrated, locked, rolled back, private, and left alone when damaged."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from store.database import MIGRATIONS
from store.inventory import new_id
from store.issuing import signing_request
from store.opening import open_store
from store.people import Account, Subscriber
from store.sealing import Seal
from tests.helpers import a_key, certificate_der, key_der, refusals, subject
from tests.store.filling import (
    NOW,
    a_holding,
    content,
    digests,
    everything,
    filled,
)

# What is kept


def test_what_was_committed_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    filled(tmp_path)
    inventory, keys, settings, accounts, subscribers, journal = content(tmp_path)
    assert isinstance(inventory, dict)
    assert list(inventory) == ["0123456789", "request001"]
    assert inventory["0123456789"] == a_holding()
    assert inventory["0123456789"].pkcs12 == b"p12"
    assert inventory["request001"].request == signing_request(subject(), a_key(2))
    assert keys == {"0123456789": key_der(a_key(0)), "request001": key_der(a_key(2))}
    assert settings == {"active": "0123456789", "clock": {"rate": 2.5, "box": "ü"}}
    assert accounts == {
        "administrator@system": Account("administrator@system", "advanced", None, True)
    }
    assert subscribers == {"100": Subscriber("100", "Anna Berger", "geheim-100")}
    assert isinstance(journal, list)
    assert [(entry.seq, entry.event, entry.detail) for entry in journal] == [
        (1, "installed", {"name": "bür\ud800o"})
    ]


def test_a_store_in_memory_writes_no_file_and_starts_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store(None, "osbiz")
    assert store.ephemeral
    with store.database.transaction():
        store.inventory.add(a_holding())
    store.close()
    assert list(tmp_path.iterdir()) == []
    again = open_store(None, "osbiz")
    assert again.inventory.all() == {}
    again.close()


def test_a_holding_that_is_replaced_keeps_its_place(tmp_path: Path) -> None:
    store = open_store(tmp_path, "osbiz")
    with store.database.transaction():
        store.inventory.add(a_holding("first00000"))
        store.inventory.add(a_holding("second0000", key=1))
        store.inventory.add(a_holding("first00000", name="again"))
    assert [(held.id, held.name) for held in store.inventory.all().values()] == [
        ("first00000", "again"),
        ("second0000", "box"),
    ]
    store.close()


def test_journal_numbers_go_on_rising_after_it_was_cleared(tmp_path: Path) -> None:
    store = open_store(tmp_path, "osbiz")
    with store.database.transaction():
        store.journal.append(NOW, "first", {})
        store.journal.clear()
        store.journal.append(NOW, "second", {})
    assert [(entry.seq, entry.event) for entry in store.journal.since()] == [(2, "second")]
    store.close()


def test_the_journal_gives_the_newest_entries_after_a_number_oldest_first(tmp_path: Path) -> None:
    store = open_store(tmp_path, "osbiz")
    with store.database.transaction():
        for number in range(1, 8):
            store.journal.append(NOW, f"event-{number}", {})
    assert [entry.seq for entry in store.journal.since(2, limit=3)] == [5, 6, 7]
    store.close()


def test_ids_are_ten_hex_digits_and_differ() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(identity) == 10 and int(identity, 16) >= 0 for identity in ids)


# Secrets


def test_every_file_is_for_its_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    store = open_store(directory, "osbiz")
    with store.database.transaction():
        store.inventory.add(a_holding())
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in directory.iterdir()}
    assert modes.keys() == {
        "osbiz.db", "osbiz.db-wal", "osbiz.db-shm", "osbiz.key", "osbiz.lock",
    }  # fmt: skip
    assert set(modes.values()) == {"0o600"}
    assert directory.stat().st_mode & 0o777 == 0o700
    store.close()


def test_no_key_and_no_password_can_be_read_off_the_files(tmp_path: Path) -> None:
    filled(tmp_path)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    private = a_key().private_numbers()
    secrets = [
        key_der(a_key()),
        a_key().private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ),
        private.d.to_bytes(256, "big"),
        private.p.to_bytes(128, "big"),
        private.q.to_bytes(128, "big"),
    ]
    for secret in secrets:
        assert secret[-64:] not in stored
    assert b"PRIVATE KEY" not in stored
    assert b"geheim-100" not in stored


def test_the_key_file_is_not_in_the_database(tmp_path: Path) -> None:
    filled(tmp_path)
    key = (tmp_path / "osbiz.key").read_bytes()
    assert len(key) == 32
    assert key not in (tmp_path / "osbiz.db").read_bytes()


def test_a_missing_key_file_is_said_and_none_is_made(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "osbiz.key").unlink()
    assert refusals(open_store, tmp_path, "osbiz") == ["key-file-missing"]
    assert not (tmp_path / "osbiz.key").exists()


def test_a_key_file_of_another_length_is_said_and_left(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "osbiz.key").write_bytes(b"short")
    assert refusals(open_store, tmp_path, "osbiz") == ["key-file-damaged"]
    assert (tmp_path / "osbiz.key").read_bytes() == b"short"


def test_the_key_file_of_another_box_unseals_nothing(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "osbiz.key").write_bytes(bytes(32))
    store = open_store(tmp_path, "osbiz")
    assert refusals(store.inventory.all) == ["seal-broken"]
    store.close()


def test_a_sealed_key_can_not_be_moved_to_another_certificate(tmp_path: Path) -> None:
    filled(tmp_path)
    with sqlite3.connect(tmp_path / "osbiz.db") as connection:
        connection.execute(
            "UPDATE holdings SET sealed_key = (SELECT sealed_key FROM holdings WHERE id = "
            "'request001') WHERE id = '0123456789'"
        )
    connection.close()
    store = open_store(tmp_path, "osbiz")
    assert refusals(store.inventory.all) == ["seal-broken"]
    store.close()


def test_a_store_that_was_refused_can_be_opened_once_the_cause_is_gone(tmp_path: Path) -> None:
    filled(tmp_path)
    key = (tmp_path / "osbiz.key").read_bytes()
    (tmp_path / "osbiz.key").unlink()
    assert refusals(open_store, tmp_path, "osbiz") == ["key-file-missing"]
    (tmp_path / "osbiz.key").write_bytes(key)
    assert content(tmp_path)


# Versions


def old_database(directory: Path) -> None:
    """What a program that knew the first schema only has left behind."""
    directory.mkdir(exist_ok=True)
    key = bytes(range(32))
    (directory / "osbiz.key").write_bytes(key)
    held = a_holding()
    assert held.certificate is not None
    with sqlite3.connect(directory / "osbiz.db") as connection:
        connection.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1;")
        connection.execute(
            "INSERT INTO holdings (id, name, kind, created, leaf, sealed_key) "
            "VALUES (?, ?, 'imported', '2023-11-17T12:00:00Z', ?, ?)",
            (
                held.id,
                held.name,
                certificate_der(held.certificate.leaf),
                Seal(key).seal(key_der(a_key()), context=held.id),
            ),
        )
        connection.execute("INSERT INTO settings VALUES ('active', '\"0123456789\"')")
        connection.execute("INSERT INTO journal VALUES (41, '2023-11-17T12:00:00Z', 'old', '{}')")
    connection.close()


def test_a_database_of_the_first_schema_is_brought_up_with_all_it_holds(tmp_path: Path) -> None:
    old_database(tmp_path)
    store = open_store(tmp_path, "osbiz")
    (held,) = store.inventory.all().values()
    assert held.certificate is not None
    assert held.certificate.leaf == a_holding().certificate.leaf  # type: ignore[union-attr]
    assert held.key is not None
    assert key_der(held.key) == key_der(a_key())
    assert store.settings.all() == {"active": "0123456789"}
    assert [(entry.seq, entry.event) for entry in store.journal.since()] == [(41, "old")]
    assert store.database.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]
    with store.database.transaction():
        store.people.put_subscriber(Subscriber("100", "Anna", "x"))
    store.close()


def test_a_migration_that_fails_half_way_leaves_the_old_schema(tmp_path: Path) -> None:
    old_database(tmp_path)
    with sqlite3.connect(tmp_path / "osbiz.db") as connection:
        connection.execute("CREATE TABLE accounts (in_the_way)")
        before = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    connection.close()
    assert refusals(open_store, tmp_path, "osbiz") == ["database-damaged"]
    with sqlite3.connect(tmp_path / "osbiz.db") as connection:
        assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == before
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()


def test_a_newer_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    filled(tmp_path / "a")
    with sqlite3.connect(tmp_path / "a" / "osbiz.db") as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = digests(tmp_path / "a")
    assert refusals(open_store, tmp_path / "a", "osbiz") == ["database-newer"]
    assert digests(tmp_path / "a") == before


# One at a time


def test_a_second_opener_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    store = open_store(tmp_path, "osbiz")
    assert refusals(open_store, tmp_path, "osbiz") == ["data-in-use"]
    store.close()
    store.close()
    open_store(tmp_path, "osbiz").close()


def test_box_and_booster_keep_their_stores_in_one_directory(tmp_path: Path) -> None:
    box, booster = open_store(tmp_path, "osbiz"), open_store(tmp_path, "booster")
    with box.database.transaction():
        box.settings.put("who", "box")
    assert booster.settings.all() == {}
    box.close()
    booster.close()


def test_a_path_that_is_no_directory_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert refusals(open_store, tmp_path / "file", "osbiz") == ["data-directory"]
    assert refusals(open_store, tmp_path / "file" / "below", "osbiz") == ["data-directory"]


def test_a_key_file_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "osbiz.key").mkdir()
    assert refusals(open_store, tmp_path, "osbiz") == ["data-directory"]


# Transactions


def test_a_commit_waits_until_it_is_on_the_disk(tmp_path: Path) -> None:
    store = open_store(tmp_path, "osbiz")
    assert store.database.rows("PRAGMA journal_mode") == [("wal",)]
    assert store.database.rows("PRAGMA synchronous") == [(2,)]  # FULL
    store.close()


def test_threads_take_turns_and_none_loses_its_change(tmp_path: Path) -> None:
    store = open_store(tmp_path, "osbiz")

    def work(thread: int) -> None:
        for number in range(20):
            with store.database.transaction():
                store.settings.put(f"{thread}-{number}", number)
                store.journal.append(NOW, "put", {})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert len(store.settings.all()) == len(store.journal.since()) == 80
    store.close()


def test_a_transaction_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    filled(tmp_path)
    store = open_store(tmp_path, "osbiz")
    before = everything(store)

    def half_done() -> None:
        with store.database.transaction():
            store.inventory.remove("0123456789")
            store.settings.put("active", None)
            store.journal.append(NOW, "removed", {})
            raise LookupError

    with pytest.raises(LookupError):
        half_done()
    assert everything(store) == before
    store.close()
    assert content(tmp_path) == before


def test_a_full_disk_refuses_the_change_and_keeps_the_rest(tmp_path: Path) -> None:
    filled(tmp_path)
    store = open_store(tmp_path, "osbiz")
    before = everything(store)
    ((pages,),) = store.database.rows("PRAGMA page_count")
    store.database.rows(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with store.database.transaction():
            store.settings.put("active", "nobody")
            for number in range(100):
                store.inventory.add(a_holding(f"{number:010}"))

    assert refusals(fill) == ["storage-failed"]
    assert everything(store) == before
    store.database.rows(f"PRAGMA max_page_count = {pages + 1000}")
    with store.database.transaction():
        store.settings.put("active", "still works")
    store.close()
    assert content(tmp_path)[2] == {"active": "still works", "clock": {"rate": 2.5, "box": "ü"}}
