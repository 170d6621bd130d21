"""The chain of a certificate as a picture, and where it breaks. Numbers and words; no HTML.

Boxes from the server's certificate upwards; a link between two that is right, or where it
breaks; in each box what clients mind about that certificate. Drawn from the verdicts of all
environments in one case; from the chain as it is sent when none of them found a path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cryptography import x509

from appliance.trust import Verdict
from webserver.foreign_facts import name_of
from webserver.outlook import Outlook, Telling
from webserver.portal.texts import Texts, mark
from webserver.portal.verdict_words import short_reason

BOX, MINDED, GAP = 62, 20, 46  # heights: of a box, of one more line in it, between two
_LONGEST = 34  # characters that fit a box
_MOST_REASONS = 3

_TRUSTED = {
    Telling.NOTHING: mark("public authority"),
    Telling.USER: mark("trusted (user)"),
    Telling.ADMINISTRATOR: mark("trusted (administrator)"),
}
SERVER = mark("server certificate")
INTERMEDIATE = mark("intermediate CA")
ROOT = mark("CA")


@dataclass(frozen=True, slots=True)
class Box:
    """A certificate. y, height: where. role, until: under its name; empty when not known.

    minded: what clients mind about it, a line each. unknown: whether it is a hole in the chain.
    """

    y: int
    height: int
    name: str
    role: str
    until: str = ""
    minded: tuple[str, ...] = ()
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """What joins a box with the one above it. y: its lower end. broken: whether it does not."""

    y: int
    text: str
    broken: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The drawing; boxes from the bottom. text: the same in a sentence, for who can't see it."""

    height: int
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    text: str


def chain_picture(outlook: Outlook, telling: Telling, texts: Texts) -> Picture:
    """The chain as clients in the case `telling` find it."""
    verdicts = outlook.verdicts[telling]
    found = next((one.path for one in verdicts if one.path is not None), None)
    presented = (outlook.certificate.leaf, *outlook.certificate.chain)
    path = tuple(dict.fromkeys(found or _ordered(presented)))
    plain = [
        _box(certificate, index, verdicts, texts, trusted=_trust(found, certificate, telling))
        for index, certificate in enumerate(path)
    ]
    words = [(texts(mark("signed by")), False)] * (len(path) - 1)
    if found is None:
        last = path[-1]
        own = last.subject == last.issuer
        why = mark("vouches for itself alone") if own else mark("not sent, not known")
        words.append((texts(why), True))
        issuer = texts(mark("no authority")) if own else _short(last.issuer.rfc4514_string())
        plain.append(Box(0, BOX, issuer, texts(mark("missing")), unknown=True))
    boxes, links, height = _placed(plain, words)
    return Picture(height, boxes, links, _sentence(boxes, links, texts))


def _trust(
    found: tuple[x509.Certificate, ...] | None, certificate: x509.Certificate, telling: Telling
) -> str | None:
    return _TRUSTED[telling] if found is not None and certificate == found[-1] else None


def _box(
    certificate: x509.Certificate,
    index: int,
    verdicts: Sequence[Verdict],
    texts: Texts,
    *,
    trusted: str | None,
) -> Box:
    role = SERVER if index == 0 else INTERMEDIATE
    if index and certificate.subject == certificate.issuer:
        role = ROOT
    minded = list(_minded(certificate, verdicts, texts))
    if trusted is not None:
        role = trusted
    return Box(
        y=0,
        height=BOX + MINDED * len(minded[:_MOST_REASONS]),
        name=_short(name_of(certificate)),
        role=texts(role),
        until=f"{certificate.not_valid_after_utc:%Y-%m-%d}",
        minded=tuple(minded[:_MOST_REASONS]),
    )


def _minded(certificate: x509.Certificate, verdicts: Sequence[Verdict], texts: Texts) -> list[str]:
    """What clients mind about this very certificate, and how many do; most first."""
    counts: dict[str, set[str]] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            if finding.severity == "note" or finding.rule == "path":
                continue
            about = finding.certificate
            path = verdict.path
            if about is None or (path is None and about > 0):
                continue
            if path is not None and path[min(about, len(path) - 1)] != certificate:
                continue
            counts.setdefault(short_reason(finding, texts), set()).add(verdict.environment)
    ordered = sorted(counts.items(), key=lambda one: -len(one[1]))
    return [f"{reason} ({len(names)})" for reason, names in ordered]


def _ordered(presented: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The leaf, and of the rest what leads on from it."""
    way = [presented[0]]
    rest = list(presented[1:])
    while found := next((one for one in rest if one.subject == way[-1].issuer), None):
        way.append(found)
        rest.remove(found)
    return way


def _placed(
    plain: list[Box], words: list[tuple[str, bool]]
) -> tuple[tuple[Box, ...], tuple[Link, ...], int]:
    height = sum(box.height for box in plain) + GAP * (len(plain) - 1) + 2
    boxes, links, bottom = [], [], height - 1
    for index, box in enumerate(plain):
        top = bottom - box.height
        boxes.append(replace(box, y=top))
        if index < len(words):
            links.append(Link(top, *words[index]))
        bottom = top - GAP
    return tuple(boxes), tuple(links), height


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _sentence(boxes: Sequence[Box], links: Sequence[Link], texts: Texts) -> str:
    words = []
    for index, box in enumerate(boxes):
        minded = "".join(f"; ✕ {reason}" for reason in box.minded)
        words.append(f"{box.name} ({box.role}{minded})")
        if index < len(links):
            words.append(("✕ " if links[index].broken else "") + links[index].text)
    return texts(mark("From the server up: {chain}"), chain=" – ".join(words))
