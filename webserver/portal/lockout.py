"""Failed logons: after a few in a row an account has to wait, longer each time.

Counts by account name, known or not, so that waiting tells nobody which names exist.
In memory, by monotonic time. Used from the event loop only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

FREE_ATTEMPTS = 5
FIRST_WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 300.0
MAX_NAMES = 1_000


@dataclass(slots=True)
class _Failures:
    count: int
    until: float


class Lockout:
    """The failures in a row of every account name tried lately."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures: dict[str, _Failures] = {}

    def wait(self, name: str) -> float:
        """Seconds before `name` may be tried again; 0 when it may be now."""
        failures = self._failures.get(name)
        return 0.0 if failures is None else max(0.0, failures.until - self._now())

    def waiting(self) -> dict[str, float]:
        """Every name that has to wait now, with the seconds left."""
        return {name: left for name in self._failures if (left := self.wait(name)) > 0}

    def failed(self, name: str) -> None:
        """Count a wrong password; from the fifth in a row on, the wait doubles each time."""
        failures = self._failures.setdefault(name, _Failures(0, 0.0))
        failures.count += 1
        beyond = failures.count - FREE_ATTEMPTS
        if beyond >= 0:
            wait = min(FIRST_WAIT_SECONDS * 2.0 ** min(beyond, 16), LONGEST_WAIT_SECONDS)
            failures.until = self._now() + wait
        if len(self._failures) > MAX_NAMES:
            # The least suspicious goes, so that trying many names unlocks none.
            least = min(self._failures, key=lambda one: self._failures[one].count)
            del self._failures[least]

    def succeeded(self, name: str) -> None:
        """Forget the failures of `name`."""
        self._failures.pop(name, None)
