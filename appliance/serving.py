"""What an endpoint presents at this moment, as a value.

The model decides, the listener obeys: a `ServingPlan` says which certificate,
which protocol versions and which application protocols; a `Down` says that
nothing listens. Neither knows of sockets, so both can be tested without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.certificate import Certificate

TLS_VERSIONS = ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")


@dataclass(frozen=True, slots=True)
class ServingPlan:
    """A node's TLS endpoints are up and present `certificate`.

    certificate: leaf, chain as sent after it, and its private key.
    certificate_id: the inventory's name for it, for the handshake record.
    minimum_version, maximum_version: one of `TLS_VERSIONS`.
    alpn: application protocols in order of preference; empty means that the
        extension is ignored.
    """

    certificate: Certificate
    certificate_id: str
    minimum_version: str = "TLSv1.2"
    maximum_version: str = "TLSv1.3"
    alpn: tuple[str, ...] = ("http/1.1",)


@dataclass(frozen=True, slots=True)
class Down:
    """Nothing listens until `until` (aware UTC, real time), or for good when it is None."""

    until: datetime | None = None
