"""Subscribers: the people with extensions that WSI clients log in as.

A new box comes with two, so that there is somebody to call.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any

from appliance.change import Change
from store.people import Subscriber
from store.refusals import Refusal, Refused, refuse_all

MAX_SUBSCRIBERS = 5_000
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
        if not isinstance(row, Mapping) or set(row) != {"extension", "name", "password"}:
            wrong.append(
                Refusal(
                    "subscriber",
                    f"Subscriber {number} is not complete.",
                    where,
                    "Give extension, name and password, and nothing else.",
                )
            )
            continue
        extension, name, password = (str(row[key]) for key in ("extension", "name", "password"))
        if not re.fullmatch(r"[0-9*#]{1,10}", extension):
            wrong.append(
                Refusal(
                    "extension",
                    f"{extension[:20]!r} is no extension.",
                    where,
                    "Use 1 to 10 digits.",
                )
            )
        if not name.strip() or not password:
            wrong.append(
                Refusal("subscriber", f"Subscriber {number} lacks a name or password.", where)
            )
        if extension in found:
            wrong.append(
                Refusal("extension-twice", f"Extension {extension} is there twice.", where)
            )
        found[extension] = Subscriber(extension, name.strip(), password)
    refuse_all(wrong)
    return tuple(found.values())


def recognise(people: Mapping[str, Subscriber], extension: str, password: str) -> Subscriber | None:
    """The subscriber with this extension and password; None when there is none."""
    subscriber = people.get(extension)
    expected = "" if subscriber is None else subscriber.password
    right = hmac.compare_digest(password.encode("utf-8", "replace"), expected.encode())
    return subscriber if right else None


def prepare_subscriber(people: Mapping[str, Subscriber], values: Mapping[str, Any]) -> Change:
    """One more subscriber, from `extension`, `name` and `password`; refused when taken."""
    (subscriber,) = parse_subscribers([values])
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
