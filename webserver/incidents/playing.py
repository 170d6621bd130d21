"""Playing an incident: through the calendar, step by step, and looking at each.

Between steps time runs, or is skipped; at a step it stands still while things are done and
looked at, so that everybody sees the same second however long that takes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appliance.clock import MAX_RATE, Dates, real_now
from appliance.incidents import Incident
from appliance.incidents.form import Client, Step
from appliance.trust import Anchor
from webserver.incidents.checking import checks
from webserver.incidents.crews import Crews
from webserver.incidents.doing import EVERYBODY, Doing
from webserver.incidents.looking import Looking
from webserver.incidents.programs import Program
from webserver.incidents.results import Done, NodeView, ProgramRun, Replay, StepResult
from webserver.incidents.running import Programs
from webserver.incidents.world import World

SHOW_SECONDS = 30.0  # how long a replay takes when no pace is asked for, about
LONGEST_GAP_SECONDS = 3.0
_TICK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How time passes between steps.

    rate: so many times as fast; None to have all of it take about half a minute.
    skip: not at all: the calendar is set from step to step.
    """

    rate: float | None = None
    skip: bool = False

    def __str__(self) -> str:
        if self.skip:
            return "step by step"
        return "as quickly as can be watched" if self.rate is None else f"at rate {self.rate:,.0f}"


class Watcher:
    """Is told how a replay goes on; does nothing with it."""

    def begun(self, replay: Replay, world: World) -> None:
        """The world is there."""

    def passing(self, now: datetime, until: Step) -> None:
        """Time passes towards a step; called some times a second."""

    def step(self, step: Step) -> None:
        """A step is there; its actions follow."""

    def done(self, done: Done) -> None:
        """Something was done."""

    def client(self, client: Client, happening: dict[str, Any]) -> None:
        """Something happened to a UC client."""

    def looked(self, result: StepResult) -> None:
        """A step is over."""


class Player:
    """Plays one incident, once.

    dates: which dates certificates carry. programs: run at every step.
    """

    def __init__(
        self,
        incident: Incident,
        *,
        dates: Dates = Dates.SIMULATED,
        pace: Pace = Pace(),
        programs: Sequence[Program] = (),
        watcher: Watcher | None = None,
    ) -> None:
        self._incident = incident
        self._pace = pace
        self._watcher = watcher or Watcher()
        self.world = World(incident, dates=dates)
        self._programs = Programs(self.world, programs)
        self._crews = Crews(self.world)
        self._looking = Looking(self.world, incident.environments)
        self.replay = Replay(incident, dates, str(pace), real_now())

    async def play(self) -> Replay:
        """What came of it. Refused when the box can't be as the incident wants it."""
        began = time.monotonic()
        try:
            await self._play_all()
        finally:
            self.replay.seconds = time.monotonic() - began
        return self.replay

    async def _play_all(self) -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.world)
            await stack.enter_async_context(self._programs)
            await stack.enter_async_context(self._crews)
            self._doing = Doing(self.world)
            self._watcher.begun(self.replay, self.world)
            for client in self._incident.clients:
                await self._crews.start(client, await self._anchors_of(client))
            self._crews.listen(self._watcher.client)
            await self._crews.try_again()
            for step in self._incident.steps:
                await self._pass_time(step)
                result = await self._play(step)
                self.replay.steps.append(result)
                self._watcher.looked(result)

    # Time

    async def _pass_time(self, step: Step) -> None:
        """Let the calendar go to the step, and stand still there."""
        box = self.world.box
        rate, skipped = self._rate_to(step)
        if skipped > timedelta(0):
            await box.set_clock(shift=skipped)
        if rate:
            await box.set_clock(rate=rate)
            while (now := box.clock.now()) < step.at:
                self._watcher.passing(now, step)
                left = (step.at - now).total_seconds() / rate
                await asyncio.sleep(min(left, _TICK_SECONDS))
        await box.set_clock(now=step.at, rate=0)
        self._watcher.passing(step.at, step)

    def _rate_to(self, step: Step) -> tuple[float, timedelta]:
        """How fast to go to a step (0: jump), and what to skip before."""
        gap = step.at - self.world.box.clock.now()
        if self._pace.skip or step.jump or gap <= timedelta(0):
            return 0.0, timedelta(0)
        if self._pace.rate is not None:
            return self._pace.rate, timedelta(0)
        seconds = min(LONGEST_GAP_SECONDS, SHOW_SECONDS / len(self._incident.steps))
        rate = min(max(gap.total_seconds() / seconds, 1.0), MAX_RATE)
        return rate, max(gap - timedelta(seconds=rate * seconds), timedelta(0))

    # One step

    async def _play(self, step: Step) -> StepResult:
        self._watcher.step(step)
        self._crews.begin()
        done: list[Done] = []
        disturbed = False
        for action in step.actions:
            done.append(await self._doing.do(action))
            self._watcher.done(done[-1])
            disturbed |= self._doing.ends_sessions(action) and done[-1].refused is None
        if disturbed:
            await self._crews.notice()
        await self.world.present()
        for client in self._incident.clients:
            await self._crews.trust(client, await self._anchors_of(client))
        await self._crews.try_again()
        nodes, programs = await self._look()
        await self._crews.steady()
        clients = self._crews.views()
        return StepResult(
            step=step,
            at=self.world.box.clock.now(),
            trusted={one.name: one.certificate for one in self._doing.trust[EVERYBODY]},
            done=tuple(done),
            nodes=tuple(nodes),
            clients=tuple(clients),
            programs=tuple(programs),
            checks=tuple(checks(step.expect, nodes, clients)),
        )

    async def _look(self) -> tuple[list[NodeView], list[ProgramRun]]:
        trusted = self._doing.trust[EVERYBODY]
        await self.world.present()
        nodes: list[NodeView] = []
        programs: list[ProgramRun] = []
        for node in self.world.nodes():
            nodes.append(await self._looking.look(node, trusted))
            if node == "system" or self._incident.looks_at_booster:
                programs += await self._programs.run(nodes[-1], trusted)
        return nodes, programs

    async def _anchors_of(self, client: Client) -> list[Anchor]:
        return await self.world.anchors(self._doing.trusted_by(client))
