"""Who a client may be, from its ClientHello. A guess, and always called one.

Looks its fingerprint up in the table of what was measured; failing that, its ciphers;
failing that, what only one TLS library offers. Any client can be made to look like
another, so nothing is decided by this but what to say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from webserver.hello import ClientHello, is_grease
from webserver.ja4 import ja4
from webserver.measured_hellos import (
    BY_CIPHERS,
    MEASURED,
    ROWS,
    TRAITS,
    TRANSIENT,
    Kin,
    Trait,
)

Basis = Literal["fingerprint", "ciphers", "features"]

_ROWS = {(row.ciphers, row.rest): row for row in ROWS}


@dataclass(frozen=True, slots=True)
class Guess:
    """Who it seems to be.

    client: a key of `appliance.decisions.HABITS`, or None.
    title: for people.
    basis: what it rests on; `fingerprint` is the best.
    version, measured: the version that sends this fingerprint and the day it was seen to;
        None on another basis.
    environments: client environments that judge as it does.
    published: the versions that others' captures show it of, when it was not measured here.
    """

    client: str | None
    title: str
    basis: Basis
    version: str | None = None
    measured: str | None = None
    environments: tuple[str, ...] = ()
    published: str | None = None

    def as_json(self) -> dict[str, object]:
        """`{"client", "title", "basis", "version", "measured", "environments",
        "published"}`."""
        return {
            "client": self.client,
            "title": self.title,
            "basis": self.basis,
            "version": self.version,
            "measured": self.measured,
            "environments": list(self.environments),
            "published": self.published,
        }


def guess_client(hello: ClientHello | None) -> Guess | None:
    """Who sent `hello`; None when it is cut short or like nothing that is known."""
    if hello is None or not hello.complete:
        return None
    # Some clients shuffle their extensions; sorted, the next hello of the same is known.
    steady = tuple(sorted(kind for kind in hello.extensions if kind not in TRANSIENT))
    return _guess(replace(hello, extensions=steady, server_name=None, alpn=(), groups=()))


@lru_cache(maxsize=256)
def _guess(hello: ClientHello) -> Guess | None:
    _, ciphers, rest = ja4(hello).split("_")
    row = _ROWS.get((ciphers, rest))
    if row is not None:
        return Guess(row.client, row.title, "fingerprint", row.version, MEASURED, row.environments)
    if ciphers in BY_CIPHERS:
        return _akin(BY_CIPHERS[ciphers], "ciphers")
    for trait in TRAITS:
        if _has(hello, trait):
            return _akin(trait.kin, "features")
    return None


def _akin(kin: Kin, basis: Basis) -> Guess:
    return Guess(
        kin.client, kin.title, basis, environments=kin.environments, published=kin.published
    )


def _has(hello: ClientHello, trait: Trait) -> bool:
    ciphers = tuple(number for number in hello.ciphers if not is_grease(number))
    return (
        trait.extensions <= set(hello.extensions)
        and trait.ciphers <= set(ciphers)
        and trait.algorithms <= set(hello.signature_algorithms)
        and ciphers[: len(trait.first)] == trait.first
        and trait.grease in (None, len(ciphers) != len(hello.ciphers))
    )
