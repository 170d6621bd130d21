"""What a node may do in which state: exactly what the table says."""

from __future__ import annotations

import itertools

import pytest

from appliance.lifecycle import TRANSITIONS, Event, Lifecycle, State
from tests.helpers import refusals


def in_state(state: State) -> Lifecycle:
    lifecycle = Lifecycle()
    lifecycle.state = state
    return lifecycle


def test_a_node_is_off_before_it_is_started() -> None:
    assert Lifecycle().state is State.OFF


def test_a_day_in_the_life_of_a_node() -> None:
    lifecycle = Lifecycle()
    states = [
        lifecycle.happen(event)
        for event in (Event.START, Event.RESTART, Event.BACK, Event.RESTART, Event.STOP)
    ]
    assert [state.value for state in states] == [
        "running",
        "restarting",
        "running",
        "restarting",
        "off",
    ]


@pytest.mark.parametrize(("state", "event"), TRANSITIONS)
def test_what_the_table_allows_can_be_asked_for_and_happens(state: State, event: Event) -> None:
    lifecycle = in_state(state)
    lifecycle.check(event)
    assert lifecycle.state is state
    assert lifecycle.happen(event) is TRANSITIONS[state, event]


@pytest.mark.parametrize(
    ("state", "event"),
    [pair for pair in itertools.product(State, Event) if pair not in TRANSITIONS],
)
def test_what_the_table_does_not_allow_is_refused_and_nothing_changes(
    state: State, event: Event
) -> None:
    lifecycle = in_state(state)
    code = {State.OFF: "not-running", State.RUNNING: "running", State.RESTARTING: "restarting"}
    assert refusals(lifecycle.check, event) == [code[state]]
    assert refusals(lifecycle.happen, event) == [code[state]]
    assert lifecycle.state is state


def test_every_state_can_be_reached_and_left() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert set(TRANSITIONS.values()) == set(State)
