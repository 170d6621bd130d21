"""The control API plays the world outside, and adds and removes subscribers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.program import Program, program
from tests.wsi.client import Client, NotLoggedIn


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("control")
    with program(folder, "--data", str(folder / "data"), "--no-booster") as running:
        yield running


def test_a_subscriber_comes_logs_in_and_goes(box: Program) -> None:
    form = {"extension": "300", "name": "Zoë", "password": "s3cret"}
    made = box.call("POST", "/v1/subscribers", form)
    assert (made.status, made.body) == (201, form)
    client = Client(box.ready["wsi_http"])
    client.log_in("300", "s3cret")
    again = box.call("POST", "/v1/subscribers", form)
    assert (again.status, again.body["code"]) == (409, "extension-taken")
    assert box.call("DELETE", "/v1/subscribers/300").status == 204
    with pytest.raises(NotLoggedIn):
        client.ask("GetServerParam")
    gone = box.call("DELETE", "/v1/subscribers/300")
    assert (gone.status, gone.body["code"]) == (404, "no-such-subscriber")
    told = [entry["event"] for entry in box.call("GET", "/v1/journal").body["journal"]]
    assert told[-2:] == ["subscriber-added", "subscriber-removed"]
    assert "s3cret" not in str(box.call("GET", "/v1/journal").body)


def test_subscribers_outlive_the_program(tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path / "data"), "--no-booster")
    with program(tmp_path, *arguments) as box:
        form = {"extension": "301", "name": "Ida", "password": "x"}
        assert box.call("POST", "/v1/subscribers", form).status == 201
        assert box.call("DELETE", "/v1/subscribers/100").status == 204
    with program(tmp_path, *arguments) as box:
        people = box.call("GET", "/v1/subscribers").body["subscribers"]
        assert [one["extension"] for one in people] == ["101", "301"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/subscribers", {}, 422, "subscriber"),
        ("/v1/subscribers", {"extension": [3], "name": "x", "password": "x"}, 422, "subscriber"),
        (
            "/v1/subscribers",
            {"extension": "x", "name": "x", "password": "x"},
            422,
            "extension",
        ),
        ("/v1/subscribers", {"extension": "1", "secret": "x"}, 422, "unknown-field"),
        ("/v1/calls", {}, 422, "field-missing"),
        ("/v1/calls", {"from": "0891", "to": "999"}, 422, "no-such-device"),
        ("/v1/calls", {"from": "abc", "to": "100"}, 422, "number"),
        ("/v1/calls", {"from": "100", "to": "999"}, 422, "no-such-number"),
        ("/v1/calls/999/answer", None, 404, "no-such-call"),
        ("/v1/calls/x/clear", {}, 404, "no-such-call"),
        ("/v1/calls/1/clear", {"party": 3}, 422, "party"),
    ],
)
def test_what_makes_no_sense_is_refused(
    box: Program, path: str, body: Any, status: int, code: str
) -> None:
    answer = box.call("POST", path, body)
    assert (answer.status, answer.body["code"]) == (status, code)


def test_a_call_is_played_from_ringing_to_hanging_up(box: Program) -> None:
    call = box.call("POST", "/v1/calls", {"from": "08912345", "to": "100"}).body
    assert [party["state"] for party in call["parties"]] == ["originated", "alerting"]
    where = f"/v1/calls/{call['id']}"
    nobody = box.call("POST", f"{where}/answer", {"party": "101"})
    assert (nobody.status, nobody.body["code"]) == (409, "wrong-state")
    call = box.call("POST", f"{where}/answer").body
    assert [party["state"] for party in call["parties"]] == ["connected", "connected"]
    devices = box.call("GET", "/v1/calls").body["devices"]
    assert [one["states"] for one in devices] == [["connected"], []]
    assert box.call("POST", f"{where}/clear", {"party": "100"}).body["parties"] == []
    assert box.call("POST", f"{where}/clear").status == 404


def test_labels_of_keys_are_set_as_a_whole_and_seen(box: Program) -> None:
    done = box.call("PUT", "/v1/subscribers/101/keys", {"1": " Anna ", "8": "Lager"})
    assert (done.status, done.body) == (200, {"1": "Anna", "8": "Lager"})
    done = box.call("PUT", "/v1/subscribers/101/keys", {"8": "Lager"})
    people = box.call("GET", "/v1/subscribers").body["subscribers"]
    assert [one["keys"] for one in people] == [{}, {"8": "Lager"}]
    for path, body, status, code in (
        ("101", {"9": "x"}, 422, "unknown-field"),
        ("101", {"1": 3}, 422, "key-label"),
        ("101", {"1": "x" * 25}, 422, "key-label"),
        ("101", {"1": "a\tb"}, 422, "key-label"),
        ("999", {"1": "x"}, 404, "no-such-subscriber"),
    ):
        refused = box.call("PUT", f"/v1/subscribers/{path}/keys", body)
        assert (refused.status, refused.body["code"]) == (status, code)
    assert box.call("GET", "/v1/subscribers").body["subscribers"] == people


def test_what_clients_set_is_seen(box: Program) -> None:
    client = Client(box.ready["wsi_http"])
    client.log_in("101", "101-1234")
    client.ask("SetDisplay", device="101", contentsOfDisplay="Welcome <back>")
    client.ask("SetPresence", user="101", presence=9)
    client.ask("SetForwarding", device="101", forwardTo="100")
    (device,) = [
        one for one in box.call("GET", "/v1/calls").body["devices"] if one["extension"] == "101"
    ]
    assert device == {
        "extension": "101",
        "states": [],
        "presence": "Do not disturb",
        "forward_to": "100",
        "display": "Welcome <back>",
        "wsi_sessions": 1,
    }
