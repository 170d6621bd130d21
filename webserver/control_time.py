"""The control API's calls about time: the calendar, and the dates of certificates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from appliance.clock import REAL, Clock, parse_dates, parse_time, real_now
from appliance.redating import SPANS
from appliance.spans import parse_span
from store.certificate import iso_time
from store.refusals import Refused
from webserver.representations import certificate_json
from webserver.requests import json_object
from webserver.running import RunningBox

_CLOCK_FIELDS = ("now", "shift", "rate", "dates", "allow_unprojected")
_DATES = ("not_before", "not_after")


class TimeControl:
    """The calls, over the box that `box` gives."""

    def __init__(self, box: Callable[[], RunningBox]) -> None:
        self._get_box = box

    @property
    def _box(self) -> RunningBox:
        return self._get_box()

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/v1/clock", self.get_clock),
            web.put("/v1/clock", self.put_clock),
            web.put("/v1/nodes/{node}/validity", self.put_validity),
        ]

    async def get_clock(self, _request: web.Request) -> web.Response:
        return web.json_response(clock_json(self._box.clock))

    async def put_clock(self, request: web.Request) -> web.Response:
        body = await json_object(request, allowed=_CLOCK_FIELDS)
        if not body.keys() & {"now", "shift", "rate", "dates"}:
            raise Refused.because(
                "field-missing",
                "Nothing to set is named.",
                field="now",
                instead="Give now, shift, rate or dates.",
            )
        now, shift, rate, dates = (body.get(key) for key in ("now", "shift", "rate", "dates"))
        if rate is not None and (isinstance(rate, bool) or not isinstance(rate, int | float)):
            raise Refused.because(
                "rate",
                "The rate must be a number.",
                field="rate",
                instead="Use 0 (frozen) or 1 to 100000.",
            )
        allowed = body.get("allow_unprojected", False)
        if not isinstance(allowed, bool):
            raise Refused.because(
                "flag",
                "allow_unprojected says yes or no.",
                field="allow_unprojected",
                instead="Use true or false.",
            )
        await self._box.set_clock(
            now=now if now is None or now == REAL else parse_time(now, field="now"),
            shift=None if shift is None else parse_span(shift, field="shift"),
            rate=rate,
            dates=None if dates is None else parse_dates(dates),
            allow_unprojected=allowed,
        )
        return web.json_response(clock_json(self._box.clock))

    async def put_validity(self, request: web.Request) -> web.Response:
        node = request.match_info["node"]
        body = await json_object(request, allowed=("certificate", *SPANS, *_DATES))
        identity = body.pop("certificate", None)
        if identity is not None and not isinstance(identity, str):
            raise Refused.because(
                "no-such-certificate",
                "The certificate is named by its id.",
                field="certificate",
                instead="Leave it out for the active one.",
            )
        dates: dict[str, Any] = {
            name: parse_span(value, field=name) if name in SPANS else parse_time(value, field=name)
            for name, value in body.items()
            if value is not None
        }
        holding = await self._box.redate(node=node, certificate=identity, **dates)
        model = self._box.near_node(node).node
        shown = certificate_json(
            holding,
            active_on=self._box.active_on(holding.id),
            real=model.real_validity(holding),
        )
        return web.json_response(shown)


def clock_json(clock: Clock) -> dict[str, Any]:
    """The calendar as the API gives it.

    `ahead`: by how many seconds it is ahead of the machine's clock just now.
    `goes_with_the_machine`: nobody has set it.
    """
    now = clock.now()
    return {
        "now": iso_time(now),
        "rate": clock.rate,
        "dates": clock.dates.value,
        "ahead": round((now - real_now()).total_seconds(), 3),
        "goes_with_the_machine": clock.goes_with_the_machine,
    }
