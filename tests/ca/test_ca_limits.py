"""The practice CA's rate limits, on its calendar: so many, then a refusal that says until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance.acme.signing import AccountKey
from appliance.ca.jws import read_key
from appliance.ca.ledger import Account, Ledger
from appliance.ca.policy import RATE_LIMITS
from appliance.ca.problems import AcmeError, error
from tests.ca.own_client import dns

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NAME = dns("phone.example.test")
LIFE = timedelta(days=90)


@pytest.fixture
def ledger() -> Ledger:
    """A CA's."""
    return Ledger()


@pytest.fixture
def anna(ledger: Ledger) -> Account:
    """A client."""
    key = read_key(AccountKey.make().public)
    return ledger.open_account(key, contact=(), customer=None, now=NOW)


def refused(ledger: Ledger, account: Account, now: datetime, *issued: datetime) -> int | None:
    """The seconds after which an order may be tried again; None when it was taken."""
    try:
        ledger.order(account, [NAME], life=LIFE, now=now, issued=issued)
    except AcmeError as limited:
        return limited.extra.retry_after  # which nothing else says
    return None


def test_orders_are_counted_but_not_those_that_were_refused(ledger: Ledger, anna: Account) -> None:
    limit = RATE_LIMITS["orders"]
    for number in range(limit.most):
        assert refused(ledger, anna, NOW + timedelta(seconds=number)) is None
    last = NOW + timedelta(minutes=30)
    for _ in range(3):
        wait = refused(ledger, anna, last)
        assert wait == (limit.within - timedelta(minutes=30)).total_seconds() + 1
    assert refused(ledger, anna, NOW + limit.within) is None


def test_certificates_for_the_same_names_are_counted_for_a_week(
    ledger: Ledger, anna: Account
) -> None:
    days = [NOW + timedelta(days=day) for day in range(5)]
    assert refused(ledger, anna, days[-1], *days[:4]) is None
    wait = refused(ledger, anna, days[-1], *days)
    assert wait == timedelta(days=3).total_seconds() + 1  # until the first is a week old
    assert refused(ledger, anna, NOW + timedelta(days=7), *days) is None


def test_failed_validations_of_a_name_are_counted_for_an_hour(
    ledger: Ledger, anna: Account
) -> None:
    problem = error("connection", "Nobody there.").problem
    for minute in range(RATE_LIMITS["failures"].most):
        now = NOW + timedelta(minutes=minute)
        order = ledger.order(anna, [NAME], life=LIFE, now=now, issued=())
        (authorization,) = order.authorizations
        ledger.settle(authorization, authorization.tasks[0], problem, now=now)
    assert refused(ledger, anna, NOW + timedelta(minutes=10)) == 50 * 60 + 1
    assert refused(ledger, anna, NOW + timedelta(hours=1)) is None


def test_who_practises_in_loops_may_switch_them_off(anna: Account) -> None:
    endless = Ledger(limited=False)
    for _ in range(RATE_LIMITS["orders"].most + 1):
        assert refused(endless, anna, NOW, *[NOW] * 9) is None
