"""What the box remembers of its CA: the set-up, how far it got, what failed.

Kept among the node's settings, so that it is committed with the certificate it is about; the
history is the journal's entries that begin with `acme-`. Secrets are sealed. All of it may
block: for the model thread.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from appliance.acme import BOOK, EVENT
from appliance.acme.failures import Failure
from appliance.acme.setup import Binding, Setup
from appliance.acme.setup_form import parse_setup
from appliance.acme.states import Event, State, after
from appliance.change import Change

if TYPE_CHECKING:
    from appliance.box import Box

_Moment = datetime | None


@dataclass(frozen=True, slots=True)
class Book:
    """How it stands. Times are on the box's calendar.

    setup: None when nothing is asked for.
    certificate: the id of what was activated last; it had been obtained at `obtained`.
    waiting: the id of what was obtained since and is to be activated at `activate_at`.
    due: when to order next; None when not before somebody asks.
    failures: how many attempts in a row came to nothing; `failure` is the last of them.
    warned: the warning level that somebody was told of.
    made: ids of what came from orders and is still held, oldest first.
    """

    setup: Setup | None = None
    state: State = State.IDLE
    certificate: str | None = None
    obtained: _Moment = None
    waiting: str | None = None
    activate_at: _Moment = None
    due: _Moment = None
    failures: int = 0
    failure: Failure | None = None
    warned: int = 0
    made: tuple[str, ...] = ()

    def moved(self, by: timedelta) -> Book:
        """This book after the calendar was moved: what was to happen in an hour still is."""

        def move(moment: _Moment) -> _Moment:
            return None if moment is None else moment + by

        return replace(
            self,
            obtained=move(self.obtained),
            activate_at=move(self.activate_at),
            due=move(self.due),
        )

    def happen(self, event: Event, **changes: Any) -> Book:
        """This book after `event`."""
        return replace(self, state=after(self.state, event), **changes)


def read_book(box: Box) -> Book:
    """The book as it was committed last."""
    saved = box.settings.get(BOOK)
    if not saved:
        return Book()
    setup = dict(saved["setup"])
    binding = None
    if setup.get("eab") is not None:
        sealed = base64.b64decode(setup["eab"]["sealed"])
        kid = setup.pop("eab")["kid"]
        binding = Binding(kid, box.store.seal.open(sealed, context=f"acme-eab {kid}"))
    else:
        setup.pop("eab", None)
    failure = saved["failure"]
    return Book(
        setup=replace(parse_setup(setup), binding=binding),
        state=State(saved["state"]),
        certificate=saved["certificate"],
        obtained=_moment(saved["obtained"]),
        waiting=saved["waiting"],
        activate_at=_moment(saved["activate_at"]),
        due=_moment(saved["due"]),
        failures=saved["failures"],
        failure=None if failure is None else Failure.from_json(failure),
        warned=saved["warned"],
        made=tuple(saved["made"]),
    )


def written(box: Box, book: Book) -> dict[str, Any]:
    """`book` as the node's settings; to be committed."""
    if book.setup is None:
        return {BOOK: None}
    setup = book.setup.as_json()
    if book.setup.binding is not None:
        kid, secret = book.setup.binding.kid, book.setup.binding.secret
        sealed = box.store.seal.seal(secret, context=f"acme-eab {kid}")
        setup["eab"] = {"kid": kid, "sealed": base64.b64encode(sealed).decode()}
    saved = {
        "setup": setup,
        "state": book.state.value,
        "certificate": book.certificate,
        "obtained": _text(book.obtained),
        "waiting": book.waiting,
        "activate_at": _text(book.activate_at),
        "due": _text(book.due),
        "failures": book.failures,
        "failure": None if book.failure is None else book.failure.as_json(),
        "warned": book.warned,
        "made": list(book.made),
    }
    return {BOOK: saved}


def _text(moment: _Moment) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> _Moment:
    return None if text is None else datetime.fromisoformat(text)


def end_of(box: Box, book: Book) -> datetime | None:
    """When what was installed last expires, by its own dates; None when it is gone."""
    holding = None if book.certificate is None else box.holdings.get(book.certificate)
    if holding is None or holding.certificate is None:
        return None
    return holding.certificate.not_after


def keep(box: Box, book: Book) -> Book:
    """Remember `book`."""
    box.commit(Change(settings=written(box, book)))
    return book


def history(box: Box, *, limit: int = 500) -> list[dict[str, Any]]:
    """What came of every attempt, oldest first: the newest `limit`."""
    return [
        {"time": entry.time, "event": entry.event.removeprefix(EVENT), **entry.detail}
        for entry in box.store.journal.named(EVENT, limit=limit)
    ]
