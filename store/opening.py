"""A node's store as a whole: database, inventory, settings, journal, seal.

Knows which files make it up: `NAME.db` and its key file `NAME.key` in one directory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from store.database import Database, damaged
from store.inventory import Inventory
from store.journal import Journal
from store.people import People
from store.refusals import Refused
from store.sealing import Seal
from store.settings import Settings
from store.telephones import Telephones


@dataclass(frozen=True, slots=True)
class Store:
    """What one node keeps."""

    database: Database
    inventory: Inventory
    settings: Settings
    journal: Journal
    people: People
    telephones: Telephones
    seal: Seal

    @property
    def ephemeral(self) -> bool:
        """Whether everything is gone when the store is closed."""
        return self.database.path is None

    def close(self) -> None:
        """Let go of the files."""
        self.database.close()


def open_store(directory: Path | None, name: str) -> Store:
    """Open, or make, the store `name` in `directory`; in memory when that is None.

    Refused, with the files left as they are, when it is in use, damaged, written by a
    newer program, or when its key file is missing.
    """
    if directory is None:
        return _assemble(Database(None), Seal.in_memory())
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _open(directory / f"{name}.db", directory / f"{name}.key")
    except OSError as error:
        raise Refused.because(
            "data-directory",
            f"The data directory {directory} can't be used ({error.strerror}).",
            field="data",
            instead="Give a directory that you may write to.",
        ) from None


def _open(path: Path, key_file: Path) -> Store:
    # The key file is made last: beside one, an empty database is no new one.
    if key_file.exists() and path.exists() and path.stat().st_size == 0:
        raise damaged(path, "it is empty")
    database = Database(path)
    try:
        (sealed,) = database.rows("SELECT EXISTS (SELECT 1 FROM holdings WHERE sealed_key NOTNULL)")
        return _assemble(database, Seal.from_file(key_file, may_create=not sealed[0]))
    except BaseException:
        database.close()
        raise


def _assemble(database: Database, seal: Seal) -> Store:
    return Store(
        database=database,
        inventory=Inventory(database, seal),
        settings=Settings(database),
        journal=Journal(database),
        people=People(database, seal),
        telephones=Telephones(database),
        seal=seal,
    )
