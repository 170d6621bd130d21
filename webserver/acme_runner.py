"""Keeps the box's certificate from an ACME CA: orders, activates, renews, tries again.

One task that sleeps until the box's calendar says that something is due. What is due, and what
comes of it, is decided in `appliance/acme`; here it is carried out. Public CAs are on real time
whatever the box's calendar does, so that towards them real time sets a lower bound.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from appliance.acme import book as books
from appliance.acme.book import Book
from appliance.acme.failures import AcmeFailed, Failure
from appliance.acme.schedule import advised_due, ask_again, next_hour, retry_at
from appliance.acme.setup import Setup
from appliance.acme.setup_form import parse_setup
from appliance.acme.states import State, Step
from appliance.acme.wire import RenewalInfo
from appliance.node import Change
from store.certificate import Certificate
from store.refusals import Refused
from webserver.acme_errands import Errands, refused_for
from webserver.acme_requests import FAR
from webserver.acme_solvers import check_port

if TYPE_CHECKING:
    from webserver.running import RunningBox

LONGEST_SLEEP = 3600.0  # seconds: the machine may have been asleep itself
AFTER_TROUBLE = 10.0  # seconds until the next look when even writing down failed

log = logging.getLogger("osbiz")


class AcmeRunner:
    """The one who does it for `box`.

    book: how it stands, as committed.
    step: where the order under way is; None when there is none.
    advice: the CA's renewal information for what is installed, if any.
    """

    def __init__(self, box: RunningBox) -> None:
        self._box = box
        self._errands = Errands(box)
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
        self._ask_at: datetime | None = None
        self._order_from = self._ask_from = 0.0  # real time (of the loop)

    # What it is

    @property
    def state(self) -> State:
        """As in the book; but installed only once the restart that it cost is over."""
        return State.ORDERING if self.step is not None else self.book.state

    def check(self) -> None:
        """Refused with its reason when the last attempt failed."""
        if self.book.failure is not None:
            raise refused_for(self.book.failure)

    async def settled(self) -> None:
        """Wait until nothing is under way or due; what waits for its hour is neither."""
        while self._has_work():
            await self._moved.wait()

    def _has_work(self) -> bool:
        book, now = self.book, self._box.clock.now()
        if self._task is None or self._task.done():
            return False
        if book.waiting is not None:
            return self.step is not Step.WAIT or self._may_activate(now)
        return self.step is not None or (book.due is not None and now >= book.due)

    def _may_activate(self, now: datetime) -> bool:
        return self._activate_now or self._is_active() or now >= (self.book.activate_at or now)

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
        await self._instead(lambda: self._call(books.set_up, self.book, setup), now=True)

    async def renew(self, *, activate_now: bool = False) -> None:
        """Order now, whatever the calendar says; an order under way is left alone.

        activate_now: not at the hour that was set for it. Refused when nothing was set up.
        """
        setup = self._set_up()
        self._check_port(setup)
        self._activate_now = activate_now
        if self.book.state is State.ORDERING:
            self._wake.set()
            return
        await self._instead(lambda: self._call(books.begin, self.book), now=True)

    async def forget(self) -> None:
        """Get nothing any more; what was got stays active."""
        await self._instead(lambda: self._call(books.forget, self.book))

    async def revoke(self, identity: str, *, reason: int) -> None:
        """Have the CA revoke the certificate `identity`; refused where it will not."""
        setup, holding = self._set_up(), self._box.model.holding(identity)
        if holding.certificate is None:
            raise Refused.because(
                "certificate-pending", "A signing request can't be revoked.", field="certificate"
            )
        await self._run_errand(self._errands.revoke(setup, holding.certificate, reason=reason))
        detail = {"certificate": identity, "name": holding.name, "reason": reason}
        await self._box.note("acme-revoked", **detail)

    async def change_key(self) -> None:
        """Give the account a new key; refused where the CA will not."""
        setup = self._set_up()
        await self._run_errand(self._errands.change_key(setup))
        await self._box.note("acme-key-changed", directory=setup.directory)

    async def _run_errand(self, errand: Awaitable[None]) -> None:
        async with self._changing:
            try:
                await errand
            except AcmeFailed as failed:
                raise refused_for(failed.failure) from None

    def clock_moved(self, by: timedelta) -> None:
        """The box's calendar was set, by so much."""
        if by < timedelta(seconds=-1) and self._task is not None:
            self._back += by
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

    async def _instead(self, change: Any, *, now: bool = False) -> None:
        """Leave what is being done, `change` the book, and go on from there."""
        async with self._changing:
            await self._halt()
            self.advice, self._ask_at = None, None
            try:
                await change()
            finally:
                self._order_from = 0.0 if now else self._order_from
                await self._go_on()

    async def _halt(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._carrying is not None:
            await asyncio.gather(self._carrying, return_exceptions=True)
        self.book = await self._call(books.read_book)

    async def _go_on(self) -> None:
        self.book = await self._call(books.read_book)
        self._at(None)
        if self.book.state is State.ORDERING:
            self._at(Step.CONNECT if self.book.waiting is None else Step.WAIT)
        if self.book.setup is not None:
            self._task = asyncio.create_task(self._run(), name="acme")

    def _at(self, step: Step | None) -> None:
        self.step = step
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _call(self, function: Any, *arguments: Any, **more: Any) -> Book:
        book: Book = await self._box.call(function, self._box.model, *arguments, **more)
        return book

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                if self._back:
                    back, self._back = self._back, timedelta(0)
                    self.book = await self._call(books.keep, self.book.moved(back))
                    self._ask_at = None
                if not await self._do_what_is_due():
                    await self._sleep()
            except Exception:  # whatever it was, the next renewal must not be missed for it
                log.exception("the care for the ACME certificate failed")
                await asyncio.sleep(AFTER_TROUBLE)

    async def _do_what_is_due(self) -> bool:
        """Whether anything was."""
        book, now, real = self.book, self._box.clock.now(), self._real()
        if book.waiting is not None:
            if self._may_activate(now):
                await self._activate()
                return True
        elif book.due is not None and now >= book.due and real >= self._order_from:
            await self._attempt()
            return True
        elif self._may_ask(now):
            await self._ask()
            return True
        return False

    def _may_ask(self, now: datetime) -> bool:
        if self.book.state is not State.INSTALLED or self._real() < self._ask_from:
            return False
        return self._ask_at is None or now >= self._ask_at

    async def _sleep(self) -> None:
        """Until something is due on the box's calendar, or somebody has set it."""
        book, rate, now = self.book, self._box.clock.rate, self._box.clock.now()
        moments: list[tuple[datetime | None, float]] = [(book.due, self._order_from)]
        if book.waiting is not None:
            moments = [(book.activate_at, 0.0)]
        elif book.state is State.INSTALLED:
            moments.append((self._ask_at, self._ask_from))
        waits = [LONGEST_SLEEP]
        for moment, earliest in moments:
            if moment is None or (rate == 0 and moment > now):
                continue
            seconds = (moment - now).total_seconds() / rate if rate else 0.0
            waits.append(max(seconds, earliest - self._real(), 0.001))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), min(waits))

    def _real(self) -> float:
        return asyncio.get_running_loop().time()

    # What it does

    def _installed(self) -> Certificate | None:
        """What was activated last, where it is still held."""
        held = self._box.model.holdings.get(self.book.certificate or "")
        return None if held is None else held.certificate

    async def _attempt(self) -> None:
        """Order, and hold what comes of it; a failure is written down, with the next attempt."""
        box, began, setup = self._box, self._real(), self._set_up()
        self._at(Step.CONNECT)
        try:
            self.book = await self._call(books.begin, self.book)
            pem, key = await self._errands.obtain(
                setup, replaces=self._installed(), on_step=self._at
            )
            hour = next_hour(box.clock.now(), setup.activate_at)
            self.book = await self._call(books.take, self.book, pem, key, activate_at=hour)
            self._at(Step.WAIT)
        except AcmeFailed as failed:
            await self._fail(failed.failure)
        except Refused as refused:
            code = "acme-storage" if refused.code == "storage-failed" else "acme-certificate-unfit"
            await self._fail(Failure(code, Step.DOWNLOAD, str(refused)))
        except Exception:  # an attempt ends in words, whatever it is that ends it
            log.exception("the order at %s failed", setup.directory)
            await self._fail(Failure("acme-internal", self.step or Step.CONNECT))
        finally:
            self._order_from = max(self._order_from, began + self._errands.pace.orders)

    async def _fail(self, failure: Failure) -> None:
        """Write it down, with when it is tried again: not sooner than the CA's pace allows."""
        clock, pace, wait = self._box.clock, self._errands.pace, failure.retry_after
        real = max(pace.orders, wait or 0.0) if pace is FAR else pace.orders
        self._order_from = self._real() + real
        end = books.end_of(self._box.model, self.book)
        again = max(
            retry_at(clock.now(), failures=self.book.failures + 1, not_after=end, retry_after=wait),
            clock.now() + timedelta(seconds=min(real * clock.rate, 86_400 * 365)),
        )
        try:
            self.book = await self._call(books.fail, self.book, failure, again=again)
        except Refused as refused:  # the disk is full: what is in memory has to do
            log.error("%s", refused)
            self.book = replace(self.book, state=State.FAILED, failure=failure, due=again)
        self._activate_now = False
        self._at(None)

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

    async def _ask(self) -> None:
        """Ask the CA when it would have its certificate renewed (RFC 9773)."""
        clock, book, certificate = self._box.clock, self.book, self._installed()
        info, wait = None, None
        if certificate is not None:
            try:
                info, wait = await self._errands.advice(self._set_up(), certificate)
            except AcmeFailed as failed:
                log.info("no renewal information: %s", failed)
        self._ask_from = self._real() + self._errands.pace.questions
        self._ask_at = ask_again(clock.now(), wait)
        if info is None or info == self.advice or book.obtained is None or certificate is None:
            return
        due = advised_due(
            info,
            obtained=book.obtained,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
        )
        self.book = await self._call(books.keep, replace(book, due=due))
        self.advice = info
