"""Applications that are made when the first client comes.

Most boxes of a test run are asked one thing at one endpoint; tables of routes nobody
looks at would be half the cost of making such a box.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from webserver.finishing import finishing

SHUTDOWN_SECONDS = 0.2
PROTOCOL: web.AppKey[type[web.RequestHandler]] = web.AppKey("protocol", type)
_OPTIONS: dict[str, Any] = {
    "access_log": None,
    "tcp_keepalive": False,  # the listener's sockets have it on already
    "auto_decompress": False,  # nobody compresses requests; a bad one would be a fault of ours
}


def _is_our_fault(record: logging.LogRecord) -> bool:
    """Whether to log it: what is no HTTP is answered with 400, and logged it would tell a
    password, since WSI has those in its request line. A client may go at any time."""
    theirs = HttpProcessingError | ConnectionError
    return record.exc_info is None or not isinstance(record.exc_info[1], theirs)


log = logging.getLogger("osbiz.http")
log.addFilter(_is_our_fault)


class LateServer:
    """Makes connections' protocols for an application that it makes when it has to.

    make_app: called once at most. The application must not wait in its start-up hooks; its
        connections are given what it keeps under `PROTOCOL`, else aiohttp's own.
    """

    def __init__(self, make_app: Callable[[], web.Application]) -> None:
        self._make_app = make_app
        self._protocol: type[web.RequestHandler] = web.RequestHandler
        self._runner: web.AppRunner | None = None
        self._server: web.Server | None = None
        self.app: web.Application | None = None

    def __call__(self) -> asyncio.Protocol:
        """The protocol of one more connection."""
        if self._server is None:
            self._server = self._start()
        loop = asyncio.get_running_loop()
        return self._protocol(self._server, loop=loop, logger=log, **_OPTIONS)

    def _start(self) -> web.Server:
        self.app = self._make_app()
        self._protocol = self.app.get(PROTOCOL, web.RequestHandler)
        self._runner = web.AppRunner(
            self.app, handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS
        )
        _run_through(self._runner.setup())
        server = self._runner.server
        assert server is not None
        server.request_handler = finishing(server.request_handler)
        return server

    async def close(self) -> None:
        """Give the application its end, when it had a beginning."""
        if self._runner is not None:
            await self._runner.cleanup()


def _run_through(setup: object) -> None:
    """Run a coroutine that has nothing to wait for, here and now."""
    assert asyncio.iscoroutine(setup)
    try:
        setup.send(None)
    except StopIteration:
        return
    setup.close()
    raise RuntimeError("the application waits while it starts")
