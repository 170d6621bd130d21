"""The box's calendar: set, frozen, sped up, kept over a restart, and never past its ends."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.clock import (
    EARLIEST,
    LATEST,
    MAX_RATE,
    Clock,
    Dates,
    Setting,
    check_time,
    parse_rate,
    parse_time,
    real_now,
)
from store.refusals import Refused
from tests.helpers import NOON, fields, refusals

SECOND = timedelta(seconds=1)


class AMachine:
    """A machine whose clocks go when a test says so, and whose wall clock can be set."""

    def __init__(self, wall: datetime = datetime(2026, 11, 23, 13, 0, 0, 400_000, UTC)) -> None:
        self._wall = wall
        self._elapsed = 1000.0

    def wall(self) -> datetime:
        return self._wall

    def elapsed(self) -> float:
        return self._elapsed

    def pass_time(self, seconds: float) -> None:
        self._elapsed += seconds
        with contextlib.suppress(OverflowError):
            self._wall += timedelta(seconds=seconds)

    def set_wall(self, by: timedelta) -> None:
        self._wall += by


def test_a_new_clock_shows_the_real_time_and_runs_with_it() -> None:
    clock = Clock()
    assert abs(clock.now() - real_now()) < SECOND
    assert clock.now().tzinfo is UTC
    assert clock.rate == 1


def test_a_frozen_clock_stands_still() -> None:
    clock = Clock(now=NOON, rate=0)
    time.sleep(0.01)
    assert clock.now() == NOON


def test_a_clock_that_is_set_goes_on_from_there() -> None:
    clock = Clock()
    clock.set(now=NOON)
    assert timedelta(0) <= clock.now() - NOON < SECOND


def test_a_fast_clock_runs_as_many_times_as_fast() -> None:
    clock = Clock(now=NOON, rate=MAX_RATE)
    began = time.monotonic()
    time.sleep(0.05)
    passed = (clock.now() - NOON).total_seconds()
    longest = time.monotonic() - began
    assert 0.04 * MAX_RATE < passed < (longest + 0.05) * MAX_RATE


def test_changing_the_rate_does_not_make_the_calendar_jump() -> None:
    clock = Clock(now=NOON, rate=0)
    clock.set(rate=1)
    assert timedelta(0) <= clock.now() - NOON < SECOND


def test_setting_the_time_keeps_the_rate() -> None:
    clock = Clock(now=NOON, rate=0)
    clock.set(now=NOON + SECOND)
    assert (clock.now(), clock.rate) == (NOON + SECOND, 0)


@pytest.mark.parametrize("by", [timedelta(days=45), -timedelta(days=45), timedelta(0)])
def test_a_clock_is_shifted_forward_and_back(by: timedelta) -> None:
    clock = Clock(now=NOON, rate=0)
    clock.shift(by)
    assert clock.now() == NOON + by


@pytest.mark.parametrize("by", [timedelta.max, timedelta.min, timedelta(days=-365 * 100)])
def test_a_shift_off_the_calendar_is_refused_and_changes_nothing(by: timedelta) -> None:
    clock = Clock(now=NOON, rate=0)
    assert refusals(clock.shift, by) == ["time-range"]
    assert clock.now() == NOON


@pytest.mark.parametrize("rate", [-1.0, 0.5, 0.999, MAX_RATE + 1, float("inf"), float("nan")])
def test_an_impossible_rate_is_refused_and_changes_nothing(rate: float) -> None:
    clock = Clock(now=NOON, rate=0)
    assert refusals(clock.set, now=NOON + SECOND, rate=rate) == ["rate"]
    assert (clock.now(), clock.rate) == (NOON, 0)


@pytest.mark.parametrize(
    ("text", "rate"), [("3600", 3600), (" 1.5 ", 1.5), ("100,000", MAX_RATE), (0, 0), (True, None),
                       ("fast", None), ("", None), ("nan", None), ("1e999", None), ([], None),
                       ("1,00", None), (10**400, None)],
)  # fmt: skip
def test_a_rate_is_read_from_what_people_write_or_refused(text: object, rate: float | None) -> None:
    if rate is None:
        assert refusals(parse_rate, text) == ["rate"]
    else:
        assert parse_rate(text) == rate


def test_a_shift_that_leads_off_the_calendar_is_refused_as_the_shift() -> None:
    with pytest.raises(Refused) as caught:
        Clock(now=NOON, rate=0).shift(timedelta(days=3_000_000))
    assert [one.field for one in caught.value.refusals] == ["shift"]
    assert "Moved by 3000000d" in str(caught.value)


@pytest.mark.parametrize("now", [EARLIEST - SECOND, LATEST + SECOND])
def test_a_time_off_the_calendar_is_refused_and_changes_nothing(now: datetime) -> None:
    clock = Clock(now=NOON, rate=0)
    assert refusals(clock.set, now=now, rate=1) == ["time-range"]
    assert (clock.now(), clock.rate) == (NOON, 0)


@pytest.mark.parametrize("now", [EARLIEST, LATEST])
def test_both_ends_of_the_calendar_can_be_set(now: datetime) -> None:
    assert Clock(now=now, rate=0).now() == now


def test_the_fastest_clock_stands_still_at_the_end_of_the_calendar() -> None:
    clock = Clock(now=LATEST - SECOND, rate=MAX_RATE)
    time.sleep(0.001)
    assert clock.now() == LATEST


def test_a_clock_long_left_running_at_full_speed_does_not_overflow() -> None:
    machine = AMachine()
    clock = Clock(now=NOON, rate=MAX_RATE, machine=machine)
    machine.pass_time(timedelta(days=365 * 1000).total_seconds())
    assert clock.now() == LATEST


def saved(box: datetime, *, away: timedelta, rate: float = 1.0) -> dict[str, Any]:
    return {"box": box.isoformat(), "real": (real_now() - away).isoformat(), "rate": rate}


@pytest.mark.parametrize("rate", [0.0, 1.0, MAX_RATE])
def test_the_time_a_box_was_off_counts_once_whatever_its_rate_was(rate: float) -> None:
    clock = Clock.from_settings(saved(NOON, away=timedelta(hours=5), rate=rate))
    assert timedelta(hours=5) <= clock.now() - NOON < timedelta(hours=5, seconds=1)
    assert clock.rate == 1


def test_a_real_clock_that_was_set_back_meanwhile_does_not_move_the_box_back() -> None:
    clock = Clock.from_settings(saved(NOON, away=timedelta(hours=-5)))
    assert timedelta(0) <= clock.now() - NOON < SECOND


def test_a_box_that_was_off_past_the_end_of_the_calendar_is_at_its_end() -> None:
    assert Clock.from_settings(saved(LATEST, away=timedelta(days=1))).now() == LATEST


def test_settings_are_plain_json_and_lead_back_to_the_same_time() -> None:
    clock = Clock(now=NOON, rate=0)
    settings = clock.as_settings()
    assert all(isinstance(value, str | float | bool) for value in settings.values())
    assert abs(Clock.from_settings(settings).now() - NOON) < SECOND


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-01T00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T01:00:00+01:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2023-12-31 19:00:00-05:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("20240101T000000Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00.25Z", datetime(2024, 1, 1, microsecond=250_000, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_every_iso_form_and_become_utc(text: str, moment: datetime) -> None:
    parsed = parse_time(text, field="now")
    assert parsed == moment
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "now", "2024-13-01", "1.1.2024", "2024-01-01T25:00", "\ud800"]
)
def test_what_is_no_time_is_refused_with_its_field(text: str) -> None:
    assert refusals(parse_time, text, field="now") == ["time"]
    assert fields(parse_time, text, field="not_after") == {"not_after"}


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_calendar_has_in_utc_is_refused(text: str) -> None:
    assert refusals(parse_time, text, field="now") == ["time-range"]


@given(st.text(max_size=40) | st.datetimes().map(str))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with contextlib.suppress(Refused):
        assert parse_time(text, field="now").tzinfo is UTC


def test_a_time_is_checked_against_the_calendar_under_its_own_field() -> None:
    assert check_time(NOON, field="installed_at") == NOON
    assert fields(check_time, LATEST + SECOND, field="installed_at") == {"installed_at"}


# The machine's clock is set by people and daemons


@pytest.mark.parametrize("rate", [0.0, 1.0, MAX_RATE])
@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1)])
def test_setting_the_machines_clock_does_not_move_a_calendar_that_was_set(
    rate: float, step: timedelta
) -> None:
    machine = AMachine()
    clock = Clock(now=NOON, rate=rate, machine=machine)
    machine.set_wall(step)
    assert clock.now() == NOON
    machine.pass_time(2)
    assert clock.now() == NOON + 2 * rate * SECOND


def test_a_calendar_that_nobody_set_goes_with_the_machine() -> None:
    machine = AMachine()
    clock = Clock(machine=machine)
    assert clock.goes_with_the_machine
    machine.set_wall(timedelta(days=400))
    assert clock.now() == machine.wall()
    assert clock.to_real(NOON) == NOON


def test_a_calendar_that_was_set_can_go_with_the_machine_again() -> None:
    machine = AMachine()
    clock = Clock(now=NOON, rate=60, machine=machine)
    Setting(real=True).apply(clock)
    assert (clock.now(), clock.rate, clock.goes_with_the_machine) == (machine.wall(), 1, True)
    assert refusals(Setting(real=True, rate=2).apply, clock) == ["rate"]
    assert refusals(lambda: Setting(real=True, shift=SECOND)) == ["clock-twice"]


def test_that_nobody_set_it_is_remembered() -> None:
    assert Clock.from_settings(Clock().as_settings()).goes_with_the_machine
    assert not Clock.from_settings(Clock(now=NOON).as_settings()).goes_with_the_machine


def test_projected_seconds_change_together_with_real_ones() -> None:
    machine = AMachine()
    clock = Clock(now=NOON, dates=Dates.PROJECTED, machine=machine)
    end = clock.to_real(NOON + 10 * SECOND)
    assert end == machine.wall().replace(microsecond=0) + 10 * SECOND
    machine.pass_time((end - machine.wall()).total_seconds())
    assert abs(clock.now() - (NOON + 10 * SECOND)) < timedelta(milliseconds=1)


@pytest.mark.parametrize("rate", [1.0, 7.0, 3600.0, MAX_RATE])
def test_what_is_left_is_divided_by_the_rate(rate: float) -> None:
    machine = AMachine()
    clock = Clock(now=NOON, rate=rate, dates=Dates.PROJECTED, machine=machine)
    left = clock.to_real(NOON + timedelta(days=30)) - machine.wall()
    assert abs(left - timedelta(days=30) / rate) < SECOND / 2


def test_frozen_dates_are_a_whole_number_of_seconds_from_the_second_one_looks_in() -> None:
    machine = AMachine()
    clock = Clock(now=NOON, rate=0, dates=Dates.PROJECTED, machine=machine)
    for _ in range(3):
        looked = machine.wall().replace(microsecond=0)
        assert clock.to_real(NOON + 5 * SECOND) == looked + 5 * SECOND
        machine.pass_time(0.7)
    ahead = looked + 9 * SECOND
    assert clock.to_real(NOON, second=ahead) == ahead


def test_a_step_of_the_machines_clock_is_seen_where_dates_are_projected() -> None:
    machine = AMachine()
    clock = Clock(now=NOON, dates=Dates.PROJECTED, machine=machine)
    before = clock.machine_offset()
    machine.set_wall(timedelta(hours=1))
    assert clock.machine_offset() - before == pytest.approx(3600)
    left = clock.to_real(NOON + timedelta(days=1)) - machine.wall()
    assert abs(left - timedelta(days=1)) <= SECOND
