"""A server in front of pebble, which lacks what it adds: renewal information and rate limits.

Everything else goes through to the real pebble, under this server's name.
"""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.acme.authorities import HOST, Authority, free_port, server_certificate


@dataclass
class Front:
    """What it adds, and what it saw.

    limited: answer new orders with 429 and this Retry-After.
    window: the renewal information of every certificate; None for not found.
    asked: certificates that were asked about. replaced: what new orders said they replace.
    """

    directory: str = ""
    trust: str = ""
    limited: int | None = None
    window: dict[str, str] | None = None
    asked: list[str] = field(default_factory=list)
    replaced: list[str | None] = field(default_factory=list)


@asynccontextmanager
async def front_of(authority: Authority, directory: Path) -> AsyncIterator[Front]:
    """A front of `authority` until the block ends."""
    front, port = Front(trust=authority.trust), free_port()
    front.directory = f"https://{HOST}:{port}/dir"
    context = ssl.create_default_context(cadata=authority.trust)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", _handler(front, authority, session, port))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with server_certificate(directory / "front") as (certificate, key, trust):
            server.load_cert_chain(certificate, key)
            front.trust = trust
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, HOST, port, ssl_context=server).start()
        try:
            yield front
        finally:
            await runner.cleanup()


def _handler(front: Front, authority: Authority, session: aiohttp.ClientSession, port: int) -> Any:
    behind = authority.directory.removesuffix("/dir")

    async def handle(request: web.Request) -> web.Response:
        path, content = request.match_info["path"], await request.read()
        if path.startswith("renewal-info/"):
            front.asked.append(path.partition("/")[2])
            if front.window is None:
                raise web.HTTPNotFound
            return web.json_response(
                {"suggestedWindow": front.window, "explanationURL": "https://ca.example/why"},
                headers={"Retry-After": "21600"},
            )
        if path == "order-plz":
            payload = _payload(content)
            front.replaced.append(payload.get("replaces"))
            if front.limited is not None:
                problem = {
                    "type": "urn:ietf:params:acme:error:rateLimited",
                    "detail": "too many certificates for osbiz.example this week",
                }
                headers = {"Retry-After": str(front.limited), "Replay-Nonce": "spent"}
                return web.json_response(problem, status=429, headers=headers)
        headers = {"Host": f"{HOST}:{port}", **_copied(request.headers, "Content-Type", "Accept")}
        url = f"{behind}/{path}"
        async with session.request(
            request.method, url, data=content, headers=headers, allow_redirects=False
        ) as answer:
            body = await answer.read()
            if path == "dir":
                members = json.loads(body)
                members["renewalInfo"] = f"https://{HOST}:{port}/renewal-info"
                body = json.dumps(members).encode()
            copied = _copied(answer.headers, "Content-Type", "Replay-Nonce", "Location", "Link")
            return web.Response(body=body, status=answer.status, headers=copied)

    return handle


def _payload(content: bytes) -> dict[str, Any]:
    text = json.loads(content)["payload"]
    members: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return members


def _copied(headers: Any, *names: str) -> dict[str, str]:
    return {name: headers[name] for name in names if name in headers}
