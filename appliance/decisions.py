"""What a client decided about the certificate, from how its connection ended.

Tables only, measured with real clients (Debian 12, 2026-11-23) refusing a certificate for
each reason in turn. Owns no connection and no words for people beyond a reason's name; who
the client is comes in as a guess, because the same alert means different things from
different clients, and some send none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Decided(StrEnum):
    """What the client made of the certificate."""

    ACCEPTED = "accepted"  # or it does not look
    REFUSED = "refused"
    UNCLEAR = "unclear"


class Certainty(StrEnum):
    """How sure that is."""

    CERTAIN = "certain"  # the client said so itself, or went on
    LIKELY = "likely"  # a client of that kind ends so for this and, as measured, nothing else
    GUESS = "guess"


class Reason(StrEnum):
    """Why; the words that programs get."""

    REQUEST = "a request came"

    AUTHORITY = "unknown authority"
    EXPIRED = "expired"
    DATES = "expired or not yet valid"
    NAME = "name not acceptable"
    NAME_START = "name or start of validity not acceptable"
    NAME_KEY_START = "name, key or start of validity not acceptable"
    KEY_START = "key or start of validity not acceptable"
    USE = "not for a server"
    RULES = "a rule of strict checking is broken"
    REVOKED = "revoked"
    STATUS = "revocation answer not acceptable"
    SIGNATURE = "signature does not verify"
    ACCESS = "access denied"
    UNSAID = "not said"

    OPEN = "still open"
    SILENT = "handshake finished, then silence"
    UNASKED = "handshake finished, closed without a request"
    LEFT = "left without a word after seeing the certificate"
    UNSEEN = "never saw the certificate"
    UNFINISHED = "handshake never finished"
    NOT_TLS = "spoke no TLS"
    VERSION = "no TLS version in common"
    CIPHER = "no cipher in common"
    UNREADABLE = "sent what cannot be understood"
    OTHER = "not about the certificate"
    BOX = "closed by the box"
    FAULT = "ended by a fault"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a client decided.

    certainty: of `decided`.
    reason_certainty: of `reason`.
    """

    decided: Decided
    reason: Reason
    certainty: Certainty = Certainty.CERTAIN
    reason_certainty: Certainty = Certainty.CERTAIN

    def as_json(self) -> dict[str, str]:
        """`{"decided", "certainty", "reason", "reason_certainty"}`."""
        return {
            "decided": self.decided.value,
            "certainty": self.certainty.value,
            "reason": self.reason.value,
            "reason_certainty": self.reason_certainty.value,
        }


@dataclass(frozen=True, slots=True)
class Ending:
    """How a connection ended.

    outcome: the handshake record's.
    client_alert, server_alert: the number of the alert that ended it, by who sent it.
    seen: whether the certificate was sent.
    finished: whether the handshake was.
    """

    outcome: str
    client_alert: int | None = None
    server_alert: int | None = None
    seen: bool = True
    finished: bool = False


def _refused(reason: Reason, certainty: Certainty = Certainty.CERTAIN) -> Decision:
    return Decision(Decided.REFUSED, reason, certainty, certainty)


def _unclear(reason: Reason) -> Decision:
    return Decision(Decided.UNCLEAR, reason)


# The client's alerts that speak of the certificate (RFC 8446 6.2), whoever sends them.
_ALERTS: Mapping[int, Reason] = {
    42: Reason.UNSAID,
    43: Reason.USE,
    44: Reason.REVOKED,
    45: Reason.EXPIRED,
    46: Reason.UNSAID,
    48: Reason.AUTHORITY,
    49: Reason.ACCESS,
    51: Reason.SIGNATURE,
    112: Reason.NAME,
    113: Reason.STATUS,
}


_SEEMS_TO_LEAVE = _refused(Reason.LEFT, Certainty.GUESS)
_ASKED_NOTHING = _unclear(Reason.UNASKED)


