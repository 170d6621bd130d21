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
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from appliance.acme import book as books
from appliance.acme import changes
from appliance.acme.failures import AcmeFailed
from appliance.acme.setup import Setup
from appliance.acme.setup_form import parse_setup
from appliance.acme.states import State, Step
from store.refusals import Refused
from webserver.acme_care import AcmeCare
from webserver.acme_errands import refused_for
from webserver.acme_solvers import check_port

if TYPE_CHECKING:
    from webserver.running import RunningBox

LONGEST_SLEEP = 3600.0  # seconds: the machine may have been asleep itself
AFTER_TROUBLE = 10.0  # seconds until the next look when even writing down failed

log = logging.getLogger("osbiz")


class AcmeRunner(AcmeCare):
    """Who sees to it that things are done when they are due."""

    def __init__(self, box: RunningBox) -> None:
        super().__init__(box)
        self._task: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._back = timedelta(0)

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
        beside = self._box.practice_ca
        setup = await self._box.call(parse_setup, values, beside=beside)
        self._check_port(setup)
        await self._instead(lambda: self._call(changes.set_up, self.book, setup), now=True)

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
        await self._instead(lambda: self._call(changes.begin, self.book), now=True)

    async def forget(self) -> None:
        """Get nothing any more; what was got stays active."""
        await self._instead(lambda: self._call(changes.forget, self.book))

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
                await self.activate()
                return True
        elif book.due is not None and now >= book.due and real >= self._order_from:
            await self.attempt()
            return True
        elif self._may_ask(now):
            await self.ask()
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
