"""A listener with a small application behind it, and certificates to serve."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from appliance.serving import ServingPlan
from store.certificate import Certificate
from webserver.contexts import build_context
from webserver.finishing import finishing
from webserver.handshakes import Handshake, HandshakeLog
from webserver.listener import Listener

NOW = datetime(2024, 1, 1, 12, 0, tzinfo=UTC)
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@functools.cache
def authority(name: str = "ours") -> trustme.CA:
    return trustme.CA(organization_name=name, key_type=trustme.KeyType.RSA)


def certificate(kind: str = "valid") -> Certificate:
    """Issued by our authority: `valid`, or `expired`; the same one each time."""
    return _issue(kind)


@functools.cache
def _issue(kind: str) -> Certificate:
    past = datetime.now(UTC) - timedelta(days=1)
    issued = authority().issue_cert(
        "127.0.0.1",
        "localhost",
        common_name=kind,
        key_type=trustme.KeyType.RSA,
        not_after=past if kind == "expired" else None,
        not_before=past - timedelta(days=9) if kind == "expired" else None,
    )
    leaf, *chain = (x509.load_pem_x509_certificate(blob.bytes()) for blob in issued.cert_chain_pems)
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Certificate(leaf, tuple(chain), key)


def plan(kind: str = "valid", **settings: Any) -> ServingPlan:
    return ServingPlan(certificate(kind), f"id-{kind}", **settings)


def trusting(ca: trustme.CA | None = None, version: str | None = None) -> ssl.SSLContext:
    """A client's context that trusts `ca` (ours), at one TLS version only when asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    (ca or authority()).configure_trust(context)
    if version is not None:
        only = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}[version]
        context.minimum_version = context.maximum_version = only
    return context


def ca_file(folder: Path, ca: trustme.CA | None = None) -> str:
    path = folder / "ca.pem"
    path.write_bytes((ca or authority()).cert_pem.bytes())
    return str(path)


@dataclass
class Endpoint:
    """A running listener, its log, and the aiohttp server behind it."""

    listener: Listener
    log: HandshakeLog
    server: web.Server

    @property
    def port(self) -> int:
        return self.listener.port

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    async def only_record(self) -> Handshake:
        """The one handshake there was, once it is settled."""
        async with asyncio.timeout(5):
            while True:
                records = self.log.since(0)
                if records and records[-1].outcome != "open":
                    assert len(records) == 1
                    return records[0]
                await asyncio.sleep(0.01)

    async def empty(self) -> None:
        """Wait until every connection is gone."""
        async with asyncio.timeout(5):
            while self.listener.connections:
                await asyncio.sleep(0.01)


async def hello(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text=f"hello over {request.scheme}")


@asynccontextmanager
async def serving(
    handler: Handler = hello, *, secure: bool = True, opened: bool = True, **settings: Any
) -> AsyncIterator[Endpoint]:
    server = web.Server(finishing(handler), access_log=None)
    log = HandshakeLog(lambda: NOW)
    if secure:
        settings.setdefault("context", build_context(plan()))
        settings["handshakes"] = log
    listener = Listener("127.0.0.1", 0, server, **settings)
    if opened:
        listener.open()
    try:
        yield Endpoint(listener, log, server)
    finally:
        await listener.close()
        await server.shutdown(0.5)


async def run(*command: str, stdin: bytes = b"") -> tuple[int, str]:
    """A real client: its exit status and everything it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(20):
        output, _ = await process.communicate(stdin)
    assert process.returncode is not None
    return process.returncode, output.decode("utf-8", "replace")


async def s_client(end: Endpoint, *typed: bytes) -> bytes:
    """What `openssl s_client` prints over TLS 1.3 when somebody types all that."""
    process = await asyncio.create_subprocess_exec(
        *("openssl", "s_client", "-connect", f"127.0.0.1:{end.port}", "-tls1_3", "-crlf"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(10):
        await process.stdout.readuntil(b"---\nSSL handshake has read")
        for one in typed:
            process.stdin.write(one)
            await asyncio.sleep(0.2)
        output = await process.stdout.read()
        await process.wait()
    return output
