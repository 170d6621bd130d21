"""Activation under load, as the clients feel it."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path

import aiohttp

from tests.clients import address_of
from tests.system.conftest import Issued
from tests.system.program import Program, program

CLIENTS = 8
ACTIVATIONS = 10


async def keep_asking(url: str, until: asyncio.Event, answered: list[int]) -> None:
    """A new connection and one request, over and over; anything but an answer is raised."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = address_of(url)
    while not until.is_set():
        reader, writer = await asyncio.open_connection(host, port, ssl=context)
        writer.write(b"GET /robots.txt HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n")
        status = await reader.readline()
        assert b" 200 " in status, status
        await reader.read()
        writer.close()
        await writer.wait_closed()
        answered.append(1)


async def test_with_restart_time_0_activation_under_load_refuses_nobody(
    box: Program, issued: Issued
) -> None:
    made = await asyncio.to_thread(
        box.upload, name="x", passphrase="seven77", certificate=issued.certificate, key=issued.key
    )
    first = (await asyncio.to_thread(box.box))["nodes"]["system"]["active"]["id"]
    until, answered = asyncio.Event(), list[int]()
    clients = [
        asyncio.create_task(keep_asking(box.ready["portal"], until, answered))
        for _ in range(CLIENTS)
    ]
    for number in range(ACTIVATIONS):
        identity = first if number % 2 else made.body["id"]
        answer = await asyncio.to_thread(
            box.call, "POST", "/v1/nodes/system/activate", {"certificate": identity}
        )
        assert answer.status == 202
        before = len(answered)
        while len(answered) < before + CLIENTS:  # some of them after each activation
            assert not any(client.done() for client in clients), clients
            await asyncio.sleep(0.01)
    until.set()
    await asyncio.gather(*clients)


async def test_a_request_under_way_is_answered_although_the_box_goes_away(
    tmp_path: Path, issued: Issued
) -> None:
    """The administrator's own request comes over the listener that is about to close."""
    with program(tmp_path, "--ephemeral", "--restart-time", "400ms") as box:
        url = box.ready["portal"] + "/management/admin/"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as idle:
            async with idle.get(url) as response:  # its connection is kept alive
                assert response.status == 200
                await response.read()
            await asyncio.to_thread(box.call, "PATCH", "/v1/box", {"lan_ip": "127.0.0.12"})
            begun = time.monotonic()
            try:
                async with idle.get(url) as response:
                    raise AssertionError("the old connection still answers")
            except aiohttp.ClientConnectorError:
                assert time.monotonic() - begun < 0.3  # refused at once, not held
