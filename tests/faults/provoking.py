"""A box with faults to set, its root to trust, and clients that say what they met."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from OpenSSL import SSL

import osbiz

needs_gnutls = pytest.mark.skipif(
    shutil.which("gnutls-cli") is None, reason="gnutls-cli is not here (Debian: gnutls-bin)"
)


@dataclass(frozen=True)
class Said:
    """What a client program printed, and its exit status."""

    status: int
    text: str


@dataclass
class Provoked:
    """A running box (and its Booster Server) whose faults a test sets.

    authority: what signed both what the box presents in good order and its faults.
    """

    sim: Any
    ca_file: Path
    authority: x509.Certificate

    @property
    def box(self) -> Any:
        """The box."""
        return self.sim.box

    @property
    def address(self) -> tuple[str, int]:
        """Where the portal is."""
        return address_of(self.box.portal_url)

    @contextlib.contextmanager
    def fault(self, name: str, **given: Any) -> Iterator[None]:
        """With this fault set; afterwards it is off, and all is as before."""
        self.box.set_fault(name, **given)
        try:
            yield
        finally:
            self.box.clear_faults()
            self.assert_in_order()

    def assert_in_order(self) -> None:
        """Every endpoint answers as if there had never been a fault."""
        assert self.box.faults() == {}
        active = self.box.active.leaf
        for url in (self.box.portal_url, self.box.wsi_url):
            said = self.curl(url=url)
            assert said.status == 0, said.text
            assert chain_of(address_of(url))[0] == active
        assert self.curl(url=self.box.wsi_http_url).status == 0

    # Clients

    def curl(self, *options: str, url: str | None = None, seconds: float = 5.0) -> Said:
        """curl on the portal's logon page; it prints the status of the answer."""
        where = (url or self.box.portal_url) + "/management/admin/"
        line = ["curl", "-sS", "--max-time", str(seconds), "--cacert", str(self.ca_file)]
        write = ["-o", "/dev/null", "-w", "%{http_code}"]
        return said(*line, *write, *options, where)

    def s_client(self, *options: str, host: str | None = None, seconds: float = 5.0) -> Said:
        """`openssl s_client` on the portal, verifying chain and address."""
        host = host or ":".join(map(str, self.address))
        return said(
            "openssl", "s_client", "-connect", host, "-CAfile", str(self.ca_file),
            "-verify_return_error", "-verify_ip", self.address[0], *options, seconds=seconds,
        )  # fmt: skip

    def gnutls(self, *options: str) -> Said:
        """`gnutls-cli` on the portal."""
        host, port = self.address
        line = ["gnutls-cli", "--x509cafile", str(self.ca_file), "-p", str(port)]
        return said(*line, *options, host)

    def python(self, seconds: float = 5.0) -> ssl.SSLSocket:
        """A connection of Python's, shaken and verified."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        plain = socket.create_connection(self.address, timeout=seconds)
        try:
            return context.wrap_socket(plain, server_hostname=self.address[0])
        except BaseException:
            plain.close()
            raise

    # What the box saw

    def latest(self, *, settled: bool = True) -> dict[str, Any]:
        """The latest handshake record; the box may hear of the end after the client has gone."""
        record = self.sim.handshakes.since(0)[-1]
        end = time.monotonic() + 5
        while settled and record.outcome == "open":
            assert time.monotonic() < end, "it is still open"
            time.sleep(0.005)
        found: dict[str, Any] = record.as_json()
        return found

    def hits(self, name: str) -> int:
        """How often the fault happened."""
        hits: int = self.box.faults()[name].hits
        return hits

    def wait_for_hits(self, name: str, hits: int) -> None:
        """Wait until the fault has happened so often."""
        end = time.monotonic() + 5
        while self.hits(name) < hits:
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.005)


def said(*line: str, seconds: float = 10.0) -> Said:
    """What a program says, with nothing to read."""
    done = subprocess.run(
        line, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
    )
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    return Said(done.returncode, text)


def address_of(url: str) -> tuple[str, int]:
    """Host and port."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def chain_of(address: tuple[str, int]) -> list[x509.Certificate]:
    """What is presented there, leaf first, trusting anything."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    with socket.create_connection(address, timeout=5) as plain:
        plain.settimeout(None)
        connection = SSL.Connection(context, plain)
        connection.set_connect_state()
        connection.do_handshake()
        chain = connection.get_peer_cert_chain(as_cryptography=True)
        connection.shutdown()
    assert chain
    return list(chain)


@contextlib.contextmanager
def provoked(folder: Path, **options: Any) -> Iterator[Provoked]:
    """A box with a certificate that clients accept, and no fault."""
    with osbiz.run(trusted=True, **options) as sim:
        root = sim.box.fault_root()
        file = folder / "trusted.pem"
        file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        yield Provoked(sim, file, root)
