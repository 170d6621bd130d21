"""A box in somebody's test: where it is, how to trust it, and what it saw of the client.

Owns no box and no pytest: it is a view of a running simulator. The libraries that it makes
clients for are imported when they are asked for.
"""

from __future__ import annotations

import asyncio
import inspect
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from appliance.trusting import anchor_of
from store.refusals import Refused
from webserver.trust_cli import TRUST_VARIABLES

if TYPE_CHECKING:
    from webserver.simulator import Simulator


class Kit:
    """A running box for tests; everything that `RunningBox` has, and ways to trust it.

    Coroutine methods of the box block until they are done; in an `AsyncKit` they are awaited.

    simulator, loop: what runs, and the event loop that it runs on, in another thread.
    folder: where files for clients are written.
    """

    def __init__(
        self, simulator: Simulator, loop: asyncio.AbstractEventLoop, folder: Callable[[], Path]
    ) -> None:
        self._simulator = simulator
        self._loop = loop
        self._folder = folder
        self._files = 0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._simulator.box, name)
        if not inspect.iscoroutinefunction(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._run(value(*args, **kwargs))

        return call

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @property
    def simulator(self) -> Simulator:
        """The simulator whose box this is."""
        return self._simulator

    # Where it is

    @property
    def url(self) -> str:
        """The Admin Portal's URL, without a slash at its end."""
        return self._simulator.box.portal_url

    @property
    def host(self) -> str:
        """The address it listens at."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The portal's port."""
        return urlsplit(self.url).port or 443

    # How to trust it

    @property
    def ca_pem(self) -> str:
        """What a client has to trust now, as PEM; it changes when the certificate does.

        Refused when the active certificate was imported without its root.
        """
        anchor = anchor_of(self._simulator.box.model)
        if anchor is None:
            raise Refused.because(
                "anchor-elsewhere",
                "Who signed the active certificate is not in the box.",
                field="certificate",
                instead="Trust the authority that issued it.",
            )
        return anchor.pem

    @property
    def ca_file(self) -> str:
        """The path of a new file with `ca_pem`."""
        self._files += 1
        path = self._folder() / f"ca-{self.port}-{self._files}.pem"
        path.write_text(self.ca_pem)
        return str(path)

    def environment(self) -> dict[str, str]:
        """Environment variables with which curl, Node, Deno, Go, requests… trust the box alone."""
        return dict.fromkeys(TRUST_VARIABLES, self.ca_file)

    def ssl_context(self) -> ssl.SSLContext:
        """A client's context that trusts the box alone; for `ssl`, httpx, aiohttp, urllib3."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.ca_pem)
        return context

    def requests_session(self) -> Any:
        """A `requests.Session` that trusts the box alone."""
        import requests

        session = requests.Session()
        session.verify = self.ca_file
        session.trust_env = False  # REQUESTS_CA_BUNDLE would win over `verify`
        return session

    def httpx_client(self, **options: Any) -> Any:
        """An `httpx.Client` for the box, trusting it alone."""
        import httpx

        return httpx.Client(base_url=self.url, verify=self.ssl_context(), **options)

    def httpx_async_client(self, **options: Any) -> Any:
        """An `httpx.AsyncClient` for the box, trusting it alone."""
        import httpx

        return httpx.AsyncClient(base_url=self.url, verify=self.ssl_context(), **options)

    def aiohttp_session(self, **options: Any) -> Any:
        """An `aiohttp.ClientSession` for the box, trusting it alone; inside a running loop."""
        import aiohttp

        connector = aiohttp.TCPConnector(ssl=self.ssl_context())
        return aiohttp.ClientSession(self.url, connector=connector, **options)

    def urllib3_pool(self, **options: Any) -> Any:
        """A `urllib3.PoolManager` that trusts the box alone."""
        import urllib3

        return urllib3.PoolManager(ssl_context=self.ssl_context(), **options)

    # What it saw

    def handshakes(self) -> list[dict[str, Any]]:
        """Every TLS connection so far, as in `GET /v1/handshakes`, oldest first."""
        return [record.as_json() for record in self._simulator.handshakes.since(0)]


class AsyncKit(Kit):
    """A `Kit` whose box's coroutine methods are awaited, on any event loop."""

    def _run(self, work: Any) -> Any:
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
