"""An incident written from a box's journal happens again."""

from __future__ import annotations

import itertools
import secrets
import tomllib
from pathlib import Path
from typing import Any

import trustme
from hypothesis import given
from hypothesis import strategies as st

from appliance.incidents import find_incident
from appliance.incidents.writing import toml
from tests.clients import served
from tests.incidents.conftest import Run
from tests.system.program import Program, program

PASSPHRASE = "seven-7"


def upload(box: Program, name: str, **parts: bytes) -> Any:
    """An import, as multipart; its CERTIFICATE."""
    boundary = secrets.token_hex(8)
    fields = {"name": name.encode(), "passphrase": PASSPHRASE.encode(), **parts}
    body = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (boundary.encode(), key.encode(), b'; filename="f"' if key in parts else b"", value)
        for key, value in fields.items()
    )
    answer = box.call(
        "POST", "/v1/certificates/import", raw=body + f"--{boundary}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )  # fmt: skip
    assert answer.status == 201, answer.body
    return answer.body


def done(box: Program, method: str, path: str, body: Any = None) -> Any:
    answer = box.call(method, f"/v1/{path}", body)
    assert answer.status < 300, answer.body
    return answer.body


def a_life(box: Program) -> None:
    """Everything that an incident can tell of, once."""
    done(box, "PUT", "clock", {"now": "2025-03-01T08:00:00Z", "rate": 0})
    root = done(box, "POST", "certificates", {
        "kind": "authority", "name": "My CA", "subject": {"CN": "My CA"},
    })  # fmt: skip
    server = done(box, "POST", "certificates", {
        "kind": "server", "name": "Mine", "subject": {"CN": "127.0.0.2"}, "san": ["IP:127.0.0.2"],
        "authority": root["id"], "passphrase": PASSPHRASE,
    })  # fmt: skip
    twin = upload(box, "Mine, imported", pkcs12=box.call(
        "GET", f"/v1/certificates/{server['id']}.p12"
    ).body)  # fmt: skip
    done(box, "POST", "nodes/system/activate", {"certificate": twin["id"]})
    done(box, "PUT", "clock", {"shift": "30d"})
    outside = trustme.CA(organization_name="Elsewhere", key_type=trustme.KeyType.RSA)
    middle = outside.create_child_ca(key_type=trustme.KeyType.RSA)
    issued = middle.issue_cert("127.0.0.2", key_type=trustme.KeyType.RSA)
    bought = upload(
        box,
        "Bought, dear",
        certificate=b"".join(part.bytes() for part in issued.cert_chain_pems),
        key=issued.private_key_pem.bytes(),
    )
    done(box, "POST", "nodes/system/activate", {"certificate": bought["id"]})
    done(box, "POST", "nodes/booster/activate", {"certificate": twin["id"]})
    done(box, "PUT", "clock", {"shift": "1h"})
    done(box, "PUT", "nodes/booster/faults/expired", {"days": 2})
    done(box, "PUT", "nodes/booster/validity", {"expired_since": "2d"})
    done(box, "PUT", "clock", {"shift": "1h"})
    done(box, "DELETE", "nodes/booster/faults/expired")
    done(box, "PUT", "clock", {"now": "2024-06-01T00:00:00Z"})
    done(box, "PATCH", "box", {"lan_ip": "127.0.0.14"})
    done(box, "PUT", "nodes/system/faults/wrong-name", {"connections": 1})
    served(box.call("GET", "/v1/box").body["portal"])
    done(box, "PUT", "nodes/system/faults/delay", {"endpoint": "portal"})
    done(box, "DELETE", "nodes/system/faults/delay")
    done(box, "PUT", "nodes/system/validity", {"expired_since": "2d"})
    own = done(box, "POST", "certificates", {
        "kind": "self-signed", "name": "Own", "subject": {"CN": "127.0.0.14"},
        "san": ["IP:127.0.0.14", "DNS:box.example"],
    })  # fmt: skip
    gone = done(box, "POST", "certificates", {
        "kind": "self-signed", "name": "Gone", "subject": {"CN": "127.0.0.14"},
    })  # fmt: skip
    done(box, "POST", "nodes/system/activate", {"certificate": gone["id"]})
    done(box, "POST", "certificates", {"kind": "request", "name": "R", "subject": {"CN": "x"}})
    done(box, "POST", "nodes/system/activate", {"certificate": own["id"]})
    done(box, "DELETE", f"certificates/{gone['id']}")
    done(box, "PUT", "clock", {"shift": "1d"})


def test_what_a_box_lived_through_is_written_down_and_happens_again(
    tmp_path: Path, incident: Run, replayed: Any
) -> None:
    path = tmp_path / "recorded.toml"
    arguments = ("--ephemeral", "--restart-time", "0", "--firmware", "V3R2", "--clock",
                 "2025-03-01T07:00:00Z", "--installed-at", "2021-05-04T00:00:00Z")  # fmt: skip
    with program(tmp_path, *arguments) as box:
        a_life(box)
        told = incident(
            "record", "--ready-file", box.ready_file, "--output", path, "--title", "A life"
        )
        assert told.returncode == 0, told.stderr
        plain = incident("record", "--ready-file", box.ready_file).stdout
    assert "osbiz incident replay" in told.stdout
    assert plain.startswith('title = "Recorded at 2024-06-02T00:00:00Z"')
    assert "PRIVATE KEY" not in plain
    written = find_incident(str(path))
    assert written.title == "A life"
    assert (written.start.firmware, written.start.booster_ip) == ("V3R2", "127.0.0.3")
    found = replayed(path, "--step")
    served = [step["nodes"]["system"]["serves"] for step in found["steps"]]
    assert [name for name, _ in itertools.groupby(served)] == [
        "default", "Mine", "Bought, dear", "default", "what the fault wrong-name shows",
        "default", "Gone", "Own",
    ]  # fmt: skip
    told = [one["text"] for step in found["steps"] for one in step["done"]]
    assert "A fault ends on the box: wrong-name." in told
    booster = [step["nodes"]["booster"] for step in found["steps"]]
    assert [name for name, _ in itertools.groupby(one["serves"] for one in booster)] == [
        "booster-default", "Mine", "what the fault expired shows", "Mine",
    ]  # fmt: skip
    faulty = [step["time"] for step in found["steps"] if "expired" in str(
        step["nodes"]["booster"]["serves"])]  # fmt: skip
    assert set(faulty) == {"2025-03-31T09:00:00Z", "2025-03-31T10:00:00Z"}
    last = found["steps"][-1]["nodes"]
    assert last["booster"]["certificate"]["not_after"] == "2025-03-29T09:00:00Z"
    assert (last["system"]["serves"], last["booster"]["serves"]) == ("Own", "Mine")
    assert last["system"]["certificate"]["san"] == ["IP:127.0.0.14", "DNS:box.example"]
    chain = next(
        step["nodes"]["system"]["certificate"]["on_the_wire"]["chain"]
        for step in found["steps"]
        if step["nodes"]["system"]["serves"] == "Bought, dear"
    )
    assert len(chain) == 2


def test_a_box_that_only_stood_there_is_an_incident_too(
    tmp_path: Path, incident: Run, replayed: Any
) -> None:
    path = tmp_path / "recorded.toml"
    with program(tmp_path, "--ephemeral", "--no-booster") as box:
        assert incident("record", "--ready-file", box.ready_file, "--output", path).returncode == 0
    found = replayed(path, "--step")
    assert [step["nodes"]["system"]["serves"] for step in found["steps"]] == ["default"]


def test_no_box_is_no_incident(tmp_path: Path, incident: Run) -> None:
    done_ = incident("record", "--ready-file", tmp_path / "nothing.json")
    assert done_.returncode == 2
    assert "can't be read" in done_.stderr


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_written_so_that_toml_reads_it(text: str) -> None:
    assert tomllib.loads(f"a = {toml(text)}") == {"a": text}
    assert tomllib.loads(f"a = {toml([text, {'b': text}])}") == {"a": [text, {"b": text}]}
