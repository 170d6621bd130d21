"""Reading tables by what their fields are; every mistake is told, with its line.

A `Field` says what a value has to be and what it means; the reference in the documentation
is made from the same. Knows nothing of incidents.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from appliance.clock import check_time, parse_time
from appliance.incidents.places import Path
from appliance.network import parse_address
from appliance.spans import parse_span
from store.certificate import iso_time
from store.refusals import Refusal, Refused

MAX_TEXT = 4_000
LONGEST = timedelta(days=300_000)  # from the calendar's last day, X.509 can still write the end
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_T = TypeVar("_T")


class Wrong(Exception):
    """A value is not what it has to be; the text says what would be.

    within: the positions in lists that lead to the part that is wrong, which is `value`.
    """

    def __init__(self, expected: str, *, within: Path = (), value: object = None) -> None:
        super().__init__(expected)
        self.within = within
        self.value = value


Reader = Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table.

    read: the value as it is used; raises `Wrong` with what is expected, or `Refused`.
    what: its meaning, for the reference.
    kind: what may stand there, for the reference.
    default: what it is when it is left out; `REQUIRED` when it can't be.
    """

    read: Reader
    kind: str
    what: str
    default: Any = None


REQUIRED: Any = object()


class Mistakes:
    """What is wrong with one file, in the order in which it was found.

    file: its name, for people. lines: the line of each place.
    """

    def __init__(self, file: str, lines: Mapping[Path, int]) -> None:
        self._file = file
        self._lines = lines
        self._found: list[tuple[int, Refusal]] = []

    def add(self, place: Path, message: str, expected: str | None = None) -> None:
        """One more, at `place` or the nearest thing around it that has a line."""
        near = place
        while near and near not in self._lines:
            near = near[:-1]
        line = self._lines.get(near, 1)
        name = field_name(place)
        about = f"{name}: {message}" if name else message
        refusal = Refusal(
            "incident",
            f"{self._file}, line {line}: {about}",
            name or None,
            None if expected is None else f"Expected: {expected}",
        )
        self._found.append((line, refusal))

    def refuse(self) -> None:
        """Raise `Refused` with all of them, by line; nothing happens when there are none."""
        if self._found:
            ordered = sorted(self._found, key=lambda found: found[0])
            raise Refused(*(refusal for _, refusal in ordered))

    def __len__(self) -> int:
        return len(self._found)


def field_name(place: Path) -> str:
    """A place in words: `step[3].expect.refused`; positions count from 1."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_table(
    values: object, place: Path, fields: Mapping[str, Field], mistakes: Mistakes
) -> dict[str, Any]:
    """The fields of one table; what is wrong with them is added to `mistakes`.

    A field that is wrong has its default, or None where it is required.
    """
    if not isinstance(values, dict):
        mistakes.add(place, f"{shown(values)} is no table.", f"a table with {_listed(fields)}.")
        values = {}
    for key in values:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            hint = f"{near[0]}?" if near else f"one of {_listed(fields)}."
            mistakes.add((*place, key), "there is no such field.", hint)
    return {
        name: _read(values, (*place, name), name, one, mistakes) for name, one in fields.items()
    }


def _read(
    values: Mapping[str, object], place: Path, name: str, one: Field, mistakes: Mistakes
) -> Any:
    if name in values:
        return read_value(values[name], place, one, mistakes)
    if one.default is REQUIRED:
        mistakes.add(place, "it is missing.", f"{one.kind}: {one.what}.")
        return None
    return one.default


def read_value(value: object, place: Path, one: Field, mistakes: Mistakes) -> Any:
    """One field's value; as `read_table` has it when it is wrong."""
    try:
        return one.read(value)
    except Wrong as wrong:
        part = wrong.value if wrong.within else value
        mistakes.add((*place, *wrong.within), f"{shown(part)} won't do.", f"{wrong}.")
    except Refused as refused:
        for why in refused.refusals:
            mistakes.add(place, why.message, why.instead)
    return None if one.default is REQUIRED else one.default


def shown(value: object) -> str:
    """A value, short, for a message."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "…")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, int | float | date):
        return str(value)[:60]
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else str(value)[:60]


def _listed(names: Mapping[str, Field]) -> str:
    return ", ".join(names)


# What may stand in a field


def text(value: object) -> str:
    """Some words on one line, with single spaces between them."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if not 1 <= len(words) <= MAX_TEXT or _CONTROL.search(words):
        raise Wrong(f"text of 1 to {MAX_TEXT} characters, none of them for control")
    return words


def each(read: Callable[[object], _T], values: Sequence[object]) -> tuple[_T, ...]:
    """Every element of a list, as `read` has it."""
    found = []
    for position, value in enumerate(values):
        try:
            found.append(read(value))
        except Wrong as wrong:
            value = wrong.value if wrong.within else value
            raise Wrong(str(wrong), within=(position, *wrong.within), value=value) from None
    return tuple(found)


def texts(value: object) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list):
        raise Wrong("a list of texts")
    return each(text, value)


def paragraphs(value: object) -> tuple[str, ...]:
    """A text with empty lines between its paragraphs."""
    if not isinstance(value, str):
        raise Wrong("text, with empty lines between its paragraphs")
    return tuple(text(one) for one in re.split(r"\n\s*\n", value) if one.strip())


def name(value: object) -> str:
    """A name by which something is called in the file."""
    found = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(found) <= 64 or _CONTROL.search(found):
        raise Wrong("a name of 1 to 64 characters")
    return found


def names(value: object) -> tuple[str, ...]:
    """One name, or a list of them."""
    return some(name, value)


def some(read: Callable[[object], _T], value: object) -> tuple[_T, ...]:
    """One value, or a list of them."""
    return each(read, value) if isinstance(value, list) else (read(value),)


def at_least_one(read: Callable[[object], _T], value: object) -> tuple[_T, ...]:
    """One value, or a list of them that is not empty."""
    if value == []:
        raise Wrong("at least one")
    return some(read, value)


def yes(value: object) -> bool:
    """What is only there when it is to be."""
    if value is not True:
        raise Wrong("true, or nothing at all")
    return True


def flag(value: object) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise Wrong("true or false")
    return value


def positive(value: object) -> int:
    """A small whole number, at least one."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1000:
        raise Wrong("a whole number from 1 to 1000")
    return value


def moment(value: object) -> datetime:
    """A time on the box's calendar, in whole seconds."""
    if isinstance(value, date) and not isinstance(value, datetime):
        found = datetime(value.year, value.month, value.day, tzinfo=UTC)
    elif isinstance(value, datetime):
        found = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    elif isinstance(value, str):
        found = parse_time(value, field="time")
    else:
        raise Wrong("a time such as 2024-01-01T00:00:00Z")
    return check_time(found.replace(microsecond=0), field="time")


def span(value: object) -> timedelta:
    """A length of time that is not negative."""
    found = parse_span(value, field="span")
    if not timedelta(0) < found <= LONGEST:
        raise Wrong(f"a positive duration such as 90d, at most {LONGEST.days}d")
    return found


def any_span(value: object) -> timedelta:
    """A length of time, forward or back."""
    return parse_span(value, field="span")


def address(value: object) -> str:
    """An IP address."""
    return parse_address(value if isinstance(value, str) else "", field="address")


def one_of(*words: str) -> Reader:
    """One of these words."""

    def read(value: object) -> str:
        if value not in words:
            near = difflib.get_close_matches(str(value), words, n=1)
            listed = ", ".join(words)
            raise Wrong(f"one of {listed}" + (f" ({near[0]}?)" if near else ""))
        return str(value)

    return read
