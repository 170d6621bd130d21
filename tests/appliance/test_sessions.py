"""WSI sessions: they begin, idle away by the box's calendar, and end together."""

from __future__ import annotations

import re
from datetime import timedelta

from appliance.sessions import IDLE_LIMIT, MAX_PER_USER, Sessions
from tests.helpers import NOON

MINUTE = timedelta(minutes=1)


def test_an_id_is_eight_hex_digits_and_never_the_one_of_a_failed_login() -> None:
    sessions = Sessions()
    ids = {sessions.begin(str(number), NOON).id for number in range(500)}
    assert len(ids) == 500
    assert all(re.fullmatch("[0-9a-f]{8}", identity) and int(identity, 16) for identity in ids)


def test_a_session_is_found_by_its_id_only() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    assert sessions.find(session.id, NOON) is session
    assert sessions.find("00000000", NOON) is None
    assert sessions.find("", NOON) is None


def test_a_session_that_keeps_calling_stays() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    for number in range(1, 10):
        assert sessions.find(session.id, NOON + number * IDLE_LIMIT) is session


def test_a_session_is_over_a_moment_after_the_idle_limit_and_stays_over() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    assert sessions.find(session.id, NOON + IDLE_LIMIT + timedelta(microseconds=1)) is None
    assert sessions.find(session.id, NOON) is None
    assert len(sessions) == 0


def test_a_calendar_that_was_set_back_ends_no_session() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    assert sessions.find(session.id, NOON - timedelta(days=365)) is session


def test_a_user_with_too_many_loses_the_one_that_was_silent_longest() -> None:
    sessions = Sessions()
    own = [sessions.begin("100", NOON + n * MINUTE / 10) for n in range(MAX_PER_USER)]
    other = sessions.begin("101", NOON)
    sessions.find(own[0].id, NOON + 3 * MINUTE)
    newest = sessions.begin("100", NOON + 3 * MINUTE)
    assert len(sessions) == MAX_PER_USER + 1
    assert sessions.find(own[1].id, NOON + 3 * MINUTE) is None
    assert all(sessions.find(kept.id, NOON + 3 * MINUTE) for kept in (own[0], newest, other))


def test_a_logged_out_session_is_gone_and_logging_out_twice_does_no_harm() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    sessions.end(session.id)
    sessions.end(session.id)
    assert sessions.find(session.id, NOON) is None


def test_a_restart_ends_all_and_says_how_many() -> None:
    sessions = Sessions()
    for number in range(3):
        sessions.begin(str(number), NOON)
    assert sessions.end_all() == 3
    assert (len(sessions), sessions.end_all()) == (0, 0)
