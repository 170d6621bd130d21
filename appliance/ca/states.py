"""States of orders, authorizations and challenges: RFC 8555 7.1.6 as three tables."""

from __future__ import annotations

import enum


class Status(enum.StrEnum):
    """All the words of RFC 8555 7.1.6."""

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    VALID = "valid"
    INVALID = "invalid"
    DEACTIVATED = "deactivated"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Event(enum.StrEnum):
    """What can happen to one."""

    RESPOND = "respond"  # the client says that the answer is there
    PROVE = "prove"  # the answer is right; for an order, the last one
    FAIL = "fail"
    FINALIZE = "finalize"
    ISSUE = "issue"
    DEACTIVATE = "deactivate"
    EXPIRE = "expire"


Table = dict[tuple[Status, Event], Status]

CHALLENGE: Table = {
    (Status.PENDING, Event.RESPOND): Status.PROCESSING,
    (Status.PROCESSING, Event.PROVE): Status.VALID,
    (Status.PROCESSING, Event.FAIL): Status.INVALID,
}

AUTHORIZATION: Table = {
    (Status.PENDING, Event.PROVE): Status.VALID,
    (Status.PENDING, Event.FAIL): Status.INVALID,
    (Status.PENDING, Event.DEACTIVATE): Status.DEACTIVATED,
    (Status.PENDING, Event.EXPIRE): Status.INVALID,
    (Status.VALID, Event.DEACTIVATE): Status.DEACTIVATED,
    (Status.VALID, Event.EXPIRE): Status.EXPIRED,
}

ORDER: Table = {
    (Status.PENDING, Event.PROVE): Status.READY,
    (Status.PENDING, Event.FAIL): Status.INVALID,
    (Status.READY, Event.FAIL): Status.INVALID,
    (Status.READY, Event.FINALIZE): Status.PROCESSING,
    (Status.PROCESSING, Event.ISSUE): Status.VALID,
    (Status.PROCESSING, Event.FAIL): Status.INVALID,
}


def after(table: Table, status: Status, event: Event) -> Status:
    """The state that `event` leads to; one that has no place in `table` changes nothing."""
    return table.get((status, event), status)
