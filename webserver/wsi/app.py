"""WSI as an application: who is asked for what, for both its ports.

The password is in the query because the real interface has it there: no request line is
logged anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from appliance.routing import TRUNK_PREFIX
from appliance.sessions import Ending, Session
from appliance.telephony import recognise
from store.refusals import Refused
from webserver.late import PROTOCOL
from webserver.portal.entrance import LAUNCHER, MY_PORTAL, STATIC, Portal, make_service_app
from webserver.running import RunningBox
from webserver.transport import SocketTransport
from webserver.wsi.answers import (
    DECLARATION,
    NOT_LOGGED_IN,
    Errors,
    element,
    events_json,
    leaf,
    reason,
    refusal,
)
from webserver.wsi.call_commands import CALL_COMMANDS
from webserver.wsi.command import Asked, Command
from webserver.wsi.directory_commands import DIRECTORY_COMMANDS
from webserver.wsi.event_commands import EVENT_COMMANDS
from webserver.wsi.parameters import Wrong
from webserver.wsi.polls import HOLD_SECONDS, Polls
from webserver.wsi.presence_commands import PRESENCE_COMMANDS
from webserver.wsi.protocol import WsiProtocol
from webserver.wsi.telephone_commands import TELEPHONE_COMMANDS

PATH = "/cgi-bin/gadgetapi"
SERVER_VERSION = (
    "<LASVERSION><VERSION>4.00.721e</VERSION><BRANDING>1</BRANDING><VARIANT>MR5</VARIANT>"
    "<APPLICATION>UCSUITE</APPLICATION><PLATFORMTYPE>OCAB</PLATFORMTYPE></LASVERSION>"
)


# What clients have to dial before a number to get out of the box, the area and the country.
_PREFIXES = (("LINE", TRUNK_PREFIX), ("NATIONAL", "0"), ("INTERNATIONAL", "00"))


def _get_server_param(asked: Asked) -> str:
    return element(
        "GETSERVERPARAM",
        leaf("DEVICE", asked.session.extension),
        SERVER_VERSION,
        element("PREFIX", *(leaf(name, digits) for name, digits in _PREFIXES)),
    )


COMMANDS = (
    Command(
        "GetServerParam",
        _get_server_param,
        "What the session is for, the version of the server, and the dialling prefixes.",
        answer="GETSERVERPARAM",
    ),
    *EVENT_COMMANDS,
    *CALL_COMMANDS,
    *TELEPHONE_COMMANDS,
    *PRESENCE_COMMANDS,
    *DIRECTORY_COMMANDS,
)
BY_NAME = {
    name.lower(): command for command in COMMANDS for name in (command.name, *command.aliases)
}


def xml(body: str, *, status: int = 200) -> web.Response:
    """A WSI answer; its errors, too, come with status 200."""
    return web.Response(
        text=DECLARATION + body, content_type="text/xml", charset="utf-8", status=status
    )


class Wsi:
    """The commands, over one box."""

    def __init__(self, box: RunningBox, *, hold: float = HOLD_SECONDS) -> None:
        self._box = box
        self.polls = Polls(hold)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Dispatch on `cmd`, or on the path behind the program; case does not count."""
        given: dict[str, str] = {}
        for key, value in request.query.items():
            given.setdefault(key.lower(), value)
        name = request.match_info.get("name") or given.get("cmd", "")
        if name.lower() == "getevents":
            session = self._session(given)
            given.clear()  # a held poll keeps nothing that it can do without
            return await self._get_events(request, session)
        return xml(self._answer(name, given))

    def _session(self, given: Mapping[str, str]) -> Session | None:
        return self._box.sessions.find(given.get("gssession", ""), self._box.clock.now())

    def _answer(self, name: str, given: Mapping[str, str]) -> str:
        lower = name.lower()
        if lower == "login":
            return self._login(given)
        command = BY_NAME.get(lower)
        if command is None and lower != "logout":
            return reason(f"UNKNOWN_COMMAND {name[:40]}" if name else "NO_COMMAND")
        session = self._session(given)
        if session is None:
            return reason(NOT_LOGGED_IN)
        if command is None:
            self._box.sessions.end(session.id)
            return element("LOGOUT")
        try:
            values = {one.name: one.read(given) for one in command.parameters}
            return command.run(Asked(self._box, session, values))
        except Wrong as wrong:
            return refusal(command.errors, command.name, wrong.code, wrong.name)
        except Refused as refused:
            return refusal(command.errors, command.name, refused.code)

    def _login(self, given: Mapping[str, str]) -> str:
        extension, password = given.get("gsuser", ""), given.get("gspass", "")
        if not extension or not password:
            return refusal(Errors.LOGIN, "Login", "missing-parameter")
        if recognise(self._box.model.subscribers, extension, password) is None:
            return refusal(Errors.LOGIN, "Login", "wrong-credentials")
        session = self._box.sessions.begin(extension, self._box.clock.now())
        return element("LOGIN", leaf("ID", session.id), leaf("CNT", 1), SERVER_VERSION)

    async def _get_events(self, request: web.Request, session: Session | None) -> web.Response:
        """Events as soon as there are any; nothing else held is kept while it waits."""
        if session is None:
            return xml(reason(NOT_LOGGED_IN))
        if not session.waiting:
            transport = request.transport
            if isinstance(transport, SocketTransport) and not transport.doze():
                self._box.let_doze()
            how = await self.polls.wait(session)
            session.seen = self._box.clock.now()
            if how is Ending.LOGOUT:
                return web.Response(content_type="text/xml", charset="utf-8")
            if how is Ending.TAKEN:
                return xml(reason(NOT_LOGGED_IN))
            if how is Ending.RESTART and transport is not None:
                transport.abort()
            if how is Ending.RESTART or transport is None or transport.is_closing():
                return web.Response()  # nobody is there to read it, nor to be given events
        return web.Response(
            text=events_json(session.take()), content_type="application/json", charset="utf-8"
        )


async def _wrong_method(_request: web.Request) -> web.Response:
    return xml(reason("METHOD_NOT_ALLOWED"), status=405)


async def _elsewhere(_request: web.Request) -> web.Response:
    return xml(reason("NOT_FOUND"), status=404)


def make_wsi_app(
    box: RunningBox, services: Portal, *, hold: float = HOLD_SECONDS
) -> web.Application:
    """WSI for both its ports; CGI paths below `gadgetapi` are the same program.

    services: the pages of clients that speak WSI, which are on its port too.
    """
    wsi = Wsi(box, hold=hold)
    app = web.Application()
    app[PROTOCOL] = WsiProtocol
    for path in (PATH, PATH + "/{name:.*}"):
        app.router.add_get(path, wsi.handle, allow_head=False)  # HEAD would lose events
        app.router.add_route("*", path, _wrong_method)
    for path in (MY_PORTAL, LAUNCHER, STATIC):
        app.add_subapp(path, make_service_app(box, services))
    app.router.add_route("*", "/{rest:.*}", _elsewhere)
    return app
