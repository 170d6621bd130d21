"""A presence that was set until some time ends then, and who watches is told without asking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from appliance.calls import PRESENCE_EVENT, Event
from webserver.running import RunningBox
from webserver.simulator import Simulator

HOUR = timedelta(hours=1)


class Watched:
    """A box whose presence events are kept in a queue."""

    def __init__(self, box: RunningBox) -> None:
        self.box = box
        self._heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        box.exchange.on_event = self._hear

    def _hear(self, event: Event) -> None:
        if event.type == PRESENCE_EVENT:
            self._heard.put_nowait((event.device, event.detail["presence"]))

    def at_lunch(self, extension: str, hours: float) -> None:
        """Set it, and let the event of that pass."""
        self.box.exchange.set_presence(extension, 7, self.box.clock.now() + HOUR * hours)
        assert self._heard.get_nowait() == (extension, "7")

    async def next(self) -> tuple[str, str]:
        """Who was told to be where next."""
        async with asyncio.timeout(10):
            return await self._heard.get()

    @property
    def quiet(self) -> bool:
        return self._heard.empty()


@asynccontextmanager
async def a_box(**options: object) -> AsyncIterator[Watched]:
    async with Simulator(ephemeral=True, booster=False, **options) as simulator:
        yield Watched(simulator.box)


async def test_presences_end_in_their_order_as_the_clock_comes_to_their_times() -> None:
    async with a_box(rate=36_000) as watched:
        watched.at_lunch("100", 4)
        watched.at_lunch("101", 2)
        watched.at_lunch("100", 3)
        assert [await watched.next(), await watched.next()] == [("101", "1"), ("100", "1")]
        await asyncio.sleep(0.2)  # past the time that was said first
        assert watched.quiet


async def test_a_clock_that_is_set_past_the_time_ends_it_at_once() -> None:
    async with a_box(rate=0) as watched:
        watched.at_lunch("100", 1)
        await watched.box.set_clock(shift="59m")
        assert watched.quiet
        await watched.box.set_clock(shift="2m")
        assert await watched.next() == ("100", "1")


async def test_a_reset_ends_no_presence_later_on() -> None:
    async with a_box(rate=0) as watched:
        watched.at_lunch("100", 2)
        await watched.box.reset()
        await watched.box.set_clock(shift="3h")
        assert watched.quiet
