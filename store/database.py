"""The SQLite file: opened, checked, locked, migrated, and written in transactions.

WAL with synchronous=FULL: a commit that returned survives a power cut, and one that
did not leaves nothing behind. Every call blocks for its fsync: keep it off the event
loop. What the tables mean is for `inventory`, `settings` and `journal` to know.
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from store.refusals import Refused

# One script per schema version, in order; never edited once released.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE holdings (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        created TEXT NOT NULL,
        leaf BLOB,
        chain BLOB NOT NULL DEFAULT x'',
        request BLOB,
        sealed_key BLOB,
        issued_by TEXT
    );
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        time TEXT NOT NULL,
        event TEXT NOT NULL,
        detail TEXT NOT NULL
    );
    """,
    """
    ALTER TABLE holdings ADD COLUMN pkcs12 BLOB;
    CREATE TABLE accounts (
        name TEXT PRIMARY KEY,
        role TEXT NOT NULL,
        password_hash TEXT,
        must_change INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE subscribers (
        extension TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        sealed_password BLOB NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE telephones (
        extension TEXT PRIMARY KEY,
        settings TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE call_journal (
        id INTEGER PRIMARY KEY,
        extension TEXT NOT NULL,
        time TEXT NOT NULL,
        kind TEXT NOT NULL,
        number TEXT NOT NULL,
        seconds INTEGER NOT NULL
    );
    CREATE INDEX call_journal_of ON call_journal (extension, id);
    """,
)


# What can go wrong with a file whose content is in order.
_OF_THE_DISK = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


class Database:
    """One node's database; safe to use from several threads, one transaction at a time.

    path: the file, or None for one in memory that is gone when closed.
    Refused when the file is in use by another process, damaged, or newer than this
    program; the file is then left as it was.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._lock_file: BinaryIO | None = None
        if path is not None:
            self._lock_file = _lock_beside(path)
        try:
            if path is not None:
                if path.exists():
                    _check(path)
                else:
                    path.touch(mode=0o600)  # -wal and -shm take its mode
            self._connection = sqlite3.connect(
                ":memory:" if path is None else path,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise
        except sqlite3.Error as error:
            self._unlock()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK:
                raise _not_written(path, error) from error
            raise damaged(path, error) from error
        except BaseException:
            self._unlock()
            raise

    def _prepare(self) -> None:
        if self.path is None:
            self._connection.deserialize(_empty())
            return
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        _migrate(self._connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are committed together when the block ends, or none is."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise _not_written(self.path, error) from error

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement; inside `transaction()` when it writes."""
        with self._lock:
            return self._connection.execute(statement, values)

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query; refused (`database-damaged`) when they can't be read."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.ProgrammingError:
                raise
            except sqlite3.DatabaseError as error:
                raise damaged(self.path, error) from None

    def close(self) -> None:
        """Close the file and let other processes have it; safe to call twice."""
        with self._lock:
            self._connection.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number in range(version, len(MIGRATIONS)):
        # One transaction each, its version number included: a cut leaves old or new.
        connection.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        )


@cache
def _empty() -> bytes:
    """A database in which nothing is yet; a copy of it costs less than making the tables."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        _migrate(connection)
        return connection.serialize()
    finally:
        connection.close()


def damaged(path: Path | None, why: object) -> Refused:
    """The refusal for a database whose content can't be what was written."""
    return Refused.because(
        "database-damaged",
        f"The database {path} is damaged ({why}).",
        instead="It was left as it is: restore a backup, or start with another data directory.",
    )


def _not_written(path: Path | None, why: sqlite3.Error) -> Refused:
    return Refused.because(
        "storage-failed",
        f"The database {path or 'in memory'} could not be written ({why}).",
        instead="Nothing was changed; see to the disk and try again.",
    )


def _lock_beside(path: Path) -> BinaryIO:
    lock_path = path.with_suffix(".lock")
    lock_path.touch(mode=0o600)
    lock = lock_path.open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Refused.because(
            "data-in-use",
            f"The data directory {path.parent} is in use by another running box.",
            instead="End that one, or give another --data directory.",
        ) from None
    return lock


def _check(path: Path) -> None:
    """Look the file over without writing to it, or to the -wal and -shm beside it.

    SQLite replays a log even for who only reads, so where there is one a copy is read.
    """
    logs = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    if not any(log.exists() for log in logs):
        _look_over(path, path, "mode=ro&immutable=1")
        return
    with tempfile.TemporaryDirectory() as directory:
        for file in (path, *filter(Path.exists, logs)):
            shutil.copyfile(file, Path(directory, file.name))
        _look_over(path, Path(directory, path.name), "mode=rw")


def _look_over(path: Path, copy: Path, how: str) -> None:
    try:
        connection = sqlite3.connect(f"{copy.resolve().as_uri()}?{how}", uri=True)
        try:
            (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise damaged(path, error) from None
    if result != "ok":
        raise damaged(path, str(result).replace("\n", " "))
    if version > len(MIGRATIONS):
        raise Refused.because(
            "database-newer",
            f"The database {path} has schema {version}; this program knows schemas up "
            f"to {len(MIGRATIONS)}.",
            instead="Start it with the newer program that wrote it.",
        )
