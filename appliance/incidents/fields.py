"""The tables of an incident file and their fields; the reference in docs/incidents.md is made
from these. What can be done in a step is in `actions`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from appliance import firmware
from appliance.clock import parse_time
from appliance.incidents import sections as s
from appliance.incidents.actions import LIFE, WANTED
from appliance.incidents.form import ALL, NODES, OTHERS, Names
from appliance.incidents.sections import REQUIRED, Field, Wrong
from appliance.trust import ENVIRONMENTS, Origin
from appliance.uc_clients import PROFILES
from store.refusals import Refused

DEFAULT_LAN_IP, DEFAULT_BOOSTER_IP = "127.0.0.2", "127.0.0.3"


def _environments(value: object) -> tuple[str, ...]:
    return s.at_least_one(s.one_of(*ENVIRONMENTS), value)


def _wanted_environments(value: object) -> Names:
    if isinstance(value, str) and value in (ALL, OTHERS):
        return value
    return frozenset(_environments(value))


def _some_or_all(value: object) -> Names:
    if isinstance(value, str) and value in (ALL, OTHERS):
        return value
    return frozenset(s.at_least_one(s.name, value))


def _booster(value: object) -> str | None:
    if isinstance(value, bool):
        return DEFAULT_BOOSTER_IP if value else None
    return s.address(value)


def _time_or_after(value: object) -> datetime | timedelta:
    if isinstance(value, str) and value.strip().startswith("+"):
        return s.any_span(value)
    try:
        if not isinstance(value, date):
            parse_time(value if isinstance(value, str) else "", field="at")
    except Refused:
        raise Wrong(
            "a time such as 2024-01-01T00:00:00Z, or a span after the step before, such as +31d"
        ) from None
    return s.moment(value)


def _tables(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Wrong("tables, each under its own [[heading]]")
    return value


_SOME = Field(_wanted_environments, "environments, `all` or `others`", "")
_CLIENTS = Field(_some_or_all, "names of clients, `all` or `others`", "")

TOP: dict[str, Field] = {
    "title": Field(s.text, "text", "one line for lists and headings", REQUIRED),
    "summary": Field(s.text, "text", "what happens, in a sentence or two", REQUIRED),
    "background": Field(s.paragraphs, "text", "why it happens; paragraphs with empty lines", ()),
    "prevention": Field(s.texts, "list of texts", "what would have prevented it", ()),
    "sources": Field(s.texts, "list of texts", "where it is written", ()),
    "environments": Field(_environments, "list of names", "which are asked; else all of them"),
    "start": Field(lambda value: value, "table", "how things are when it begins", REQUIRED),
    "authority": Field(_tables, "list of tables", "certificate authorities", ()),
    "certificate": Field(_tables, "list of tables", "what the box holds when it begins", ()),
    "client": Field(_tables, "list of tables", "people with UC clients", ()),
    "step": Field(_tables, "list of tables", "what happens", REQUIRED),
}
START: dict[str, Field] = {
    "clock": Field(s.moment, "time", "the box's calendar when it begins", REQUIRED),
    "installed": Field(s.moment, "time", "when the box was installed; else just then"),
    "firmware": Field(
        s.one_of(*firmware.RELEASES), ", ".join(firmware.RELEASES), "its release", firmware.NEWEST
    ),
    "lan_ip": Field(s.address, "address", "its LAN IP address", DEFAULT_LAN_IP),
    "booster": Field(_booster, "true, false or address", "whether there is a Booster Server"),
    "trusted": Field(
        s.names, "name or list of names", "what every client trusts: authorities, certificates", ()
    ),
}
AUTHORITY: dict[str, Field] = {
    "name": WANTED["name"],
    "common_name": Field(s.text, "text", "the CN of its subject; else its name"),
    "origin": Field(
        s.one_of(*(origin.value for origin in Origin)),
        ", ".join(origin.value for origin in Origin),
        "how its root came to be where clients trust it",
        Origin.ADMINISTRATOR.value,
    ),
    "issued_by": Field(s.name, "name", "the authority above it, for an intermediate one"),
    "on_box": Field(s.flag, "true or false", "whether it is the box's own", False),
    **LIFE,
}
CERTIFICATE: dict[str, Field] = {
    **WANTED,
    "authority": Field(s.name, "name", "who issued it; self-signed when left out"),
    "chain": Field(s.flag, "true or false", "whether intermediate certificates come with it", True),
    "active_on": Field(
        lambda value: s.some(s.one_of(*NODES), value),
        "system, booster or both",
        "where it is active; nowhere when left out",
        (),
    ),
}
CLIENT: dict[str, Field] = {
    "name": Field(s.name, "name", "who it is: *Reception*, *Sales*", REQUIRED),
    "profile": Field(s.one_of(*PROFILES), ", ".join(PROFILES), "which client", REQUIRED),
    "count": Field(s.positive, "number", "how many of them", 1),
    "trusts": Field(s.names, "name or list of names", "what they trust, instead of `trusted`"),
}
STEP: dict[str, Field] = {
    "at": Field(
        _time_or_after, "time, or span after the step before: +31d", "when it happens", REQUIRED
    ),
    "title": Field(s.text, "text", "one line", REQUIRED),
    "text": Field(s.text, "text", "what people see and do", ""),
    "jump": Field(s.flag, "true or false", "the calendar is set to it, not run to it", False),
    "every": Field(s.span, "span", "it is repeated after so long; `{n}` is its number"),
    "times": Field(s.positive, "number", "how often it happens, with `every`", 1),
    "expect": Field(lambda value: value, "table", "what is expected then"),
}
NODE: dict[str, Field] = {
    "serves": Field(s.name, "name", "the certificate that is served"),
    "refused": Field(_SOME.read, _SOME.kind, "environments that refuse it"),
    "warned": Field(_SOME.read, _SOME.kind, "environments that warn their users"),
    "accepted": Field(_SOME.read, _SOME.kind, "environments that accept it"),
}
EXPECT: dict[str, Field] = {
    **NODE,
    "booster": Field(lambda value: value, "table", "the same four, of the Booster Server"),
    "cut_off": Field(_CLIENTS.read, _CLIENTS.kind, "clients that can't work"),
    "connected": Field(_CLIENTS.read, _CLIENTS.kind, "clients that work"),
}
