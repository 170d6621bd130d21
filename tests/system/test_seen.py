"""What can be seen: handshakes with their alerts, the journal, events, the description."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import urllib.request
from typing import Any

import pytest

from tests.clients import curl, s_client
from tests.system.conftest import Issued
from tests.system.program import Program


def last(box: Program) -> dict[str, Any]:
    """The latest settled handshake."""
    found = box.call("GET", "/v1/handshakes").body["handshakes"]
    settled: list[dict[str, Any]] = [one for one in found if one["outcome"] != "open"]
    return settled[-1]


NODE = "require('https').get(process.argv[1]).on('error',()=>process.exit(1))"
PYTHON = "import sys,urllib.request as u;u.urlopen(sys.argv[1])"


@pytest.mark.parametrize(
    ("client", "outcome", "alert"),
    [
        (["curl", "-sS"], "refused-by-client", "unknown_ca"),
        (["python3", "-c", PYTHON], "refused-by-client", "unknown_ca"),
        (["node", "-e", NODE], "closed-without-request", None),
    ],
    ids=["curl", "python", "node"],
)
def test_a_client_with_the_wrong_ca_leaves_its_alert_by_name(
    box: Program, issued: Issued, client: list[str], outcome: str, alert: str | None
) -> None:
    made = box.upload(
        name="x", passphrase="seven 77", certificate=issued.certificate, key=issued.key
    )
    box.call("POST", "/v1/nodes/system/activate", {"certificate": made.body["id"]})
    done = subprocess.run([*client, box.ready["portal"] + "/"], capture_output=True, timeout=30)
    assert done.returncode != 0
    seen = last(box)
    name = seen["alert"] and seen["alert"]["name"]
    if client[0] == "node":  # it says nothing, in one of two ways
        assert seen["outcome"] in {outcome, "closed-during-handshake", "reset"}
    else:
        assert seen["outcome"] == outcome
        assert seen["alert"]["from"] == "client"
    assert name == alert
    assert seen["shown"]["certificate"] == made.body["id"]


def test_a_tls_1_1_client_gets_alert_70(box: Program) -> None:
    done = s_client(box.ready["portal"], "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
    assert "alert number 70" in done.stderr
    seen = last(box)
    assert seen["outcome"] == "refused-by-server"
    assert seen["alert"] == {"name": "protocol_version", "code": 70, "from": "server"}
    assert seen["offered"]["versions"] == ["TLSv1.1"]


@pytest.mark.parametrize("version", ["tls1_2", "tls1_3"])
def test_tls_1_2_and_1_3_are_spoken_with_alpn(box: Program, version: str) -> None:
    done = s_client(box.ready["wsi"], f"-{version}", "-alpn", "h2,http/1.1")
    assert "ALPN protocol: http/1.1" in done.stdout
    assert done.returncode == 0


def test_what_a_client_offers_is_told(box: Program) -> None:
    curl("-k", "--resolve", "osbiz.test:443:127.0.0.2", "--connect-to",
         f"osbiz.test:443:{box.host('portal')}", "https://osbiz.test/robots.txt")  # fmt: skip
    seen = last(box)
    assert seen["offered"]["server_name"] == "osbiz.test"
    assert "TLSv1.3" in seen["offered"]["versions"]
    assert seen["outcome"] == "completed"
    assert seen["endpoint"] == "portal"


def test_plain_http_on_the_tls_port_is_named(box: Program) -> None:
    curl("http://" + box.host("portal"))
    assert last(box)["outcome"] == "not-tls"


def test_events_arrive_as_they_happen(box: Program) -> None:
    request = urllib.request.Request(
        box.ready["control"] + "/v1/events",
        headers={"Authorization": f"Bearer {box.ready['token']}"},
    )
    seen: list[tuple[str, dict[str, Any]]] = []
    with urllib.request.urlopen(request, timeout=20) as stream:
        assert stream.readline() == b": connected\n"

        def listen() -> None:
            kind = ""
            for line in stream:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    seen.append((kind, json.loads(value)))
                    if value and kind == "journal" and "restart-ended" in value:
                        return

        thread = threading.Thread(target=listen)
        thread.start()
        s_client(box.ready["portal"])
        box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.11"})
        thread.join(15)
        assert not thread.is_alive()
    assert seen[0][0] == "handshake"
    names = [value["event"] for kind, value in seen if kind == "journal"]
    assert names == ["lan-ip-changed", "restart-begun", "restart-ended"]


def test_the_journal_is_given_from_where_one_left_off(box: Program) -> None:
    entries = box.call("GET", "/v1/journal").body["journal"]
    assert [entry["event"] for entry in entries] == ["installed", "started"]
    box.call("PUT", "/v1/clock", {"now": "2024-01-01T00:00:00Z"})
    (entry,) = box.call("GET", f"/v1/journal?since={entries[-1]['seq']}").body["journal"]
    assert entry["event"] == "clock-set"
    booster = box.call("GET", "/v1/journal?node=booster").body["journal"]
    assert {entry["node"] for entry in booster} == {"booster"}
    assert box.call("GET", "/v1/journal?since=x").status == 400
    assert box.call("GET", "/v1/journal?node=fax").status == 404


def test_no_secret_is_in_the_journal_or_in_an_answer_that_did_not_ask(
    box: Program, issued: Issued
) -> None:
    made = box.upload(
        name="x", passphrase="Geheimnis!", certificate=issued.certificate, key=issued.key
    ).body
    box.call("POST", "/v1/nodes/booster/activate", {"certificate": made["id"]})
    curl("-k", box.ready["wsi"] + "/cgi-bin/gadgetapi?cmd=Login&gsUser=100&gsPass=100-1234")
    for path in (
        "/v1/box", "/v1/certificates", "/v1/journal", "/v1/journal?node=booster",
        "/v1/handshakes", f"/v1/certificates/{made['id']}.pem",
    ):  # fmt: skip
        body = box.call("GET", path).body
        text = json.dumps(body) if not isinstance(body, bytes) else body.decode()
        for secret in ("Geheimnis!", "PRIVATE KEY", "100-1234", box.ready["token"]):
            assert secret not in text, path


def test_the_key_is_given_to_who_asks_for_it(box: Program, issued: Issued) -> None:
    made = box.upload(
        name="x", passphrase="Geheimnis!", certificate=issued.certificate, key=issued.key
    ).body
    answer = box.call("GET", f"/v1/certificates/{made['id']}.key")
    assert b"BEGIN PRIVATE KEY" in answer.body
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_the_token_nothing_is_answered(box: Program) -> None:
    answer = box.call("GET", "/v1/box", token="wrong")
    assert (answer.status, answer.body["code"]) == (401, "unauthorized")
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_the_description_names_every_call_and_only_those(box: Program) -> None:
    from webserver.control import Control, make_control_app

    document = box.call("GET", "/v1/openapi.json").body
    described = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }
    control = Control.__new__(Control)
    routes = {
        (route.method, route.resource.canonical)
        for route in make_control_app(control, token="").router.routes()
        if route.method != "HEAD" and route.resource is not None
    }
    assert described == routes


def test_answers_have_the_members_that_the_description_promises(box: Program) -> None:
    schemas = box.call("GET", "/v1/openapi.json").body["components"]["schemas"]
    assert set(box.box()) == set(schemas["Box"]["required"])
    (only,) = box.call("GET", "/v1/certificates").body["certificates"]
    assert set(only) == set(schemas["Certificate"]["required"])


@pytest.mark.parametrize(
    ("method", "path", "raw", "status", "code"),
    [
        ("GET", "/v1/nothing", None, 404, "not-found"),
        ("DELETE", "/v1/box", None, 405, "method-not-allowed"),
        ("PATCH", "/v1/box", b"", 400, "body"),
        ("PATCH", "/v1/box", b"{", 400, "body"),
        ("PATCH", "/v1/box", b"[1]", 400, "body"),
        ("PATCH", "/v1/box", b"\xff\xfe", 400, "body"),
        ("PATCH", "/v1/box", b"[" * 100_000, 400, "body"),
        ("PUT", "/v1/clock", b'{"rate": NaN}', 400, "body"),
        ("PUT", "/v1/clock", b'{"rate": 1e400}', 422, "rate"),
        ("PUT", "/v1/clock", b'{"now": 5}', 422, "time"),
        ("PUT", "/v1/clock", b'{"now": "0001-01-01T00:00:00+14:00"}', 422, "time-range"),
        ("PUT", "/v1/clock", b"{}", 422, "field-missing"),
        ("POST", "/v1/certificates", b'{"kind": ["x"]}', 422, "kind"),
        ("POST", "/v1/certificates/import", b"{}", 415, "media-type"),
        ("GET", "/v1/certificates/none", None, 404, "no-such-certificate"),
        ("GET", "/v1/certificates/none.pem", None, 404, "no-such-certificate"),
        ("POST", "/v1/nodes/fax/activate", b'{"certificate": "x"}', 404, "no-such-node"),
        ("POST", "/v1/nodes/system/activate", b'{"certificate": 3}', 422, "field-missing"),
        ("POST", "/v1/nodes/system/activate", b'{"certificate": "x"}', 404, "no-such-certificate"),
    ],
)
def test_a_bad_call_is_answered_with_a_problem(
    box: Program, method: str, path: str, raw: bytes | None, status: int, code: str
) -> None:
    answer = box.call(method, path, raw=raw)
    assert (answer.status, answer.body.get("code")) == (status, code), answer.body
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert re.search(r"\w", answer.body["detail"])
