"""Keeps the box's certificate from an ACME CA: orders, activates, renews, tries again.

One task that sleeps until the box's calendar says that something is due. What is due, and what
comes of it, is decided in `appliance/acme`; here it is carried out. Public CAs are on real time
whatever the box's calendar does, so that towards them real time sets a lower bound.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding

from appliance.acme import book as books
from appliance.acme.book import Account, Book
from appliance.acme.failures import AcmeFailed, Failure
from appliance.acme.schedule import advised_due, ask_again, next_hour, retry_at
from appliance.acme.setup import Setup, parse_setup
from appliance.acme.signing import AccountKey, certificate_id
from appliance.acme.states import State, Step
from appliance.acme.wire import RenewalInfo
from appliance.node import Change
from store.refusals import Refused
from webserver.acme_client import FAR, AcmeClient, Pace, pace_for, trusting
from webserver.acme_conversation import conversation, forget_account, refused_for
from webserver.acme_order import Ordering
from webserver.acme_solvers import check_port, solver_for

if TYPE_CHECKING:
    from webserver.running import RunningBox

LONGEST_SLEEP = 3600.0  # seconds: the machine may have been asleep itself

log = logging.getLogger("osbiz")


class AcmeRunner:
    """The one who does it for `box`.

    book: how it stands, as committed.
    step: where the order under way is; None when there is none.
    advice: the CA's renewal information for what is installed, if any.
    """

    def __init__(self, box: RunningBox) -> None:
        self._box = box
        self.book = Book()
        self.step: Step | None = None
        self.advice: RenewalInfo | None = None
        self._task: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._moved = asyncio.Event()  # replaced each time: who waits for a state looks again
        self._carrying: asyncio.Future[Change] | None = None
        self._back = timedelta(0)
        self._activate_now = False
        self._context: tuple[str, ssl.SSLContext] | None = None
        self._pace: Pace = FAR
        self._ask_at: datetime | None = None
        self._order_from = self._ask_from = 0.0  # real time (of the loop)

    # What it is told

    async def start(self) -> None:
        """Go on where the book is."""
        async with self._changing:
            await self._go_on()

    async def set_up(self, values: dict[str, Any]) -> None:
        """Get what `values` (the members of `PUT /v1/acme`) say, beginning now.

        Refused, with nothing changed, when they won't do or the box has no port for the
        challenge.
        """
        setup = await self._box.call(parse_setup, values)
        self._check_port(setup)
        async with self._changing:
            await self._halt()
            self.advice, self._ask_at = None, None
            try:
                await self._box.call(books.set_up, self._box.model, self.book, setup)
            finally:
                await self._go_on(now=True)

    async def renew(self, *, activate_now: bool = False) -> None:
        """Order now, whatever the calendar says; an order under way is left alone.

        activate_now: not at the hour that was set for it. Refused when nothing was set up.
        """
        async with self._changing:
            setup = self._set_up()
            self._check_port(setup)
            self._activate_now = activate_now
            if self.book.state is State.ORDERING:
                self._wake.set()
                return
            await self._halt()
            try:
                await self._box.call(books.begin, self._box.model, self.book)
            finally:
                await self._go_on(now=True)

    async def forget(self) -> None:
        """Get nothing any more; what was got stays active."""
        async with self._changing:
            await self._halt()
            self.advice, self._ask_at = None, None
            try:
                await self._box.call(books.forget, self._box.model, self.book)
            finally:
                await self._go_on()

    async def revoke(self, identity: str, *, reason: int) -> None:
        """Have the CA revoke the certificate `identity`, by the account that ordered it."""
        certificate = self._box.model.holding(identity).certificate
        if certificate is None:
            raise Refused.because(
                "certificate-pending", "A signing request can't be revoked.", field="certificate"
            )
        der = certificate.leaf.public_bytes(Encoding.DER)
        async with self._changing:
            try:
                async with await self._client() as client:
                    await client.revoke(der, reason=reason)
            except AcmeFailed as failed:
                raise refused_for(failed.failure) from None
            name = self._box.model.holding(identity).name
            await self._box.note("acme-revoked", certificate=identity, name=name, reason=reason)

    async def change_key(self) -> None:
        """Give the account a new key."""
        async with self._changing:
            setup = self._set_up()
            try:
                async with await self._client() as client:
                    await client.change_key(AccountKey.make())
                    account = Account(setup.directory, client.key, client.kid, setup.contact)
                    await self._box.call(books.keep_account, self._box.model, account)
            except AcmeFailed as failed:
                raise refused_for(failed.failure) from None
            await self._box.note("acme-key-changed", directory=setup.directory)

    async def settled(self) -> None:
        """Wait until no order is under way."""
        while self.state is State.ORDERING:
            await self._moved.wait()

    def clock_moved(self, by: timedelta) -> None:
        """The box's calendar was set, by so much."""
        if by < timedelta(seconds=-1):
            self._back = self._back + by
        self._wake.set()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Nothing is done in the block, after which the book may be another one."""
        async with self._changing:
            await self._halt()
            try:
                yield
            finally:
                await self._go_on()

    async def stop(self) -> None:
        """Do nothing any more."""
        async with self._changing:
            await self._halt()

    # What it is

    @property
    def state(self) -> State:
        """As in the book; but installed only once the restart that it cost is over."""
        return State.ORDERING if self.step is not None else self.book.state

    def check(self) -> None:
        """Refused with its reason when the last attempt failed."""
        if self.book.failure is not None:
            raise refused_for(self.book.failure)

    def _set_up(self) -> Setup:
        if self.book.setup is None:
            raise Refused.because(
                "acme-not-set-up",
                "No certificate was asked of an ACME CA.",
                instead="Set it up first.",
            )
        return self.book.setup

    def _check_port(self, setup: Setup) -> None:
        try:
            check_port(self._box, setup)
        except AcmeFailed as failed:
            raise refused_for(failed.failure, field="challenge") from None

    # The task

    async def _halt(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._carrying is not None:
            await asyncio.wait({self._carrying})
        self._at(None)
        self.book = await self._box.call(books.read_book, self._box.model)

    async def _go_on(self, *, now: bool = False) -> None:
        self.book = await self._box.call(books.read_book, self._box.model)
        if now:
            self._order_from = 0.0
        if self.book.state is State.ORDERING and self.book.waiting is None:
            self._at(Step.CONNECT)
        if self.book.setup is not None:
            self._task = asyncio.create_task(self._run(), name="acme")

    def _at(self, step: Step | None) -> None:
        self.step = step
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            if self._back:
                back, self._back = self._back, timedelta(0)
                self.book = await self._call(books.keep, self.book.moved(back))
                self._ask_at = None
            if not await self._do_what_is_due():
                await self._sleep()

    async def _do_what_is_due(self) -> bool:
        """Whether anything was."""
        book, now, real = self.book, self._box.clock.now(), self._real()
        if book.waiting is not None:
            if self._activate_now or now >= (book.activate_at or now) or self._is_active():
                await self._activate()
                return True
        elif book.due is not None and now >= book.due and real >= self._order_from:
            await self._attempt()
            return True
        elif self._ask_due(now) and real >= self._ask_from:
            await self._ask()
            return True
        return False

    def _ask_due(self, now: datetime) -> bool:
        if self.book.state is not State.INSTALLED:
            return False
        return self._ask_at is None or now >= self._ask_at

    async def _sleep(self) -> None:
        """Until something is due on the box's calendar, or somebody has set it."""
        book, rate, now = self.book, self._box.clock.rate, self._box.clock.now()
        waits = []
        for moment, earliest in (
            (
                book.activate_at if book.waiting else book.due,
                0.0 if book.waiting else self._order_from,
            ),
            (self._ask_at if book.state is State.INSTALLED else None, self._ask_from),
        ):
            if moment is None or (rate == 0 and moment > now):
                continue
            seconds = (moment - now).total_seconds() / rate if rate else 0.0
            waits.append(max(seconds, earliest - self._real(), 0.001))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), min([*waits, LONGEST_SLEEP]))

    def _real(self) -> float:
        return asyncio.get_running_loop().time()

    async def _call(self, function: Any, *arguments: Any, **more: Any) -> Book:
        book: Book = await self._box.call(function, self._box.model, *arguments, **more)
        return book

    # An attempt

    async def _attempt(self) -> None:
        """Order, and hold what comes of it; a failure is written down, with the next attempt."""
        self._at(Step.CONNECT)
        began = self._real()
        try:
            self.book = await self._call(books.begin, self.book)
            await self._obtain()
        except AcmeFailed as failed:
            await self._fail(failed.failure)
        except Refused as refused:
            code = "acme-storage" if refused.code == "storage-failed" else "acme-certificate-unfit"
            await self._fail(Failure(code, Step.DOWNLOAD, str(refused)))
        except Exception:  # an attempt ends in words, whatever it is that ends it
            log.exception("the order at %s failed", self.book.setup and self.book.setup.directory)
            await self._fail(Failure("acme-internal", self.step or Step.CONNECT))
        finally:
            self._order_from = began + self._pace.orders

    async def _obtain(self, *, again: bool = True) -> None:
        setup, box = self._set_up(), self._box
        check_port(box, setup)
        self._pace = await pace_for(setup.directory)
        try:
            await self._order(setup)
        except AcmeFailed as failed:
            # A CA that was set up anew knows nobody: sign in again, once.
            forgotten = failed.failure.code == "acme-account" and again
            if not forgotten or not await forget_account(box, setup):
                raise
            await self._obtain(again=False)

    async def _order(self, setup: Setup) -> None:
        box = self._box
        async with await self._client() as client:
            solver = solver_for(box, setup, client.session)
            ordering = Ordering(client, setup, solver, on_step=self._at)
            key = await box.call(box.model.keys.take)
            pem = await ordering.run(key, replaces=await self._replaces())
            hour = next_hour(box.clock.now(), setup.activate_at)
            self.book = await self._call(books.take, self.book, pem, key, activate_at=hour)
        self._at(Step.WAIT)

    async def _replaces(self) -> str | None:
        held = self._box.model.holdings.get(self.book.certificate or "")
        if held is None or held.certificate is None:
            return None
        return certificate_id(held.certificate.leaf)

    async def _fail(self, failure: Failure) -> None:
        box = self._box
        end = books.end_of(box.model, self.book)
        again = retry_at(
            box.clock.now(),
            failures=self.book.failures + 1,
            not_after=end,
            retry_after=failure.retry_after,
        )
        if failure.retry_after is not None and self._pace is FAR:
            self._order_from = self._real() + failure.retry_after
        try:
            self.book = await self._call(books.fail, self.book, failure, again=again)
        except Refused as refused:  # the disk is full: what is in memory has to do
            log.error("%s", refused)
            self.book = replace(self.book, state=State.FAILED, failure=failure, due=again)
        self._activate_now = False
        self._at(None)

    # Activation

    def _is_active(self) -> bool:
        return self._box.model.settings.get("active") == self.book.waiting

    async def _activate(self) -> None:
        """Activate what is waiting, and wait until the box is back with it."""
        self._at(Step.ACTIVATE)
        box, done = self._box, []
        in_use = {box.booster.active_id or ""} if box.booster is not None else set()

        def prepare() -> Change:
            book, change = books.prepare_activation(box.model, self.book, in_use=in_use)
            done.append(book)
            return change

        try:
            await box.running()
            self._carrying = asyncio.ensure_future(box.carry_out(prepare))
            await asyncio.shield(self._carrying)
        except Refused as refused:
            if refused.code != "restarting":
                code = "acme-storage" if refused.code == "storage-failed" else "acme-activation"
                await self._fail(Failure(code, Step.ACTIVATE, str(refused)))
            return
        self.book = done[-1]
        self._activate_now = False
        self.advice, self._ask_at = None, None
        await box.running()
        self._at(None)

    # Renewal information

    async def _ask(self) -> None:
        """Ask the CA when it would have its certificate renewed (RFC 9773)."""
        box, book = self._box, self.book
        self._ask_from = self._real() + self._pace.questions
        held = box.model.holdings.get(book.certificate or "")
        identity = None
        if held is not None and held.certificate is not None:
            identity = certificate_id(held.certificate.leaf)
        info, wait = None, None
        if identity is not None:
            try:
                async with await self._client(account=False) as client:
                    info, wait = await client.renewal_info(identity)
            except AcmeFailed as failed:
                log.info("no renewal information: %s", failed)
        self._ask_from = self._real() + self._pace.questions
        self._ask_at = ask_again(box.clock.now(), wait)
        if info is None or info == self.advice or book.obtained is None or held is None:
            return
        assert held.certificate is not None
        due = advised_due(
            info,
            obtained=book.obtained,
            not_before=held.certificate.not_before,
            not_after=held.certificate.not_after,
        )
        self.advice = info
        self.book = await self._call(books.keep, replace(book, due=due))

    # The CA

    async def _client(self, *, account: bool = True) -> AbstractAsyncContextManager[AcmeClient]:
        setup = self._set_up()
        if self._context is None or self._context[0] != setup.trust:
            self._context = setup.trust, await asyncio.to_thread(trusting, setup.trust)
        return conversation(self._box, setup, self._context[1], account=account)
