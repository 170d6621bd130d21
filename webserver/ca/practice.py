"""The practice CA, wired: authority, ledger, register, name server, validation and two ports.

The composition root of a CA; what is wired here knows nothing of the rest.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.acme.wire import Identifier
from appliance.ca.authority import Authority, Places
from appliance.ca.csr import PublicKey
from appliance.ca.ledger import Authorization, Ledger, Order, Task
from appliance.ca.policy import ZONES, longest
from appliance.ca.problems import AcmeError, error
from appliance.ca.register import Issued, Register
from appliance.ca.states import CHALLENGE, Event, after
from appliance.ca.zones import Zones
from appliance.clock import Clock, real_now
from appliance.serving import ServingPlan
from store.certificate import Certificate
from webserver.ca.name_server import NameServer, Resolver
from webserver.ca.validating import Validator
from webserver.contexts import build_context
from webserver.handshakes import HandshakeLog
from webserver.late import LateServer
from webserver.listener import Listener

ADDRESS = "127.0.0.1"  # nobody logs on here
ACME_PORT, PAGE_PORT, DNS_PORT = 14000, 14080, 14053
_FRONT_LIFE = timedelta(days=397)  # of its own server's certificate, on the real calendar
log = logging.getLogger("osbiz")

PORTAL = ""  # the account of what the web portal ordered


class PracticeCA:
    """A CA that runs from `start` to `stop`.

    clock: its calendar; a box's, or its own.
    acme_port, page_port, dns_port: 0 takes a free one.
    http_01_port, tls_alpn_port: where it connects to validate.
    default_address: where every name of the zones is that has no record of its own.
    bindings: HMAC keys by kid; when there are any, accounts need one of them.
    limited: whether the rate limits hold.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        acme_port: int = 0,
        page_port: int = 0,
        dns_port: int = 0,
        http_01_port: int = 80,
        tls_alpn_port: int = 443,
        default_address: str = ADDRESS,
        zones: tuple[str, ...] = ZONES,
        bindings: Mapping[str, bytes] | None = None,
        limited: bool = True,
    ) -> None:
        self.clock = clock
        self.bindings = dict(bindings or {})
        self.ledger = Ledger(zones=zones, limited=limited)
        self.register = Register()
        self.zones = Zones(zones=zones, address=default_address)
        self.authority: Authority
        self.name_server = NameServer(self.zones, ADDRESS, dns_port)
        self.validator = Validator(
            Resolver(self.name_server), http_port=http_01_port, tls_port=tls_alpn_port
        )
        self.handshakes = HandshakeLog(real_now)
        self._ports = (acme_port, page_port)
        self._listeners: list[Listener] = []
        self._servers: list[LateServer] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""
        self.page_url = ""

    @property
    def directory(self) -> str:
        """The URL that ACME clients are told."""
        return f"{self.url}/directory"

    @property
    def trust(self) -> str:
        """PEM by which to trust its own server and all it issues."""
        return self.authority.trust

    @property
    def places(self) -> Places:
        """What its certificates say about where to ask."""
        return Places(
            f"{self.page_url}/issuer.cer", f"{self.page_url}/crl", f"{self.page_url}/ocsp"
        )

    async def start(self) -> None:
        """Make keys and listen; refused when a port can't be had."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        await self.name_server.start()
        acme, page = self._ports
        # Bound, not open: its own certificate is made once the ports are known to be there.
        front = self._listener(acme, self._acme_app, handshakes=self.handshakes)
        pages = self._listener(page, self._page_app)
        front.bind()
        pages.bind()
        self.url, self.page_url = (
            f"https://{ADDRESS}:{front.port}",
            f"http://{ADDRESS}:{pages.port}",
        )
        self.authority, plan = await asyncio.to_thread(self._make)
        front.context = await asyncio.to_thread(build_context, plan)
        front.open()
        pages.open()

    def _make(self) -> tuple[Authority, ServingPlan]:
        now = real_now()
        authority = Authority.make(around=(now, self.clock.now()), base=self.page_url)
        key = rsa.generate_private_key(65537, 2048)
        names = (Identifier("ip", ADDRESS), Identifier("dns", "localhost"))
        leaf = authority.issue(names, key.public_key(), now=now, life=_FRONT_LIFE, places=None)
        certificate = Certificate(leaf, (authority.issuer,), key)
        return authority, ServingPlan(certificate, "practice-ca")

    def _listener(
        self, port: int, make_app: Any, *, handshakes: HandshakeLog | None = None
    ) -> Listener:
        server = LateServer(make_app)
        listener = Listener(ADDRESS, port, server, node="ca", endpoint="ca", handshakes=handshakes)
        self._servers.append(server)
        self._listeners.append(listener)
        return listener

    def _acme_app(self) -> Any:
        from webserver.ca.acme_app import make_acme_app

        return make_acme_app(self)

    def _page_app(self) -> Any:
        from webserver.ca.page_app import make_page_app

        return make_page_app(self)

    async def stop(self) -> None:
        """End everything; nothing is kept."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listener in self._listeners:
            await listener.close()
        for server in self._servers:
            await server.close()
        await self.name_server.stop()

    # --- what both its ports do

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it meanwhile; ended with the CA."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def account_url(self, identity: str) -> str:
        """What the account with this id is called on the wire, in CAA records too (RFC 8657)."""
        return f"{self.url}/account/{identity}"

    def issued(self, names: tuple[Identifier, ...]) -> list[datetime]:
        """When certificates for exactly `names` were issued: they count for a rate limit."""
        return self.register.times(tuple(sorted(set(names))))

    async def validate(self, authorization: Authorization, task: Task, *, thumbprint: str) -> None:
        """Look whether the name is proved, and enter what came of it."""
        try:
            problem = await self.validator.validate(
                task.kind,
                authorization.identifier,
                task.token,
                f"{task.token}.{thumbprint}",
                account=self.account_url(authorization.account),
            )
        except Exception:  # else its client would wait for ever
            log.exception("the validation of %s failed", authorization.identifier.value)
            problem = error("serverInternal", "The CA's own fault; its log says why.").problem
        self.ledger.settle(authorization, task, problem, now=self.clock.now())

    def respond(self, authorization: Authorization, task: Task, *, thumbprint: str) -> None:
        """The client says that the answer of `task` is there: begin to look, once."""
        before = task.status
        task.status = after(CHALLENGE, before, Event.RESPOND)
        if task.status is not before:
            self.do(self.validate(authorization, task, thumbprint=thumbprint))

    async def issue(self, order: Order, key: PublicKey) -> Issued:
        """Issue what `order` wants for `key`; refused when CAA says no by now."""
        order.happen(Event.FINALIZE)
        try:
            account = self.account_url(order.account)
            for proof in order.authorizations:
                await self.validator.check_caa(
                    proof.identifier, method=proof.proved_by, account=account
                )
        except AcmeError as refused:
            order.problem = refused.problem
            order.happen(Event.FAIL)
            raise
        now = self.clock.now()
        leaf = await asyncio.to_thread(
            self.authority.issue,
            order.names,
            key,
            now=now,
            life=min(order.life, longest(now)),
            places=self.places,
        )
        one = Issued(secrets.token_urlsafe(9), leaf, order.names, order.account, now)
        self.register.add(one)
        order.certificate = one.id
        order.happen(Event.ISSUE)
        return one
