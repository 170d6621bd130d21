"""The simulator for ordinary code: the same objects, with calls that wait.

The event loop runs in a thread of its own. Attributes are read straight through;
coroutine methods become ordinary ones that return when theirs has.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from webserver.running_node import RunningNode
from webserver.simulator import Simulator


class Blocking:
    """A view of `target` whose coroutine methods block until they are done."""

    def __init__(self, target: object, loop: asyncio.AbstractEventLoop) -> None:
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if inspect.iscoroutinefunction(value):

            def call(*args: Any, **kwargs: Any) -> Any:
                work = value(*args, **kwargs)
                return self._seen(asyncio.run_coroutine_threadsafe(work, self._loop).result())

            return call
        return self._seen(value)

    def _seen(self, value: Any) -> Any:
        """`value` for ordinary code: a view of it, when it lives on the event loop too."""
        lives = isinstance(value, RunningNode) or getattr(type(value), "lives_on_the_loop", False)
        return Blocking(value, self._loop) if lives else value

    def __repr__(self) -> str:
        return f"Blocking({self._target!r})"


class _Loops:
    """Event loops in threads of their own, used again when nothing was left on them."""

    def __init__(self) -> None:
        self._idle: list[asyncio.AbstractEventLoop] = []

    @contextmanager
    def one(self) -> Iterator[asyncio.AbstractEventLoop]:
        """A running loop that is nobody else's inside the block."""
        try:
            loop = self._idle.pop()
        except IndexError:
            loop = asyncio.new_event_loop()
            threading.Thread(target=self._run, args=(loop,), name="osbiz", daemon=True).start()
        try:
            yield loop
        finally:
            if asyncio.all_tasks(loop):
                loop.call_soon_threadsafe(loop.stop)
            else:
                self._idle.append(loop)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_forever()
        finally:
            loop.close()


_loops = _Loops()


@contextmanager
def started(**options: Any) -> Iterator[tuple[Simulator, asyncio.AbstractEventLoop]]:
    """A running `Simulator`, and the event loop in another thread that it runs on."""
    with _loops.one() as loop:
        simulator = Simulator(**options)
        asyncio.run_coroutine_threadsafe(simulator.__aenter__(), loop).result()
        try:
            yield simulator, loop
        finally:
            leaving = simulator.__aexit__(None, None, None)
            asyncio.run_coroutine_threadsafe(leaving, loop).result()


@contextmanager
def run(**options: Any) -> Iterator[Any]:
    """A running `Simulator` for `with`; `options` are those of `Simulator`.

    Yields it with blocking methods: `sim.box.change_lan_ip("127.0.0.9")` returns when the
    box answers there. Raises `Refused` as `Simulator` does.
    """
    with started(**options) as (simulator, loop):
        yield Blocking(simulator, loop)
