"""The table on the terminal and the lines elsewhere, as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from rich.console import Console

from appliance.uc_clients import PROFILES
from appliance.uc_states import Event, Fault, Life, Moment
from appliance.uc_words import Trouble
from webserver.clients.table import drawn
from webserver.clients.telling import told

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
LOST = Fault(Trouble.CUT, "net::ERR_CONNECTION_RESET")


def at(seconds: float) -> Moment:
    return Moment(NOW + timedelta(seconds=seconds), NOW + timedelta(seconds=seconds))


def a_row(number: int, *events: Event, profile: str = "myportal-at-work") -> dict[str, Any]:
    life = Life(number, PROFILES[profile], str(199 + number), at(-200))
    for second, event in enumerate(events):
        life.happen(event, at(second - 100), LOST if event is Event.LOST else None)
    if events and events[-1] is Event.LOST:
        life.next_try = NOW + timedelta(seconds=7)
    return life.row()


def shown(rows: list[dict[str, Any]], *, width: int = 100, height: int = 40) -> list[str]:
    console = Console(file=StringIO(), width=width, height=height)
    picture = drawn(rows, where="https://127.0.0.2:8802", now=at(0), width=width, height=height)
    console.print(picture)
    assert isinstance(console.file, StringIO)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def test_each_client_has_a_line_with_since_when_and_what_went_wrong() -> None:
    lines = shown(
        [
            a_row(1, Event.START, Event.ADMITTED),
            a_row(2, Event.START, Event.ADMITTED, Event.LOST, profile="mycontacts"),
            a_row(3, Event.START, Event.LOST, Event.ADMITTED),
        ]
    )
    assert lines[0] == "UC clients at https://127.0.0.2:8802 box 2026-05-04 12:00:00"
    assert lines[1] == "2 logged on · 1 cut off"
    assert lines[4] == "myPortal @work 200 logged on 99 s"
    assert lines[5] == "myContacts 201 cut off 98 s 7 s net::ERR_CONNECTION_RESET"
    assert lines[6] == "myPortal @work 202 logged on 98 s net::ERR_CONNECTION_RESET"


def test_on_a_narrow_screen_what_clients_say_stands_in_full_below_and_once() -> None:
    rows = [
        a_row(number, Event.START, Event.LOST, profile=profile)
        for number, profile in enumerate(("myportal-at-work", "mycontacts", "mycontacts"), 1)
    ]
    lines = shown(rows, width=80)
    assert lines[5:] == [
        "myContacts 201 cut off 99 s 7 s",
        "myContacts 202 cut off 99 s 7 s",
        "",
        "myPortal @work net::ERR_CONNECTION_RESET",
        "myContacts net::ERR_CONNECTION_RESET",
    ]
    assert len(shown(rows, width=80, height=9)) < len(lines), "no room: by kind"


def test_more_than_there_is_room_for_are_counted_by_kind_and_state() -> None:
    rows = [a_row(number, Event.START, Event.ADMITTED) for number in range(1, 40)]
    rows.append(a_row(40, Event.START, Event.LOST))
    lines = shown(rows, height=30)
    assert lines[4] == "myPortal @work 39 logged on 99 s"
    assert lines[5] == "myPortal @work 1 cut off 99 s net::ERR_CONNECTION_RESET"
    assert len(lines) == 6


def happening(user: int, came: str, went: str, **more: Any) -> dict[str, Any]:
    base = {"time": "T", "event": "lost", "profile": "mycontacts", "user": str(user), "error": None}
    return base | {"from": came, "to": went} | more


def test_changes_of_many_at_once_are_told_in_one_line() -> None:
    many = [happening(number, "logged-on", "cut-off", error="gone") for number in range(200, 204)]
    few = [happening(300, "cut-off", "logged-on"), happening(301, "cut-off", "logged-on")]
    assert list(told([*many, *few])) == [
        "T  4 × myContacts  logged on → cut off: gone",
        "T  300 myContacts  cut off → logged on",
        "T  301 myContacts  cut off → logged on",
    ]


def test_trying_in_vain_is_not_told_again_and_calls_are() -> None:
    again = happening(200, "cut-off", "cut-off", error="gone")
    call = {"time": "T", "event": "call", "from": "200", "to": "201", "ended": "not-answered"}
    assert list(told([again, call])) == ["T  200 calls 201: not answered"]
