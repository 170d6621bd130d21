"""ACME's accounts: opened, changed, deactivated, given another key (RFC 8555 7.3)."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from appliance.ca.jws import read_jws, read_key, read_object, verify_binding
from appliance.ca.ledger import Account
from appliance.ca.problems import Extra, error
from appliance.ca.states import Status
from webserver.ca.acme_app import Front, Request

MAIL = re.compile(r"mailto:[^@\s,?%]{1,64}@[A-Za-z0-9.-]{1,255}\Z")
MAX_CONTACTS = 10


def add_routes(router: web.UrlDispatcher, front: Front) -> None:
    """`new-account`, `account/ID`, its orders, `key-change`."""
    accounts = Accounts(front)
    router.add_post("/new-account", front.resource(accounts.new, by_key=True))
    router.add_post("/account/{id}", front.resource(accounts.change))
    router.add_post("/account/{id}/orders", front.resource(accounts.orders))
    router.add_post("/key-change", front.resource(accounts.change_key))


class Accounts:
    """The resources."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._ca = front.ca

    async def new(self, request: Request) -> web.Response:
        """newAccount: a new one, or the one that has the key."""
        members = request.json()
        found = self._ca.ledger.account_of(request.key)
        if found is not None:
            if found.status is not Status.VALID:
                raise error("unauthorized", "The account was deactivated.", status=401)
            return self._shown(found, 200)
        if members.get("onlyReturnExisting") is True:
            raise error("accountDoesNotExist", "No account has this key.")
        contact = _contact(members.get("contact", []))
        customer: str | None = None
        if self._ca.bindings:
            if "externalAccountBinding" not in members:
                raise error("externalAccountRequired", "Accounts here need a binding (EAB).")
            customer = verify_binding(
                members["externalAccountBinding"],
                key=request.key,
                url=self._front.url("new-account"),
                secrets=self._ca.bindings,
            )
        if members.get("termsOfServiceAgreed") is not True:
            raise error("userActionRequired", "The terms of service have to be agreed to.")
        account = self._ca.ledger.open_account(
            request.key, contact=contact, customer=customer, now=self._ca.clock.now()
        )
        return self._shown(account, 201)

    async def change(self, request: Request) -> web.Response:
        """The account itself: looked at, contacts changed, deactivated."""
        account = self._own(request)
        if not request.empty:
            members = request.json()
            if "contact" in members:
                account.contact = _contact(members["contact"])
            if (status := members.get("status")) is not None:
                if status != "deactivated":
                    raise error("malformed", "An account's status can be set to deactivated only.")
                account.status = Status.DEACTIVATED
        return self._shown(account, 200)

    async def orders(self, request: Request) -> web.Response:
        """The URLs of its orders."""
        account = self._own(request)
        return web.json_response(
            {"orders": [self._front.url(f"order/{one}") for one in account.orders]}
        )

    def _own(self, request: Request) -> Account:
        if request.part("id") != request.signer.id:
            raise error("unauthorized", "This is another account's.")
        return request.signer

    async def change_key(self, request: Request) -> web.Response:
        """keyChange: the new key signs inside what the old one signs (RFC 8555 7.3.5)."""
        account = request.signer
        inner = read_jws(request.json(), inner=True)
        if "jwk" not in inner.protected:
            raise error("malformed", "The inner header needs the new key as jwk.")
        key = read_key(inner.protected["jwk"])
        inner.verify(key)
        if inner.protected["url"] != request.signed.protected["url"]:
            raise error("malformed", "The inner and the outer JWS have different urls.")
        members = read_object(inner.payload, "the inner payload")
        if members.get("account") != self._front.account_url(account):
            raise error("malformed", "The inner JWS is for another account.")
        if read_key(members.get("oldKey")).thumbprint != account.key.thumbprint:
            raise error("malformed", "oldKey is not the account's key.")
        other = self._ca.ledger.account_of(key)
        if other is not None:
            there = Extra(location=self._front.account_url(other))
            detail = "An account has the new key already."
            raise error("malformed", detail, status=409, extra=there)
        self._ca.ledger.change_key(account, key)
        return self._shown(account, 200)

    def _shown(self, account: Account, status: int) -> web.Response:
        url = self._front.account_url(account)
        document: dict[str, Any] = {
            "status": account.status.value,
            "contact": list(account.contact),
            "termsOfServiceAgreed": True,
            "key": dict(account.key.jwk),
            "orders": f"{url}/orders",
        }
        return web.json_response(document, status=status, headers={"Location": url})


def _contact(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_CONTACTS:
        raise error("malformed", f"contact is a list of up to {MAX_CONTACTS} URLs.")
    for one in value:
        if not isinstance(one, str) or not one.startswith("mailto:"):
            raise error("unsupportedContact", "Only mailto: addresses are taken.")
        if not MAIL.match(one):
            raise error("invalidContact", f"{one[:80]!r} is no one e-mail address.")
    return tuple(value)
