"""One visit to the portal: who comes, in which language, and whether the door is open.

Every page is reached through `door`: it checks origin, session, CSRF token and the forced
change of the first password, so that no page has to think of them.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from appliance.accounts import Right
from store.people import Account
from store.refusals import Refused
from webserver.portal import sessions
from webserver.portal.entrance import MAX_BODY, Handler
from webserver.portal.forms import Form, read_form
from webserver.portal.frame import frame_for
from webserver.portal.lockout import Lockout
from webserver.portal.rendering import PARAMETERS, render
from webserver.portal.rights import RightMissing, lacking, need
from webserver.portal.served import served_with
from webserver.portal.sessions import Session, Sessions
from webserver.portal.texts import LANGUAGES, Texts, choose_language, mark
from webserver.problems import status_of
from webserver.running import RunningBox

LOGON = "/management/admin/"
LOGON_CHECK = "/management/admin/jsp/j_security_check"
LOGOUT = "/management/admin/logout"
PASSWORD = "/management/admin/password"  # noqa: S105 - a path
HOME = "/management/admin/home"
LANGUAGE_COOKIE = "language"

log = logging.getLogger("osbiz")


class Desk:
    """What the pages of one box share."""

    def __init__(self, box: RunningBox) -> None:
        self.box = box
        self.sessions = Sessions()
        self.lockout = Lockout()
        self.logging_on = asyncio.Lock()
        self.waiting_to_log_on = 0


@dataclass(slots=True)
class Visit:
    """A request with what is known of who made it.

    session: None when nobody is logged on.
    form, files: the posted fields, and files by field; empty for other methods.
    """

    request: web.Request
    desk: Desk
    texts: Texts
    session: Session | None = None
    account: Account | None = None
    form: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def box(self) -> RunningBox:
        """The box this is the portal of."""
        return self.desk.box

    async def page(self, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """A page in this visit's language, in the frame when somebody is logged on."""
        values["form"] = values.get("form", Form()).told(self.texts.refusal)
        notices: list[str] = []
        if self.session is not None:
            notices, self.session.notices = self.session.notices, []
        text = await render(
            template,
            self.texts,
            frame=frame_for(self.request.path, account=self.account, session=self.session),
            path=self.request.path,
            done=notices,
            box=self.box,
            served=served_with(self.request),
            **values,
        )
        return keep_language(
            self.request,
            web.Response(text=text, status=status, content_type="text/html", charset="utf-8"),
        )

    def require(self, right: Right) -> None:
        """Go no further, but to a page that says what to do, when the role lacks `right`."""
        need(self, right)

    def tell(self, text: str, **values: Any) -> None:
        """Have the next page say `text`."""
        if self.session is not None:
            self.session.notices.append(self.texts(text, **values))


def texts_of(request: web.Request) -> Texts:
    """The texts in the language of a request."""
    return Texts(
        choose_language(
            asked=request.query.get("lang"),
            kept=request.cookies.get(LANGUAGE_COOKIE),
            accepted=request.headers.get("Accept-Language", ""),
        )
    )


def keep_language(request: web.Request, response: web.Response) -> web.Response:
    """`response`, remembering the language when one was chosen with `?lang=`."""
    if request.query.get("lang") in LANGUAGES:
        set_cookie(response, LANGUAGE_COOKIE, request.query["lang"])
    return response


def set_cookie(response: web.StreamResponse, name: str, value: str) -> None:
    """A cookie for this host alone, over TLS alone, out of reach for scripts and other sites."""
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="Strict")


def go(path: str, **query: str) -> web.HTTPSeeOther:
    """To be raised: sends the browser to another page, to be fetched with GET."""
    return web.HTTPSeeOther(f"{path}?{urlencode(query)}" if query else path)


Page = Callable[[Visit], Awaitable[web.StreamResponse]]


def door(
    desk: Desk,
    page: Page,
    *,
    anybody: bool = False,
    must_change: bool = False,
    max_body: int = MAX_BODY,
) -> Handler:
    """`page` behind its checks.

    anybody: without being logged on. must_change: while the first password still holds.
    max_body: how many bytes a form may have; read only from who may send it.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        visit = Visit(request, desk, texts_of(request))
        _recognise(visit)
        if request.method == "POST":
            refuse_foreign_form(request)
        if not anybody and visit.session is None:
            raise go(LOGON, after="end")
        if request.method == "POST":
            await _take_form(visit, max_body)
        if anybody:
            return await page(visit)
        assert visit.session is not None
        assert visit.account is not None
        if request.method == "POST":
            given = visit.form.pop("csrf", "")
            if not hmac.compare_digest(given.encode(), visit.session.csrf.encode()):
                raise web.HTTPForbidden
        if visit.account.must_change and not must_change:
            raise go(PASSWORD)
        try:
            return await page(visit)
        except RightMissing as missing:
            lack = lacking(visit, missing.right)
            return await visit.page("forbidden.html", status=403, lack=lack)

    return handle


async def _take_form(visit: Visit, max_body: int) -> None:
    try:
        fields = await read_form(visit.request, max_body)
    except web.HTTPRequestEntityTooLarge:
        words = mark("What was sent is larger than {size} MiB.")
        size = max_body >> 20
        raise Refused.because("too-large", visit.texts(words, size=size)) from None
    visit.form, visit.files = fields.texts, fields.files


def _recognise(visit: Visit) -> None:
    session = visit.desk.sessions.find(visit.request.cookies.get(sessions.COOKIE, ""))
    if session is None:
        return
    account = visit.box.model.accounts.get(session.account)
    if account is None:
        visit.desk.sessions.end(session.id)
    else:
        visit.session, visit.account = session, account


def refuse_foreign_form(request: web.Request) -> None:
    """Refuse a form that a page of another origin sent; browsers say where theirs come from."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() != f"https://{request.host}".lower():
        raise web.HTTPForbidden


_WORDS = {
    400: mark("The request can't be read."),
    403: mark("This form was not sent from a page of this portal, or its page is too old."),
    404: mark("There is no such page."),
    405: mark("This page does not take that."),
    415: mark("What was sent is no form."),
}


def answering(router: web.UrlDispatcher, *, home: str) -> Handler:
    """What answers every request with a page of `router`, and every error with a plain page.

    home: where the plain page leads back to. Own faults show nothing of their insides.
    """

    async def resolve(request: web.Request) -> web.StreamResponse:
        match = await router.resolve(request)
        if match.http_exception is not None:
            raise match.http_exception
        request[PARAMETERS] = dict(match)
        return await match.handler(request)

    async def error_page(request: web.Request, status: int, messages: list[str]) -> web.Response:
        text = await render(
            "error.html",
            texts_of(request),
            status=status,
            messages=messages,
            home=home,
            path=home,
            served=served_with(request),
        )
        return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await resolve(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            words = _WORDS.get(error.status, error.reason)
            response = await error_page(request, error.status, [texts_of(request)(words)])
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
            return response
        except Refused as refused:
            texts = texts_of(request)
            messages = [str(texts.refusal(refusal)) for refusal in refused.refusals]
            return await error_page(request, status_of(refused), messages)
        except ConnectionError:
            raise
        except Exception:
            log.exception("portal: %s %s failed", request.method, request.path)
            words = mark("The simulator failed to do this; its log says why.")
            return await error_page(request, 500, [texts_of(request)(words)])

    return answer
