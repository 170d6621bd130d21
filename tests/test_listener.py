"""A listener's life: bound, open, draining, given another certificate, gone."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import socket
import ssl
import time
from contextlib import ExitStack, suppress

import pytest
from aiohttp import web

from store.refusals import Refused
from webserver.contexts import build_context
from webserver.listener import Listener
from webserver.transport import Limits

from .listening import Endpoint, authority, certificate, hello, plan, serving, trusting

GET = b"GET / HTTP/1.1\r\nHost: box\r\n\r\n"
SECURE = pytest.mark.parametrize("secure", [True, False], ids=["tls", "plain"])


class Client:
    """A client on asyncio's own streams, so that many fit into one test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def dial(cls, end: Endpoint, context: ssl.SSLContext | None = None) -> Client:
        secure = end.listener.secure
        tls = (context or trusting()) if secure else None
        reader, writer = await asyncio.open_connection(
            *end.address, ssl=tls, server_hostname="127.0.0.1" if secure else None
        )
        return cls(reader, writer)

    async def ask(self) -> bytes:
        """One request on the open connection: head and body of the answer."""
        self.writer.write(GET)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return head + await self.reader.readexactly(length)

    async def ended(self) -> bool:
        """Whether the server ends the connection, politely, within two seconds."""
        async with asyncio.timeout(2):
            return await self.reader.read(1) == b""

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError, ssl.SSLError):
            await self.writer.wait_closed()


def subject(client: Client) -> str:
    peer = client.writer.get_extra_info("ssl_object").getpeercert()
    return str(dict(part[0] for part in peer["subject"])["commonName"])


# --- binding


async def test_a_taken_port_is_refused_in_one_line() -> None:
    async with serving() as end:
        other = Listener("127.0.0.1", end.port, end.server)
        with pytest.raises(Refused) as refused:
            other.bind()
        assert refused.value.code == "port-taken"
        assert f"127.0.0.1:{end.port}" in str(refused.value)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
async def test_an_address_that_is_not_here_is_refused(address: str) -> None:
    async with serving(opened=False) as end:
        other = Listener(address, 0, end.server)
        with pytest.raises(Refused) as refused:
            other.open()
        assert refused.value.code == "address-not-available"
        assert address in str(refused.value)
        assert not other.listening


async def test_two_that_hold_a_port_can_not_both_open() -> None:
    async with serving() as end:
        first = Listener("127.0.0.1", 0, end.server)
        first.bind()
        second = Listener("127.0.0.1", first.port, end.server)
        try:
            second.bind()
            first.open()
            with pytest.raises(Refused) as refused:
                second.open()
            assert refused.value.code == "port-taken"
        finally:
            await first.close()
            await second.close()


async def test_a_bound_port_refuses_until_it_is_opened_and_again_once_closed() -> None:
    async with serving(opened=False) as end:
        end.listener.bind()
        port = end.port
        assert port > 0
        with pytest.raises(ConnectionRefusedError):
            await Client.dial(end)
        end.listener.open()
        client = await Client.dial(end)
        end.listener.close_listening()
        with pytest.raises(ConnectionRefusedError):
            await Client.dial(end)
        assert b"hello" in await client.ask()
        await client.close()
        end.listener.open()
        assert end.port == port
        again = await Client.dial(end)
        assert b"hello" in await again.ask()
        await again.close()


async def test_a_tls_listener_without_a_context_does_not_open() -> None:
    async with serving(opened=False, context=None) as end:
        with pytest.raises(RuntimeError):
            end.listener.open()


# --- bounds


async def test_connections_above_the_bound_wait_their_turn() -> None:
    async with serving(secure=False, max_connections=2) as end:
        clients = [await Client.dial(end) for _ in range(3)]
        for client in clients[:2]:
            assert b"hello" in await client.ask()
        waiting = asyncio.create_task(clients[2].ask())
        await asyncio.sleep(0.2)
        assert not waiting.done()
        assert end.listener.connections == 2
        await clients[0].close()
        assert b"hello" in await asyncio.wait_for(waiting, 5)
        for client in clients[1:]:
            await client.close()


async def test_running_out_of_files_neither_spins_nor_loses_a_client() -> None:
    async with serving(secure=False) as end:
        with ExitStack() as stack:
            plain = stack.enter_context(socket.socket())
            plain.setblocking(False)
            highest = max(int(name) for name in os.listdir("/proc/self/fd"))
            spare = [stack.enter_context(socket.socket()) for _ in range(highest)]
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            used = {int(name) for name in os.listdir("/proc/self/fd")}
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(used) - 1, hard))
            try:
                loop = asyncio.get_running_loop()
                await loop.sock_connect(plain, end.address)
                before = time.process_time()
                await asyncio.sleep(0.4)
                assert time.process_time() - before < 0.2
                assert end.listener.connections == 0
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                for sock in spare:
                    sock.close()
            await loop.sock_sendall(plain, GET)
            answer = await asyncio.wait_for(loop.sock_recv(plain, 4096), 5)
            assert answer.startswith(b"HTTP/1.1 200")


# --- draining


