"""The one thread in which the model works.

The model blocks (keys, fsync, PKCS#12, password hashes) and expects one caller at a
time; the event loop must never block. So everything that changes the model, and
everything slow, is sent here and awaited.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ClassVar, ParamSpec, TypeVar

log = logging.getLogger("osbiz")

_P = ParamSpec("_P")
_R = TypeVar("_R")

_ENDED = ThreadPoolExecutor(max_workers=1)
_ENDED.shutdown()  # it refuses whatever a closed model is still asked


class ModelThread:
    """A single worker thread; calls run in the order in which they were made.

    Threads are used again: in a test run, a box a test comes and goes.
    """

    _idle: ClassVar[list[ThreadPoolExecutor]] = []

    def __init__(self) -> None:
        try:
            self._executor = self._idle.pop()
        except IndexError:
            self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")

    async def call(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run `function` there; its exceptions arrive here.

        A caller that is cancelled meanwhile does not cancel the function: what is begun
        is finished, and its result is dropped.
        """
        future = self._executor.submit(function, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))

    def post(self, function: Callable[_P, object], /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Run `function` there without waiting for it; a failure is logged."""
        self._executor.submit(function, *args, **kwargs).add_done_callback(_log_failure)

    def close(self) -> None:
        """Take no more calls; when it has done what was sent, the thread is another model's."""
        if self._executor is not _ENDED:
            self._idle.append(self._executor)
            self._executor = _ENDED


def _log_failure(future: Future[object]) -> None:
    error = future.exception()
    if error is not None:
        log.error("the box could not write its journal: %s", error)
