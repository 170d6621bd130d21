"""States of the box's certificate from an ACME CA, and the steps of an order: two tables."""

from __future__ import annotations

import enum


class State(enum.StrEnum):
    """How it stands; the control API's words.

    IDLE: nothing was asked for.
    ORDERING: a certificate is being obtained, or waits for the hour of its activation.
    INSTALLED: what was asked for was activated, and is renewed in time.
    FAILED: the last attempt failed; what was active before still is. It is tried again.
    """

    IDLE = "idle"
    ORDERING = "ordering"
    INSTALLED = "installed"
    FAILED = "failed"


class Event(enum.StrEnum):
    """What can happen to it."""

    ORDER = "order"
    INSTALL = "install"
    FAIL = "fail"
    FORGET = "forget"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.IDLE, Event.ORDER): State.ORDERING,
    (State.INSTALLED, Event.ORDER): State.ORDERING,
    (State.FAILED, Event.ORDER): State.ORDERING,
    # Asked for anew, or the program was ended in the middle: the order begins again.
    (State.ORDERING, Event.ORDER): State.ORDERING,
    (State.ORDERING, Event.INSTALL): State.INSTALLED,
    (State.ORDERING, Event.FAIL): State.FAILED,
    **{(state, Event.FORGET): State.IDLE for state in State},
}


class Step(enum.StrEnum):
    """Where an order is, in the order in which the steps are taken."""

    CONNECT = "connect"
    ACCOUNT = "account"
    ORDER = "order"
    VALIDATE = "validate"
    FINALIZE = "finalize"
    DOWNLOAD = "download"
    WAIT = "wait"
    ACTIVATE = "activate"


def after(state: State, event: Event) -> State:
    """The state that `event` leads to; a KeyError is a mistake of this program."""
    return TRANSITIONS[state, event]
