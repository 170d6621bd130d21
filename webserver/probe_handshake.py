"""One TLS handshake of a probe with somebody who may be hostile: bounded in time and bytes.

Owns the socket. Verifies nothing. OpenSSL works on memory here too, so that a limit in
seconds holds whatever the other side does, byte by byte.
"""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass

from OpenSSL import SSL

from webserver.alerts import Alert, reasons_of, received_alert

VERSIONS: dict[str, int] = {
    "TLSv1.3": SSL.TLS1_3_VERSION,
    "TLSv1.2": SSL.TLS1_2_VERSION,
    "TLSv1.1": SSL.TLS1_1_VERSION,
    "TLSv1.0": SSL.TLS1_VERSION,
}
# Whatever the server can do: what is too old or too weak is for the verdicts to say.
_CIPHERS = b"ALL:@SECLEVEL=0"
_ALPN = [b"h2", b"http/1.1"]
_MAX_HANDSHAKE = 1 << 20
_READ = 16 * 1024
MAX_LINE = 200
_MAX_ADDRESSES = 8


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to probe.

    server_name: sent as SNI; None when none is sent, as is right for an address.
    """

    host: str
    port: int
    server_name: str | None = None

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Failed(Exception):
    """No handshake.

    said: what came from the other side. alert: the one it sent.
    reached: whether there was a connection.
    """

    def __init__(
        self,
        code: str,
        *,
        said: bytes = b"",
        alert: Alert | None = None,
        reached: bool = False,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.said = said
        self.alert = alert
        self.reached = reached


class ProbeHandshake:
    """One connection, and a handshake on it."""

    def __init__(self, target: Target, timeout: float, version: str | None = None) -> None:
        self._target = target
        self._end = time.monotonic() + timeout
        self._sock: socket.socket | None = None
        self._said = b""
        self._count = 0
        self.staple = b""
        self.address = ""
        self.connection = SSL.Connection(self._context(version), None)
        self.connection.set_connect_state()
        self.connection.request_ocsp()
        if target.server_name is not None:
            self.connection.set_tlsext_host_name(target.server_name.encode("ascii"))

    def __enter__(self) -> ProbeHandshake:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sock is not None:
            self._say_goodbye()
            self._sock.close()

    def _context(self, version: str | None) -> SSL.Context:
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_cipher_list(_CIPHERS)
        context.set_min_proto_version(VERSIONS[version or "TLSv1.0"])
        context.set_max_proto_version(VERSIONS[version or "TLSv1.3"])
        context.set_options(SSL.OP_LEGACY_SERVER_CONNECT)
        context.set_verify(SSL.VERIFY_NONE, _anything_goes)
        context.set_alpn_protos(_ALPN)
        context.set_ocsp_client_callback(self._stapled)
        return context

    def _stapled(self, _: SSL.Connection, answer: bytes, __: object) -> bool:
        self.staple = answer
        return True

    def shake(self) -> None:
        """Finish the handshake, or raise `Failed`."""
        self._sock, self.address = connected(self._target, self._end)
        while True:
            try:
                self.connection.do_handshake()
            except SSL.WantReadError:
                self._flush()
            except SSL.Error as error:
                self._flush()
                raise self._failed("tls", received_alert(reasons_of(error), self._said)) from None
            else:
                self._flush()
                return
            self.connection.bio_write(self._read())

    def _failed(self, code: str, alert: Alert | None = None) -> Failed:
        return Failed(code, said=self._said, alert=alert, reached=True)

    def _read(self) -> bytes:
        assert self._sock is not None
        if not ready(self._sock, self._end, reading=True):
            raise self._failed("timeout")
        try:
            data = self._sock.recv(_READ)
        except OSError:
            data = b""
        if not data:
            raise self._failed("cut")
        self._count += len(data)
        if self._count > _MAX_HANDSHAKE:
            raise self._failed("endless")
        self._said += data[: MAX_LINE - len(self._said)]
        return data

    def _flush(self) -> None:
        assert self._sock is not None
        while True:
            try:
                data = self.connection.bio_read(_READ)
            except SSL.WantReadError:
                return
            while data:
                if not ready(self._sock, self._end, reading=False):
                    raise self._failed("timeout")
                try:
                    data = data[self._sock.send(data) :]
                except OSError:
                    return  # the other side's last words may still be read

    def _say_goodbye(self) -> None:
        try:
            self.connection.shutdown()
            self._flush()
        except (SSL.Error, Failed):
            pass


def _anything_goes(*_: object) -> bool:
    return True


def connected(target: Target, end: float) -> tuple[socket.socket, str]:
    """A non-blocking socket to the first of the target's addresses that answers."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise Failed("host-unknown") from None
    failed = Failed("timeout")
    for family, kind, protocol, _, address in found[:_MAX_ADDRESSES]:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(end - time.monotonic(), 0.001))
            sock.connect(address)
        except TimeoutError:
            failed = Failed("timeout")
        except ConnectionRefusedError:
            failed = Failed("connection-refused")
        except OSError as error:
            failed = Failed("unreachable", said=(error.strerror or "").encode())
        else:
            sock.setblocking(False)
            return sock, str(sock.getpeername()[0])
        sock.close()
    raise failed


def ready(sock: socket.socket, end: float, *, reading: bool) -> bool:
    left = end - time.monotonic()
    if left <= 0:
        return False
    poll = select.poll()
    poll.register(sock, select.POLLIN if reading else select.POLLOUT)
    return bool(poll.poll(left * 1000))
