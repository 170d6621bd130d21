"""ACME's orders, authorizations and challenges (RFC 8555 7.4 and 7.5)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from appliance.acme.wire import Identifier
from appliance.ca import policy
from appliance.ca.csr import bad, check_request
from appliance.ca.jws import decode
from appliance.ca.ledger import Account, Authorization, Order, Task
from appliance.ca.problems import as_document, error
from appliance.ca.states import AUTHORIZATION, Event, Status, after
from store.certificate import iso_time
from webserver.ca.acme_app import Front, Request, identifiers_in

DEFAULT_VALIDITY = "90-days"
LOOK_AGAIN = "1"  # seconds


def add_routes(router: web.UrlDispatcher, front: Front) -> None:
    """`new-order`, `order/ID`, `order/ID/finalize`, `authorization/ID`, `challenge/ID/TASK`."""
    orders = Orders(front)
    router.add_post("/new-order", front.resource(orders.new))
    router.add_post("/order/{id}", front.resource(orders.look))
    router.add_post("/order/{id}/finalize", front.resource(orders.finalize))
    router.add_post("/authorization/{id}", front.resource(orders.authorization))
    router.add_post("/challenge/{id}/{task}", front.resource(orders.challenge))


class Orders:
    """The resources."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._ca = front.ca

    async def new(self, request: Request) -> web.Response:
        """newOrder."""
        members = request.json()
        names = identifiers_in(members)
        life = self._life(members)
        replaces = self._replaced(members.get("replaces"), names, request.signer)
        order = self._ca.ledger.order(
            request.signer,
            names,
            life=life,
            now=self._ca.clock.now(),
            issued=self._ca.issued(names),
            replaces=replaces,
        )
        return self._shown(order, status=201)

    def _life(self, members: dict[str, Any]) -> timedelta:
        now = self._ca.clock.now()
        profile = members.get("profile", DEFAULT_VALIDITY)
        if not isinstance(profile, str) or profile not in policy.VALIDITIES:
            known = ", ".join(policy.VALIDITIES)
            raise error("invalidProfile", f"There is no such profile; there are {known}.")
        start, end = (_moment(members.get(name), name) for name in ("notBefore", "notAfter"))
        if start is not None and abs(start - now) > timedelta(days=1):
            raise error("malformed", "notBefore is another day; certificates here begin now.")
        if end is None:
            return policy.life_of(profile, now)
        if not timedelta(minutes=5) <= end - now <= policy.longest(now):
            days = policy.longest(now).days
            raise error("malformed", f"notAfter is to be within {days} days, and not at once.")
        return end - now

    def _replaced(
        self, name: object, names: tuple[Identifier, ...], account: Account
    ) -> str | None:
        """What the order is to replace, as RFC 9773 5 has it checked."""
        if name is None:
            return None
        one = self._ca.register.by_renewal(name) if isinstance(name, str) else None
        if one is None or one.account != account.id:
            raise error("malformed", "What it is to replace is no certificate of this account.")
        if not set(one.names) & set(names):
            raise error("malformed", "What it is to replace has none of the ordered names.")
        if self._ca.ledger.replaced(account, str(name), self._ca.clock.now()):
            raise error("alreadyReplaced", "Another order replaces that certificate (RFC 9773 5).")
        return str(name)

    async def look(self, request: Request) -> web.Response:
        """An order."""
        return self._shown(self._order(request))

    async def finalize(self, request: Request) -> web.Response:
        """finalize: the signing request comes, the certificate is issued."""
        order = self._order(request)
        self._check_ready(order)
        data = decode(request.json().get("csr"), "The csr")
        if data.startswith(b"-----"):
            raise bad("The csr is PEM; it has to be DER.")
        key = await asyncio.to_thread(check_request, data, order.names)
        self._check_ready(order)  # another request may have been quicker
        if key.public_numbers() == request.signer.key.key.public_numbers():
            raise error("badCSR", "The key to be certified is the account's; take another one.")
        await self._ca.issue(order, key)
        return self._shown(order)

    def _check_ready(self, order: Order) -> None:
        status = order.look(self._ca.clock.now())
        if status is not Status.READY:
            raise error("orderNotReady", f"The order is {status.value}, not ready.")

    async def authorization(self, request: Request) -> web.Response:
        """An authorization; it can be deactivated."""
        one = self._authorization(request)
        if not request.empty:
            if request.json().get("status") != "deactivated":
                raise error("malformed", "An authorization can be deactivated only.")
            one.status = after(AUTHORIZATION, one.status, Event.DEACTIVATE)
        status = one.look(self._ca.clock.now())
        document: dict[str, Any] = {
            "identifier": {
                **one.identifier.as_json(),
                "value": one.identifier.value.removeprefix("*."),
            },
            "status": status.value,
            "expires": iso_time(one.expires),
            "challenges": [self._task(one, task) for task in _shown_tasks(one)],
        }
        if one.identifier.wildcard:
            document["wildcard"] = True
        return web.json_response(document, headers=_again(status))

    async def challenge(self, request: Request) -> web.Response:
        """A challenge; `{}` says that its answer is there."""
        one = self._authorization(request)
        task = next((task for task in one.tasks if task.id == request.part("task")), None)
        if task is None:
            raise error("malformed", "There is no such challenge.", status=404)
        if not request.empty:
            request.json()
            if one.look(self._ca.clock.now()) is Status.PENDING:
                self._ca.respond(one, task, thumbprint=request.signer.key.thumbprint)
        url = self._front.url(f"authorization/{one.id}")
        response = web.json_response(self._task(one, task), headers=_again(task.status))
        response.headers.add("Link", f'<{url}>;rel="up"')
        return response

    # --- found and shown

    def _order(self, request: Request) -> Order:
        order = self._ca.ledger.orders.get(request.part("id"))
        if order is None or order.account != request.signer.id:
            raise error("malformed", "This account has no such order.", status=404)
        return order

    def _authorization(self, request: Request) -> Authorization:
        one = self._ca.ledger.authorizations.get(request.part("id"))
        if one is None or one.account != request.signer.id:
            raise error("malformed", "This account has no such authorization.", status=404)
        return one

    def _shown(self, order: Order, *, status: int = 200) -> web.Response:
        url = self._front.url(f"order/{order.id}")
        state = order.look(self._ca.clock.now())
        document: dict[str, Any] = {
            "status": state.value,
            "expires": iso_time(order.expires),
            "identifiers": [name.as_json() for name in order.names],
            "authorizations": [
                self._front.url(f"authorization/{one.id}") for one in order.authorizations
            ],
            "finalize": f"{url}/finalize",
        }
        if order.certificate is not None:
            document["certificate"] = self._front.url(f"certificate/{order.certificate}")
        if order.problem is not None:
            document["error"] = as_document(order.problem)
        if order.replaces is not None:
            document["replaces"] = order.replaces
        return web.json_response(
            document, status=status, headers={"Location": url, **_again(state)}
        )

    def _task(self, one: Authorization, task: Task) -> dict[str, Any]:
        document: dict[str, Any] = {
            "type": task.kind.value,
            "url": self._front.url(f"challenge/{one.id}/{task.id}"),
            "token": task.token,
            "status": task.status.value,
        }
        if task.validated is not None:
            document["validated"] = iso_time(task.validated)
        if task.problem is not None:
            document["error"] = as_document(task.problem)
        return document


def _shown_tasks(one: Authorization) -> tuple[Task, ...]:
    """All ways while it is open; afterwards those that were tried (RFC 8555 7.1.4)."""
    if one.status is Status.PENDING:
        return one.tasks
    return tuple(task for task in one.tasks if task.status is not Status.PENDING) or one.tasks


def _again(status: Status) -> dict[str, str]:
    return {"Retry-After": LOOK_AGAIN} if status is Status.PROCESSING else {}


def _moment(text: object, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise error("malformed", f"{name} is no time as RFC 3339 has it.") from None
