"""A real TLS handshake with any server, looked at: what it speaks, what it shows.

Owns the sockets of one probe and their time limit; verifies nothing, and judges nothing
(that is `appliance.trust`). Synchronous: for the command and for threads. What it meets is
hostile until shown otherwise: time, bytes and the number of connections are bounded.

OpenSSL works on memory here too, so that a limit in seconds holds whatever the other side
does, byte by byte.
"""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.x509 import ocsp
from OpenSSL import SSL, crypto

from appliance.trust import presented_chain
from store.foreign import UNREADABLE
from store.refusals import Refused
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
_NAMES = {"TLSv1": "TLSv1.0"}  # OpenSSL's, where it differs
_MAX_HANDSHAKE = 1 << 20
_READ = 16 * 1024
_MAX_LINE = 200
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


@dataclass(frozen=True, slots=True)
class Staple:
    """An OCSP answer that came with the handshake.

    status: `good`, `revoked`, `unknown`; or what kind of answer it is instead.
    this_update, next_update: aware UTC; None when it does not say. answer: its DER.
    """

    answer: bytes = field(repr=False)
    status: str
    this_update: datetime | None = None
    next_update: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen.

    address: who answered. version, cipher, alpn: of the handshake with everything on offer.
    versions: each version by itself, newest first, and whether the server takes it.
    chain: as sent, leaf first. staple: None when none was sent.
    asks_for_certificate: whether the server wants one of the client.
    plain_http: the status line of an answer to plain HTTP on the same port; None when there
        was none.
    seconds: how long the handshake took.
    """

    target: Target
    address: str
    version: str
    cipher: str
    alpn: str | None
    versions: dict[str, bool]
    chain: tuple[x509.Certificate, ...]
    staple: Staple | None
    asks_for_certificate: bool
    plain_http: str | None
    seconds: float


def look(target: Target, *, timeout: float = 10.0) -> Looked:
    """Shake hands with `target`, once with everything on offer and once for each version.

    timeout: seconds for each connection. Refused, with the reason in the code, when there is
    no certificate to be seen: `host-unknown`, `connection-refused`, `no-answer`,
    `unreachable`, `plain-http`, `not-tls`, `handshake-refused`, `handshake-failed`,
    `handshake-cut`, `not-a-certificate`, `chain-length`.
    """
    begun = time.monotonic()
    with _Handshake(target, timeout) as first:
        try:
            first.shake()
        except _Failed as failed:
            raise _refused(target, failed, timeout) from None
        seconds = time.monotonic() - begun
        chain = _chain(first.connection)
        alpn = first.connection.get_alpn_proto_negotiated().decode("latin-1") or None
        version = _NAMES.get(said := first.connection.get_protocol_version_name(), said)
        cipher = first.connection.get_cipher_name() or ""
        asks = bool(first.connection.get_client_ca_list())
        address, staple = first.address, first.staple
    return Looked(
        target=target,
        address=address,
        version=version,
        cipher=cipher,
        alpn=alpn,
        versions={name: name == version or _takes(target, name, timeout) for name in VERSIONS},
        chain=chain,
        staple=None if not staple else _read_staple(staple),
        asks_for_certificate=asks,
        plain_http=_plain_http(target, timeout),
        seconds=seconds,
    )


class _Failed(Exception):
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


class _Handshake:
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

    def __enter__(self) -> _Handshake:
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
        """Finish the handshake, or raise `_Failed`."""
        self._sock, self.address = _connected(self._target, self._end)
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

    def _failed(self, code: str, alert: Alert | None = None) -> _Failed:
        return _Failed(code, said=self._said, alert=alert, reached=True)

    def _read(self) -> bytes:
        assert self._sock is not None
        if not _ready(self._sock, self._end, reading=True):
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
        self._said += data[: _MAX_LINE - len(self._said)]
        return data

    def _flush(self) -> None:
        assert self._sock is not None
        while True:
            try:
                data = self.connection.bio_read(_READ)
            except SSL.WantReadError:
                return
            while data:
                if not _ready(self._sock, self._end, reading=False):
                    raise self._failed("timeout")
                try:
                    data = data[self._sock.send(data) :]
                except OSError:
                    return  # the other side's last words may still be read

    def _say_goodbye(self) -> None:
        try:
            self.connection.shutdown()
            self._flush()
        except (SSL.Error, _Failed):
            pass


def _anything_goes(*_: object) -> bool:
    return True


def _connected(target: Target, end: float) -> tuple[socket.socket, str]:
    """A non-blocking socket to the first of the target's addresses that answers."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise _Failed("host-unknown") from None
    failed = _Failed("timeout")
    for family, kind, protocol, _, address in found[:_MAX_ADDRESSES]:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(end - time.monotonic(), 0.001))
            sock.connect(address)
        except TimeoutError:
            failed = _Failed("timeout")
        except ConnectionRefusedError:
            failed = _Failed("connection-refused")
        except OSError as error:
            failed = _Failed("unreachable", said=(error.strerror or "").encode())
        else:
            sock.setblocking(False)
            return sock, str(sock.getpeername()[0])
        sock.close()
    raise failed


