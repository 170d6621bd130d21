"""The TLS transport under real clients: kind ones, slow ones, broken ones, refusing ones."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from OpenSSL import SSL

from appliance.serving import ServingPlan
from store.certificate import Certificate
from store.refusals import Refused
from webserver.alerts import ALERT_NAMES, reasons_of, received_alert, sent_alert
from webserver.contexts import build_context
from webserver.transport import Limits, SocketTransport

from .listening import (
    Endpoint,
    authority,
    ca_file,
    certificate,
    plan,
    run,
    s_client,
    serving,
    trusting,
)

VERSIONS = ["TLSv1.2", "TLSv1.3"]
GET = b"GET / HTTP/1.1\r\nHost: box\r\n\r\n"
BIG = 50 * 1024 * 1024


def dial(end: Endpoint, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    """A client's connection, made in a thread of its own by the caller."""
    plain = socket.create_connection(end.address, timeout=10)
    try:
        return (context or trusting()).wrap_socket(plain, server_hostname="127.0.0.1")
    except BaseException:
        plain.close()
        raise


def read_all(client: socket.socket) -> bytes:
    pieces = []
    while piece := client.recv(1 << 16):
        pieces.append(piece)
    return b"".join(pieces)


# --- what it serves


@pytest.mark.parametrize("version", VERSIONS)
async def test_curl_is_served_and_put_on_record(version: str, tmp_path: Path) -> None:
    async with serving() as end:
        limit = ["--tlsv1.3"] if version == "TLSv1.3" else ["--tls-max", "1.2"]
        url = f"https://127.0.0.1:{end.port}/"
        status, text = await run("curl", "-sS", *limit, "--cacert", ca_file(tmp_path), url)
        assert (status, text) == (0, "hello over https")
        record = await end.only_record()
        seen = record.as_json()
        assert (record.outcome, record.version, record.spoke) == ("completed", version, True)
        assert record.shown is not None
        assert record.shown.subject_cn == "valid"
        assert record.shown.fingerprint_sha256 == certificate().fingerprint("sha256")
        assert seen["alpn"] == "http/1.1"
        assert seen["time"] == "2024-01-01T12:00:00Z"
        assert seen["alert"] is None
        assert "http/1.1" in seen["offered"]["alpn"]  # type: ignore[index]
        assert 0 < record.seconds < 10


async def test_many_requests_share_a_connection(tmp_path: Path) -> None:
    async with serving() as end:
        url = f"https://127.0.0.1:{end.port}/"
        status, text = await run("curl", "-sSv", "--cacert", ca_file(tmp_path), url, url, url)
        assert status == 0
        assert text.count("hello over https") == 3
        assert len(end.log.since(0)) == 1


async def test_a_client_with_nagles_algorithm_does_not_wait_for_its_acknowledgement() -> None:
    def seconds_to_the_first_answer(end: Endpoint) -> float:
        with dial(end) as client:  # plain sockets have the algorithm on
            begun = time.monotonic()
            client.sendall(GET)
            assert client.recv(100)
            return time.monotonic() - begun

    async with serving() as end:
        best = min([await asyncio.to_thread(seconds_to_the_first_answer, end) for _ in range(8)])
    assert best < 0.03  # the kernel would hold the acknowledgement back for 40 ms


async def test_no_connection_resumes_another(tmp_path: Path) -> None:
    async with serving() as end:
        for version in ("-tls1_2", "-tls1_3"):
            target = f"127.0.0.1:{end.port}"
            line = ("openssl", "s_client", "-connect", target, version, "-reconnect")
            _, text = await run(*line, "-CAfile", ca_file(tmp_path))
            assert "New, TLSv1" in text
            assert "Reused" not in text


