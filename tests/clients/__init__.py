"""Real clients, and what a server shows them."""

from __future__ import annotations

import socket
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from OpenSSL import SSL

from store.certificate import Certificate, common_name, iso_time


@dataclass(frozen=True)
class Served:
    """What a TLS endpoint presents."""

    fingerprint: str
    common_name: str | None
    not_before: str
    not_after: str
    chain: tuple[str, ...]
    public_key: int


def address_of(url: str) -> tuple[str, int]:
    """Host and port of `https://HOST:PORT`."""
    host, _, port = url.partition("://")[2].partition(":")
    return host, int(port)


def served(url: str) -> Served:
    """Shake hands with the endpoint at `url`, trusting anything, and say what it showed."""
    with socket.create_connection(address_of(url), timeout=10) as plain:
        connection = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), plain)
        plain.settimeout(None)  # pyOpenSSL needs a blocking socket; the kernel keeps the time
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 10, 0))
        connection.set_connect_state()
        connection.do_handshake()
        chain = connection.get_peer_cert_chain(as_cryptography=True)
        connection.shutdown()
    assert chain
    leaf = Certificate(chain[0])
    key = chain[0].public_key().public_numbers()  # type: ignore[union-attr]
    return Served(
        fingerprint=leaf.fingerprint("sha256"),
        common_name=common_name(leaf.leaf.subject),
        not_before=iso_time(leaf.not_before),
        not_after=iso_time(leaf.not_after),
        chain=tuple(Certificate(part).fingerprint("sha256") for part in chain),
        public_key=key.n,  # type: ignore[union-attr]
    )


def refuses(url: str) -> bool:
    """Whether nobody listens at `url`: a connection is refused."""
    try:
        socket.create_connection(address_of(url), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def curl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The real curl, silent but for errors."""
    line = ["curl", "-sS", "--max-time", "20", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=30)


def s_client(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real `openssl s_client`."""
    line = ["openssl", "s_client", "-connect", url.partition("://")[2], *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=30, input="")
