"""The box's calendar: set, shifted, frozen, sped up. The one place that reads wall time.

Box time is a straight line over real time: `anchor_box + (real - anchor_real) * rate`.
Setting the clock or its rate starts a new line where the old one ends. The three
numbers are swapped as one value, so any thread may read while another sets.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from store.refusals import Refused

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
MAX_RATE = 100_000.0


class Dates(enum.StrEnum):
    """Which dates the certificates of this calendar carry on the wire.

    SIMULATED: the box's own, exactly as in history.
    PROJECTED: moved so that a client on the real clock sees the same remaining life.
    """

    SIMULATED = "simulated"
    PROJECTED = "projected"


@dataclass(frozen=True, slots=True)
class Line:
    """Box time over real time."""

    box: datetime
    real: datetime
    rate: float


def real_now() -> datetime:
    """The real time, aware UTC."""
    return datetime.now(UTC)


class Clock:
    """A calendar that runs `rate` times as fast as the real one (0: frozen).

    line: the present one; put an old one back to undo what was set since.
    dates: what certificates are to carry.
    """

    def __init__(
        self,
        *,
        now: datetime | None = None,
        rate: float = 1.0,
        dates: Dates = Dates.SIMULATED,
    ) -> None:
        real = real_now()
        box = real if now is None else check_time(now, field="now")
        self.line = Line(box, real, _checked_rate(rate))
        self.dates = dates

    def now(self) -> datetime:
        """The box's time, aware UTC; stands still at the year 9000."""
        line = self.line
        try:
            return min(line.box + (real_now() - line.real) * line.rate, LATEST)
        except OverflowError:
            return LATEST

    @property
    def rate(self) -> float:
        """Box seconds per real second."""
        return self.line.rate

    def to_real(self, moment: datetime) -> datetime:
        """When `moment` of the box's calendar is on the real one, if nothing is set again.

        Frozen, what is left of a time stays the same: the answer moves on with real time.
        """
        line = self.line
        origin, rate = (line.real, line.rate) if line.rate else (real_now(), 1.0)
        try:
            return origin + (moment - line.box) / rate
        except OverflowError:
            return LATEST if moment > line.box else EARLIEST

    def set(self, *, now: datetime | None = None, rate: float | None = None) -> None:
        """Jump to `now` and run at `rate` from there; None leaves one as it is.

        Refused, with nothing changed, when `now` is outside 1970 to 9000 or `rate` is
        not 0 or 1 to 100,000.
        """
        new_rate = self.line.rate if rate is None else _checked_rate(rate)
        new_now = self.now() if now is None else check_time(now, field="now")
        self.line = Line(new_now, real_now(), new_rate)

    def shift(self, by: timedelta) -> None:
        """Move the calendar by `by`, forward or back."""
        try:
            target = self.now() + by
        except OverflowError:
            target = LATEST + timedelta(days=1)
        self.set(now=target)

    def as_settings(self) -> dict[str, Any]:
        """What `from_settings` needs to go on later."""
        return {
            "box": self.now().isoformat(),
            "real": real_now().isoformat(),
            "rate": self.rate,
            "dates": self.dates.value,
        }

    @classmethod
    def from_settings(cls, saved: dict[str, Any]) -> Clock:
        """The calendar as it goes on after the box was off.

        While it is off a box's clock runs like any other, so the time away counts
        once, whatever the rate was; the rate starts again at 1.
        """
        away = real_now() - datetime.fromisoformat(saved["real"])
        box = datetime.fromisoformat(saved["box"]) + max(away, timedelta(0))
        dates = Dates(saved.get("dates", Dates.SIMULATED))
        return cls(now=min(max(box, EARLIEST), LATEST), dates=dates)


def parse_dates(text: object, *, field: str = "dates") -> Dates:
    """`simulated` or `projected`; refused when it is neither."""
    for dates in Dates:
        if text == dates.value:
            return dates
    raise Refused.because(
        "dates",
        f"Dates can't be {str(text)[:40]!r}.",
        field=field,
        instead="They are simulated (the box's own) or projected (onto the real calendar).",
    )


def as_time(value: datetime | str | None, *, field: str) -> datetime | None:
    """`value` as an aware time, where code may give text as well; None stays None."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return None if value is None else parse_time(value, field=field)


def as_dates(value: Dates | str | None) -> Dates | None:
    """`value` as `Dates`, where code may give text as well; None stays None."""
    return value if value is None or isinstance(value, Dates) else parse_dates(value)


def parse_time(text: str, *, field: str) -> datetime:
    """An ISO 8601 time in UTC, as an aware datetime; refused when it is none.

    A time without an offset is taken as UTC, since that is what every interface writes;
    another offset is converted.
    """
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise Refused.because(
            "time",
            f"{str(text)[:60]!r} is no time.",
            field=field,
            instead="Write it as ISO 8601 in UTC, for example 2024-01-01T00:00:00Z.",
        ) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise _out_of_range(moment, field) from None


def check_time(moment: datetime, *, field: str) -> datetime:
    """`moment`, when it is on the box's calendar; else refused."""
    if not EARLIEST <= moment <= LATEST:
        raise _out_of_range(moment, field)
    return moment


def _out_of_range(moment: datetime, field: str) -> Refused:
    return Refused.because(
        "time-range",
        f"{moment.isoformat()} is not on the box's calendar.",
        field=field,
        instead=f"It runs from {EARLIEST.year} to {LATEST.year}.",
    )


def _checked_rate(rate: float) -> float:
    if not (rate == 0 or 1 <= rate <= MAX_RATE):
        raise Refused.because(
            "rate",
            f"The clock can't run at rate {rate!r}.",
            field="rate",
            instead=f"Use 0 (frozen) or 1 to {MAX_RATE:,.0f}.",
        )
    return float(rate)
