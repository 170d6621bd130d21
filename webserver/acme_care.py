"""What is done about the box's certificate from a CA, one thing at a time: order, activate, ask.

Each ends in the book, a failure too. When something is to be done is for `acme_runner` to know.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from appliance.acme import book as books
from appliance.acme import changes
from appliance.acme.book import Book
from appliance.acme.failures import AcmeFailed, Failure
from appliance.acme.schedule import advised_due, ask_again, next_hour, retry_at
from appliance.acme.setup import Setup
from appliance.acme.states import State, Step
from appliance.acme.wire import RenewalInfo
from appliance.change import Change
from store.certificate import Certificate
from store.refusals import Refused
from webserver.acme_errands import Errands
from webserver.acme_requests import FAR

if TYPE_CHECKING:
    from webserver.running import RunningBox

log = logging.getLogger("osbiz")


class AcmeCare:
    """The things that are done for `box`.

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
        self._moved = asyncio.Event()  # replaced each time: who waits for a state looks again
        self._carrying: asyncio.Future[Change] | None = None
        self._activate_now = False
        self._ask_at: datetime | None = None
        # Real time (of the loop) from which on the CA may be asked without anybody's wish.
        self._order_from = self._ask_from = 0.0

    def _set_up(self) -> Setup:
        if self.book.setup is None:
            raise Refused.because(
                "acme-not-set-up",
                "No certificate was asked of an ACME CA.",
                instead="Set it up first.",
            )
        return self.book.setup

    def _at(self, step: Step | None) -> None:
        self.step = step
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _call(self, function: Any, *arguments: Any, **more: Any) -> Book:
        book: Book = await self._box.call(function, self._box.model, *arguments, **more)
        return book

    def _real(self) -> float:
        return asyncio.get_running_loop().time()

    def _installed(self) -> Certificate | None:
        """What was activated last, where it is still held."""
        held = self._box.model.holdings.get(self.book.certificate or "")
        return None if held is None else held.certificate

    async def attempt(self) -> None:
        """Order, and hold what comes of it; a failure is written down, with the next attempt."""
        box, began, setup = self._box, self._real(), self._set_up()
        self._at(Step.CONNECT)
        try:
            self.book = await self._call(changes.begin, self.book)
            pem, key = await self._errands.obtain(
                setup, replaces=self._installed(), on_step=self._at
            )
            hour = next_hour(box.clock.now(), setup.activate_at)
            self.book = await self._call(changes.take, self.book, pem, key, activate_at=hour)
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
            self.book = await self._call(changes.fail, self.book, failure, again=again)
        except Refused as refused:  # the disk is full: what is in memory has to do
            log.error("%s", refused)
            self.book = replace(self.book, state=State.FAILED, failure=failure, due=again)
        self._activate_now = False
        self._at(None)

    def _is_active(self) -> bool:
        return self._box.model.settings.get("active") == self.book.waiting

    async def activate(self) -> None:
        """Activate what is waiting, and wait until the box is back with it."""
        self._at(Step.ACTIVATE)
        box, done = self._box, []
        in_use = {box.booster.active_id or ""} if box.booster is not None else set()

        def prepare() -> Change:
            book, change = changes.prepare_activation(box.model, self.book, in_use=in_use)
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

    async def ask(self) -> None:
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
