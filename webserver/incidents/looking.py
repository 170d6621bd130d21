"""What is served, seen by a real handshake, and what each environment thinks of it.

The chain is fetched without believing anything of it; the judgement is `appliance.trust`'s,
at the time that a client's clock would say.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence
from urllib.parse import urlsplit

from cryptography import x509
from OpenSSL import SSL

from appliance.trust import ENVIRONMENTS, judge
from store.certificate import Certificate
from webserver.alerts import reasons_of
from webserver.incidents.results import NodeView, Shown
from webserver.incidents.world import Trusted, World

LIMIT_SECONDS = 5


def address_of(url: str) -> tuple[str, int]:
    """Host and port of a URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 443


def fetch_chain(host: str, port: int) -> tuple[x509.Certificate, ...]:
    """What the server presents, leaf first; OSError or SSL.Error when there is nothing."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    with socket.create_connection((host, port), timeout=LIMIT_SECONDS) as plain:
        # pyOpenSSL wants a blocking socket; the kernel keeps the time.
        plain.settimeout(None)
        limit = struct.pack("ll", LIMIT_SECONDS, 0)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        connection = SSL.Connection(context, plain)
        connection.set_connect_state()
        connection.do_handshake()
        return tuple(connection.get_peer_cert_chain(as_cryptography=True) or ())


class Looking:
    """Looks at the nodes of a world.

    environments: which are asked; None for all of them.
    """

    def __init__(self, world: World, environments: Sequence[str] | None) -> None:
        self._world = world
        self._environments = environments
        self._asked = tuple(ENVIRONMENTS if environments is None else environments)

    async def look(self, node: str, trusted: Sequence[Trusted]) -> NodeView:
        """What `node` serves, and what environments that trust `trusted` think of it."""
        host, port = address_of(self._world.url(node))
        at = self._world.client_time()
        try:
            wire = await asyncio.to_thread(fetch_chain, host, port)
        except (OSError, SSL.Error) as error:
            return NodeView(node, None, at, trouble=_words(error), asked=self._asked)
        anchors = await self._world.anchors(trusted)
        verdicts = await asyncio.to_thread(
            judge, wire, host=host, anchors=anchors, at=at, environments=self._environments
        )
        return NodeView(node, self._shown(node, wire), at, tuple(verdicts))

    def _shown(self, node: str, wire: tuple[x509.Certificate, ...]) -> Shown:
        seen = Certificate(wire[0], wire[1:])
        known = self._world.label(node, seen.key_sha256, seen.serial)
        faults = ", ".join(self._world.nodes()[node].faults())
        label = f"what the fault {faults} shows" if faults else "a certificate nobody knows"
        return Shown(*(known or (label, seen)), wire)


def _words(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nobody answers: connection refused"
    if isinstance(error, SSL.Error) and (reasons := reasons_of(error)):
        return f"no handshake: {reasons[-1]}"
    if isinstance(error, SSL.Error):
        return "no handshake: the connection ended"
    return f"no handshake: {getattr(error, 'strerror', None) or error}"