@SECURE
async def test_draining_lets_the_request_under_way_finish(secure: bool) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        asked.set()
        await go.wait()
        return web.Response(text="hello at last")

    async with serving(handler, secure=secure) as end:
        busy, idle = await Client.dial(end), await Client.dial(end)
        answer = asyncio.create_task(busy.ask())
        await asked.wait()
        end.listener.close_listening()
        drain = asyncio.create_task(end.listener.drain(5))
        assert await idle.ended()
        await idle.close()
        assert not drain.done()
        go.set()
        assert b"Connection: close" in await answer
        assert (await answer).endswith(b"hello at last")
        assert await busy.ended()
        await busy.close()
        await asyncio.wait_for(drain, 5)
        assert end.listener.connections == 0


@SECURE
async def test_draining_answers_a_request_that_has_only_just_come(secure: bool) -> None:
    async with serving(secure=secure) as end:
        client = await Client.dial(end)
        assert b"hello" in await client.ask()
        transport = next(iter(end.listener._connections))
        transport._protocol.data_received(GET)  # type: ignore[union-attr]
        drain = asyncio.create_task(end.listener.drain(5))
        answer = await client.reader.read()
        await client.close()
        await drain
        assert b"Connection: close" in answer
        assert b"hello" in answer


async def test_draining_cuts_what_takes_longer_than_the_grace() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(3)
        return web.Response()

    async with serving(handler) as end:
        client = await Client.dial(end)
        client.writer.write(GET)
        await asyncio.sleep(0.1)
        begin = time.monotonic()
        await end.listener.drain(0.2)
        assert time.monotonic() - begin < 2
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await client.reader.readuntil(b"\r\n\r\n")
        await client.close()


async def test_draining_cuts_a_handshake() -> None:
    async with serving() as end:
        plain = await asyncio.open_connection(*end.address)
        plain[1].write(b"\x16\x03\x01")
        await asyncio.sleep(0.1)
        await end.listener.drain(5)
        assert (await end.only_record()).outcome == "closed-by-server"
        plain[1].close()


# --- another certificate on the same socket


async def test_after_a_swap_the_new_certificate_is_shown_and_the_old_connections_end() -> None:
    async with serving() as end:
        idle, unasked = await Client.dial(end), await Client.dial(end)
        assert b"hello" in await idle.ask()
        assert subject(idle) == "valid"
        end.listener.swap(build_context(plan("expired")))
        lenient = trusting()
        lenient.check_hostname = False
        lenient.verify_mode = ssl.CERT_NONE
        new = await Client.dial(end, lenient)
        shown = new.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        assert b"expired" in shown
        assert b"hello" in await new.ask()
        answer = await unasked.ask()
        assert b"Connection: close" in answer
        assert b"hello" in answer
        assert await unasked.ended()
        assert await idle.ended()
        assert b"hello" in await new.ask()
        for client in (idle, unasked, new):
            await client.close()


@SECURE
async def test_a_kept_connection_that_asks_again_is_told_to_close(secure: bool) -> None:
    async with serving(secure=secure, limits=Limits(retire_idle=1.0)) as end:
        client = await Client.dial(end)
        assert b"Connection: close" not in await client.ask()
        end.listener.swap(end.listener.context)
        assert b"Connection: close" in await client.ask()
        assert await client.ended()
        await client.close()


async def test_under_load_no_client_is_refused_by_a_swap() -> None:
    contexts = [build_context(plan("valid")), build_context(plan("valid"))]
    failures: list[BaseException] = []
    answered = 0
    running = True

    async def client(end: Endpoint, kept: bool) -> None:
        nonlocal answered
        context = trusting()
        while running:
            try:
                one = await Client.dial(end, context)
                for _ in range(3 if kept else 1):
                    answer = await one.ask()
                    assert b"hello" in answer
                    answered += 1
                    if b"Connection: close" in answer:
                        break
                await one.close()
            except (OSError, asyncio.IncompleteReadError, AssertionError) as failure:
                failures.append(failure)

    async with serving() as end:
        clients = [asyncio.create_task(client(end, number % 2 == 0)) for number in range(16)]
        for turn in range(20):
            await asyncio.sleep(0.05)
            end.listener.swap(contexts[turn % 2])
        running = False
        await asyncio.gather(*clients)
    assert failures == []
    assert answered > 50


# --- nothing is left


@SECURE
async def test_nothing_is_left_after_closing(secure: bool) -> None:
    loop = asyncio.get_running_loop()
    authority()
    certificate()
    files = len(os.listdir("/proc/self/fd"))
    async with serving(hello, secure=secure) as end:
        clients = [await Client.dial(end) for _ in range(5)]
        for client in clients[:3]:
            await client.ask()
        half = socket.create_connection(end.address)
        await asyncio.sleep(0.05)
        assert end.listener.connections == 6
        await end.listener.close()
        assert end.listener.connections == 0
        for client in clients:
            await client.close()
        half.close()
        listener = end.listener
    await asyncio.sleep(0.05)
    del client, clients
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == files
    assert asyncio.all_tasks() == {asyncio.current_task()}
    waiting = [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
    assert not [timer for timer in waiting if "webserver" in repr(timer)]
    assert not listener.listening
