"""Damaged, cut short or foreign: refused in one line, and every byte is left as it is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from store.database import MIGRATIONS, Database
from store.inventory import Inventory
from store.opening import open_store
from store.refusals import Refused
from store.sealing import Seal
from tests.helpers import refusals
from tests.store.filling import a_holding, content, copy_as_after_a_power_cut, digests, filled


def unharmed(directory: Path, code: str = "database-damaged") -> None:
    """The store says no, and every byte beside the lock stays as it is."""
    before = digests(directory)
    assert refusals(content, directory) == [code]
    assert digests(directory) == before


def garbage(data: bytes) -> bytes:
    return b"garbage " * (len(data) // 8)


def cut_short(data: bytes) -> bytes:
    return data[: len(data) // 2]


def cut_in_a_page(data: bytes) -> bytes:
    return data[: -4096 - 100]


def nothing(_data: bytes) -> bytes:
    return b""


def no_header(data: bytes) -> bytes:
    return bytes(100) + data[100:]


def zeroed_roots(data: bytes) -> bytes:
    return data[:4096] + bytes(4096 * 3) + data[4096 * 4 :]


@pytest.mark.parametrize(
    "spoil", [garbage, cut_short, cut_in_a_page, nothing, no_header, zeroed_roots]
)
def test_a_damaged_database_is_refused_and_left_as_it_is(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    filled(tmp_path / "data")
    file = tmp_path / "data" / "osbiz.db"
    file.write_bytes(spoil(file.read_bytes()))
    unharmed(tmp_path / "data")


def test_a_damaged_database_is_left_with_its_log_as_a_power_cut_left_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    filled(data)
    store = open_store(data, "osbiz")
    with store.database.transaction():
        store.settings.put("later", 1)
    cut = copy_as_after_a_power_cut(data, store, tmp_path / "cut")
    file = cut / "osbiz.db"
    file.write_bytes(zeroed_roots(file.read_bytes()))
    unharmed(cut)
    assert {path.name for path in cut.iterdir()} >= {"osbiz.db-wal", "osbiz.db-shm"}


def test_a_newer_database_is_left_with_its_log_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    filled(data)
    store = open_store(data, "osbiz")
    store.database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    cut = copy_as_after_a_power_cut(data, store, tmp_path / "cut")
    unharmed(cut, "database-newer")


def test_what_is_in_the_log_only_is_there_after_a_power_cut(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = open_store(data, "osbiz")
    with store.database.transaction():
        store.inventory.add(a_holding())
    cut = copy_as_after_a_power_cut(data, store, tmp_path / "cut")
    assert list(content(cut)[0]) == ["0123456789"]  # type: ignore[call-overload]


def test_a_log_cut_short_loses_whole_commits_and_never_half_of_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = open_store(data, "osbiz")
    for number in range(3):
        with store.database.transaction():
            store.inventory.add(a_holding(f"{number:010}"))
            store.settings.put("active", f"{number:010}")
    cut = copy_as_after_a_power_cut(data, store, tmp_path / "cut")
    log = (cut / "osbiz.db-wal").read_bytes()
    seen = set()
    for length in range(len(log), 4096, -3000):
        (cut / "osbiz.db-wal").write_bytes(log[:length])
        (cut / "osbiz.db-shm").unlink(missing_ok=True)
        trial = shutil.copytree(cut, tmp_path / f"cut{length}")
        inventory, _, settings, *_ = content(trial)
        assert isinstance(inventory, dict)
        assert isinstance(settings, dict)
        assert settings.get("active") == (list(inventory)[-1] if inventory else None)
        seen.add(len(inventory))
    assert {0, 1, 2, 3} >= seen >= {1, 2, 3}


def test_any_flipped_page_is_refused_or_does_not_matter(tmp_path: Path) -> None:
    filled(tmp_path / "data")
    whole = content(tmp_path / "data")
    good = (tmp_path / "data" / "osbiz.db").read_bytes()
    refused, codes = 0, set()
    for at in range(0, len(good), 4096):
        trial = shutil.copytree(tmp_path / "data", tmp_path / f"trial{at}")
        page = bytes(byte ^ 0xFF for byte in good[at : at + 4096])
        (trial / "osbiz.db").write_bytes(good[:at] + page + good[at + 4096 :])
        try:
            assert content(trial) == whole
        except Refused as error:
            codes.add(error.code)
            refused += 1
    assert refused >= len(good) // 4096 - 2
    assert codes <= {"database-damaged", "seal-broken"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE holdings SET leaf = x'00'",
        "UPDATE holdings SET kind = 'heirloom'",
        "UPDATE holdings SET created = 'yesterday'",
        "UPDATE holdings SET chain = 'text'",
        "UPDATE settings SET value = 'no json'",
        "UPDATE journal SET detail = '{'",
        "DROP TABLE journal",
        "DROP TABLE holdings",
    ],
)
def test_content_that_nobody_wrote_is_damage(tmp_path: Path, statement: str) -> None:
    filled(tmp_path / "data")
    with sqlite3.connect(tmp_path / "data" / "osbiz.db") as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(Refused) as caught:
        content(tmp_path / "data")
    assert caught.value.code == "database-damaged"


def test_the_database_of_another_program_is_refused_and_left(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "osbiz.db") as connection:
        connection.execute("CREATE TABLE settings (mine)")
    connection.close()
    with pytest.raises(Refused):
        open_store(tmp_path, "osbiz")
    with sqlite3.connect(tmp_path / "osbiz.db") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("settings",)]
    connection.close()


def test_the_inventory_of_an_unknown_seal_is_never_half_read(tmp_path: Path) -> None:
    filled(tmp_path)
    database = Database(tmp_path / "osbiz.db")
    assert refusals(Inventory(database, Seal.in_memory()).all) == ["seal-broken"]
    database.close()
