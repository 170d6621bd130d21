"""One TLS connection of a client, asked over and over: TCP, handshake, GET, answer.

Owns the socket, and names what goes wrong with it (`Lost`). Knows no WSI and no rule of
trust. Every wait has an end.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from OpenSSL import SSL

from appliance.uc_words import Trouble
from webserver.alerts import reasons_of, received_alert
from webserver.clients.http import Answer, AnswerReader, NotHttp
from webserver.clients.verifying import Judge, connection, failure

CONNECT_SECONDS = 5.0
HANDSHAKE_SECONDS = 10.0
_PIECE = 16 * 1024
_CLOSE_SECONDS = 0.2

_NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN})


class Lost(Exception):
    """The connection can't be had, or is no more. detail: what was seen, for some words."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(f"{trouble.value} {detail}".strip())
        self.trouble = trouble
        self.detail = detail


class Line:
    """A connection that is open, with its handshake done; one request at a time.

    used: whether it has been asked before: what breaks then may be asked again on a new one.
    """

    def __init__(self, sock: socket.socket, tls: SSL.Connection, host: str) -> None:
        self._sock = sock
        self._tls = tls
        self._host = host
        self._loop = asyncio.get_running_loop()
        self.used = False
        self.closed = False

    @classmethod
    async def open(
        cls, context: SSL.Context, judge: Judge, *, address: str, port: int, name: str | None = None
    ) -> Line:
        """Connect, and have `judge` look at the certificate. Raises `Lost`.

        name: what the client calls the server, when that is not its address.
        """
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = connection(context, judge)
        called = name or address
        if not _is_address(called):
            tls.set_tlsext_host_name(called.encode("idna"))
        host = f"[{called}]" if ":" in called else called
        line = cls(sock, tls, f"{host}:{port}")
        try:
            async with _bounded(CONNECT_SECONDS):
                await line._loop.sock_connect(sock, (address, port))
            async with _bounded(HANDSHAKE_SECONDS):
                await line._shake()
        except BaseException:
            line.drop()
            raise
        return line

    async def get(self, target: str, *, agent: str, seconds: float) -> Answer:
        """The answer to one GET. Raises `Lost`, and the connection is closed then."""
        request = (
            f"GET {target} HTTP/1.1\r\nHost: {self._host}\r\nUser-Agent: {agent}\r\n"
            "Accept: */*\r\nConnection: keep-alive\r\n\r\n"
        )
        reader = AnswerReader()
        try:
            async with _bounded(seconds):
                self._tls.sendall(request.encode())
                await self._flush()
                answer = await self._read(reader)
        except NotHttp as error:
            self.drop()
            raise Lost(Trouble.NOT_HTTP, str(error)) from None
        except BaseException:
            self.drop()
            raise
        self.used = True
        if not answer.keep:
            self.drop()
        return answer

    async def close(self) -> None:
        """Say goodbye as TLS has it, then close."""
        if self.closed:
            return
        with contextlib.suppress(SSL.Error, OSError, TimeoutError, Lost):
            async with asyncio.timeout(_CLOSE_SECONDS):
                self._tls.shutdown()
                await self._flush()
        self.drop()

    def drop(self) -> None:
        """Close at once; who waits on it is for its caller to cancel."""
        if not self.closed:
            self.closed = True
            self._sock.close()

    # --- steps

    async def _shake(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
                break
            except SSL.WantReadError:
                await self._flush()
                data = await self._loop.sock_recv(self._sock, _PIECE)
                if not data:
                    raise Lost(Trouble.TLS, "closed during the handshake") from None
                self._tls.bio_write(data)
            except SSL.Error as error:
                failed = failure(self._tls)
                if failed is not None:
                    raise failed from None
                await self._depart()
                raise _failed(error, Trouble.TLS) from None
        await self._flush()

    async def _depart(self) -> None:
        """Send the alert, and let it arrive: closing at once could overtake it."""
        with contextlib.suppress(OSError):
            await self._flush()
            self._sock.shutdown(socket.SHUT_WR)
            async with asyncio.timeout(_CLOSE_SECONDS):
                while await self._loop.sock_recv(self._sock, _PIECE):
                    pass

    async def _read(self, reader: AnswerReader) -> Answer:
        while True:
            try:
                answer = reader.feed(self._tls.recv(_PIECE))
            except SSL.WantReadError:
                data = await self._loop.sock_recv(self._sock, _PIECE)
                if data:
                    self._tls.bio_write(data)
                    continue
                answer = self._ended(reader)
            except SSL.ZeroReturnError:
                answer = self._ended(reader)
            except SSL.Error as error:
                raise _failed(error, Trouble.CUT) from None
            if answer is not None:
                return answer

    def _ended(self, reader: AnswerReader) -> Answer:
        answer = reader.end()
        if answer is None:
            raise Lost(Trouble.CUT, "in the middle" if reader.begun else "before the answer")
        return answer

    async def _flush(self) -> None:
        while True:
            try:
                data = self._tls.bio_read(_PIECE)
            except SSL.WantReadError:
                return
            await self._loop.sock_sendall(self._sock, data)


@asynccontextmanager
async def _bounded(seconds: float) -> AsyncIterator[None]:
    """What the system says within, as `Lost`."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Lost(Trouble.TIMEOUT) from None
    except ConnectionRefusedError:
        raise Lost(Trouble.REFUSED) from None
    except OSError as error:
        trouble = Trouble.UNREACHABLE if error.errno in _NO_WAY else Trouble.CUT
        raise Lost(trouble, error.strerror or "") from None


def _failed(error: SSL.Error, otherwise: Trouble) -> Lost:
    """What OpenSSL could not go on for: an alert that came, or something of its own."""
    reasons = reasons_of(error)
    alert = received_alert(reasons)
    if alert is not None:
        return Lost(Trouble.ALERT, alert.name)
    return Lost(otherwise, reasons[0] if reasons else "")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
