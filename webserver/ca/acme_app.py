"""ACME over HTTPS: routes, nonces, and how every request is read and every problem told.

RFC 8555 6. What a resource does is in `acme_accounts`, `acme_orders` and `acme_certificates`.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from appliance.acme.wire import Identifier, Malformed, read_identifier
from appliance.ca.jws import MAX_BYTES, PublicKey, Signed, read_jws, read_key
from appliance.ca.ledger import Account
from appliance.ca.policy import MAX_NAMES, VALIDITIES
from appliance.ca.problems import AcmeError, as_document, error
from appliance.ca.states import Status
from webserver.ca.practice import PracticeCA
from webserver.ca.validating import CAA_IDENTITY

log = logging.getLogger("osbiz")

MAX_NONCES = 20_000
_JOSE = "application/jose+json"
_PROBLEM = "application/problem+json"


class Nonces:
    """Those that were given out and not used; the oldest go when there are many."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, None] = OrderedDict()

    def make(self) -> str:
        """One more."""
        nonce = secrets.token_urlsafe(16)
        self._known[nonce] = None
        if len(self._known) > MAX_NONCES:
            self._known.popitem(last=False)
        return nonce

    def use(self, nonce: object) -> None:
        """Refused when it was not given out, or used before."""
        if not isinstance(nonce, str) or nonce not in self._known:
            raise error("badNonce", "The nonce was used before, or is none of this server's.")
        del self._known[nonce]


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose signature is verified.

    account: None when it is signed by the public key itself.
    """

    http: web.Request
    signed: Signed
    key: PublicKey
    account: Account | None

    def json(self) -> dict[str, Any]:
        """The payload, which has to be an object."""
        return self.signed.json()

    @property
    def empty(self) -> bool:
        """Whether it is POST-as-GET (RFC 8555 6.3)."""
        return self.signed.payload == b""

    @property
    def signer(self) -> Account:
        """The account that signed."""
        assert self.account is not None
        return self.account

    def part(self, name: str) -> str:
        """A part of the path."""
        return self.http.match_info[name]


Answer = Callable[[Request], Awaitable[web.Response]]


class Front:
    """What the resources share: the CA, its URLs, its nonces."""

    def __init__(self, ca: PracticeCA) -> None:
        self.ca = ca
        self.nonces = Nonces()

    def url(self, path: str) -> str:
        """The absolute URL of a resource."""
        return f"{self.ca.url}/{path}"

    def account_url(self, account: Account) -> str:
        """What an account's client says as `kid`."""
        return self.ca.account_url(account.id)

    async def read(self, http: web.Request, *, by_key: bool | None) -> Request:
        """A verified request.

        by_key: whether it is to be signed by the public key itself, or by an account; None
        for either.
        """
        if http.content_type != _JOSE:
            raise error("malformed", f"The content type has to be {_JOSE}.", status=415)
        signed = read_jws(await http.read())
        if signed.protected["url"] != self.ca.url + http.path_qs:
            raise error(
                "unauthorized",
                f"The request is signed for another url than {self.ca.url}{http.path_qs}."[:300],
            )
        if by_key is not None and by_key != ("jwk" in signed.protected):
            raise error("malformed", f"Here the header needs {'jwk' if by_key else 'kid'}.")
        account: Account | None = None
        if "jwk" in signed.protected:
            key = read_key(signed.protected["jwk"])
        else:
            account = self._account(signed.protected["kid"])
            key = account.key
        signed.verify(key)
        self.nonces.use(signed.protected.get("nonce"))
        return Request(http, signed, key, account)

    def _account(self, kid: object) -> Account:
        prefix = self.url("account/")
        known = isinstance(kid, str) and kid.startswith(prefix)
        account = self.ca.ledger.accounts.get(str(kid).removeprefix(prefix)) if known else None
        if account is None:
            raise error("accountDoesNotExist", "The kid is no account here.")
        if account.status is not Status.VALID:
            raise error("unauthorized", "The account was deactivated.", status=401)
        return account

    def resource(
        self, answer: Answer, *, by_key: bool | None = False
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """`answer` as a handler of POST."""

        async def handle(http: web.Request) -> web.StreamResponse:
            return await answer(await self.read(http, by_key=by_key))

        return handle


def identifiers_in(members: dict[str, Any]) -> tuple[Identifier, ...]:
    """The identifiers of an order; refused when it has none, or what is none."""
    found = members.get("identifiers")
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_NAMES:
        raise error("malformed", f"An order needs a list of 1 to {MAX_NAMES} identifiers.")
    try:
        return tuple(read_identifier(one) for one in found)
    except Malformed as wrong:
        raise error("malformed", f"In the order, {wrong}.") from None


def problem_response(failed: AcmeError) -> web.Response:
    """The problem document of an error."""
    document = {**as_document(failed.problem), **failed.extra.members}
    headers = {}
    if failed.extra.retry_after is not None:
        headers["Retry-After"] = str(failed.extra.retry_after)
    if failed.extra.location is not None:
        headers["Location"] = failed.extra.location
    return web.Response(  # bytes: text would add a charset, which the media type has not
        body=json.dumps(document).encode(),
        status=failed.problem.status or 400,
        content_type=_PROBLEM,
        headers=headers,
    )


def make_acme_app(ca: PracticeCA) -> web.Application:
    """The application behind the ACME port."""
    from webserver.ca import acme_accounts, acme_certificates, acme_orders

    front = Front(ca)

    @web.middleware
    async def told(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            response = await handler(request)
        except AcmeError as failed:
            response = problem_response(failed)
        except web.HTTPException as raised:
            if raised.status < 400:
                raise
            words = {404: "There is nothing here.", 405: f"{request.method} can't be done here."}
            words[413] = f"The request is longer than {MAX_BYTES} bytes."
            detail = words.get(raised.status, raised.reason)
            response = problem_response(error("malformed", detail, status=raised.status))
            if "Allow" in raised.headers:
                response.headers["Allow"] = raised.headers["Allow"]
        except ConnectionError:
            raise
        except Exception:  # clients understand a problem document, whatever it is
            log.exception("%s %s failed", request.method, request.path)
            response = problem_response(
                error("serverInternal", "The CA's own fault; its log says why.")
            )
        response.headers["Cache-Control"] = "no-store"
        response.headers.add("Link", f'<{ca.directory}>;rel="index"')
        if request.method == "POST" or request.path == "/new-nonce":
            response.headers["Replay-Nonce"] = front.nonces.make()
        return response

    async def directory(_request: web.Request) -> web.Response:
        return web.json_response(
            {
                "newNonce": front.url("new-nonce"),
                "newAccount": front.url("new-account"),
                "newOrder": front.url("new-order"),
                "revokeCert": front.url("revoke-cert"),
                "keyChange": front.url("key-change"),
                "renewalInfo": front.url("renewal-info"),
                "meta": {
                    "termsOfService": f"{ca.page_url}/terms",
                    "website": ca.page_url,
                    "caaIdentities": [CAA_IDENTITY],
                    "externalAccountRequired": bool(ca.bindings),
                    "profiles": dict.fromkeys(VALIDITIES, f"{ca.page_url}/terms"),
                },
            }
        )

    async def nonce(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.method == "HEAD" else 204)

    app = web.Application(middlewares=[told], client_max_size=MAX_BYTES)
    app.router.add_get("/directory", directory)
    app.router.add_get("/new-nonce", nonce)
    acme_accounts.add_routes(app.router, front)
    acme_orders.add_routes(app.router, front)
    acme_certificates.add_routes(app.router, front)
    return app
