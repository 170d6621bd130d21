"""Many boxes in one process: each is its own, and made when somebody turns to it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import ssl
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import osbiz
from store.certificate import common_name
from store.refusals import Refused
from tests.system.program import FREE_PORTS
from tests.system.program import osbiz as command
from tests.test_docs import blocks
from webserver.boxes import Boxes


@pytest.fixture
async def boxes() -> AsyncIterator[Boxes]:
    async with osbiz.Boxes(30, first_ip="127.2.0.1", restart_time=0.3) as made:
        yield made


def where(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def shown(url: str) -> str:
    """The certificate that is presented there, as PEM."""
    return ssl.get_server_certificate(where(url), timeout=20)


async def curl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The real curl, which takes any certificate."""
    return await asyncio.to_thread(
        subprocess.run,
        ["curl", "-ksS", "--max-time", "20", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


async def call(
    boxes: Boxes, token: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, Any]:
    """A call of the control API; a PATCH when there is something to send."""

    def ask() -> tuple[int, Any]:
        request = urllib.request.Request(boxes.control_url + path)
        request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.data, request.method = json.dumps(body).encode(), "PATCH"
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    return await asyncio.to_thread(ask)


async def test_a_box_is_made_when_a_client_connects_to_its_address(boxes: Boxes) -> None:
    place = boxes[16]
    assert (place.number, place.state) == (17, "asleep")
    pem = await asyncio.to_thread(shown, place.portal_url)
    assert place.state == "running"
    assert pem.strip() == (await place.wake()).box.active.pem.strip()
    assert boxes[17].state == "asleep"


async def test_each_box_has_an_address_and_a_certificate_of_its_own(boxes: Boxes) -> None:
    pems = await asyncio.gather(
        *(asyncio.to_thread(shown, boxes[index].wsi_url) for index in range(3))
    )
    assert len(set(pems)) == 3
    leaves = [(await boxes[index].wake()).box.active.leaf for index in range(3)]
    assert [common_name(leaf.subject) for leaf in leaves] == ["127.2.0.1", "127.2.0.2", "127.2.0.3"]


async def test_all_who_come_while_a_box_is_being_made_are_served(boxes: Boxes) -> None:
    place = boxes[9]
    answers = await asyncio.gather(*(curl(f"{place.portal_url}/robots.txt") for _ in range(20)))
    assert {answer.stdout for answer in answers} == {"User-agent: *\nDisallow: /\n"}


async def test_plain_wsi_is_at_the_same_address(boxes: Boxes) -> None:
    url = f"{boxes[4].wsi_http_url}/cgi-bin/gadgetapi?cmd=Login&gsUser=100&gsPass=100-1234"
    assert re.search(r"<ID>[0-9a-f]{8}</ID>", (await curl(url)).stdout)


async def test_a_token_leads_to_its_own_box_and_to_no_other(boxes: Boxes) -> None:
    mine, other = boxes[6], boxes[7]
    status, box = await call(boxes, mine.token, "/v1/box")
    assert (status, box["lan_ip"]) == (200, mine.address)
    forged = f"{other.number}.{mine.token.partition('.')[2]}"
    for token in (forged, "7", "7.", "31.x", "0.x", "²3.x", "x" * 5000):
        status, answer = await call(boxes, token.encode().decode("latin-1"), "/v1/box")
        assert (status, answer["code"]) == (401, "unauthorized")
    assert other.state == "asleep"


async def test_the_second_request_of_a_connection_is_looked_at_too(boxes: Boxes) -> None:
    mine, other = boxes[6], boxes[7]

    def ask() -> list[bytes]:
        with socket.create_connection(where(boxes.control_url), timeout=20) as sock:
            answers = []
            for token in (mine.token, other.token):
                head = f"GET /v1/clock HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
                for piece in (head[:25], head[25:60], head[60:]):  # it comes in pieces
                    sock.sendall(piece.encode())
                answers.append(sock.recv(65536).partition(b"\r\n")[0])
            return answers

    assert await asyncio.to_thread(ask) == [b"HTTP/1.1 200 OK", b"HTTP/1.1 401 Unauthorized"]


async def test_who_has_the_token_of_all_sees_all(boxes: Boxes) -> None:
    await boxes[2].wake()
    status, answer = await call(boxes, boxes.token, "/v1/boxes")
    assert status == 200
    assert len(answer["boxes"]) == 30
    assert [box["state"] for box in answer["boxes"][:4]] == [
        "running", "asleep", "running", "asleep",
    ]  # fmt: skip
    assert answer["boxes"][3]["token"] == boxes[3].token
    assert (await call(boxes, boxes[0].token, "/v1/boxes"))[0] == 404


async def test_a_box_moves_to_a_free_address_but_to_nobody_elses(boxes: Boxes) -> None:
    place = boxes[11]
    status, answer = await call(boxes, place.token, "/v1/box", {"lan_ip": boxes[12].address})
    assert (status, answer["code"], answer["field"]) == (409, "port-taken", "lan_ip")
    assert boxes[12].state == "asleep"
    assert place.portal_url.startswith("https://127.2.0.12:")

    assert (await call(boxes, place.token, "/v1/box", {"lan_ip": "127.9.0.1"}))[0] == 202
    await (await place.wake()).box.running()
    assert place.portal_url.startswith("https://127.9.0.1:")
    assert (await curl(f"{place.portal_url}/robots.txt")).returncode == 0
    left = f"https://127.2.0.12:{where(place.portal_url)[1]}/"
    assert (await curl(left)).returncode in (7, 35)  # not there, or reset


async def test_a_box_does_not_move_to_where_nobody_can_reach_it(boxes: Boxes) -> None:
    status, answer = await call(boxes, boxes[0].token, "/v1/box", {"lan_ip": "10.254.254.254"})
    assert (status, answer["code"]) == (422, "address-not-available")
    assert (await curl(f"{boxes[0].portal_url}/robots.txt")).returncode == 0


async def test_a_box_that_restarts_is_away_and_its_neighbour_is_not(boxes: Boxes) -> None:
    simulator = await boxes[0].wake()
    before = await asyncio.to_thread(shown, boxes[0].portal_url)
    made = await simulator.box.make(
        kind="self-signed", name="New", subject={"CN": "127.2.0.1"}, san=["IP:127.2.0.1"]
    )
    await simulator.box.activate(made.id, wait=False)
    assert (await curl(boxes[0].portal_url)).returncode in (7, 35)
    assert (await curl(f"{boxes[1].portal_url}/robots.txt")).returncode == 0
    await simulator.box.running()
    assert await asyncio.to_thread(shown, boxes[0].portal_url) != before


async def test_a_fault_of_one_box_is_its_own(boxes: Boxes) -> None:
    simulator = await boxes[0].wake()
    await simulator.box.set_fault("reset-handshake")
    assert (await curl(boxes[0].portal_url)).returncode == 35
    assert (await curl(f"{boxes[1].portal_url}/robots.txt")).returncode == 0


async def test_the_calendar_goes_on_while_a_box_sleeps() -> None:
    async with Boxes(2, now="2023-12-31T23:00:00Z", rate=3600) as made:
        first = (await made[0].wake()).box.clock
        await asyncio.sleep(1)
        second = (await made[1].wake()).box.clock
        apart = (first.now() - second.now()).total_seconds()
        assert abs(apart) < 1_800  # else it was an hour behind


async def test_options_are_every_boxs() -> None:
    options = {"firmware": "V3R1", "installed_at": "2021-05-04T00:00:00Z", "trusted": False}
    async with Boxes(3, **options) as made:
        ends = [(await place.wake()).box.active.not_after.year for place in made]
        assert ends == [2024, 2024, 2024]


async def test_ten_thousand_are_there_at_once() -> None:
    async with Boxes(10_000, first_ip="127.3.0.1") as made:
        place = made[9_999]
        assert place.address == "127.3.39.16"
        assert (await curl(f"{place.portal_url}/robots.txt")).returncode == 0
        assert sum(each.simulator is not None for each in made) == 2


async def test_nothing_is_left_when_they_go(boxes: Boxes) -> None:
    await boxes[0].wake()  # what is made once for a process is there
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    async with Boxes(20, first_ip="127.4.0.1") as made:
        await asyncio.gather(*(place.wake() for place in made))
        held = socket.create_connection(where(made[3].portal_url))  # a client that stays silent
        await asyncio.sleep(0)
    held.close()
    assert threading.active_count() <= threads + 1  # the model's thread waits for the next
    assert len(os.listdir("/proc/self/fd")) == files
    assert len(asyncio.all_tasks()) == 1


async def test_a_box_that_is_alone_is_not_in_the_way_of_its_port(boxes: Boxes) -> None:
    port = where(boxes[0].portal_url)[1]
    with pytest.raises(Refused, match="another program is using that port"):
        async with osbiz.Simulator(portal_port=port, booster=False):
            pass


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": True}, "count"),
        ({"count": 2_000_000}, "count"),
        ({"count": 1, "first_ip": "10.0.0.1"}, "first_ip"),
        ({"count": 1, "first_ip": "here"}, "first_ip"),
        ({"count": 300, "first_ip": "127.255.255.1"}, "first_ip"),
        ({"count": 1, "data": "somewhere"}, "data"),
        ({"count": 1, "booster": True}, "booster"),
    ],
)
def test_what_can_not_be_is_refused(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as caught:
        Boxes(**arguments)
    assert caught.value.refusals[0].field == field


@pytest.mark.parametrize("options", [{"firmware": "V9"}, {"faults": ("no-such",)}])
async def test_what_no_box_could_be_is_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        async with Boxes(2, **options):
            pass
    assert len(asyncio.all_tasks()) == 1


def test_the_command_writes_files_that_other_commands_take(tmp_path: Path) -> None:
    ready, folder = tmp_path / "ready.json", tmp_path / "each"
    folder.mkdir()
    (folder / "4.json").touch(0o644)  # left by an earlier run, for all to read
    process = subprocess.Popen(
        command("boxes", "5", "--first-ip", "127.5.0.1", *FREE_PORTS, "--clock",
                "2023-12-31T12:00:00Z", "--ready-file", str(ready), "--ready-dir", str(folder)),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        greeting = "".join(iter(process.stdout.readline, "  End it with Ctrl-C.\n"))
        assert greeting.startswith("5 boxes, ")
        assert "to  https://127.5.0.5:" in greeting
        content = json.loads(ready.read_text())
        assert [Path(path).name for path in sorted(folder.iterdir())] == [
            f"{number}.json" for number in range(1, 6)
        ]
        assert stat.S_IMODE((folder / "4.json").stat().st_mode) == 0o600
        assert json.loads((folder / "4.json").read_text())["token"] == content["boxes"][3]["token"]
        clock = command("clock", "show", "--ready-file", str(folder / "4.json"))
        said = subprocess.run(clock, capture_output=True, text=True, check=True, timeout=30)
        assert "2023-12-31T12:0" in said.stdout
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


@pytest.mark.parametrize(
    "arguments",
    [("0",), ("3", "--first-ip", "10.0.0.1"), ("3", "--fault", "nonsense"), ("3", "--rate", "-1")],
)
def test_the_command_refuses_in_one_line(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        command("boxes", *arguments, *FREE_PORTS), capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert done.stderr.startswith("osbiz: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("language", ["sh", "python"])
def test_the_examples_of_its_page_do_what_they_say(language: str, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "many-boxes.md").read_text()
    examples = blocks(page, language)
    if language == "sh":
        script = "\n".join(["set -euo pipefail", "trap 'kill $(jobs -p)' EXIT", *examples])
        run = ["bash", "-c", script]
    else:
        (code,) = examples
        run = [sys.executable, "-W", "error", "-c", code]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        run,
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    expected = "verify error:num=10:certificate has expired" if language == "sh" else "asleep"
    assert expected in done.stdout, done.stdout + done.stderr
