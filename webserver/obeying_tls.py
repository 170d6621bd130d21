"""TLS transports that conduct a connection as they are told (`webserver.obeying`).

Flights are taken apart where stages begin (`webserver.flights`), so that a script can wait
or end between them. The context may still be in the making when the connection comes.
"""

from __future__ import annotations

import asyncio
import socket
import weakref
from collections.abc import Callable

from OpenSSL import SSL

from appliance.serving import Conduct, Ending, Stage
from webserver.alerts import Alert
from webserver.flights import (
    handshake_secret,
    pieces_of,
    plain_alert,
    sealed_alert,
)
from webserver.handshakes import Handshake, Outcome, Peer
from webserver.obeying import Obeying, Script
from webserver.records import encrypted_records
from webserver.tls import Chooser, TLSTransport
from webserver.transport import Limits, ProtocolFactory, SocketTransport

_NO_PROTOCOL = 120


class ObeyingTLS(Obeying, TLSTransport):
    """A TLS connection, conducted as it is told.

    context: may be one that is still being made.
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
        context: asyncio.Future[SSL.Context],
        record: Handshake,
        conduct: Conduct,
        choose: Chooser | None,
    ) -> None:
        TLSTransport.__init__(
            self,
            loop,
            sock,
            peer,
            factory,
            limits=limits,
            on_gone=on_gone,
            context=None,
            record=record,
            choose=choose,
        )
        self._coming = context
        self._encrypted = 0
        self._secret: bytes | None = None
        self._obey(conduct)

    def start(self) -> None:
        """Begin the handshake, as soon as script and context let us."""
        self.deadline = self._started + self._limits.handshake
        self._play(self._opening())

    def _opening(self) -> Script:
        yield from self._act(Stage.ACCEPT)
        if not self._coming.done():
            yield self._coming
        self._use(self._coming.result())
        super().start()

    def _use(self, context: SSL.Context) -> None:
        super()._use(context)
        self._connection.set_app_data(weakref.ref(self))

    def take_key_log(self, line: bytes) -> None:
        """One line of OpenSSL's key log of this connection; see `log_keys`."""
        self._secret = handshake_secret(line) or self._secret

    def doze(self) -> bool:
        """Stay awake: the script has a say in what is sent."""
        return True

    # --- steps

    def _fly(self, flight: bytes) -> None:
        first = not self._passed & {Stage.CERTIFICATE, Stage.FINISHED}
        self._flown = True
        self._play(self._flight(flight, first=first))

    def _flight(self, flight: bytes, *, first: bool) -> Script:
        for piece in pieces_of(flight, first=first):
            if piece.stage is Stage.HELLO and self._lacks_protocol():
                yield from self._alert(_NO_PROTOCOL, "refused-by-server")
                yield Ending.CLOSE
            if piece.stage is not None:
                yield from self._act(piece.stage)
            if piece.certificate and self._record.shown is None:
                self._record.shown = self._context.get_app_data()
            yield from self._paced(piece.wire)
            self._encrypted += encrypted_records(piece.wire)

    def _lacks_protocol(self) -> bool:
        known = self._conduct.protocols
        if known is None:
            return False
        offered = self._record.offered
        wanted = () if offered is None else offered.alpn
        return bool(wanted) and not set(wanted) & set(known)

    def _paced(self, wire: bytes) -> Script:
        pace = self._conduct.pace
        if pace is None:
            yield wire
            return
        for at in range(0, len(wire), pace.octets):
            yield wire[at : at + pace.octets]
            yield pace.every

    def _alert(self, code: int, outcome: Outcome) -> Script:
        self._stop_watch()
        self._record.settle(outcome, Alert(code, "server"))
        if not self._encrypted:
            yield plain_alert(code)
        elif self._secret is not None:
            yield sealed_alert(
                code,
                secret=self._secret,
                cipher=str(self._connection.get_cipher_name()),
                sequence=self._encrypted,
            )

    def _received(self, data: bytes) -> None:
        if self._mute:
            self._record.keep_hello(data)
        else:
            super()._received(data)

    def _leave(self, end: Ending) -> None:
        super()._leave(end)
        if end is Ending.SILENCE and Stage.HELLO not in self._passed:
            self._attend()

    def _ended_on_purpose(self) -> None:
        self._stop_watch()
        super()._ended_on_purpose()

    def _depart(self, alert: bytes) -> None:
        self._stop()
        super()._depart(alert)

    def expire(self) -> None:
        """As any; a connection that is kept waiting on purpose is on record as timed out."""
        if (self._mute or self._running) and not self.spoke:
            self._stop_watch()
            self._record.settle("timed-out")
        super().expire()


def log_keys(context: SSL.Context) -> None:
    """Let connections of `context` that obey take their keys, to seal alerts with."""

    def take(connection: SSL.Connection, line: bytes) -> None:
        reference = connection.get_app_data()
        obeying = None if reference is None else reference()
        if obeying is not None:
            obeying.take_key_log(line)

    context.set_keylog_callback(take)
