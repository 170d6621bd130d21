"""Subscribers: the people with extensions that WSI clients log in as.

A new box comes with two, so that there is somebody to call.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from appliance.change import Change
from store.people import Subscriber
from store.refusals import Refusal, Refused, refuse_all

MAX_SUBSCRIBERS = 5_000
MAX_TEXT = 100  # characters of a name, and of a password
_MEMBERS = ("extension", "name", "password")
_WHOLE = "Give extension, name and password, and nothing else."
DEFAULT_SUBSCRIBERS = (
    Subscriber("100", "Anna Berger", "100-1234"),
    Subscriber("101", "Jonas Keller", "101-1234"),
)


def parse_subscribers(rows: Iterable[Any]) -> tuple[Subscriber, ...]:
    """Subscribers from a configuration's tables; refused with all that is wrong."""
    wrong: list[Refusal] = []
    found: dict[str, Subscriber] = {}
    for number, row in enumerate(rows, start=1):
        where = f"subscribers[{number}]"
        faults = list(_faults(row, where))
        wrong += faults
        if faults:
            continue
        subscriber = _subscriber(row)
        if subscriber.extension in found:
            wrong.append(
                Refusal(
                    "extension-twice",
                    f"Extension {subscriber.extension} is there twice.",
                    f"{where}.extension",
                )
            )
        found[subscriber.extension] = subscriber
    refuse_all(wrong)
    return tuple(found.values())


def _subscriber(row: Mapping[str, Any]) -> Subscriber:
    return Subscriber(str(row["extension"]), str(row["name"]).strip(), str(row["password"]))


def _faults(row: object, where: str = "") -> Iterator[Refusal]:
    """All that is wrong with one row; `where` it stands, None for alone."""
    if not isinstance(row, Mapping):
        yield Refusal("subscriber", "That is no subscriber.", where or None, _WHOLE)
        return
    at = f"{where}." if where else ""
    for key in row:
        if key not in _MEMBERS:
            yield Refusal("subscriber", f"A subscriber has no {key!r}.", f"{at}{key}", _WHOLE)
    for key in _MEMBERS:
        value = row.get(key)
        if type(value) not in (str, int):  # TOML has numbers, too
            said = f"The {key} is missing." if key not in row else f"The {key} is no text."
            yield Refusal("subscriber", said, f"{at}{key}", _WHOLE)
        elif key == "extension":
            if not re.fullmatch(r"[0-9]{1,10}", str(value)):
                said = f"{str(value)[:20]!r} is no extension."
                yield Refusal("extension", said, f"{at}{key}", "Use 1 to 10 digits.")
        elif not _is_text(str(value)):
            yield Refusal(
                "subscriber",
                f"That is no {key}.",
                f"{at}{key}",
                f"Use 1 to {MAX_TEXT} letters, digits and signs.",
            )


def _is_text(text: str) -> bool:
    return bool(text.strip()) and len(text) <= MAX_TEXT and text.isprintable()


def recognise(people: Mapping[str, Subscriber], extension: str, password: str) -> Subscriber | None:
    """The subscriber with this extension and password; None when there is none."""
    subscriber = people.get(extension)
    expected = "" if subscriber is None else subscriber.password
    right = hmac.compare_digest(password.encode("utf-8", "replace"), expected.encode())
    return subscriber if right else None


def prepare_subscriber(people: Mapping[str, Subscriber], values: Mapping[str, Any]) -> Change:
    """One more subscriber, from `extension`, `name` and `password`; refused when taken."""
    refuse_all(_faults(values))
    subscriber = _subscriber(values)
    if subscriber.extension in people:
        raise Refused.because(
            "extension-taken",
            f"{subscriber.extension} is somebody's extension already.",
            field="extension",
        )
    if len(people) >= MAX_SUBSCRIBERS:
        raise Refused.because("subscribers", f"There are {MAX_SUBSCRIBERS} subscribers already.")
    detail = {"extension": subscriber.extension, "name": subscriber.name}
    return Change(subscribers=(subscriber,), journal=(("subscriber-added", detail),))


def no_such_subscriber(extension: str) -> Refused:
    """The refusal for an extension that nobody has."""
    return Refused.because(
        "no-such-subscriber", f"Nobody has the extension {extension[:20]!r}.", field="extension"
    )


def prepare_subscriber_removal(people: Mapping[str, Subscriber], extension: str) -> Change:
    """One subscriber less; refused when nobody has the extension."""
    if extension not in people:
        raise no_such_subscriber(extension)
    detail = {"extension": extension, "name": people[extension].name}
    return Change(remove_subscribers=(extension,), journal=(("subscriber-removed", detail),))
