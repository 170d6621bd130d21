"""What client developers do: log in, watch, call, be called, and lose the box."""

from __future__ import annotations

import ssl
import threading
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.program import Program, program
from tests.wsi.client import PAUSE, Client, Lost, NotLoggedIn


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Program]:
    with program(tmp_path, "--ephemeral", "--restart-time", "0") as running:
        yield running


def trusted(box: Program, name: str = "trusted") -> str:
    """Have the box serve a certificate that a client can trust; its authority as PEM."""
    address = box.host("wsi").partition(":")[0]
    form = {
        "kind": "authority",
        "name": f"{name}-authority",
        "subject": {"CN": f"{name} authority"},
    }
    authority = box.call("POST", "/v1/certificates", form).body
    form = {
        "kind": "server",
        "name": name,
        "subject": {"CN": address},
        "san": [f"IP:{address}"],
        "authority": authority["id"],
        "passphrase": "Geheimnis!",
    }
    made = box.call("POST", "/v1/certificates", form)
    assert made.status == 201, made.body
    done = box.call("POST", "/v1/nodes/system/activate", {"certificate": made.body["id"]})
    assert done.status == 202
    box.wait_until_running()
    exported = box.call("GET", f"/v1/certificates/{authority['id']}.pem").body
    return str(exported.decode())


def test_a_call_over_tls_and_then_the_certificate_is_another(box: Program) -> None:
    anchor = trusted(box)
    client = Client(box.ready["wsi"], trust=anchor)
    client.log_in("100", "100-1234")
    for device in ("100", "101"):
        answer = client.ask("EventStart", deviceObject=device)
        assert answer.get("local") == "true"
    made = client.ask("MakeCall", callingDevice="100", calledDirectoryNumber="101")
    assert made.tag == "MakeCallResponse"
    assert client.events("DeliveredEvent 101") == [
        ("ServiceInitiatedEvent", "100"),
        ("OriginatedEvent", "100"),
        ("DeliveredEvent", "100"),
        ("DeliveredEvent", "101"),
    ]
    client.ask("Answer", deviceObject="101")
    client.ask("Clear", deviceObject="100")
    assert client.events("ConnectionClearedEvent 101") == [
        ("EstablishedEvent", "100"),
        ("EstablishedEvent", "101"),
        ("ConnectionClearedEvent", "100"),
        ("ConnectionClearedEvent", "101"),
    ]

    other = trusted(box, "another")
    with pytest.raises(urllib.error.URLError) as lost:
        client.poll()
    assert isinstance(lost.value.reason, ssl.SSLCertVerificationError)
    knowing = Client(box.ready["wsi"], trust=other)
    knowing.session = client.session
    with pytest.raises(NotLoggedIn):
        knowing.poll()


def test_a_poll_is_held_until_something_happens(box: Program) -> None:
    client = Client(box.ready["wsi_http"])
    client.log_in("100", "100-1234")
    client.ask("HookSubscribe", user="100", devices="100,101")
    timer = threading.Timer(0.5, box.call, ("POST", "/v1/calls", {"from": "08912345", "to": "100"}))
    timer.start()
    begun = time.monotonic()
    client.ask("EventStart", deviceObject="100", filter="HOOKSTATE")
    (ringing,) = client.poll()
    assert time.monotonic() - begun > 0.4
    assert (ringing["type"], ringing["deviceID"]) == ("DeliveredEvent", "100")
    timer.join()
    (call,) = box.call("GET", "/v1/calls").body["calls"]
    assert box.call("POST", f"/v1/calls/{call['id']}/answer").status == 200
    established, hook = client.poll()
    assert established["type"] == "EstablishedEvent"
    assert hook == {
        "type": "HookEvent",
        "jsonEvent": {
            "HookEvent": [{"deviceID": "100", "hook": "off", "inout": "in", "intext": "ext"}]
        },
    }
    assert box.call("POST", f"/v1/calls/{call['id']}/clear", {"party": "08912345"}).status == 200
    assert not box.call("GET", "/v1/calls").body["calls"]


