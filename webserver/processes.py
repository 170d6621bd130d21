"""Other people's programs, run: for so long, with so much kept of what they write.

Owns the process, and all that it starts. What is run, and what its status means, is for the
caller to know.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Mapping, Sequence

MAX_OUTPUT = 4_000
_CUT = b"\n...\n"
_STEERING = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# What a program left running may hold its output open for ever.
_LINGER_SECONDS = 0.2


def end_as_by_ctrl_c() -> None:
    """Have SIGTERM end the program as Ctrl-C does: with all that it started, and a last word.

    For before `asyncio.run`. What a script starts in the background is given SIGINT ignored
    (POSIX, Shell Command Language 2.11); it is heeded again, since it is what SIGTERM becomes.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


class _Output(asyncio.Protocol):
    """The beginning and the end of what comes, and whether it has ended."""

    def __init__(self) -> None:
        self._begun, self._latest = bytearray(), bytearray()
        self._length = 0
        self.ended = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        half = (MAX_OUTPUT - len(_CUT)) // 2
        self._length += len(data)
        room = max(half - len(self._begun), 0)
        self._begun += data[:room]
        self._latest = (self._latest + data[room:])[-half:]

    def connection_lost(self, _: Exception | None) -> None:
        self.ended.set()

    def text(self) -> str:
        left_out = self._length > len(self._begun) + len(self._latest)
        kept = self._begun + _CUT * left_out + self._latest
        return _legible(kept.decode("utf-8", "replace")).strip()


def _legible(text: str) -> str:
    """What a program wrote, without what would steer a terminal."""
    text = _STEERING.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


async def run_program(
    line: Sequence[str], settings: Mapping[str, str], *, limit: float
) -> tuple[int | None, str]:
    """Exit status, and what was written; of much, the beginning and the end.

    settings: the whole environment. limit: in seconds; then it is ended, with all that it
    started, and its status is None. Raises `OSError` when it can't be run.
    """
    output = _Output()
    reading, writing = os.pipe()
    loop = asyncio.get_running_loop()
    # A pipe of our own: the process's end is not to wait for that of whatever it left behind.
    transport, _ = await loop.connect_read_pipe(lambda: output, os.fdopen(reading, "rb", 0))
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *line,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                env=settings,
                start_new_session=True,  # so that it can be ended with all it started
            )
        finally:
            os.close(writing)
        status = await _ended(process, limit)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(output.ended.wait(), _LINGER_SECONDS)
    finally:
        transport.close()
    return status, output.text()


async def _ended(process: asyncio.subprocess.Process, limit: float) -> int | None:
    """The exit status; None when it had to be ended."""
    try:
        async with asyncio.timeout(limit):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
