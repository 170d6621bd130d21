"""The box's accounts at CAs: one for each directory, its key sealed among the node's settings.

May block: for the model thread.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.acme import ACCOUNTS
from appliance.acme.signing import AccountKey
from appliance.change import Change
from store.refusals import Refused

if TYPE_CHECKING:
    from appliance.box import Box


@dataclass(frozen=True, slots=True)
class Account:
    """An account at one directory: its key, its URL once it has one, whom the CA writes to."""

    directory: str
    key: AccountKey
    url: str | None = None
    contact: tuple[str, ...] = ()


def read_account(box: Box, directory: str) -> Account | None:
    """The account that the box has at `directory`; None when it has none, or its key is lost."""
    saved = (box.settings.get(ACCOUNTS) or {}).get(directory)
    if saved is None:
        return None
    try:
        der = box.store.seal.open(base64.b64decode(saved["key"]), context=f"acme {directory}")
    except Refused:
        return None
    return Account(directory, AccountKey.from_der(der), saved["url"], tuple(saved["contact"]))


def keep_account(box: Box, account: Account) -> None:
    """Remember `account`, its key sealed, instead of what was there for its directory."""
    sealed = box.store.seal.seal(account.key.to_der(), context=f"acme {account.directory}")
    saved = {
        "key": base64.b64encode(sealed).decode(),
        "url": account.url,
        "contact": list(account.contact),
    }
    accounts = {**(box.settings.get(ACCOUNTS) or {}), account.directory: saved}
    box.commit(Change(settings={ACCOUNTS: accounts}))
