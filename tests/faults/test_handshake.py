"""Every fault inside the handshake: on the wire, by real clients, and off again."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import subprocess
import time
from pathlib import Path

import pytest

from appliance.faults import FAULTS, Group
from appliance.faults.handshake import ALERTS, GROUPS, TLS12_CIPHERS, TLS13_CIPHERS
from store.refusals import Refused
from tests import listening
from tests.faults.provoking import Provoked, needs_gnutls
from tests.helpers import openssl
from webserver.contexts import build_context

STAGES = ["hello", "certificate", "finished"]
VERSIONS = {"TLSv1.2": ["-tls1_2"], "TLSv1.3": ["-tls1_3"]}

# What `openssl s_client -msg` shows of the server's messages up to each stage.
SERVERS_WORDS = {
    ("TLSv1.3", "hello"): [],
    ("TLSv1.3", "certificate"): ["ServerHello", "EncryptedExtensions", "Certificate"],
    ("TLSv1.3", "finished"): [
        "ServerHello", "EncryptedExtensions", "Certificate", "CertificateVerify",
    ],
    ("TLSv1.2", "hello"): [],
    ("TLSv1.2", "certificate"): ["ServerHello", "Certificate"],
    ("TLSv1.2", "finished"): [
        "ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone",
    ],
}  # fmt: skip

TRIED = {
    "no-answer", "close-handshake", "reset-handshake", "slow-handshake", "delay", "alert",
    "tls-1.2-only", "tls-1.3-only", "old-tls", "one-cipher", "hello-retry", "no-alpn",
    "client-certificate", "tickets-refused",
}  # fmt: skip


def test_every_handshake_fault_is_tried_here() -> None:
    inside = {name for name, fault in FAULTS.items() if fault.group is Group.HANDSHAKE}
    assert inside - {"giant-certificate"} == TRIED


def heard(text: str) -> list[str]:
    """The server's handshake messages that `s_client -msg` tells of, in order."""
    lines = [line for line in text.splitlines() if line.startswith("<<< ")]
    return [line.rpartition(", ")[2] for line in lines if "Handshake [" in line]


