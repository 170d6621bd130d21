"""What the box shows a CA that comes to validate a name: answers by token, certificates by name.

Empty but while an order is under way. Knows no CA and no order: whoever orders puts answers in
and takes them out; the HTTP port and the TLS listeners look here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from webserver.hello import ClientHello

if TYPE_CHECKING:
    from collections.abc import Callable

    from OpenSSL import SSL

WELL_KNOWN = "/.well-known/acme-challenge/"  # RFC 8555 8.3
ACME_PROTOCOL = "acme-tls/1"  # RFC 8737 6.2


class Challenges:
    """Answers for the moment.

    http: key authorizations by token. tls: contexts by the server name that a CA gives.
    asked: how often somebody came for the answer of a token or name.
    """

    def __init__(self) -> None:
        self.http: dict[str, str] = {}
        self.tls: dict[str, SSL.Context] = {}
        self.asked: dict[str, int] = {}

    def authorization(self, token: str) -> str | None:
        """The key authorization for `token`, and a note that somebody wanted it."""
        found = self.http.get(token)
        if found is not None:
            self.asked[token] = self.asked.get(token, 0) + 1
        return found

    def context(self, hello: ClientHello) -> SSL.Context | None:
        """What to present to a CA's `acme-tls/1` handshake; None for everybody else's."""
        if hello.alpn != (ACME_PROTOCOL,) or hello.server_name is None:
            return None
        name = hello.server_name.lower()
        if name in self.tls:
            self.asked[name] = self.asked.get(name, 0) + 1
        return self.tls.get(name)


def make_http_app(challenges: Challenges, portal_url: Callable[[], str]) -> web.Application:
    """The box's plain HTTP port: answers CAs, and sends everybody else to the Admin Portal."""

    async def answer(request: web.Request) -> web.Response:
        found = challenges.authorization(request.match_info["token"])
        if found is None:
            raise web.HTTPNotFound(text="No such challenge.\n")
        return web.Response(
            text=found,
            content_type="application/octet-stream",
            headers={"Cache-Control": "no-store"},
        )

    async def elsewhere(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": portal_url() + "/"})

    app = web.Application(client_max_size=1 << 16)
    app.router.add_get(WELL_KNOWN + "{token}", answer)
    app.router.add_route("*", "/{rest:.*}", elsewhere)
    return app
