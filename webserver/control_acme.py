"""Control API, ACME: what is to be obtained, how it stands, renew it now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from appliance.acme import REASONS
from store.refusals import Refused
from webserver.problems import problem
from webserver.requests import json_object
from webserver.running import RunningBox


class AcmeControl:
    """The calls of the API that are about the box's ACME certificate.

    box: gives the box when there is a request, which is later than routes are made.
    """

    def __init__(self, box: Callable[[], RunningBox]) -> None:
        self._get_box = box

    @property
    def _box(self) -> RunningBox:
        return self._get_box()

    async def _status(self, status: int = 200) -> web.Response:
        return web.json_response(await self._box.acme_status(), status=status)

    async def get(self, _request: web.Request) -> web.Response:
        return await self._status()

    async def put(self, request: web.Request) -> web.Response:
        await self._box.acme(**await json_object(request), wait=False)
        return await self._status(202)

    async def renew(self, request: web.Request) -> web.Response:
        body = (
            await json_object(request, allowed=("activate_now",)) if request.can_read_body else {}
        )
        await self._box.acme_renew(wait=False, activate_now=body.get("activate_now") is True)
        return await self._status(202)

    async def delete(self, _request: web.Request) -> web.Response:
        await self._box.acme_forget()
        return web.Response(status=204)

    async def revoke(self, request: web.Request) -> web.Response:
        body = await json_object(request, allowed=("certificate", "reason"))
        identity, reason = body.get("certificate"), body.get("reason", 0)
        if not isinstance(identity, str):
            raise Refused.because(
                "field-missing",
                "The certificate to revoke is not named.",
                field="certificate",
                instead='Send {"certificate": ID}.',
            )
        if isinstance(reason, bool) or reason not in REASONS.values():
            raise Refused.because(
                "acme-reason",
                f"{str(reason)[:20]} is no reason to revoke a server's certificate.",
                field="reason",
                instead=f"Reasons are {', '.join(map(str, REASONS.values()))} (RFC 5280 5.3.1).",
            )
        return await self._errand(self._box.acme_revoke(identity, reason=reason))

    async def change_key(self, _request: web.Request) -> web.Response:
        return await self._errand(self._box.acme_change_key())

    async def _errand(self, work: Awaitable[None]) -> web.Response:
        """How it stands after `work`; 502 with the reason when the CA says no."""
        from appliance.acme.failures import CAUSES  # off the start path

        try:
            await work
        except Refused as refused:
            if refused.code not in CAUSES:
                raise
            return problem(refused, status=502)
        return await self._status()

    def routes(self) -> list[web.RouteDef]:
        """For the application's router."""
        return [
            web.get("/v1/acme", self.get),
            web.put("/v1/acme", self.put),
            web.delete("/v1/acme", self.delete),
            web.post("/v1/acme/renew", self.renew),
            web.post("/v1/acme/revoke", self.revoke),
            web.post("/v1/acme/key-change", self.change_key),
        ]
