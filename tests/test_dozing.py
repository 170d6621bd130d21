"""Connections that have given OpenSSL's memory back: nothing changes for their clients."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from OpenSSL import SSL

from store.certificate import fingerprint_groups
from webserver.contexts import build_context
from webserver.dozing import CLIENT, SERVER
from webserver.records import ALERT, APPLICATION_DATA, HANDSHAKE, MOST, Traffic
from webserver.simulator import Simulator
from webserver.tls import TLSTransport
from webserver.transport import SocketTransport

from .listening import Endpoint, ca_file, plan, run, s_client, serving, trusting

GET = b"GET / HTTP/1.1\r\nHost: box\r\n\r\n"
SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
ASKING, NOT_ASKING = b"\x18\0\0\x01\x01", b"\x18\0\0\x01\0"  # KeyUpdates
BIG = 300_000


async def drowsy(request: web.BaseRequest) -> web.StreamResponse:
    """Doze before every answer, and say in it whether that went."""
    transport = request.transport
    assert isinstance(transport, TLSTransport)
    assert transport.doze()
    await asyncio.sleep(0.01)
    asleep = transport.get_extra_info("ssl_object") is None
    if request.path == "/big":
        return web.Response(body=bytes(BIG))
    return web.Response(text="dozed" if asleep else "awake")


def a_box() -> contextlib.AbstractAsyncContextManager[Endpoint]:
    return serving(drowsy, context=build_context(plan(), dozing=True))


class Peer:
    """A client with TLS of OpenSSL until `take_over`, and any records it likes from then on."""

    def __init__(self, end: Endpoint) -> None:
        self._keys: dict[bytes, bytes] = {}
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_keylog_callback(self._keep)
        self.sock = socket.create_connection(end.address, timeout=5)
        self.tls = SSL.Connection(context, self.sock)
        self.tls.set_connect_state()
        self.sock.settimeout(None)
        self.tls.do_handshake()

    def _keep(self, _connection: SSL.Connection, line: bytes) -> None:
        label, _, secret = line.split(b" ")
        self._keys[label] = bytes.fromhex(secret.decode())

    def doze(self) -> None:
        """Have the box doze."""
        self.tls.sendall(GET)
        assert b"dozed" in self.tls.recv(1 << 14)

    def take_over(self, *, asked: int = 1, heard: int = 3) -> None:
        """Go on by hand: after one request, and its answer with two tickets before it."""
        suite = str(self.tls.get_cipher_name())
        self.out = Traffic(suite, self._keys[CLIENT], asked)
        self.back = Traffic(suite, self._keys[SERVER], heard)
        self.sock.settimeout(5)

    def send(self, kind: int, content: bytes) -> None:
        self.sock.sendall(self.out.seal(kind, content))

    def record(self) -> tuple[int, bytes] | None:
        """The next one of the box; None at the end."""
        head = self._exactly(5)
        if not head:
            return None
        return self.back.open(head + self._exactly(int.from_bytes(head[3:], "big")))

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (piece := self.sock.recv(size - len(data))):
            data += piece
        return data


@asynccontextmanager
async def a_peer() -> AsyncIterator[tuple[Endpoint, Peer]]:
    """A peer that goes on by hand, and the box, which dozes."""

    def begin(end: Endpoint) -> Peer:
        peer = Peer(end)
        peer.doze()
        peer.take_over()
        return peer

    async with a_box() as end:
        peer = await asyncio.to_thread(begin, end)
        with peer.sock:
            yield end, peer


@pytest.mark.parametrize("suite", SUITES)
async def test_answers_of_every_size_come_through_in_every_suite(suite: str) -> None:
    def client(end: Endpoint) -> list[int]:
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_tls13_ciphersuites(suite.encode())
        sizes = []
        with socket.create_connection(end.address, timeout=5) as plain:
            plain.settimeout(None)
            tls = SSL.Connection(context, plain)
            tls.set_connect_state()
            tls.do_handshake()
            for path in (b"/", b"/big", b"/", b"/big"):
                tls.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: box\r\n\r\n")
                got = b""
                while not got.endswith(b"dozed") and got.count(0) < BIG:
                    got += tls.recv(1 << 16)
                sizes.append(len(got.partition(b"\r\n\r\n")[2]))
        return sizes

    async with a_box() as end:
        assert await asyncio.to_thread(client, end) == [5, BIG, 5, BIG]
        assert (await end.only_record()).cipher == suite


async def test_curl_goes_on_over_the_same_connection(tmp_path: Path) -> None:
    async with a_box() as end:
        url = f"https://127.0.0.1:{end.port}/"
        status, text = await run("curl", "-sSv", "--cacert", ca_file(tmp_path), url, url, url)
        assert (status, text.count("dozed")) == (0, 3)
        assert (await end.only_record()).alert is None
        await end.empty()


async def test_s_client_asks_for_new_keys_while_the_box_dozes() -> None:
    async with a_box() as end:
        first, last = b"GET / HTTP/1.1\nHost: x\n\n", b"GET / HTTP/1.0\n\n"
        output = await s_client(end, first, b"K\n", b"k\n", b"K\n", last)
        assert output.count(b"KEYUPDATE") == 3
        assert output.count(b"dozed") == 2
        assert b"alert" not in output


async def test_with_new_keys_before_it_the_box_stays_awake_and_understands() -> None:
    def client(peer: Peer) -> bytes:
        peer.out, peer.back = (
            Traffic(str(peer.tls.get_cipher_name()), peer._keys[which])
            for which in (CLIENT, SERVER)
        )
        peer.send(HANDSHAKE, NOT_ASKING)
        peer.out.update()
        peer.send(APPLICATION_DATA, GET)
        answer = b""
        while b"\r\n\r\n" not in answer or not answer.endswith(b"awake"):
            answer += (peer.record() or (0, b""))[1]
        return answer

    async with a_box() as end:
        peer = await asyncio.to_thread(Peer, end)
        with peer.sock:
            assert await asyncio.to_thread(client, peer)


async def test_new_keys_are_used_in_both_directions_when_asked_for() -> None:
    def client(peer: Peer) -> list[tuple[int, bytes] | None]:
        peer.send(HANDSHAKE, ASKING)
        peer.out.update()
        peer.send(APPLICATION_DATA, GET)
        heard = [peer.record()]
        peer.back.update()
        return [*heard, peer.record()]

    async with a_peer() as (_, peer):
        update, answer = await asyncio.to_thread(client, peer)
        assert update == (HANDSHAKE, NOT_ASKING)
        assert answer is not None
        assert answer[1].endswith(b"dozed")


async def test_a_request_in_pieces_and_two_in_one_piece_are_understood() -> None:
    def client(peer: Peer) -> int:
        wire = peer.out.seal(APPLICATION_DATA, GET[:9]) + peer.out.seal(APPLICATION_DATA, GET[9:])
        for at in range(0, len(wire), 11):
            peer.sock.sendall(wire[at : at + 11])
        first = peer.record()
        peer.sock.sendall(b"".join(peer.out.seal(APPLICATION_DATA, GET) for _ in range(2)))
        return sum(b"dozed" in found[1] for found in (first, peer.record(), peer.record()) if found)

    async with a_peer() as (_, peer):
        assert await asyncio.to_thread(client, peer) == 3


async def test_a_goodbye_is_answered_with_one() -> None:
    def client(peer: Peer) -> list[tuple[int, bytes] | None]:
        peer.send(ALERT, b"\x01\x5a")  # user_canceled says nothing by itself
        peer.send(ALERT, b"\x01\x00")
        return [peer.record(), peer.record()]

    async with a_peer() as (end, peer):
        assert await asyncio.to_thread(client, peer) == [(ALERT, b"\x01\x00"), None]
        await end.empty()
        assert (await end.only_record()).alert is None


async def test_an_alert_of_the_client_is_on_record() -> None:
    async with a_peer() as (end, peer):
        peer.send(ALERT, b"\x02\x30")
        peer.sock.shutdown(socket.SHUT_WR)
        await end.empty()
        alert = (await end.only_record()).alert
        assert alert is not None
        assert (alert.name, alert.sender) == ("unknown_ca", "client")


def sealed(kind: int, content: bytes) -> Callable[[Peer], bytes]:
    return lambda peer: peer.out.seal(kind, content)


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        (lambda peer: peer.out.seal(APPLICATION_DATA, GET)[:-1] + b"?", 20),
        (lambda _: b"\x17\x03\x03\x00\x05hello", 20),
        (lambda _: b"\x17\x03\x03\x00\x00", 20),
        (lambda _: b"\x17\x03\x03\x41\x01", 22),
        (sealed(APPLICATION_DATA, bytes(MOST + 1)), 22),
        (lambda _: GET, 10),
        (lambda _: b"\x14\x03\x03\x00\x01\x01", 10),
        (lambda _: b"\x15\x03\x03\x00\x02\x02\x30", 10),
        (sealed(0, bytes(20)), 10),
        (sealed(99, b"what"), 10),
        (sealed(HANDSHAKE, b""), 10),
        (sealed(HANDSHAKE, b"\x01\0\0\0"), 10),
        (sealed(HANDSHAKE, ASKING[:3]), 10),
        (sealed(HANDSHAKE, b"\x18\0\0\x01\x02"), 10),
        (sealed(HANDSHAKE, ASKING + NOT_ASKING), 10),
        (sealed(ALERT, b"\x02"), 50),
        (lambda peer: b"".join(peer.out.seal(APPLICATION_DATA, b"") for _ in range(33)), 10),
    ],
)
async def test_what_makes_no_sense_is_answered_with_an_alert(
    wire: Callable[[Peer], bytes], code: int
) -> None:
    def client(peer: Peer) -> tuple[int, bytes] | None:
        peer.sock.sendall(wire(peer))
        return peer.record()

    async with a_peer() as (end, peer):
        assert await asyncio.to_thread(client, peer) == (ALERT, bytes([2, code]))
        record = await end.only_record()
        assert record.alert is not None
        assert (record.alert.code, record.alert.sender) == (code, "server")


@pytest.mark.parametrize("how", ["fin", "reset", "close", "abort"])
async def test_abrupt_endings_leave_nothing_behind(how: str) -> None:
    async with a_peer() as (end, peer):
        if how == "reset":
            peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            peer.sock.close()
        elif how == "fin":
            peer.sock.shutdown(socket.SHUT_WR)
        else:
            (transport,) = end.listener._connections
            assert isinstance(transport, SocketTransport)
            getattr(transport, how)()
        if how in ("fin", "close"):
            assert await asyncio.to_thread(peer.record) == (ALERT, b"\x01\x00")
            peer.sock.close()
        await end.empty()


@pytest.mark.parametrize(
    ("version", "dozing"), [("TLSv1.2", True), ("TLSv1.3", False)], ids=["TLS 1.2", "no secrets"]
)
async def test_where_openssl_can_not_be_spared_it_stays(version: str, dozing: bool) -> None:
    wished: list[bool] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        assert isinstance(request.transport, TLSTransport)
        wished.append(request.transport.doze())
        assert request.transport.get_extra_info("ssl_object") is not None
        return web.Response(text="awake")

    def client(end: Endpoint) -> bytes:
        with socket.create_connection(end.address, timeout=5) as plain:
            context = trusting(version=version)
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                tls.sendall(GET)
                return tls.recv(1 << 14)

    async with serving(handler, context=build_context(plan(), dozing=dozing)) as end:
        assert (await asyncio.to_thread(client, end)).endswith(b"awake")
    assert wished == [dozing], "True asks for nothing, since nothing would help"


# On a box, with WSI's polls


def poll(simulator: Simulator, trust: str, session: str, *, then: str | None = None) -> bytes:
    """One poll on a connection of its own, and `then` a page: what was answered last."""
    host, _, port = simulator.box.wsi_url.removeprefix("https://").partition(":")
    context = ssl.create_default_context(cadata=trust)
    with (
        socket.create_connection((host, int(port)), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        target = f"/cgi-bin/gadgetapi/GetEvents?gsSession={session}"
        tls.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        answer = tls.recv(1 << 14)
        if then is None:
            return answer
        tls.sendall(f"GET {then} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        with tls.makefile("rb") as page:
            return page.read()


async def test_polls_doze_from_the_second_on_and_hear_events_with_faults_set_meanwhile() -> None:
    async with Simulator(ephemeral=True, booster=False, trusted=True) as simulator:
        box = simulator.box
        authority = await box.serve_trusted()
        assert authority.certificate is not None
        sessions = [box.sessions.begin("100", box.clock.now()) for _ in range(4)]
        for session in sessions:
            box.sessions.watch(session, "100", ["ALL"])

        def dozing() -> list[bool]:
            return [
                connection.get_extra_info("ssl_object") is None
                for connection in box.station.listeners["wsi"]._connections
            ]

        async def held(count: int) -> None:
            async with asyncio.timeout(10):
                while sum(one.waiter is not None for one in sessions) < count:
                    await asyncio.sleep(0.01)

        before, polls = box.station.context, []
        for number, session in enumerate(sessions, 1):
            polls.append(
                asyncio.create_task(
                    asyncio.to_thread(poll, simulator, authority.certificate.pem, session.id)
                )
            )
            await held(number)
            async with asyncio.timeout(10):
                while box.station.context is before:
                    await asyncio.sleep(0.01)
        assert sorted(dozing()) == [False, True, True, True]
        await box.set_fault("reset-handshake")
        box.exchange.set_presence("100", 7)
        assert all(b"PresenceEvent" in answer for answer in await asyncio.gather(*polls))


async def test_after_a_restart_polls_doze_at_once_and_pages_still_say_which_certificate() -> None:
    async with Simulator(ephemeral=True, booster=False, trusted=True) as simulator:
        box = simulator.box
        box.let_doze()
        authority = await box.serve_trusted()
        assert authority.certificate is not None
        session = box.sessions.begin("100", box.clock.now())
        trust, page = authority.certificate.pem, "/applicationlauncher/"
        waiting = asyncio.create_task(
            asyncio.to_thread(poll, simulator, trust, session.id, then=page)
        )
        async with asyncio.timeout(10):
            while session.waiter is None:
                await asyncio.sleep(0.01)
        (connection,) = box.station.listeners["wsi"]._connections
        assert connection.get_extra_info("ssl_object") is None
        box.sessions.end(session.id)
        shown = fingerprint_groups(box.active.fingerprint("sha256"))
        assert f"Certificate {shown}" in " ".join((await waiting).decode().split())
