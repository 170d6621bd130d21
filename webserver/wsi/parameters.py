"""What commands read out of a query: each kind of parameter with how it is read.

Names are taken whatever their case, and the first of several counts, as CGI programs of
this kind do. Knows no command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance.desks import MAX_DISPLAY, MAX_JOURNAL, PRESENCES, parse_ptime
from appliance.routing import is_number
from appliance.sessions import FILTERS
from store.refusals import Refused

MAX_DEVICES = 500
JOURNAL_KINDS = ("incoming", "outgoing", "missed")
_SEPARATORS = str.maketrans("", "", " -/().\u00a0")


class Wrong(Exception):
    """A parameter is missing or makes no sense; `code` as in refusals."""

    def __init__(self, code: str, name: str) -> None:
        super().__init__(f"{code} {name}")
        self.code = code
        self.name = name


def _device(text: str) -> str:
    if not 0 < len(text) <= 32:
        raise ValueError
    return text


def _devices(text: str) -> list[str]:
    found = [part.strip() for part in text.split(",") if part.strip()]
    if not 0 < len(found) <= MAX_DEVICES:
        raise ValueError
    return list(dict.fromkeys(_device(part) for part in found))


def _number(text: str) -> str:
    number = text.translate(_SEPARATORS)
    if not is_number(number):
        raise ValueError
    return number


def _text(text: str) -> str:
    if len(text) > MAX_DISPLAY:
        raise ValueError
    return text


def _digits(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError
    return int(text)


def _presence(text: str) -> int:
    number = _digits(text)
    if number not in PRESENCES:
        raise ValueError
    return number


def _presences(text: str) -> list[tuple[str, int, datetime | None]]:
    found = []
    for part in text.split(","):
        device, _, state = part.strip().partition("=")
        presence, _, until = state.partition("@")
        found.append((_device(device), _presence(presence), parse_ptime(until) if until else None))
    if len(found) > MAX_DEVICES:
        raise ValueError
    return found


def _count(text: str) -> int:
    number = _digits(text)
    if number == 0:
        raise ValueError
    return min(number, MAX_JOURNAL)


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip().upper() for word in text.split(","))
    if not all(word in FILTERS for word in words):
        raise ValueError
    return tuple(dict.fromkeys(words))


def _journal_kind(text: str) -> str:
    if text.lower() not in JOURNAL_KINDS:
        raise ValueError
    return text.lower()


def _switch(text: str) -> bool:
    word = text.lower()
    if word not in ("true", "false", "1", "0", "on", "off"):
        raise ValueError
    return word in ("true", "1", "on")


# Each kind: how it is read, what it is in words, and values for tests: good ones, bad ones.
@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value; `says` is for people."""

    name: str
    read: Callable[[str], Any]
    says: str
    good: tuple[str, ...]
    bad: tuple[str, ...]


DEVICE = Kind("device", _device, "a subscriber's extension", ("100", "101"), ("1" * 33,))
DEVICES = Kind(
    "devices",
    _devices,
    f"extensions with commas between them, {MAX_DEVICES} at most",
    ("100", "100,101"),
    (",,,", ",".join(map(str, range(MAX_DEVICES + 1)))),
)
NUMBER = Kind(
    "number",
    _number,
    "what is dialled: digits, * and #, perhaps a leading +; separators are left out",
    ("101", "0 89/1234-5", "+49 89 12345"),
    ("abc", "9" * 40),
)
TEXT = Kind("text", _text, f"up to {MAX_DISPLAY} characters", ("Hello", "äöü"), ("x" * 256,))
PRESENCE = Kind("presence", _presence, "1 Office … 9 Do not disturb", ("1", "9"), ("0", "10"))
PRESENCES_OF = Kind(
    "presences",
    _presences,
    f"EXTENSION=PRESENCE or EXTENSION=PRESENCE@TIME, with commas between, {MAX_DEVICES} at most",
    ("100=7", "100=1,101=2@2099/01/31 17:00Z"),
    ("100", "100=0", "=7", "100=7@tomorrow"),
)
TIME = Kind(
    "time",
    parse_ptime,
    "yyyy/MM/dd HH:mmZ, on the box's calendar",
    ("2099/01/31 17:00Z",),
    ("tomorrow", "2099/13/01 00:00Z"),
)
CALL = Kind("call", _digits, "a call's number, when there are several", ("1",), ("x", "-1"))
ENTRY = Kind("entry", _digits, "the ID of a journal's entry", ("1",), ("x", "-1"))
OFFSET = Kind("offset", _digits, "how many to leave out", ("0", "100"), ("x", "-1"))
COUNT = Kind("count", _count, f"1 to {MAX_JOURNAL}", ("1", "1000"), ("0", "ten"))
FILTER = Kind(
    "filter",
    _words,
    "words with commas between them: " + ", ".join(FILTERS),
    ("HOOKSTATE", "call,presence"),
    ("EVERYTHING",),
)
JOURNAL_KIND = Kind(
    "journal-kind", _journal_kind, " or ".join(JOURNAL_KINDS), ("missed",), ("lost",)
)
SWITCH = Kind("switch", _switch, "true or false", ("true", "0"), ("maybe",))
ANY = Kind("any", str, "anything", ("x",), ())


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a command; an empty one counts as left out.

    aliases: other spellings that are taken.
    standing: `known`, `inferred` or `assumed`, of the name.
    """

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    required: bool = True
    standing: str = "assumed"

    def read(self, given: Mapping[str, str]) -> Any:
        """Its value among what was `given` by lower-case name; None when left out."""
        for spelling in (self.name, *self.aliases):
            text = given.get(spelling.lower())
            if not text:
                continue
            try:
                return self.kind.read(text)
            except (ValueError, Refused):
                raise Wrong("invalid-parameter", self.name) from None
        if self.required:
            raise Wrong("missing-parameter", self.name)
        return None
