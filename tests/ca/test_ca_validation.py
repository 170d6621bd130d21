"""http-01 against web servers that do what they should not, with the real requests of a CA."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from appliance.acme.wire import Challenge, Identifier, Problem
from appliance.ca.zones import Zones
from webserver.ca.name_server import NameServer, Resolver
from webserver.ca.validating import Validator

HOST = "127.0.0.1"
NAME = "phone.example.test"
ACCOUNT = "https://127.0.0.1/account/anna"
TOKEN, ANSWER = "a-token", "a-token.and-the-thumbprint"


def said(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def to(where: str) -> bytes:
    """A redirect."""
    return said(b"", "302 Found", f"Location: {where}")


class Bench:
    """A CA's validator, its name server, and a web server that says `answers` by path."""

    def __init__(self) -> None:
        self.zones = Zones(address=HOST)
        self.serving: list[asyncio.Task[None] | None] = []
        self.answers: dict[str, list[bytes]] = {}
        self.port: int
        self.validator: Validator

    async def prove(self, *pieces: bytes, **more: list[bytes]) -> Problem | None:
        """What the CA says when the server answers with `pieces`, 50 ms apart."""
        self.answers = {f"/.well-known/acme-challenge/{TOKEN}": list(pieces)}
        self.answers |= {f"/{path}": parts for path, parts in more.items()}
        name = Identifier("dns", NAME)
        return await self.validator.validate(Challenge.HTTP, name, TOKEN, ANSWER, account=ACCOUNT)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.append(asyncio.current_task())
        with suppress(OSError):  # the CA may have seen enough
            head = await reader.readuntil(b"\r\n\r\n")
            for number, piece in enumerate(self.answers[head.split()[1].decode()]):
                await asyncio.sleep(0.05 if number else 0)
                writer.write(piece)
                await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """All of it, running."""
    made = Bench()
    names = NameServer(made.zones, HOST, 0)
    await names.start()
    server = await asyncio.start_server(made.serve, HOST, 0)
    made.port = server.sockets[0].getsockname()[1]
    made.validator = Validator(Resolver(names), http_port=made.port, tls_port=1)
    yield made
    server.close()
    await asyncio.gather(*filter(None, made.serving))
    await names.stop()


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end(bench: Bench) -> None:
    whole = said(ANSWER.encode() + b"\n")
    assert await bench.prove(whole[:70], whole[70:75], whole[75:]) is None
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    parts = [b"%x\r\n%b\r\n" % (len(part), part) for part in (b"a-token.", b"and-the-thumbprint")]
    assert await bench.prove(chunked, *parts, b"0\r\n\r\n") is None


async def test_redirects_are_followed_to_the_ports_of_a_ca(bench: Bench) -> None:
    there = f"http://{NAME}:{bench.port}/there"
    assert await bench.prove(to(there), there=[said(ANSWER.encode())]) is None
    assert await bench.prove(to("/there"), there=[said(ANSWER.encode())]) is None


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (said(b"<html>hello</html>"), "incorrectResponse", "'<html>hello</html>'"),
        (said(ANSWER.encode() + b" " * 5000), "incorrectResponse", "more than 1024 bytes"),
        (said(b"", "404 Not Found"), "unauthorized", "HTTP status 404"),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "connection", "is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 9000 + b"\r\n\r\n", "connection", "too long a header"),
        (b"", "connection", "closed before the answer was whole"),
        (said(ANSWER.encode())[:-3], "connection", "closed before the answer was whole"),
        (to("http://127.0.0.1:22/"), "connection", "It leads to port 22"),
        (to("http://8.8.8.8/"), "connection", "neither loopback nor private"),
        (to("http://www.example.com/"), "dns", "REFUSED for www.example.com"),
        (to("http://" + "a" * 70 + ".test/"), "dns", "is no name in the DNS"),
        (to("file:///etc/passwd"), "connection", "is no web page"),
        (to("http://anna:secret@phone.example.test/"), "connection", "is no web page"),
        (to("http://phone.example.test:99999/"), "connection", "is no web page"),
        (to("http://[::1"), "connection", "is no web page"),
        (to("."), "connection", "More than 5 redirects"),
    ],
)
async def test_every_other_answer_is_told_apart(
    bench: Bench, answer: bytes, kind: str, words: str
) -> None:
    here = "/.well-known/acme-challenge/"
    problem = await bench.prove(answer, **{here.removeprefix("/"): [to(TOKEN)]})
    assert problem is not None
    assert (problem.kind, words in problem.detail) == (kind, True), problem.detail


async def test_a_small_answer_may_not_become_a_large_one(bench: Bench) -> None:
    import gzip

    packed = gzip.compress(ANSWER.encode())
    problem = await bench.prove(said(packed, "200 OK", "Content-Encoding: gzip"))
    assert problem is not None  # it was not asked for, and is not unpacked
    assert problem.kind == "incorrectResponse"


async def test_an_address_that_nobody_answers_at_is_passed_over_for_the_next(bench: Bench) -> None:
    bench.zones.set(NAME, "A", ["127.0.0.98", HOST])
    assert await bench.prove(said(ANSWER.encode())) is None


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        ("validationmethods=dns-01,http-01", True),
        ("validationmethods=dns-01", False),
        (f"accounturi={ACCOUNT}", True),
        ("accounturi=https://127.0.0.1/account/bert", False),
        (f"validationmethods=http-01; accounturi={ACCOUNT}", True),
        ("unheard=of", True),
    ],
)
async def test_caa_records_may_name_the_account_and_the_challenge(
    bench: Bench, conditions: str, met: bool
) -> None:
    bench.zones.set(NAME, "CAA", [f'0 issue "osbiz-practice.example; {conditions}"'])
    problem = await bench.prove(said(ANSWER.encode()))
    assert (problem is None) == met
    if problem is not None:
        assert (problem.kind, "not met" in problem.detail) == ("caa", True)


async def test_caa_records_of_a_whole_zone_are_heeded(bench: Bench) -> None:
    bench.zones.set("test", "CAA", ['0 issue ";"'])
    problem = await bench.prove(said(ANSWER.encode()))
    assert problem is not None
    assert problem.kind == "caa"
