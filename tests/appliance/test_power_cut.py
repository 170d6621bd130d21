"""SIGKILL at any moment: the old state or the new one, and nothing that was told is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store.certificate import common_name
from store.journal import Entry
from store.requirements import key_matches
from tests.appliance.victim import state
from tests.helpers import a_box

ROOT = Path(__file__).resolve().parent.parent.parent
DEATHS = 60
# In seconds. One commit takes about a millisecond; one death in five was measured to fall
# between a commit and its telling. An installation takes about twelve.
LONGEST = 0.004
INSTALLATION = 0.03


class Victim:
    """The process that forks boxes to be killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.appliance.victim"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def life(self, directory: Path, *, tellings: int, then: float) -> list[dict[str, Any]]:
        """Let a box tell of itself so often and live `then` seconds more; all that it told."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{directory}\n".encode())
        self._process.stdin.flush()
        lines: list[Any] = []
        while len(lines) < tellings + 1 or not any(isinstance(line, int) for line in lines):
            lines.append(self._line())
        time.sleep(then)
        (pid,) = (line for line in lines if isinstance(line, int))
        os.kill(pid, signal.SIGKILL)
        while "dead" not in lines:
            lines.append(self._line())
            assert lines[-1] != "failed"
        return [line for line in lines if isinstance(line, dict)]

    def _line(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the victim ended by itself"
        return json.loads(line)

    def end(self) -> None:
        """Let the forking process go."""
        self._process.communicate(timeout=10)


@pytest.fixture
def victim() -> Iterator[Victim]:
    victim = Victim()
    yield victim
    victim.end()


def after(before: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """What a box holds once the one change that `entry` tells of has happened to `before`."""
    identity = entry.detail["certificate"]
    now = before | {"seq": entry.seq}
    match entry.event:
        case "lan-ip-changed":
            now |= {"lan_ip": entry.detail["to"], "active": identity}
            now["holdings"] = [*before["holdings"], identity]
        case "certificate-imported":
            now["holdings"] = [*before["holdings"], identity]
        case "certificate-activated":
            now["active"] = identity
        case "certificate-removed":
            now["holdings"] = [held for held in before["holdings"] if held != identity]
        case unknown:
            raise AssertionError(unknown)
    return now


def assert_whole(directory: Path, last_told: dict[str, Any]) -> None:
    """The box opens, in the state told last or one change later."""
    box = a_box(directory)
    try:
        found, journal = state(box), box.store.journal.since()
        ahead = found["seq"] - last_told["seq"]
        assert ahead in (0, 1)
        assert found == (after(last_told, journal[-1]) if ahead else last_told)

        certificate = box.active.certificate
        assert certificate is not None
        assert certificate.key is not None
        assert key_matches(certificate.leaf, certificate.key)
        assert common_name(certificate.leaf.subject) == box.lan_ip
        assert [entry.seq for entry in journal] == list(range(1, len(journal) + 1))
    finally:
        box.close()


def test_a_box_killed_in_the_middle_of_its_work_is_in_the_old_state_or_the_new(
    tmp_path: Path, victim: Victim
) -> None:
    chance = random.Random(20240101)
    for _ in range(DEATHS):
        tellings, then = chance.randint(1, 6), chance.uniform(0, LONGEST)
        told = victim.life(tmp_path, tellings=tellings, then=then)
        assert_whole(tmp_path, told[-1])


def test_a_box_killed_during_its_installation_is_installed_or_can_be(
    tmp_path: Path, victim: Victim
) -> None:
    for number in range(30):
        directory = tmp_path / str(number)
        victim.life(directory, tellings=0, then=number / 30 * INSTALLATION)
        box = a_box(directory)
        certificate = box.active.certificate
        assert certificate is not None
        assert common_name(certificate.leaf.subject) == box.lan_ip
        box.close()
