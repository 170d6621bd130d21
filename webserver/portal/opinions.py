"""What a client seems to have thought of the certificate, read from how its connection ended.

A table of what alerts mean, and by whom they are sent for what; that was measured with the
clients named. An alert is the client's own word; from anything else it is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

from store.certificate import Certificate
from webserver.handshakes import Handshake
from webserver.portal.texts import mark


@dataclass(frozen=True, slots=True)
class Opinion:
    """What to think of one connection.

    level: `good`, `bad` (it refuses), `warn` (it seems to), `hint` (says nothing of it).
    text, more: to be looked up in the catalogue.
    guess: whether nobody said so.
    refusal: whether one of the two ended it before it was of use.
    """

    level: str
    text: str
    more: str | None = None
    guess: bool = False
    refusal: bool = True


# The client's alerts (RFC 8446 6.2) that speak of the certificate.
_ALERTS: dict[int, Opinion] = {
    42: Opinion(
        "bad",
        mark("The client finds something wrong with the certificate, and does not say what."),
        mark(
            "OpenSSL and Python mean the name, a weak key or that it is not valid yet. Firefox, "
            "Go and GnuTLS say this for nearly everything."
        ),
    ),
    43: Opinion(
        "bad",
        mark("The client takes no certificate of this kind."),
        mark("With OpenSSL and Python: its key usage is not that of a server."),
    ),
    44: Opinion("bad", mark("The client has heard that the certificate is revoked.")),
    45: Opinion(
        "bad",
        mark("By the client's own clock, the certificate has expired."),
        mark("Clients with rustls say the same when it is not valid yet."),
    ),
    46: Opinion(
        "bad",
        mark("The client refuses the certificate, and does not say why."),
        mark(
            "Chromium and Java say this for every reason, an issuer they don't trust above all; "
            "OpenSSL and Python when strict rules are broken."
        ),
    ),
    48: Opinion(
        "bad",
        mark("The client does not trust the issuer."),
        mark("Make the CA known to it, or the certificate itself when that is self-signed."),
    ),
    49: Opinion("bad", mark("The client denies access to whoever has this certificate.")),
    51: Opinion(
        "bad",
        mark(
            "The client could not verify a signature: the certificate's, or that of the handshake."
        ),
    ),
    112: Opinion("bad", mark("The client wanted another name than this.")),
}

_OTHER_ALERT = Opinion(
    "hint", mark("The client gave up for a reason that has nothing to do with the certificate.")
)
_BY_BOX: dict[int | None, Opinion] = {
    70: Opinion(
        "hint",
        mark("The client speaks only TLS versions that this box does not."),
        mark("It never came to see the certificate."),
    ),
    40: Opinion(
        "hint",
        mark("The client and this box have no cipher, or nothing else they need, in common."),
        mark("It never came to see the certificate."),
    ),
}
_BOX_GAVE_UP = Opinion("hint", mark("This box could make nothing of what the client sent."))

_ACCEPTED = Opinion(
    "good", mark("The client accepts the certificate, or does not look at it."), refusal=False
)
_UNDER_WAY = Opinion("hint", mark("The client has said nothing yet."), refusal=False)
_NOT_TLS = Opinion(
    "hint",
    mark("The client spoke no TLS."),
    mark("Most often http:// was typed instead of https://."),
)
_SAW_NOTHING = Opinion(
    "hint",
    mark("The client left before it had seen the certificate."),
    mark("Port scanners and health checks do that."),
)
_LEFT = Opinion(
    "warn",
    mark("The client does not like the certificate: it left without a word when it had seen it."),
    mark("Node.js and aiohttp refuse that way, whatever the reason."),
    guess=True,
)
_LEFT_SHAKEN = Opinion(
    "warn",
    mark("The client does not like the certificate: it left after the handshake without asking."),
    mark(
        "wget refuses that way, and curl when the name does not match. Health checks, and "
        "browsers that connect ahead of need, look the same."
    ),
    guess=True,
)
_SILENT = Opinion(
    "warn",
    mark("The client hesitates: it finished the handshake and then said nothing."),
    mark(
        "Perhaps somebody sat in front of a browser's warning, or the browser had connected "
        "ahead of need."
    ),
    guess=True,
)
_STUCK = Opinion("hint", mark("The client never finished the handshake."))

_CLOCKS = mark(
    "By this box's clock it was valid at that moment: one of the two clocks is wrong, or "
    "somebody has set it."
)


def opinion_on(record: Handshake, shown: Certificate | None) -> Opinion:
    """What the client of `record` seems to think.

    shown: the certificate it was shown; None when that is not known here.
    """
    alert = record.alert
    if record.outcome == "refused-by-client" and alert is not None:
        opinion = _ALERTS.get(alert.code or 0, _OTHER_ALERT)
        valid = shown is not None and shown.not_before <= record.at <= shown.not_after
        return Opinion("bad", opinion.text, _CLOCKS) if alert.code == 45 and valid else opinion
    if record.outcome == "refused-by-server":
        return _BY_BOX.get(None if alert is None else alert.code, _BOX_GAVE_UP)
    if record.outcome == "completed":
        return _ACCEPTED
    if record.outcome == "open":
        return _UNDER_WAY
    if record.outcome == "not-tls":
        return _NOT_TLS
    if record.outcome == "timed-out":
        return _STUCK if record.version is None else _SILENT
    if record.shown is None:
        return _SAW_NOTHING
    return _LEFT if record.version is None else _LEFT_SHAKEN


# How it ended, in fewer words.
OUTCOMES: dict[str, str] = {
    "open": mark("still open"),
    "completed": mark("requests came"),
    "refused-by-client": mark("refused by the client"),
    "refused-by-server": mark("refused by this box"),
    "closed-during-handshake": mark("closed in the middle of the handshake"),
    "closed-without-request": mark("closed without a request"),
    "reset": mark("cut off by the client"),
    "timed-out": mark("timed out"),
    "not-tls": mark("no TLS"),
}
