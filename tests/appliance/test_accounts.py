"""Administrators: the default password that everybody knows, and what comes after it."""

from __future__ import annotations

import pytest

from appliance.accounts import (
    DEFAULT_ACCOUNT,
    DEFAULT_NAME,
    DEFAULT_PASSWORD,
    ROLES,
    password_matches,
    with_password,
)
from store.people import Account
from tests.helpers import a_box, refusals

GOOD = "a better one"


def changed(password: str = GOOD) -> Account:
    return with_password(DEFAULT_ACCOUNT, password=password, again=password)


def test_a_new_box_knows_the_documented_account_and_wants_its_password_changed() -> None:
    box = a_box()
    assert list(box.accounts) == ["administrator@system"]
    assert box.accounts[DEFAULT_NAME].must_change
    assert box.accounts[DEFAULT_NAME].role in ROLES
    assert password_matches(box.accounts[DEFAULT_NAME], "administrator")
    box.close()


@pytest.mark.parametrize("wrong", ["", "Administrator", "administrator ", "\ud800", "ä"])
def test_other_words_do_not_open_the_default_account(wrong: str) -> None:
    assert not password_matches(DEFAULT_ACCOUNT, wrong)


def test_the_new_password_opens_the_account_and_the_default_one_no_longer_does() -> None:
    account = changed()
    assert not account.must_change
    assert password_matches(account, GOOD)
    assert not password_matches(account, DEFAULT_PASSWORD)
    assert not password_matches(account, "\udfff")


def test_only_a_salted_hash_is_kept() -> None:
    first, second = changed(), changed()
    assert first.password_hash is not None
    assert first.password_hash.startswith("$argon2id$")
    assert first.password_hash != second.password_hash
    assert GOOD not in repr(first)
    assert first.password_hash not in repr(first)


def test_nobody_gets_in_by_a_name_that_is_not_there() -> None:
    assert not password_matches(None, DEFAULT_PASSWORD)
    assert not password_matches(None, "no account has this password")


def test_an_account_with_a_spoilt_hash_does_not_open() -> None:
    assert not password_matches(Account("a", "basic", "no hash", must_change=False), GOOD)


@pytest.mark.parametrize(
    ("password", "again", "codes"),
    [
        ("short", "short", ["password-length"]),
        ("x" * 129, "x" * 129, ["password-length"]),
        (DEFAULT_PASSWORD, DEFAULT_PASSWORD, ["password-default"]),
        (GOOD, GOOD + " ", ["password-repeat"]),
        ("short", "other", ["password-length", "password-repeat"]),
        (DEFAULT_PASSWORD, "", ["password-default", "password-repeat"]),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_all_reasons(
    password: str, again: str, codes: list[str]
) -> None:
    assert refusals(with_password, DEFAULT_ACCOUNT, password=password, again=again) == codes


@pytest.mark.parametrize("password", ["x" * 8, "x" * 128, "пароль-пароль", "half\ud800half"])
def test_any_eight_to_128_characters_will_do(password: str) -> None:
    assert password_matches(changed(password), password)
