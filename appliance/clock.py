"""The box's calendar: set, shifted, frozen, sped up. The one place that reads wall time.

A calendar that nobody has set is the machine's own. One that was set is a straight line
over the time that has passed since: `box + elapsed * rate`. What has passed is measured by
a clock that nobody sets and that counts a suspended machine's sleep: else a step of the
machine's clock, which happens after each resume, would move a box at rate 100,000 by weeks.
The line is swapped as one value, so any thread may read while another sets.
"""

from __future__ import annotations

import enum
import math
import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from appliance.spans import format_span
from store.refusals import Refused

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
MAX_RATE = 100_000.0
_CALENDAR = f"It runs from {EARLIEST.year} to {LATEST.year}."
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")


class Dates(enum.StrEnum):
    """Which dates the certificates of this calendar carry on the wire.

    SIMULATED: the box's own, exactly as in history.
    PROJECTED: moved so that a client on the real clock sees the same remaining life.
    """

    SIMULATED = "simulated"
    PROJECTED = "projected"


class Machine(Protocol):
    """The clocks of the machine."""

    def wall(self) -> datetime:
        """The real time, aware UTC; people and daemons set it."""

    def elapsed(self) -> float:
        """Seconds since some moment; nobody sets them, and sleep counts."""


class _ThisMachine:
    _clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> float:
        return time.clock_gettime(self._clock)


THIS_MACHINE: Machine = _ThisMachine()


def real_now() -> datetime:
    """The real time, aware UTC."""
    return THIS_MACHINE.wall()


@dataclass(frozen=True, slots=True)
class Line:
    """Box time over the time that passes: it was `box` at `elapsed` of the machine."""

    box: datetime
    elapsed: float
    rate: float


