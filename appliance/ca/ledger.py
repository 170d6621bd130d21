"""Accounts, orders, authorizations and challenges: what the CA remembers of its clients.

The states are tables (`states`), the rules too (`policy`). Times are on the CA's calendar.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appliance.acme.wire import Challenge, Identifier, Problem
from appliance.ca import policy
from appliance.ca.jws import PublicKey
from appliance.ca.problems import AcmeError, Extra, error
from appliance.ca.states import AUTHORIZATION, CHALLENGE, ORDER, Event, Status, after

_ID_BYTES = 9
_TOKEN_BYTES = 32  # RFC 8555 8: at least 128 bits


@dataclass(slots=True)
class Account:
    """A client. customer: the kid that it is bound to, if any. times: of its orders, failures."""

    id: str
    key: PublicKey
    contact: tuple[str, ...]
    at: datetime
    status: Status = Status.VALID
    customer: str | None = None
    orders: list[str] = field(default_factory=list)
    ordered: list[datetime] = field(default_factory=list)
    failed: dict[str, list[datetime]] = field(default_factory=dict)


@dataclass(slots=True)
class Task:
    """A challenge: one way to prove a name."""

    id: str
    kind: Challenge
    token: str
    status: Status = Status.PENDING
    validated: datetime | None = None
    problem: Problem | None = None


@dataclass(slots=True)
class Authorization:
    """Whether an account has proved a name, until `expires`."""

    id: str
    account: str
    identifier: Identifier
    expires: datetime
    tasks: tuple[Task, ...]
    status: Status = Status.PENDING

    def look(self, now: datetime) -> Status:
        """Its state at `now`."""
        if now >= self.expires:
            self.status = after(AUTHORIZATION, self.status, Event.EXPIRE)
        return self.status

    @property
    def proved_by(self) -> Challenge:
        """The way in which it was proved, once it is."""
        return next(task.kind for task in self.tasks if task.status is Status.VALID)

    @property
    def problem(self) -> Problem | None:
        """Why it failed."""
        return next((task.problem for task in self.tasks if task.problem is not None), None)


@dataclass(slots=True)
class Order:
    """What an account wants. life: how long it is to be valid. certificate: the issued one's id."""

    id: str
    account: str
    names: tuple[Identifier, ...]
    authorizations: tuple[Authorization, ...]
    expires: datetime
    life: timedelta
    status: Status = Status.PENDING
    certificate: str | None = None
    problem: Problem | None = None
    replaces: str | None = None

    def look(self, now: datetime) -> Status:
        """Its state at `now`, from what became of its authorizations."""
        if self.status not in (Status.PENDING, Status.READY):
            return self.status
        states = [one.look(now) for one in self.authorizations]
        if now >= self.expires:
            self._fail(error("malformed", "The order has expired; begin another one.").problem)
        elif lost := [
            one
            for one, state in zip(self.authorizations, states, strict=True)
            if state not in (Status.PENDING, Status.VALID)
        ]:
            self._fail(_why(lost))
        elif all(state is Status.VALID for state in states):
            self.status = after(ORDER, self.status, Event.PROVE)
        return self.status

    def happen(self, event: Event) -> None:
        """Go where `event` leads."""
        self.status = after(ORDER, self.status, event)

    def _fail(self, problem: Problem) -> None:
        self.problem = problem
        self.happen(Event.FAIL)


def _why(lost: Sequence[Authorization]) -> Problem:
    below = tuple(
        Problem(one.problem.kind, one.problem.detail, one.problem.status, one.identifier)
        for one in lost
        if one.problem is not None
    )
    if len(below) == 1:
        return below[0]
    names = ", ".join(one.identifier.value for one in lost)
    return error("unauthorized", f"Not proved: {names}.", below=below).problem


