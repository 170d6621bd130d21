"""Who may use an API: whoever has its token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from store.refusals import Refused

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def bearers_only(token: str, *, but: tuple[str, ...] = ()) -> Middleware:
    """A middleware that refuses (`unauthorized`) who does not send `token` (RFC 6750).

    but: beginnings of paths where none is wanted.
    """
    expected = f"Bearer {token}".encode()

    @web.middleware
    async def authorized(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not request.path.startswith(but) and not hmac.compare_digest(given, expected):
            raise Refused.because(
                "unauthorized",
                "The token is missing or wrong.",
                instead="Send Authorization: Bearer TOKEN, with the token of the ready file.",
            )
        return await handler(request)

    return authorized
