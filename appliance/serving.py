"""What an endpoint presents at this moment, as a value.

The model decides, the listener obeys: a `ServingPlan` says which certificate, which
protocol versions and which application protocols, and how a connection is conducted; a
`Down` says that nothing listens. None of them knows of sockets, so all can be tested
without one. The defaults are a server in order; `appliance.faults` changes them.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from appliance.chain import Chain
from store.certificate import Certificate

TLS_VERSIONS = ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")


class Stage(enum.StrEnum):
    """How far a connection has come, in order.

    ACCEPT: it is accepted, and nothing was read. HELLO: a whole ClientHello came, and
    nothing was sent. CERTIFICATE: our certificate was sent, and nothing after it.
    FINISHED: all but our Finished was sent. RESPONSE: a response is about to be sent.
    """

    ACCEPT = "accept"
    HELLO = "hello"
    CERTIFICATE = "certificate"
    FINISHED = "finished"
    RESPONSE = "response"


class Ending(enum.StrEnum):
    """How the server leaves a connection: CLOSE in order (FIN), RESET (RST), SILENCE not at
    all, but nothing more is said."""

    CLOSE = "close"
    RESET = "reset"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Act:
    """What is done when a connection reaches a stage.

    delay: seconds waited first.
    alert: the TLS alert that is sent then, by number; it ends the connection.
    end: how the connection is left; None goes on.
    """

    delay: float = 0.0
    alert: int | None = None
    end: Ending | None = None


NOTHING = Act()


@dataclass(frozen=True, slots=True)
class Pace:
    """Handshake bytes in pieces of `octets`, `every` so many seconds."""

    octets: int
    every: float


@dataclass(frozen=True, slots=True)
class Part:
    """Only `fraction` of the first response's body (of its head where it has none), then `end`."""

    fraction: float
    end: Ending


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Every request is answered with 503; `retry_after` is what its header says, in seconds."""

    retry_after: int


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the server conducts a connection; by default as any server does.

    listening: whether there is anybody to connect to.
    tls: whether TLS is spoken; None for what the endpoint is there for.
    acts: what is done at which stage.
    pace: how handshake bytes are sent; None for as fast as they can be.
    protocols: a client whose ALPN has none of these is sent away (RFC 7301 3.2); None never.
    part: how much of a response is sent; None for all.
    unavailable: what answers instead of the application; None for the application.
    """

    listening: bool = True
    tls: bool | None = None
    acts: Mapping[Stage, Act] = field(default_factory=dict)
    pace: Pace | None = None
    protocols: tuple[str, ...] | None = None
    part: Part | None = None
    unavailable: Unavailable | None = None

    def at(self, stage: Stage) -> Act:
        """What is done at `stage`."""
        return self.acts.get(stage, NOTHING)

    def delayed(self, stage: Stage, seconds: float) -> Conduct:
        """The same, but with a delay at `stage`."""
        return self._with(stage, replace(self.at(stage), delay=seconds))

    def ended(self, stage: Stage, end: Ending) -> Conduct:
        """The same, but it ends at `stage`."""
        return self._with(stage, replace(self.at(stage), end=end, alert=None))

    def alerted(self, stage: Stage, alert: int) -> Conduct:
        """The same, but it ends at `stage` with an alert."""
        return self._with(stage, replace(self.at(stage), end=Ending.CLOSE, alert=alert))

    def _with(self, stage: Stage, act: Act) -> Conduct:
        return replace(self, acts={**self.acts, stage: act})


@dataclass(frozen=True, slots=True)
class ServingPlan:
    """A node's TLS endpoints are up and present `certificate`.

    certificate: leaf, chain as sent after it, and its private key.
    certificate_id: the inventory's name for it, for the handshake record.
    minimum_version, maximum_version: one of `TLS_VERSIONS`.
    alpn: application protocols in order of preference; empty means that the
        extension is ignored.
    chain: made for the moment and presented instead of `certificate`; None for that.
    staple: an OCSP response (DER), for clients that ask for one; None staples nothing.
    cipher: the only suite, by OpenSSL's name; None for the usual ones.
    group: the only group for the key exchange, by its IANA name; None for the usual ones.
    client_certificate: whether a client has to show one (any will do).
    tickets: whether sessions may be resumed with tickets; their keys are the context's.
    weak: whether algorithms that TLS thinks too weak are served all the same.
    conduct: how connections are conducted.
    """

    certificate: Certificate
    certificate_id: str
    minimum_version: str = "TLSv1.2"
    maximum_version: str = "TLSv1.3"
    alpn: tuple[str, ...] = ("http/1.1",)
    chain: Chain | None = None
    staple: bytes | None = None
    cipher: str | None = None
    group: str | None = None
    client_certificate: bool = False
    tickets: bool = False
    weak: bool = False
    conduct: Conduct = Conduct()


@dataclass(frozen=True, slots=True)
class Down:
    """Nothing listens until `until` (aware UTC, real time), or for good when it is None."""

    until: datetime | None = None
