"""Real ACME CAs from Debian, each in a process of its own on loopback: pebble, Caddy."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

START_SECONDS = 20.0
HOST = "127.0.0.1"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port


def program(name: str) -> str:
    """Where the program is; the test is skipped, and says so, when it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian has it)")
    return found


@dataclass
class Authority:
    """A running CA.

    directory: its directory's URL. trust: PEM by which to trust its own server.
    management: URL of pebble's management interface. names: the DNS server that it asks.
    """

    directory: str
    trust: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    management: str | None = None
    names: Names | None = None

    def get(self, path: str) -> bytes:
        """A page of pebble's management interface."""
        context = ssl.create_default_context(cadata=self.trust)
        with urllib.request.urlopen(f"{self.management}{path}", context=context) as answer:
            content: bytes = answer.read()
            return content

    def root(self) -> str:
        """The root that its certificates lead to, as PEM."""
        return self.get("/roots/0").decode()

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


@contextmanager
def server_certificate(directory: Path) -> Iterator[tuple[Path, Path, str]]:
    """Certificate and key files for a CA's own server, and what to trust it by."""
    directory.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    issued = authority.issue_cert(HOST, "localhost")
    certificate, key = directory / "server.pem", directory / "server.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    yield certificate, key, authority.cert_pem.bytes().decode()


@contextmanager
def pebble(
    directory: Path,
    *,
    http_port: int,
    tls_port: int = 1,
    dns: int | None = None,
    port: int = 0,
    life: int | None = None,
    binding: dict[str, str] | None = None,
    blocked: list[str] | None = None,
    **environment: str,
) -> Iterator[Authority]:
    """Debian's pebble, strict, without random sleeps unless told otherwise.

    http_port, tls_port: where it validates. dns: the UDP port of the DNS server it asks.
    life: seconds that its certificates are valid. environment: `PEBBLE_…`, lower case allowed.
    """
    command = program("pebble")
    directory.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    management = free_port()
    with server_certificate(directory) as (certificate, key, trust):
        settings: dict[str, Any] = {
            "listenAddress": f"{HOST}:{port}",
            "managementListenAddress": f"{HOST}:{management}",
            "certificate": str(certificate),
            "privateKey": str(key),
            "httpPort": http_port,
            "tlsPort": tls_port,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": binding is not None,
            "externalAccountMACKeys": binding or {},
            "domainBlocklist": blocked or [],
        }
        if life is not None:
            settings["certificateValidityPeriod"] = life
        file = directory / "pebble.json"
        file.write_text(json.dumps({"pebble": settings}))
        line = [command, "-config", str(file), "-strict"]
        if dns is not None:
            line += ["-dnsserver", f"{HOST}:{dns}"]
        defaults = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "5"}
        chosen = {**defaults, **environment}
        if "PEBBLE_VA_SLEEPTIME" in chosen:
            del chosen["PEBBLE_VA_NOSLEEP"]
        log = directory / "pebble.log"
        with running(line, log, environment=chosen, ports=(port, management)) as process:
            yield Authority(
                f"https://{HOST}:{port}/dir",
                trust,
                port,
                process,
                log,
                f"https://{HOST}:{management}",
            )


@dataclass
class Names:
    """A running pebble-challtestsrv: a DNS server for tests, and how to set its records."""

    dns: int
    management: str

    def ask(self, what: str, **body: Any) -> None:
        """Call its management interface."""
        request = urllib.request.Request(
            f"{self.management}/{what}", method="POST", data=json.dumps(body).encode()
        )
        urllib.request.urlopen(request).close()


@contextmanager
def challtestsrv(directory: Path, *, address: str) -> Iterator[Names]:
    """Debian's pebble-challtestsrv, which says that every name is at `address`."""
    command = program("pebble-challtestsrv")
    dns, management = free_port(socket.SOCK_DGRAM), free_port()
    line = [command, "-dns01", f"{HOST}:{dns}", "-management", f"{HOST}:{management}"]
    line += ["-defaultIPv4", address, "-defaultIPv6", ""]
    line += ["-http01", "", "-https01", "", "-tlsalpn01", ""]
    with running(line, directory / "challtestsrv.log", ports=(management,)):
        yield Names(dns, f"http://{HOST}:{management}")


@contextmanager
def running(
    line: list[str], log: Path, *, ports: tuple[int, ...], environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program until the block ends; ready when something answers at each of `ports`."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            line, stdout=output, stderr=output, env=os.environ | (environment or {})
        )
    try:
        end = time.monotonic() + START_SECONDS
        while not all(map(_answers, ports)):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.02)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(10)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True
