"""The entrance: all of the portal that is there before somebody comes.

Pages, templates and sessions are loaded when the first page is asked for, in a thread:
a box that nobody looks at starts without them (22 ms, measured). What needs no page is
answered here. Knows no page.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

if TYPE_CHECKING:
    from webserver.booster import RunningBooster
    from webserver.running import RunningBox

MAX_BODY = 1 << 20
# The pages for subscribers: the first is on the portal's port, the others on WSI's.
KEYS = "/keys"
MY_PORTAL = "/myportaltogo"
LAUNCHER = "/applicationlauncher"
STATIC = "/management/static"
NO_FRAMES = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'self'; img-src 'self'; {NO_FRAMES}"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: browsers would send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_HOST = re.compile(r"([A-Za-z0-9.-]{1,253})(?::[0-9]{1,5})?")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages(Protocol):
    """What is behind the entrance."""

    def answer(self, request: web.Request, /) -> Awaitable[web.StreamResponse]:
        """The page for a request, whatever it asks for."""

    def end_sessions(self) -> int:
        """Log everybody off; how many there were."""


class Portal:
    """The way to pages that are loaded when they are first needed.

    load: imports and makes them; called once, in a thread.
    """

    def __init__(self, load: Callable[[], Pages]) -> None:
        self._load = load
        self._loading = asyncio.Lock()
        self._pages: Pages | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The answer to a request for a page."""
        if self._pages is None:
            async with self._loading:
                if self._pages is None:
                    self._pages = await asyncio.to_thread(self._load)
        return await self._pages.answer(request)

    def end_sessions(self) -> int:
        """Log every administrator off, as a restart does; how many there were."""
        return 0 if self._pages is None else self._pages.end_sessions()


PORTAL = web.AppKey("PORTAL", Portal)


def host_of(request: web.Request, box: RunningBox) -> str:
    """The host as the browser calls it, without a port; the box's own where that is no name."""
    found = _HOST.fullmatch(request.host)
    return box.station.host if found is None else found[1]


def make_services(box: Callable[[], RunningBox]) -> Portal:
    """The pages for subscribers, which portal and WSI share; `box` gives it when one comes."""

    def load() -> Pages:
        from webserver.portal.subscriber_pages import SubscriberPages

        return SubscriberPages(box())

    return Portal(load)


def make_portal_app(box: RunningBox, services: Portal) -> web.Application:
    """The Admin Portal of `box`, for the root of its listener; `app[PORTAL]` is its `Portal`."""

    def load() -> Pages:
        from webserver.portal.admin import AdminPages

        return AdminPages(box)

    app = _application()
    for path in (KEYS, KEYS + "/{path:.*}"):
        app.router.add_route("*", path, services.answer)
    return _with_pages(app, Portal(load))


def make_service_app(box: RunningBox, services: Portal) -> web.Application:
    """Subscribers' pages, to be mounted where they are beside something else.

    Without TLS they only lead to where they are with it: nobody is to log on in clear.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.secure:
            return await services.answer(request)
        port = box.station.listeners["wsi"].port
        raise web.HTTPFound(f"https://{host_of(request, box)}:{port}{request.path}")

    app = _application()
    for path in ("", "/{path:.*}"):
        app.router.add_route("*", path, answer)
    return app


def make_booster_pages(booster: RunningBooster) -> web.Application:
    """The root of the Booster Server's listener; what is below a subapp answers for itself."""

    def load() -> Pages:
        from webserver.portal.booster_page import BoosterPages

        return BoosterPages(booster)

    return _with_pages(_application(), Portal(load))


def _application() -> web.Application:
    app = web.Application(client_max_size=MAX_BODY)
    app.on_response_prepare.append(_add_headers)
    return app


def _with_pages(app: web.Application, portal: Portal) -> web.Application:
    app[PORTAL] = portal
    app.router.add_get("/robots.txt", _robots)
    app.router.add_route("*", "/{path:.*}", portal.answer)
    return app


async def _robots(_request: web.Request) -> web.Response:
    return web.Response(body=b"User-agent: *\nDisallow: /\n", headers=_PLAIN)


_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