class Ledger:
    """All of it.

    zones: what is certified. limited: whether the rate limits hold.
    """

    def __init__(self, *, zones: tuple[str, ...] = policy.ZONES, limited: bool = True) -> None:
        self.zones = zones
        self.limited = limited
        self.accounts: dict[str, Account] = {}
        self.orders: dict[str, Order] = {}
        self.authorizations: dict[str, Authorization] = {}
        self._by_thumbprint: dict[str, Account] = {}

    # --- accounts

    def account_of(self, key: PublicKey) -> Account | None:
        """Who signs with `key`."""
        return self._by_thumbprint.get(key.thumbprint)

    def open_account(
        self, key: PublicKey, *, contact: tuple[str, ...], customer: str | None, now: datetime
    ) -> Account:
        """A new account."""
        account = Account(_new_id(), key, contact, now, customer=customer)
        self.accounts[account.id] = account
        self._by_thumbprint[key.thumbprint] = account
        return account

    def change_key(self, account: Account, key: PublicKey) -> None:
        """From now on `account` signs with `key`; the old one is nobody's."""
        del self._by_thumbprint[account.key.thumbprint]
        account.key = key
        self._by_thumbprint[key.thumbprint] = account

    # --- orders

    def order(
        self,
        account: Account,
        identifiers: Sequence[Identifier],
        *,
        life: timedelta,
        now: datetime,
        issued: Sequence[datetime],
        replaces: str | None = None,
    ) -> Order:
        """A new order; refused by policy or rate limit, with a problem for each name.

        issued: when certificates for exactly these names were issued.
        replaces: what it renews; then that limit does not hold (as at Let's Encrypt).
        """
        names = tuple(sorted(set(identifiers)))
        self._check_names(names)
        self._limit("orders", account.ordered, now)
        if replaces is None:
            self._limit("certificates", list(issued), now)
        for name in names:
            self._limit("failures", account.failed.get(name.value, []), now)
        account.ordered.append(now)
        order = Order(
            id=_new_id(),
            account=account.id,
            names=names,
            authorizations=tuple(self._authorize(account, name, now) for name in names),
            expires=now + policy.PENDING_LIFE,
            life=life,
            replaces=replaces,
        )
        self.orders[order.id] = order
        account.orders.append(order.id)
        order.look(now)
        return order

    def replaced(self, account: Account, name: str, now: datetime) -> bool:
        """Whether an order that was not given up replaces certificate `name` (RFC 9773 5)."""
        orders = (self.orders[one] for one in account.orders)
        return any(one.replaces == name and one.look(now) is not Status.INVALID for one in orders)

    def _check_names(self, names: tuple[Identifier, ...]) -> None:
        if not 1 <= len(names) <= policy.MAX_NAMES:
            raise error("malformed", f"An order has 1 to {policy.MAX_NAMES} names.")
        wrong: list[AcmeError] = []
        for name in names:
            try:
                policy.check_identifier(name, zones=self.zones)
            except AcmeError as refused:
                wrong.append(refused)
        if len(wrong) == 1:
            raise wrong[0]
        if wrong:
            details = " ".join(one.problem.detail for one in wrong)
            raise error(wrong[0].problem.kind, details, below=tuple(one.problem for one in wrong))

    def _limit(self, name: str, times: list[datetime], now: datetime) -> None:
        """Refused when `times` are as many as may be; those that count no more are dropped."""
        limit = policy.RATE_LIMITS[name]
        times[:] = sorted(moment for moment in times if now - limit.within < moment <= now)
        if self.limited and len(times) >= limit.most:
            raise _limited(name, times[-limit.most] + limit.within - now)

    def _authorize(self, account: Account, name: Identifier, now: datetime) -> Authorization:
        for one in self.authorizations.values():
            same = one.account == account.id and one.identifier == name
            if same and one.look(now) is Status.VALID:
                return one
        tasks = tuple(
            Task(_new_id(), kind, secrets.token_urlsafe(_TOKEN_BYTES))
            for kind in policy.challenges_for(name)
        )
        made = Authorization(_new_id(), account.id, name, now + policy.PENDING_LIFE, tasks)
        self.authorizations[made.id] = made
        return made

    # --- proofs

    def settle(
        self, authorization: Authorization, task: Task, problem: Problem | None, *, now: datetime
    ) -> None:
        """A validation has ended: with `problem`, or well."""
        event = Event.PROVE if problem is None else Event.FAIL
        task.status = after(CHALLENGE, task.status, event)
        task.problem = problem
        authorization.status = after(AUTHORIZATION, authorization.status, event)
        if problem is None:
            task.validated = now
            authorization.expires = now + policy.proof_life(now)
            return
        account = self.accounts.get(authorization.account)
        if account is not None:
            account.failed.setdefault(authorization.identifier.value, []).append(now)

    def holds_all(self, account: Account, names: Sequence[Identifier], now: datetime) -> bool:
        """Whether `account` has proved all of `names`: it may revoke then (RFC 8555 7.6)."""
        proved = {
            one.identifier
            for one in self.authorizations.values()
            if one.account == account.id and one.look(now) is Status.VALID
        }
        return set(names) <= proved


def _limited(name: str, wait: timedelta) -> AcmeError:
    limit = policy.RATE_LIMITS[name]
    seconds = max(1, int(wait.total_seconds()) + 1)
    hours = int(limit.within.total_seconds() // 3600)
    return error(
        "rateLimited",
        f"Too many {limit.what}: {limit.most} in {hours} hours.",
        extra=Extra(retry_after=seconds),
    )


def _new_id() -> str:
    return secrets.token_urlsafe(_ID_BYTES)
