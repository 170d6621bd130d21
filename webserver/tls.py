"""TLS inside a socket transport: pyOpenSSL between the wire and the protocol.

Owns the handshake and what is known of how it ended. Knows no HTTP and no plan: it is
given a context, and a record to fill in.

OpenSSL works on memory, not on the socket, from which it would read each record in two
pieces: 20 µs less a connection (measured). It also gives the ClientHello without a second
look at the socket; our own alerts as bytes; a last response, the session tickets before
it and the close_notify after it in one segment; and no operation that would have to be
repeated because the kernel's buffer was full.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

from OpenSSL import SSL

from webserver.alerts import NOT_TLS_REASONS, Alert, reasons_of, received_alert, sent_alert
from webserver.handshakes import HELLO_KEPT, Handshake, Outcome, Peer
from webserver.hello import ClientHello, asks_for_retry, parse_client_hello
from webserver.records import OVERHEAD, Traffic, after_finished, encrypted_records
from webserver.transport import Limits, ProtocolFactory, SocketTransport

_RECORD = 16 * 1024
# Room for the overhead of each record (29 bytes at most) and for the session tickets.
_OVERHEAD = 2048
_FLIGHT = 16 * 1024
HANDSHAKE_RECORD = 22  # RFC 8446 5.1
_UNKNOWN = 1 << 40  # more bytes than any connection accounts for
# Looks at a ClientHello and says what to present to it; None for what everybody is shown.
Chooser = Callable[[ClientHello], SSL.Context | None]

_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux has it


class TLSTransport(SocketTransport):
    """The server's side of one TLS connection; the protocol begins after the handshake."""

    __slots__ = (
        "_choose",
        "_connection",
        "_context",
        "_flown",
        "_opened",
        "_record",
        "_sealed",
        "_shaking",
        "_started",
        "_unaccounted",
        "_unread_hello",
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
        context: SSL.Context | None,
        record: Handshake,
        choose: Chooser | None = None,
    ) -> None:
        super().__init__(loop, sock, peer, factory, limits=limits, on_gone=on_gone)
        self._choose = choose
        self._unread_hello = b""
        self._record = record
        if context is not None:
            self._use(context)
        self._shaking = True
        self._flown = False
        # Records that were opened and sealed since the handshake, and the bytes that came and
        # were in none of them: what it takes to go on without OpenSSL.
        self._opened = self._sealed = self._unaccounted = 0
        self._started = loop.time()

    def _use(self, context: SSL.Context) -> None:
        self._context = context
        self._connection = SSL.Connection(context, None)
        self._connection.set_accept_state()

    def start(self) -> None:
        """Begin the handshake; the client's first flight has often arrived already."""
        self.deadline = self._started + self._limits.handshake
        self._attend()

    @property
    def shaking(self) -> bool:
        """Whether the handshake is still under way."""
        return self._shaking

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As any socket transport; also `sslcontext` and `ssl_object` (pyOpenSSL's, until it
        was given back)."""
        if name == "sslcontext":
            return self._context
        if name == "ssl_object" and isinstance(self._connection, SSL.Connection):
            return self._connection
        return super().get_extra_info(name, default)

    def close(self) -> None:
        """Send what is to be sent, then close_notify; a handshake is simply cut."""
        if self._shaking:
            self._drop(None)
        else:
            super().close()

    def expire(self) -> None:
        """As any transport; before the first application data it is put on record."""
        if not self._closing and not self.spoke and not self.retiring:
            self._stop_watch()
            self._record.settle("timed-out")
        super().expire()

    # --- steps

    def _received(self, data: bytes) -> None:
        if self._choose is not None:
            data = self._look_first(data)
            if not data:
                return
        self._connection.bio_write(data)
        if not self._shaking:
            self._unaccounted += len(data)
            self._read_records(data)
        elif self._shake(data):
            more = after_finished(data)
            self._unaccounted = _UNKNOWN if more is None else more
            self._read_records(data)
            if not self.spoke and not self._closing:
                self._acknowledge()

    def _look_first(self, data: bytes) -> bytes:
        """Present what the ClientHello calls for; what came so far once that is known, or b""."""
        assert self._choose is not None
        self._unread_hello += data
        hello = parse_client_hello(self._unread_hello)
        comes = self._unread_hello[0] == HANDSHAKE_RECORD and len(self._unread_hello) < HELLO_KEPT
        if comes and (hello is None or not hello.complete):
            return b""
        data, self._unread_hello = self._unread_hello, b""
        choose, self._choose = self._choose, None
        chosen = None if hello is None else choose(hello)
        if chosen is not None:
            self._use(chosen)
        return data

    def _acknowledge(self) -> None:
        """Have the kernel acknowledge the client's last flight now.

        We have nothing to send on which it could ride, and a client with Nagle's
        algorithm on holds its request back until then: 40 ms (measured).
        """
        if _QUICKACK is not None and self._sock is not None:
            self._sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def _shake(self, data: bytes) -> bool:
        """One step of the handshake; whether it is finished."""
        if not self._flown:
            self._record.keep_hello(data)
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            flight = self._collect(_FLIGHT)
            if flight:
                self._fly(flight)
            return False
        except SSL.Error as error:
            self._handshake_failed(error, data)
            return False
        self._shaken()
        return not self._closing

    def _fly(self, flight: bytes) -> None:
        self._flown = True
        if self._record.shown is None and not asks_for_retry(flight):
            self._record.shown = self._context.get_app_data()
        self._put(flight)

    def _put(self, wire: bytes) -> None:
        """Send bytes that are sealed already, ahead of what is queued."""
        self._wire = bytes(self._wire) + wire if self._wire else wire
        if not self._writer_on:
            self._flush()

    def _shaken(self) -> None:
        connection, record, now = self._connection, self._record, self._loop.time()
        self._shaking = False
        record.seconds = now - self._started
        record.version = connection.get_protocol_version_name()
        record.cipher = connection.get_cipher_name()
        record.alpn = connection.get_alpn_proto_negotiated()
        if record.version != "TLSv1.3":
            self._fly(self._collect(_FLIGHT))
        # In TLS 1.3 only tickets are left to send. They wait for the first answer: a client
        # that leaves without asking would reset the connection on them, alert and all.
        if not self.retiring:
            self.deadline = now + self._limits.first_request
        if not self._closing:
            self._connect()

    def _read_on(self) -> None:
        self._backlog = False
        if not self._closing and not self._read_paused:
            self._read_records(b"")

    def _read_records(self, incoming: bytes) -> None:
        silent = True
        while not self._closing:
            if self._read_paused:
                self._backlog = True
                return
            try:
                data = self._connection.recv(_RECORD)
            except SSL.WantReadError:
                break
            except SSL.ZeroReturnError:
                self._peer_finished()
                return
            except SSL.Error as error:
                self._record_failed(error, incoming)
                return
            silent = False
            self._opened += 1
            self._unaccounted -= len(data) + OVERHEAD
            if not self.spoke:
                self._record.spoke = True
                self._record.settle("completed")
            self._deliver(data)
        if silent and self.spoke and not self._closing:
            self._answer_control_messages()

    def _answer_control_messages(self) -> None:
        """Send OpenSSL's own answers (to a KeyUpdate, to a wish to renegotiate)."""
        wire = self._collect(_OVERHEAD)
        if wire:
            self._put(wire)

    def _seal(self, data: bytes, *, last: bool) -> bytes:
        connection = self._connection
        if data:
            connection.sendall(data)
        if last:
            try:  # noqa: SIM105 - a context manager costs more, and this is the common path
                connection.shutdown()
            except SSL.Error:
                pass  # in the middle of something that the peer began: there is no goodbye
        return self._collect(len(data) + _OVERHEAD)

    def _collect(self, size: int) -> bytes:
        """What OpenSSL wants sent; `size` is a guess that saves a second look."""
        pieces = []
        while True:
            try:
                piece = self._connection.bio_read(size)
            except SSL.WantReadError:
                break
            pieces.append(piece)
            if len(piece) < size:
                break
        wire = b"".join(pieces)
        if not self._shaking:
            self._sealed += encrypted_records(wire)
        return wire

    def doze(self) -> bool:
        """Give back all that OpenSSL keeps, where it can be spared; False: it kept no secrets.

        It can't be in TLS 1.2, nor when anything but data has come (a KeyUpdate, padding) or
        half a record. What comes later is understood as before.
        """
        from webserver.dozing import CLIENT, SERVER, DozingConnection  # off the start path

        connection, record = self._connection, self._record
        if isinstance(connection, DozingConnection):
            connection.rest()
            return True
        if self._unaccounted or record.version != "TLSv1.3":
            return True
        secrets = connection.get_app_data()
        if secrets is None:
            return False
        tickets = self._collect(_OVERHEAD)
        if tickets:
            self._put(tickets)
        suite = str(record.cipher)
        read = Traffic(suite, secrets[CLIENT], self._opened)
        write = Traffic(suite, secrets[SERVER], self._sealed)
        self._connection = cast(SSL.Connection, DozingConnection(read, write))
        return True

    # --- endings

    def _peer_finished(self) -> None:
        if self._shaking:
            self._peer_done = True
            self._drop(None)
        else:
            super()._peer_finished()

    def _handshake_failed(self, error: SSL.Error, incoming: bytes) -> None:
        record, reasons = self._record, reasons_of(error)
        self._stop_watch()
        outgoing = self._collect(_OVERHEAD)
        alert = received_alert(reasons, incoming)
        if alert is not None:
            record.settle("refused-by-client", alert)
        elif reasons and reasons[-1] in NOT_TLS_REASONS and not self._flown and not outgoing:
            record.settle("not-tls")
        elif isinstance(error, SSL.ZeroReturnError):
            record.settle("closed-during-handshake")
        else:
            record.settle("refused-by-server", sent_alert(reasons, outgoing))
        self._depart(outgoing)

    def _record_failed(self, error: SSL.Error, incoming: bytes) -> None:
        """A finished handshake, and then an alert or bytes that are no TLS record."""
        reasons = reasons_of(error)
        outgoing = self._collect(_OVERHEAD)
        theirs = received_alert(reasons, incoming)
        if theirs is not None:
            self._end("refused-by-client", theirs)
        else:
            self._end("refused-by-server", sent_alert(reasons, outgoing))
        self._lose(ConnectionAbortedError("TLS connection failed: " + "; ".join(reasons)))
        self._depart(outgoing)

    def _end(self, outcome: Outcome, alert: Alert | None) -> None:
        if self._record.outcome == "open":
            self._record.settle(outcome, alert)
        elif self._record.alert is None:
            self._record.alert = alert

    def _depart(self, alert: bytes) -> None:
        """Send `alert` as the last thing, and see that it arrives."""
        self._closing = True
        self._said_farewell = True
        self._queue.clear()
        self._queued = 0
        self._wire = bytes(self._wire) + alert
        self.deadline = self._loop.time() + self._limits.linger
        self._flush()

    def _conclude(self, error: BaseException | None) -> None:
        record = self._record
        if record.outcome != "open":
            return
        self._stop_watch()
        if isinstance(error, ConnectionError):
            record.settle("reset")
        elif error is None and not self._peer_done:
            record.settle("closed-by-server")  # a restart: it says nothing of the client
        elif self._shaking:
            record.settle("closed-during-handshake")
        else:
            record.settle("closed-without-request")

    def _stop_watch(self) -> None:
        if self._shaking:
            self._record.seconds = self._loop.time() - self._started
