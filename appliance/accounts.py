"""Administrators of the box: roles, the default account, passwords.

The default account and the forced change at first logon are the real box's. Hashing
takes tens of milliseconds on purpose: call off the event loop.
"""

from __future__ import annotations

import enum
import hmac
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from store.people import Account
from store.refusals import Refusal, Refused, refuse_all

if TYPE_CHECKING:
    from argon2 import PasswordHasher


class Right(enum.StrEnum):
    """What an administrator may be allowed to do in the portal."""

    SEE = "see"
    GENERATE = "generate certificates"
    IMPORT = "import certificates"
    ACTIVATE = "activate certificates"
    NETWORK = "change the network"
    BACKUP = "back up and restore"
    ACCOUNTS = "manage administrators"
    FAULTS = "set faults"


_ADVANCED = frozenset(Right) - {Right.IMPORT, Right.ACTIVATE, Right.FAULTS}

# Roles in ascending order. That Expert rights are needed to import and to activate is the real
# box's rule; how the others differ there is not known (docs/assumptions.md).
RIGHTS: dict[str, frozenset[Right]] = {
    "basic": frozenset({Right.SEE}),
    "enhanced": frozenset({Right.SEE, Right.GENERATE}),
    "advanced": _ADVANCED,
    "expert": frozenset(Right),
}
ROLES = tuple(RIGHTS)
DEFAULT_NAME = "administrator@system"
DEFAULT_PASSWORD = "administrator"  # noqa: S105 - documented for every box, void after first logon
DEFAULT_ACCOUNT = Account(DEFAULT_NAME, "advanced", None, must_change=True)
PASSWORD_LENGTH = range(8, 129)


def may(account: Account, right: Right) -> bool:
    """Whether the role of `account` includes `right`."""
    return right in RIGHTS[account.role]


def require(account: Account, right: Right) -> None:
    """Refused (`right-missing`) when the role of `account` does not include `right`."""
    if not may(account, right):
        able = ", ".join(role for role, rights in RIGHTS.items() if right in rights)
        raise Refused.because(
            "right-missing",
            f"The role {account.role} may not {right.value}.",
            instead=f"Log on as an administrator with the role {able}.",
        )


def check_accounts(accounts: Iterable[Account], *, field: str) -> None:
    """Refused (`accounts`) when these can't be all there are: unknown roles, nobody to manage."""
    roles = [account.role for account in accounts]
    if not all(role in RIGHTS for role in roles) or not any(
        Right.ACCOUNTS in RIGHTS[role] for role in roles
    ):
        raise Refused.because(
            "accounts",
            "No administrator could manage a box with these accounts.",
            field=field,
            instead=f"Roles are {', '.join(ROLES)}, and one of the last two is needed.",
        )


def new_account(name: str, role: str, *, password: str, again: str) -> Account:
    """An account for somebody, who has to choose a password of their own at first logon.

    Refused, all reasons at once: a name that is not of the form `word@system`, an unknown
    role, a password that will not do.
    """
    wrong: list[Refusal] = []
    if not _NAME.fullmatch(name):
        wrong.append(
            Refusal(
                "account-name",
                f"{name[:60]!r} is no name of an account." if name else "The account has no name.",
                "name",
                "Write it like expert@system: small letters, digits, dots and hyphens.",
            )
        )
    if role not in RIGHTS:
        wrong.append(
            Refusal(
                "role",
                f"There is no role {role[:40]!r}." if role else "The account has no role.",
                "role",
                f"Choose {', '.join(ROLES)}.",
            )
        )
    account = Account(name, role, None, must_change=True)
    try:
        account = with_password(account, password=password, again=again)
    except Refused as refused:
        wrong.extend(refused.refusals)
    refuse_all(wrong)
    return replace(account, must_change=True)


_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,31}@system")


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
