"""The control API's verdicts: of what a box presents, and of any chain."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from appliance.trust import ENVIRONMENTS
from tests.clients import curl
from tests.system.program import Program, osbiz, program

SYSTEM = "/v1/nodes/system/verdicts"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A box as installed, which tests must leave as it was."""
    with program(tmp_path_factory.mktemp("box"), "--ephemeral") as running:
        yield running


@dataclass(frozen=True)
class Office:
    """A box that serves a certificate of its own CA, which `authority` is the id of."""

    box: Program
    authority: dict[str, Any]


@contextmanager
def office_in(folder: Path) -> Iterator[Office]:
    with program(folder, "--ephemeral", "--restart-time", "0") as running:
        authority = make_authority(running)
        serve_issued_by(running, authority["id"])
        yield Office(running, authority)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One that tests must leave as it was."""
    with office_in(tmp_path_factory.mktemp("office")) as found:
        yield found


def outcomes(box: Program, path: str, body: Any = None) -> dict[str, str]:
    answer = box.call("GET" if body is None else "POST", path, body)
    assert answer.status == 200, answer.body
    return {one["environment"]: one["outcome"] for one in answer.body["verdicts"]}


def active(box: Program, node: str = "system") -> dict[str, Any]:
    found: dict[str, Any] = box.box()["nodes"][node]["active"]
    return found


def make_authority(box: Program) -> dict[str, Any]:
    made = box.call(
        "POST", "/v1/certificates", {"kind": "authority", "name": "ca", "subject": {"CN": "Own CA"}}
    )
    assert made.status == 201, made.body
    found: dict[str, Any] = made.body
    return found


def serve_issued_by(box: Program, authority: str) -> None:
    made = box.call(
        "POST",
        "/v1/certificates",
        {
            "kind": "server",
            "name": "server",
            "subject": {"CN": "box.test"},
            "san": ["IP:127.0.0.2", "DNS:box.test"],
            "authority": authority,
            "passphrase": "seven 77",
        },
    )
    assert made.status == 201, made.body
    begun = box.call("POST", "/v1/nodes/system/activate", {"certificate": made.body["id"]})
    assert begun.status == 202, begun.body
    box.wait_until_running()


# --- of a node


def test_every_environment_speaks_of_a_default_box_at_its_address(box: Program) -> None:
    answer = box.call("GET", SYSTEM)
    assert [one["environment"] for one in answer.body["verdicts"]] == list(ENVIRONMENTS)
    assert {one["outcome"] for one in answer.body["verdicts"]} == {"refused"}
    assert answer.body["host"] == "127.0.0.2"
    assert answer.body["chain"][0]["pem"] == active(box)["pem"]


def test_the_answer_says_how_to_ask_for_clients_that_trust_the_issuer(box: Program) -> None:
    before = box.call("GET", SYSTEM).body
    assert f"anchor={active(box)['id']}" in before["notes"][0]
    after = box.call("GET", f"{SYSTEM}?anchor={active(box)['id']}").body
    assert after["notes"] == []
    assert after["anchors"][0]["origin"] == "user"


def test_curl_does_what_was_said_of_curl(box: Program, tmp_path: Path) -> None:
    certificate = tmp_path / "box.pem"
    certificate.write_text(active(box)["pem"])
    url = box.ready["portal"] + "/"
    said = {
        "none": outcomes(box, SYSTEM)["curl"],
        "trusted": outcomes(box, f"{SYSTEM}?anchor={active(box)['id']}")["curl"],
        "another name": outcomes(box, f"{SYSTEM}?anchor={active(box)['id']}&host=other.test")[
            "curl"
        ],
    }
    port = box.host("portal").rpartition(":")[2]
    other = f"https://other.test:{port}/"
    done = {
        "none": curl(url),
        "trusted": curl("--cacert", certificate, url),
        "another name": curl(
            "--cacert", certificate, "--resolve", f"other.test:{port}:127.0.0.2", other
        ),
    }
    assert said == {
        case: "refused" if client.returncode else "accepted" for case, client in done.items()
    }


def test_who_told_the_clients_makes_a_difference(office: Office) -> None:
    trusted = f"{SYSTEM}?anchor={office.authority['id']}"
    user = outcomes(office.box, trusted)
    administrator = outcomes(office.box, f"{trusted}&origin=administrator")
    assert set(outcomes(office.box, SYSTEM).values()) == {"refused"}
    assert user["chromium"] == administrator["chromium"] == "accepted"
    assert user["android"] == "refused"


def test_the_booster_server_is_a_node_of_its_own(box: Program) -> None:
    answer = box.call("GET", "/v1/nodes/booster/verdicts").body
    assert answer["host"] == box.ready["booster"].split("//")[1].split(":")[0]
    assert answer["chain"][0]["pem"] == active(box, "booster")["pem"]


def test_a_booster_server_alone_tells_of_itself(tmp_path: Path) -> None:
    ports = ("--port", "0", "--control-port", "0")
    with program(tmp_path, "--ephemeral", command="booster", ports=ports) as booster:
        answer = booster.call("GET", "/v1/nodes/booster/verdicts")
        assert {one["outcome"] for one in answer.body["verdicts"]} == {"refused"}
        other = booster.call("GET", SYSTEM)
        assert (other.status, other.body["code"]) == (404, "no-such-node")


def test_the_calendar_is_the_clients_time_unless_dates_are_projected(tmp_path: Path) -> None:
    with office_in(tmp_path) as office:
        box, trusted = office.box, f"{SYSTEM}?anchor={office.authority['id']}&environment=go"
        assert outcomes(box, trusted) == {"go": "accepted"}
        box.call("PUT", "/v1/clock", {"now": "2033-01-01T00:00:00Z", "rate": 0})
        assert outcomes(box, trusted) == {"go": "refused"}
        end = active(box)["not_after"]
        assert outcomes(box, f"{trusted}&at={end}") == {"go": "accepted"}
        serve_issued_by(box, office.authority["id"])
        box.call("PUT", "/v1/clock", {"dates": "projected"})
        box.wait_until_running()
        answer = box.call("GET", trusted).body
        assert answer["at"] < "2033", "the real clock"
        assert answer["verdicts"][0]["outcome"] == "accepted", answer["verdicts"]


def test_a_note_warns_when_faults_are_set(office: Office) -> None:
    fault = "/v1/nodes/system/faults/expired"
    assert office.box.call("PUT", fault, {}).status == 200
    notes = office.box.call("GET", SYSTEM).body["notes"]
    office.box.call("DELETE", fault)
    assert any("Faults are set" in note for note in notes)


# --- of any chain


def test_the_call_and_the_command_say_the_same(box: Program, tmp_path: Path) -> None:
    pem = active(box)["pem"]
    file = tmp_path / "chain.pem"
    file.write_text(pem)
    at = "2027-03-04T05:06:07Z"
    told = box.call(
        "POST", "/v1/verdicts", {"chain": pem, "anchors": [pem], "host": "127.0.0.2", "at": at}
    )
    done = subprocess.run(
        osbiz("verdict", "--chain", str(file), "--anchor", str(file), "--host", "127.0.0.2",
              "--at", at, "--json"),
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.body == json.loads(done.stdout)


def test_nothing_is_trusted_and_no_name_looked_at_unless_it_is_said(box: Program) -> None:
    answer = box.call("POST", "/v1/verdicts", {"chain": active(box)["pem"]}).body
    assert answer["anchors"] == []
    assert answer["host"] is None
    assert len(answer["notes"]) == 2


def test_anchors_may_say_who_added_them(office: Office) -> None:
    chain = active(office.box)["pem"]
    told = {
        origin: outcomes(
            office.box,
            "/v1/verdicts",
            {
                "chain": chain,
                "host": "box.test",
                "anchors": [{"pem": office.authority["pem"], "origin": origin}],
            },
        )["android"]
        for origin in ("user", "public")
    }
    assert told == {"user": "refused", "public": "accepted"}


def test_some_environments_may_be_asked_alone(box: Program) -> None:
    question = {"chain": active(box)["pem"], "environments": ["java-17", "go"]}
    assert list(outcomes(box, "/v1/verdicts", question)) == ["java-17", "go"]


PEM = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 422, "field-missing", "chain"),
        ({"chain": ["x"]}, 422, "field-missing", "chain"),
        ({"chain": "nothing"}, 422, "not-a-certificate", "chain"),
        ({"chain": "\ud800"}, 422, "not-a-certificate", "chain"),
        ({"chain": PEM}, 422, "not-a-certificate", "chain"),
        ({"chain": PEM * 101}, 422, "chain-length", "chain"),
        ({"chain": "x" * (1 << 20)}, 413, "too-large", None),
        ({"chain": "ACTIVE", "anchors": "x"}, 422, "anchors", "anchors"),
        ({"chain": "ACTIVE", "anchors": [7]}, 422, "anchors", "anchors[0]"),
        ({"chain": "ACTIVE", "anchors": ["ACTIVE", "x"]}, 422, "not-a-certificate", "anchors[1]"),
        ({"chain": "ACTIVE", "anchors": [{"pem": 1}]}, 422, "anchors", "anchors[0]"),
        ({"chain": "ACTIVE", "anchors": [{"pem": "ACTIVE", "origin": "me"}]}, 422,
         "anchor-origin", "anchors[0]"),
        ({"chain": "ACTIVE", "host": 7}, 422, "host", "host"),
        ({"chain": "ACTIVE", "host": "https://box/"}, 422, "host", "host"),
        ({"chain": "ACTIVE", "at": "noon"}, 422, "time", "at"),
        ({"chain": "ACTIVE", "public": "yes"}, 400, "body", "public"),
        ({"chain": "ACTIVE", "environments": "go"}, 422, "no-such-environment", "environments"),
        ({"chain": "ACTIVE", "environments": ["amiga"]}, 422, "no-such-environment",
         "environments"),
        ({"chain": "ACTIVE", "crls": ["x"]}, 422, "not-a-revocation-list", "crls"),
        ({"chain": "ACTIVE", "crls": "x"}, 422, "not-a-revocation-list", "crls"),
        ({"chain": "ACTIVE", "staple": "é"}, 422, "staple", "staple"),
        ({"chain": "ACTIVE", "staple": 5}, 422, "staple", "staple"),
        ({"chain": "ACTIVE", "chains": 5}, 422, "unknown-field", "chains"),
    ],
)  # fmt: skip
def test_a_question_that_is_none_is_refused_by_its_field(
    box: Program, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    pem = active(box)["pem"]
    raw = json.dumps(body).replace('"ACTIVE"', json.dumps(pem)).encode()
    answer = box.call("POST", "/v1/verdicts", raw=raw)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body.get("field") == field


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("/v1/nodes/fax/verdicts", 404, "no-such-node", "node"),
        (f"{SYSTEM}?anchor=none", 404, "no-such-certificate", "anchor"),
        (f"{SYSTEM}?ancor=none", 422, "unknown-field", "ancor"),
        (f"{SYSTEM}?origin=me", 422, "anchor-origin", "origin"),
        (f"{SYSTEM}?public=maybe", 400, "query", "public"),
        (f"{SYSTEM}?at=noon", 422, "time", "at"),
        (f"{SYSTEM}?host=a%20b", 422, "host", "host"),
        (f"{SYSTEM}?environment=amiga", 422, "no-such-environment", "environments"),
    ],
)
def test_a_query_that_is_none_is_refused_by_its_field(
    box: Program, path: str, status: int, code: str, field: str | None
) -> None:
    answer = box.call("GET", path)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body.get("field") == field


def test_answers_have_the_members_that_the_description_promises(box: Program) -> None:
    described = box.call("GET", "/v1/openapi.json").body["paths"]["/v1/verdicts"]["post"]
    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    answer = box.call("POST", "/v1/verdicts", {"chain": active(box)["pem"]}).body
    assert set(answer) == set(schema["required"])
    verdict = schema["properties"]["verdicts"]["items"]
    assert set(answer["verdicts"][0]) == set(verdict["required"])
    finding = verdict["properties"]["findings"]["items"]
    assert set(answer["verdicts"][0]["findings"][0]) == set(finding["required"])
