"""Backups that nobody's box has written: whoever knows the passphrase can put anything into one."""

from __future__ import annotations

import copy
import json
import secrets
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.accounts import Right, may
from appliance.box import Box
from appliance.desks import Desks
from store import backup
from store.backup import MAGIC
from store.refusals import Refused
from store.telephones import JournalEntry, Memory
from tests.helpers import NOON, a_box

PASSPHRASE = "seven-7"
TELEPHONES = Memory(
    {
        "100": {
            "presence": 7,
            "until": "2099-01-01T00:00:00+00:00",
            "forward_to": "101",
            "labels": {"1": "Lager"},
        }
    },
    {"100": (JournalEntry(3, NOON, "missed", "0891", 0),)},
)
HEAD = len(MAGIC) + 28
VALUES = [[], "\ud800", None, 2**70, "", "2024-01-01T00:00:00", {}, [[]]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cipher's key costs nothing: hundreds of files are opened here."""
    monkeypatch.setitem(backup._SCRYPT, "n", 2)


def content_of(data: bytes) -> Any:
    salt, nonce = data[len(MAGIC) : HEAD - 12], data[HEAD - 12 : HEAD]
    cipher = backup._cipher(PASSPHRASE, salt)
    return json.loads(zlib.decompress(cipher.decrypt(nonce, data[HEAD:], MAGIC)))


def sealed(content: bytes) -> bytes:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    cipher = backup._cipher(PASSPHRASE, salt)
    return MAGIC + salt + nonce + cipher.encrypt(nonce, zlib.compress(content), MAGIC)


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside `value`, itself included; of alike ones in a list the first."""
    yield above
    if isinstance(value, dict | list):
        rows = value and isinstance(value[0] if isinstance(value, list) else None, dict | list)
        for key in value if isinstance(value, dict) else range(1 if rows else len(value)):
            yield from places(value[key], (*above, key))


def changed(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    content = copy.deepcopy(content)
    inside = content
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    return content


def restored(content: bytes) -> Box | None:
    """A new box that was restored from `content`; None when it refused to be."""
    box = a_box()
    before = (dict(box.settings), dict(box.holdings), dict(box.accounts))
    try:
        change = box.prepare_restore(sealed(content), PASSPHRASE, keep_lan_ip=False)
    except Refused:
        assert (dict(box.settings), dict(box.holdings), dict(box.accounts)) == before
        return None
    box.plan_after(change)
    box.commit(change)
    return box


@pytest.mark.parametrize("values", [VALUES[:2], pytest.param(VALUES, marks=pytest.mark.slow)])
def test_any_value_in_any_place_is_refused_or_makes_a_whole_box(values: list[Any]) -> None:
    content = content_of(a_box().back_up(PASSPHRASE, TELEPHONES))
    boxes = 0
    for place in places(content):
        for value in values:
            box = restored(json.dumps(changed(content, place, value)).encode())
            if box is None:
                continue
            boxes += 1
            assert any(may(account, Right.ACCOUNTS) for account in box.accounts.values())
            assert all(isinstance(name, str) for name in (*box.accounts, *box.subscribers))
            assert box.store.inventory.all() == dict(box.holdings)
            assert box.store.people.accounts() == dict(box.accounts)
            assert box.store.people.subscribers() == dict(box.subscribers)
            assert box.store.journal.since()[-1].event == "restored"
            Desks(box.store.telephones.read())
    assert boxes > 0


def test_a_backup_of_before_there_were_telephones_in_it_is_a_backup() -> None:
    content = content_of(a_box().back_up(PASSPHRASE, TELEPHONES))
    del content["telephones"]
    box = restored(json.dumps(content).encode())
    assert box is not None
    assert box.store.telephones.read() == Memory()


def test_telephones_come_back_as_they_were() -> None:
    content = content_of(a_box().back_up(PASSPHRASE, TELEPHONES))
    box = restored(json.dumps(content).encode())
    assert box is not None
    assert box.store.telephones.read() == TELEPHONES


@pytest.mark.parametrize(
    "settings",
    [
        {"presence": 77},
        {"presence": True},
        {"until": "tomorrow"},
        {"forward_to": 100},
        {"call_me": []},
        {"agent": "secret"},
        {"labels": {"x": "y"}},
        {"labels": []},
    ],
)
def test_a_telephone_that_is_set_as_none_can_be_is_refused(settings: dict[str, Any]) -> None:
    content = content_of(a_box().back_up(PASSPHRASE, TELEPHONES))
    content["telephones"]["settings"]["100"] = settings
    assert restored(json.dumps(content).encode()) is None


@pytest.mark.parametrize("what", ["holdings", "accounts", "subscribers"])
def test_nothing_may_be_there_twice(what: str) -> None:
    content = content_of(a_box().back_up(PASSPHRASE))
    content[what] += content[what]
    assert restored(json.dumps(content).encode()) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b"[" * 100_000, b"1" * 5_000, b"\xff"])
def test_what_is_no_content_is_refused(content: bytes) -> None:
    assert restored(content) is None


def test_a_box_that_nobody_could_manage_is_refused() -> None:
    content = content_of(a_box().back_up(PASSPHRASE))
    for role in ("basic", "enhanced", "king", ""):
        content["accounts"][0][1] = role
        assert restored(json.dumps(content).encode()) is None
    content["accounts"] = []
    assert restored(json.dumps(content).encode()) is None
