"""What the box remembers of its CA: the set-up, how far it got, what failed; and how it changes.

Kept among the node's settings, so that it is committed with the certificate it is about; the
history is the journal's entries that begin with `acme-`. Secrets are sealed. All of it may
block: for the model thread.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from appliance.acme import BOOK, EVENT
from appliance.acme.failures import Failure
from appliance.acme.schedule import renewal_due, warning_level
from appliance.acme.setup import Binding, Setup
from appliance.acme.setup_form import parse_setup
from appliance.acme.states import Event, State, after
from appliance.importing import checked_import
from appliance.node import Change
from store.bundles import read_files
from store.certificate import Certificate, iso_time
from store.inventory import Holding, Kind, new_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from appliance.box import Box

KEPT = 2  # certificates of earlier orders that stay, to go back to
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


# What happens


def set_up(box: Box, book: Book, setup: Setup) -> Book:
    """Get what `setup` says from now on; the order is due at once."""
    book = Book(
        setup=setup,
        state=after(book.state, Event.ORDER),
        certificate=book.certificate,
        obtained=book.obtained,
        due=box.clock.now(),
        made=book.made,
    )
    detail = {
        "directory": setup.directory,
        "names": [name.value for name in setup.names],
        "challenge": setup.challenge.value,
    }
    box.commit(Change(settings=written(box, book), journal=((EVENT + "set-up", detail),)))
    return book


def begin(box: Box, book: Book) -> Book:
    """An order begins."""
    now = box.clock.now()
    return keep(box, book.happen(Event.ORDER, due=now, waiting=None, activate_at=None))


def forget(box: Box, book: Book) -> Book:
    """Get nothing any more; what was got stays, and stays active."""
    before, book = book, book.happen(Event.FORGET)
    book = replace(Book(), made=before.made)
    change = Change(settings={BOOK: None})
    if before.setup is not None:
        change = replace(change, journal=((EVENT + "stopped", {}),))
    box.commit(change)
    return book


def take(
    box: Box, book: Book, pem: bytes, key: rsa.RSAPrivateKey, *, activate_at: datetime
) -> Book:
    """Hold what the CA issued, to be activated at `activate_at`.

    Refused when it is nothing that the box can serve (whitepaper 2.1).
    """
    material = read_files(pem, None, "")
    material.key = key
    certificate = checked_import(material, [], field="certificate")
    assert book.setup is not None
    now = box.clock.now()
    holding = Holding(
        id=new_id(),
        name=_name(book.setup, now),
        kind=Kind.IMPORTED,
        created=now,
        certificate=certificate,
        key=certificate.key,
    )
    book = replace(book, waiting=holding.id, activate_at=activate_at, made=(*book.made, holding.id))
    detail = {
        "certificate": holding.id,
        "name": holding.name,
        "not_after": iso_time(certificate.not_after),
        "fingerprint_sha256": certificate.fingerprint("sha256"),
    }
    box.commit(
        Change(
            add=(holding,),
            settings=written(box, book),
            journal=((EVENT + "obtained", detail),),
        )
    )
    return book


def _name(setup: Setup, now: datetime) -> str:
    first = setup.names[0].value.replace("*", "any").replace(":", "-")
    return f"{first[:52]} {now:%Y-%m-%d}"


def prepare_activation(box: Box, book: Book, *, in_use: Iterable[str]) -> tuple[Book, Change]:
    """Activate what is waiting, unless somebody has; forget what came from orders long ago.

    in_use: ids that must stay.
    """
    assert book.waiting is not None
    active = box.settings["active"]
    change = Change() if book.waiting == active else box.prepare_activation(book.waiting)
    holding = box.holding(book.waiting)
    assert holding.certificate is not None
    held = [identity for identity in book.made if identity in box.holdings]
    keep = {*held[-1 - KEPT :], holding.id, active, *in_use}
    gone = tuple(identity for identity in held if identity not in keep)
    certificate = holding.certificate
    due = due_of(holding.created, certificate)
    book = book.happen(
        Event.INSTALL,
        certificate=holding.id,
        obtained=holding.created,
        waiting=None,
        activate_at=None,
        due=due,
        failures=0,
        failure=None,
        warned=0,
        made=tuple(identity for identity in held if identity not in gone),
    )
    installed = {
        "certificate": holding.id,
        "name": holding.name,
        "not_after": iso_time(certificate.not_after),
        "fingerprint_sha256": certificate.fingerprint("sha256"),
        "next_renewal": iso_time(due),
    }
    return book, replace(
        change,
        remove=gone,
        settings=written(box, book),
        journal=(*change.journal, (EVENT + "installed", installed)),
    )


def due_of(obtained: datetime, certificate: Certificate) -> datetime:
    """When `certificate`, obtained at `obtained`, is to be renewed."""
    return renewal_due(obtained, certificate.not_before, certificate.not_after)


def fail(box: Box, book: Book, failure: Failure, *, again: datetime) -> Book:
    """An attempt came to nothing; what was active before stays. Next one at `again`."""
    journal: list[tuple[str, dict[str, Any]]] = []
    detail = failure.as_json()
    journal.append((EVENT + "failed", {**detail, "next_renewal": iso_time(again)}))
    warned, left = book.warned, end_of(box, book)
    if left is not None and book.obtained is not None:
        holding = box.holdings[str(book.certificate)]
        assert holding.certificate is not None
        warned = max(
            book.warned,
            warning_level(
                box.clock.now(),
                obtained=book.obtained,
                not_before=holding.certificate.not_before,
                not_after=holding.certificate.not_after,
            ),
        )
        if warned > book.warned:
            assert book.setup is not None
            warning = {
                "certificate": holding.id,
                "name": holding.name,
                "not_after": iso_time(left),
                "code": failure.code,
                "message": failure.message,
                "detail": failure.detail,
                "call": detail["call"],
                "contact": book.setup.whom,
                "level": warned,
            }
            journal.append((EVENT + "warning", warning))
    book = book.happen(
        Event.FAIL,
        due=again,
        waiting=None,
        activate_at=None,
        failures=book.failures + 1,
        failure=failure,
        warned=warned,
    )
    box.commit(Change(settings=written(box, book), journal=tuple(journal)))
    return book


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
