"""The box's stories about time: its calendar, and certificates issued again with other dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from appliance.clock import REAL, Clock, Dates, Setting, as_dates, as_time, parse_rate
from appliance.spans import parse_span
from store.inventory import Holding
from webserver.acme_stories import AcmeStories
from webserver.running_node import RunningNode

if TYPE_CHECKING:
    from appliance.redating import Redating
    from webserver.running_calendar import Calendar
    from webserver.running_telephones import RunningTelephones


class TimeStories(AcmeStories, RunningNode):
    """What a `RunningBox` can do with time."""

    calendar: Calendar
    telephones: RunningTelephones

    @property
    def clock(self) -> Clock:
        """The box's calendar."""
        return self._node.clock

    async def set_clock(
        self,
        *,
        now: date | str | None = None,
        shift: timedelta | str | float | None = None,
        rate: float | str | None = None,
        dates: Dates | str | None = None,
        allow_unprojected: bool = False,
    ) -> None:
        """Set the box's calendar, how fast it runs, and which dates certificates carry.

        now: a time or a day, or `real` to go with the machine's clock again.
        shift: move it instead, forward or back: `"90d"`, `"-2h"`, or seconds.
        Refused outside its range, and where projected dates would be wrong (unless
        `allow_unprojected`).
        """
        setting = Setting(
            now=None if now == REAL else as_time(now, field="now"),
            shift=None if shift is None else parse_span(shift, field="shift"),
            real=now == REAL,
            rate=None if rate is None else parse_rate(rate),
            dates=as_dates(dates),
        )
        await self._finish(self._set_clock(setting, allow_unprojected))

    async def _set_clock(self, setting: Setting, allow_unprojected: bool) -> None:
        async with self.changing:
            before = self.clock.now()
            await self.calendar.set(setting, allow_unprojected=allow_unprojected)
            self.telephones.look_at_the_clock()
            self.tell_acme(self.clock.now() - before)

    async def expire_in(
        self,
        seconds: float | str | timedelta,
        *,
        node: str = "system",
        certificate: str | None = None,
    ) -> Holding:
        """Issue a certificate again so that it expires after so long; no clock is moved.

        seconds: on the box's calendar; or a span like `"90d"`.
        certificate: the id of one that `node` holds; None for the active one.
        It keeps its id, key, subject, serial number, extensions and length of validity, and
        nothing restarts. Refused when the box does not hold the key that signed it.
        """
        span = parse_span(seconds, field="expire_in")
        return await self.redate(node=node, certificate=certificate, expire_in=span)

    async def expired_since(
        self, days: float | str | timedelta, *, node: str = "system", certificate: str | None = None
    ) -> Holding:
        """As `expire_in`, but it expired so long ago; `days`, or a span like `"12h"`."""
        span = _days(days, "expired_since")
        return await self.redate(node=node, certificate=certificate, expired_since=span)

    async def not_valid_for(
        self, days: float | str | timedelta, *, node: str = "system", certificate: str | None = None
    ) -> Holding:
        """As `expire_in`, but its validity begins only after so long; `days`, or a span."""
        span = _days(days, "not_valid_for")
        return await self.redate(node=node, certificate=certificate, not_valid_for=span)

    async def redate(
        self, *, node: str = "system", certificate: str | None = None, **dates: Any
    ) -> Holding:
        """Issue a certificate again with other dates; `dates` are those of `Redating`."""
        from appliance.redating import Redating  # off the start path

        return await self._finish(self._redate(node, certificate, Redating(**dates)))

    async def _redate(self, node: str, certificate: str | None, redating: Redating) -> Holding:
        async with self.changing:
            return await self.calendar.redate(node, redating, certificate)


def _days(value: float | str | timedelta, field: str) -> timedelta:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return parse_span(value * 86_400 if plain else value, field=field)
