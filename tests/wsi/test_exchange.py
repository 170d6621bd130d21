"""The exchange: calls go through the states that the table allows, and everybody is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from appliance.calls import (
    CALL_EVENTS,
    HOOK_EVENT,
    OPERATIONS,
    PRESENCE_EVENT,
    TRANSITIONS,
    State,
    Step,
)
from appliance.desks import format_ptime, parse_ptime
from tests.helpers import refusals
from tests.wsi.exchanges import NOON, Watched


@pytest.fixture
def exchange() -> Watched:
    return Watched()


def test_a_call_goes_from_lifting_to_hanging_up_and_both_hear_of_it(exchange: Watched) -> None:
    call = exchange.make_call("100", "101")
    assert exchange.told() == [
        "100 ServiceInitiated",
        "100 Originated",
        "100 Delivered",
        "101 Delivered",
    ]
    assert (exchange.states("100"), exchange.states("101")) == (["originated"], ["alerting"])
    exchange.answer("101")
    assert exchange.told() == ["100 Established", "101 Established"]
    exchange.clear("100", call=call.id)
    assert exchange.told() == ["100 ConnectionCleared", "101 ConnectionCleared"]
    assert not exchange.calls


def test_events_say_whose_connection_is_in_what_state(exchange: Watched) -> None:
    exchange.make_call("100", "101")
    last = [event for event in exchange.events if event.type in CALL_EVENTS][-1]
    assert (last.type, last.device) == ("DeliveredEvent", "101")
    assert last.detail == {
        "callID": "1",
        "callingDevice": "100",
        "calledDevice": "101",
        "localConnection": "alerting",
        "alertingDevice": "101",
    }


def test_hooks_are_told_when_they_change(exchange: Watched) -> None:
    exchange.make_call("100", "101")
    exchange.answer("101")
    exchange.clear("101")
    hooks = [
        (event.device, event.detail["hook"], event.detail["inout"], event.detail["intext"])
        for event in exchange.events
        if event.type == HOOK_EVENT
    ]
    assert hooks == [
        ("100", "off", "out", "int"),
        ("101", "off", "in", "int"),
        ("101", "on", "", ""),
        ("100", "on", "", ""),
    ]


def test_an_engaged_device_has_one_call_wait_and_the_next_is_busy(exchange: Watched) -> None:
    exchange.talk("100", "101")
    exchange.make_call("102", "101")
    assert exchange.told()[2:] == ["102 Queued", "101 Queued"]
    exchange.make_call("103", "101")
    assert exchange.told()[2:] == ["103 Failed"]
    assert exchange.states("103") == ["failed"]
    exchange.clear("103")
    exchange.told()
    exchange.clear("101")
    assert exchange.told() == [
        "101 ConnectionCleared",
        "100 ConnectionCleared",
        "102 Delivered",
        "101 Delivered",
    ]


def test_a_waiting_call_rings_when_the_other_is_put_on_hold(exchange: Watched) -> None:
    exchange.talk("100", "101")
    exchange.make_call("102", "101")
    assert refusals(exchange.answer, "101") == ["wrong-state"]
    exchange.hold("101")
    exchange.answer("101")
    assert exchange.states("101") == ["held", "connected"]
    exchange.clear("101")
    exchange.retrieve("101")
    assert exchange.states("101") == ["connected"]


def test_hold_and_retrieve(exchange: Watched) -> None:
    exchange.talk("100", "101")
    exchange.hold("101")
    assert exchange.told() == ["100 Held", "101 Held"]
    assert refusals(exchange.hold, "101") == ["wrong-state"]
    exchange.retrieve("101")
    assert exchange.told() == ["100 Retrieved", "101 Retrieved"]


def consulting(exchange: Watched) -> None:
    exchange.talk("100", "101")
    exchange.consult("101", "102")
    exchange.answer("102")
    exchange.told()


def test_consultation_alternate_and_reconnect(exchange: Watched) -> None:
    consulting(exchange)
    assert exchange.states("101") == ["held", "connected"]
    exchange.alternate("101")
    assert exchange.states("101") == ["connected", "held"]
    exchange.reconnect("101")
    assert exchange.told()[-4:] == [
        "101 ConnectionCleared",
        "100 ConnectionCleared",
        "101 Retrieved",
        "102 Retrieved",
    ]
    assert exchange.states("101") == ["connected"]


def test_reconnecting_from_a_busy_tone(exchange: Watched) -> None:
    exchange.set_presence("102", 9)
    exchange.talk("100", "101")
    exchange.consult("101", "102")
    assert exchange.states("101") == ["held", "failed"]
    exchange.reconnect("101")
    assert exchange.states("101") == ["connected"]


def test_a_conference_goes_on_while_two_are_left(exchange: Watched) -> None:
    consulting(exchange)
    kept = exchange.conference("101")
    assert sorted(exchange.told()) == ["100 Conferenced", "101 Conferenced", "102 Conferenced"]
    assert {leg.device for leg in kept.legs} == {"100", "101", "102"}
    exchange.clear("101")
    assert exchange.told() == ["101 ConnectionCleared"]
    assert len(exchange.calls) == 1
    exchange.clear("100")
    assert not exchange.calls


@pytest.mark.parametrize("answered", [True, False])
def test_an_attended_transfer_joins_the_others(exchange: Watched, answered: bool) -> None:
    exchange.talk("100", "101")
    exchange.consult("101", "102")
    if answered:
        exchange.answer("102")
    exchange.told()
    exchange.attended_transfer("101")
    told = exchange.told()
    assert sorted(told[:3]) == ["100 Transfered", "101 Transfered", "102 Transfered"]
    assert told[3:] == ["101 ConnectionCleared"]
    assert exchange.states("101") == []
    if not answered:
        assert exchange.states("100") == ["originated"]
        exchange.answer("102")
    assert (exchange.states("100"), exchange.states("102")) == (["connected"], ["connected"])


def test_a_blind_transfer_rings_at_its_target(exchange: Watched) -> None:
    exchange.talk("100", "101")
    exchange.transfer("101", "102")
    assert exchange.told() == [
        "100 Transfered",
        "101 Transfered",
        "101 ConnectionCleared",
        "100 Delivered",
        "102 Delivered",
    ]
    exchange.answer("102")
    assert exchange.told() == ["100 Established", "102 Established"]


def test_a_deflected_call_rings_elsewhere(exchange: Watched) -> None:
    exchange.make_call("100", "101")
    exchange.told()
    exchange.deflect("101", "102")
    assert exchange.told() == [
        "100 Diverted",
        "101 Diverted",
        "101 ConnectionCleared",
        "100 Delivered",
        "102 Delivered",
    ]
    assert (exchange.states("101"), exchange.states("102")) == ([], ["alerting"])
    assert [entry.kind for entry in exchange.desks.journal("101")] == ["missed"]


def test_a_forwarded_call_rings_at_the_end_of_the_chain(exchange: Watched) -> None:
    exchange.set_forwarding("101", "102")
    exchange.set_forwarding("102", "103")
    exchange.make_call("100", "101")
    assert exchange.told()[2:] == [
        "101 Diverted",
        "100 Diverted",
        "102 Diverted",
        "100 Diverted",
        "100 Delivered",
        "103 Delivered",
    ]


def test_forwarding_in_a_circle_is_busy(exchange: Watched) -> None:
    exchange.set_forwarding("101", "102")
    exchange.set_forwarding("102", "101")
    exchange.make_call("100", "101")
    assert exchange.states("100") == ["failed"]


def test_do_not_disturb_lets_nobody_through(exchange: Watched) -> None:
    exchange.set_presence("101", 9)
    exchange.make_call("100", "101")
    (failed,) = [event for event in exchange.events if event.type == "FailedEvent"]
    assert failed.detail["cause"] == "do-not-disturb"
    assert refusals(exchange.ring_from_outside, "08912345", "101") == ["do-not-disturb"]


def test_presence_lapses_by_the_calendar_of_the_box(exchange: Watched) -> None:
    exchange.set_presence("101", 7, NOON + timedelta(hours=1))
    exchange.wait(3599)
    assert exchange.desk("101").presence == 7
    exchange.wait(1)
    assert exchange.desk("101").presence == 1
    told = [event.detail for event in exchange.events if event.type == PRESENCE_EVENT]
    assert told == [{"presence": "7", "ptime": "2024/01/01 13:00Z"}, {"presence": "1"}]


def test_ptime_is_read_as_it_is_written() -> None:
    assert parse_ptime(format_ptime(NOON)) == NOON
    for text in ("", "2024-01-01 12:00Z", "2024/01/01 12:00", "x" * 1000):
        assert refusals(parse_ptime, text) == ["ptime"]


def test_outside_numbers_ring_until_somebody_plays_them(exchange: Watched) -> None:
    call = exchange.make_call("100", "08912345")
    assert exchange.states("100") == ["originated"]
    exchange.answer_call(call.id)
    assert exchange.told()[-1] == "100 Established"
    exchange.clear_call(call.id, "08912345")
    assert exchange.states("100") == []


def test_somebody_outside_calls_and_hangs_up(exchange: Watched) -> None:
    call = exchange.ring_from_outside("08912345", "100")
    assert exchange.told() == ["100 Delivered"]
    exchange.answer("100")
    exchange.wait(61)
    exchange.clear_call(call.id)
    assert exchange.told() == ["100 Established", "100 ConnectionCleared"]
    (entry,) = exchange.desks.journal("100")
    assert (entry.kind, entry.number, entry.seconds) == ("incoming", "08912345", 61)


def test_a_feature_code_is_taken_and_over(exchange: Watched) -> None:
    exchange.make_call("100", "*44*")
    assert exchange.told() == ["100 ServiceInitiated", "100 ConnectionCleared"]
    assert not exchange.calls


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (lambda e: e.make_call("999", "100"), "no-such-device"),
        (lambda e: e.make_call("100", "555"), "no-such-number"),
        (lambda e: e.make_call("100", "100"), "no-such-number"),
        (lambda e: e.make_call("100", ""), "no-such-number"),
        (lambda e: e.make_call("101", "102"), "wrong-state"),
        (lambda e: e.answer("100"), "no-active-call"),
        (lambda e: e.answer("103", call=77), "no-active-call"),
        (lambda e: e.clear("100"), "no-active-call"),
        (lambda e: e.alternate("101"), "no-held-call"),
        (lambda e: e.deflect("101", "102"), "wrong-state"),
        (lambda e: e.transfer("101", "102"), "in-this-call"),
        (lambda e: e.transfer("101", "555"), "no-such-number"),
        (lambda e: e.consult("101", "555"), "no-such-number"),
        (lambda e: e.clear_call(99), "no-such-call"),
        (lambda e: e.clear_call(1, "103"), "no-such-party"),
        (lambda e: e.answer_call(1), "wrong-state"),
        (lambda e: e.ring_from_outside("100", "101"), "number"),
        (lambda e: e.set_presence("100", 10), "presence"),
        (lambda e: e.set_forwarding("100", "100"), "no-such-number"),
        (lambda e: e.make_call("100", "*83999*11102"), "no-such-device"),
        (lambda e: e.make_call("100", "*11555"), "no-such-number"),
        (lambda e: e.set_call_me("100", on=True, number="555"), "no-such-number"),
        (lambda e: e.set_call_me("100", on=True), "missing-parameter"),
        (lambda e: e.end_conference("101"), "wrong-state"),
        (lambda e: e.set_display("100", "x" * 256), "text"),
    ],
)
def test_what_is_refused_changes_nothing(
    exchange: Watched, what: Callable[[Watched], object], code: str
) -> None:
    exchange.talk("101", "102")
    exchange.events.clear()
    assert refusals(what, exchange) == [code]
    assert not exchange.events
    assert exchange.states("101") == exchange.states("102") == ["connected"]


def test_a_subscriber_who_is_gone_takes_the_calls_along(exchange: Watched) -> None:
    exchange.talk("100", "101")
    del exchange.people["101"]
    exchange.forget_subscriber("101")
    assert exchange.states("100") == []
    assert not exchange.calls


def test_the_table_knows_every_state_and_step() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert {step for _, step in TRANSITIONS} == set(Step)
    assert set(TRANSITIONS.values()) == set(State)
    assert all(states and State.IDLE not in states for states in OPERATIONS.values())
