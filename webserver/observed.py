"""What a connection lets on about its client: who it may be, and what it decided.

One place for the control API and the Service Center. Puts the record of a handshake, the
guess and the table of decisions together; imported when somebody looks for the first time.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.decisions import Decision, Ending, decide
from webserver.guesses import Guess, guess_client
from webserver.handshakes import Handshake
from webserver.hello import ClientHello
from webserver.ja4 import ja4


@dataclass(frozen=True, slots=True)
class Observed:
    """What is to be seen of one connection.

    offered, fingerprint: None when no whole ClientHello came; the latter is its JA4.
    guess: None when the client resembles nothing that is known.
    """

    offered: ClientHello | None
    fingerprint: str | None
    guess: Guess | None
    decision: Decision


def observe(record: Handshake) -> Observed:
    """What `record` lets on, so far."""
    offered = record.offered
    whole = offered is not None and offered.complete
    guess = guess_client(offered)
    return Observed(
        offered,
        ja4(offered) if offered is not None and whole else None,
        guess,
        decide(_ending(record), None if guess is None else guess.client),
    )


def handshake_json(record: Handshake) -> dict[str, object]:
    """The record as the control API gives it, with `ja4`, `guess` and `decision`."""
    seen = observe(record)
    return record.as_json() | {
        "ja4": seen.fingerprint,
        "guess": None if seen.guess is None else seen.guess.as_json(),
        "decision": seen.decision.as_json(),
    }


def _ending(record: Handshake) -> Ending:
    alert = record.alert
    theirs = None if alert is None or alert.sender == "server" else alert.code
    ours = None if alert is None or alert.sender == "client" else alert.code
    return Ending(
        record.outcome,
        client_alert=theirs,
        server_alert=ours,
        seen=record.shown is not None,
        finished=record.version is not None,
    )
