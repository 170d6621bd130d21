"""A fleet: UC clients at one box, with the subscribers they log in as and what they trust.

Makes them, starts and stops them, and tells what happens to them. What they are is a table
in `appliance.uc_clients`; how each gets on is in `client`.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from cryptography import x509

from appliance.trust import Anchor
from appliance.uc_clients import Profile, wanted_profiles
from appliance.uc_states import ON, Event, Life, Moment, State
from store.certificate import iso_time
from store.people import Subscriber
from store.refusals import Refused
from webserver.clients.boxes import ServedBox, clock_for
from webserver.clients.client import UcClient
from webserver.clients.judging import Trust
from webserver.clients.surroundings import Surroundings
from webserver.clients.traffic import Traffic
from webserver.clients.users import new_users
from webserver.clients.verifying import make_context
from webserver.clients.wishes import (
    DEFAULT_CALLS,
    anchor,
    checked_calls,
    checked_host,
    exports,
    rolled_out,
)

_PEERS = 50  # whose hooks one client watches
_STARTS_PER_SECOND = 200.0
_ENLISTINGS = 5

Happening = dict[str, Any]


class Fleet:
    """UC clients that live while the `async with` block does, or from `start` to `stop`.

    count: how many, of all kinds in turn; profiles: how many of each kind, instead.
    trust: `exported`, what the box would have exported when they start, or `none`.
    anchors: certificates that they trust besides; those that are no `Anchor` are the user's.
    calls: a minute, over all of them. seed: makes chance repeatable.
    host: the name by which they call the box, when not by its address.
    client_clock: `box`, `real` or `auto` (see `boxes.clock_for`).

    on_stopped: called when it is over.

    Refused: counts and kinds that make no sense, and what the box refuses (subscribers).
    """

    lives_on_the_loop = True  # ordinary code gets it with methods that wait

    def __init__(
        self,
        box: ServedBox,
        *,
        count: int | None = None,
        profiles: Mapping[str, int] | None = None,
        trust: str = "exported",
        anchors: Iterable[Anchor | x509.Certificate] = (),
        calls: float = DEFAULT_CALLS,
        seed: int | None = None,
        host: str | None = None,
        client_clock: str = "auto",
    ) -> None:
        self.run = secrets.token_hex(4)
        self.seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
        self.profiles: Sequence[Profile] = wanted_profiles(profiles, count)
        self._box = box
        self._exports = exports(trust)
        self._given = tuple(anchor(one) for one in anchors)
        self._trust = Trust(clock_for(box, client_clock))
        self._calls = checked_calls(calls)
        self._host = checked_host(host)
        self._people: list[Subscriber] = []
        self._clients: list[UcClient] = []
        self._traffic: Traffic | None = None
        self._numbers = iter(range(1, 1 << 62))
        self._changed = asyncio.Event()
        self._stopped = False
        self._last: Counter[str] | None = None
        self.listeners: list[Callable[[Happening], None]] = []
        self.on_stopped: Callable[[], None] = lambda: None

    # --- its life

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Have the box know the users, give the clients what they trust, and begin."""
        self._people = people = await self._enlist()
        try:
            anchors = await self._box.exported() if self._exports else []
            self._trust.anchors = (*map(rolled_out, anchors), *self._given)
        except BaseException:
            await self._box.remove(people)
            raise
        around = Surroundings(
            context=make_context(),
            trust=self._trust,
            place=self._box.place,
            name=self._host,
            moment=self._box.moment,
            tell=self._tell,
            peers=self._peers,
        )
        since = self._box.moment()
        for number, (profile, person) in enumerate(
            zip(self.profiles, people, strict=True), start=1
        ):
            life = Life(number, profile, person.extension, since)
            chance = random.Random(f"{self.seed} client {number}")  # noqa: S311
            client = UcClient(life, person.password, around, chance=chance)
            self._clients.append(client)
            client.start(delay=(number - 1) / _STARTS_PER_SECOND)
        self._traffic = Traffic(
            self._clients,
            per_minute=self._calls,
            chance=random.Random(f"{self.seed} traffic"),  # noqa: S311
            told=self._tell_call,
        )
        self._traffic.start()

    async def _enlist(self) -> list[Subscriber]:
        """Have the box know the users; somebody else may be doing the same just now."""
        for more in range(_ENLISTINGS, 0, -1):
            people = new_users(len(self.profiles), await self._box.extensions())
            try:
                await self._box.add(people)
                break
            except Refused as refused:
                if refused.code != "extension-taken" or more == 1:
                    raise
        return people

    async def stop(self) -> None:
        """Log out who is logged on, and have the box forget the users; once is enough."""
        if self._stopped:
            return
        self._stopped, self._last = True, self.states()
        if self._traffic is not None:
            await self._traffic.stop()
        await asyncio.gather(*(client.stop() for client in self._clients))
        people, self._people = self._people, []
        try:
            await self._box.remove(people)
        finally:
            self.on_stopped()

    # --- what it is

    def rows(self) -> list[dict[str, Any]]:
        """Each client as a line of the table (see docs/clients-uc.md)."""
        return [client.life.row() for client in self._clients]

    def states(self) -> Counter[str]:
        """How many clients are in each state."""
        return Counter(client.life.state.value for client in self._clients)

    async def until(
        self,
        wanted: str | Callable[[Life], bool],
        *,
        seconds: float,
        profile: str | None = None,
    ) -> None:
        """Wait until every client (of one kind) is as `wanted`; TimeoutError when it is not.

        wanted: a state, where `logged-on` is also who is in a call; or what to ask of a life.
        """
        if isinstance(wanted, str):
            states = ON if wanted == State.LOGGED_ON else {State(wanted)}
        lives = [
            client.life
            for client in self._clients
            if profile is None or client.life.profile.id == profile
        ]
        async with asyncio.timeout(seconds):
            while not all(
                life.state in states if isinstance(wanted, str) else wanted(life) for life in lives
            ):
                self._changed.clear()
                await self._changed.wait()

    # --- what can be done

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """What the clients trust."""
        return self._trust.anchors

    async def install(self, *anchors: Anchor | x509.Certificate) -> None:
        """Have every client trust these as well, from its next handshake on."""
        self._trust.anchors = (*self._trust.anchors, *map(anchor, anchors))

    async def trust_only(self, *anchors: Anchor | x509.Certificate) -> None:
        """Have every client trust these and nothing else, from its next handshake on."""
        self._trust.anchors = tuple(map(anchor, anchors))

    async def install_exported(self) -> None:
        """Give every client what the box would export now, as well."""
        await self.install(*map(rolled_out, await self._box.exported()))

    async def wake(self) -> None:
        """Start every client again that is not logged on, dead ones included."""
        for client in self._clients:
            client.wake()

    # --- what is told

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[Happening]]:
        """A queue of everything that happens to the fleet while the block runs."""
        queue: asyncio.Queue[Happening] = asyncio.Queue()
        self.listeners.append(queue.put_nowait)
        try:
            yield queue
        finally:
            self.listeners.remove(queue.put_nowait)

    def head(self) -> Happening:
        """What a record of the run begins with: who takes part, and what chance was."""
        users = zip(self.profiles, self._people, strict=True)
        clients = [
            {"client": number, "profile": profile.id, "user": person.extension}
            for number, (profile, person) in enumerate(users, start=1)
        ]
        return self._stamped({"event": "run", "seed": self.seed, "clients": clients})

    def end(self) -> Happening:
        """What it ends with: how many are in each state, before they log out for the end."""
        states = self.states() if self._last is None else self._last
        return self._stamped({"event": "end", "states": dict(states)})

    def _tell(self, life: Life, before: State, event: Event) -> None:
        self._changed.set()
        if not self.listeners:
            return
        fault = life.fault if event in (Event.LOST, Event.REFUSED, Event.TURNED_AWAY) else None
        self._say(
            {
                "event": event.value,
                "client": life.number,
                "profile": life.profile.id,
                "user": life.user,
                "from": before.value,
                "to": life.state.value,
                "error": None if fault is None else fault.words,
                "cause": None if fault is None else fault.trouble.value,
                "alert": None if fault is None else fault.alert,
                "shown": life.shown,
                "tries": life.tries,
            }
        )

    def _tell_call(self, caller: str, called: str, ended: str) -> None:
        if self.listeners:
            self._say({"event": "call", "from": caller, "to": called, "ended": ended})

    def _say(self, what: Happening) -> None:
        told = self._stamped({"seq": next(self._numbers), **what})
        for listener in tuple(self.listeners):
            listener(told)

    def _stamped(self, what: Happening) -> Happening:
        moment: Moment = self._box.moment()
        real = moment.real.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        return {"run": self.run, "time": iso_time(moment.box), "real": real, **what}

    def _peers(self, user: str) -> str:
        others = [person.extension for person in self._people if person.extension != user]
        return ",".join(others[:_PEERS]) or user
