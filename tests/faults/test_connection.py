"""Every fault below and above the handshake: on the wire, by real clients, and off again."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time

import pytest

from appliance.faults import FAULTS, Group
from tests.faults.provoking import Provoked, address_of
from tests.faults.test_handshake import raw_hello, wait_until_empty

ENDPOINTS = ["portal", "wsi", "wsi_http"]
TRIED = {
    "port-closed", "silent", "plain-http", "tls-on-plain", "reset-response", "half-response",
    "unavailable", "connection-limit",
}  # fmt: skip
GET = b"GET /management/admin/ HTTP/1.1\r\nHost: box\r\n\r\n"


def test_every_connection_fault_is_tried_here() -> None:
    assert {name for name, one in FAULTS.items() if one.group is Group.CONNECTION} == TRIED


def urls(faulty: Provoked) -> dict[str, str]:
    box = faulty.box
    return {"portal": box.portal_url, "wsi": box.wsi_url, "wsi_http": box.wsi_http_url}


# --- below


@pytest.mark.parametrize("closed", ENDPOINTS)
def test_a_closed_port_refuses_and_the_others_answer(closed: str, faulty: Provoked) -> None:
    with faulty.fault("port-closed", endpoint=closed):
        for name, url in urls(faulty).items():
            status = faulty.curl(url=url).status
            assert status == (7 if name == closed else 0), name


def test_the_ports_of_a_node_are_closed_and_opened_again_at_the_same_place(
    faulty: Provoked,
) -> None:
    before = urls(faulty)
    with faulty.fault("port-closed"):
        for url in before.values():
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address_of(url), timeout=2)
        assert faulty.curl(url=faulty.sim.booster.url).status == 60  # it is not the system
    assert urls(faulty) == before


def test_a_closed_port_stays_closed_over_a_restart(faulty: Provoked) -> None:
    with faulty.fault("port-closed", endpoint="wsi"):
        faulty.box.activate(faulty.box.model.active.id)
        assert faulty.curl(url=faulty.box.wsi_url).status == 7
        assert faulty.curl().status == 0


def test_nobody_takes_the_port_meanwhile(faulty: Provoked) -> None:
    in_use = pytest.raises(OSError, match="in use")
    with faulty.fault("port-closed"), socket.socket() as other, in_use:
        other.bind(faulty.address)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_connection_is_accepted_and_then_nothing_comes(name: str, faulty: Provoked) -> None:
    with faulty.fault("silent"):
        assert faulty.curl(url=urls(faulty)[name], seconds=0.4).status == 28
        with socket.create_connection(address_of(urls(faulty)[name]), timeout=0.3) as client:
            client.sendall(raw_hello() + GET)
            with pytest.raises(TimeoutError):
                client.recv(1)
        wait_until_empty(faulty)
        assert faulty.hits("silent") == 2


def test_plain_http_comes_from_the_tls_port(faulty: Provoked) -> None:
    with faulty.fault("plain-http"):
        assert "wrong version number" in faulty.curl().text
        with pytest.raises(ssl.SSLError, match=r"WRONG_VERSION_NUMBER|record layer"):
            faulty.python().close()
        plain = faulty.box.portal_url.replace("https:", "http:")
        assert faulty.curl(url=plain).text == "200"
        assert faulty.latest()["outcome"] == "not-tls"
        assert faulty.latest()["faults"] == ["plain-http"]


def test_tls_comes_from_the_plain_port(faulty: Provoked) -> None:
    url = faulty.box.wsi_http_url
    with faulty.fault("tls-on-plain"):
        assert faulty.curl(url=url).status == 52  # an empty reply
        assert faulty.curl(url=url.replace("http:", "https:")).status == 0
        assert faulty.latest()["endpoint"] == "wsi_http"
        assert faulty.curl(url=faulty.box.wsi_url).status == 0
        assert faulty.hits("tls-on-plain") == 2


# --- above


def body_of(faulty: Provoked, name: str) -> tuple[bytes, bytes]:
    """Head and body of the logon page over a raw connection, to its end."""
    address = address_of(urls(faulty)[name])
    with socket.create_connection(address, timeout=5) as plain:
        if name == "wsi_http":
            return _read(plain)
        context = ssl.create_default_context(cafile=str(faulty.ca_file))
        with context.wrap_socket(
            plain, server_hostname=address[0], suppress_ragged_eofs=False
        ) as client:
            return _read(client)


def _read(client: socket.socket) -> tuple[bytes, bytes]:
    client.sendall(GET)
    whole = b""
    while piece := client.recv(65536):
        whole += piece
    head, _, body = whole.partition(b"\r\n\r\n")
    return head, body


def announced(head: bytes) -> int:
    line = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    return int(line.partition(b":")[2])


@pytest.mark.parametrize("name", ENDPOINTS)
def test_half_a_response_ends_in_good_order(name: str, faulty: Provoked) -> None:
    with faulty.fault("half-response"):
        head, body = body_of(faulty, name)
        assert len(body) == announced(head) // 2
        said = faulty.curl(url=urls(faulty)[name])
        assert said.status == 18  # a partial file


def test_the_fraction_is_that_of_the_body(faulty: Provoked) -> None:
    with faulty.fault("half-response", fraction=0.9):
        head, body = body_of(faulty, "portal")
        assert len(body) == int(announced(head) * 0.9)
    with faulty.fault("half-response", fraction=0):
        head, body = body_of(faulty, "portal")
        assert announced(head) > 0
        assert body == b""


def test_python_tells_half_a_response_from_a_whole_one(faulty: Provoked) -> None:
    host, port = faulty.address
    context = ssl.create_default_context(cafile=str(faulty.ca_file))
    with faulty.fault("half-response"):
        client = http.client.HTTPSConnection(host, port, context=context, timeout=5)
        client.request("GET", "/management/admin/")
        with pytest.raises(http.client.IncompleteRead):
            client.getresponse().read()
        client.close()


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_response_is_reset_in_the_middle(name: str, faulty: Provoked) -> None:
    with faulty.fault("reset-response"):
        with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):  # Python's ssl hides a reset
            body_of(faulty, name)
        said = faulty.curl(url=urls(faulty)[name])
        assert said.status == 56
        assert "Connection reset by peer" in said.text


def test_a_reset_that_comes_late_is_still_a_reset(faulty: Provoked) -> None:
    with faulty.fault("reset-response"):
        faulty.box.set_fault("delay", stage="response", seconds=0.1)
        said = faulty.curl("-H", "Connection: close")
        assert said.status == 56
        assert "Connection reset by peer" in said.text


def test_always_503(faulty: Provoked) -> None:
    with faulty.fault("unavailable", when="always", retry_after=7):
        for url in urls(faulty).values():
            said = faulty.curl("-D", "/dev/stdout", url=url)
            assert said.text.startswith("HTTP/1.1 503")
            assert "Retry-After: 7" in said.text
            assert said.text.endswith("503")


def test_503_only_while_the_node_restarts(faulty: Provoked) -> None:
    station = faulty.box.station
    station.restart_time = 1.0
    try:
        with faulty.fault("unavailable"):
            assert faulty.curl().text == "200"
            faulty.box.activate(faulty.box.model.active.id, wait=False)
            for url in urls(faulty).values():
                assert faulty.curl(url=url).text == "503"
            faulty.box.running()
            assert faulty.curl().text == "200"
            assert faulty.hits("unavailable") == 3
    finally:
        station.restart_time = 0.0


def test_503_at_the_new_address_while_the_box_moves(faulty: Provoked) -> None:
    station, port = faulty.box.station, faulty.address[1]
    station.restart_time = 0.5
    try:
        faulty.box.set_fault("unavailable")
        faulty.box.change_lan_ip("127.0.0.77", wait=False)
        assert faulty.curl("-k", url=f"https://127.0.0.77:{port}").text == "503"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=2)
        faulty.box.running()
        assert faulty.curl("-k").text == "200"
    finally:
        station.restart_time = 0.0
        faulty.box.clear_faults()
        faulty.box.change_lan_ip("127.0.0.2")
        faulty.box.serve_trusted()
    faulty.assert_in_order()


@pytest.mark.parametrize("then", ["close", "reset", "silence"])
def test_one_connection_too_many_is_turned_away(then: str, faulty: Provoked) -> None:
    wait_until_empty(faulty)
    with faulty.fault("connection-limit", limit=1, then=then):
        first = faulty.python()
        status = faulty.curl(seconds=0.5).status
        assert status == 28 if then == "silence" else status in (7, 35)
        first.sendall(GET)
        assert first.recv(12) == b"HTTP/1.1 200"
        first.close()
        wait_until_empty(faulty)
        assert faulty.curl().text == "200"
        assert faulty.hits("connection-limit") == 1


def test_a_limit_that_is_reached_turns_everybody_away(faulty: Provoked) -> None:
    with faulty.fault("connection-limit"):
        for url in urls(faulty).values():
            assert faulty.curl(url=url).status != 0


# --- while something happens


def test_who_is_kept_waiting_is_let_go_when_the_node_restarts(faulty: Provoked) -> None:
    station = faulty.box.station
    station.restart_time = 0.2
    try:
        with faulty.fault("silent"):
            ended = threading.Event()
            client = socket.create_connection(faulty.address, timeout=5)

            def wait() -> None:
                with contextlib.suppress(OSError):
                    client.recv(1)
                ended.set()

            threading.Thread(target=wait, daemon=True).start()
            time.sleep(0.1)
            assert not ended.is_set()
            faulty.box.activate(faulty.box.model.active.id)
            assert ended.wait(3)
            client.close()
    finally:
        station.restart_time = 0.0
