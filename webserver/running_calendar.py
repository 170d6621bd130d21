"""A running box's calendar: set, followed, and the dates it has certificates carry.

Owns when projected dates are made anew. The calendar itself is the model's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from appliance.clock import Clock, Dates, Setting, real_now
from appliance.node import Node
from store.inventory import Holding
from store.refusals import Refused

if TYPE_CHECKING:
    from appliance.redating import Redating
    from webserver.running import RunningBox

_SECOND = timedelta(seconds=1)
# Signing for two nodes takes a few milliseconds; in this time no change can begin.
AHEAD_SECONDS = 0.15
# Daemons that keep time move the clock by less than this without anybody noticing.
LEAST_STEP_SECONDS = 0.25


class Calendar:
    """What moves with time on one box, and on the Booster Server of its process.

    by_itself: whether projected dates are made anew without anybody asking; else `present`
        has to be called.
    """

    def __init__(self, box: RunningBox) -> None:
        self._box = box
        self.by_itself = True
        self._following: asyncio.Task[None] | None = None

    @property
    def _clock(self) -> Clock:
        return self._box.clock

    async def set(self, setting: Setting, *, allow_unprojected: bool) -> None:
        """See `RunningBox.set_clock`; to be called while nothing else changes."""
        box, before = self._box, self._clock.dates
        wanted = setting.dates or before
        if box.booster is not None and not allow_unprojected and wanted is Dates.PROJECTED:
            await box.booster.check_projection()
        await box.call(box.model.set_clock, setting, allow_unprojected=allow_unprojected)
        if Dates.PROJECTED in (before, self._clock.dates):
            await self.present()
        self.follow()

    async def redate(self, node: str, redating: Redating, identity: str | None) -> Holding:
        """See `RunningBox.expire_in`; to be called while nothing else changes."""
        from appliance.redating import prepare_redating, prepare_reissue  # off the start path

        box = self._box
        model = box.near_node(node).node
        change, old, new = await box.call(prepare_redating, model, identity, redating)
        await box.call(model.commit, change)
        for other in self._models():  # a chain that is sent there may hold the same certificate
            elsewhere = prepare_reissue(other, old, new)
            if other is not model and elsewhere.add:
                await box.call(other.commit, elsewhere)
        await self.present()
        return change.add[0]

    def _models(self) -> list[Node]:
        found: list[Node] = [self._box.model]
        if self._box.booster is not None:
            with suppress(Refused):
                found.append(self._box.booster.near().node)
        return found

    async def present(self, second: datetime | None = None) -> None:
        """Show new connections what the calendar says, at the real `second` if one is given."""
        waiting: list[Callable[[], None]] = [await self._box.prepare_to_present(second)]
        if self._box.booster is not None:
            waiting.append(await self._box.booster.prepare_to_present(second))
        if second is not None:
            await asyncio.sleep(max((second - real_now()).total_seconds(), 0))
        for show in waiting:
            show()

    def follow(self) -> None:
        """Make projected dates anew when they have to be, and only while they have to be."""
        clock = self._clock
        projected = clock.dates is Dates.PROJECTED and not clock.goes_with_the_machine
        moves = projected and self.by_itself
        if self._following is not None:
            self._following.cancel()
            self._following = None
        if moves:
            follow = self._follow_real_time if clock.rate == 0 else self._follow_steps
            self._following = asyncio.create_task(follow())

    async def _follow_real_time(self) -> None:
        """The calendar stands still: with each real second its dates are a second later."""
        while True:
            now = real_now()
            second = now.replace(microsecond=0) + _SECOND
            if (second - now).total_seconds() < AHEAD_SECONDS / 3:
                second += _SECOND
            await asyncio.sleep((second - now).total_seconds() - AHEAD_SECONDS)
            async with self._box.changing:
                await self.present(second)

    async def _follow_steps(self) -> None:
        """The machine's clock may be set: what is left of a life must not change with it."""
        offset = self._clock.machine_offset()
        while True:
            await asyncio.sleep(1)
            now = self._clock.machine_offset()
            if abs(now - offset) > LEAST_STEP_SECONDS:
                offset = now
                async with self._box.changing:
                    await self.present()

    async def end(self) -> None:
        """Follow the time no longer."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
