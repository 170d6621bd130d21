"""What all clients of a fleet share, as each of them sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from OpenSSL import SSL

from appliance.uc_states import Event, Life, Moment, State
from webserver.clients.judging import Trust


@dataclass(frozen=True, slots=True)
class Place:
    """Where the box is: the address to connect to, and its WSI port with TLS."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all clients of a fleet share.

    place: where the box is now. name: what the clients call it, when not by its address.
    moment: the time now. tell: told of each event with the state before it.
    peers: whose hooks a user watches, as extensions with commas between them.
    """

    context: SSL.Context
    trust: Trust
    place: Callable[[], Place]
    name: str | None
    moment: Callable[[], Moment]
    tell: Callable[[Life, State, Event], None]
    peers: Callable[[str], str]
