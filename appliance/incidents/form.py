"""What an incident is: values only. How a file becomes one is for `reading`.

Times are on the box's calendar, aware UTC, in whole seconds. Names stand for certificates
and authorities within one incident; `default` is the box's latest default certificate and
`booster-default` the Booster Server's.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from appliance.incidents.places import Path
from appliance.trust import Origin

DEFAULT = "default"
BOOSTER_DEFAULT = "booster-default"
NOTHING = "nothing"  # served: nobody answers
NODES = ("system", "booster")
ALL, OTHERS = "all", "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """From when to when something is to be valid.

    not_before: None for the moment it is made. not_after: None when `validity` says it.
    """

    not_before: datetime | None = None
    not_after: datetime | None = None
    validity: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate authority.

    held_by_box: made and kept on the box; else it is somebody else's.
    issued_by: the authority above an intermediate one; None for a root.
    origin: how its root came to be trusted by the clients that trust it.
    """

    name: str
    common_name: str
    origin: Origin
    life: Life
    held_by_box: bool = False
    issued_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A certificate that is to be made.

    authority: who issues it; None for a self-signed one that the box makes.
    common_name, san: may hold `{lan_ip}` and `{booster_ip}`.
    chain: whether the intermediate certificates come with it.
    """

    name: str
    authority: str | None
    common_name: str
    san: tuple[str, ...]
    life: Life
    algorithm: str = "sha256RSA"
    chain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A certificate that is there when the incident begins, and where it is active."""

    wanted: Wanted
    active_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """People with one kind of UC client.

    trusts: names of what they have installed; None for what everybody has.
    """

    name: str
    profile: str
    count: int = 1
    trusts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How things are when the incident begins.

    booster_ip: None when there is no Booster Server.
    trusted: names of what every client trusts.
    """

    clock: datetime
    installed: datetime
    firmware: str
    lan_ip: str
    booster_ip: str | None
    trusted: tuple[str, ...] = ()


class Actor(enum.StrEnum):
    """Whose doing something is."""

    TIME = "time"
    ADMINISTRATOR = "administrator"
    NETWORK = "network"
    USERS = "users"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is done in a step; `kind` is a key of `actions.ACTIONS`."""

    kind: str
    values: Mapping[str, Any]
    place: Path = field(default=(), compare=False, repr=False)


Names = frozenset[str] | str  # or `ALL`, `OTHERS`


@dataclass(frozen=True, slots=True)
class NodeExpectation:
    """What is expected of one node; None where nothing is.

    serves: the name of the certificate. refused, warned, accepted: the environments.
    """

    node: str
    serves: str | None = None
    refused: Names | None = None
    warned: Names | None = None
    accepted: Names | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected at a step.

    cut_off, connected: names of clients.
    """

    nodes: tuple[NodeExpectation, ...] = ()
    cut_off: Names | None = None
    connected: Names | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One moment of an incident.

    number: from 1. at: when it is. jump: the calendar is set to it, not run to it.
    """

    number: int
    at: datetime
    title: str
    text: str = ""
    jump: bool = False
    actions: tuple[Action, ...] = ()
    expect: Expectation = Expectation()
    place: Path = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A whole one.

    environments: ids of those that are asked; None for all of them.
    source: the text of the file.
    """

    name: str
    title: str
    summary: str
    background: tuple[str, ...]
    prevention: tuple[str, ...]
    sources: tuple[str, ...]
    environments: tuple[str, ...] | None
    start: Start
    authorities: tuple[Authority, ...]
    certificates: tuple[Present, ...]
    clients: tuple[Client, ...]
    steps: tuple[Step, ...]
    source: str = field(default="", compare=False, repr=False)

    @property
    def looks_at_booster(self) -> bool:
        """Whether anything is expected of the Booster Server."""
        return any(one.node == "booster" for step in self.steps for one in step.expect.nodes)