def raw_hello() -> bytes:
    """A ClientHello of Python's."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    client = context.wrap_bio(incoming, outgoing, server_hostname="osbiz.test")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def dial(faulty: Provoked, data: bytes = b"") -> socket.socket:
    connection = socket.create_connection(faulty.address, timeout=5)
    connection.sendall(data)
    return connection


# --- silence and cuts


def test_a_hello_is_not_answered_but_is_on_record(faulty: Provoked) -> None:
    with faulty.fault("no-answer"):
        with dial(faulty, raw_hello()) as client:
            client.settimeout(0.3)
            with pytest.raises(TimeoutError):
                client.recv(1)
            record = faulty.latest(settled=False)
            assert record["offered"]["server_name"] == "osbiz.test"
            assert record["shown"] is None
        assert faulty.curl(seconds=0.5).status == 28


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("stage", STAGES)
def test_the_connection_is_closed_at_the_stage(version: str, stage: str, faulty: Provoked) -> None:
    with faulty.fault("close-handshake", stage=stage):
        text = faulty.s_client("-msg", *VERSIONS[version]).text
        assert heard(text) == SERVERS_WORDS[version, stage]
        assert "unexpected eof" in text
        assert not re.search("<<< .*Alert", text)
        record = faulty.latest()
        assert record["outcome"] == "cut"
        assert (record["shown"] is None) == (stage == "hello")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("stage", STAGES)
def test_the_connection_is_reset_at_the_stage(version: str, stage: str, faulty: Provoked) -> None:
    with faulty.fault("reset-handshake", stage=stage):
        text = faulty.s_client("-msg", *VERSIONS[version]).text
        assert "errno=104" in text or "Connection reset" in text
        assert faulty.latest()["outcome"] == "cut"


def test_a_raw_client_gets_a_reset_and_not_an_end(faulty: Provoked) -> None:
    is_reset = pytest.raises(ConnectionResetError)
    with faulty.fault("reset-handshake"), dial(faulty, raw_hello()) as client, is_reset:
        client.recv(1)
    with faulty.fault("close-handshake"), dial(faulty, raw_hello()) as client:
        assert client.recv(1) == b""


# --- slowness


def test_handshake_bytes_come_one_by_one(faulty: Provoked) -> None:
    with faulty.fault("slow-handshake", every=0.001), dial(faulty, raw_hello()) as client:
        sizes = [len(client.recv(65536)) for _ in range(100)]
        assert sizes.count(1) > 80  # a busy machine reads two at once now and then


def test_a_slow_handshake_is_a_whole_one(faulty: Provoked) -> None:
    with faulty.fault("slow-handshake", octets=64, every=0.001):
        assert faulty.curl().text == "200"
        assert faulty.curl("--tls-max", "1.2").text == "200"
        assert faulty.latest()["outcome"] == "completed"


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("stage", ["accept", *STAGES, "response"])
def test_the_server_takes_its_time_at_the_stage(version: str, stage: str, faulty: Provoked) -> None:
    options = ["--tls-max", version] if version == "1.2" else ["--tlsv1.3"]
    clock = ["-w", "%{time_appconnect} %{time_total}"]
    with faulty.fault("delay", stage=stage, seconds=0.3):
        shaken, whole = map(float, faulty.curl(*options, *clock).text.split())
        assert whole >= 0.3
        assert (shaken >= 0.3) == (stage != "response")


def test_a_delay_at_every_stage_adds_up(faulty: Provoked) -> None:
    with faulty.fault("delay", stage="every", seconds=0.1):
        whole = float(faulty.curl("-w", "%{time_total}").text.removeprefix("200"))
        assert whole >= 0.5


def test_a_client_that_leaves_during_a_delay_is_let_go(faulty: Provoked) -> None:
    with faulty.fault("delay", stage="hello", seconds=60):
        with dial(faulty, raw_hello()):
            faulty.wait_for_hits("delay", 1)
        wait_until_empty(faulty)
        assert faulty.latest()["outcome"] == "closed-during-handshake"


def wait_until_empty(faulty: Provoked, seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while any(one.connections for one in faulty.box.station.listeners.values()):
        assert time.monotonic() < end, "connections are left"
        time.sleep(0.01)


# --- alerts


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("stage", STAGES)
def test_the_chosen_alert_arrives_at_the_stage(version: str, stage: str, faulty: Provoked) -> None:
    with faulty.fault("alert", alert="access_denied", stage=stage):
        text = faulty.s_client("-msg", *VERSIONS[version]).text
        assert heard(text) == SERVERS_WORDS[version, stage]
        assert "fatal access_denied" in text
        assert "alert access denied" in text
        record = faulty.latest()
        assert record["outcome"] == "cut"
        assert record["alert"] == {"name": "access_denied", "code": 49, "from": "server"}


@pytest.mark.parametrize("cipher", TLS13_CIPHERS)
def test_an_alert_is_sealed_with_any_cipher_of_tls_1_3(cipher: str, faulty: Provoked) -> None:
    with faulty.fault("one-cipher", cipher=cipher):
        faulty.box.set_fault("alert", alert="internal_error", stage="certificate")
        text = faulty.s_client("-msg").text
        assert "alert internal error" in text
        assert heard(text)[-1] == "Certificate"


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_can_be_sent(alert: str, faulty: Provoked) -> None:
    with faulty.fault("alert", alert=alert), dial(faulty, raw_hello()) as client:
        assert client.recv(7) == bytes([21, 3, 3, 0, 2, 2, ALERTS[alert]])
        assert client.recv(1) == b""


@needs_gnutls
def test_gnutls_names_the_alert(faulty: Provoked) -> None:
    with faulty.fault("alert", alert="unrecognized_name"):
        assert "112" in faulty.gnutls().text


# --- narrow offers


def test_only_tls_1_2(faulty: Provoked) -> None:
    with faulty.fault("tls-1.2-only"):
        assert faulty.curl("--tlsv1.3").status == 35
        assert "protocol version" in faulty.s_client("-tls1_3").text
        assert faulty.curl().text == "200"
        assert faulty.latest()["version"] == "TLSv1.2"


def test_only_tls_1_3(faulty: Provoked) -> None:
    with faulty.fault("tls-1.3-only"):
        assert faulty.curl("--tls-max", "1.2").status == 35
        assert faulty.curl().text == "200"
        assert faulty.latest()["version"] == "TLSv1.3"


@pytest.mark.parametrize(("version", "option"), [("TLSv1.0", "-tls1"), ("TLSv1.1", "-tls1_1")])
def test_only_an_old_version(version: str, option: str, faulty: Provoked) -> None:
    with faulty.fault("old-tls", version=version):
        with pytest.raises(ssl.SSLError):
            faulty.python().close()
        assert faulty.latest()["alert"]["name"] == "protocol_version"
        text = faulty.s_client(option, "-cipher", "DEFAULT:@SECLEVEL=0").text
        assert "Verification: OK" in text
        assert faulty.latest()["version"] in (version, version.removesuffix(".0"))


@pytest.mark.parametrize("cipher", [*TLS13_CIPHERS, *TLS12_CIPHERS])
def test_only_one_cipher(cipher: str, faulty: Provoked) -> None:
    with faulty.fault("one-cipher", cipher=cipher):
        text = faulty.s_client("-cipher", "ALL").text
        assert f"Cipher is {cipher}" in text
        assert faulty.latest()["cipher"] == cipher
    with faulty.fault("one-cipher", cipher="AES128-SHA"):
        assert faulty.curl("--ciphers", "ECDHE-RSA-AES128-GCM-SHA256").status == 35


@pytest.mark.parametrize("curve", GROUPS)
def test_a_second_hello_is_asked_for(curve: str, faulty: Provoked) -> None:
    with faulty.fault("hello-retry", curve=curve):
        text = faulty.s_client("-msg", "-tls1_3").text
        assert heard(text)[:2] == ["ServerHello", "ServerHello"]
        assert "Verification: OK" in text
        assert f"{curve[4:7]} bits" in text
        assert faulty.curl().text == "200"


def test_no_protocol_in_common_is_said_by_alert(faulty: Provoked) -> None:
    with faulty.fault("no-alpn"):
        assert "no application protocol" in faulty.s_client("-alpn", "h2,http/1.1").text
        record = faulty.latest()
        assert record["alert"] == {"name": "no_application_protocol", "code": 120, "from": "server"}
        assert record["shown"] is None
        assert faulty.curl("--no-alpn").text == "200"


def test_a_client_certificate_is_required(faulty: Provoked, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=somebody",
        "-keyout", key, "-out", certificate,
    )  # fmt: skip
    with faulty.fault("client-certificate"):
        assert "certificate required" in ask(faulty, "-tls1_3")
        assert faulty.latest()["alert"]["name"] == "certificate_required"
        assert "handshake failure" in ask(faulty, "-tls1_2")
        shown = ["--cert", str(certificate), "--key", str(key)]
        assert faulty.curl(*shown).text == "200"
        assert faulty.curl().status != 0


def ask(faulty: Provoked, *options: str) -> str:
    """What s_client says when it sends a request and waits for the answer."""
    host = ":".join(map(str, faulty.address))
    done = subprocess.run(
        ["openssl", "s_client", "-connect", host, "-ign_eof", *options],
        input=b"GET / HTTP/1.0\r\n\r\n",
        capture_output=True,
        timeout=5,
        check=False,
    )
    return (done.stdout + done.stderr).decode("utf-8", "replace")


@pytest.mark.parametrize("version", VERSIONS)
def test_tickets_are_good_until_the_node_restarts(
    version: str, faulty: Provoked, tmp_path: Path
) -> None:
    session = tmp_path / "session.pem"

    def connect(*options: str) -> str:
        text = ask(faulty, *VERSIONS[version], *options)
        return "reused" if "Reused, " in text else "new" if "New, " in text else text

    with faulty.fault("tickets-refused"):
        assert connect("-sess_out", str(session)) == "new"
        assert connect("-sess_in", str(session)) == "reused"
        assert faulty.latest()["shown"] is None
        faulty.box.activate(faulty.box.model.active.id)
        assert connect("-sess_in", str(session)) == "new"
        assert faulty.latest()["shown"] is not None
    assert connect("-sess_out", str(session)) == "new"
    if session.exists():
        assert connect("-sess_in", str(session)) == "new"


# --- limits on the way


def test_a_client_that_sends_no_hello_is_not_waited_for_at_a_later_stage(
    faulty: Provoked,
) -> None:
    with faulty.fault("close-handshake", stage="certificate"), dial(faulty) as client:
        now = struct.pack("ii", 1, 0)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        faulty.wait_for_hits("close-handshake", 1)
    wait_until_empty(faulty)


def test_what_openssl_does_not_speak_is_refused_clearly() -> None:
    plan = listening.plan(cipher="NO-SUCH-SUITE")
    with pytest.raises(Refused) as refused:
        build_context(plan)
    assert refused.value.code == "tls-unsupported"
    assert "no cipher match" in str(refused.value)
