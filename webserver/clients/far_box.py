"""A box in another process, as a fleet needs it, through its control API.

Asks it twice a second where it is and what its clock says; tells it the fleet's rows.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from cryptography import x509

from appliance.clock import Clock, Dates, parse_dates, parse_time, real_now
from appliance.uc_states import Moment
from store.people import Subscriber
from store.refusals import Refused
from webserver.clients.boxes import place_of, to_export
from webserver.clients.surroundings import Place
from webserver.remote import Remote

LOOK_SECONDS = 0.5
GOOD_SECONDS = 10  # how long told rows are good for
_GONE = ("box-away", "unauthorized")  # no box there, or another one
_TOGETHER = 500  # rows in one request, which the API limits to 1 MiB


class FarBox:
    """The box behind `remote`; an async context manager, refused on entering as `Remote` is."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._look()
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(Refused):  # it is away; where it was is all there is to say
                await self._look()

    async def _look(self) -> None:
        box = await asyncio.to_thread(self._remote.get, "box")
        self._place = place_of(box["wsi"])
        self._clock = Clock(
            now=parse_time(box["now"], field="now"),
            rate=box["rate"],
            dates=parse_dates(box["dates"]),
        )

    # --- as a fleet sees it

    def place(self) -> Place:
        """Where WSI was when last heard of."""
        return self._place

    def moment(self) -> Moment:
        """The time, on both calendars; the box's to about a second."""
        return Moment(self._clock.now(), real_now())

    def dates(self) -> Dates:
        """Which dates its certificates carry."""
        return self._clock.dates

    async def extensions(self) -> set[str]:
        """Every extension somebody has."""
        answer = await asyncio.to_thread(self._remote.get, "subscribers")
        return {one["extension"] for one in answer["subscribers"]}

    async def add(self, people: Sequence[Subscriber]) -> None:
        """More subscribers: all of them or, when the box refuses one, none."""
        added: list[Subscriber] = []

        def add() -> None:
            for one in people:
                body = {"extension": one.extension, "name": one.name, "password": one.password}
                self._remote.post("subscribers", body)
                added.append(one)

        try:
            await asyncio.to_thread(add)
        except Refused:
            await self.remove(added)
            raise

    async def remove(self, people: Iterable[Subscriber]) -> None:
        """Forget those of them who are there; nothing is left to do where the box is gone."""

        def remove() -> None:
            there = {one["extension"] for one in self._remote.get("subscribers")["subscribers"]}
            for one in people:
                if one.extension in there:
                    self._remote.delete(f"subscribers/{one.extension}")

        try:
            await asyncio.to_thread(remove)
        except Refused as refused:
            if refused.code not in _GONE:
                raise

    async def exported(self) -> list[x509.Certificate]:
        """What an administrator would export for the clients now."""

        def look() -> list[x509.Certificate]:
            held = []
            for one in self._remote.get("certificates")["certificates"]:
                active = "system" in one["active_on"]
                if one["kind"] == "authority" or active:
                    # As clients see it: with projected dates that is not what is stored.
                    pem = self._remote.get(f"certificates/{one['id']}.pem").encode()
                    held.append((one["kind"], active, x509.load_pem_x509_certificates(pem)))
            return to_export(held)

        return await asyncio.to_thread(look)

    # --- the table

    async def tell(self, run: str, rows: Sequence[dict[str, Any]]) -> None:
        """Tell the box the rows of `run`, good for `GOOD_SECONDS`."""

        def tell() -> None:
            for part, start in enumerate(range(0, len(rows), _TOGETHER)):
                body = {"clients": rows[start : start + _TOGETHER], "seconds": GOOD_SECONDS}
                self._remote.put(f"clients/{_part(run, part)}", body)

        await asyncio.to_thread(tell)

    async def untell(self, run: str, count: int) -> None:
        """Tell the box that the run of `count` clients is over."""

        def untell() -> None:
            for part in range(-(-count // _TOGETHER)):
                with contextlib.suppress(Refused):  # forgotten already, or the box is gone
                    self._remote.delete(f"clients/{_part(run, part)}")

        await asyncio.to_thread(untell)


def _part(run: str, part: int) -> str:
    return run if part == 0 else f"{run}-{part + 1}"
