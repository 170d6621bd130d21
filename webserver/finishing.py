"""What an HTTP server has to do so that its connections know when they are busy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from webserver.transport import SocketTransport

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def finishing(handler: Handler) -> Handler:
    """`handler` for `aiohttp.web.Server`, so that its connections know when they are busy.

    With it, a connection that is to end lets the request under way finish, says
    `Connection: close` in the answer, and ends; one that is idle ends at once.
    """

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        transport = request.transport
        if not isinstance(transport, SocketTransport):
            return await handler(request)
        transport.requests += 1
        try:
            response = await handler(request)
        except web.HTTPException as raised:
            if transport.retiring:
                raised.force_close()
            raise
        finally:
            transport.requests -= 1
        if transport.retiring:
            response.force_close()
            transport.gather()
        elif not request.keep_alive:
            transport.gather()
        return response

    return handle
