"""tls-alpn-01 at the box's TLS ports: the CA alone sees the special certificate."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from cryptography import x509
from OpenSSL import SSL

import osbiz
from appliance.acme.signing import ACME_IDENTIFIER
from appliance.acme.wire import Identifier
from tests.acme.conftest import NAME
from tests.clients import address_of
from webserver.acme_solvers import Proof, TlsSolver


@dataclass
class Seen:
    """What a handshake showed."""

    certificate: x509.Certificate
    protocol: bytes

    @property
    def special(self) -> bool:
        """Whether it is the answer to a challenge."""
        oids = {extension.oid for extension in self.certificate.extensions}
        return ACME_IDENTIFIER in oids


def shake(url: str, *, name: str | None, alpn: list[bytes], piece: int | None = None) -> Seen:
    """A handshake on memory; `piece` is the size in which the first flight goes out."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_alpn_protos(alpn)
    connection = SSL.Connection(context, None)
    if name is not None:
        connection.set_tlsext_host_name(name.encode())
    connection.set_connect_state()
    with socket.create_connection(address_of(url), timeout=10) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                connection.do_handshake()
                break
            except SSL.WantReadError:
                flight = connection.bio_read(16_384)
                for at in range(0, len(flight), piece or len(flight)):
                    plain.sendall(flight[at : at + (piece or len(flight))])
                piece = None
                while True:
                    received = plain.recv(16_384)
                    assert received, "the box hung up"
                    connection.bio_write(received)
                    break
    certificate = connection.get_peer_certificate(as_cryptography=True)
    assert certificate is not None
    return Seen(certificate, connection.get_alpn_proto_negotiated())


@pytest.fixture
async def url(sim: osbiz.Simulator) -> AsyncIterator[str]:
    """The portal of a box that has an answer ready for one name and one address."""
    solver = TlsSolver(sim.box)
    for kind, value in (("dns", NAME), ("ip", "127.0.0.41")):
        await solver.show(Proof(Identifier(kind, value), "token", "token.thumbprint"))
    yield sim.box.portal_url
    await solver.clear()


@pytest.mark.parametrize("piece", [None, 3, 100])
@pytest.mark.parametrize("name", [NAME, NAME.upper(), "41.0.0.127.in-addr.arpa"])
async def test_a_ca_sees_the_answer_in_however_many_pieces_its_hello_comes(
    url: str, name: str, piece: int | None
) -> None:
    seen = await asyncio.to_thread(shake, url, name=name, alpn=[b"acme-tls/1"], piece=piece)
    assert seen.special
    assert seen.protocol == b"acme-tls/1"


@pytest.mark.parametrize(
    ("name", "alpn"),
    [
        (NAME, [b"http/1.1"]),
        (NAME, [b"acme-tls/1", b"http/1.1"]),
        ("other.example", [b"acme-tls/1"]),
        (None, [b"acme-tls/1"]),
    ],
)
async def test_everybody_else_sees_what_everybody_sees(
    url: str, name: str | None, alpn: list[bytes]
) -> None:
    seen = await asyncio.to_thread(shake, url, name=name, alpn=alpn, piece=50)
    assert not seen.special
    assert seen.protocol in (b"", b"http/1.1")


async def test_what_is_no_tls_is_told_apart_while_a_ca_is_awaited(
    sim: osbiz.Simulator, url: str
) -> None:
    def knock() -> bytes:
        with socket.create_connection(address_of(url), timeout=10) as plain:
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return plain.recv(100)

    assert not (await asyncio.to_thread(knock)).startswith(b"HTTP/1.0 200")
    port = sim.box.station.listeners["portal"]
    assert port.connections <= 1


async def test_the_connection_of_a_ca_is_on_record_as_such(sim: osbiz.Simulator, url: str) -> None:
    await asyncio.to_thread(shake, url, name=NAME, alpn=[b"acme-tls/1"])
    (record,) = [one for one in sim.box.station.handshakes.since(0) if one.shown is not None]
    assert record.shown.as_json()["certificate"] == "acme-challenge"
