"""The calendar jumps ten times a second while clients come and go; nothing comes of it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.clients import served
from tests.system.program import Program, program

JUMPS_PER_SECOND = 10
NODES = ("portal", "wsi", "booster")
ROOT = Path(__file__).parents[2]
RATES = (0, 1, 60, 3600, 100_000)


class Load:
    """Clients that shake hands again and again, and remember what they were shown."""

    def __init__(self, box: Program) -> None:
        self._box = box
        self.shown: set[tuple[str, str]] = set()
        self.failures: list[str] = []

    def __enter__(self) -> Load:
        line = (sys.executable, "-m", "tests.system.handshaking")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._clients = {
            name: subprocess.Popen((*line, self._box.ready[name]), cwd=ROOT, **pipes)  # type: ignore[call-overload]
            for name in NODES
        }
        return self

    def __exit__(self, *_error: object) -> None:
        for name, client in self._clients.items():
            told = json.loads(client.communicate(timeout=60)[0])
            self.shown |= {(name, key) for key in told["shown"]}
            self.failures += [f"{name}: {failure}" for failure in told["failures"]]


def jump(box: Program, chance: random.Random) -> None:
    """One setting of the clock: somewhere else, or by some time, with another rate now and then."""
    body: dict[str, Any] = {}
    if chance.random() < 0.5:
        begin = datetime(1970, 1, 1, tzinfo=UTC)
        days = chance.randrange(365 * 7000)
        body["now"] = (begin + timedelta(days=days)).isoformat()
    else:
        body["shift"] = f"{chance.choice('+-')}{chance.randrange(4000)}d"
    if chance.random() < 0.3:
        body["rate"] = chance.choice(RATES)
    answer = box.call("PUT", "/v1/clock", body)
    # A shift may lead off the calendar, which is refused; nothing else is.
    assert answer.status == 200 or answer.body["code"] == "time-range", answer.body


def play(tmp_path: Path, dates: str, seconds: float) -> None:
    chance = random.Random(dates)
    data = ("--data", str(tmp_path / "data"), "--restart-time", "0", "--dates", dates)
    with program(tmp_path, *data) as box:
        keys = {name: served(box.ready[name]).public_key for name in NODES}
        held = box.call("GET", "/v1/certificates").body["certificates"]
        jumps = 0
        with Load(box) as load:
            begun = time.monotonic()
            # A machine that has other things to do may take twice as long for as many.
            while jumps < seconds * JUMPS_PER_SECOND and time.monotonic() < begun + 2 * seconds:
                jump(box, chance)
                jumps += 1
                time.sleep(max(begun + jumps / JUMPS_PER_SECOND - time.monotonic(), 0.0))
        assert load.failures == []
        assert load.shown == {(name, str(key)) for name, key in keys.items()}
        assert jumps > seconds * JUMPS_PER_SECOND / 4
        now = box.call("PUT", "/v1/clock", {"now": "2025-05-05T05:05:05Z", "rate": 0}).body["now"]
        events = [one["event"] for one in box.call("GET", "/v1/journal").body["journal"]]
        assert events.count("clock-set") > jumps / 4
    with program(tmp_path, *data) as box:
        after = box.call("GET", "/v1/certificates").body["certificates"]
        assert [one["fingerprint_sha256"] for one in after] == [
            one["fingerprint_sha256"] for one in held
        ]
        began = datetime.fromisoformat(now)
        late = datetime.fromisoformat(box.call("GET", "/v1/box").body["now"]) - began
        assert timedelta(0) <= late < timedelta(minutes=2)
        assert {name: served(box.ready[name]).public_key for name in keys} == keys


@pytest.mark.parametrize("dates", ["simulated", "projected"])
def test_a_calendar_that_jumps_ten_times_a_second_harms_nobody(tmp_path: Path, dates: str) -> None:
    play(tmp_path, dates, 3)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("dates", ["simulated", "projected"])
def test_nor_does_it_for_a_minute(tmp_path: Path, dates: str) -> None:
    play(tmp_path, dates, 60)
