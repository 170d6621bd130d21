"""Many boxes in one process, each made when somebody first turns to it.

A class of thirty, or the ten thousand that a certificate scanner is tried on: every box has
an address, certificates, a calendar and a token of its own, and nothing that is done to one
is seen at another. What they share is what costs: the listening sockets (`doors`), the
thread of the model, the port of the control API (`reception`).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any, Self

from appliance.clock import Clock, as_time
from store.keys import process_pool
from store.refusals import Refused
from webserver.doors import Door, Lodging
from webserver.late import LateServer
from webserver.listener import Listener
from webserver.model_thread import ModelThread
from webserver.reception import Caller, make_desk
from webserver.simulator import Simulator
from webserver.site import CONTROL_ADDRESS

FIRST_IP = "127.1.0.1"
MOST = 1_000_000
_LOOPBACK = IPv4Network("127.0.0.0/8")
_PORTS = ("portal_port", "wsi_port", "wsi_http_port")
# What only a box that is alone in its process can be told.
_NOT_FOR_MANY = (
    *("ephemeral", "data", "lan_ip", "bind", "http_port", "ca"),
    *("booster", "booster_ip", "booster_port", "booster_pairing"),
)
_MADE_AT_ONCE = 4

log = logging.getLogger("osbiz")


class Place:
    """One of the boxes, whether it has been made yet or not.

    number: from 1. address: the LAN IP it is made with. token: for its control API.
    """

    __slots__ = ("_boxes", "address", "number", "token")

    def __init__(self, boxes: Boxes, number: int, address: str, token: str) -> None:
        self._boxes = boxes
        self.number = number
        self.address = address
        self.token = token

    @property
    def simulator(self) -> Simulator | None:
        """The box; None until somebody has turned to it."""
        return self._boxes.made.get(self.number)

    @property
    def portal_url(self) -> str:
        """Where its Admin Portal is."""
        return self._url("https", "portal_port")

    @property
    def wsi_url(self) -> str:
        """Where its WSI is, over TLS."""
        return self._url("https", "wsi_port")

    @property
    def wsi_http_url(self) -> str:
        """Where its WSI is, without TLS."""
        return self._url("http", "wsi_http_port")

    def _url(self, scheme: str, port: str) -> str:
        made = self.simulator
        address = self.address if made is None else made.box.lan_ip
        return f"{scheme}://{address}:{self._boxes.ports[port]}"

    @property
    def state(self) -> str:
        """`asleep` before anybody has turned to it; then as any box: `running`, …"""
        return "asleep" if self.simulator is None else self.simulator.box.state.value

    async def wake(self) -> Simulator:
        """The box, made now when it was not; as when a client connects to it."""
        return await self._boxes.wake(self.number)

    def as_json(self) -> dict[str, Any]:
        """As a ready file has it, with `number`, `state` and `token`."""
        return {
            "number": self.number,
            "state": self.state,
            "portal": self.portal_url,
            "wsi": self.wsi_url,
            "wsi_http": self.wsi_http_url,
            "booster": None,
            "control": self._boxes.control_url,
            "token": self.token,
        }


class Boxes:
    """`count` boxes that run while the `async with` block does.

    first_ip: the LAN IP of the first one; the others follow, one address each.
    portal_port, wsi_port, wsi_http_port: the same for all boxes; 0 takes a free one.
    control_port: of the control API of all of them; whose token is sent, whose box is meant.
    options: for every box, as for `Simulator`: firmware, installed_at, now, rate, dates,
        trusted, restart_time, subscribers, faults. They keep nothing and have no Booster Server.

    `boxes[0]` is a `Place`; its box is made on entering, the others when somebody connects or
    asks for them. Raises `Refused` for options that make no sense here, and on entering when a
    port can't be had or no box can be made so.
    """

    def __init__(
        self,
        count: int,
        *,
        first_ip: str = FIRST_IP,
        portal_port: int = 0,
        wsi_port: int = 0,
        wsi_http_port: int = 0,
        control_port: int = 0,
        **options: Any,
    ) -> None:
        _check(count, options)
        self._first = _first_address(first_ip, count)
        options["now"] = as_time(options.get("now"), field="now")
        self._clock = Clock(now=options["now"], rate=options.get("rate", 1.0))
        self._options = options
        self._count = count
        self.ports: dict[str, Any] = dict(
            zip(_PORTS, (portal_port, wsi_port, wsi_http_port), strict=True)
        )
        self._control_port = control_port
        self.control_url = ""
        self.token = secrets.token_urlsafe(24)
        self._secret = secrets.token_bytes(32)
        self.made: dict[int, Simulator] = {}
        self._waking: dict[int, asyncio.Task[Simulator]] = {}
        self._sent: set[asyncio.Future[None]] = set()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Place:
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return self.place(index % self._count + 1)

    def __iter__(self) -> Iterator[Place]:
        return (self.place(number) for number in range(1, self._count + 1))

    def place(self, number: int) -> Place:
        """The box of this number, from 1."""
        return Place(self, number, str(self._first + (number - 1)), self._token(number))

    def _token(self, number: int) -> str:
        mac = hmac.digest(self._secret, b"%d" % number, hashlib.sha256)
        return f"{number}.{urlsafe_b64encode(mac[:24]).decode()}"

    def whose(self, token: str) -> Place | None:
        """The box that `token` is for; None when it is nobody's."""
        number, dot, _ = token.partition(".")
        if not dot or not (number.isascii() and number.isdigit()) or len(number) > 9:
            return None
        if not 1 <= int(number) <= self._count:
            return None
        place = self.place(int(number))
        return place if hmac.compare_digest(token.encode(), place.token.encode()) else None

    def keep_keys_ready(self) -> None:
        """Make keys ahead from now on, for the next boxes that somebody turns to."""
        process_pool().warm()

    # Coming and going

    async def __aenter__(self) -> Self:
        self._model = ModelThread()
        self._making = asyncio.Semaphore(_MADE_AT_ONCE)
        self._doors: dict[int, Door] = {}
        self._desk = LateServer(lambda: make_desk(self))
        self._control = Listener(CONTROL_ADDRESS, self._control_port, lambda: Caller(self))
        try:
            self._control.open()
            self.control_url = f"http://{CONTROL_ADDRESS}:{self._control.port}"
            for name, port in self.ports.items():
                door = Door(port, self._send_for)
                door.open()
                self.ports[name] = door.port
                self._doors[door.port] = door
            await self.wake(1)  # what no box could be is refused now, not when somebody comes
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        for door in self._doors.values():
            door.close()
        await asyncio.gather(*self._waking.values(), return_exceptions=True)
        made = tuple(self.made.values())
        self.made.clear()
        await asyncio.gather(*(simulator.__aexit__(None, None, None) for simulator in made))
        await self._control.close()
        await self._desk.close()
        self._model.close()

    async def wake(self, number: int) -> Simulator:
        """The box of this number, made now when it was not."""
        made = self.made.get(number)
        if made is not None:
            return made
        task = self._waking.get(number)
        if task is None:
            task = self._waking[number] = asyncio.create_task(self._make(self.place(number)))
            task.add_done_callback(lambda _: self._waking.pop(number, None))
        return await asyncio.shield(task)

    async def _make(self, place: Place) -> Simulator:
        options = dict(self._options)
        if not self._clock.goes_with_the_machine:
            options["now"] = self._clock.now()  # the calendar has gone on while it was asleep
        lodging = Lodging(
            self._doors,
            model=self._model,
            control_url=self.control_url,
            taken=lambda address: self._number_at(address) not in (None, place.number),
        )
        simulator = Simulator(
            lodging=lodging, lan_ip=place.address, booster=False, **self.ports, **options
        )
        simulator.token = place.token
        async with self._making:
            await simulator.__aenter__()
        self.made[place.number] = simulator
        return simulator

    def _number_at(self, address: str) -> int | None:
        try:
            number = int(IPv4Address(address)) - int(self._first) + 1
        except AddressValueError:
            return None
        return number if 1 <= number <= self._count else None

    def _send_for(self, address: str, arrived: Callable[[], None]) -> bool:
        number = self._number_at(address)
        if number is None or number in self.made:
            return False  # nobody's, or of a box that has moved away

        async def wake() -> None:
            try:
                await self.wake(number)
            except Refused as refused:
                log.error("the box at %s could not be made: %s", address, refused)
            finally:
                arrived()

        task = asyncio.ensure_future(wake())
        self._sent.add(task)
        task.add_done_callback(self._sent.discard)
        return True

    # For its reception

    def server_of(self, simulator: Simulator | None) -> LateServer:
        """Who answers for a box, or for all of them."""
        return self._desk if simulator is None else simulator.control


def _check(count: int, options: dict[str, Any]) -> None:
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
        raise Refused.because(
            "count",
            f"There can't be {count!r} boxes.",
            field="count",
            instead=f"Give a number from 1 to {MOST}.",
        )
    for name in _NOT_FOR_MANY:
        if name in options:
            raise Refused.because(
                "option",
                f"Many boxes in one process have no {name}.",
                field=name,
                instead="Run that box alone.",
            )


def _first_address(text: str, count: int) -> IPv4Address:
    try:
        first = IPv4Address(text)
        last = first + (count - 1)
    except (AddressValueError, ValueError):
        first = last = IPv4Address("0.0.0.0")  # noqa: S104 - a value that is refused below
    if first not in _LOOPBACK or last not in _LOOPBACK or last == _LOOPBACK.broadcast_address:
        raise Refused.because(
            "address",
            f"{count} boxes from {text!r} on are not all at loopback addresses.",
            field="first_ip",
            instead=f"Give an address like {FIRST_IP}; all have to be below 127.255.255.255.",
        )
    return first
