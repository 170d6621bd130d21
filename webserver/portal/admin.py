"""The Admin Portal's map: which page is at which path."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from webserver.portal import (
    account_pages,
    acme_pages,
    backup_pages,
    certificate_pages,
    client_pages,
    frame,
    generating_pages,
    home_page,
    import_page,
    keeping_pages,
    lan_page,
    logon_pages,
    rendering,
    service_pages,
    session_pages,
    setup_page,
    visits,
)
from webserver.portal.entrance import MAX_BODY
from webserver.portal.visits import Desk, Page, Visit, answering, door
from webserver.running import RunningBox

_Add = Callable[..., None]


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

    def post(
        path: str,
        page: Page,
        *,
        anybody: bool = False,
        must_change: bool = False,
        max_body: int = MAX_BODY,
    ) -> None:
        handler = door(desk, page, anybody=anybody, must_change=must_change, max_body=max_body)
        router.add_post(path, handler)

    get(visits.LOGON, logon_pages.logon, anybody=True)
    get(visits.LOGON_CHECK, logon_pages.no_form_here, anybody=True)
    post(visits.LOGON_CHECK, logon_pages.check, anybody=True)
    post(visits.LOGOUT, logon_pages.logout, must_change=True)
    get(visits.PASSWORD, logon_pages.password, must_change=True)
    post(visits.PASSWORD, logon_pages.change_password, must_change=True)
    get(visits.HOME, home_page.home)
    _add_administration(get, post)
    get(frame.EXPERT, _expert)
    get(frame.AUTHORITIES, certificate_pages.authorities)
    get(frame.CERTIFICATES, certificate_pages.certificates)
    get(frame.ACME, acme_pages.acme)
    post(frame.ACME, acme_pages.set_up)
    post(acme_pages.RENEW, acme_pages.renew)
    post(acme_pages.STOP, acme_pages.stop)
    get(frame.IMPORT, import_page.form)
    post(frame.IMPORT, import_page.import_now)
    for path, sheet in (
        (frame.GENERATE_CA, generating_pages.AUTHORITY),
        (frame.GENERATE_SELF_SIGNED, generating_pages.SELF_SIGNED),
        (frame.GENERATE_REQUEST, generating_pages.REQUEST),
        (frame.AUTHORITIES + "/{id}/generate-server", generating_pages.SERVER),
    ):
        get(path, generating_pages.form_of(sheet))
        post(path, generating_pages.answer_of(sheet))
    for node in (frame.AUTHORITIES + "/{id}", frame.CERTIFICATES + "/{id}"):
        get(node, certificate_pages.certificate)
        get(node + "/export", keeping_pages.export)
        get(node + "/export/{suffix}", keeping_pages.download)
        get(node + "/remove", keeping_pages.remove)
        post(node + "/remove", keeping_pages.remove_now)
    get(frame.CERTIFICATES + "/{id}/activate", certificate_pages.activate)
    post(frame.CERTIFICATES + "/{id}/activate", certificate_pages.activate_now)
    get(frame.CERTIFICATES + "/{id}/verdicts", certificate_pages.verdicts)
    get(frame.LAN, lan_page.lan)
    post(frame.LAN, lan_page.change)
    return router


def _add_administration(get: _Add, post: _Add) -> None:
    account = account_pages.ACCOUNTS + "/{name}"
    get(frame.ADMINISTRATORS, account_pages.administrators)
    get(account_pages.NEW, account_pages.new)
    post(account_pages.NEW, account_pages.create)
    get(account, account_pages.account)
    post(account + "/role", account_pages.change_role)
    post(account + "/password", account_pages.set_password)
    get(account + "/remove", account_pages.removal)
    post(account + "/remove", account_pages.remove)
    get(frame.SESSIONS, session_pages.sessions)
    post(frame.SESSIONS + "/end", session_pages.end)
    post(frame.SESSIONS + "/end-others", session_pages.end_others)
    post(frame.SESSIONS + "/lift", session_pages.lift)
    get(frame.SETUP, setup_page.setup)
    post(setup_page.CLOCK, setup_page.set_clock)
    get(frame.BACKUP, backup_pages.backup)
    post(frame.BACKUP, backup_pages.make)
    get(backup_pages.RESTORE, backup_pages.restoring)
    post(backup_pages.RESTORE, backup_pages.restore, max_body=backup_pages.MAX_RESTORE_BODY)
    get(frame.SERVICE, service_pages.journal)
    get(frame.CONNECTIONS, service_pages.connections)
    get(frame.CLIENTS, client_pages.clients)
    get(frame.FAULTS, _fault_page("faults"))
    post(frame.FAULTS, _fault_page("clear_all"))
    get(frame.FAULTS + "/export/root", _fault_page("root"))
    get(frame.FAULTS + "/{fault}", _fault_page("fault"))
    post(frame.FAULTS + "/{fault}", _fault_page("change"))


def _fault_page(name: str) -> Page:
    """A page about faults. Their classes take 20 ms to make: not before somebody asks."""

    async def page(visit: Visit) -> web.StreamResponse:
        from webserver.portal import fault_pages

        shown: Page = getattr(fault_pages, name)
        return await shown(visit)

    return page


async def _to_logon(_request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": visits.LOGON})


async def _expert(visit: Visit) -> web.StreamResponse:
    return await visit.page("expert.html")
