"""The UC clients as values: their kinds, the states they go through, and their words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from appliance.trust import ENVIRONMENTS
from appliance.uc_clients import MAX_CLIENTS, PROFILES, Pace, Standing, wanted_profiles
from appliance.uc_states import TRANSITIONS, Event, Fault, Life, Moment, State
from appliance.uc_words import PLATFORMS, Trouble
from tests.helpers import refusals
from webserver.wsi.app import BY_NAME

START = datetime(2023, 12, 31, 23, 59, 50, tzinfo=UTC)
CUT = Fault(Trouble.CUT, "the connection broke")


def moment(seconds: float = 0.0) -> Moment:
    """A moment on a box whose calendar is years behind."""
    later = timedelta(seconds=seconds)
    return Moment(START + later, datetime(2026, 5, 4, tzinfo=UTC) + later)


def a_life(profile: str = "myportal-at-work", *events: Event) -> Life:
    life = Life(1, PROFILES[profile], "200", moment())
    for event in events:
        life.happen(event, moment())
    return life


# The kinds


def test_the_five_clients_of_the_whitepaper_are_there_one_of_them_on_two_systems() -> None:
    names = {re.sub(r" \(.*\)", "", profile.client) for profile in PROFILES.values()}
    assert names == {
        "myPortal @work",
        "myPortal to go",
        "Application Launcher",
        "myContacts",
        "myPortal for Teams",
    }
    assert len(PROFILES) == 6


def test_every_kind_follows_the_rules_of_an_environment_of_its_own() -> None:
    assert PROFILES.keys() <= ENVIRONMENTS.keys()


def test_every_kind_says_what_is_known_of_it_and_what_is_not() -> None:
    for profile in PROFILES.values():
        standings = {fact.standing for fact in profile.facts}
        assert {Standing.KNOWN, Standing.ASSUMED} <= standings, profile.id
        assert all(fact.text and fact.source for fact in profile.facts)


def test_the_clients_call_only_what_wsi_has() -> None:
    for profile in PROFILES.values():
        for command in (*profile.first, *([profile.looks] if profile.looks else [])):
            known = BY_NAME[command.name.lower()]
            given = command.filled(user="200", peers="201,202")
            assert {one.name for one in known.parameters if one.required} <= given.keys()
            low = {name.lower(): value for name, value in given.items()}
            for parameter in known.parameters:
                parameter.read(low)


def test_every_platform_has_words_for_every_trouble_of_the_network() -> None:
    for platform in PLATFORMS:
        for trouble in Trouble:
            said = platform.says(trouble, host="192.0.2.1", port=8802, detail="what came")
            assert said
            assert "{" not in said
            if trouble in (Trouble.SESSION_OVER, Trouble.TURNED_AWAY):
                assert said == "what came"  # the box's own words


@pytest.mark.parametrize(
    ("profile", "kind", "alert"),
    [
        ("myportal-at-work", "expired", 46),
        ("application-launcher", "untrusted", 46),
        ("mycontacts", "untrusted", 48),
        ("mycontacts", "expired", 45),
        ("mycontacts", "usage", 43),
        ("mycontacts", "name", 42),
    ],
)
def test_a_platform_that_tells_faults_apart_has_an_alert_for_each(
    profile: str, kind: str, alert: int
) -> None:
    assert PROFILES[profile].platform.alerts.of(kind) == alert


# How many


def test_clients_are_of_all_kinds_in_turn_unless_it_is_said_which() -> None:
    assert [one.id for one in wanted_profiles(None, 7)] == [*PROFILES, next(iter(PROFILES))]
    wanted = wanted_profiles({"mycontacts": 2, "myportal-to-go": 3}, None)
    assert [one.id for one in wanted] == [
        "mycontacts",
        "mycontacts",
        "myportal-to-go-ios",
        "myportal-to-go-android",
        "myportal-to-go-ios",
    ]


def test_what_makes_no_sense_is_refused() -> None:
    assert refusals(wanted_profiles, None, 0) == ["client-count"]
    assert refusals(wanted_profiles, None, MAX_CLIENTS + 1) == ["client-count"]
    assert refusals(wanted_profiles, {"mycontacts": 1}, 5) == ["client-count"]
    assert refusals(wanted_profiles, {"fax": 1}, None) == ["no-such-profile"]
    assert refusals(wanted_profiles, {"mycontacts": -1}, None) == ["client-count"]
    half = MAX_CLIENTS // 2 + 1
    both = {"mycontacts": half, "myportal-at-work": half}
    assert refusals(wanted_profiles, both, None) == ["client-count"]


# The states


def test_from_every_state_there_is_a_way_to_being_logged_on_and_to_off() -> None:
    for wanted in (State.LOGGED_ON, State.OFF):
        found = {wanted}
        while True:
            more = {before for (before, _), after in TRANSITIONS.items() if after in found}
            if more <= found:
                break
            found |= more
        assert found == set(State)


def test_every_state_and_every_event_is_of_use() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event)
    assert {*TRANSITIONS.values()} == set(State)


def test_what_the_table_has_no_way_for_changes_nothing() -> None:
    life = a_life()
    with pytest.raises(ValueError, match="off"):
        life.happen(Event.ADMITTED, moment(9))
    assert (life.state, life.since, life.logons) == (State.OFF, moment(), 0)


def test_since_when_is_told_on_both_calendars_and_trying_in_vain_does_not_change_it() -> None:
    life = a_life("myportal-at-work", Event.START, Event.ADMITTED)
    life.happen(Event.LOST, moment(5), CUT)
    for second in (6, 7, 8):
        life.happen(Event.LOST, moment(second), CUT)
    row = life.row()
    assert (row["state"], row["tries"], row["losses"]) == ("cut-off", 4, 1)
    assert (row["since"], row["since_real"]) == ("2023-12-31T23:59:55Z", "2026-05-04T00:00:05Z")
    assert (row["error"], row["cause"]) == ("the connection broke", "connection-lost")
    assert row["error_at"] == "2023-12-31T23:59:58Z"


def test_the_last_error_is_still_told_when_all_is_well_again() -> None:
    life = a_life("mycontacts", Event.START, Event.ADMITTED)
    life.happen(Event.LOST, moment(1), CUT)
    life.happen(Event.ADMITTED, moment(2))
    row = life.row()
    assert (row["state"], row["tries"], row["logons"]) == ("logged-on", 0, 2)
    assert row["error"] == "the connection broke"


def test_a_client_that_loses_the_box_is_in_no_call_any_more() -> None:
    life = a_life("myportal-at-work", Event.START, Event.ADMITTED, Event.CALL_BEGAN)
    life.in_calls.add("7")
    life.happen(Event.LOST, moment(), CUT)
    assert (life.state, life.in_calls) == (State.CUT_OFF, set())


def test_another_kind_of_trouble_has_a_pace_of_its_own() -> None:
    life = a_life("myportal-for-teams", Event.START, Event.LOST, Event.LOST, Event.LOST)
    assert (life.delay(), life.tries) == (0.2, 3)
    life.happen(Event.REFUSED, moment())
    assert (life.delay(), life.tries) == (5.0, 1)
    life.happen(Event.REFUSED, moment())
    life.happen(Event.REFUSED, moment())
    assert life.delay() is None  # it gives up


def test_a_pace_counts_its_tries() -> None:
    pace = Pace(((0.2, 2), (5.0, 1), (60.0, None)))
    assert [pace.delay(tries) for tries in (1, 2, 3, 4, 99)] == [0.2, 0.2, 5.0, 60.0, 60.0]
    assert Pace(((1.0, 1),)).delay(2) is None
    assert Pace().delay(1) is None
    assert str(pace) == "every 0.2 s 2 times, then every 5 s 1 times, then every 60 s"


def test_a_client_that_was_turned_away_waits_for_somebody_to_start_it_again() -> None:
    life = a_life("myportal-at-work", Event.START, Event.TURNED_AWAY)
    assert life.state is State.DEAD
    life.happen(Event.START, moment())
    assert life.state is State.CONNECTING
