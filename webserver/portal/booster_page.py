"""The Booster Server's own page: what it is, where, and which certificate it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from store.certificate import long_date
from webserver.portal import rendering
from webserver.portal.display import certificate_sections, validity
from webserver.portal.home_page import BOOSTER
from webserver.portal.notices import notices_for
from webserver.portal.served import served_with
from webserver.portal.visits import answering, keep_language, texts_of

if TYPE_CHECKING:
    from webserver.booster import RunningBooster


class BoosterPages:
    """The page of one Booster Server."""

    def __init__(self, booster: RunningBooster) -> None:
        self._booster = booster
        router = web.UrlDispatcher()
        router.add_get("/", self._page)
        router.add_get(rendering.STATIC_PATH + "{name}", rendering.static)
        self.answer = answering(router, home="/")

    def end_sessions(self) -> int:
        """Nobody logs on here."""
        return 0

    async def _page(self, request: web.Request) -> web.Response:
        booster = self._booster
        now = booster.model.clock.now()
        certificate = booster.active
        text = await rendering.render(
            "booster.html",
            texts_of(request),
            title=BOOSTER,
            address=booster.station.address,
            state=booster.state.value,
            now=long_date(now),
            name=booster.model.active.name,
            life=validity(certificate, now),
            sections=certificate_sections(certificate),
            notices=notices_for(certificate, now),
            path=request.path,
            served=served_with(request),
        )
        response = web.Response(text=text, content_type="text/html", charset="utf-8")
        return keep_language(request, response)
