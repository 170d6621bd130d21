"""WSI, the Web Services Interface, as its clients know it: plain GETs, XML answers.

`/cgi-bin/gadgetapi?cmd=Login&gsUser=…&gsPass=…`, then `gsSession=…` with every call.
Answers follow captures of a real box; what is assumed says docs/assumptions.md. The
password is in the query because the real interface has it there: no request line is
logged anywhere.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from xml.sax.saxutils import escape

from aiohttp import web

from appliance.sessions import Session
from webserver.running import RunningBox

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
SERVER_VERSION = (
    "<LASVERSION><VERSION>4.00.721e</VERSION><BRANDING>1</BRANDING><VARIANT>MR5</VARIANT>"
    "<APPLICATION>UCSUITE</APPLICATION><PLATFORMTYPE>OCAB</PLATFORMTYPE></LASVERSION>"
)
NOT_LOGGED_IN = "<ERROR><REASON>NOT_LOGGED_IN</REASON></ERROR>"


def xml(body: str) -> web.Response:
    """A WSI answer; its errors, too, come with status 200."""
    return web.Response(text=DECLARATION + body, content_type="text/xml", charset="utf-8")


def error(reason: str) -> web.Response:
    """An error in the shape that clients look for."""
    return xml(f"<ERROR><REASON>{escape(reason)}</REASON></ERROR>")


class Wsi:
    """The commands, over one box."""

    def __init__(self, box: RunningBox) -> None:
        self._box = box
        self._commands: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = {
            "login": self._login,
            "logout": self._logout,
            "getserverparam": self._get_server_param,
        }

    async def handle(self, request: web.Request) -> web.Response:
        """Dispatch on `cmd`; the real interface is not particular about its case."""
        name = request.query.get("cmd", "")
        command = self._commands.get(name.lower())
        if command is None:
            return error(f"UNKNOWN_COMMAND {name[:40]}" if name else "NO_COMMAND")
        return await command(request)

    def _session(self, request: web.Request) -> Session | None:
        identity = request.query.get("gsSession", "")
        return self._box.sessions.find(identity, self._box.clock.now())

    async def _login(self, request: web.Request) -> web.Response:
        extension = request.query.get("gsUser", "")
        subscriber = self._box.model.subscribers.get(extension)
        expected = "" if subscriber is None else subscriber.password
        given = request.query.get("gsPass", "")
        right = hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
        if subscriber is None or not right:
            reason = "MISSING_PARAMETER" if not extension or not given else "WRONG_CREDENTIALS"
            return xml(f"<LOGIN><ID>0</ID><ERROR>{reason}</ERROR></LOGIN>")
        session = self._box.sessions.begin(extension, self._box.clock.now())
        return xml(f"<LOGIN><ID>{session.id}</ID><CNT>1</CNT>{SERVER_VERSION}</LOGIN>")

    async def _logout(self, request: web.Request) -> web.Response:
        session = self._session(request)
        if session is None:
            return xml(NOT_LOGGED_IN)
        self._box.sessions.end(session.id)
        return xml("<LOGOUT/>")

    async def _get_server_param(self, request: web.Request) -> web.Response:
        session = self._session(request)
        if session is None:
            return xml(NOT_LOGGED_IN)
        return xml(
            f"<GETSERVERPARAM><DEVICE>{escape(session.extension)}</DEVICE>"
            f"{SERVER_VERSION}</GETSERVERPARAM>"
        )


def make_wsi_app(box: RunningBox) -> web.Application:
    """WSI for both its ports; CGI paths below `gadgetapi` are the same program."""
    wsi = Wsi(box)
    app = web.Application()
    app.router.add_get("/cgi-bin/gadgetapi", wsi.handle)
    app.router.add_get("/cgi-bin/gadgetapi/{rest:.*}", wsi.handle)
    return app
