"""Telephones as they are set: by commands, by dialled codes, and what is told of it."""

from __future__ import annotations

import pytest

from appliance.calls import AGENT_EVENT, DEVICE_EVENT
from appliance.desks import Agent
from tests.helpers import refusals
from tests.wsi.exchanges import Watched


@pytest.fixture
def exchange() -> Watched:
    return Watched()


def told(exchange: Watched, kind: str = DEVICE_EVENT) -> list[tuple[str, ...]]:
    """What the events of one kind said, since the last time."""
    events, exchange.events[:] = list(exchange.events), []
    return [(event.device, *event.detail.values()) for event in events if event.type == kind]


def test_a_device_tells_of_its_state_when_that_changes_and_only_then(exchange: Watched) -> None:
    exchange.make_call("100", "101")
    assert told(exchange) == [("100", "busy", "false", ""), ("101", "ringing", "false", "")]
    exchange.answer("101")
    exchange.hold("101")
    exchange.retrieve("101")
    assert told(exchange) == [("101", "busy", "false", "")]
    exchange.clear("100")
    assert told(exchange) == [("100", "idle", "false", ""), ("101", "idle", "false", "")]
    exchange.set_presence("101", 9)
    exchange.set_presence("101", 9)
    exchange.set_forwarding("101", "102")
    assert told(exchange) == [("101", "idle", "true", ""), ("101", "idle", "true", "102")]


def test_call_me_has_calls_ring_elsewhere_until_it_is_switched_off(exchange: Watched) -> None:
    exchange.set_call_me("101", on=True, number="102")
    exchange.make_call("100", "101")
    assert (exchange.states("101"), exchange.states("102")) == ([], ["alerting"])
    exchange.clear("100")
    exchange.set_call_me("101", on=False)
    exchange.make_call("100", "101")
    assert exchange.states("101") == ["alerting"]
    exchange.clear("100")
    exchange.set_call_me("101", on=True)
    assert exchange.route("101").device == "102", "the number it had last"


def test_a_forwarding_counts_before_call_me(exchange: Watched) -> None:
    exchange.set_call_me("101", on=True, number="102")
    exchange.set_forwarding("101", "103")
    assert exchange.route("101").device == "103"


@pytest.mark.parametrize(
    ("code", "device", "setting"),
    [
        ("*11102", "100", {"forward_to": "102"}),
        ("*110891", "100", {"forward_to": "0891"}),
        ("*83101*11102", "101", {"forward_to": "102"}),
        ("*97", "100", {"presence": 9}),
        ("*401", "100", {"agent": Agent.READY}),
        ("*401777", "100", {"agent": Agent.READY}),
        ("#402", "100", {"agent": Agent.NOT_READY}),
        ("*83102*403", "102", {"agent": Agent.AFTER_CALL}),
    ],
)
def test_a_dialled_code_sets_a_telephone(
    exchange: Watched, code: str, device: str, setting: dict[str, object]
) -> None:
    exchange.make_call("100", code)
    for extension in exchange.people:
        desk, fresh = exchange.desk(extension), Watched().desk(extension)
        for name in ("forward_to", "presence", "agent"):
            wanted = setting.get(name, getattr(fresh, name))
            assert getattr(desk, name) == (wanted if extension == device else getattr(fresh, name))


@pytest.mark.parametrize(
    ("code", "undone"), [("*11102", "#1"), ("*97", "#97"), ("*401", "#401"), ("#402", "*402")]
)
def test_another_code_takes_it_back(exchange: Watched, code: str, undone: str) -> None:
    exchange.make_call("100", "*401" if undone == "*402" else "#401")
    before = exchange.device_state("100"), exchange.desk("100").agent
    exchange.make_call("100", code)
    assert (exchange.device_state("100"), exchange.desk("100").agent) != before
    exchange.make_call("100", undone)
    assert (exchange.device_state("100"), exchange.desk("100").agent) == before


def test_what_agents_do_is_told_when_it_changes(exchange: Watched) -> None:
    for code in ("*401", "*401", "#402", "#401"):
        exchange.make_call("100", code)
    assert told(exchange, AGENT_EVENT) == [
        ("100", "agentReady"),
        ("100", "agentNotReady"),
        ("100", "agentLoggedOff"),
    ]


def test_a_conference_is_ended_by_who_began_it_and_nobody_else(exchange: Watched) -> None:
    exchange.talk("100", "101")
    exchange.consult("100", "102")
    exchange.answer("102")
    call = exchange.conference("100")
    for other in ("101", "102"):
        assert refusals(exchange.end_conference, other) == ["wrong-state"]
    exchange.told()
    assert exchange.end_conference("100") is call
    assert exchange.told() == [f"{one} ConnectionCleared" for one in ("100", "102", "101")]
    assert not exchange.calls


def test_who_is_gone_leaves_no_telephone_behind(exchange: Watched) -> None:
    exchange.set_forwarding("101", "102")
    exchange.make_call("100", "103")
    exchange.answer("103")
    del exchange.people["103"]
    exchange.forget_subscriber("103")
    assert (exchange.states("100"), "103" in exchange.desks) == ([], False)
    exchange.forget_all()
    assert all(extension not in exchange.desks for extension in ("100", "101", "103"))
