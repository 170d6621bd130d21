"""What a node holds, and a change of it: values that are written and seen as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from store.inventory import Holding
from store.journal import Entry
from store.people import Account, Subscriber
from store.telephones import Memory

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different, all at once.

    activate: the id that becomes active, or None.
    accounts, subscribers: added, or replacing those of the same name.
    remove_accounts: names.
    remove_subscribers: extensions.
    past: journal entries of a backup, before everything else.
    telephones: what they remember from then.
    journal: events with their details, in order.
    warnings: what the person should know although it is done.
    wipe: first forget holdings, people and journal.
    """

    add: tuple[Holding, ...] = ()
    remove: tuple[str, ...] = ()
    activate: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    accounts: tuple[Account, ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    remove_accounts: tuple[str, ...] = ()
    remove_subscribers: tuple[str, ...] = ()
    past: tuple[Entry, ...] = ()
    telephones: Memory = field(default_factory=Memory)
    journal: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    warnings: tuple[str, ...] = ()
    wipe: bool = False

    def all_settings(self) -> dict[str, Any]:
        """`settings`, and which certificate is active when that changes."""
        activated = {} if self.activate is None else {"active": self.activate}
        return {**self.settings, **activated}


@dataclass(frozen=True, slots=True)
class State:
    """What was committed last; swapped as a whole, so that any thread sees one state."""

    settings: dict[str, Any]
    holdings: dict[str, Holding]
    accounts: dict[str, Account]
    subscribers: dict[str, Subscriber]

    def after(self, change: Change) -> State:
        """What there is once `change` is committed."""
        holdings, accounts, wipe = self.holdings, self.accounts, change.wipe
        people = self.subscribers
        if change.remove_subscribers:
            gone = change.remove_subscribers
            people = {number: one for number, one in people.items() if number not in gone}
        if change.remove_accounts:
            gone = change.remove_accounts
            accounts = {name: account for name, account in accounts.items() if name not in gone}
        if change.remove:
            holdings = {key: held for key, held in holdings.items() if key not in change.remove}
        return State(
            {**self.settings, **change.all_settings()},
            _merged(holdings, change.add, lambda h: h.id, wipe),
            _merged(accounts, change.accounts, lambda a: a.name, wipe),
            _merged(people, change.subscribers, lambda s: s.extension, wipe),
        )


def _merged(
    old: Mapping[str, _T], new: Iterable[_T], key: Callable[[_T], str], wipe: bool
) -> dict[str, _T]:
    kept = {} if wipe else dict(old)
    kept.update((key(item), item) for item in new)
    return kept
