"""Who administers the box: accounts made, changed and removed, as changes to commit.

The last account that may manage the others can't be removed or lose that right: a box
nobody can log on to would have to be installed anew.
"""

from __future__ import annotations

from dataclasses import replace

from appliance.accounts import (
    RIGHTS,
    ROLES,
    Right,
    may,
    new_account,
    password_matches,
    require,
    with_password,
)
from appliance.change import Change
from appliance.node import Node
from store.people import Account
from store.refusals import Refused


def log_on(node: Node, name: str, password: str) -> Account | None:
    """The account with this name and password, or None; journaled either way."""
    account = node.accounts.get(name)
    if password_matches(account, password):
        node.note("administrator-logged-on", account=name)
        return account
    # A name nobody has may be a password typed into the wrong field: it is not written down.
    node.note("administrator-refused", account=name if account is not None else "unknown")
    return None


def change_own_password(node: Node, name: str, *, password: str, again: str) -> Change:
    """The password that `name` has chosen; refused, all reasons at once, when it won't do."""
    account = with_password(_account(node, name), password=password, again=again)
    return Change(accounts=(account,), journal=(("password-changed", {"account": name}),))


def create(node: Node, name: str, role: str, *, by: Account, password: str, again: str) -> Change:
    """A new account; its first logon asks for another password."""
    require(by, Right.ACCOUNTS)
    account = new_account(name, role, password=password, again=again)
    if name in node.accounts:
        raise Refused.because(
            "account-taken",
            f"There is an account {name} already.",
            field="name",
            instead="Choose another name, or change that one.",
        )
    detail = {"account": name, "role": role, "by": by.name}
    return Change(accounts=(account,), journal=(("account-created", detail),))


def change_role(node: Node, name: str, role: str, *, by: Account) -> Change:
    """Another role for `name`."""
    require(by, Right.ACCOUNTS)
    account = _account(node, name)
    if role not in RIGHTS:
        raise Refused.because(
            "role",
            f"There is no role {role[:40]!r}.",
            field="role",
            instead=f"Choose {', '.join(ROLES)}.",
        )
    changed = replace(account, role=role)
    if not may(changed, Right.ACCOUNTS):
        _keep_one(node, name)
    detail = {"account": name, "role": role, "by": by.name}
    return Change(accounts=(changed,), journal=(("role-changed", detail),))


def set_password(node: Node, name: str, *, by: Account, password: str, again: str) -> Change:
    """A password for somebody who forgot theirs; the next logon asks for another."""
    require(by, Right.ACCOUNTS)
    account = with_password(_account(node, name), password=password, again=again)
    detail = {"account": name, "by": by.name}
    return Change(
        accounts=(replace(account, must_change=True),), journal=(("password-set", detail),)
    )


def remove(node: Node, name: str, *, by: Account) -> Change:
    """No account `name` any more."""
    require(by, Right.ACCOUNTS)
    account = _account(node, name)
    if name == by.name:
        raise Refused.because(
            "account-own",
            "This is the account you are logged on with.",
            field="name",
            instead="Let another administrator remove it.",
        )
    if may(account, Right.ACCOUNTS):
        _keep_one(node, name)
    detail = {"account": name, "by": by.name}
    return Change(remove_accounts=(name,), journal=(("account-removed", detail),))


def _account(node: Node, name: str) -> Account:
    try:
        return node.accounts[name]
    except KeyError:
        raise Refused.because(
            "no-such-account", f"There is no account {name[:60]!r}.", field="name"
        ) from None


def _keep_one(node: Node, name: str) -> None:
    others = (account for account in node.accounts.values() if account.name != name)
    if not any(may(other, Right.ACCOUNTS) for other in others):
        raise Refused.because(
            "account-last",
            f"{name} is the last account that may manage administrators.",
            field="name",
            instead="Create another one with the role advanced or expert first.",
        )
