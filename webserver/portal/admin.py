"""The Admin Portal's map: which page is at which path."""

from __future__ import annotations

from aiohttp import web

from webserver.portal import (
    certificate_pages,
    frame,
    home_page,
    lan_page,
    logon_pages,
    rendering,
    visits,
)
from webserver.portal.visits import Desk, Page, Visit, answering, door
from webserver.running import RunningBox


class AdminPages:
    """All pages of one box, with what they share."""

    def __init__(self, box: RunningBox) -> None:
        self._desk = Desk(box)
        self.answer = answering(_router(self._desk), home=visits.LOGON)

    def end_sessions(self) -> int:
        """Log every administrator off; how many there were."""
        return self._desk.sessions.end_all()


def _router(desk: Desk) -> web.UrlDispatcher:
    router = web.UrlDispatcher()
    router.add_get("/", _to_logon)
    router.add_get("/management/admin", _to_logon)
    router.add_get(rendering.STATIC_PATH + "{name}", rendering.static)

    def get(path: str, page: Page, *, anybody: bool = False, must_change: bool = False) -> None:
        router.add_get(path, door(desk, page, anybody=anybody, must_change=must_change))

    def post(path: str, page: Page, *, anybody: bool = False, must_change: bool = False) -> None:
        router.add_post(path, door(desk, page, anybody=anybody, must_change=must_change))

    get(visits.LOGON, logon_pages.logon, anybody=True)
    get(visits.LOGON_CHECK, logon_pages.no_form_here, anybody=True)
    post(visits.LOGON_CHECK, logon_pages.check, anybody=True)
    post(visits.LOGOUT, logon_pages.logout, must_change=True)
    get(visits.PASSWORD, logon_pages.password, must_change=True)
    post(visits.PASSWORD, logon_pages.change_password, must_change=True)
    get(visits.HOME, home_page.home)
    get("/management/admin/administrators", logon_pages.administrators)
    get(frame.EXPERT, _expert)
    get(frame.AUTHORITIES, certificate_pages.authorities)
    get(frame.AUTHORITIES + "/{id}", certificate_pages.certificate)
    get(frame.CERTIFICATES, certificate_pages.certificates)
    get(frame.CERTIFICATES + "/{id}", certificate_pages.certificate)
    get(frame.CERTIFICATES + "/{id}/activate", certificate_pages.activate)
    post(frame.CERTIFICATES + "/{id}/activate", certificate_pages.activate_now)
    get(frame.LAN, lan_page.lan)
    post(frame.LAN, lan_page.change)
    return router


async def _to_logon(_request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": visits.LOGON})


async def _expert(visit: Visit) -> web.StreamResponse:
    return await visit.page("expert.html")