async def test_the_client_gets_a_goodbye_after_the_last_answer() -> None:
    def client(end: Endpoint) -> bytes:
        with dial(end) as tls:
            tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = read_all(tls)  # a missing close_notify would raise here
            tls.unwrap().close()
            return answer

    async with serving() as end:
        assert (await asyncio.to_thread(client, end)).endswith(b"hello over https")


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "streamed"])
async def test_a_slow_reader_gets_everything_and_memory_stays_bounded(whole: bool) -> None:
    body = bytes(1024 * 1024)
    transports: list[SocketTransport] = []
    written = 0

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal written
        assert isinstance(request.transport, SocketTransport)
        transports.append(request.transport)
        if whole:
            return web.Response(body=bytes(BIG))
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(BIG // len(body)):
            await response.write(body)
            written += len(body)
        return response

    def client(end: Endpoint, paused: Callable[[], None]) -> int:
        with dial(end) as tls:
            tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
            time.sleep(0.4)
            paused()
            return len(read_all(tls).partition(b"\r\n\r\n")[2])

    def look() -> None:
        (transport,) = transports
        if whole:
            # The response itself waits as it is; only a small piece of it is sealed.
            assert len(transport._wire) < 200_000
        else:
            # What the kernel holds, one piece in flight, and no more.
            assert written < 20_000_000
            assert transport.get_write_buffer_size() < 3_000_000

    async with serving(handler) as end:
        assert await asyncio.to_thread(client, end, look) == BIG
        await end.empty()


async def test_a_slow_handler_holds_the_sender_back() -> None:
    begin = asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        await begin.wait()
        digest, size = hashlib.sha256(), 0
        async for piece in request.content.iter_chunked(1 << 20):
            digest.update(piece)
            size += len(piece)
        return web.Response(text=f"{size} {digest.hexdigest()}")

    sent = 0
    piece = bytes(range(256)) * 4096

    def client(end: Endpoint) -> bytes:
        nonlocal sent
        with dial(end) as tls:
            tls.settimeout(20)
            head = f"POST / HTTP/1.1\r\nHost: box\r\nConnection: close\r\nContent-Length: {BIG}\r\n"
            tls.sendall(head.encode() + b"\r\n")
            while sent < BIG:
                tls.sendall(piece)
                sent += len(piece)
            return read_all(tls)

    async with serving(handler) as end:
        upload = asyncio.create_task(asyncio.to_thread(client, end))
        await asyncio.sleep(0.5)
        assert sent < 20_000_000
        begin.set()
        digest = hashlib.sha256(piece * (BIG // len(piece))).hexdigest()
        assert (await upload).endswith(f"{BIG} {digest}".encode())


async def test_an_early_answer_reaches_a_client_that_is_still_sending() -> None:
    def client(end: Endpoint) -> bytes:
        with dial(end) as tls:
            tls.sendall(b"GET / HTTP/1.1\r\n" + b"x" * 20_000)
            time.sleep(0.1)
            try:
                for _ in range(20):
                    tls.sendall(b"x" * 1000)
                    time.sleep(0.005)
            except OSError:
                pytest.fail("reset while sending")
            return tls.recv(4096)

    async with serving() as end:
        assert (
            (await asyncio.to_thread(client, end)).partition(b" ")[2].startswith(b"400 Bad Request")
        )


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("how", ["close_notify", "fin"])
async def test_who_has_finished_sending_still_gets_the_answer(version: str, how: str) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.2)
        return web.Response(text="after all")

    def client(end: Endpoint) -> bytes:
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        only = SSL.TLS1_2_VERSION if version == "TLSv1.2" else SSL.TLS1_3_VERSION
        context.set_max_proto_version(only)
        with socket.create_connection(end.address) as plain:
            tls = SSL.Connection(context, plain)
            tls.set_connect_state()
            tls.do_handshake()
            tls.sendall(GET)
            if how == "close_notify":
                tls.shutdown()
            else:
                plain.shutdown(socket.SHUT_WR)
            pieces = []
            while True:
                try:
                    pieces.append(tls.recv(4096))
                except SSL.ZeroReturnError:
                    return b"".join(pieces)

    async with serving(handler) as end:
        answer = await asyncio.to_thread(client, end)
        assert answer.endswith(b"after all")
        assert b"Connection: close" in answer
        await end.empty()


async def test_s_client_may_ask_for_new_keys() -> None:
    async with serving() as end:
        output = await s_client(end, b"K\n", b"K\n", b"GET / HTTP/1.0\n\n")
        assert b"KEYUPDATE" in output
        assert b"hello over https" in output


# --- how handshakes end


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [("valid", "unknown_ca", 48), ("expired", "certificate_expired", 45)],
)
async def test_a_client_that_refuses_the_certificate_leaves_its_alert(
    version: str, kind: str, name: str, code: int
) -> None:
    trusted = authority("somebody else") if kind == "valid" else authority()

    def client(end: Endpoint) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            dial(end, trusting(trusted, version)).close()

    async with serving(context=build_context(plan(kind))) as end:
        await asyncio.to_thread(client, end)
        record = await end.only_record()
        assert record.outcome == "refused-by-client"
        assert record.as_json()["alert"] == {"name": name, "code": code, "from": "client"}
        assert record.shown is not None
        assert not record.spoke


async def test_openssl_and_curl_say_unknown_ca_too(tmp_path: Path) -> None:
    wrong = ca_file(tmp_path, authority("somebody else"))
    async with serving() as end:
        at = f"127.0.0.1:{end.port}"
        await run("openssl", "s_client", "-connect", at, "-CAfile", wrong, "-verify_return_error")
        await run("curl", "-sS", "--cacert", wrong, f"https://{at}/")
        await end.empty()
        records = end.log.since(0)
        assert [record.alert.name for record in records if record.alert] == ["unknown_ca"] * 2


async def test_a_tls_1_1_client_gets_alert_70() -> None:
    async with serving() as end:
        line = ("openssl", "s_client", "-connect", f"127.0.0.1:{end.port}", "-tls1_1")
        _, text = await run(*line, "-cipher", "DEFAULT@SECLEVEL=0")
        assert "SSL alert number 70" in text
        record = await end.only_record()
        seen = record.as_json()
        assert record.outcome == "refused-by-server"
        assert seen["alert"] == {"name": "protocol_version", "code": 70, "from": "server"}
        assert seen["offered"]["versions"] == ["TLSv1.1"]  # type: ignore[index]
        assert seen["shown"] is None
        assert seen["version"] is None


async def test_a_plan_may_allow_tls_1_1() -> None:
    old = build_context(plan(minimum_version="TLSv1.0", maximum_version="TLSv1.1"))
    async with serving(context=old) as end:
        line = ("openssl", "s_client", "-connect", f"127.0.0.1:{end.port}", "-tls1_1")
        await run(*line, "-cipher", "DEFAULT@SECLEVEL=0")
        assert (await end.only_record()).version == "TLSv1.1"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_completed_handshake_without_a_request_is_told_apart(version: str) -> None:
    async with serving() as end:
        await asyncio.to_thread(lambda: dial(end, trusting(version=version)).close())
        record = await end.only_record()
        assert record.outcome == "closed-without-request"
        assert record.version == version
        assert record.alert is None


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


@pytest.mark.parametrize(
    ("sends", "ends", "outcome"),
    [
        (b"", socket.socket.close, "closed-during-handshake"),
        (b"\x16\x03\x01\x02\x00\x01\x00", socket.socket.close, "closed-during-handshake"),
        (b"\x16\x03\x01\x02\x00\x01\x00", reset, "reset"),
        (GET, socket.socket.close, "not-tls"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", socket.socket.close, "not-tls"),
        (bytes(4096), socket.socket.close, "not-tls"),
        (b"\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03", socket.socket.close, "refused-by-server"),
    ],
)
async def test_broken_beginnings_are_told_apart(
    sends: bytes, ends: Callable[[socket.socket], None], outcome: str
) -> None:
    async with serving() as end:
        client = socket.create_connection(end.address)
        client.sendall(sends)
        await asyncio.sleep(0.1)
        ends(client)
        record = await end.only_record()
        assert record.outcome == outcome
        assert record.version is None
        await end.empty()


async def test_a_client_that_vanishes_after_our_flight() -> None:
    outgoing = ssl.MemoryBIO()
    hello = trusting().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    async with serving() as end:
        with socket.create_connection(end.address) as client:
            client.sendall(outgoing.read())
            await asyncio.sleep(0.2)
        record = await end.only_record()
        assert record.outcome in ("closed-during-handshake", "reset")
        assert record.shown is not None


async def test_plain_http_is_cut_at_once() -> None:
    def client(end: Endpoint) -> bytes:
        with socket.create_connection(end.address, timeout=5) as plain:
            plain.sendall(GET)
            return plain.recv(99)

    async with serving() as end:
        assert await asyncio.to_thread(client, end) == b""
        assert (await end.only_record()).offered is None


async def test_damage_after_the_handshake_is_answered_with_an_alert() -> None:
    def client(end: Endpoint) -> str:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = trusting().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        with socket.create_connection(end.address, timeout=5) as plain:
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    plain.sendall(outgoing.read())
                    incoming.write(plain.recv(1 << 16))
            tls.write(GET)
            plain.sendall(outgoing.read()[:-1] + b"?")
            while data := plain.recv(1 << 16):
                incoming.write(data)
            with pytest.raises(ssl.SSLError) as failure:
                tls.read()
            return str(failure.value)

    async with serving() as end:
        assert "bad record mac" in await asyncio.to_thread(client, end)
        record = await end.only_record()
        assert record.outcome == "refused-by-server"
        assert record.alert is not None
        assert (record.alert.code, record.alert.sender) == (20, "server")


async def test_a_handshake_that_does_not_move_is_ended() -> None:
    async with serving(limits=Limits(handshake=0.2)) as end:
        with socket.create_connection(end.address, timeout=5) as client:
            client.sendall(b"\x16\x03\x01")
            assert await asyncio.to_thread(client.recv, 1) == b""
        record = await end.only_record()
        assert record.outcome == "timed-out"
        assert record.version is None


async def test_a_client_that_never_asks_is_ended_with_a_goodbye() -> None:
    async with serving(limits=Limits(first_request=0.2)) as end:
        tls = await asyncio.to_thread(dial, end)
        with tls:
            assert await asyncio.to_thread(tls.recv, 1) == b""
        record = await end.only_record()
        assert record.outcome == "timed-out"
        assert record.version == "TLSv1.3"


# --- asyncio's contract


class Recorder(asyncio.Protocol):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.transport: asyncio.Transport | None = None
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.calls.append("made")
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data

    def eof_received(self) -> bool | None:
        self.calls.append("eof")
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self.calls.append("lost")

    def pause_writing(self) -> None:
        self.calls.append("pause")

    def resume_writing(self) -> None:
        self.calls.append("resume")


@pytest.mark.parametrize("ending", ["close", "abort", "both", "peer"])
async def test_the_end_is_told_exactly_once(ending: str) -> None:
    protocols: list[Recorder] = []

    def factory() -> Recorder:
        protocols.append(Recorder())
        return protocols[-1]

    async with serving() as end:
        end.listener.factory = factory
        tls = await asyncio.to_thread(dial, end)
        await asyncio.to_thread(tls.sendall, b"x")
        await asyncio.sleep(0.1)
        transport = protocols[0].transport
        assert transport is not None
        if ending in ("close", "both"):
            transport.close()
            transport.close()
        if ending in ("abort", "both"):
            transport.abort()
            transport.abort()
        assert ending == "peer" or transport.is_closing()
        assert "lost" not in protocols[0].calls
        tls.close()
        await end.empty()
        await asyncio.sleep(0.05)
        assert protocols[0].calls.count("lost") == 1
        assert protocols[0].received == b"x"
        transport.write(b"too late")
        assert transport.get_write_buffer_size() == 0


async def test_backpressure_both_ways() -> None:
    protocols: list[Recorder] = []

    def factory() -> Recorder:
        protocols.append(Recorder())
        return protocols[-1]

    async with serving() as end:
        end.listener.factory = factory
        tls = await asyncio.to_thread(dial, end)
        await asyncio.to_thread(tls.sendall, b"first")
        await asyncio.sleep(0.1)
        recorder = protocols[0]
        transport = recorder.transport
        assert transport is not None
        transport.pause_reading()
        assert not transport.is_reading()
        await asyncio.to_thread(tls.sendall, b"second")
        await asyncio.sleep(0.1)
        assert recorder.received == b"first"
        transport.resume_reading()
        await asyncio.sleep(0.1)
        assert recorder.received == b"firstsecond"

        transport.set_write_buffer_limits(high=1000, low=10)
        transport.writelines([b"a" * 10_000_000, bytearray(b"b" * 10), memoryview(b"c" * 10)])
        assert recorder.calls[-1] == "pause"
        transport.close()
        answer = await asyncio.to_thread(read_all, tls)
        assert len(answer) == 10_000_020
        assert recorder.calls.count("resume") == 1
        tls.close()
        assert not transport.can_write_eof()
        with pytest.raises(NotImplementedError):
            transport.write_eof()
        with pytest.raises(TypeError):
            transport.write("text")  # type: ignore[arg-type]


async def test_a_protocol_that_fails_loses_its_connection_and_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing(Recorder):
        def data_received(self, data: bytes) -> None:
            raise RuntimeError("on purpose")

    async with serving() as end:
        server = end.listener.factory
        end.listener.factory = Failing
        tls = await asyncio.to_thread(dial, end)
        with tls:
            await asyncio.to_thread(tls.sendall, GET)
            await end.empty()
        assert "on purpose" in caplog.text
        end.listener.factory = server
        tls = await asyncio.to_thread(dial, end)
        with tls:
            await asyncio.to_thread(tls.sendall, GET)
            assert (await asyncio.to_thread(tls.recv, 9999)).startswith(b"HTTP/1.1 200")


# --- contexts and alerts


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Certificate(certificate().leaf), "no private key"),
        (
            lambda: Certificate(certificate().leaf, (), certificate("expired").key),
            "belongs to another certificate",
        ),
        (lambda: weak(), "too short"),
    ],
    ids=["no key", "wrong key", "weak key"],
)
def test_what_tls_cannot_use_is_refused(make: Callable[[], Certificate], says: str) -> None:
    with pytest.raises(Refused) as refused:
        build_context(ServingPlan(make(), "id"))
    assert refused.value.code == "tls-refused"
    assert refused.value.refusals[0].field == "certificate"
    assert says in str(refused.value)


