"""Commands about people and their telephones: display, presence, phone book, journal."""

from __future__ import annotations

from appliance.desks import DO_NOT_DISTURB, MAX_JOURNAL, OFFICE, PRESENCES, format_ptime
from store.certificate import iso_time
from store.people import Subscriber
from store.refusals import Refused
from webserver.wsi.answers import element, leaf
from webserver.wsi.command import Asked, Command
from webserver.wsi.parameters import (
    ANY,
    COUNT,
    DEVICE,
    JOURNAL_KIND,
    NUMBER,
    PRESENCE,
    SWITCH,
    TEXT,
    TIME,
    Parameter,
)

MAX_FOUND = 100
_DEVICE = Parameter("device", DEVICE, ("deviceID", "deviceObject"), standing="known")
_USER = Parameter("user", DEVICE, ("userID",), required=False, standing="known")


def _set_display(asked: Asked) -> str:
    asked.box.exchange.set_display(asked.device("device"), asked.values["contentsOfDisplay"])
    return element("SETDISPLAY")


def _clear_display(asked: Asked) -> str:
    asked.box.exchange.set_display(asked.device("device"), "")
    return element("CLEARDISPLAY")


def _set_presence(asked: Asked) -> str:
    presence, until = asked.values["presence"], asked.values["ptime"]
    asked.box.exchange.set_presence(asked.user(), presence, until)
    return element("SETPRESENCE")


def _get_presence(asked: Asked) -> str:
    user = asked.user()
    desk = asked.box.exchange.desk(user)
    return element(
        "PRESENCE",
        leaf("USER", user),
        leaf("STATE", desk.presence),
        leaf("TEXT", PRESENCES[desk.presence]),
        leaf("PTIME", "" if desk.until is None else format_ptime(desk.until)),
    )


def _set_do_not_disturb(asked: Asked) -> str:
    presence = DO_NOT_DISTURB if asked.values["enable"] else OFFICE
    asked.box.exchange.set_presence(asked.device("device"), presence)
    return element("SETDONOTDISTURB")


def _get_do_not_disturb(asked: Asked) -> str:
    device = asked.device("device")
    on = asked.box.exchange.desk(device).presence == DO_NOT_DISTURB
    return element("DONOTDISTURB", leaf("DEVICE", device), leaf("ACTIVE", str(on).lower()))


def _set_forwarding(asked: Asked) -> str:
    asked.box.exchange.set_forwarding(asked.device("device"), asked.values["forwardTo"])
    return element("SETFORWARDING")


def _get_forwarding(asked: Asked) -> str:
    device = asked.device("device")
    number = asked.box.exchange.desk(device).forward_to
    return element("FORWARDING", leaf("DEVICE", device), leaf("TO", number or ""))


def _entry(person: Subscriber) -> str:
    return element(
        "ENTRY",
        leaf("ID", person.extension),
        leaf("NAME", person.name),
        leaf("NUMBER", person.extension),
    )


def _search(asked: Asked) -> str:
    term = asked.values["searchTerm"].casefold().strip()
    people = asked.box.exchange.subscribers().values()
    found = [
        person for person in people if term in person.name.casefold() or term in person.extension
    ]
    return element("PHBOOK", leaf("COUNT", len(found)), *map(_entry, found[:MAX_FOUND]))


def _look_up(asked: Asked) -> str:
    person = asked.box.exchange.subscribers().get(asked.values["phoneNumber"])
    found = [] if person is None else [person]
    return element("PHBOOK", leaf("COUNT", len(found)), *map(_entry, found))


def _detail(asked: Asked) -> str:
    person = asked.box.exchange.subscribers().get(asked.values["entryID"])
    if person is None:
        raise Refused.because("no-such-entry", "The phone book has no such entry.")
    return element("PHBOOK", leaf("COUNT", 1), _entry(person))


def _journal(asked: Asked) -> str:
    exchange, user = asked.box.exchange, asked.user()
    people = exchange.subscribers()
    entries = exchange.desks.journal(
        user, count=asked.values["count"] or MAX_JOURNAL, kind=asked.values["type"]
    )
    found = []
    for entry in entries:
        person = people.get(entry.number)
        found.append(
            element(
                "ENTRY",
                leaf("ID", entry.id),
                leaf("TIME", iso_time(entry.time)),
                leaf("TYPE", entry.kind),
                leaf("NUMBER", entry.number),
                leaf("NAME", "" if person is None else person.name),
                leaf("DURATION", entry.seconds),
            )
        )
    return element("JOURNAL", leaf("COUNT", len(found)), *found)


PEOPLE_COMMANDS = (
    Command(
        "SetDisplay",
        _set_display,
        "Show a text on a telephone's display.",
        (_DEVICE, Parameter("contentsOfDisplay", TEXT, ("text",), standing="known")),
        standing="inferred",
        answer="SETDISPLAY",
    ),
    Command(
        "ClearDisplay",
        _clear_display,
        "Show it no longer.",
        (_DEVICE,),
        standing="inferred",
        answer="CLEARDISPLAY",
    ),
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
        "SetDoNotDisturb",
        _set_do_not_disturb,
        "Presence 9, or 1.",
        (_DEVICE, Parameter("enable", SWITCH)),
        answer="SETDONOTDISTURB",
    ),
    Command(
        "GetDoNotDisturb",
        _get_do_not_disturb,
        "Whether presence is 9.",
        (_DEVICE,),
        answer="DONOTDISTURB",
    ),
    Command(
        "SetForwarding",
        _set_forwarding,
        "Send every call to another number; without one, no longer.",
        (_DEVICE, Parameter("forwardTo", NUMBER, ("forwardDN", "targetDevice"), required=False)),
        answer="SETFORWARDING",
    ),
    Command(
        "GetForwarding",
        _get_forwarding,
        "Where the calls go instead.",
        (_DEVICE,),
        answer="FORWARDING",
    ),
    Command(
        "PhBookSearch",
        _search,
        "Everybody in whose name or number the term is.",
        (Parameter("searchTerm", TEXT, ("search",)),),
        answer="PHBOOK",
    ),
    Command(
        "PhBookLookup",
        _look_up,
        "Whose number it is.",
        (Parameter("phoneNumber", NUMBER, ("number",)),),
        answer="PHBOOK",
    ),
    Command(
        "PhBookDetail",
        _detail,
        "One entry of the phone book.",
        (Parameter("entryID", ANY, ("id",)),),
        answer="PHBOOK",
    ),
    Command(
        "JournalRead",
        _journal,
        "The latest calls of somebody, the newest first; gone when the program ends.",
        (
            _USER,
            Parameter("count", COUNT, required=False),
            Parameter("type", JOURNAL_KIND, required=False),
        ),
        answer="JOURNAL",
    ),
)
