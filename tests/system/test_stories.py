"""The whitepaper's stories through the control API, seen by real clients."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.clients import curl, refuses, s_client, served
from tests.system.conftest import Issued
from tests.system.program import Program, program

PASSPHRASE = "correct horse"


def imported(box: Program, issued: Issued, name: str = "from a CA") -> str:
    answer = box.upload(
        name=name, passphrase=PASSPHRASE, certificate=issued.certificate, key=issued.key
    )
    assert answer.status == 201, answer.body
    identity: str = answer.body["id"]
    return identity


def activate(box: Program, identity: str, node: str = "system") -> None:
    answer = box.call("POST", f"/v1/nodes/{node}/activate", {"certificate": identity})
    assert answer.status == 202, answer.body


# Move


def test_a_new_lan_ip_makes_a_new_certificate_with_another_key(tmp_path: Path) -> None:
    with program(tmp_path, "--ephemeral", "--restart-time", "300ms") as box:
        before, old_url = served(box.ready["portal"]), box.ready["portal"]
        answer = box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.9"})
        assert answer.status == 202
        assert answer.body["state"] == "restarting"
        assert refuses(old_url)
        assert refuses(answer.body["portal"])
        box.wait_until_running()
        now = box.box()
        after = served(now["portal"])
        assert after.common_name == "127.0.0.9"
        assert after.public_key != before.public_key
        assert refuses(old_url)
        assert refuses(old_url.replace("127.0.0.9", "127.0.0.2"))
        found = box.call("GET", "/v1/certificates").body["certificates"]
        assert [one["active_on"] for one in found] == [[], ["system"]]
        assert found[0]["fingerprint_sha256"] == before.fingerprint


def test_what_was_active_before_a_move_can_be_activated_again(box: Program) -> None:
    first = box.box()["nodes"]["system"]["active"]["id"]
    assert box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.9"}).status == 202
    activate(box, first)
    assert served(box.box()["portal"]).common_name == "127.0.0.2"


@pytest.mark.parametrize(
    "lan_ip",
    ["192.0.2.1", "127.0.0.300", "::1", "0.0.0.0", "224.0.0.1", "", " ", "localhost", 2, None, []],
)
def test_an_address_the_box_cannot_have_changes_nothing(box: Program, lan_ip: object) -> None:
    before = box.box()
    answer = box.call("PATCH", "/v1/box", {"lan_ip": lan_ip})
    assert answer.status == 422
    assert answer.body["field"] == "lan_ip"
    after = box.box()
    assert after | {"now": ""} == before | {"now": ""}
    assert len(box.call("GET", "/v1/certificates").body["certificates"]) == 1
    assert served(box.ready["portal"]).common_name == "127.0.0.2"


def test_an_address_whose_port_is_taken_changes_nothing(box: Program) -> None:
    port = int(box.host("wsi").partition(":")[2])
    with socket.create_server(("127.0.0.10", port)):
        answer = box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.10"})
    assert (answer.status, answer.body["code"]) == (409, "port-taken")
    assert box.box()["lan_ip"] == "127.0.0.2"
    assert served(box.ready["wsi"]).common_name == "127.0.0.2"


def test_the_address_it_has_is_no_change(box: Program) -> None:
    before = served(box.ready["portal"])
    assert box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.2"}).status == 200
    assert served(box.ready["portal"]) == before


# Import and activate


def test_an_import_is_not_active_until_it_is_activated(box: Program, issued: Issued) -> None:
    before = served(box.ready["portal"])
    identity = imported(box, issued)
    assert served(box.ready["portal"]) == before
    activate(box, identity)
    for endpoint in ("portal", "wsi"):
        assert served(box.ready[endpoint]).fingerprint != before.fingerprint
        done = curl("--cacert", issued.authority_file, box.ready[endpoint] + "/robots.txt")
        assert done.returncode == 0, done.stderr


def test_the_imported_chain_is_shown_whatever_its_order_in_the_file(
    box: Program, authority: object, tmp_path: Path
) -> None:
    import trustme

    assert isinstance(authority, trustme.CA)
    middle = authority.create_child_ca(key_type=trustme.KeyType.RSA)
    leaf = middle.issue_cert("127.0.0.2", key_type=trustme.KeyType.RSA)
    parts = [pem.bytes() for pem in leaf.cert_chain_pems]
    answer = box.upload(
        name="chain",
        passphrase=PASSPHRASE,
        certificate=b"".join(reversed(parts)),
        key=leaf.private_key_pem.bytes(),
    )
    assert answer.status == 201, answer.body
    activate(box, answer.body["id"])
    root = tmp_path / "root.pem"
    authority.cert_pem.write_to_path(root)
    done = s_client(box.ready["portal"], "-CAfile", str(root), "-verify_ip", "127.0.0.2")
    assert "Verify return code: 0 (ok)" in done.stdout
    assert len(served(box.ready["portal"]).chain) == 2


def test_a_pkcs12_file_of_openssl_is_imported(box: Program, issued: Issued, tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_bytes(issued.certificate)
    (tmp_path / "k.pem").write_bytes(issued.key)
    line = "openssl pkcs12 -export -in c.pem -inkey k.pem -out b.p12 -passout pass:".split()  # noqa: SIM905
    line[-1] += PASSPHRASE
    subprocess.run(line, cwd=tmp_path, check=True)
    data = (tmp_path / "b.p12").read_bytes()
    answer = box.upload(name="bundle", passphrase=PASSPHRASE, pkcs12=data)
    assert answer.status == 201, answer.body
    wrong = box.upload(name="bundle", passphrase="wrong horse", pkcs12=data)
    assert (wrong.status, wrong.body["code"]) == (422, "passphrase-wrong")


def test_everything_wrong_with_an_import_is_told_at_once(box: Program, issued: Issued) -> None:
    import trustme

    other = trustme.CA().issue_cert("127.0.0.2")  # elliptic curves
    answer = box.upload(
        name="a/b",
        passphrase="short",
        certificate=other.cert_chain_pems[0].bytes(),
        key=issued.key,
    )
    assert answer.status == 422
    codes = {error["code"] for error in answer.body["errors"]}
    assert codes == {
        "name", "passphrase-length", "signature-algorithm", "key-length", "key-mismatch",
    }  # fmt: skip
    assert len(box.call("GET", "/v1/certificates").body["certificates"]) == 1


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"name": "x", "passphrase": PASSPHRASE},
        {"name": "x", "passphrase": PASSPHRASE, "certificate": b"", "key": b""},
        {"name": "x", "passphrase": PASSPHRASE, "pkcs12": b"\x30\x80"},
        {"name": "x", "passphrase": PASSPHRASE, "certificate": b"a", "pkcs12": b"b"},
        {"name": "x", "passphrase": PASSPHRASE, "surprise": b"a"},
        {"name": "x", "passphrase": PASSPHRASE, "certificate": b"\xff" * 900_000, "key": b"-"},
    ],
)
def test_an_import_of_nonsense_is_refused_in_words(
    box: Program, parts: dict[str, str | bytes]
) -> None:
    answer = box.upload(**parts)
    assert answer.status == 422
    assert answer.body["detail"]
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_an_upload_of_more_than_a_mebibyte_is_refused(box: Program) -> None:
    answer = box.upload(name="x", passphrase=PASSPHRASE, pkcs12=b"0" * (1 << 20))
    assert (answer.status, answer.body["code"]) == (413, "too-large")


def test_an_expired_certificate_is_activated_with_a_warning(box: Program) -> None:
    made = box.call(
        "POST",
        "/v1/certificates",
        {
            "kind": "self-signed",
            "name": "old",
            "subject": {"CN": "127.0.0.2"},
            "not_before": "2022-01-01T00:00:00Z",
            "not_after": "2023-01-01T00:00:00Z",
        },
    )
    answer = box.call("POST", "/v1/nodes/system/activate", {"certificate": made.body["id"]})
    assert answer.status == 202
    assert answer.body["warnings"] == ["This certificate expired on 2023-01-01T00:00:00Z."]
    assert served(box.ready["portal"]).not_after == "2023-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"kind": "request"}, "certificate-pending"),
        ({"kind": "authority"}, "not-a-server-certificate"),
    ],
)
def test_what_cannot_be_served_is_not_activated(
    box: Program, form: dict[str, str], code: str
) -> None:
    form_ = {"name": "it", "subject": {"CN": "127.0.0.2"}, **form}
    made = box.call("POST", "/v1/certificates", form_)
    before = served(box.ready["portal"])
    answer = box.call("POST", "/v1/nodes/system/activate", {"certificate": made.body["id"]})
    assert (answer.status, answer.body["code"]) == (422, code)
    assert served(box.ready["portal"]) == before


def test_the_answer_to_an_own_signing_request_finds_its_key(box: Program, tmp_path: Path) -> None:
    made = box.call(
        "POST",
        "/v1/certificates",
        {
            "kind": "request",
            "name": "for the CA",
            "subject": {"C": "DE", "CN": "127.0.0.2"},
            "san": ["IP:127.0.0.2"],
        },
    )
    (tmp_path / "r.csr").write_bytes(
        box.call("GET", f"/v1/certificates/{made.body['id']}.csr").body
    )
    for line in (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=Lab",
        "openssl x509 -req -in r.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 "
        "-copy_extensions copy -out c.pem",
    ):
        subprocess.run(line.split(), cwd=tmp_path, check=True, capture_output=True)
    answer = box.upload(
        name="signed", passphrase=PASSPHRASE, certificate=(tmp_path / "c.pem").read_bytes()
    )
    assert answer.status == 201, answer.body
    activate(box, answer.body["id"])
    done = curl("--cacert", tmp_path / "ca.pem", box.ready["portal"] + "/robots.txt")
    assert done.returncode == 0, done.stderr


def test_a_small_ca_of_the_box_makes_it_trusted(box: Program, tmp_path: Path) -> None:
    authority = box.call(
        "POST",
        "/v1/certificates",
        {"kind": "authority", "name": "My CA", "subject": {"C": "DE", "CN": "My CA"}},
    ).body
    server = box.call(
        "POST",
        "/v1/certificates",
        {
            "kind": "server",
            "name": "My server",
            "subject": {"CN": "127.0.0.2"},
            "san": ["IP:127.0.0.2"],
            "authority": authority["id"],
            "passphrase": PASSPHRASE,
        },
    ).body
    file = box.call("GET", f"/v1/certificates/{server['id']}.p12")
    assert 'filename="My_server.p12"' in file.headers["Content-Disposition"]
    back = box.upload(name="My server", passphrase=PASSPHRASE, pkcs12=file.body)
    assert back.status == 201, back.body
    activate(box, back.body["id"])
    root = tmp_path / "ca.crt"
    root.write_bytes(box.call("GET", f"/v1/certificates/{authority['id']}.crt").body)
    assert curl("--cacert", root, box.ready["portal"] + "/robots.txt").returncode == 0
    strict = (
        "import ssl,sys,urllib.request as u;c=ssl.create_default_context(cafile=sys.argv[1]);"
        "c.verify_flags|=ssl.VERIFY_X509_STRICT;u.urlopen(sys.argv[2],context=c)"
    )
    url = box.ready["portal"] + "/robots.txt"
    subprocess.run(["python3", "-c", strict, str(root), url], check=True)
    node = (
        "require('https').get(process.argv[1],r=>r.resume())"
        ".on('error',e=>{console.error(e.code);process.exit(1)})"
    )
    done = subprocess.run(
        ["node", "-e", node, url], env={"NODE_EXTRA_CA_CERTS": str(root)}, capture_output=True
    )
    assert done.returncode == 0, done.stderr


def test_one_authority_does_not_issue_a_serial_twice(box: Program) -> None:
    form = {"kind": "authority", "name": "CA", "subject": {"CN": "CA"}}
    authority = box.call("POST", "/v1/certificates", form).body["id"]
    server = {
        "kind": "server",
        "name": "s",
        "subject": {"CN": "127.0.0.2"},
        "serial": 123456789,
        "authority": authority,
        "passphrase": PASSPHRASE,
    }
    first = box.call("POST", "/v1/certificates", server)
    assert (first.body["serial"], first.body["serial_hex"]) == (123456789, "075BCD15")
    second = box.call("POST", "/v1/certificates", server)
    assert (second.status, second.body["code"]) == (409, "serial-taken")


def test_a_certificate_is_removed_but_not_while_it_is_active(box: Program, issued: Issued) -> None:
    identity = imported(box, issued)
    activate(box, identity)
    answer = box.call("DELETE", f"/v1/certificates/{identity}")
    assert (answer.status, answer.body["code"]) == (409, "certificate-active")
    activate(box, box.call("GET", "/v1/certificates").body["certificates"][0]["id"])
    assert box.call("DELETE", f"/v1/certificates/{identity}").status == 204
    assert box.call("GET", f"/v1/certificates/{identity}").status == 404


def test_a_reset_leaves_a_new_box(box: Program, issued: Issued) -> None:
    activate(box, imported(box, issued))
    activate(box, box.box()["nodes"]["system"]["active"]["id"], "booster")
    box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.8"})
    assert box.call("POST", "/v1/reset").status == 202
    box.wait_until_running()
    box.wait_until_running("booster")
    (only,) = box.call("GET", "/v1/certificates").body["certificates"]
    assert only["kind"] == "default"
    assert served(box.ready["portal"]).fingerprint == only["fingerprint_sha256"]
    assert served(box.ready["booster"]).common_name == "127.0.0.3"
    assert box.call("GET", "/v1/journal").body["journal"][0]["event"] == "installed"


def test_a_reset_while_the_booster_restarts_changes_nothing(tmp_path: Path, issued: Issued) -> None:
    with program(tmp_path, "--ephemeral", "--restart-time", "1s") as box:
        identity = imported(box, issued)
        activate(box, identity, "booster")
        answer = box.call("POST", "/v1/reset")
        assert (answer.status, answer.body["code"]) == (409, "restarting")
        assert box.call("GET", f"/v1/certificates/{identity}").status == 200


# Restart


def test_while_it_restarts_nothing_listens_and_then_it_serves(
    tmp_path: Path, issued: Issued
) -> None:
    with program(tmp_path, "--ephemeral", "--restart-time", "1500ms") as box:
        identity = imported(box, issued)
        login = box.ready["wsi_http"] + "/cgi-bin/gadgetapi?cmd=Login&gsUser=100&gsPass=100-1234"
        assert "<ID>" in curl(login).stdout
        begun = time.monotonic()
        activate(box, identity)
        for endpoint in ("portal", "wsi", "wsi_http"):
            assert refuses(box.ready[endpoint])
        assert box.box()["state"] == "restarting"
        again = box.call("POST", "/v1/nodes/system/activate", {"certificate": identity})
        assert (again.status, again.body["code"]) == (409, "restarting")
        booster = served(box.ready["booster"])  # which goes on serving meanwhile
        assert booster.common_name == "127.0.0.3"
        while refuses(box.ready["portal"]):
            time.sleep(0.02)
        assert 1.4 < time.monotonic() - begun < 5
        assert curl("--cacert", issued.authority_file, box.ready["portal"]).returncode == 0
        journal = box.call("GET", "/v1/journal").body["journal"]
        (begun_,) = (one for one in journal if one["event"] == "restart-begun")
        assert begun_["detail"] == {"seconds": 1.5, "wsi_sessions_ended": 1}


def test_a_wsi_session_ends_with_a_restart(box: Program, issued: Issued) -> None:
    base = box.ready["wsi_http"] + "/cgi-bin/gadgetapi?cmd="
    session = curl(base + "Login&gsUser=100&gsPass=100-1234").stdout.split("ID>")[1][:8]
    assert "SERVERPARAM" in curl(f"{base}GetServerParam&gsSession={session}").stdout
    activate(box, imported(box, issued))
    assert "NOT_LOGGED_IN" in curl(f"{base}GetServerParam&gsSession={session}").stdout


# The Booster Server


def test_the_booster_has_ten_years_and_changes_alone(box: Program, issued: Issued) -> None:
    before = served(box.ready["booster"])
    subject = s_client(box.ready["booster"]).stdout
    assert "O = Unify Software and Solutions GmbH & Co. KG, OU = Unify, CN = 127.0.0.3" in subject
    assert int(before.not_after[:4]) - int(before.not_before[:4]) == 10
    system = served(box.ready["portal"])
    identity = imported(box, issued)
    activate(box, identity, "booster")
    assert served(box.ready["portal"]) == system
    assert curl("--cacert", issued.authority_file, box.ready["booster"]).returncode == 0
    assert box.call("GET", f"/v1/certificates/{identity}").body["active_on"] == ["booster"]
    removal = box.call("DELETE", f"/v1/certificates/{identity}")
    assert (removal.status, removal.body["code"]) == (409, "certificate-active")


def test_a_booster_that_restarts_is_away_and_nothing_changes(
    tmp_path: Path, issued: Issued
) -> None:
    with program(tmp_path, "--ephemeral", "--restart-time", "1s") as box:
        first = imported(box, issued)
        activate(box, first, "booster")
        second = box.box()["nodes"]["system"]["active"]["id"]
        answer = box.call("POST", "/v1/nodes/booster/activate", {"certificate": second})
        assert (answer.status, answer.body["code"]) == (502, "booster-away")
        box.wait_until_running("booster")
        assert curl("--cacert", issued.authority_file, box.ready["booster"]).returncode == 0


def test_a_booster_in_a_process_of_its_own_is_handed_certificates(
    tmp_path: Path, issued: Issued
) -> None:
    pairing = tmp_path / "pairing.json"
    ip = ("--ip", "127.0.0.13", "--port", "0", "--restart-time", "0")
    ending = ("--ephemeral", "--booster-pairing", str(pairing))
    with (
        program(
            tmp_path,
            "--ephemeral",
            *ip,
            "--pairing-file",
            str(pairing),
            command="booster",
            ports=(),
        ) as booster,
        program(tmp_path, *ending) as box,
    ):
        assert box.ready["booster"] == booster.ready["booster"]
        first = box.box()["nodes"]["booster"]
        assert first["state"] == "running"
        assert first["active"]["subject"]["CN"] == "127.0.0.13"
        identity = imported(box, issued)
        activate(box, identity, "booster")
        done = curl("--cacert", issued.authority_file, booster.ready["booster"])
        assert done.returncode == 0, done.stderr
        assert box.box()["nodes"]["booster"]["active"]["id"] == identity
        activate(box, first["active"]["id"], "booster")  # its own default again
        assert served(booster.ready["booster"]).common_name == "127.0.0.13"
        booster.end()
        answer = box.call("POST", "/v1/nodes/booster/activate", {"certificate": identity})
        assert (answer.status, answer.body["code"]) == (502, "booster-away")
        assert box.box()["nodes"]["booster"]["state"] == "away"


def test_the_transfer_channel_pins_the_booster_and_sends_nothing_to_another(
    tmp_path: Path, issued: Issued
) -> None:
    pairing = tmp_path / "pairing.json"
    ip = ("--ip", "127.0.0.14", "--port", "0", "--pairing-file", str(pairing))
    with program(tmp_path, "--ephemeral", *ip, command="booster", ports=()) as booster:
        content = json.loads(pairing.read_text())
        content["key_sha256"] = "00" * 32
        pairing.write_text(json.dumps(content))
        with program(tmp_path, "--ephemeral", "--booster-pairing", str(pairing)) as box:
            identity = imported(box, issued)
            answer = box.call("POST", "/v1/nodes/booster/activate", {"certificate": identity})
            assert (answer.status, answer.body["code"]) == (502, "booster-changed")
        assert served(booster.ready["booster"]).common_name == "127.0.0.14"


def test_the_transfer_channel_is_closed_to_those_without_the_secret(box: Program) -> None:
    url = box.ready["booster"] + "/transfer/v1/certificate"
    done = curl("-k", "-X", "PUT", "-d", "{}", "-w", "%{http_code}", url)
    assert done.stdout.endswith("401")


def test_a_box_without_booster_says_so(tmp_path: Path) -> None:
    with program(tmp_path, "--ephemeral", "--no-booster") as box:
        assert box.ready["booster"] is None
        found = box.box()
        assert (found["booster"], set(found["nodes"])) == (None, {"system"})
        identity = found["nodes"]["system"]["active"]["id"]
        answer = box.call("POST", "/v1/nodes/booster/activate", {"certificate": identity})
        assert (answer.status, answer.body["code"]) == (409, "no-booster")
