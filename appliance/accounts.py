"""Administrators of the box: roles, the default account, passwords.

The default account and the forced change at first logon are the real box's. Hashing
takes tens of milliseconds on purpose: call off the event loop.
"""

from __future__ import annotations

import hmac
from functools import cache
from typing import TYPE_CHECKING

from store.people import Account
from store.refusals import Refusal, refuse_all

if TYPE_CHECKING:
    from argon2 import PasswordHasher

ROLES = ("basic", "enhanced", "advanced", "expert")
DEFAULT_NAME = "administrator@system"
DEFAULT_PASSWORD = "administrator"  # noqa: S105 - documented for every box, void after first logon
DEFAULT_ACCOUNT = Account(DEFAULT_NAME, "advanced", None, must_change=True)
PASSWORD_LENGTH = range(8, 129)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # not needed before the first logon

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's choice


def password_matches(account: Account | None, password: str) -> bool:
    """Whether `password` opens `account`; takes as long for an account that is not there."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if account is not None and account.password_hash is None:
        return hmac.compare_digest(_octets(password), _octets(DEFAULT_PASSWORD))
    stored = _decoy() if account is None else account.password_hash
    assert stored is not None
    try:
        _hasher().verify(stored, _octets(password))
    except (VerificationError, InvalidHashError):
        return False
    return account is not None


def _octets(password: str) -> bytes:
    # Forms and JSON can carry lone surrogates, which are no character and no crash either.
    return password.encode("utf-8", "surrogatepass")


@cache
def _decoy() -> str:
    return _hasher().hash("no account has this password")


def with_password(account: Account, *, password: str, again: str) -> Account:
    """`account` with a new password; refused, all reasons at once, when it will not do."""
    wrong: list[Refusal] = []
    if len(password) not in PASSWORD_LENGTH:
        wrong.append(
            Refusal(
                "password-length",
                f"The new password has {len(password)} characters.",
                "password",
                "It needs 8 to 128.",
            )
        )
    if hmac.compare_digest(_octets(password), _octets(DEFAULT_PASSWORD)):
        wrong.append(
            Refusal(
                "password-default",
                "That is the default password, which everybody knows.",
                "password",
                "Choose another.",
            )
        )
    if not hmac.compare_digest(_octets(password), _octets(again)):
        wrong.append(
            Refusal("password-repeat", "The two passwords differ.", "again", "Repeat the new one.")
        )
    refuse_all(wrong)
    return Account(account.name, account.role, _hasher().hash(_octets(password)), must_change=False)