def weak() -> Certificate:
    key = rsa.generate_private_key(65537, 1024)
    name = x509.Name([])
    leaf = certificate().leaf
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7)
    builder = builder.not_valid_before(leaf.not_valid_before_utc)
    builder = builder.not_valid_after(leaf.not_valid_after_utc)
    return Certificate(builder.sign(key, hashes.SHA256()), (), key)


def halfway() -> SSL.Connection:
    """A server that has sent its first flight to a TLS 1.2 client."""
    outgoing = ssl.MemoryBIO()
    client = trusting(version="TLSv1.2").wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="x")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    server = SSL.Connection(build_context(plan()), None)
    server.set_accept_state()
    server.bio_write(outgoing.read())
    with pytest.raises(SSL.WantReadError):
        server.do_handshake()
    server.bio_read(1 << 16)
    return server


@pytest.mark.parametrize("code", [*sorted(ALERT_NAMES.keys() - {0}), 13, 200])
def test_every_alert_is_read_from_openssl_by_its_number(code: int) -> None:
    server = halfway()
    record = bytes([21, 3, 3, 0, 2, 2, code])
    server.bio_write(record)
    with pytest.raises(SSL.Error) as failure:
        server.do_handshake()
    alert = received_alert(reasons_of(failure.value), record)
    assert alert is not None
    assert alert.code == code
    assert alert.name == ALERT_NAMES.get(code, "unassigned")


def test_our_alerts_are_read_from_the_wire() -> None:
    server = halfway()
    server.bio_write(b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00")
    with pytest.raises(SSL.Error) as failure:
        server.do_handshake()
    alert = sent_alert(reasons_of(failure.value), server.bio_read(99))
    assert alert is not None
    assert (alert.name, alert.sender) == ("unexpected_message", "server")
    assert sent_alert(reasons_of(failure.value), b"") is None
