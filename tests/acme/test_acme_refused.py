"""Whatever goes wrong has its own words: bad input at once, the CA's noes when they come."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import osbiz
from appliance.acme.setup_form import FIELDS
from store.refusals import Refused
from tests.acme.authorities import HOST, free_port, pebble
from tests.acme.conftest import LAN_IP, NAME, Start, setup
from tests.acme.watching import status_when
from tests.system.program import Program, program

GOOD = {"directory": "https://ca.example/dir", "names": [NAME], "accept_terms": True}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    directory = tmp_path_factory.mktemp("box")
    with program(directory, "--ephemeral", "--http-port", "0", "--no-booster") as running:
        yield running


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"directory": None}, "acme-directory", "directory"),
        ({"directory": "http://ca.example/dir"}, "acme-directory", "directory"),
        ({"directory": "https://anna:secret@ca.example/"}, "acme-directory", "directory"),
        ({"directory": 7}, "acme-directory", "directory"),
        ({"directory": "practice"}, "acme-no-practice", "directory"),
        ({"directory": "https://[::1/dir"}, "acme-directory", "directory"),
        ({"names": None}, "acme-names", "names"),
        ({"names": []}, "acme-names", "names"),
        ({"names": ["a b"]}, "acme-name", "names"),
        ({"names": ["-x.example"]}, "acme-name", "names"),
        ({"names": ["127.0.0.300"]}, "acme-name", "names"),
        ({"names": [{}]}, "acme-name", "names"),
        ({"names": [f"{n}.example" for n in range(101)]}, "acme-names", "names"),
        ({"names": ["*.example.com"]}, "acme-wildcard", "names"),
        ({"names": ["127.0.0.2"], "challenge": "dns-01", "dns": "http://127.0.0.1"},
         "acme-address", "names"),
        ({"challenge": "telepathy-01"}, "acme-challenge", "challenge"),
        ({"challenge": "dns-01"}, "acme-dns-missing", "dns"),
        ({"dns": "ftp://x"}, "acme-dns", "dns"),
        ({"contact": "nobody"}, "acme-contact", "contact"),
        ({"contact": ["a@b.example", "c,d@e.example"]}, "acme-contact", "contact"),
        ({"trust": "no PEM"}, "acme-trust", "trust"),
        ({"trust": 1}, "acme-trust", "trust"),
        ({"accept_terms": False}, "acme-terms-not-accepted", "accept_terms"),
        ({"accept_terms": "yes"}, "acme-terms-not-accepted", "accept_terms"),
        ({"activate_at": "25:00"}, "acme-hour", "activate_at"),
        ({"activate_at": "3"}, "acme-hour", "activate_at"),
        ({"eab": {"kid": "x"}}, "acme-eab", "eab"),
        ({"eab": {"kid": "x", "hmac_key": "!"}}, "acme-eab", "eab"),
        ({"profile": 5}, "acme-text", "profile"),
        ({"naems": ["x"]}, "unknown-field", "naems"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_at_its_field(
    box: Program, change: dict[str, Any], code: str, field: str
) -> None:
    answer = box.call("PUT", "/v1/acme", {**GOOD, **change})
    assert answer.status == 422, answer.body
    assert (answer.body["code"], answer.body["field"]) == (code, field)
    status = box.call("GET", "/v1/acme").body
    assert (status["state"], status["history"]) == ("idle", [])


def test_all_that_is_wrong_is_told_at_once(box: Program) -> None:
    answer = box.call("PUT", "/v1/acme", {"challenge": "x", "activate_at": "x"})
    fields = [error["field"] for error in answer.body["errors"]]
    assert fields == ["challenge", "directory", "names", "activate_at", "accept_terms"]


@pytest.mark.parametrize(("method", "path"), [("POST", "renew"), ("POST", "key-change")])
def test_there_is_nothing_to_renew_before_it_is_set_up(
    box: Program, method: str, path: str
) -> None:
    answer = box.call(method, f"/v1/acme/{path}")
    assert (answer.status, answer.body["code"]) == (409, "acme-not-set-up")


def test_bodies_that_are_none_are_refused(box: Program) -> None:
    for raw in (b"[]", b"{", b'"x"', b"\xff"):
        answer = box.call("PUT", "/v1/acme", raw=raw)
        assert (answer.status, answer.body["code"]) == (400, "body")
    answer = box.call("POST", "/v1/acme/revoke", {"certificate": "x", "reason": True})
    assert (answer.status, answer.body["code"]) == (422, "acme-reason")
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = box.call("PUT", "/v1/acme", raw=b"not packed", headers=packed)
    assert (answer.status, answer.body["code"]) == (400, "body")


def test_the_api_describes_what_it_answers_and_takes(box: Program) -> None:
    paths = box.call("GET", "/v1/openapi.json").body["paths"]["/v1/acme"]
    said = paths["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert said["properties"].keys() == box.call("GET", "/v1/acme").body.keys()
    taken = paths["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(taken["properties"]) == set(FIELDS)


async def test_a_box_without_an_http_port_says_so_before_it_begins() -> None:
    async with osbiz.Simulator(booster=False) as sim:
        with pytest.raises(Refused) as refused:
            await sim.box.acme(**GOOD)
        assert refused.value.code == "acme-no-http-port"
        assert "--http-port" in str(refused.value)
        assert (await sim.box.acme_status())["state"] == "idle"


# What goes wrong on the way


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"trust": None}, "acme-directory-untrusted"),
        ({"directory": "https://no-such-host.invalid/dir"}, "acme-directory-name"),
        ({"directory": "https://{host}:{free}/dir"}, "acme-directory-refused"),
        ({"directory": "https://{host}:{port}/nonce-plz"}, "acme-directory-invalid"),
        ({"names": ["blocked-domain.example"]}, "acme-name-refused"),
        ({"challenge": "tls-alpn-01"}, "acme-validation-answer"),
        ({"challenge": "dns-01", "dns": "http://{host}:{free}"}, "acme-dns-hook"),
    ],
)
async def test_every_no_on_the_way_has_its_own_words(
    sim: osbiz.Simulator, start: Start, tmp_path: Path, change: dict[str, Any], code: str
) -> None:
    authority = start(blocked=["blocked-domain.example"], tls_port=free_port())
    values = {"host": HOST, "port": authority.port, "free": free_port()}
    change = {
        name: value.format(**values) if isinstance(value, str) else value
        for name, value in change.items()
    }
    before = sim.box.model.active.id
    with pytest.raises(Refused) as refused:
        await sim.box.acme(**{**setup(authority), **change})
    assert refused.value.code == code
    status = await sim.box.acme_status()
    assert status["state"] == "failed"
    assert status["failure"]["call"] in status["error"]
    assert sim.box.model.active.id == before


async def test_an_answer_of_somebody_else_is_told_from_no_answer(
    sim: osbiz.Simulator, tmp_path: Path
) -> None:
    """Another web server answers where the name leads: a forgotten port forwarding."""
    async with osbiz.Simulator(http_port=0, lan_ip="127.0.0.42", booster=False) as other:
        port = int(str(other.box.http_url).rpartition(":")[2])
        with pebble(tmp_path, http_port=port) as authority, pytest.raises(Refused) as refused:
            await sim.box.acme(**setup(authority, names=["127.0.0.42"]))
    assert refused.value.code == "acme-validation-answer"
    assert "nobody came to this box" in str(refused.value)


async def test_an_order_under_way_is_left_for_another_without_a_trace(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start(PEBBLE_VA_SLEEPTIME="3600")
    await sim.box.acme(wait=False, **setup(authority))
    await status_when(sim, lambda status: status["step"] == "validate")
    await sim.box.acme_forget()
    assert (await sim.box.acme_status())["state"] == "idle"
    assert not sim.box.challenges.http
    assert len(sim.box.holdings()) == 1


@asynccontextmanager
async def dns_interface(*, clear: int | None) -> AsyncIterator[tuple[str, list[str]]]:
    """What sets DNS records, badly: its URL, and what it was asked.

    clear: the status with which it answers `clear-txt`; None for never.
    """
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(request.path)
        if clear is None:
            await asyncio.sleep(3600)
        return web.Response(status=200 if request.path == "/set-txt" else clear or 200)

    app, port = web.Application(), free_port()
    app.router.add_post("/{what}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield f"http://{HOST}:{port}", asked
    finally:
        await runner.cleanup()


async def test_a_dns_record_that_can_not_be_cleared_spoils_nothing_else(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start()
    async with dns_interface(clear=500) as (url, asked):
        with pytest.raises(Refused) as refused:
            await sim.box.acme(**setup(authority, challenge="dns-01", dns=url))
        # It says what the CA says: the record was never there.
        assert refused.value.code == "acme-validation-answer"
        assert asked == ["/set-txt", "/clear-txt"]


async def test_a_dns_interface_that_hangs_does_not_keep_the_box_from_ending(
    sim: osbiz.Simulator, start: Start
) -> None:
    authority = start()
    async with dns_interface(clear=None) as (url, asked):
        await sim.box.acme(wait=False, **setup(authority, challenge="dns-01", dns=url))
        while not asked:
            await asyncio.sleep(0.02)
        async with asyncio.timeout(8):
            await sim.box.acme_forget()
        assert asked == ["/set-txt", "/clear-txt"]


async def test_a_ca_that_hangs_does_not_keep_the_box_from_ending(tmp_path: Path) -> None:
    with ExitStack() as stack:
        sock = stack.enter_context(socket.create_server((HOST, 0)))
        directory = f"https://{HOST}:{sock.getsockname()[1]}/dir"
        async with osbiz.Simulator(http_port=0, lan_ip=LAN_IP, booster=False) as sim:
            await sim.box.acme(wait=False, **{**GOOD, "directory": directory})
            await status_when(sim, lambda status: status["step"] == "connect")
            await asyncio.sleep(0.1)
