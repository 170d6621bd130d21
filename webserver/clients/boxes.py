"""The box, as a fleet needs it: where it is, what time it is, who can log in, what to trust.

`NearBox` is one in this process. One behind its control API is in `far_box`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from cryptography import x509

from appliance.clock import Dates, real_now
from appliance.telephony import prepare_subscriber, prepare_subscriber_removal
from appliance.uc_states import Moment
from store.inventory import Kind
from store.people import Subscriber
from store.refusals import Refused
from webserver.clients.surroundings import Place
from webserver.running import RunningBox


class ServedBox(Protocol):
    """A box that a fleet's clients talk to."""

    def place(self) -> Place:
        """Where WSI is now, as far as is known."""

    def moment(self) -> Moment:
        """The time, on both calendars."""

    def dates(self) -> Dates:
        """Which dates its certificates carry."""

    async def extensions(self) -> set[str]:
        """Every extension somebody has."""

    async def add(self, people: Sequence[Subscriber]) -> None:
        """More subscribers: all of them or, when the box refuses one, none."""

    async def remove(self, people: Iterable[Subscriber]) -> None:
        """Forget those of them who are there."""

    async def exported(self) -> list[x509.Certificate]:
        """What an administrator would export for the clients now (see `to_export`)."""


class NearBox:
    """A box in this process."""

    def __init__(self, box: RunningBox) -> None:
        self._box = box

    def place(self) -> Place:
        """Where WSI is now; where it was, while it is away."""
        return place_of(self._box.wsi_url)

    def moment(self) -> Moment:
        """The time, on both calendars."""
        return Moment(self._box.clock.now(), real_now())

    def dates(self) -> Dates:
        """Which dates its certificates carry."""
        return self._box.clock.dates

    async def extensions(self) -> set[str]:
        """Every extension somebody has."""
        return set(self._box.model.subscribers)

    async def add(self, people: Sequence[Subscriber]) -> None:
        """More subscribers: all of them or, when the box refuses one, none."""
        model, added = self._box.model, list[Subscriber]()

        def add() -> None:
            for one in people:
                values = {
                    "extension": one.extension,
                    "name": one.name,
                    "password": one.password,
                }
                model.commit(prepare_subscriber(model.subscribers, values))
                added.append(one)

        try:
            await self._box.call(add)
        except Refused:
            await self.remove(added)
            raise

    async def remove(self, people: Iterable[Subscriber]) -> None:
        """Forget those of them who are there."""
        model = self._box.model
        gone = [one.extension for one in people if one.extension in model.subscribers]

        def remove() -> None:
            for extension in gone:
                model.commit(prepare_subscriber_removal(model.subscribers, extension))

        await self._box.call(remove)
        for extension in gone:
            self._box.exchange.forget_subscriber(extension)
            self._box.sessions.end_of(extension)

    async def exported(self) -> list[x509.Certificate]:
        """What an administrator would export for the clients now."""
        model = self._box.model

        def look() -> list[x509.Certificate]:
            active = model.settings["active"]
            found = [
                (holding.kind, holding.id == active, model.as_presented(holding).certificate)
                for holding in model.holdings.values()
            ]
            return to_export(
                (kind, is_active, (one.leaf, *one.chain))
                for kind, is_active, one in found
                if one is not None
            )

        return await self._box.call(look)


Held = tuple[str, bool, Sequence[x509.Certificate]]


def to_export(holdings: Iterable[Held]) -> list[x509.Certificate]:
    """What clients would be given to trust, as the whitepaper has it (4.2).

    holdings: for each its kind, whether the box serves it, and its chain, leaf first. That
    is every CA certificate of the box; and the top of the active chain, when that is signed
    by itself, or when there is nothing else.
    """
    found: list[x509.Certificate] = []
    top: x509.Certificate | None = None
    for kind, active, chain in holdings:
        if kind == Kind.AUTHORITY:
            found.append(chain[0])
        if active:
            top = chain[-1]
    if top is not None and top not in found and (not found or top.subject == top.issuer):
        found.append(top)
    return found


def place_of(url: str) -> Place:
    """The place that a URL of WSI names."""
    parts = urlsplit(url)
    return Place(parts.hostname or "", parts.port or 443)


def clock_for(box: ServedBox, which: str) -> Callable[[], datetime]:
    """By which time clients judge: `box`, `real`, or `auto`, which follows the box's dates.

    With the box's own dates, clients live on its calendar, as under `faketime`; projected
    dates are there for clients on the real one.
    """
    if which not in ("auto", "box", "real"):
        raise Refused.because(
            "client-clock",
            f"Clients can't go by the clock {which[:40]!r}.",
            field="client_clock",
            instead="They go by box, real or auto: the box's, unless its dates are projected.",
        )

    def now() -> datetime:
        moment = box.moment()
        boxes = which == "box" or (which == "auto" and box.dates() is Dates.SIMULATED)
        return moment.box if boxes else moment.real

    return now
