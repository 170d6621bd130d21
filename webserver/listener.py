"""One listening endpoint: binds, opens, closes, drains, and changes its context in place.

Owns the listening socket and the set of its connections. Knows nothing of why it opens
or closes: whoever holds the plan says so. Plain and TLS endpoints are the same class,
so that they restart alike.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from OpenSSL import SSL

from webserver.binding import binding_refused
from webserver.handshakes import HandshakeLog, Peer
from webserver.tls import Chooser, TLSTransport
from webserver.transport import TURNS_TO_HANDLER, Limits, ProtocolFactory, SocketTransport

Maker = Callable[["Listener", asyncio.AbstractEventLoop, socket.socket, Peer], SocketTransport]

_BACKLOG = 1024
_ACCEPTS_PER_TURN = 64
_SWEEP = 1.0
_SWEEP_WHEN_RETIRING = 0.1
_PAUSE_WHEN_EXHAUSTED = 1.0
_DRAIN_STEP = 0.02


class Listener:
    """A listening socket, and the connections that came through it.

    address, port: where; port 0 takes a free one, which is then kept in `port`.
    factory: makes the protocol of each connection (an `aiohttp.web.Server`).
    node, endpoint: who this is, for the handshake records (`system`, `portal`).
    context, handshakes: for TLS; without a log the endpoint is plain. The context may
        be given later, but before `open`.
    max_connections: when so many are open, further ones wait in the kernel's queue.
    choose: asked of each ClientHello while it is there (`webserver.tls.Chooser`).
    maker: makes the transports; ordinary ones, unless told otherwise.
    """

    def __init__(
        self,
        address: str,
        port: int,
        factory: ProtocolFactory,
        *,
        node: str = "system",
        endpoint: str = "portal",
        context: SSL.Context | None = None,
        handshakes: HandshakeLog | None = None,
        limits: Limits | None = None,
        max_connections: int = 10_000,
    ) -> None:
        self.address = address
        self.port = port
        self.node = node
        self.endpoint = endpoint
        self.factory = factory
        self.context = context
        self.handshakes = handshakes
        self.limits = limits or Limits()
        self._max_connections = max_connections
        self.choose: Chooser | None = None
        self.maker: Maker = Listener.make_connection
        self._connections: set[SocketTransport] = set()
        self._sock: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._accepting = False
        self._resume_timer: asyncio.TimerHandle | None = None
        self._sweep_timer: asyncio.TimerHandle | None = None
        self._retiring = False

    # --- what it is

    @property
    def secure(self) -> bool:
        """Whether this is a TLS endpoint."""
        return self.handshakes is not None

    @property
    def connections(self) -> int:
        """Connections whose socket is open, ending ones included."""
        return len(self._connections)

    @property
    def listening(self) -> bool:
        """Whether new connections are taken."""
        return self._loop is not None and self._sock is not None

    @property
    def full(self) -> bool:
        """Whether as many connections are open as may be."""
        return len(self._connections) >= self._max_connections

    # --- what it does

    def bind(self) -> None:
        """Take address and port without listening yet: connecting is refused.

        Raises `Refused` with code `address-not-available`, `port-taken` or
        `port-forbidden`; does nothing when already bound.
        """
        if self._sock is not None:
            return
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Inherited by what is accepted: two system calls less for each. Keep-alives find
            # the peers of held polls that went without a word.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.bind((self.address, self.port))
        except OSError as error:
            sock.close()
            raise binding_refused(error, self.address, self.port) from None
        self.port = sock.getsockname()[1]
        self._sock = sock

    def open(self) -> None:
        """Listen and accept; binds first when that has not been done. Needs a running loop.

        Raises `Refused` as `bind` does.
        """
        if self.listening:
            return
        if self.secure and self.context is None:
            raise RuntimeError("a TLS listener needs a context before it opens")
        self.bind()
        assert self._sock is not None
        try:
            self._sock.listen(_BACKLOG)
        except OSError as error:
            self._sock.close()
            self._sock = None
            raise binding_refused(error, self.address, self.port) from None
        self._loop = asyncio.get_running_loop()
        self._accept_on()

    def close_listening(self) -> None:
        """Close the listening socket now; connections are left alone."""
        self._accept_off()
        if self._resume_timer is not None:
            self._resume_timer.cancel()
            self._resume_timer = None
        self._loop = None
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def pause(self) -> None:
        """Refuse connections from now on, but keep the port; `open` takes them again.

        Raises `Refused` as `bind` does, when somebody took the port in between.
        """
        self.close_listening()
        self.bind()

    @property
    def in_use(self) -> int:
        """Connections that are not ending."""
        return sum(not connection.is_closing() for connection in self._connections)

    def swap(self, context: SSL.Context | None) -> None:
        """Present `context` from now on, on the same socket; connections end politely.

        A plain endpoint, which has none, only ends its connections. Those that have not
        asked yet get one answer, idle ones a moment (`Limits`).
        """
        self.context = context
        if self._connections:
            self.retire()

    def retire(self) -> None:
        """Let every connection that is open now end politely, and soon."""
        self._retiring = True
        for connection in tuple(self._connections):
            connection.retire()
        self._sweep_soon()

    async def drain(self, grace: float) -> None:
        """End every connection, and return when all are gone.

        Handshakes are cut. Idle connections are closed at once, with close_notify. What
        has been asked may be answered within `grace` seconds; then the rest is cut. A
        handler that awaits this waits for its own end: such a call belongs in a task.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + grace
        for connection in tuple(self._connections):
            if connection.shaking:
                connection.abort()
            else:
                connection.retire()
        for _ in range(TURNS_TO_HANDLER):
            await asyncio.sleep(0)
        for connection in tuple(self._connections):
            if not connection.busy:
                connection.close()
        while self._connections and (left := end - loop.time()) > 0:
            await asyncio.sleep(min(_DRAIN_STEP, left))
        for connection in tuple(self._connections):
            connection.abort()
        # Protocols are told of their end in the loop's next turn.
        await asyncio.sleep(0)

    async def close(self, grace: float = 0.0) -> None:
        """Stop listening and `drain`; nothing of the listener is left afterwards."""
        self.close_listening()
        await self.drain(grace)

    # --- accepting

    def make_connection(
        self, loop: asyncio.AbstractEventLoop, sock: socket.socket, peer: Peer
    ) -> SocketTransport:
        """The ordinary transport for a socket that was just accepted, not started yet."""
        if self.handshakes is None:
            return SocketTransport(
                loop, sock, peer, self.factory, limits=self.limits, on_gone=self.gone
            )
        assert self.context is not None
        return TLSTransport(
            loop,
            sock,
            peer,
            self.factory,
            limits=self.limits,
            on_gone=self.gone,
            context=self.context,
            record=self.handshakes.open(self.node, self.endpoint, peer),
            choose=self.choose,
        )

    def _accept(self) -> None:
        for _ in range(_ACCEPTS_PER_TURN):
            sock, loop = self._sock, self._loop
            if sock is None or loop is None:
                return
            if self.full:
                self._accept_off()
                return
            try:
                accepted, peer = sock.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionError:
                continue
            except OSError:
                # Out of files or memory. The queue stays readable: trying at once would spin.
                self._accept_off()
                self._resume_timer = loop.call_later(_PAUSE_WHEN_EXHAUSTED, self._resume)
                return
            accepted.setblocking(False)
            self.admit(loop, accepted, peer)

    def admit(self, loop: asyncio.AbstractEventLoop, accepted: socket.socket, peer: Peer) -> None:
        """A connection from now on: `accepted`, a non-blocking socket of `peer`."""
        connection = self.maker(self, loop, accepted, peer)
        self._connections.add(connection)
        connection.start()
        if self._sweep_timer is None:
            self._sweep_timer = loop.call_later(self._sweep_every(), self._sweep)

    def _accept_on(self) -> None:
        if not self._accepting and self._sock is not None and self._loop is not None:
            self._accepting = True
            self._loop.add_reader(self._sock, self._accept)

    def _accept_off(self) -> None:
        if self._accepting and self._sock is not None and self._loop is not None:
            self._accepting = False
            self._loop.remove_reader(self._sock)

    def _resume(self) -> None:
        self._resume_timer = None
        self._accept_on()

    def gone(self, connection: SocketTransport) -> None:
        """For transports: `connection` has closed its socket."""
        self._connections.discard(connection)
        if not self._accepting and self._resume_timer is None:
            self._accept_on()
        if not self._connections and self._sock is None and self._sweep_timer is not None:
            self._sweep_timer.cancel()
            self._sweep_timer = None

    # --- deadlines

    def _sweep_every(self) -> float:
        if self._retiring:
            return _SWEEP_WHEN_RETIRING
        shortest = min(self.limits.handshake, self.limits.first_request, self.limits.linger)
        return min(_SWEEP, shortest / 4)

    def _sweep_soon(self) -> None:
        if self._sweep_timer is not None:
            loop = asyncio.get_running_loop()
            self._sweep_timer.cancel()
            self._sweep_timer = loop.call_later(self._sweep_every(), self._sweep)

    def _sweep(self) -> None:
        """One timer for all connections: a call_later each would cost more than this does."""
        self._sweep_timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._retiring = False
        for connection in tuple(self._connections):
            if connection.deadline <= now:
                connection.expire()
            if connection.retiring:
                self._retiring = True
        if self._connections:
            self._sweep_timer = loop.call_later(self._sweep_every(), self._sweep)
