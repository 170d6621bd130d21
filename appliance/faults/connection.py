"""Faults below and above the handshake: ports, connections, responses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from appliance.faults.base import Conducted, Group, Occasion, Ports
from appliance.faults.parameters import number, word
from appliance.serving import Conduct, Ending, Part, Stage, Unavailable

_RESTARTING, _ALWAYS = "restarting", "always"


class _Connection(Conducted):
    __slots__ = ()
    group: ClassVar[Group] = Group.CONNECTION
    ports: ClassVar[Ports] = Ports.ALL


@dataclass(frozen=True, slots=True)
class PortClosed(_Connection):
    """Nobody listens, as while a service is down; shows what a client says of a refused
    connection, and when it tries again."""

    name = "port-closed"
    counted: ClassVar[bool] = False

    def conduct(self, conduct: Conduct) -> Conduct:
        return replace(conduct, listening=False)

    def concerns(self, occasion: Occasion) -> bool:
        del occasion  # the system refuses it: there is none
        return False


@dataclass(frozen=True, slots=True)
class Silent(_Connection):
    """A connection is accepted, and then nothing comes, as from a hung process; finds clients
    without a time limit."""

    name = "silent"

    def conduct(self, conduct: Conduct) -> Conduct:
        return conduct.ended(Stage.ACCEPT, Ending.SILENCE)


@dataclass(frozen=True, slots=True)
class PlainHttp(_Connection):
    """Plain HTTP is spoken on the TLS port, as after a slip in a configuration; shows whether a
    client says so, or falls back to plain text."""

    name = "plain-http"
    ports: ClassVar[Ports] = Ports.TLS

    def conduct(self, conduct: Conduct) -> Conduct:
        return replace(conduct, tls=False)


@dataclass(frozen=True, slots=True)
class TlsOnPlain(_Connection):
    """TLS is spoken on the plain port, as after a slip in a configuration; shows what a client
    makes of an answer that is no HTTP."""

    name = "tls-on-plain"
    ports: ClassVar[Ports] = Ports.PLAIN

    def conduct(self, conduct: Conduct) -> Conduct:
        return replace(conduct, tls=True)


@dataclass(frozen=True, slots=True)
class ResetResponse(_Connection):
    """The connection is reset in the middle of a response; finds clients that take a part for
    the whole, or that repeat what must not be repeated."""

    name = "reset-response"
    fraction: float = number(0.5, "part of it that is sent", minimum=0.0, maximum=0.99)

    def conduct(self, conduct: Conduct) -> Conduct:
        return replace(conduct, part=Part(self.fraction, Ending.RESET))


@dataclass(frozen=True, slots=True)
class HalfResponse(_Connection):
    """A response ends in the middle, and the connection is closed in good order; finds clients
    that do not compare what came with its announced length."""

    name = "half-response"
    fraction: float = number(0.5, "part of it that is sent", minimum=0.0, maximum=0.99)

    def conduct(self, conduct: Conduct) -> Conduct:
        return replace(conduct, part=Part(self.fraction, Ending.CLOSE))


@dataclass(frozen=True, slots=True)
class ServiceUnavailable(_Connection):
    """While the node restarts its ports stay open and answer 503, as behind a proxy; shows
    whether a client waits and tries again, and heeds Retry-After."""

    name = "unavailable"
    when: str = word(_RESTARTING, "only while the node restarts, or always", _RESTARTING, _ALWAYS)
    retry_after: int = number(5, "seconds in Retry-After", minimum=0, maximum=86_400)

    def conduct(self, conduct: Conduct) -> Conduct:
        return replace(conduct, unavailable=Unavailable(self.retry_after))

    def concerns(self, occasion: Occasion) -> bool:
        return occasion.restarting or self.when == _ALWAYS


@dataclass(frozen=True, slots=True)
class ConnectionLimit(_Connection):
    """There are as many connections as the server will have, and every further one is turned
    away; shows whether a client backs off or makes it worse."""

    name = "connection-limit"
    limit: int = number(0, "connections that an endpoint will have", minimum=0, maximum=10_000)
    then: str = word("close", "what a further one meets", *Ending)

    def conduct(self, conduct: Conduct) -> Conduct:
        return conduct.ended(Stage.ACCEPT, Ending(self.then))

    def concerns(self, occasion: Occasion) -> bool:
        return not occasion.restarting and occasion.open >= self.limit


ALL = (
    PortClosed,
    Silent,
    PlainHttp,
    TlsOnPlain,
    ResetResponse,
    HalfResponse,
    ServiceUnavailable,
    ConnectionLimit,
)
