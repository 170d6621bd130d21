"""How sessions die over TLS, seen by a client that trusts the box and polls it."""

from __future__ import annotations

import ssl
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.program import Program, program
from tests.wsi.client import Client, NotLoggedIn
from tests.wsi.test_story import trusted


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Program]:
    arguments = ("--ephemeral", "--no-booster", "--restart-time", "0")
    with program(tmp_path, *arguments, "--clock", "2024-05-01T12:00:00Z") as running:
        # The client's calendar is today's: certificates are to be valid for it.
        running.call("PUT", "/v1/clock", {"dates": "projected"})
        yield running


def logged_in(box: Program) -> Client:
    client = Client(box.ready["wsi"], trust=trusted(box))
    client.log_in("100", "100-1234")
    client.ask("EventStart", deviceObject="100")
    return client


def activate(box: Program, identity: str) -> None:
    done = box.call("POST", "/v1/nodes/system/activate", {"certificate": identity})
    assert done.status == 202
    box.wait_until_running()


def why(client: Client) -> object:
    """What keeps the client from polling."""
    with pytest.raises(urllib.error.URLError) as lost:
        client.poll()
    return lost.value.reason


def test_a_logout_ends_this_session_and_no_other(box: Program) -> None:
    anchor = trusted(box)
    client, other = (Client(box.ready["wsi"], trust=anchor) for _ in range(2))
    for one in (client, other):
        one.log_in("100", "100-1234")
    client.ask("Logout")
    with pytest.raises(NotLoggedIn):
        client.poll()
    other.ask("GetServerParam")


@pytest.mark.parametrize(("minutes", "lives"), [(29, True), (31, False)])
def test_a_silent_session_ends_after_half_an_hour_of_the_boxs_calendar(
    box: Program, minutes: int, lives: bool
) -> None:
    client = logged_in(box)
    now = f"2024-05-01T12:{minutes}:00Z"
    assert box.call("PUT", "/v1/clock", {"now": now}).status == 200
    if lives:
        client.ask("GetServerParam")
        return
    with pytest.raises(NotLoggedIn):
        client.poll()
    with pytest.raises(NotLoggedIn):
        client.ask("MakeCall", callingDevice="100", calledDirectoryNumber="101")


def test_a_restart_with_the_same_certificate_ends_the_session_and_not_the_trust(
    box: Program,
) -> None:
    client = logged_in(box)
    activate(box, box.box()["nodes"]["system"]["active"]["id"])
    with pytest.raises(NotLoggedIn):
        client.poll()
    client.log_in("100", "100-1234")
    box.call("POST", "/v1/calls", {"from": "0891", "to": "100"})
    client.ask("EventStart", deviceObject="100")
    client.ask("Answer", deviceObject="100")
    assert client.events("EstablishedEvent 100")[-1] == ("EstablishedEvent", "100")


def test_another_certificate_ends_the_trust_before_the_session_is_asked_for(box: Program) -> None:
    client = logged_in(box)
    default, *_ = box.call("GET", "/v1/certificates").body["certificates"]
    activate(box, default["id"])
    assert isinstance(why(client), ssl.SSLCertVerificationError)


def test_a_new_address_is_found_by_nobody_who_only_knows_the_old_one(box: Program) -> None:
    client = logged_in(box)
    assert box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.24"}).status == 202
    box.wait_until_running()
    assert isinstance(why(client), ConnectionRefusedError)
    client.url = box.box()["wsi"]
    assert "127.0.0.24" in client.url
    assert isinstance(why(client), ssl.SSLCertVerificationError)


def test_a_reset_leaves_neither_trust_nor_session(box: Program) -> None:
    client = logged_in(box)
    assert box.call("POST", "/v1/reset").status == 202
    box.wait_until_running()
    assert isinstance(why(client), ssl.SSLCertVerificationError)
    plain = Client(box.ready["wsi_http"])
    plain.session = client.session
    with pytest.raises(NotLoggedIn):
        plain.poll()
