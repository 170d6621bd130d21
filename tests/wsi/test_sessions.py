"""What sessions hear of, and polls that are held."""

from __future__ import annotations

import asyncio

from appliance.calls import Event
from appliance.sessions import (
    IDLE_LIMIT,
    MAX_PER_USER,
    MAX_WAITING,
    MAX_WATCHED,
    UNFILTERED,
    Ending,
    Sessions,
)
from tests.helpers import NOON
from webserver.wsi.polls import Polls


def event(kind: str = "DeliveredEvent", device: str = "101") -> Event:
    return Event(kind, device, {})


def test_only_who_watches_hears_and_only_what_the_filter_lets_through() -> None:
    sessions = Sessions()
    every, some, hook, none = (sessions.begin("100", NOON) for _ in range(4))
    sessions.watch(every, "101", ["ALL"])
    sessions.watch(some, "101", ["PRESENCE", "HOOKSTATE"])
    sessions.watch_hook(hook, "101")
    for kind in ("DeliveredEvent", "HeldEvent", "PresenceEvent", "HookEvent"):
        sessions.publish(event(kind))
    sessions.publish(event(device="102"))
    heard = [[one.type for one in session.take()] for session in (every, some, hook, none)]
    assert heard == [
        ["DeliveredEvent", "HeldEvent", "PresenceEvent"],
        ["DeliveredEvent", "PresenceEvent"],
        ["HookEvent"],
        [],
    ]


def test_states_of_devices_and_agents_come_to_who_asks_for_them_alone() -> None:
    sessions = Sessions()
    every, some, unfiltered, monitoring = (sessions.begin("100", NOON) for _ in range(4))
    sessions.watch(every, "101", ["ALL"])
    sessions.watch(some, "101", ["AGENT"])
    sessions.watch(unfiltered, "101", UNFILTERED)
    sessions.start_monitor(monitoring, "101")
    for kind in ("DeliveredEvent", "DevStateChange", "AgentState"):
        sessions.publish(event(kind))
    heard = [[one.type for one in s.take()] for s in (every, some, unfiltered, monitoring)]
    assert heard == [
        ["DeliveredEvent", "DevStateChange", "AgentState"],
        ["AgentState"],
        ["DeliveredEvent"],
        ["DeliveredEvent"],
    ]


def test_hooks_can_be_left_alone_while_events_go_on() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    sessions.watch(session, "101", ["ALL"])
    sessions.watch_hook(session, "101")
    assert sessions.unwatch_hook(session, "101")
    assert not sessions.unwatch_hook(session, "101")
    for kind in ("HookEvent", "HeldEvent"):
        sessions.publish(event(kind))
    assert [one.type for one in session.take()] == ["HeldEvent"]


def test_what_is_stopped_is_heard_no_more() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    sessions.watch(session, "101", ["ALL"])
    number = sessions.start_monitor(session, "101")
    assert number is not None
    assert sessions.unwatch(session, "101")
    assert not sessions.unwatch(session, "101")
    sessions.publish(event())
    assert len(session.take()) == 1, "the monitor is still there"
    assert sessions.stop_monitor(session, number)
    assert not sessions.stop_monitor(session, number)
    sessions.publish(event())
    assert session.take() == []


def test_who_does_not_fetch_loses_the_oldest() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    for number in range(MAX_WAITING + 5):
        session.hear(event(device=str(number)))
    assert [one.device for one in session.take()][0::999] == ["5", "1004"]
    assert session.lost == 5


def test_a_session_watches_so_many_devices_and_no_more() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    assert all(sessions.watch(session, str(one), ["ALL"]) for one in range(MAX_WATCHED))
    assert not sessions.watch(session, "x", ["ALL"])
    assert not sessions.watch_hook(session, "x")
    assert sessions.start_monitor(session, "x") is None
    assert sessions.watch(session, "5", ["CALL"]), "a new filter is no new device"
    assert sessions.start_monitor(session, "5") is None, "a monitor is one more, of any device"


def test_hooks_that_are_watched_already_can_be_asked_for_again_by_who_watches_all_it_can() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    assert all(sessions.watch_hook(session, str(one)) for one in range(MAX_WATCHED))
    assert sessions.watch_hook(session, "5")
    assert not sessions.watch_hook(session, "x")


def test_a_session_that_somebody_waits_on_does_not_time_out() -> None:
    sessions = Sessions()
    session = sessions.begin("100", NOON)
    session.waiter = lambda _how: None
    assert sessions.find(session.id, NOON + 2 * IDLE_LIMIT) is session
    session.waiter = None
    assert sessions.find(session.id, NOON + 4 * IDLE_LIMIT) is None


def test_who_waits_is_told_how_the_session_ended() -> None:
    sessions = Sessions()
    ended: list[Ending | None] = []
    for user in ("100", "101", "102"):
        sessions.begin(user, NOON).waiter = ended.append
    (first,) = [sessions.begin("103", NOON)]
    first.waiter = ended.append
    for _ in range(MAX_PER_USER):
        sessions.begin("103", NOON).waiter = ended.append
    assert ended == [Ending.TAKEN]
    sessions.end_of("100")
    assert ended == [Ending.TAKEN] * 2
    sessions.end_all()
    assert ended[2:] == [Ending.RESTART] * (2 + MAX_PER_USER)


async def test_a_poll_is_answered_empty_when_it_was_held_long_enough() -> None:
    polls, sessions = Polls(hold=0.2), Sessions()
    session = sessions.begin("100", NOON)
    async with asyncio.timeout(5):
        assert await polls.wait(session) is None
    assert (len(polls), session.waiter) == (0, None)


async def test_polls_end_one_by_one_and_leave_nothing_behind() -> None:
    polls, sessions = Polls(hold=60), Sessions()
    one, other, cut = (sessions.begin("100", NOON) for _ in range(3))
    waiting = [asyncio.create_task(polls.wait(each)) for each in (one, other, cut)]
    await asyncio.sleep(0)
    assert len(polls) == 3
    one.hear(event())
    one.hear(event())
    sessions.end(other.id)
    waiting[2].cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert done[:2] == [None, Ending.LOGOUT]
    assert isinstance(done[2], asyncio.CancelledError)
    assert len(polls) == 0
    assert len(one.take()) == 2
