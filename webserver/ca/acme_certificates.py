"""ACME's certificates: downloaded, revoked, when to renew (RFC 8555 7.4.2, 7.6; RFC 9773)."""

from __future__ import annotations

from aiohttp import web

from appliance.ca.jws import decode
from appliance.ca.problems import error
from appliance.ca.register import Issued
from store.certificate import iso_time
from webserver.ca.acme_app import Front, Request

ASK_AGAIN = str(6 * 3600)  # seconds, RFC 9773 4.3
_PEM_CHAIN = "application/pem-certificate-chain"


def add_routes(router: web.UrlDispatcher, front: Front) -> None:
    """`certificate/ID`, its alternates, `revoke-cert`, `renewal-info/NAME`."""
    certificates = Certificates(front)
    router.add_post("/certificate/{id}", front.resource(certificates.download))
    router.add_post("/certificate/{id}/{alternate}", front.resource(certificates.download))
    router.add_post("/revoke-cert", front.resource(certificates.revoke, by_key=None))
    router.add_get("/renewal-info/{name}", certificates.renewal_info)


class Certificates:
    """The resources."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._ca = front.ca

    async def download(self, request: Request) -> web.Response:
        """A certificate with its chain; the alternates lead to other roots."""
        one = self._ca.register.issued.get(request.part("id"))
        text = request.http.match_info.get("alternate", "0")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
        count = len(self._ca.authority.intermediates)
        if one is None or one.account != request.signer.id or not 0 <= number < count:
            raise error("malformed", "This account has no such certificate.", status=404)
        chain = self._ca.authority.chain(one.leaf, alternate=number)
        response = web.Response(body=chain.encode(), content_type=_PEM_CHAIN)
        for other in range(count):
            if other != number:
                url = self._front.url(f"certificate/{one.id}/{other}")
                response.headers.add("Link", f'<{url}>;rel="alternate"')
        return response

    async def revoke(self, request: Request) -> web.Response:
        """revokeCert: by who ordered it, who has proved its names, or who holds its key."""
        members = request.json()
        der = decode(members.get("certificate"), "The certificate")
        one = self._ca.register.by_der(der)
        if one is None:
            raise error("malformed", "This is no certificate (DER) issued here.", status=404)
        if not self._may_revoke(request, one):
            raise error(
                "unauthorized",
                "It was neither ordered by this account nor signed for with the certificate's key, "
                "nor has this account proved all its names.",
            )
        self._ca.register.revoke(one, reason=members.get("reason", 0), now=self._ca.clock.now())
        return web.Response(status=200)

    def _may_revoke(self, request: Request, one: Issued) -> bool:
        if request.account is None:
            key = one.leaf.public_key()
            numbers = getattr(key, "public_numbers", lambda: None)()
            return bool(numbers == request.key.key.public_numbers())
        now = self._ca.clock.now()
        return one.account == request.account.id or self._ca.ledger.holds_all(
            request.account, one.names, now
        )

    async def renewal_info(self, http: web.Request) -> web.Response:
        """renewalInfo: when to renew; for anybody."""
        one = self._ca.register.by_renewal(http.match_info["name"])
        if one is None:
            raise error("malformed", "No certificate here has this identifier.", status=404)
        start, end = one.window()
        document: dict[str, object] = {
            "suggestedWindow": {"start": iso_time(start), "end": iso_time(end)}
        }
        if one.revoked_at is not None:
            document["explanationURL"] = f"{self._ca.page_url}/"
        return web.json_response(document, headers={"Retry-After": ASK_AGAIN})
