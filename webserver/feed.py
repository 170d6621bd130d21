"""What happens, as it happens: journal entries, handshakes, UC clients; to who listens.

A listener that does not keep up loses the oldest of what waits for it; nobody is
slowed down by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

MAX_WAITING = 1_000


class Happening(NamedTuple):
    """One event: `journal`, `handshake` or `client`, with its JSON form."""

    kind: str
    value: dict[str, Any]


class Feed:
    """Publishes to any number of listeners; used from the event loop only."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Happening | None]] = set()

    @property
    def heard(self) -> bool:
        """Whether anybody listens; lets a publisher skip making the JSON."""
        return bool(self._queues)

    def publish(self, kind: str, value: dict[str, Any]) -> None:
        """Give every listener this event."""
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(Happening(kind, value))

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[Happening | None]]:
        """A queue of everything published while the block runs; None in it means the end."""
        queue: asyncio.Queue[Happening | None] = asyncio.Queue(MAX_WAITING)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    async def stream(self) -> AsyncIterator[Happening]:
        """Everything published from now on, until `close`."""
        with self.listening() as queue:
            while (happening := await queue.get()) is not None:
                yield happening

    def close(self) -> None:
        """Tell every listener that this was all."""
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)
