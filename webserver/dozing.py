"""TLS connections on which nothing happens: all that OpenSSL keeps for one is given back.

An object of OpenSSL's costs 25 KiB, and held polls come by the thousand. While one is held,
TLS 1.3 needs no more of it than two secrets and how many records have gone each way. What
goes on is what RFC 8446 leaves after a handshake without tickets and client certificates:
data, alerts and KeyUpdates. Knows no socket.
"""

from __future__ import annotations

from typing import NoReturn

from OpenSSL import SSL

from webserver.alerts import ALERT_NAMES
from webserver.records import (
    ALERT,
    APPLICATION_DATA,
    HANDSHAKE,
    HEADER,
    LONGEST,
    MOST,
    Traffic,
)

CLIENT, SERVER = b"CLIENT_TRAFFIC_SECRET_0", b"SERVER_TRAFFIC_SECRET_0"
_CLOSE_NOTIFY, _USER_CANCELED = 0, 90
_WARNING, _FATAL = 1, 2
_KEY_UPDATE = bytes([24, 0, 0, 1])  # then whether the other side is to update its own keys too
_NOT_REQUESTED, _REQUESTED = b"\0", b"\1"
_MOST_WITHOUT_DATA = 32  # records in a row, as OpenSSL has it

# By the alert that is sent: what OpenSSL would say was wrong.
_WORDS = {
    10: "unexpected message",
    20: "decryption failed or bad record mac",
    22: "encrypted length too long",
    50: "length mismatch",
}


def keep_secrets(context: SSL.Context) -> None:
    """Have connections of `context` remember what it takes to go on without OpenSSL.

    It costs some 5 % of a handshake (measured); the context must not have been used yet.
    """

    def take(connection: SSL.Connection, line: bytes) -> None:
        label, _, secret = line.split(b" ")
        if label not in (CLIENT, SERVER):
            return
        kept = connection.get_app_data()
        if kept is None:
            kept = {}
            connection.set_app_data(kept)
        if isinstance(kept, dict):  # else it is conducted, and never dozes
            kept[label] = bytes.fromhex(secret.decode("ascii"))

    context.set_keylog_callback(take)


class DozingConnection:
    """Goes on where OpenSSL was: what of `SSL.Connection` a transport uses after a handshake.

    read, write: what protects the records of each side from here on.
    """

    __slots__ = ("_incoming", "_outgoing", "_over", "_read", "_without_data", "_write")

    def __init__(self, read: Traffic, write: Traffic) -> None:
        self._read = read
        self._write = write
        self._incoming = b""
        self._outgoing = b""
        self._over = False
        self._without_data = 0

    def rest(self) -> None:
        """Keep as little as possible until something happens."""
        self._read.rest()
        self._write.rest()

    def bio_write(self, wire: bytes) -> None:
        """Take what came from the peer."""
        self._incoming += wire

    def bio_read(self, size: int) -> bytes:
        """Up to `size` bytes for the peer; raises `SSL.WantReadError` when there are none."""
        if not self._outgoing:
            raise SSL.WantReadError
        wire, self._outgoing = self._outgoing[:size], self._outgoing[size:]
        return wire

    def sendall(self, data: bytes) -> None:
        """Seal `data`."""
        for at in range(0, len(data), MOST):
            self._outgoing += self._write.seal(APPLICATION_DATA, data[at : at + MOST])

    def shutdown(self) -> None:
        """Say goodbye."""
        self._outgoing += self._write.seal(ALERT, bytes([_WARNING, _CLOSE_NOTIFY]))

    def recv(self, _size: int) -> bytes:
        """The data of the next record that has any.

        Raises `SSL.WantReadError` when there is none, `SSL.ZeroReturnError` when the peer
        has said goodbye, and `SSL.Error` for its alerts and for what makes no sense, which
        is answered with one.
        """
        while not self._over:
            kind, content = self._next()
            if kind == APPLICATION_DATA and content:
                self._without_data = 0
                return content
            self._without_data += 1
            if self._without_data > _MOST_WITHOUT_DATA:
                self._fail(10)
            if kind == ALERT:
                self._hear_alert(content)
            elif kind == HANDSHAKE:
                self._hear_message(content)
            elif kind != APPLICATION_DATA:
                self._fail(10)
        raise SSL.ZeroReturnError

    def _next(self) -> tuple[int, bytes]:
        wire = self._incoming
        if len(wire) < HEADER:
            raise SSL.WantReadError
        end = HEADER + int.from_bytes(wire[3:HEADER], "big")
        if wire[0] != APPLICATION_DATA:
            self._fail(10)
        if end > HEADER + LONGEST:
            self._fail(22)
        if len(wire) < end:
            raise SSL.WantReadError
        self._incoming = wire[end:]
        opened = self._read.open(wire[:end])
        if opened is None:
            self._fail(20)
        if len(opened[1]) > MOST:
            self._fail(22)
        return opened

    def _hear_alert(self, content: bytes) -> None:
        if len(content) != 2:
            self._fail(50)
        code = content[1]
        if code == _CLOSE_NOTIFY:
            self._over = True
        elif code != _USER_CANCELED:
            words = ALERT_NAMES.get(code, "unassigned").replace("_", " ")
            self._end(f"tlsv1 alert {words}")

    def _hear_message(self, content: bytes) -> None:
        """A KeyUpdate, alone in its record since another key follows (RFC 8446 4.6.3, 5.1)."""
        request = content.removeprefix(_KEY_UPDATE)
        if content == request or request not in (_NOT_REQUESTED, _REQUESTED):
            self._fail(10)
        self._read.update()
        if request == _REQUESTED:
            self._outgoing += self._write.seal(HANDSHAKE, _KEY_UPDATE + _NOT_REQUESTED)
            self._write.update()

    def _fail(self, code: int) -> NoReturn:
        self._outgoing += self._write.seal(ALERT, bytes([_FATAL, code]))
        self._end(_WORDS[code])

    def _end(self, reason: str) -> NoReturn:
        self._over = True
        self._incoming = b""
        raise SSL.Error([("SSL routines", "", reason)])
