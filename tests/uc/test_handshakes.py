"""What a client thinks of a certificate reaches the box as a real client's opinion does."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence

import pytest
import trustme
from cryptography import x509

from appliance.uc_words import Trouble
from tests.clients import address_of
from webserver.alerts import ALERT_NAMES
from webserver.clients.line import Line, Lost
from webserver.clients.verifying import make_context
from webserver.handshakes import Handshake
from webserver.simulator import Simulator


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(booster=False) as running:
        yield running


async def last_handshake(simulator: Simulator) -> Handshake:
    """The record of the latest connection, once it is settled."""
    record = simulator.box.station.handshakes.since()[-1]
    async with asyncio.timeout(5):
        while record.outcome == "open":
            await asyncio.sleep(0.005)
    return record


async def connect(simulator: Simulator, alert: int | None, name: str | None = None) -> Line:
    address, port = address_of(simulator.box.wsi_url)
    return await Line.open(
        make_context(), lambda _presented: alert, address=address, port=port, name=name
    )


@pytest.mark.parametrize("alert", [42, 43, 44, 45, 46, 48])
async def test_the_box_sees_the_alert_with_which_a_client_refuses(
    simulator: Simulator, alert: int
) -> None:
    with pytest.raises(Lost) as lost:
        await connect(simulator, alert)
    assert lost.value.trouble is Trouble.TLS
    record = await last_handshake(simulator)
    assert record.outcome == "refused-by-client"
    assert record.alert is not None
    assert (record.alert.code, record.alert.name) == (alert, ALERT_NAMES[alert])


async def test_the_whole_chain_is_judged_before_the_handshake_is_over(
    simulator: Simulator,
) -> None:
    seen: list[Sequence[x509.Certificate]] = []

    def judge(presented: Sequence[x509.Certificate]) -> int | None:
        seen.append(presented)
        return None

    address, port = address_of(simulator.box.wsi_url)
    line = await Line.open(make_context(), judge, address=address, port=port)
    await line.close()
    assert seen == [[simulator.box.active.leaf]]  # asked once, however often OpenSSL asks
    assert (await last_handshake(simulator)).outcome == "closed-without-request"


async def test_a_judge_that_fails_is_heard(simulator: Simulator) -> None:
    def judge(_presented: Sequence[x509.Certificate]) -> int | None:
        raise ZeroDivisionError

    address, port = address_of(simulator.box.wsi_url)
    with pytest.raises(ZeroDivisionError):
        await Line.open(make_context(), judge, address=address, port=port)


async def test_a_name_is_sent_with_the_hello_and_an_address_is_not(simulator: Simulator) -> None:
    for name, sent in (("box.example", "box.example"), (None, None)):
        line = await connect(simulator, None, name)
        await line.close()
        offered = (await last_handshake(simulator)).offered
        assert offered is not None
        assert offered.as_json()["server_name"] == sent


async def test_a_line_is_asked_over_and_over(simulator: Simulator) -> None:
    line = await connect(simulator, None)
    for _ in range(3):
        answer = await line.get("/cgi-bin/gadgetapi?cmd=X", agent="test", seconds=5)
        assert (answer.status, answer.keep) == (200, True)
        assert "UNKNOWN_COMMAND" in answer.text
    await line.close()
    assert len(simulator.box.station.handshakes.since()) == 1


async def test_nobody_there_and_no_answer_are_told_apart(simulator: Simulator) -> None:
    address, port = address_of(simulator.box.wsi_url)
    await simulator.box.station.stop()
    with pytest.raises(Lost) as lost:
        await Line.open(make_context(), lambda _: None, address=address, port=port)
    assert lost.value.trouble is Trouble.REFUSED


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (b"220 mail.example ESMTP\r\n", Trouble.NOT_HTTP),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n", Trouble.NOT_HTTP),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", Trouble.CUT),
        (b"", Trouble.CUT),
    ],
)
async def test_what_is_no_answer_is_told_as_what_it_is(
    simulator: Simulator, answer: bytes, trouble: Trouble
) -> None:
    """A real TLS server, of Python's, that answers anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL")

    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        line = await Line.open(make_context(), lambda _: None, address="127.0.0.1", port=port)
        with pytest.raises(Lost) as lost:
            await line.get("/", agent="test", seconds=5)
        assert lost.value.trouble is trouble
        assert line.closed
