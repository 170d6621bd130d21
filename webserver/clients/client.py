"""One UC client: it connects, logs on, polls, loses the box, and tries again.

The engine of one `Life`: what happens on its lines becomes the life's events. What it wants
from outside is in `Surroundings`; whom it calls is for `traffic` to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Mapping
from datetime import timedelta

from appliance.uc_clients import Command
from appliance.uc_states import ON, Event, Fault, Life, State
from appliance.uc_words import Trouble
from webserver.clients import wsi
from webserver.clients.line import Lost
from webserver.clients.lines import ANSWER_SECONDS, COMMANDS, POLLS, Lines, Untrusted, understood
from webserver.clients.surroundings import Surroundings

POLL_SECONDS = 120.0  # longer than any server holds a poll
LOGOUT_SECONDS = 2.0

log = logging.getLogger("osbiz")


class UcClient:
    """One client, with the life it leads.

    rings: set while its telephone rings. on: set while it is logged on.
    """

    def __init__(
        self, life: Life, password: str, around: Surroundings, *, chance: random.Random
    ) -> None:
        self.life = life
        self._password = password
        self._around = around
        self._chance = chance
        self._session = ""
        self._lines = Lines(life, around)
        self._asking = asyncio.Lock()
        self._broken: asyncio.Future[None] | None = None
        self._leaving = False
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.rings = asyncio.Event()
        self.on = asyncio.Event()

    # --- from outside

    def start(self, delay: float = 0.0) -> None:
        """Begin after `delay` seconds."""
        self._task = asyncio.create_task(self._run(delay), name=f"uc-client-{self.life.number}")
        self._task.add_done_callback(_failed)

    def wake(self) -> None:
        """Somebody starts it again; nothing happens while it is logged on."""
        if self.life.state not in ON:
            self._wake.set()

    async def ask(self, command: str, **parameters: str) -> str:
        """The answer to a command that its user gives, on a line beside the one that polls.

        Raises `Lost`, which ends the session.
        """
        async with self._asking:
            if not self.on.is_set():
                raise Lost(Trouble.SESSION_OVER, wsi.NOT_LOGGED_IN)
            try:
                return await self._get(command, parameters, which=COMMANDS)
            except Lost as lost:
                if self._broken is not None and not self._broken.done():
                    self._broken.set_exception(lost)
                raise

    async def stop(self) -> None:
        """Log out, when it is logged on, and be no more."""
        self._leaving = True
        if self.on.is_set():
            with contextlib.suppress(Lost, TimeoutError):
                async with asyncio.timeout(LOGOUT_SECONDS):
                    await self.ask("Logout")
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._lines.drop()
        if self.life.state is not State.OFF:
            self._happen(Event.STOP)

    # --- its life

    async def _run(self, delay: float) -> None:
        await asyncio.sleep(delay)
        while True:
            self._happen(Event.START)
            await self._live()
            await self._wake.wait()
            self._wake.clear()

    async def _live(self) -> None:
        """Until it is dead."""
        while True:
            try:
                await self._session_through()
            except Lost as lost:
                if lost.trouble is not Trouble.SESSION_OVER:  # else the lines are good as before
                    self._lines.drop()
                self._happen(*self._what_happened(lost))
            delay = None if self.life.state is State.DEAD else self.life.delay()
            if delay is None:
                if self.life.state is not State.DEAD:
                    self._happen(Event.GAVE_UP)
                return
            delay *= self._chance.uniform(0.8, 1.0)  # or all would come at once
            self.life.next_try = self._around.moment().real + timedelta(seconds=delay)
            if await self._woken(delay):
                self._happen(Event.START)

    async def _woken(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        woken = self._wake.is_set()
        self._wake.clear()
        return woken

    def _happen(self, event: Event, fault: Fault | None = None) -> None:
        before = self.life.happen(event, self._around.moment(), fault)
        if self.life.state in ON:
            self.on.set()
        else:
            self.on.clear()
            self.rings.clear()
        self._around.tell(self.life, before, event)

    def _what_happened(self, lost: Lost) -> tuple[Event, Fault]:
        if isinstance(lost, Untrusted):
            return Event.REFUSED, Fault(lost.trouble, lost.words, lost.alert)
        place = self._around.place()
        words = self.life.profile.platform.says(
            lost.trouble,
            host=self._around.name or place.address,
            port=place.port,
            detail=lost.detail,
        )
        event = Event.TURNED_AWAY if lost.trouble is Trouble.TURNED_AWAY else Event.LOST
        return event, Fault(lost.trouble, words)

    # --- one session

    async def _session_through(self) -> None:
        """Connect, log on, and stay until something is in the way, which is raised as `Lost`."""
        self._broken = asyncio.get_running_loop().create_future()
        staying: asyncio.Task[None] | None = None
        try:
            await self._log_on()
            self._happen(Event.ADMITTED)
            staying = asyncio.create_task(self._stay())
            await asyncio.wait((staying, self._broken), return_when=asyncio.FIRST_COMPLETED)
            (self._broken if self._broken.done() else staying).result()
        finally:
            if staying is not None:
                staying.cancel()
                await asyncio.gather(staying, return_exceptions=True)
            self._broken.cancel()

    async def _log_on(self) -> None:
        body = await self._lines.get("Login", {"gsUser": self.life.user, "gsPass": self._password})
        session = understood(wsi.session_of, body)
        if session is None:
            raise Lost(Trouble.TURNED_AWAY, wsi.complaint(body) or "")
        self._session = session

    async def _stay(self) -> None:
        profile = self.life.profile
        for command in profile.first:
            await self._command(command)
        while not self._leaving:
            if profile.looks is None:
                await self._poll()
            else:
                await self._command(profile.looks)
            await asyncio.sleep(profile.interval)
        await asyncio.Event().wait()  # until whoever had it log out takes it down

    async def _command(self, command: Command) -> None:
        user = self.life.user
        await self._get(command.name, command.filled(user=user, peers=self._around.peers(user)))

    async def _get(
        self,
        command: str,
        parameters: Mapping[str, str],
        *,
        which: str = POLLS,
        seconds: float = ANSWER_SECONDS,
    ) -> str:
        parameters = {**parameters, "gsSession": self._session}
        return await self._lines.get(command, parameters, which=which, seconds=seconds)

    async def _poll(self) -> None:
        values = {"deviceObject": self.life.user}
        body = await self._get("GetEvents", values, seconds=POLL_SECONDS)
        for heard in understood(wsi.events_of, body):
            self._hear(heard)

    def _hear(self, heard: wsi.Heard) -> None:
        """What an event at its own telephone means to it."""
        if heard.device != self.life.user or heard.call is None:
            return
        calls = self.life.in_calls
        if heard.state == "idle":
            calls.discard(heard.call)
        else:
            calls.add(heard.call)
        if heard.state == "alerting":
            self.rings.set()
        else:
            self.rings.clear()
        if calls and self.life.state is State.LOGGED_ON:
            self.life.calls += 1
            self._happen(Event.CALL_BEGAN)
        elif not calls and self.life.state is State.IN_CALL:
            self._happen(Event.CALL_OVER)


def _failed(task: asyncio.Task[None]) -> None:
    """A fault of ours ends the client where it is, and is not kept quiet."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("UC client %s failed", task.get_name(), exc_info=error)
