"""Subscribers: two with every new box, or those of a configuration."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.box import Box
from appliance.clock import Clock
from appliance.telephony import parse_subscribers, prepare_subscriber
from store.opening import open_store
from store.people import Subscriber
from tests.helpers import NOON, FewKeys, a_box, fields, refusals


def row(**changes: Any) -> dict[str, Any]:
    return {"extension": "200", "name": "Mia Roth", "password": "geheim"} | changes


def test_a_new_box_has_at_least_two_subscribers_with_passwords() -> None:
    box = a_box()
    assert len(box.subscribers) >= 2
    assert all(who.password and who.extension.isdigit() for who in box.subscribers.values())
    box.close()


def test_a_box_can_be_installed_with_subscribers_of_its_own_and_has_them_after_a_reset() -> None:
    box = Box(open_store(None, "osbiz"), clock=Clock(now=NOON, rate=0), keys=FewKeys())
    box.first_subscribers = parse_subscribers([row()])
    box.install(lan_ip="127.0.0.2")
    box.commit(prepare_subscriber(box.subscribers, row(extension="201")))
    box.commit(box.prepare_reset())
    assert list(box.subscribers.values()) == [Subscriber("200", "Mia Roth", "geheim")]
    box.close()


def test_numbers_will_do_for_texts() -> None:
    (subscriber,) = parse_subscribers([row(extension=200, password=1234)])
    assert (subscriber.extension, subscriber.password) == ("200", "1234")


def test_a_password_is_in_no_representation() -> None:
    assert "geheim" not in repr(parse_subscribers([row()]))


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([{"extension": "200"}], ["subscriber", "subscriber"]),
        ([row(extra=1)], ["subscriber"]),
        (["200"], ["subscriber"]),
        ([None], ["subscriber"]),
        ([row(extension="")], ["extension"]),
        ([row(extension="20a")], ["extension"]),
        ([row(extension="1" * 11)], ["extension"]),
        ([row(extension="٢٠٠")], ["extension"]),
        ([row(name="  ")], ["subscriber"]),
        ([row(password="")], ["subscriber"]),
        ([row(extension="*97")], ["extension"]),
        ([row(name="x" * 101)], ["subscriber"]),
        ([row(name="a\0b")], ["subscriber"]),
        ([row(password=True)], ["subscriber"]),
        ([row(), row(name="Other")], ["extension-twice"]),
        ([row(extension="x", name=""), "junk"], ["extension", "subscriber", "subscriber"]),
    ],
)
def test_bad_rows_are_refused_all_at_once(rows: list[Any], codes: list[str]) -> None:
    assert refusals(parse_subscribers, rows) == codes


def test_a_refusal_says_in_which_field_of_which_row() -> None:
    rows = [row(), row(extension="x"), {"extension": "202", "name": "Ida"}, row()]
    assert fields(parse_subscribers, rows) == {
        "subscribers[2].extension",
        "subscribers[3].password",
        "subscribers[4].extension",
    }
    assert fields(prepare_subscriber, {}, row(extension="x", name="")) == {"extension", "name"}
