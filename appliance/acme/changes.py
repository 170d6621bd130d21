"""What happens to the box's certificate from a CA, each as one change that is committed whole.

A certificate, the book that tells of it and the journal's entry are written together. All of it
may block: for the model thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from appliance.acme import BOOK, EVENT
from appliance.acme.book import Book, end_of, keep, written
from appliance.acme.failures import Failure
from appliance.acme.schedule import renewal_due, warning_level
from appliance.acme.setup import Setup
from appliance.acme.states import Event, after
from appliance.change import Change
from appliance.importing import checked_import
from store.bundles import read_files
from store.certificate import iso_time
from store.inventory import Holding, Kind, new_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from appliance.box import Box

KEPT = 2  # certificates of earlier orders that stay, to go back to


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
    due = renewal_due(holding.created, certificate.not_before, certificate.not_after)
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
        **({"warnings": list(change.warnings)} if change.warnings else {}),
    }
    return book, replace(
        change,
        remove=gone,
        settings=written(box, book),
        journal=(*change.journal, (EVENT + "installed", installed)),
    )


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
