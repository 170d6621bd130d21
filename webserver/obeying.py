"""Transports that conduct a connection as they are told: slowly, in part, not to the end.

What goes wrong is a value (`appliance.serving.Conduct`); a *script*, a generator of steps,
says it to the driver here, which waits, sends and ends. An ordinary connection never
comes this way. Knows nothing of which faults there are.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from OpenSSL import SSL

from appliance.serving import NOTHING, Conduct, Ending, Stage
from webserver.flights import ResponseCut
from webserver.handshakes import Handshake, Outcome, Peer
from webserver.transport import Limits, ProtocolFactory, SocketTransport

# How long a peer may wait for what never comes; most give up long before.
SILENCE_SECONDS = 3600.0
# What was sent before a reset should arrive before it.
_BEFORE_RESET = 0.05

# One step of a script: seconds to wait, bytes to send, a way to end, or something to wait for.
Step = float | bytes | Ending | asyncio.Future[SSL.Context]
Script = Iterator[Step]


class Obeying(SocketTransport):
    """A transport with a script. While one runs, only what it sends goes out; what the
    protocol writes meanwhile, and its wish to close, wait for its end."""

    _record: Handshake

    def _obey(self, conduct: Conduct) -> None:
        self._conduct = conduct
        self._scripts: deque[Script] = deque()
        self._running = False
        self._timer: asyncio.TimerHandle | None = None
        self._passed: set[Stage] = set()
        self._held: list[bytes] = []
        self._mute = False
        self._close_later = False
        part = conduct.part
        self._cut = None if part is None else ResponseCut(part.fraction)

    # --- the driver

    def _play(self, script: Script) -> None:
        """Run `script` after those that run already."""
        self._scripts.append(script)
        if not self._running:
            self._running = True
            self._go_on()

    def _go_on(self, awaited: asyncio.Future[SSL.Context] | None = None) -> None:
        self._timer = None
        if awaited is not None and (awaited.cancelled() or awaited.exception() is not None):
            self._drop(None)
        while self._scripts and self._sock is not None:
            script = self._scripts[0]
            step = next(script, None)
            if step is None:
                if self._scripts and self._scripts[0] is script:  # it may have stopped itself
                    self._scripts.popleft()
            elif isinstance(step, bytes):
                self._wire = bytes(self._wire) + step if self._wire else step
                if not self._writer_on:
                    self._flush()
            elif isinstance(step, Ending):
                self._leave(step)
                return
            elif isinstance(step, asyncio.Future):
                step.add_done_callback(self._go_on)
                return
            else:
                self._hold_on(step)
                return
        self._running = False
        self._catch_up()

    def _hold_on(self, seconds: float) -> None:
        if not self.retiring:
            limit = seconds + self._limits.handshake
            self.deadline = max(self.deadline, self._loop.time() + limit)
        self._timer = self._loop.call_later(seconds, self._go_on)

    def _catch_up(self) -> None:
        """Do what had to wait for the script."""
        held, self._held = self._held, []
        for data in held:
            self._write_now(data)
        if self._close_later and not self._running:  # what was held may have begun another
            self._close_later = False
            super().close()

    def _stop(self) -> None:
        """Run no script any more, and forget what waits for its end."""
        self._scripts.clear()
        self._held.clear()
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- steps

    def _act(self, stage: Stage) -> Script:
        """What is to be done at `stage`, the first time it is reached."""
        act = NOTHING if stage in self._passed else self._conduct.at(stage)
        self._passed.add(stage)
        if act.delay:
            yield act.delay
        if act.alert is not None:
            yield from self._alert(act.alert, "cut")
        if act.end is not None:
            yield act.end

    def _alert(self, code: int, outcome: Outcome) -> Script:
        """Send an alert; where no TLS is spoken, there is none."""
        del code, outcome
        yield from ()

    def _leave(self, end: Ending) -> None:
        """Be done with the peer in this way."""
        self._stop()
        if end is Ending.SILENCE:
            self._mute = True
            self.deadline = self._loop.time() + SILENCE_SECONDS
            return
        self._ended_on_purpose()
        if end is Ending.RESET:
            self._reset()
            return
        self._closing = True
        self._said_farewell = True
        self._queue.clear()
        self._queued = 0
        self.deadline = self._loop.time() + self._limits.linger
        if not self._writer_on:
            self._flush()

    def _reset(self) -> None:
        if self._sock is not None:
            now = struct.pack("ii", 1, 0)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        self._drop(None)

    def _ended_on_purpose(self) -> None:
        """It is we who end it: put that on record."""
        self._record.settle("cut")

    # --- what the protocol does

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """As any transport, but late, or only in part, when that is the conduct."""
        if self._closing or self._mute or not data:
            return
        if Stage.RESPONSE not in self._passed:
            self._play(self._act(Stage.RESPONSE))
        if self._running:
            self._held.append(bytes(data))
        else:
            self._write_now(bytes(data))

    def _write_now(self, data: bytes) -> None:
        part = self._conduct.part
        if self._cut is None or part is None:
            super().write(data)
            return
        if self._cut.done:
            return
        super().write(self._cut.passes(data))
        if self._cut.done:
            self._ended_on_purpose()
            if part.end is Ending.RESET:
                self._play(iter((_BEFORE_RESET, Ending.RESET)))
            else:
                super().close()

    def close(self) -> None:
        """As any transport, once the script is through; where there is no protocol, at once."""
        if self._mute or self._protocol is None:
            self._drop(None)
        elif self._running:
            self._close_later = True
        else:
            super().close()

    def expire(self) -> None:
        """As any transport; no script outlives it."""
        if self._mute or self._running:
            self._stop()
            self._drop(None)
        else:
            super().expire()

    def _received(self, data: bytes) -> None:
        if not self._mute:
            super()._received(data)

    def _peer_finished(self) -> None:
        if self._mute or self._protocol is None or (self._running and not self._held):
            self._peer_done = True
            self._drop(None)
        else:
            super()._peer_finished()

    def _drop(self, error: Exception | None) -> None:
        self._stop()
        super()._drop(error)


class ObeyingSocket(Obeying):
    """A connection without TLS, perhaps where there should be some.

    record: nobody's but for an endpoint that is there for TLS; filled in all the same.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        peer: Peer,
        factory: ProtocolFactory,
        *,
        limits: Limits,
        on_gone: Callable[[SocketTransport], None],
        record: Handshake,
        conduct: Conduct,
    ) -> None:
        super().__init__(loop, sock, peer, factory, limits=limits, on_gone=on_gone)
        self._record = record
        self._obey(conduct)

    def start(self) -> None:
        """Begin, as soon as the script lets us."""
        self._play(self._opening())

    def _opening(self) -> Script:
        yield from self._act(Stage.ACCEPT)
        super().start()

    def _leave(self, end: Ending) -> None:
        super()._leave(end)
        if end is Ending.SILENCE:
            self._attend()

    def _received(self, data: bytes) -> None:
        self._record.keep_hello(data)
        super()._received(data)

    def _conclude(self, error: BaseException | None) -> None:
        self._record.settle("reset" if isinstance(error, ConnectionError) else "not-tls")
