"""The people a box knows, as rows: administrators and subscribers.

What a role may do and how a password is judged is for `appliance.accounts` to know.
Write inside a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from store.database import Database
from store.sealing import Seal


@dataclass(frozen=True, slots=True)
class Account:
    """An administrator.

    password_hash: argon2 in its PHC form; None while the documented first password holds.
    must_change: whether the next logon has to set a new password.
    """

    name: str
    role: str
    password_hash: str | None = field(repr=False)
    must_change: bool


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A telephone user; WSI clients log in with extension and password."""

    extension: str
    name: str
    password: str = field(repr=False)


class People:
    """Accounts and subscribers of one node."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def accounts(self) -> dict[str, Account]:
        """Every account by name."""
        rows = self._database.rows(
            "SELECT name, role, password_hash, must_change FROM accounts ORDER BY name"
        )
        return {row[0]: Account(row[0], row[1], row[2], bool(row[3])) for row in rows}

    def put_account(self, account: Account) -> None:
        """Add `account`, or replace the one of that name."""
        self._database.execute(
            "INSERT OR REPLACE INTO accounts (name, role, password_hash, must_change) "
            "VALUES (?, ?, ?, ?)",
            (account.name, account.role, account.password_hash, account.must_change),
        )

    def remove_account(self, name: str) -> None:
        """Forget the account `name`."""
        self._database.execute("DELETE FROM accounts WHERE name = ?", (name,))

    def subscribers(self) -> dict[str, Subscriber]:
        """Every subscriber by extension."""
        rows = self._database.rows(
            "SELECT extension, name, sealed_password FROM subscribers ORDER BY extension"
        )
        return {
            extension: Subscriber(
                extension, name, self._seal.open(sealed, context=f"subscriber {extension}").decode()
            )
            for extension, name, sealed in rows
        }

    def put_subscriber(self, subscriber: Subscriber) -> None:
        """Add `subscriber`, or replace the one with that extension."""
        sealed = self._seal.seal(
            subscriber.password.encode(), context=f"subscriber {subscriber.extension}"
        )
        self._database.execute(
            "INSERT OR REPLACE INTO subscribers (extension, name, sealed_password) "
            "VALUES (?, ?, ?)",
            (subscriber.extension, subscriber.name, sealed),
        )

    def remove_subscriber(self, extension: str) -> None:
        """Forget the subscriber with this extension."""
        self._database.execute("DELETE FROM subscribers WHERE extension = ?", (extension,))

    def clear(self) -> None:
        """Forget everybody."""
        self._database.execute("DELETE FROM accounts")
        self._database.execute("DELETE FROM subscribers")
