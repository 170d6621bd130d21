"""What a fault is: a small frozen value that turns one plan into another.

A fault knows neither sockets nor certificates: it changes the plan, and whoever serves
the plan obeys. Several are applied one after the other, in the order in which they were
set; where two decide the same thing, the later one does.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import ClassVar

from appliance.chain import Chain
from appliance.faults.noticed import NOTICED
from appliance.serving import Conduct, ServingPlan


class Group(enum.StrEnum):
    """Where in a connection a fault is."""

    PRESENTED = "presented"
    HANDSHAKE = "handshake"
    CONNECTION = "connection"


class Ports(enum.StrEnum):
    """To which kind of endpoint a fault can happen."""

    TLS = "tls"
    PLAIN = "plain"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Occasion:
    """One connection that was just accepted.

    endpoint: `portal`, `wsi`, `wsi_http`, or `http`.
    secure: whether it is there for TLS.
    open: how many other connections the endpoint has open.
    restarting: whether the node is away for a restart.
    """

    endpoint: str
    secure: bool = True
    open: int = 0
    restarting: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong on purpose.

    The first sentence of a fault's docstring says what it is for.

    name: as people write it.
    counted: whether it happens to one connection at a time, so that it can be counted
        and limited.
    """

    name: ClassVar[str] = ""
    group: ClassVar[Group]
    ports: ClassVar[Ports] = Ports.TLS
    counted: ClassVar[bool] = True

    def change(self, plan: ServingPlan) -> ServingPlan:
        """`plan` with this fault."""
        raise NotImplementedError

    def concerns(self, occasion: Occasion) -> bool:
        """Whether it can happen to this connection."""
        return not occasion.restarting and self.suits(secure=occasion.secure)

    @classmethod
    def suits(cls, *, secure: bool) -> bool:
        """Whether it can happen at an endpoint with TLS (or without)."""
        return cls.ports is Ports.ALL or (cls.ports is Ports.TLS) == secure

    @classmethod
    def noticed_by(cls) -> tuple[str, ...]:
        """The environments that were seen not to get what they asked for, by their ids.

        Measured with the fault's defaults; those that aren't here don't mind, or weren't tried.
        """
        return NOTICED.get(cls.name, ())

    @classmethod
    def about(cls) -> str:
        """What it is for: the first sentence of its docstring."""
        return " ".join((cls.__doc__ or "").split("\n\n", 1)[0].split())


class Presented(Fault):
    """Another certificate is presented: a chain, made for the moment, under the root of the
    simulator's faults."""

    __slots__ = ()
    group: ClassVar[Group] = Group.PRESENTED

    def change(self, plan: ServingPlan) -> ServingPlan:
        """`plan` with the chain that `spoil` makes of the one so far."""
        chain = self.spoil(Chain() if plan.chain is None else plan.chain)
        return replace(plan, chain=chain)

    def spoil(self, chain: Chain) -> Chain:
        """`chain` with one thing wrong."""
        raise NotImplementedError


class Conducted(Fault):
    """The connection is conducted otherwise."""

    __slots__ = ()

    def change(self, plan: ServingPlan) -> ServingPlan:
        """`plan` with what `conduct` makes of its conduct."""
        return replace(plan, conduct=self.conduct(plan.conduct))

    def conduct(self, conduct: Conduct) -> Conduct:
        """`conduct` with this fault."""
        raise NotImplementedError
