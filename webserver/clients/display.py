"""How a run is shown while it goes on: a live table on a terminal, else lines, or nothing.

Only shows; what there is to see comes from the fleet.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from webserver.clients.boxes import ServedBox
from webserver.clients.fleet import Fleet
from webserver.clients.telling import told, words

_DRAW_SECONDS = 0.25
_TELL_SECONDS = 0.5


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Have `work` go on while the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def drawing(fleet: Fleet, box: ServedBox, hint: str) -> AsyncIterator[None]:
    """A table that is drawn again and again while the block runs, with `hint` below it."""
    from rich.console import Console
    from rich.live import Live

    from webserver.clients.table import drawn

    console = Console()

    def picture() -> Any:
        place = box.place()
        return drawn(
            fleet.rows(),
            where=f"https://{place.address}:{place.port}",
            now=box.moment(),
            width=console.width,
            height=console.height,
            below=hint,
        )

    with Live(picture(), console=console, auto_refresh=False) as live:

        async def draw() -> None:
            while True:  # in a thread, since a terminal may be slow, or stopped
                await asyncio.to_thread(live.update, picture(), refresh=True)
                await asyncio.sleep(_DRAW_SECONDS)

        async with beside(draw()):
            yield
        live.update(picture(), refresh=True)


@asynccontextmanager
async def telling(fleet: Fleet, ended: asyncio.Event) -> AsyncIterator[None]:
    """A line for each change while the block runs; sets `ended` when nobody reads them."""
    with fleet.listening() as queue:

        def say() -> None:
            lines = list(told(queue.get_nowait() for _ in range(queue.qsize())))
            try:
                print("\n".join(lines), end="\n" if lines else "", flush=True)
            except BrokenPipeError:  # nobody reads on; nor shall the interpreter try at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                ended.set()

        async def go_on() -> None:
            while True:
                await asyncio.sleep(_TELL_SECONDS)
                say()

        async with beside(go_on()):
            yield
        say()
        counts = ", ".join(f"{count} {words(state)}" for state, count in fleet.states().items())
        print(f"In the end: {counts}.", flush=True)