def _ready(sock: socket.socket, end: float, *, reading: bool) -> bool:
    left = end - time.monotonic()
    if left <= 0:
        return False
    poll = select.poll()
    poll.register(sock, select.POLLIN if reading else select.POLLOUT)
    return bool(poll.poll(left * 1000))


def _takes(target: Target, version: str, timeout: float) -> bool:
    with _Handshake(target, timeout, version) as handshake:
        try:
            handshake.shake()
        except _Failed:
            return False
    return True


def _chain(connection: SSL.Connection) -> tuple[x509.Certificate, ...]:
    """What was sent, read with the bounds that hold for any chain."""
    sent = connection.get_peer_cert_chain() or []
    if not sent:
        raise Refused.because(
            "handshake-failed",
            "The server finished the handshake without a certificate.",
            field="target",
        )
    pem = b"".join(crypto.dump_certificate(crypto.FILETYPE_PEM, one) for one in sent)
    return presented_chain(pem, field="target")


def _read_staple(data: bytes) -> Staple:
    try:
        answer = ocsp.load_der_ocsp_response(data)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return Staple(data, answer.response_status.name.lower().replace("_", " "))
        return Staple(
            data,
            answer.certificate_status.name.lower(),
            answer.this_update_utc,
            answer.next_update_utc,
        )
    except UNREADABLE:
        return Staple(data, "unreadable")


def _plain_http(target: Target, timeout: float) -> str | None:
    """The status line with which plain HTTP is answered on this port; None when it is not."""
    end = time.monotonic() + timeout
    came = b""
    try:
        sock, _ = _connected(target, end)
        with sock:
            sock.send(f"GET / HTTP/1.0\r\nHost: {target}\r\n\r\n".encode("ascii", "replace"))
            while b"\n" not in came and len(came) < _MAX_LINE and _ready(sock, end, reading=True):
                data = sock.recv(_MAX_LINE)
                if not data:
                    break
                came += data
    except (OSError, _Failed):
        return None
    return _first_line(came) if came.startswith(b"HTTP/") else None


def _first_line(data: bytes) -> str:
    return data.splitlines()[0][:_MAX_LINE].decode("latin-1") if data else ""


def _refused(target: Target, failed: _Failed, timeout: float) -> Refused:
    """Why there is no certificate to be seen, and what to do."""
    line = _first_line(failed.said)
    if failed.code in ("tls", "cut", "timeout") and failed.reached:
        if line.startswith("HTTP/"):
            return _because("plain-http", target, line)
        if line and failed.said[0] not in _TLS_RECORDS:
            return _because("not-tls", target, line)
        if not failed.said and (answer := _plain_http(target, timeout)) is not None:
            return _because("plain-http", target, answer)
    if failed.code == "tls" and failed.alert is not None:
        return _because("handshake-refused", target, f"{failed.alert.name} ({failed.alert.code})")
    if failed.code == "timeout":
        return _because("no-answer", target, f"{timeout:g}")
    return _because(_CODES.get(failed.code, failed.code), target, line)


_CODES = {"tls": "handshake-failed", "cut": "handshake-cut", "endless": "handshake-failed"}
_TLS_RECORDS = frozenset({20, 21, 22, 23})

# What is said, and what to do. {what}: what came back, or how long was waited.
_WORDS: dict[str, tuple[str, str]] = {
    "host-unknown": (
        "No address is known for {host}.",
        "Check the spelling, or give the address and name the server with --host.",
    ),
    "connection-refused": (
        "Nobody listens at {target}: the connection was refused.",
        "Is the server running? A box that activates a certificate is away for 2 to 3 minutes.",
    ),
    "no-answer": (
        "{target} did not answer within {what} s.",
        "Is the address right, and does a firewall let you through? --timeout waits longer.",
    ),
    "unreachable": ("{target} can't be reached: {what}.", "Check the address and the network."),
    "plain-http": (
        'At {target} there is plain HTTP and no TLS: it answered "{what}".',
        "Try another port: the Admin Portal has 443 or 8443, WSI over HTTPS has 8802.",
    ),
    "not-tls": (
        'At {target} there is no TLS: it said "{what}".',
        "Try another port. STARTTLS is not spoken here.",
    ),
    "handshake-refused": (
        "{target} refused the handshake with the alert {what}.",
        "It may want a name (--sni NAME), or a certificate of the client.",
    ),
    "handshake-failed": (
        "The handshake with {target} failed: what it sent is not in order.",
        "Is it a TLS server?",
    ),
    "handshake-cut": (
        "{target} closed the connection in the middle of the handshake, without a word.",
        "It may want a name (--sni NAME), or be about to restart.",
    ),
}


def _because(code: str, target: Target, what: str) -> Refused:
    message, instead = _WORDS[code]
    shown = "".join(one if one.isprintable() else "?" for one in what)
    return Refused.because(
        code,
        message.format(target=target, host=target.host, what=shown),
        field="target",
        instead=instead,
    )
