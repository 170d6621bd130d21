"""One port for the control APIs of many boxes: whose token is sent, whose box is meant.

The first request of a connection decides; from then on it is an ordinary connection to the
control API of that box, which looks at the token of each request itself. Who sends no box's
token is received by the desk, which wants the token of all boxes and lists them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import TYPE_CHECKING, cast

from aiohttp import web

from store.refusals import Refused
from webserver.problems import problems_middleware
from webserver.tokens import bearers_only
from webserver.transport import SocketTransport

if TYPE_CHECKING:
    from webserver.boxes import Boxes, Place

_MOST_HEAD = 64 * 1024  # of headers; more than aiohttp reads
_BEARER = re.compile(
    rb"\r\nauthorization:[ \t]*bearer[ \t]+([\x21-\x7e]+)[ \t]*\r\n", re.IGNORECASE
)

log = logging.getLogger("osbiz")


class Caller(asyncio.Protocol):
    """A connection of which is not known yet whose box it is about."""

    def __init__(self, boxes: Boxes) -> None:
        self._boxes = boxes
        self._head = b""
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(SocketTransport, transport)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if self._task is not None or (end < 0 and len(self._head) < _MOST_HEAD):
            return
        found = _BEARER.search(self._head[: end + 2])
        place = None if found is None else self._boxes.whose(found[1].decode("ascii"))
        # Busy, for the listener: nobody closes it as idle while its box is being made.
        self._transport.requests += 1
        self._task = asyncio.ensure_future(self._pass_on(place))

    async def _pass_on(self, place: Place | None) -> None:
        simulator = None
        try:
            if place is not None:
                simulator = await place.wake()
        except Refused as refused:  # the token was right: the desk would say it is not
            log.error("the box at %s could not be made: %s", place and place.address, refused)
            self._transport.abort()
            return
        finally:
            self._transport.requests -= 1
        protocol = self._boxes.server_of(simulator)()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(self._head)


def make_desk(boxes: Boxes) -> web.Application:
    """What is said of all boxes, to whoever has the token of all."""

    async def get_boxes(_request: web.Request) -> web.Response:
        found = {"boxes": [place.as_json() for place in boxes]}
        return web.json_response(text=await asyncio.to_thread(json.dumps, found))

    app = web.Application(middlewares=[problems_middleware, bearers_only(boxes.token)])
    app.router.add_get("/v1/boxes", get_boxes)
    return app
