"""The CA's plain HTTP port: lists and OCSP, its API, its pages. On loopback only.

Nobody logs on, so a web page from elsewhere must not get through: requests for another host
(rebound names) and from another origin are refused.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from aiohttp import web
from cryptography.hazmat.primitives import serialization

from appliance.ca.jws import MAX_BYTES
from appliance.ca.register import BACK
from store.refusals import Refusal, Refused
from webserver.ca import page_api, wizard_pages
from webserver.ca.practice import PracticeCA
from webserver.problems import problem

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, a browser says the origin `null`
    "Cache-Control": "no-store",
}
_TERMS = (
    "Terms of service of the practice CA\n\n"
    "Nobody but you trusts these certificates, and nobody else should.\n"
)
_WORDS = {
    404: Refusal("not-found", "There is nothing here."),
    405: Refusal("method-not-allowed", "This method is not possible here."),
    413: Refusal("too-large", f"The request is larger than {MAX_BYTES} bytes."),
}
_PUBLISHED = ("/crl", "/ocsp", "/issuer.cer", "/root.pem", "/root-", "/terms")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_page_app(ca: PracticeCA) -> web.Application:
    """The application behind the plain HTTP port."""
    published = Published(ca)

    @web.middleware
    async def guarded(request: web.Request, handler: _Handler) -> web.StreamResponse:
        try:
            _check_origin(ca, request)
            response = await handler(request)
        except Refused as refused:
            response = problem(refused)
        except web.HTTPException as raised:
            if raised.status < 400:
                raise
            known = _WORDS.get(raised.status, Refusal("http", raised.reason or "Not possible."))
            response = problem(Refused(known), status=raised.status)
        response.headers.update(HEADERS)
        return response

    app = web.Application(middlewares=[guarded], client_max_size=MAX_BYTES)
    app.router.add_get("/crl", published.revocation_list)
    app.router.add_post("/ocsp", published.ocsp)
    app.router.add_get("/ocsp/{request:.+}", published.ocsp)
    app.router.add_get("/issuer.cer", published.issuer)
    app.router.add_get("/root.pem", published.root)
    app.router.add_get(r"/root-{number:[12]}.crl", published.root_list)
    app.router.add_get(r"/root-{number:[12]}.cer", published.root_certificate)
    app.router.add_get("/terms", published.terms)
    page_api.add_routes(app.router, ca)
    wizard_pages.add_routes(app.router, ca)
    return app


def _check_origin(ca: PracticeCA, request: web.Request) -> None:
    """A browser says an origin with every POST. What is published is everybody's."""
    if request.path.startswith(_PUBLISHED):
        return
    host = request.headers.get("Host", "")
    ours = ca.page_url.rpartition(":")[2]
    if host not in (f"127.0.0.1:{ours}", f"localhost:{ours}"):
        raise Refused.because(
            "right-missing", "This is no host name of this server.", instead=f"Use {ca.page_url}."
        )
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        raise Refused.because("right-missing", "Another site's pages may not ask for this.")


class Published:
    """What certificates say where to find."""

    def __init__(self, ca: PracticeCA) -> None:
        self._ca = ca

    async def revocation_list(self, _request: web.Request) -> web.Response:
        """The CRL."""
        ca = self._ca
        made = await asyncio.to_thread(
            ca.register.revocation_list, ca.authority, now=ca.clock.now()
        )
        if made is None:
            return web.Response(status=503, text="Withheld.\n")
        return web.Response(body=made, content_type="application/pkix-crl")

    async def ocsp(self, request: web.Request) -> web.Response:
        """OCSP, by POST or as part of the path (RFC 6960 A.1)."""
        ca = self._ca
        made = await asyncio.to_thread(
            ca.register.ocsp_answer, ca.authority, await _asked(request), now=ca.clock.now()
        )
        if made is None:
            return web.Response(status=503, text="Withheld.\n")
        return web.Response(body=made, content_type="application/ocsp-response")

    async def root_list(self, request: web.Request) -> web.Response:
        """A root's CRL, about the intermediate."""
        ca, number = self._ca, int(request.match_info["number"]) - 1
        made = await asyncio.to_thread(ca.authority.root_list, number, now=ca.clock.now() - BACK)
        return web.Response(body=made, content_type="application/pkix-crl")

    async def root_certificate(self, request: web.Request) -> web.Response:
        """A root (DER)."""
        root = self._ca.authority.roots[int(request.match_info["number"]) - 1]
        der = root.public_bytes(serialization.Encoding.DER)
        return web.Response(body=der, content_type="application/pkix-cert")

    async def issuer(self, _request: web.Request) -> web.Response:
        """The intermediate (DER)."""
        der = self._ca.authority.issuer.public_bytes(serialization.Encoding.DER)
        return web.Response(body=der, content_type="application/pkix-cert")

    async def root(self, _request: web.Request) -> web.Response:
        """What clients are to trust (PEM)."""
        return web.Response(text=self._ca.trust, content_type="application/x-pem-file")

    async def terms(self, _request: web.Request) -> web.Response:
        """The terms of service."""
        return web.Response(text=_TERMS)


async def _asked(request: web.Request) -> bytes:
    if request.method == "POST":
        return await request.read()
    try:
        return base64.b64decode(unquote(request.match_info["request"]), validate=True)
    except (binascii.Error, ValueError):
        return b""  # no request, as the answer will say
