"""The UC clients at a box, wherever they run: fleets in this process, and rows told from others.

Owns only the list: a fleet is asked for its rows, and rows from elsewhere are kept until
they are not renewed. Light, since every box has one; the engine is in `webserver.clients`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from store.refusals import Refused

MAX_RUNS = 100

Row = Mapping[str, Any]


class NearFleet(Protocol):
    """A fleet in this process."""

    @property
    def run(self) -> str:
        """Its name among the runs."""

    def rows(self) -> Sequence[Row]:
        """Each client as a line of the table."""

    def stop(self) -> Awaitable[None]:
        """End it."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Rows from another process. due: when they are forgotten (monotonic seconds)."""

    rows: Sequence[Row]
    due: float


class ClientRuns:
    """The runs at one box; used from the event loop only."""

    def __init__(self) -> None:
        self._near: dict[str, NearFleet] = {}
        self._told: dict[str, _Told] = {}

    def add(self, fleet: NearFleet) -> None:
        """One more fleet in this process."""
        self._near[fleet.run] = fleet

    def drop(self, fleet: NearFleet) -> None:
        """A fleet that is over."""
        self._near.pop(fleet.run, None)

    def tell(self, run: str, rows: Sequence[Row], *, seconds: float) -> None:
        """The rows of a run elsewhere, good for `seconds`; refused when there are too many runs."""
        self._forget()
        if run in self._near:
            raise Refused.because(
                "client-run-taken",
                f"The run {run} is in the simulator itself.",
                field="run",
                instead="Report under another name.",
            )
        if run not in self._told and len(self._told) >= MAX_RUNS:
            raise Refused.because(
                "client-runs",
                f"{MAX_RUNS} runs report here already.",
                field="run",
                instead="Wait until one of them is over.",
            )
        self._told[run] = _Told(rows, time.monotonic() + seconds)

    def end(self, run: str) -> None:
        """A run elsewhere is over; refused when there is none of this name."""
        self._forget()
        if self._told.pop(run, None) is None:
            raise Refused.because(
                "no-such-client-run", f"No run {run[:40]!r} reports here.", field="run"
            )

    def rows(self) -> list[dict[str, Any]]:
        """Every client, run by run, with the name of its run."""
        self._forget()
        runs = [(run, fleet.rows()) for run, fleet in self._near.items()]
        runs += [(run, told.rows) for run, told in self._told.items()]
        return [{"run": run, **row} for run, rows in runs for row in rows]

    async def stop(self) -> None:
        """End every fleet in this process."""
        for fleet in tuple(self._near.values()):
            await fleet.stop()
        self._near.clear()

    def _forget(self) -> None:
        now = time.monotonic()
        for run, told in tuple(self._told.items()):
            if told.due <= now:
                del self._told[run]
