"""An accepted socket as an asyncio transport, written so that TLS can sit inside it.

Owns reading, and every way in which a connection ends without losing what was sent.
Sending is the half below it (`sending`). Knows no TLS, no HTTP and no listener; it is
told its limits, and calls `on_gone` when its socket is closed. The listener sweeps
`deadline`, so that a connection costs no timer of its own.
"""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webserver.handshakes import Peer
from webserver.sending import SendingTransport

ProtocolFactory = Callable[[], asyncio.Protocol]

_READ_SIZE = 64 * 1024
# Turns of the loop from a request's last byte to aiohttp calling its handler, and one more.
TURNS_TO_HANDLER = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a connection may take over each step, in seconds.

    handshake: from accepting to a finished TLS handshake.
    first_request: from then on without a byte of application data.
    flush: to take what was still to be sent when the connection was closed.
    linger: to close its side once ours is closed; what it still sends is thrown away.
    half_closed: to get its answer after it has said that it will send no more.
    retire_idle: what an idle connection has left when it is to end (`retire`).
    retire_busy: the same for one with a request under way or still to come.
    """

    handshake: float = 10.0
    first_request: float = 75.0
    flush: float = 30.0
    linger: float = 2.0
    half_closed: float = 5.0
    retire_idle: float = 0.25
    retire_busy: float = 5.0


class SocketTransport(SendingTransport):
    """The bytes of one accepted, non-blocking socket, given to an ordinary protocol.

    spoke: whether any application data has come.
    requests: requests being handled now; kept by who handles them.
    retiring: the connection is to end; the next answer is its last.
    deadline: when `expire` is due (loop time); infinite when nothing is awaited.
    """

    __slots__ = (
        "_backlog",
        "_factory",
        "_hung_up",
        "_limits",
        "_lost",
        "_on_gone",
        "_peer",
        "_peer_done",
        "_read_paused",
        "_reader_on",
        "deadline",
        "requests",
        "retiring",
        "spoke",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        peer: Peer,
        factory: ProtocolFactory,
        *,
        limits: Limits,
        on_gone: Callable[[SocketTransport], None],
    ) -> None:
        super().__init__(loop, sock)
        self._peer = peer
        self._factory = factory
        self._limits = limits
        self._on_gone = on_gone
        self._backlog = False
        self._hung_up = False
        self._lost = False
        self._peer_done = False
        self._read_paused = False
        self._reader_on = False
        self.deadline = math.inf
        self.requests = 0
        self.retiring = False
        self.spoke = False

    # --- the listener's side

    def start(self) -> None:
        """Begin: the protocol is connected, and what has already arrived is read."""
        self.deadline = self._loop.time() + self._limits.first_request
        self._connect()
        self._attend()

    @property
    def busy(self) -> bool:
        """Whether a request is being handled. True a few turns after its last byte came."""
        return self.requests > 0

    @property
    def shaking(self) -> bool:
        """Whether a TLS handshake is still under way."""
        return False

    def retire(self) -> None:
        """Let the connection end soon and politely.

        An idle one has `retire_idle` seconds, which covers a request that is on its way;
        others have `retire_busy` to finish a handshake, be asked once, and answer.
        """
        if self._closing or self.retiring:
            return
        self.retiring = True
        idle = self.spoke and not self.busy
        left = self._limits.retire_idle if idle else self._limits.retire_busy
        self.deadline = min(self.deadline, self._loop.time() + left)

    def doze(self) -> bool:
        """Keep as little as possible until something happens; False when that needs a wish.

        See `TLSTransport`; there is nothing to spare here.
        """
        return True

    def expire(self) -> None:
        """What happens at `deadline`: closed when nothing is owed to the peer, else cut."""
        if self._closing or self.busy:
            self._drop(None)
        else:
            self.close()

    # --- asyncio's contract

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """`peername`, `sockname` and `socket`; `default` for everything else."""
        if name == "peername":
            return self._peer
        if self._sock is None:
            return default
        if name == "socket":
            return self._sock
        if name == "sockname":
            return self._sock.getsockname()
        return default

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand everything that comes from now on to `protocol`."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """The current protocol; there is none before a handshake or after the end."""
        assert self._protocol is not None
        return self._protocol

    def is_closing(self) -> bool:
        """Whether the connection is ending or has ended."""
        return self._closing

    def is_reading(self) -> bool:
        """Whether incoming data is being delivered."""
        return not self._read_paused and not self._closing and not self._peer_done

    def pause_reading(self) -> None:
        """Deliver nothing until `resume_reading`. The reader goes only if more comes."""
        self._read_paused = True

    def resume_reading(self) -> None:
        """Deliver again, starting with what came before the pause took effect."""
        if self._closing or not self._read_paused:
            return
        self._read_paused = False
        if not self._peer_done:
            self._watch()
        if self._backlog:
            self._loop.call_soon(self._read_on)

    def close(self) -> None:
        """Send what is still to be sent, say goodbye, and let the peer have it all."""
        if self._closing:
            return
        self._closing = True
        self._gathering = False
        self.deadline = self._loop.time() + self._limits.flush
        if not self._writer_on:
            self._flush()

    def abort(self) -> None:
        """End at once; what was not sent is lost."""
        self._drop(None)

    # --- steps, to be overridden

    def _received(self, data: bytes) -> None:
        """Bytes came from the peer."""
        self._deliver(data)

    def _read_on(self) -> None:
        """Reading was resumed with bytes already taken from the socket."""

    def _conclude(self, error: BaseException | None) -> None:
        """The connection has ended, with the peer or the network to blame for `error`."""

    # --- reading

    def _connect(self) -> None:
        self._protocol = self._factory()
        self._protocol.connection_made(self)

    def _attend(self) -> None:
        """Read what came already (often all there is to read), then wait for more."""
        self._on_readable()
        if not self._peer_done:
            self._watch()

    def _watch(self) -> None:
        if not self._reader_on and self._sock is not None:
            self._reader_on = True
            self._loop.add_reader(self._fd, self._on_readable)

    def _unwatch(self) -> None:
        if self._reader_on and self._sock is not None:
            self._reader_on = False
            self._loop.remove_reader(self._fd)

    def _on_readable(self) -> None:
        if self._sock is None:
            return
        if not self._hung_up and (self._read_paused or self._closing):
            self._unwatch()
            return
        try:
            data = self._sock.recv(_READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._drop(error)
            return
        if self._hung_up:
            if not data:
                self._drop(None)
        elif data:
            self._received(data)
        else:
            self._peer_finished()

    def _deliver(self, data: bytes) -> None:
        assert self._protocol is not None
        if not self.spoke:
            self.spoke = True
            if not self.retiring:
                self.deadline = math.inf
        if self.retiring:
            self.deadline = self._loop.time() + self._limits.retire_busy
        try:
            self._protocol.data_received(data)
        except Exception as error:  # noqa: BLE001 - as asyncio: one connection, not the loop
            self._loop.call_exception_handler(
                {"message": "Fatal error: data_received() failed.", "exception": error}
            )
            self._drop(error)

    def _peer_finished(self) -> None:
        """The peer will send no more. What it has asked is still answered."""
        if self._peer_done or self._closing:
            return
        self._peer_done = True
        self._unwatch()
        assert self._protocol is not None
        if self._protocol.eof_received():
            return
        self.retiring = True
        self.deadline = min(self.deadline, self._loop.time() + self._limits.half_closed)
        self._loop.call_soon(self._close_if_idle, TURNS_TO_HANDLER)

    def _close_if_idle(self, turns: int) -> None:
        if turns:
            self._loop.call_soon(self._close_if_idle, turns - 1)
        elif not self.busy:
            self.close()

    # --- ending

    def _hang_up(self) -> None:
        """All is sent: close our side, and wait a little for the peer to close its own.

        Closing both at once would answer whatever the peer still sends with a reset, which
        can take from it what it has not read yet.
        """
        if self._sock is None or self._hung_up:
            return
        self._lose(None)
        self._hung_up = True
        if self._peer_done:
            self._drop(None)
            return
        self.deadline = self._loop.time() + self._limits.linger
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(None)
            return
        self._watch()

    def _drop(self, error: Exception | None) -> None:
        """Close the socket now."""
        sock = self._sock
        if sock is None:
            return
        self._closing = True
        self._queue.clear()
        self._queued = 0
        self._wire = b""
        self._unwatch()
        if self._writer_on:
            self._writer_on = False
            self._loop.remove_writer(self._fd)
        self._sock = None
        sock.close()
        self._lose(error)
        self._on_gone(self)

    def _lose(self, error: Exception | None) -> None:
        if self._lost:
            return
        self._lost = True
        self._conclude(error)
        if self._protocol is not None:
            # Never from within the protocol's own call to write or close.
            self._loop.call_soon(self._tell_lost, error)

    def _tell_lost(self, error: Exception | None) -> None:
        protocol, self._protocol = self._protocol, None
        assert protocol is not None
        protocol.connection_lost(error)
