"""Commands about where people are and can be reached: presence and Call Me."""

from __future__ import annotations

from itertools import islice

from appliance.desks import PRESENCES, format_ptime
from webserver.wsi.answers import element, leaf
from webserver.wsi.command import Asked, Command
from webserver.wsi.parameters import (
    DEVICE,
    NUMBER,
    OFFSET,
    PRESENCE,
    PRESENCES_OF,
    SWITCH,
    TIME,
    Parameter,
)

MAX_LISTED = 500  # people in one answer of PresenceDBGet
_USER = Parameter("user", DEVICE, ("userID",), required=False, standing="known")


def _set_presence(asked: Asked) -> str:
    presence, until = asked.values["presence"], asked.values["ptime"]
    asked.box.exchange.set_presence(asked.user(), presence, until)
    return element("SETPRESENCE")


def _state(asked: Asked, user: str) -> str:
    desk = asked.box.exchange.desk(user)
    return (
        leaf("USER", user)
        + leaf("STATE", desk.presence)
        + leaf("TEXT", PRESENCES[desk.presence])
        + leaf("PTIME", "" if desk.until is None else format_ptime(desk.until))
        + leaf("CALLME", desk.call_me if desk.call_me_on and desk.call_me else "")
    )


def _get_presence(asked: Asked) -> str:
    return element("PRESENCE", _state(asked, asked.user()))


def _set_call_me(asked: Asked) -> str:
    on, number = asked.values["enable"], asked.values["number"]
    asked.box.exchange.set_call_me(asked.user(), on=on, number=number)
    return element("SETCALLME")


def _get_all(asked: Asked) -> str:
    people, start = asked.box.exchange.subscribers(), asked.values["start"] or 0
    found = [
        element("ENTRY", _state(asked, user), leaf("NAME", people[user].name))
        for user in islice(people, start, start + MAX_LISTED)
    ]
    return element("PRESENCEDB", leaf("COUNT", len(people)), *found)


def _set_all(asked: Asked) -> str:
    """All of them, or none when one is nobody's."""
    exchange = asked.box.exchange
    wanted = asked.values["data"]
    for user, _presence, _until in wanted:
        exchange.device(user)
    for user, presence, until in wanted:
        exchange.set_presence(user, presence, until)
    return element("PRESENCEDBSET", leaf("COUNT", len(wanted)))


PRESENCE_COMMANDS = (
    Command(
        "SetPresence",
        _set_presence,
        "Say where somebody is, perhaps until when.",
        (
            _USER,
            Parameter("presence", PRESENCE, ("presenceState",), standing="known"),
            Parameter("ptime", TIME, required=False, standing="known"),
        ),
        standing="inferred",
        answer="SETPRESENCE",
    ),
    Command(
        "GetPresence",
        _get_presence,
        "Where somebody is.",
        (_USER,),
        aliases=("GetPresenceXML",),
        answer="PRESENCE",
    ),
    Command(
        "SetCallMe",
        _set_call_me,
        "Have somebody's calls ring at another number, as if they were there.",
        (
            _USER,
            Parameter("enable", SWITCH),
            Parameter("number", NUMBER, ("callMeNumber", "phoneNumber"), required=False),
        ),
        answer="SETCALLME",
    ),
    Command(
        "PresenceDBGet",
        _get_all,
        f"Where everybody is, {MAX_LISTED} at a time.",
        (Parameter("start", OFFSET, required=False),),
        answer="PRESENCEDB",
    ),
    Command(
        "PresenceDBSet",
        _set_all,
        "Say where several are, all at once or not at all.",
        (Parameter("data", PRESENCES_OF),),
        answer="PRESENCEDBSET",
    ),
)
