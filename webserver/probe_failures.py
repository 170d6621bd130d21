"""Why a probe saw no certificate, in words, and what to do about it.

A table; knows the handshake's failures, and no socket.
"""

from __future__ import annotations

from collections.abc import Callable

from store.refusals import Refused
from webserver.probe_handshake import MAX_LINE, Failed, Target


def refusal_of(
    target: Target, failed: Failed, timeout: float, *, plain_http: Callable[[], str | None]
) -> Refused:
    """What to say.

    timeout: seconds that were waited. plain_http: asks the server for an answer to plain HTTP.
    """
    line = first_line(failed.said)
    if failed.code in ("tls", "cut", "timeout") and failed.reached:
        if line.startswith("HTTP/"):
            return _because("plain-http", target, line)
        if line and failed.said[0] not in _TLS_RECORDS:
            return _because("not-tls", target, line)
        if not failed.said and (answer := plain_http()) is not None:
            return _because("plain-http", target, answer)
    if failed.code == "tls" and failed.alert is not None:
        return _because("handshake-refused", target, f"{failed.alert.name} ({failed.alert.code})")
    if failed.code == "timeout":
        return _because("no-answer", target, f"{timeout:g}")
    return _because(_CODES.get(failed.code, failed.code), target, line)


_CODES = {"tls": "handshake-failed", "cut": "handshake-cut", "endless": "handshake-failed"}
_TLS_RECORDS = frozenset({20, 21, 22, 23})

# What is said, and what to do. {what}: what came back, or how long was waited.
_WORDS: dict[str, tuple[str, str]] = {
    "host-unknown": (
        "No address is known for {host}.",
        "Check the spelling, or give the address and name the server with --host.",
    ),
    "connection-refused": (
        "Nobody listens at {target}: the connection was refused.",
        "Is the server running? A box that activates a certificate is away for 2 to 3 minutes.",
    ),
    "no-answer": (
        "{target} did not answer within {what} s.",
        "Is the address right, and does a firewall let you through? --timeout waits longer.",
    ),
    "unreachable": ("{target} can't be reached: {what}.", "Check the address and the network."),
    "plain-http": (
        'At {target} there is plain HTTP and no TLS: it answered "{what}".',
        "Try another port: the Admin Portal has 443 or 8443, WSI over HTTPS has 8802.",
    ),
    "not-tls": (
        'At {target} there is no TLS: it said "{what}".',
        "Try another port. STARTTLS is not spoken here.",
    ),
    "handshake-refused": (
        "{target} refused the handshake with the alert {what}.",
        "It may want a name (--sni NAME), or a certificate of the client.",
    ),
    "handshake-failed": (
        "The handshake with {target} failed: what it sent is not in order.",
        "Is it a TLS server?",
    ),
    "handshake-cut": (
        "{target} closed the connection in the middle of the handshake, without a word.",
        "It may want a name (--sni NAME), or be about to restart.",
    ),
}


def _because(code: str, target: Target, what: str) -> Refused:
    message, instead = _WORDS[code]
    shown = "".join(one if one.isprintable() else "?" for one in what)
    return Refused.because(
        code,
        message.format(target=target, host=target.host, what=shown),
        field="target",
        instead=instead,
    )


def first_line(data: bytes) -> str:
    return data.splitlines()[0][:MAX_LINE].decode("latin-1") if data else ""
