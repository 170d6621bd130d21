"""What the users of a fleet do: they call each other, and say where they are.

At a modest pace, by chance, and from a seed: the same seed asks for the same calls in the
same order, as far as people are there to make them. Knows clients by what they can be asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from appliance.uc_states import State
from webserver.clients import wsi
from webserver.clients.client import UcClient
from webserver.clients.line import Lost

RING_SECONDS = (1.0, 4.0)
TALK_SECONDS = (3.0, 12.0)
_PATIENCE = 5.0  # for the event that says it rings
_PRESENCES = (1, 2, 4, 5, 7)  # not 9: who must not be disturbed is busy to everybody
_PRESENCE_SHARE = 0.2

# Told of each call: caller, called, and what became of it.
Told = Callable[[str, str, str], None]


class Traffic:
    """The users of `clients`. per_minute: calls, over all of them together."""

    def __init__(
        self, clients: Sequence[UcClient], *, per_minute: float, chance: random.Random, told: Told
    ) -> None:
        self._people = [client for client in clients if client.life.profile.calls]
        self._per_second = per_minute / 60.0
        self._chance = chance
        self._told = told
        self._engaged: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin, when there is somebody to call and somebody to be called."""
        if self._per_second > 0 and len(self._people) > 1:
            self._begin(self._go_on())

    async def stop(self) -> None:
        """Let go of every telephone, as it is."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(self._per_second))
            caller, called = self._chance.sample(self._people, 2)
            chance = random.Random(self._chance.random())  # noqa: S311
            if chance.random() < _PRESENCE_SHARE:
                self._begin(self._move(caller, chance.choice(_PRESENCES)))
            elif self._free(caller) and self._free(called):
                self._begin(self._talk(caller, called, chance))

    def _free(self, client: UcClient) -> bool:
        life = client.life
        return life.state is State.LOGGED_ON and life.number not in self._engaged

    async def _move(self, client: UcClient, presence: int) -> None:
        if self._free(client):
            with contextlib.suppress(Lost):
                await client.ask("SetPresence", user=client.life.user, presence=str(presence))

    async def _talk(self, caller: UcClient, called: UcClient, chance: random.Random) -> None:
        both = {caller.life.number, called.life.number}
        self._engaged |= both
        try:
            ended = await self._call(caller, called, chance)
            self._told(caller.life.user, called.life.user, ended)
        finally:
            self._engaged -= both

    async def _call(self, caller: UcClient, called: UcClient, chance: random.Random) -> str:
        """One call, as two people make it; what became of it."""
        one, other = caller.life.user, called.life.user
        try:
            body = await caller.ask("MakeCall", callingDevice=one, calledDirectoryNumber=other)
        except Lost:
            return "lost"
        refused = wsi.complaint(body)
        if refused is not None:
            return refused
        try:
            async with asyncio.timeout(_PATIENCE):
                await called.rings.wait()
            await asyncio.sleep(chance.uniform(*RING_SECONDS))
            refused = wsi.complaint(await called.ask("Answer", deviceObject=other))
            ended = "talked" if refused is None else refused
            if refused is None:
                await asyncio.sleep(chance.uniform(*TALK_SECONDS))
        except TimeoutError:
            ended = "not-answered"
        except Lost:
            ended = "lost"
        await self._hang_up(caller if chance.random() < 0.5 or ended != "talked" else called)
        return ended

    async def _hang_up(self, client: UcClient) -> None:
        """Clear as soon as it can: calls outlive the web services, and so does a person's wish."""
        while True:
            await client.on.wait()
            with contextlib.suppress(Lost):
                await client.ask("Clear", deviceObject=client.life.user)
                return
            await asyncio.sleep(client.life.profile.interval)