@pytest.mark.parametrize("endpoint", ["wsi", "wsi_http"])
@pytest.mark.parametrize("how", ["logout", "displaced", "deleted", "restart", "moved", "reset"])
def test_a_held_poll_is_let_go_when_its_session_ends(box: Program, endpoint: str, how: str) -> None:
    anchor = trusted(box) if endpoint == "wsi" else None
    polling = Client(box.ready[endpoint], trust=anchor)
    polling.log_in("101", "101-1234")
    said: list[str] = []

    def poll() -> None:
        try:
            said.append(polling.get("/GetEvents", deviceObject="101"))
        except Lost:
            said.append("lost")

    thread = threading.Thread(target=poll)
    thread.start()
    time.sleep(0.3)
    assert not said
    other = Client(box.ready[endpoint], trust=anchor)
    if how == "logout":
        other.session = polling.session
        other.ask("Logout")
    elif how == "displaced":
        second = threading.Thread(target=poll)
        second.start()
    elif how == "deleted":
        assert box.call("DELETE", "/v1/subscribers/101").status == 204
    elif how == "restart":
        active = box.box()["nodes"]["system"]["active"]["id"]
        box.call("POST", "/v1/nodes/system/activate", {"certificate": active})
    elif how == "moved":
        box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.23"})
    else:
        box.call("POST", "/v1/reset")
    begun = time.monotonic()
    thread.join(5)
    assert time.monotonic() - begun < 1
    if how == "displaced":
        other.session = polling.session
        other.ask("Logout")
        second.join(5)
        assert said.pop() == ""
    (end,) = said
    if how == "logout":
        assert end == ""
    elif how == "displaced":
        assert end == '{"events":[]}'
    elif how == "deleted":
        assert "NOT_LOGGED_IN" in end
    else:
        assert end == "lost"


def test_a_hundred_clients_are_all_cut_off_by_a_restart_and_all_come_back(tmp_path: Path) -> None:
    with program(tmp_path, "--ephemeral", "--restart-time", "1s") as box:
        for number in range(5):
            form = {"extension": f"20{number}", "name": f"P{number}", "password": "pw"}
            assert box.call("POST", "/v1/subscribers", form).status == 201
        stop = threading.Event()
        cut: list[float] = []
        back: list[float] = []
        lock = threading.Lock()

        def live(user: str) -> None:
            client = Client(box.ready["wsi_http"], timeout=30)
            client.log_in(user, "pw")
            client.ask("EventStart", deviceObject=user)
            lost = False
            while not stop.is_set():
                try:
                    if lost:
                        client.log_in(user, "pw")
                        client.ask("EventStart", deviceObject=user)
                        with lock:
                            back.append(time.monotonic())
                        lost = False
                    client.poll(user)
                except (*Lost, NotLoggedIn):
                    if not lost and not stop.is_set():
                        with lock:
                            cut.append(time.monotonic())
                    lost = True
                time.sleep(PAUSE)

        threads = [
            threading.Thread(target=live, args=(f"20{number % 5}",)) for number in range(100)
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 20
        while held(box) < 100:
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.5)
        active = box.box()["nodes"]["system"]["active"]["id"]
        begun = time.monotonic()
        box.call("POST", "/v1/nodes/system/activate", {"certificate": active})
        box.wait_until_running()
        served = time.monotonic()
        time.sleep(2 * PAUSE + 0.4)
        assert (len(cut), len(back)) == (100, 100)
        assert max(cut) - begun < 1
        # Two intervals, and what a busy machine takes to log a hundred in.
        assert max(back) - served < 2 * PAUSE + 0.4
        entries = box.call("GET", "/v1/journal").body["journal"]
        (restart,) = [entry for entry in entries if entry["event"] == "restart-begun"]
        assert restart["detail"]["wsi_sessions_ended"] == 100
        assert held(box) == 100
        stop.set()
        box.call("POST", "/v1/nodes/system/activate", {"certificate": active})
        for thread in threads:
            thread.join(5)
            assert not thread.is_alive()


def held(box: Program) -> int:
    """How many sessions there are."""
    devices = box.call("GET", "/v1/calls").body["devices"]
    return sum(device["wsi_sessions"] for device in devices)
