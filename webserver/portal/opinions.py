"""What a client decided about the certificate, in words.

A table from the reasons of the model (`appliance.decisions`) to sentences. What is sure and
what is a guess is the model's to say; knows no handshake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appliance.decisions import Certainty, Decided, Decision, Reason
from store.certificate import Certificate
from webserver.guesses import Guess
from webserver.portal.texts import Texts, mark


@dataclass(frozen=True, slots=True)
class Opinion:
    """What to think of one connection.

    level: `good`, `bad` (it refuses), `warn` (it seems to), `hint` (says nothing of it).
    text, more: to be looked up in the catalogue.
    doubt: how unsure that is, to be looked up; None when the client said so.
    refusal: whether one of the two ended it before it was of use.
    """

    level: str
    text: str
    more: str | None = None
    doubt: str | None = None
    refusal: bool = True


Words = tuple[str, str | None]

_SAID: Mapping[Reason, Words] = {
    # Accepted
    Reason.REQUEST: (mark("The client accepts the certificate, or does not look at it."), None),
    # Refused
    Reason.UNSAID: (
        mark("The client refuses the certificate, and does not say why."),
        mark(
            "Chromium, Java, Go and GnuTLS use one alert for every reason, an issuer they don't "
            "trust above all."
        ),
    ),
    Reason.AUTHORITY: (
        mark("The client does not trust the issuer."),
        mark("Make the CA known to it, or the certificate itself when that is self-signed."),
    ),
    Reason.EXPIRED: (mark("By the client's own clock, the certificate has expired."), None),
    Reason.DATES: (
        mark("By the client's own clock, the certificate has expired or is not valid yet."),
        mark("Clients with rustls send the same alert for both."),
    ),
    Reason.NAME: (
        mark("The client wanted another name or address than the certificate has."),
        None,
    ),
    Reason.NAME_START: (
        mark(
            "The client finds that the name is another, or that the certificate is not valid yet."
        ),
        mark("Firefox sends the same alert for both, and for a few rarer faults."),
    ),
    Reason.NAME_KEY_START: (
        mark(
            "The client finds that the name is another, the key or signature too weak, or the "
            "certificate not valid yet."
        ),
        mark("Clients with OpenSSL send the same alert for all three."),
    ),
    Reason.KEY_START: (
        mark("The client finds the key or signature too weak, or the certificate not valid yet."),
        mark("curl, with OpenSSL, sends the same alert for both."),
    ),
    Reason.USE: (
        mark("The client takes no certificate of this kind."),
        mark("It is not made out for servers: see its extended key usage."),
    ),
    Reason.RULES: (
        mark("The client checks strictly, and a rule is broken."),
        mark(
            "Python from 3.13 on does. Often an Authority Key Identifier is missing, or the CA's "
            "key usage."
        ),
    ),
    Reason.REVOKED: (mark("The client has heard that the certificate is revoked."), None),
    Reason.STATUS: (
        mark("The client does not like the answer about revocation that came with it."),
        None,
    ),
    Reason.SIGNATURE: (
        mark(
            "The client could not verify a signature: the certificate's, or that of the handshake."
        ),
        None,
    ),
    Reason.ACCESS: (
        mark("The client denies access to whoever has this certificate."),
        None,
    ),
    Reason.LEFT: (
        mark(
            "The client does not like the certificate: it left without a word when it had seen it."
        ),
        mark("Node.js and aiohttp refuse that way, whatever the reason."),
    ),
    # Says nothing of it
    Reason.OPEN: (mark("The client has said nothing yet."), None),
    Reason.SILENT: (
        mark("The client hesitates: it finished the handshake and then said nothing."),
        mark(
            "Perhaps somebody sat in front of a browser's warning, or the browser had connected "
            "ahead of need."
        ),
    ),
    Reason.UNSEEN: (
        mark("The client left before it had seen the certificate."),
        mark("Port scanners and health checks do that."),
    ),
    Reason.UNFINISHED: (mark("The client never finished the handshake."), None),
    Reason.NOT_TLS: (
        mark("The client spoke no TLS."),
        mark("Most often http:// was typed instead of https://."),
    ),
    Reason.VERSION: (
        mark("The client speaks only TLS versions that this box does not."),
        mark("It never came to see the certificate."),
    ),
    Reason.CIPHER: (
        mark("The client and this box have no cipher, or nothing else they need, in common."),
        mark("It never came to see the certificate."),
    ),
    Reason.UNREADABLE: (mark("This box could make nothing of what the client sent."), None),
    Reason.OTHER: (
        mark("The client gave up for a reason that has nothing to do with the certificate."),
        None,
    ),
    Reason.BOX: (
        mark("This box closed the connection before the client had asked."),
        mark("It restarted. That says nothing about the client."),
    ),
    Reason.FAULT: (mark("This box ended it on purpose: a fault was set."), None),
}

# The one ending that is a yes from some clients, a no from others.
_UNASKED: Mapping[Decided, Words] = {
    Decided.ACCEPTED: (
        mark("The client accepts the certificate, and asked nothing."),
        mark("It checks certificates by itself, and would have refused with an alert."),
    ),
    Decided.REFUSED: (
        mark(
            "The client does not like the certificate: it left after the handshake without asking."
        ),
        mark("wget refuses that way, and curl when the name does not match."),
    ),
    Decided.UNCLEAR: (
        mark("The client left after the handshake without asking."),
        mark(
            "Health checks do that, and browsers that connect ahead of need; but so does wget "
            "when it refuses, and curl when the name does not match."
        ),
    ),
}

# What is known of one client alone.
_OF_CLIENT: Mapping[tuple[str, Reason], str] = {
    ("probe", Reason.UNASKED): mark("osbiz probe looks, and asks nothing."),
    ("openssl", Reason.UNASKED): mark(
        "openssl s_client shows certificates, and judges them only when told to."
    ),
}

_CLOCKS = mark(
    "By this box's clock it was valid at that moment: one of the two clocks is wrong, or "
    "somebody has set it."
)

DOUBTS: Mapping[Certainty, str | None] = {
    Certainty.CERTAIN: None,
    Certainty.LIKELY: mark("likely"),
    Certainty.GUESS: mark("a guess"),
}
_NO_REFUSAL = frozenset({Reason.REQUEST, Reason.OPEN, Reason.BOX, Reason.FAULT})
_ODD = frozenset({Reason.SILENT, Reason.UNASKED})


def opinion_of(
    decision: Decision, *, client: str | None, shown: Certificate | None, at: datetime
) -> Opinion:
    """`decision` in words.

    client: who it seems to be (`Guess.client`); None when nobody can tell.
    shown: the certificate that the client was shown; None when that is not known here.
    at: when, by the box's clock.
    """
    reason = decision.reason
    text, more = _UNASKED[decision.decided] if reason is Reason.UNASKED else _SAID[reason]
    more = _OF_CLIENT.get((client or "", reason), more)
    if reason is Reason.EXPIRED and shown and shown.not_before <= at <= shown.not_after:
        more = _CLOCKS
    doubt = max(decision.certainty, decision.reason_certainty, key=_DOUBTFUL.index)
    return Opinion(
        level=_level(decision),
        text=text,
        more=more,
        doubt=DOUBTS[doubt],
        refusal=decision.decided is not Decided.ACCEPTED and reason not in _NO_REFUSAL,
    )


_DOUBTFUL = list(Certainty)


def _level(decision: Decision) -> str:
    if decision.decided is Decided.ACCEPTED:
        return "good"
    if decision.decided is Decided.REFUSED:
        return "bad" if decision.certainty is Certainty.CERTAIN else "warn"
    return "warn" if decision.reason in _ODD else "hint"


# How it ended, in fewer words.
OUTCOMES: dict[str, str] = {
    "open": mark("still open"),
    "completed": mark("requests came"),
    "refused-by-client": mark("refused by the client"),
    "refused-by-server": mark("refused by this box"),
    "closed-during-handshake": mark("closed in the middle of the handshake"),
    "closed-without-request": mark("closed without a request"),
    "closed-by-server": mark("closed by this box"),
    "reset": mark("cut off by the client"),
    "timed-out": mark("timed out"),
    "not-tls": mark("no TLS"),
    "cut": mark("ended on purpose"),
}

# What a guess at the client rests on.
BASES: dict[str, str] = {
    "fingerprint": mark("its ClientHello is that of version {version}, measured on {measured}"),
    "ciphers": mark("its ciphers are the same"),
    "features": mark("only such clients offer what it offered"),
    "published": mark("its ciphers are those in published captures of {published}"),
}

# Titles of guesses that are not just a name.
TITLES: tuple[str, ...] = (
    mark("a program with OpenSSL's defaults"),
    mark("a program with OpenSSL"),
    mark("a program with GnuTLS"),
    mark("a program with rustls"),
    mark("a program in Go"),
    mark("Chromium, Chrome, Edge or a relative"),
    mark("Chromium or a relative"),
    mark("Firefox or a relative"),
    mark("Safari, or an app on iOS or macOS"),
)


def basis_of(guess: Guess, texts: Texts) -> str:
    """What `guess` rests on, in the language of `texts`."""
    basis = "published" if guess.published else guess.basis
    return texts(
        BASES[basis],
        version=guess.version,
        measured=guess.measured,
        published=guess.published,
    )
