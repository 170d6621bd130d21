"""How the box's ACME certificate stands: the answer of `GET /v1/acme`, and whom to call."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from appliance.acme.book import Book, history
from appliance.acme.failures import WHOM
from appliance.acme.states import State
from store.certificate import iso_time

if TYPE_CHECKING:
    from webserver.acme_runner import AcmeRunner
    from webserver.running import RunningBox


async def acme_status(box: RunningBox, runner: AcmeRunner) -> dict[str, Any]:
    """Its state, and all that led to it."""
    book, state = runner.book, runner.state
    held = box.model.holdings.get(book.certificate or "")
    advice = runner.advice
    return {
        "state": state.value,
        "step": None if runner.step is None else runner.step.value,
        "error": _error(box, book) if state is State.FAILED else None,
        "failure": None if book.failure is None else book.failure.as_json(),
        "failures": book.failures,
        "next_renewal": None if state is State.ORDERING else _time(book.due),
        "activates_at": _time(book.activate_at),
        "certificate": None if held is None else held.id,
        "not_after": _time(held.certificate.not_after) if held and held.certificate else None,
        "serving": held is not None and held.id == box.model.active.id,
        "renewal_info": None
        if advice is None
        else {
            "start": iso_time(advice.start),
            "end": iso_time(advice.end),
            "explanation": advice.explanation,
        },
        "setup": None if book.setup is None else book.setup.as_json(),
        "history": await box.call(history, box.model),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else iso_time(moment)


def _error(box: RunningBox, book: Book) -> str:
    """What happened, what to do, what goes on meanwhile, and whom to call."""
    assert book.failure is not None
    assert book.setup is not None
    cause = book.failure.cause
    active = box.model.active
    assert active.certificate is not None
    end = iso_time(active.certificate.not_after)
    call = WHOM[cause.call] + (f" ({book.setup.ca})" if cause.call == "ca" else "")
    parts = [
        book.failure.message,
        cause.cure,
        f"The certificate {active.name!r}, valid until {end}, goes on being served.",
        f"Call {call}.",
    ]
    if book.setup.whom is not None:
        parts.append(f"The contact for this certificate is {book.setup.whom}.")
    return " ".join(parts)