@dataclass(frozen=True, slots=True)
class Habits:
    """How a kind of client lets a server know what it thinks.

    alerts: what an alert means when this client sends it, where `_ALERTS` is less exact.
    left: it left in the middle of the handshake, the certificate seen, without an alert.
    unasked: it finished the handshake and closed without a request.
    """

    alerts: Mapping[int, Reason] = field(default_factory=dict)
    left: Decision = _SEEMS_TO_LEAVE
    unasked: Decision = _ASKED_NOTHING


_OPENSSL_ALERTS = {42: Reason.NAME_KEY_START, 46: Reason.RULES}
_LEAVES = _refused(Reason.LEFT, Certainty.LIKELY)
_GOES_UNASKED = _refused(Reason.UNASKED, Certainty.LIKELY)
# It checks by itself, so a finished handshake without a request is a yes.
_CHECKED = Decision(Decided.ACCEPTED, Reason.UNASKED, Certainty.LIKELY)

# Rows by the `client` of a guess. Who is not here is judged by the plain `Habits()`.
HABITS: Mapping[str, Habits] = {
    "openssl": Habits(_OPENSSL_ALERTS),  # s_client goes on after any error unless told otherwise
    "curl": Habits(
        _OPENSSL_ALERTS | {42: Reason.KEY_START},
        # It compares the name after the handshake, and then leaves.
        unasked=_refused(Reason.NAME, Certainty.LIKELY),
    ),
    "wget": Habits(unasked=_GOES_UNASKED),
    "gnutls-cli": Habits(unasked=_CHECKED),
    "node": Habits(left=_LEAVES, unasked=_GOES_UNASKED),
    "python": Habits(_OPENSSL_ALERTS, left=_LEAVES),  # aiohttp sends no alert
    "requests": Habits(_OPENSSL_ALERTS),
    "firefox": Habits({42: Reason.NAME_START, 46: Reason.USE}),
    "deno": Habits({42: Reason.NAME, 45: Reason.DATES}),
    "go": Habits(),
    "java": Habits(),
    "chromium": Habits(),
}
_PLAIN = Habits()

# What the box itself said no to, by its alert.
_BOX_ALERTS: Mapping[int, Reason] = {40: Reason.CIPHER, 70: Reason.VERSION}


def decide(ending: Ending, client: str | None = None) -> Decision:
    """What the client decided.

    client: who it seems to be, a key of `HABITS`; None when nobody can tell.
    """
    habits = HABITS.get(client or "", _PLAIN)
    if ending.outcome == "refused-by-client":
        return _by_alert(ending.client_alert, habits)
    if ending.outcome == "refused-by-server":
        return _unclear(_BOX_ALERTS.get(ending.server_alert or 0, Reason.UNREADABLE))
    if ending.outcome in _PLAIN_ENDINGS:
        return _PLAIN_ENDINGS[ending.outcome]
    if ending.outcome == "timed-out":
        return _unclear(Reason.SILENT if ending.finished else Reason.UNFINISHED)
    if not ending.seen:
        return _unclear(Reason.UNSEEN)
    return habits.unasked if ending.finished else habits.left


_PLAIN_ENDINGS: Mapping[str, Decision] = {
    "completed": Decision(Decided.ACCEPTED, Reason.REQUEST),
    "open": _unclear(Reason.OPEN),
    "not-tls": _unclear(Reason.NOT_TLS),
    "closed-by-server": _unclear(Reason.BOX),
    "cut": _unclear(Reason.FAULT),
}


def _by_alert(code: int | None, habits: Habits) -> Decision:
    """An alert is the client's own word; what only this client means by it is likely."""
    general = _ALERTS.get(code or 0)
    if general is None:
        return _unclear(Reason.OTHER)
    exact = habits.alerts.get(code or 0)
    if exact is None:
        return _refused(general)
    return replace(_refused(exact), reason_certainty=Certainty.LIKELY)
