"""One visit of a subscriber to a page of their own: who comes, and whether the door is open.

The pages are on two ports of the box, and one logon is good for all of them: browsers give
a host's cookies to every port of it. What a page shows is not known here.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from appliance.telephony import DEFAULT_SUBSCRIBERS, recognise
from store.people import Subscriber
from webserver.portal.entrance import KEYS, LAUNCHER, MAX_BODY, MY_PORTAL, Handler, host_of
from webserver.portal.forms import Form, read_form
from webserver.portal.frame import PREFIX
from webserver.portal.lockout import Lockout
from webserver.portal.rendering import render
from webserver.portal.served import served_with
from webserver.portal.sessions import Session, Sessions, new_id
from webserver.portal.texts import Texts, mark
from webserver.portal.visits import go, keep_language, refuse_foreign_form, set_cookie, texts_of
from webserver.running import RunningBox

COOKIE = "SUBSCRIBER"


@dataclass(frozen=True, slots=True)
class Service:
    """A web service of the box that has a page.

    endpoint: the box's port that it is on.
    """

    title: str
    endpoint: str
    path: str


KEY_PROGRAMMING = Service(mark("Key Programming"), "portal", KEYS + "/")
MY_PORTAL_TO_GO = Service("myPortal to go", "wsi", MY_PORTAL + "/")
APPLICATION_LAUNCHER = Service("Application Launcher", "wsi", LAUNCHER + "/")
ADMIN_PORTAL = Service("Admin Portal", "portal", PREFIX)
SERVICES = (KEY_PROGRAMMING, MY_PORTAL_TO_GO, APPLICATION_LAUNCHER, ADMIN_PORTAL)


class Hall:
    """What the subscribers' pages of one box share."""

    def __init__(self, box: RunningBox) -> None:
        self.box = box
        self.sessions = Sessions()
        self.lockout = Lockout()


@dataclass(slots=True)
class Visit:
    """A request with what is known of who made it.

    person: None when nobody is logged on. form: the posted fields; empty for other methods.
    """

    request: web.Request
    hall: Hall
    service: Service
    texts: Texts
    session: Session | None = None
    person: Subscriber | None = None
    form: dict[str, str] = field(default_factory=dict)

    @property
    def box(self) -> RunningBox:
        """The box whose subscriber this is."""
        return self.hall.box

    async def page(self, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """A page in this visit's language."""
        values["form"] = values.get("form", Form()).told(self.texts.refusal)
        notices: list[str] = []
        if self.session is not None:
            notices, self.session.notices = self.session.notices, []
        text = await render(
            template,
            self.texts,
            box=self.box,
            service=self.service,
            services=[(service, self._address(service)) for service in SERVICES],
            person=self.person,
            csrf="" if self.session is None else self.session.csrf,
            done=notices,
            served=served_with(self.request),
            **values,
        )
        response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
        return keep_language(self.request, response)

    def _address(self, service: Service) -> str:
        port = self.box.station.listeners[service.endpoint].port
        return f"https://{host_of(self.request, self.box)}:{port}{service.path}"

    def tell(self, text: str, **values: Any) -> None:
        """Have the next page say `text`."""
        if self.session is not None:
            self.session.notices.append(self.texts(text, **values))


Page = Callable[[Visit], Awaitable[web.StreamResponse]]


def door(hall: Hall, service: Service, page: Page, *, anybody: bool = False) -> Handler:
    """`page` of `service` behind its checks; who is not logged on gets the form for that.

    anybody: without being logged on.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        visit = Visit(request, hall, service, texts_of(request))
        _recognise(visit)
        if request.method == "POST":
            refuse_foreign_form(request)
            visit.form = (await read_form(request, MAX_BODY)).texts
        if anybody:
            return await page(visit)
        if visit.session is None:
            if request.method == "POST":
                raise go(service.path)
            return await logon_page(visit)
        if request.method == "POST":
            given = visit.form.pop("csrf", "")
            if not hmac.compare_digest(given.encode(), visit.session.csrf.encode()):
                raise web.HTTPForbidden
        return await page(visit)

    return handle


def _recognise(visit: Visit) -> None:
    session = visit.hall.sessions.find(visit.request.cookies.get(COOKIE, ""))
    if session is None:
        return
    person = visit.box.model.subscribers.get(session.account)
    if person is None:
        visit.hall.sessions.end(session.id)
    else:
        visit.session, visit.person = session, person


async def logon_page(
    visit: Visit, *, message: str | None = None, status: int = 200
) -> web.Response:
    """The form to log on with."""
    first = DEFAULT_SUBSCRIBERS[0]
    is_there = visit.box.model.subscribers.get(first.extension) == first
    return await visit.page(
        "service_logon.html",
        status=status,
        message=message,
        first=first if is_there else None,
        form=Form({"extension": visit.form.get("extension", "")}),
    )


async def log_on(visit: Visit) -> web.StreamResponse:
    """Log on with extension and password: 303 to the page, or 401 and the form again."""
    extension, password = visit.form.get("extension", ""), visit.form.get("password", "")
    hall = visit.hall
    wait = hall.lockout.wait(extension)
    if wait > 0:
        whole = math.ceil(wait)
        words = mark("Too many failed logons. Try again in {seconds} s.")
        message = visit.texts(words, seconds=whole)
        response = await logon_page(visit, message=message, status=429)
        response.headers["Retry-After"] = str(whole)
        return response
    person = recognise(visit.box.model.subscribers, extension, password)
    if person is None:
        hall.lockout.failed(extension)
        message = visit.texts(mark("Extension or password is wrong."))
        response = await logon_page(visit, message=message, status=401)
        response.headers["WWW-Authenticate"] = 'FormBased realm="subscriber"'
        return response
    hall.lockout.succeeded(extension)
    if visit.session is not None:
        hall.sessions.end(visit.session.id)
    session = hall.sessions.begin(extension, client=visit.request.remote or "")
    answer = web.Response(status=303, headers={"Location": visit.service.path})
    set_cookie(answer, COOKIE, session.id)
    return answer


async def log_off(visit: Visit) -> web.StreamResponse:
    """End the session."""
    assert visit.session is not None
    visit.hall.sessions.end(visit.session.id)
    answer = web.Response(status=303, headers={"Location": visit.service.path})
    set_cookie(answer, COOKIE, new_id())
    return answer
