"""The sending half of a socket transport: what is written, until the kernel has it.

Owns the queue of what is still to be sent, and backpressure on who writes. Knows
neither what is read nor when a connection ends: that is the rest of the transport.
What is queued is sealed (encrypted) only when its turn comes, so memory stays bounded.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

_SEND_SIZE = 64 * 1024
_HIGH_WATER = 64 * 1024
# Turns of the loop from an aiohttp response being written to its connection being closed.
_TURNS_TO_CLOSE = 1


class SendingTransport(asyncio.Transport):
    """The writing methods of asyncio's contract, on a non-blocking socket."""

    __slots__ = (
        "_closing",
        "_fd",
        "_gathering",
        "_high",
        "_loop",
        "_low",
        "_protocol",
        "_queue",
        "_queued",
        "_said_farewell",
        "_sock",
        "_wire",
        "_write_paused",
        "_writer_on",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
        self._loop = loop
        self._sock: socket.socket | None = sock
        # The loop is given the number: for a socket object it would format an error text
        # with the socket's addresses, only to throw it away (two system calls, 15 µs).
        self._fd = sock.fileno()
        self._protocol: asyncio.Protocol | None = None
        self._queue: list[bytes | memoryview] = []  # short; an empty deque is 700 bytes
        self._queued = 0
        self._wire: bytes | memoryview = b""
        self._high = _HIGH_WATER
        self._low = _HIGH_WATER // 4
        self._closing = False
        self._gathering = False
        self._said_farewell = False
        self._write_paused = False
        self._writer_on = False

    def gather(self) -> None:
        """The next answer is the last: send it together with the goodbye that follows it.

        Saves a segment and a system call where connections serve one request each. When
        no close follows within a turn or two of the loop, the answer goes alone.
        """
        self._gathering = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """When the protocol is asked to pause (above `high` bytes) and to go on (`low`)."""
        if high is None:
            high = _HIGH_WATER if low is None else 4 * low
        if low is None:
            low = high // 4
        if not high >= low >= 0:
            raise ValueError(f"high ({high}) must be >= low ({low}) must be >= 0")
        self._high, self._low = high, low
        self._press_back()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """`(low, high)`, in bytes."""
        return self._low, self._high

    def get_write_buffer_size(self) -> int:
        """Bytes written and not yet handed to the kernel."""
        return self._queued + len(self._wire)

    def can_write_eof(self) -> bool:
        """False: TLS peers take one side's end for the end of all."""
        return False

    def write_eof(self) -> None:
        """Not supported (see `can_write_eof`)."""
        raise NotImplementedError("this transport cannot close one side only")

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        """Write several pieces as one."""
        self.write(b"".join(list_of_data))

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send `data`, at once as far as the kernel takes it; ignored once closing."""
        if not isinstance(data, bytes):
            if not isinstance(data, bytearray | memoryview):
                raise TypeError(f"data must be bytes-like, not {type(data).__name__}")
            data = bytes(data)
        if self._closing or not data:
            return
        at_rest = not self._queue and not self._wire
        self._queue.append(data)
        self._queued += len(data)
        if self._gathering and self._queued < _SEND_SIZE:
            if at_rest:
                self._loop.call_soon(self._gathered, _TURNS_TO_CLOSE)
        elif at_rest:
            self._flush()
        self._press_back()

    # --- steps, to be overridden

    def _seal(self, data: bytes, *, last: bool) -> bytes:
        """What goes over the wire for `data`; with `last`, a goodbye after it."""
        del last
        return data

    def _hang_up(self) -> None:
        """Closing, and all is sent."""
        raise NotImplementedError

    def _drop(self, error: Exception | None) -> None:
        """End at once, with `error` as the cause."""
        raise NotImplementedError

    # --- towards the kernel

    def _flush(self) -> None:
        """Hand the kernel what it will take; with the rest, wait for room."""
        sock = self._sock
        if sock is None:
            return
        while True:
            if not self._wire:
                if self._queue:
                    self._wire = self._next_wire()
                elif self._closing and not self._said_farewell:
                    self._said_farewell = True
                    self._wire = self._seal(b"", last=True)
                if not self._wire:
                    break
            try:
                sent = sock.send(self._wire)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as error:
                self._drop(error)
                return
            if sent < len(self._wire):
                self._wire = memoryview(self._wire)[sent:]
                if not self._writer_on:
                    self._writer_on = True
                    self._loop.add_writer(self._fd, self._flush)
                self._ease_off()
                return
            self._wire = b""
        if self._writer_on:
            self._writer_on = False
            self._loop.remove_writer(self._fd)
        self._ease_off()
        if self._closing:
            self._hang_up()

    def _next_wire(self) -> bytes:
        """Up to `_SEND_SIZE` of what is queued; sealed only now, so memory stays bounded."""
        pieces: list[bytes | memoryview] = []
        room = _SEND_SIZE
        while self._queue and room:
            piece = self._queue.pop(0)
            if len(piece) > room:
                view = memoryview(piece)
                self._queue.insert(0, view[room:])
                piece = view[:room]
            pieces.append(piece)
            room -= len(piece)
        self._queued -= _SEND_SIZE - room
        first = pieces[0]
        data = first if len(pieces) == 1 and isinstance(first, bytes) else b"".join(pieces)
        last = self._closing and not self._queue
        if last:
            self._said_farewell = True
        return self._seal(data, last=last)

    def _gathered(self, turns: int) -> None:
        if not self._gathering:
            return
        if turns:
            self._loop.call_soon(self._gathered, turns - 1)
        else:
            self._gathering = False
            self._flush()

    def _press_back(self) -> None:
        if self._write_paused or self._closing or self._protocol is None:
            return
        if self.get_write_buffer_size() > self._high:
            self._write_paused = True
            self._protocol.pause_writing()

    def _ease_off(self) -> None:
        if self._write_paused and self.get_write_buffer_size() <= self._low:
            self._write_paused = False
            if self._protocol is not None:
                self._protocol.resume_writing()