class Clock:
    """A calendar that runs `rate` times as fast as the real one (0: frozen).

    now: where it starts; None goes with the machine's clock while the rate is 1.
    line: the present one, None when it goes with the machine's; put an old one back to
        undo what was set since.
    dates: what certificates are to carry.
    """

    def __init__(
        self,
        *,
        now: datetime | None = None,
        rate: float = 1.0,
        dates: Dates = Dates.SIMULATED,
        machine: Machine = THIS_MACHINE,
    ) -> None:
        self._machine = machine
        self.line: Line | None = None
        self.dates = dates
        self.set(now=now, rate=rate)

    def now(self) -> datetime:
        """The box's time, aware UTC; stands still at the year 9000."""
        line = self.line
        if line is None:
            return self._machine.wall()
        passed = self._machine.elapsed() - line.elapsed
        try:
            return min(line.box + timedelta(seconds=passed * line.rate), LATEST)
        except OverflowError:
            return LATEST

    @property
    def rate(self) -> float:
        """Box seconds per real second."""
        return 1.0 if self.line is None else self.line.rate

    @property
    def goes_with_the_machine(self) -> bool:
        """Whether it is the machine's own clock, as nobody has set it."""
        return self.line is None

    def machine_offset(self) -> float:
        """Seconds between the machine's two clocks; changes when somebody sets its wall clock."""
        return self._machine.wall().timestamp() - self._machine.elapsed()

    def to_real(self, moment: datetime, *, second: datetime | None = None) -> datetime:
        """When `moment` of the box's calendar is on the real one, if nothing is set again.

        Frozen, what is left of a time stays the same: the answer moves on with real time, in
        whole seconds, so that a client that looks during one of them sees exactly what is
        left. `second` is the real second to answer for, when it is not the present one.
        """
        line = self.line
        if line is None:
            return moment
        try:
            if line.rate == 0:
                origin = second or self._machine.wall().replace(microsecond=0)
                return origin + (moment - line.box.replace(microsecond=0))
            left = (moment - self.now()).total_seconds() / line.rate
            # Two clocks were read: what is meant to be a whole second must not fall short of it.
            millisecond = round((self._machine.wall().timestamp() + left) * 1000)
            return datetime.fromtimestamp(millisecond / 1000, UTC)
        except (OverflowError, ValueError):
            return LATEST if moment > line.box else EARLIEST

    def set(
        self,
        *,
        now: datetime | None = None,
        rate: float | None = None,
        dates: Dates | None = None,
    ) -> None:
        """Jump to `now` and run at `rate` from there; None leaves one as it is.

        With projected dates at rate 1 the seconds of the box change together with real ones,
        as otherwise a certificate would end up to a second before the box says so.
        Refused, with nothing changed, when `now` is outside 1970 to 9000 or `rate` is
        not 0 or 1 to 100,000.
        """
        new_rate = self.rate if rate is None else parse_rate(rate)
        new_dates = self.dates if dates is None else dates
        if now is None and self.line is None and new_rate == 1:
            self.dates = new_dates
            return
        new_now = self.now() if now is None else check_time(now, field="now")
        if new_dates is Dates.PROJECTED and new_rate == 1:
            new_now = new_now.replace(microsecond=self._machine.wall().microsecond)
        elif new_dates is Dates.PROJECTED and new_rate == 0:
            new_now = new_now.replace(microsecond=0)
        self.line, self.dates = Line(new_now, self._machine.elapsed(), new_rate), new_dates

    def go_with_the_machine(self, *, dates: Dates | None = None) -> None:
        """Be the machine's own clock again, as one that nobody has set."""
        self.line, self.dates = None, self.dates if dates is None else dates

    def shift(self, by: timedelta) -> None:
        """Move the calendar by `by`, forward or back."""
        self.set(now=self.shifted(by))

    def shifted(self, by: timedelta) -> datetime:
        """The box's time moved by `by`; refused where that leads off the calendar."""
        before = self.now()
        try:
            moved = before + by
        except OverflowError:
            moved = None
        if moved is None or not EARLIEST <= moved <= LATEST:
            raise Refused.because(
                "time-range",
                f"Moved by {format_span(by)} from {before:%Y-%m-%d}, the clock would be off "
                "the box's calendar.",
                field="shift",
                instead=_CALENDAR,
            )
        return moved

    def as_settings(self) -> dict[str, Any]:
        """What `from_settings` needs to go on later."""
        return {
            "box": self.now().isoformat(),
            "real": self._machine.wall().isoformat(),
            "rate": self.rate,
            "dates": self.dates.value,
            "set": self.line is not None,
        }

    @classmethod
    def from_settings(cls, saved: dict[str, Any]) -> Clock:
        """The calendar as it goes on after the box was off.

        While it is off a box's clock runs like any other, so the time away counts
        once, whatever the rate was; the rate starts again at 1.
        """
        dates = Dates(saved.get("dates", Dates.SIMULATED))
        if not saved.get("set", True):
            return cls(dates=dates)
        away = real_now() - datetime.fromisoformat(saved["real"])
        box = datetime.fromisoformat(saved["box"]) + max(away, timedelta(0))
        return cls(now=min(max(box, EARLIEST), LATEST), dates=dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a calendar is to be set, all at once; None leaves one as it is.

    now, shift, real: where it goes: to a time, by a span, or with the machine's clock again.
    Refused when more than one of these three is given.
    """

    now: datetime | None = None
    shift: timedelta | None = None
    real: bool = False
    rate: float | None = None
    dates: Dates | None = None

    def __post_init__(self) -> None:
        if (self.now is not None) + (self.shift is not None) + self.real > 1:
            raise Refused.because(
                "clock-twice",
                "The clock can't be set and shifted at once.",
                field="shift",
                instead="Give now or shift.",
            )

    def apply(self, clock: Clock) -> None:
        """Set `clock` so; refused, with nothing changed, where that can't be."""
        if self.real:
            if self.rate not in (None, 1):
                raise Refused.because(
                    "rate",
                    "The machine's clock runs at rate 1.",
                    field="rate",
                    instead="Leave it out, or set a time.",
                )
            clock.go_with_the_machine(dates=self.dates)
            return
        now = self.now if self.shift is None else clock.shifted(self.shift)
        clock.set(now=now, rate=self.rate, dates=self.dates)


REAL = "real"  # in place of a time: the machine's clock


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


def as_time(value: date | str | None, *, field: str) -> datetime | None:
    """`value` as an aware time, where code may give text or a day as well; None stays None."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
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
        instead=_CALENDAR,
    )


def parse_rate(value: object, *, field: str = "rate") -> float:
    """How fast a clock is to run, from a number or from text; refused where it can't.

    Text may have its thousands grouped, as the refusal itself has them.
    """
    text = value.strip() if isinstance(value, str) else ""
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        rate = math.nan if isinstance(value, bool) else float(text or value)  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        rate = math.nan
    if not (rate == 0 or 1 <= rate <= MAX_RATE):
        raise Refused.because(
            "rate",
            f"The clock can't run at rate {str(value)[:40]}.",
            field=field,
            instead=f"Use 0 (frozen) or 1 to {MAX_RATE:,.0f}.",
        )
    return rate
