"""Faults through the control API and the command line, of a box in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.faults import FAULTS
from tests.clients import refuses
from tests.faults.provoking import address_of, chain_of, said
from tests.helpers import certificate_pem, openssl
from tests.system.program import Program, program

SYSTEM = "/v1/nodes/system/faults"
BOOSTER = "/v1/nodes/booster/faults"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("control")
    with program(folder, "--ephemeral", "--trusted", "--restart-time", "0") as box:
        yield box


@pytest.fixture
def box(running: Program) -> Iterator[Program]:
    """The box, without a fault before and after."""
    yield running
    for node in (SYSTEM, BOOSTER):
        assert running.call("DELETE", node).status == 204
        faults = running.call("GET", node).body["faults"]
        assert not any(fault["set"] for fault in faults)


def presented(box: Program, node: str = "portal") -> Any:
    return chain_of(address_of(box.ready[node]))[0]


# --- the control API


def test_all_faults_are_listed_with_what_they_are(box: Program) -> None:
    faults = box.call("GET", SYSTEM).body["faults"]
    assert [fault["name"] for fault in faults] == list(FAULTS)
    for fault in faults:
        assert fault["about"] == FAULTS[fault["name"]].about()
        assert fault["set"] is False
        assert fault["values"] is fault["limits"] is None


def test_a_fault_is_set_counted_and_cleared(box: Program) -> None:
    in_order = presented(box)
    answer = box.call("PUT", f"{SYSTEM}/expired", {"days": 2, "connections": 2})
    assert answer.status == 200
    assert answer.body["values"] == {"days": 2.0}
    assert answer.body["limits"]["left"] == 2
    for _ in range(2):
        assert presented(box) != in_order
    assert presented(box) == in_order
    limits = box.call("GET", f"{SYSTEM}/expired").body["limits"]
    assert (limits["hits"], limits["left"]) == (2, 0)
    assert box.call("DELETE", f"{SYSTEM}/expired").status == 204
    assert box.call("GET", f"{SYSTEM}/expired").body["set"] is False
    assert box.call("DELETE", f"{SYSTEM}/expired").status == 204


def test_a_fault_needs_no_body(box: Program) -> None:
    assert box.call("PUT", f"{SYSTEM}/port-closed").status == 200
    assert refuses(box.ready["portal"])


def test_the_journal_tells_of_it(box: Program) -> None:
    box.call("PUT", f"{SYSTEM}/no-san", {"connections": 1, "endpoint": "portal"})
    presented(box)
    box.call("DELETE", f"{SYSTEM}/no-san")
    told = [
        (entry["event"], entry["detail"])
        for entry in box.call("GET", "/v1/journal").body["journal"]
        if entry["detail"].get("fault") == "no-san"
    ]
    assert told == [
        ("fault-set", {"fault": "no-san", "connections": 1, "endpoint": "portal"}),
        ("fault-spent", {"fault": "no-san", "hits": 1}),
        ("fault-cleared", {"fault": "no-san", "hits": 1}),
    ]


def test_the_booster_server_has_faults_of_its_own(box: Program) -> None:
    in_order = presented(box), presented(box, "booster")
    assert box.call("PUT", f"{BOOSTER}/expired").status == 200
    assert presented(box) == in_order[0]
    assert presented(box, "booster") != in_order[1]
    record = box.call("GET", "/v1/handshakes").body["handshakes"][-1]
    assert (record["node"], record["faults"]) == ("booster", ["expired"])
    assert box.call("PUT", f"{BOOSTER}/tls-on-plain").status == 422


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "field"),
    [
        ("expird", None, 404, "no-such-fault", "fault"),
        ("expired", {"days": "x"}, 422, "fault-parameter", "days"),
        ("expired", {"weeks": 1}, 422, "unknown-field", "weeks"),
        ("expired", {"connections": 0}, 422, "fault-limit", "connections"),
        ("expired", {"endpoint": "fax"}, 422, "fault-limit", "endpoint"),
        ("port-closed", {"probability": 0.5}, 422, "fault-limit", "probability"),
        ("expired", [], 400, "body", None),
    ],
)
def test_what_will_not_do_is_refused_and_nothing_is_set(
    path: str, body: Any, status: int, code: str, field: str | None, box: Program
) -> None:
    answer = box.call("PUT", f"{SYSTEM}/{path}", body)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body.get("field") == field
    assert not any(fault["set"] for fault in box.call("GET", SYSTEM).body["faults"])


def test_a_slip_in_a_name_is_pointed_out(box: Program) -> None:
    assert "expired" in box.call("PUT", f"{SYSTEM}/expird").body["detail"]
    assert box.call("GET", "/v1/nodes/kitchen/faults").body["code"] == "no-such-node"
    assert box.call("PUT", f"{SYSTEM}/expired", raw=b"[").body["code"] == "body"


def test_a_reset_clears_and_an_activation_keeps(box: Program) -> None:
    box.call("PUT", f"{SYSTEM}/no-san")
    box.call("PUT", f"{BOOSTER}/no-san")
    active = box.box()["nodes"]["system"]["active"]["id"]
    assert box.call("POST", "/v1/nodes/system/activate", {"certificate": active}).status == 202
    box.wait_until_running()
    assert box.call("GET", f"{SYSTEM}/no-san").body["set"] is True
    assert box.call("POST", "/v1/reset").status == 202
    box.wait_until_running()
    box.wait_until_running("booster")
    for node in (SYSTEM, BOOSTER):
        assert box.call("GET", f"{node}/no-san").body["set"] is False


def test_the_root_to_trust_can_be_had(box: Program, tmp_path: Path) -> None:
    answer = box.call("GET", f"{SYSTEM}/root.pem")
    assert answer.headers["Content-Type"] == "application/x-pem-file"
    root = tmp_path / "root.pem"
    root.write_bytes(answer.body)
    box.call("PUT", f"{SYSTEM}/superfluous-root")
    done = said("curl", "-sS", "--cacert", str(root), box.ready["portal"])
    assert done.status == 0, done.text


# --- revocation


@pytest.fixture
def revoked(box: Program, tmp_path: Path) -> Path:
    """A folder with a revoked leaf, its chain and its root."""
    box.call("PUT", f"{SYSTEM}/revoked")
    (tmp_path / "root.pem").write_bytes(box.call("GET", f"{SYSTEM}/root.pem").body)
    leaf, issuer = chain_of(address_of(box.ready["portal"]))
    (tmp_path / "leaf.pem").write_bytes(certificate_pem(leaf))
    (tmp_path / "issuer.pem").write_bytes(certificate_pem(issuer))
    return tmp_path


def test_ocsp_says_that_it_is_revoked(revoked: Path) -> None:
    where = openssl("x509", "-in", revoked / "leaf.pem", "-noout", "-ocsp_uri").decode().strip()
    asked = ["-issuer", revoked / "issuer.pem", "-cert", revoked / "leaf.pem", "-url", where]
    answer = openssl("ocsp", *asked, "-CAfile", revoked / "root.pem", "-no_nonce").decode()
    assert "leaf.pem: revoked" in answer
    assert "Reason: keyCompromise" in answer


def test_the_crl_has_it(revoked: Path) -> None:
    text = openssl("x509", "-in", revoked / "leaf.pem", "-noout", "-ext", "crlDistributionPoints")
    where = text.decode().partition("URI:")[2].strip()
    with urllib.request.urlopen(where, timeout=5) as answer:
        (revoked / "crl.der").write_bytes(answer.read())
    crl = openssl("crl", "-inform", "DER", "-in", revoked / "crl.der")
    (revoked / "crl.pem").write_bytes(crl)
    done = said(
        "openssl", "verify", "-crl_check", "-CRLfile", str(revoked / "crl.pem"),
        "-CAfile", str(revoked / "root.pem"), "-untrusted", str(revoked / "issuer.pem"),
        str(revoked / "leaf.pem"),
    )  # fmt: skip
    assert "certificate revoked" in done.text


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/revocation/system/ocsp", b"no request", 400),
        ("/revocation/system/ocsp/no-base64!", None, 400),
        ("/revocation/system/0123.crl", None, 404),
        ("/revocation/kitchen/ocsp", b"", 404),
    ],
)
def test_who_asks_nonsense_of_it_is_told_so(
    path: str, data: bytes | None, status: int, box: Program
) -> None:
    answer = box.call("GET" if data is None else "POST", path, raw=data, token="none")
    assert answer.status == status


# --- the command line


def osbiz(*arguments: str, seconds: float = 20) -> tuple[int, str, str]:
    line = [sys.executable, "-W", "error", "-m", "webserver.cli", "fault", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, timeout=seconds, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_fault_is_set_and_cleared_with_the_command(box: Program) -> None:
    which = ("--ready-file", str(box.ready_file))
    status, out, _ = osbiz("set", *which, "delay", "seconds=0.2", "--connections", "3")
    assert status == 0
    assert out == "delay  set: seconds=0.2 stage=hello connections=3 hits=0 left=3\n"
    assert "* delay" in osbiz("list", *which, "--set")[1]
    listed = json.loads(osbiz("list", *which, "--json")[1])["faults"]
    assert [fault["name"] for fault in listed] == list(FAULTS)
    assert "seconds=1.0" in osbiz("show", *which, "delay")[1]
    assert osbiz("clear", *which, "delay")[:2] == (0, "")
    assert osbiz("list", *which, "--set")[1] == ""


def test_the_command_refuses_in_the_boxs_words(box: Program) -> None:
    which = ("--ready-file", str(box.ready_file))
    for given, words in (
        (["set", "delay", "seconds=never"], "seconds can't be 'never'. Give a number"),
        (["set", "delay", "seconds"], "'seconds' is no KEY=VALUE."),
        (["set", "dealy"], "Did you mean delay"),
        (["clear", "dealy"], "Did you mean delay"),
    ):
        status, out, err = osbiz(*given, *which)
        assert (status, out) == (2, "")
        assert words in err
        assert err.count("\n") == 1


def test_without_a_box_the_command_says_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("OSBIZ_READY_FILE", raising=False)
    status, out, err = osbiz("list")
    assert status == 0
    assert all(name in out for name in FAULTS)
    assert "No box of yours runs here." in err
    assert osbiz("show", "expired")[0] == 0
    assert osbiz("set", "expired")[0] == 2


def test_a_box_starts_with_faults(tmp_path: Path) -> None:
    faults = ("--fault", "no-san:connections=1", "--fault", "booster/port-closed")
    with program(tmp_path, "--ephemeral", *faults) as box:
        assert refuses(box.ready["booster"])
        first, second = presented(box), presented(box)
        assert first != second
        assert box.call("GET", f"{SYSTEM}/no-san").body["limits"]["left"] == 0


@pytest.mark.parametrize("fault", ["nonsense", "expired:days", "kitchen/expired", "expired:x=1"])
def test_a_fault_that_is_none_ends_the_start_in_one_line(fault: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    line = [sys.executable, "-m", "webserver.cli", "run", "--data", str(data), "--fault", fault]
    done = subprocess.run(line, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("osbiz: ")
    assert done.stderr.count("\n") == 1


# --- a Booster Server in a process of its own


def test_a_far_booster_server_has_its_faults_set_where_it_runs(tmp_path: Path) -> None:
    pairing = tmp_path / "pairing.json"
    alone = ("--ephemeral", "--port", "0", "--control-port", "0", "--pairing-file", str(pairing))
    with program(tmp_path, *alone, "--fault", "expired", command="booster", ports=()) as booster:
        url = booster.ready["booster"]
        assert booster.call("GET", f"{BOOSTER}/expired").body["set"] is True
        which = ("--node", "booster", "--ready-file", str(booster.ready_file))
        assert osbiz("clear", *which)[0] == 0
        in_order = chain_of(address_of(url))
        assert osbiz("set", *which, "no-answer", "--connections", "1")[0] == 0
        assert said("curl", "-sk", "--max-time", "0.3", url).status == 28
        assert chain_of(address_of(url)) == in_order
        records = booster.call("GET", "/v1/handshakes").body["handshakes"]
        assert records[-2]["faults"] == ["no-answer"]
        events = [one["event"] for one in booster.call("GET", "/v1/journal").body["journal"]]
        assert "fault-spent" in events
        assert booster.call("GET", SYSTEM).status == 404
        assert booster.call("GET", BOOSTER, token="wrong").status == 401
        with program(tmp_path, "--ephemeral", "--booster-pairing", str(pairing)) as box:
            answer = box.call("PUT", f"{BOOSTER}/expired")
            assert answer.body["code"] == "booster-far"
            assert "--control-port" in answer.body["detail"]
            answer = box.call("PUT", f"{SYSTEM}/other-node")
            assert answer.body["code"] == "no-other-node"
