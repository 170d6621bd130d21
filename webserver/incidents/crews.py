"""The people of an incident: a fleet of UC clients for each group, and when it has settled.

A step is looked at when everybody has noticed what was done: who was logged on has lost
the box if the box ended sessions, and who is not logged on has tried once more since.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Self

from appliance.incidents.form import Client
from appliance.trust import Anchor
from appliance.uc_states import ON, Event, State
from webserver.clients.boxes import NearBox
from webserver.clients.fleet import Fleet
from webserver.incidents.results import ClientView
from webserver.incidents.world import World

# myContacts looks every two seconds, and does not notice before.
NOTICE_SECONDS = 5.0
TRY_SECONDS = 8.0
STEADY_SECONDS = 4.0
_OUTCOMES = frozenset(
    event.value
    for event in (Event.ADMITTED, Event.REFUSED, Event.LOST, Event.TURNED_AWAY, Event.GAVE_UP)
)
_LOSSES = _OUTCOMES - {Event.ADMITTED.value}
_ON_THE_WAY = {State.CONNECTING.value, State.CUT_OFF.value}
_STATES = {state.value for state in ON}


@dataclass(slots=True)
class _Crew:
    """One group: its fleet, and what each client was told last."""

    client: Client
    fleet: Fleet
    heard: dict[int, set[str]] = field(default_factory=dict)

    def hear(self, happening: dict[str, Any]) -> None:
        if "client" in happening:
            self.heard.setdefault(happening["client"], set()).add(happening["event"])

    def on(self) -> set[int]:
        return {row["id"] for row in self.fleet.rows() if row["state"] in _STATES}

    def away(self) -> set[int]:
        return {row["id"] for row in self.fleet.rows()} - self.on()


class Crews:
    """Everybody in an incident who has a UC client.

    anchors: what a group trusts at first.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._crews: list[_Crew] = []
        self._stack = AsyncExitStack()
        self._changed = asyncio.Event()
        self._moving = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def start(self, client: Client, anchors: Sequence[Anchor]) -> None:
        """Have a group begin, trusting `anchors`."""
        fleet = Fleet(
            NearBox(self._world.box),
            profiles={client.profile: client.count},
            trust="none",
            anchors=anchors,
            calls=0.0,
            seed=len(self._crews),
        )
        crew = _Crew(client, fleet)
        fleet.listeners.append(crew.hear)
        fleet.listeners.append(lambda _happening: self._changed.set())
        self._crews.append(crew)
        await self._stack.enter_async_context(fleet)

    def listen(self, listener: Callable[[Client, dict[str, Any]], None]) -> None:
        """Have `listener` told of everything that happens to anybody."""
        for crew in self._crews:
            crew.fleet.listeners.append(partial(listener, crew.client))

    async def trust(self, client: Client, anchors: Sequence[Anchor]) -> None:
        """Have a group trust these from now on."""
        for crew in self._crews:
            if crew.client is client:
                await crew.fleet.trust_only(*anchors)

    def begin(self) -> None:
        """A step begins: from now on is heard what it does to everybody."""
        for crew in self._crews:
            crew.heard.clear()

    async def notice(self) -> None:
        """Wait until everybody has noticed that the box ended their sessions."""
        await self._until(
            lambda crew: all(_LOSSES & crew.heard.get(number, set()) for number in crew.on()),
            NOTICE_SECONDS,
        )

    async def try_again(self) -> None:
        """Have everybody who is away try once more, and wait for what comes of it.

        A connection that breaks is no answer yet, nor is a session that is over (sessions end
        by the box's calendar): they come back by themselves, as long as the box is there.
        """
        waiting = {id(crew): crew.away() for crew in self._crews}
        for crew in self._crews:
            for number in crew.away():
                crew.heard.pop(number, None)
            await crew.fleet.wake()
        await self._until(partial(_has_heard, waiting), TRY_SECONDS)
        self._moving = not await self._until(_has_arrived, STEADY_SECONDS)

    async def steady(self) -> None:
        """Wait until nobody is on the way anywhere; not again for those who get nowhere."""
        if not self._moving:
            await self._until(_has_arrived, STEADY_SECONDS)

    async def _until(self, is_so: Callable[[_Crew], bool], seconds: float) -> bool:
        """Wait until it is so for everybody, at most so long; whether it is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not all(map(is_so, self._crews)):
                    self._changed.clear()
                    await self._changed.wait()
        return all(map(is_so, self._crews))

    def views(self) -> list[ClientView]:
        """How everybody gets on."""
        return [_view(crew) for crew in self._crews]


def _has_arrived(crew: _Crew) -> bool:
    return not any(row["state"] in _ON_THE_WAY for row in crew.fleet.rows())


def _has_heard(waiting: dict[int, set[int]], crew: _Crew) -> bool:
    return all(_OUTCOMES & crew.heard.get(number, set()) for number in waiting[id(crew)])


def _view(crew: _Crew) -> ClientView:
    rows = crew.fleet.rows()
    connected = [row for row in rows if row["state"] in _STATES]
    away = [row for row in rows if row["state"] not in _STATES]
    warnings = [row["warning"] for row in connected if row["warning"]]
    return ClientView(
        name=crew.client.name,
        profile=crew.client.profile,
        count=len(rows),
        connected=len(connected),
        state=(away or connected)[0]["state"] if rows else State.OFF.value,
        words=away[0]["error"] if away else None,
        warning=warnings[0] if warnings else None,
    )
