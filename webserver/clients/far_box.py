"""A box in another process, through its control API; and the fleet's rows, told to it.

Follows the box by its events: after each journal entry it asks again where the box is and
what its clock says.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp
from cryptography import x509

from appliance.clock import Clock, Dates, parse_dates, parse_time, real_now
from appliance.uc_states import Moment
from store.people import Subscriber
from store.refusals import Refusal, Refused
from webserver.clients.boxes import place_of, to_export
from webserver.clients.surroundings import Place

ANSWER_SECONDS = 10.0
AGAIN_SECONDS = 1.0


class FarBox:
    """A box behind the control API at `url`, for whoever has `token`.

    An async context manager. Entering it is refused (`control-away`, `unauthorized`) when
    nobody answers there, or not to this token.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._place = Place("", 0)
        self._clock = Clock()
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
        )
        try:
            await self._look()
        except BaseException:
            await self._client.close()
            raise
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
        await self._client.close()

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
        answer = await self.call("GET", "/v1/subscribers")
        return {one["extension"] for one in answer["subscribers"]}

    async def add(self, people: Sequence[Subscriber]) -> None:
        """More subscribers."""
        for one in people:
            body = {"extension": one.extension, "name": one.name, "password": one.password}
            await self.call("POST", "/v1/subscribers", body)

    async def remove(self, people: Iterable[Subscriber]) -> None:
        """Forget those of them who are there."""
        for one in people:
            try:
                await self.call("DELETE", f"/v1/subscribers/{one.extension}")
            except Refused as refused:
                if refused.code != "no-such-subscriber":
                    raise

    async def exported(self) -> list[x509.Certificate]:
        """What an administrator would export for the clients now."""
        answer = await self.call("GET", "/v1/certificates")
        held = []
        for one in answer["certificates"]:
            active = "system" in one["active_on"]
            if one["kind"] == "authority" or active:
                # As clients see it: with projected dates that is not what is stored.
                pem = await self._bytes("GET", f"/v1/certificates/{one['id']}.pem")
                held.append((one["kind"], active, x509.load_pem_x509_certificates(pem)))
        return to_export(held)

    # --- the control API

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One call; its answer, or None when that is empty. Refused as the box refuses."""
        content = await self._bytes(method, path, body)
        return json.loads(content) if content else None

    async def _bytes(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        try:
            async with self._client.request(method, self._url + path, json=body) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Refused.because(
                "control-away",
                f"The control API at {self._url} does not answer ({type(error).__name__}).",
                field="control",
                instead="Start a box with osbiz run, and give its ready file.",
            ) from None
        if response.status >= 400:
            raise _refusal(content, response.status)
        return content

    async def _look(self) -> None:
        box = await self.call("GET", "/v1/box")
        self._place = place_of(box["wsi"])
        self._clock = Clock(
            now=parse_time(box["now"], field="now"),
            rate=box["rate"],
            dates=parse_dates(box["dates"]),
        )

    async def _follow(self) -> None:
        forever = aiohttp.ClientTimeout(total=None, connect=ANSWER_SECONDS)
        while True:
            with contextlib.suppress(aiohttp.ClientError, Refused, TimeoutError):
                async with self._client.get(self._url + "/v1/events", timeout=forever) as response:
                    await self._look()
                    async for line in response.content:
                        if line.startswith(b"event: journal"):
                            await self._look()
            await asyncio.sleep(AGAIN_SECONDS)


def _refusal(content: bytes, status: int) -> Refused:
    try:
        errors = json.loads(content)["errors"]
        return Refused(
            *(
                Refusal(one["code"], one["detail"], one.get("field"), one.get("instead"))
                for one in errors
            )
        )
    except (ValueError, KeyError, TypeError):
        return Refused.because(
            "control-away",
            f"What answers there is no control API (status {status}).",
            field="control",
        )
