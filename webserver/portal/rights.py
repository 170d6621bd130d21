"""What an administrator may do: said up front on the pages, and held to in the handlers."""

from __future__ import annotations

from typing import Protocol

from appliance.accounts import RIGHTS, Right, may
from store.people import Account
from webserver.portal.texts import Texts, mark

_NEEDED = {
    Right.GENERATE: mark("Making and removing certificates needs the role {roles}."),
    Right.IMPORT: mark("Importing certificates needs the role {roles}."),
    Right.ACTIVATE: mark("Activating a certificate needs the role {roles}."),
    Right.NETWORK: mark("Changing the LAN IP address or the clock needs the role {roles}."),
    Right.BACKUP: mark("Backing up and restoring needs the role {roles}."),
    Right.ACCOUNTS: mark("Managing other administrators needs the role {roles}."),
    Right.FAULTS: mark("Setting faults needs the role {roles}."),
}
_INSTEAD = mark(
    "You are logged on with the role {role}. Log on as an Expert; an administrator who may "
    "manage accounts sets one up under Administrators."
)


_INSTEAD_OF_ROLE = mark(
    "You are logged on with the role {role}. Log on with an account that has such a role, or "
    "ask one of its owners to give you another under Administrators."
)
_EXPERTS = (Right.GENERATE, Right.IMPORT, Right.ACTIVATE, Right.FAULTS)


class RightMissing(Exception):
    """Raised when the role of who is logged on lacks a right."""

    def __init__(self, right: Right) -> None:
        super().__init__(right)
        self.right = right


class Holder(Protocol):
    """A visit, as far as it matters here."""

    texts: Texts
    account: Account | None


def lacking(visit: Holder, right: Right) -> tuple[str, str] | None:
    """What the administrator lacks for `right`, and what to do; None when nothing."""
    assert visit.account is not None
    if may(visit.account, right):
        return None
    *others, last = [role.capitalize() for role, rights in RIGHTS.items() if right in rights]
    roles = visit.texts(mark("{some} or {last}"), some=", ".join(others), last=last)
    return (
        visit.texts(_NEEDED[right], roles=roles if others else last),
        visit.texts(
            _INSTEAD if right in _EXPERTS else _INSTEAD_OF_ROLE,
            role=visit.account.role.capitalize(),
        ),
    )


def need(visit: Holder, right: Right) -> None:
    """Go no further, but to a page that says so (403), when the administrator lacks `right`."""
    if lacking(visit, right) is not None:
        raise RightMissing(right)
