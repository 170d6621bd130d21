"""`osbiz probe` against real servers: good ones, broken ones, and what is no TLS at all."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

import osbiz as simulator
from appliance.trust import ENVIRONMENTS
from store.foreign import UNREADABLE, collected_warnings
from store.refusals import Refused
from tests.clients import curl
from tests.helpers import NOON, a_key
from tests.listening import authority
from tests.observed.programs import HOST, shown
from tests.system.program import osbiz
from webserver.paper import printable
from webserver.probe import Looked, look
from webserver.probe_command import parse_required, parse_target
from webserver.probe_handshake import Target
from webserver.probe_junit import junit
from webserver.probe_report import report
from webserver.probe_result import result_of
from webserver.public_roots import Trusted

TIMEOUT = 60


@dataclass(frozen=True)
class Probed:
    status: int
    out: str
    err: str

    @property
    def words(self) -> str:
        return " ".join(self.out.split())


def probe(*arguments: str | Path, **environment: str) -> Probed:
    done = subprocess.run(
        osbiz("probe", *map(str, arguments)),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        env={**os.environ, **environment},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Probed(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def box() -> Iterator[str]:
    """`HOST:PORT` of a box as newly installed."""
    with simulator.run() as running:
        yield running.box.portal_url.removeprefix("https://")


@contextlib.contextmanager
def openssl_serving(folder: Path, fault: str = "none", *more: str) -> Iterator[str]:
    """`openssl s_server` with one of our certificates; `HOST:PORT`."""
    material = shown(fault)
    certificate, key = folder / f"{fault}.pem", folder / f"{fault}.key"
    certificate.write_text(material.pem)
    assert material.key is not None
    key.write_bytes(
        material.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    line = [
        "openssl",
        "s_server",
        "-accept",
        f"{HOST}:{port}",
        "-quiet",
        "-cipher",
        "ALL@SECLEVEL=0",
    ]
    process = subprocess.Popen(
        [*line, "-cert", str(certificate), "-key", str(key), *more],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection((HOST, port), 1).close()
                break
            assert time.monotonic() < end
            time.sleep(0.02)
        yield f"{HOST}:{port}"
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def saying(behave: Callable[[socket.socket], None]) -> Iterator[Target]:
    """A server that does with each connection what `behave` does, then closes it."""
    server = socket.create_server((HOST, 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    behave(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Target(HOST, server.getsockname()[1])
    finally:
        ended.set()
        # Closing does not wake a thread that waits in accept.
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    file.write_bytes(authority().cert_pem.bytes())
    return file


# What a newcomer reads


def test_the_report_on_a_new_box_says_what_is_wrong_for_whom_and_what_to_do(box: str) -> None:
    told = probe(box)
    assert told.status == 0, "without --require a look is a look"
    for words in (
        "Shows 127.0.0.2, self-signed",
        "For no subject alternative name; its common name is 127.0.0.2",
        f"REFUSED by all {len(ENVIRONMENTS)} client environments.",
        "Make a small CA and a server certificate under it with the IP address 127.0.0.2",
        "Generate CA Certificate",
        "Generate CA-Signed Server Certificate [PKCS#12]",
        "Activate Certificate > Activate Now",
        "Export Certificate",
        f"osbiz probe {box} --anchor",
        "osbiz trust make",
    ):
        assert words in told.words
    assert max(map(len, told.out.splitlines())) <= 80
    assert "\x1b" not in told.out


def test_the_advice_is_good_after_it_is_taken_everybody_that_was_measured_accepts(
    tmp_path: Path,
) -> None:
    """Through the very calls that the portal's forms make."""
    with simulator.run() as sim:
        box = sim.box
        made = box.make(kind="authority", name="CA", subject={"CN": "My CA"})
        server = box.make(
            kind="server",
            name="Server",
            subject={"CN": box.lan_ip},
            san=[f"IP:{box.lan_ip}"],
            authority=made.id,
            passphrase="seven or more",
        )
        box.activate(server.id)
        anchor = tmp_path / "anchor.pem"
        anchor.write_text(made.certificate.pem)
        told = probe(box.portal_url, "--anchor", anchor, "--json")
    verdicts = json.loads(told.out)["verdicts"]
    measured = {one["outcome"] for one in verdicts if one["standing"] == "measured"}
    assert measured == {"accepted"}


def test_on_a_terminal_there_is_colour_and_with_no_color_there_is_none(box: str) -> None:
    for more, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            osbiz("probe", box),
            stdout=follower,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **more, "COLUMNS": "80"},
        )
        os.close(follower)
        said = b""
        with contextlib.suppress(OSError):  # the end of a terminal is an error
            while data := os.read(leader, 4096):
                said += data
        os.close(leader)
        assert process.wait(TIMEOUT) == 0
        assert (b"\x1b[" in said) is coloured


@pytest.mark.parametrize(
    ("fault", "anchored", "words"),
    [
        ("none", False, "give its certificate to the clients, and look again"),
        ("none", True, "--admin-anchor FILE"),
        ("expired", True, "The certificate has expired. Get a new one from"),
        ("early", True, "Check the clocks of server and clients"),
        ("name", True, "only the name is another"),
        ("name", False, "can't be cured on the clients. Make a small CA"),
        ("use", True, "Activate a certificate that was issued for a server"),
    ],
)
def test_each_fault_has_its_cure(
    tmp_path: Path, ca: Path, fault: str, anchored: bool, words: str
) -> None:
    with openssl_serving(tmp_path, fault) as server:
        told = probe(server, *(("--anchor", ca) if anchored else ()))
    assert words in told.words.partition("What to do")[2].partition("Who says what")[0]


def advice(*arguments: str | Path) -> str:
    """What the report says under "What to do"."""
    return probe(*arguments).words.partition("What to do")[2].partition("Who says what")[0]


def test_old_tls_is_said_beside_what_is_wrong_with_the_certificate(tmp_path: Path) -> None:
    with openssl_serving(tmp_path, "none", "-tls1_1") as server:
        told = advice(server)
    assert "look again" in told
    assert "Whatever the certificate is: 1. Switch TLS 1.2 or 1.3 on" in told


def test_a_ca_of_ones_own_is_not_android_s_cure_for_an_expired_certificate(
    tmp_path: Path, ca: Path
) -> None:
    with openssl_serving(tmp_path, "expired") as server:
        assert "--admin-anchor FILE" in advice(server, "--anchor", ca)


def test_a_whole_chain_is_not_advised_to_who_sends_one(tmp_path: Path) -> None:
    extra = tmp_path / "root.pem"
    extra.write_text(authority().cert_pem.bytes().decode())
    with openssl_serving(tmp_path, "none", "-cert_chain", str(extra)) as server:
        told = advice(server)
    assert "sends its whole chain" in told
    assert "intermediate" not in told


# What is required


def test_required_environments_decide_the_exit_status(tmp_path: Path, ca: Path) -> None:
    with openssl_serving(tmp_path) as server:
        good = probe(server, "--anchor", ca, "--require", "openssl,cURL,Go")
        without = probe(server, "--require", "openssl")
    assert good.status == 0, good.out
    assert "Required: all of openssl, curl, go accept." in good.words
    assert without.status == 1
    assert "Required, but not accepted by openssl." in without.words


def test_json_has_connection_chain_and_verdicts(tmp_path: Path, ca: Path) -> None:
    with openssl_serving(tmp_path) as server:
        told = probe(server, "--anchor", ca, "--require", "openssl,curl", "--json")
    assert told.status == 0
    found = json.loads(told.out)
    assert found["ok"] is True
    assert found["connection"]["version"] == "TLSv1.3"
    assert found["connection"]["versions"]["TLSv1.2"] is True
    fingerprint = shown("none").fingerprint("sha256")
    assert found["chain"][0]["fingerprint_sha256"] == fingerprint
    assert [one["environment"] for one in found["verdicts"]] == list(ENVIRONMENTS)
    assert {"outcome", "standing", "findings", "message"} <= found["verdicts"][0].keys()


def test_junit_has_a_case_for_each_required_environment(tmp_path: Path, ca: Path) -> None:
    file = tmp_path / "junit.xml"
    with openssl_serving(tmp_path, "expired") as server:
        told = probe(server, "--anchor", ca, "--require", "openssl,go", "--junit", file)
    assert told.status == 1
    suite = ElementTree.parse(file).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "2", "0")
    assert [case.get("name", "").partition(":")[0] for case in suite] == ["openssl", "go"]
    failure = suite[0].find("failure")
    assert failure is not None
    assert failure.get("message")


def test_what_can_not_be_tested_is_an_error_for_junit_and_json_too(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    told = probe(f"{HOST}:{_nobody()}", "--json", "--junit", file)
    assert told.status == 2
    assert json.loads(told.out)["errors"][0]["code"] == "connection-refused"
    assert ElementTree.parse(file).getroot()[0].get("errors") == "1"


def _nobody() -> int:
    with socket.create_server((HOST, 0)) as free:
        port: int = free.getsockname()[1]
    return port


# What is asked


def test_the_name_that_clients_use_may_be_another_than_where_to_connect(
    tmp_path: Path, ca: Path
) -> None:
    with openssl_serving(tmp_path, "name") as server:
        wrong = probe(server, "--anchor", ca, "--require", "openssl")
        right = probe(server, "--anchor", ca, "--require", "openssl", "--host", "127.0.0.77")
    assert (wrong.status, right.status) == (1, 0)
    assert "only the name is another" in wrong.words


def test_the_time_of_the_clients_may_be_another(tmp_path: Path, ca: Path) -> None:
    with openssl_serving(tmp_path) as server:
        told = probe(server, "--anchor", ca, "--require", "curl", "--at", "1999-12-31T23:59:59Z")
    assert told.status == 1
    assert "not valid yet" in told.words


def test_the_server_name_is_sent_as_asked(box: str) -> None:
    with simulator.run() as sim:
        url = sim.box.portal_url
        assert probe(url, "--sni", "box.example").status == 0
        hello = sim.handshakes.since(0)[0].offered
    assert hello is not None
    assert hello.server_name == "box.example"


# What is seen


def stapled(folder: Path, *, revoked: bool) -> Path:
    """An OCSP answer of our authority on the certificate without fault."""
    file = folder / "staple.der"
    leaf = shown("none").leaf
    ca = x509.load_pem_x509_certificate(authority().cert_pem.bytes())
    key = serialization.load_pem_private_key(authority().private_key_pem.bytes(), None)
    now = leaf.not_valid_before_utc
    status = x509.ocsp.OCSPCertStatus
    answer = (
        x509.ocsp.OCSPResponseBuilder()
        .add_response(
            cert=leaf, issuer=ca, algorithm=hashes.SHA256(),
            cert_status=status.REVOKED if revoked else status.GOOD,
            this_update=now, next_update=leaf.not_valid_after_utc,
            revocation_time=now if revoked else None, revocation_reason=None,
        )
        .responder_id(x509.ocsp.OCSPResponderEncoding.HASH, ca)
        .sign(key, hashes.SHA256())  # type: ignore[arg-type]
    )  # fmt: skip
    file.write_bytes(answer.public_bytes(serialization.Encoding.DER))
    return file


def test_an_ocsp_staple_is_told(tmp_path: Path) -> None:
    staple = stapled(tmp_path, revoked=False)
    with openssl_serving(tmp_path, "none", "-status_file", str(staple)) as server:
        seen = look(parse_target(server)).staple
    assert seen is not None
    assert (seen.status, seen.next_update) == ("good", shown("none").leaf.not_valid_after_utc)


def test_a_staple_that_says_revoked_is_heeded_by_who_heeds_staples(
    tmp_path: Path, ca: Path
) -> None:
    staple = stapled(tmp_path, revoked=True)
    with openssl_serving(tmp_path, "none", "-status_file", str(staple)) as server:
        told = probe(server, "--anchor", ca, "--require", "firefox,curl")
    assert told.status == 1
    assert "OCSP staple revoked" in told.words
    assert "was revoked at" in told.words


@pytest.mark.parametrize(
    ("option", "version"),
    [("-tls1", "TLSv1.0"), ("-tls1_1", "TLSv1.1"), ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")],
)
def test_every_version_is_tried_by_itself(tmp_path: Path, option: str, version: str) -> None:
    with openssl_serving(tmp_path, "none", option) as server:
        seen = look(parse_target(server))
    assert seen.version == version
    assert {name for name, taken in seen.versions.items() if taken} == {version}


def test_a_server_that_speaks_old_tls_alone_is_refused_by_all_that_do_not(
    tmp_path: Path, ca: Path
) -> None:
    with openssl_serving(tmp_path, "none", "-tls1_1") as server:
        told = probe(server, "--anchor", ca, "--json")
    verdicts = {one["environment"]: one for one in json.loads(told.out)["verdicts"]}
    assert verdicts["curl"]["findings"][0]["rule"] == "tls-version"
    assert verdicts["curl"]["outcome"] == "refused"
    assert verdicts["wget"]["outcome"] == "accepted"


def test_plain_http_that_is_answered_on_the_tls_port_is_told(tmp_path: Path) -> None:
    with openssl_serving(tmp_path, "none", "-www") as server:
        assert look(parse_target(server)).plain_http is None
    with simulator.run() as sim:
        target = parse_target(sim.box.wsi_http_url.removeprefix("http://"))
        with pytest.raises(Refused) as refused:
            look(target)
    assert refused.value.code == "plain-http"
    assert "HTTP/1" in str(refused.value)


def test_the_chain_is_told_as_it_is_sent(tmp_path: Path) -> None:
    extra = tmp_path / "extra.pem"
    extra.write_text(shown("name").pem + authority().cert_pem.bytes().decode())
    with openssl_serving(tmp_path, "none", "-cert_chain", str(extra)) as server:
        chain = look(parse_target(server)).chain
    assert [one.serial_number for one in chain[:2]] == [
        shown("none").leaf.serial_number,
        shown("name").leaf.serial_number,
    ]
    assert len(chain) == 3


# What can not be tested


def ssh(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-\x1b[31mred\x07\r\n")
    connection.recv(100)


def cut(connection: socket.socket) -> None:
    connection.recv(4096)


def alert(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x70")  # unrecognized_name


def garbage(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\x00\x04\xff\xff\xff\xff" * 20)


@pytest.mark.parametrize(
    ("behave", "code", "words"),
    [
        (ssh, "not-tls", "SSH-2.0-?[31mred?"),
        (cut, "handshake-cut", "in the middle of the handshake"),
        (alert, "handshake-refused", "unrecognized_name (112)"),
        (garbage, "handshake-failed", "not in order"),
    ],
)
def test_what_is_no_tls_server_is_told_apart(
    behave: Callable[[socket.socket], None], code: str, words: str
) -> None:
    with saying(behave) as target, pytest.raises(Refused) as refused:
        look(target, timeout=5)
    assert refused.value.code == code
    assert words in str(refused.value)


def test_nobody_there_is_said(tmp_path: Path) -> None:
    told = probe(f"{HOST}:{_nobody()}")
    assert told.status == 2
    assert "the connection was refused" in told.err


def test_a_name_without_an_address_is_said() -> None:
    with pytest.raises(Refused) as refused:
        look(Target("nowhere.invalid", 1), timeout=5)
    assert refused.value.code == "host-unknown"


def test_a_server_that_says_nothing_costs_no_more_than_the_time_given() -> None:
    def mute(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.settimeout(5)
        with contextlib.suppress(OSError):
            connection.recv(4096)

    with saying(mute) as target, pytest.raises(Refused) as refused:
        look(target, timeout=0.3)
    assert refused.value.code == "no-answer"


def test_a_server_that_drips_costs_no_more_either() -> None:
    dripped = []

    def drip(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for byte in b"\x16\x03\x03\x20\x00\x02\x00\x1f\xfc":
                connection.sendall(bytes([byte]))
                dripped.append(byte)
                time.sleep(0.2)

    with saying(drip) as target, pytest.raises(Refused) as refused:
        look(target, timeout=0.5)
    assert refused.value.code == "no-answer"
    assert len(dripped) < 9


def test_a_server_that_never_ends_is_cut_off() -> None:
    def flood(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:  # handshake records that never complete a message
                connection.sendall(b"\x16\x03\x03\x40\x00\x02\xff\xff\xff" + bytes(0x4000 - 4))

    with saying(flood) as target, pytest.raises(Refused) as refused:
        look(target, timeout=5)
    assert refused.value.code in {"handshake-failed", "handshake-cut"}


# What a server says is text


def test_a_certificate_can_not_steer_the_terminal_nor_break_the_xml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "\x1b]0;owned\x07\x00<b>&"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, evil)])
    key = a_key()
    leaf = shown("none").leaf
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(leaf.not_valid_before_utc)
        .not_valid_after(leaf.not_valid_after_utc)
        .sign(key, hashes.SHA256())
    )
    file, keyfile = tmp_path / "evil.pem", tmp_path / "evil.key"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    keyfile.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    xml = tmp_path / "junit.xml"
    # The last of two options of one name counts.
    more = ("-cert", str(file), "-key", str(keyfile))
    with openssl_serving(tmp_path, "none", *more) as server:
        told = probe(server, "--junit", xml)
    assert told.status == 0
    assert "\x1b" not in told.out
    assert "owned" in told.out
    ElementTree.parse(xml)


def test_what_is_not_printable_is_escaped() -> None:
    assert printable("a\x1b[1mb\u202ec\nd") == "a\\x1b[1mb\\u202ec\\nd"


# Arguments


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("127.0.0.1:8443", Target("127.0.0.1", 8443, None)),
        ("[::1]:8443", Target("::1", 8443, None)),
        ("::1", None),
        ("box.example", Target("box.example", 443, "box.example")),
        ("BOX.Example.:1", Target("box.example", 1, "box.example")),
        ("bücher.example:2", Target("xn--bcher-kva.example", 2, "xn--bcher-kva.example")),
        ("https://127.0.0.2:8443/management", Target("127.0.0.2", 8443, None)),
        ("http://127.0.0.2", None),
        ("127.0.0.1:0", None),
        ("127.0.0.1:99999", None),
        ("user@box:1", None),
        ("", None),
        (":443", None),
        ("a b:443", None),
        ("x" * 300, None),
    ],
)
def test_targets_are_read(text: str, target: Target | None) -> None:
    if target is None:
        with pytest.raises(Refused):
            parse_target(text)
    else:
        assert parse_target(text) == target


def test_environments_have_the_names_people_use() -> None:
    assert parse_required("iOS,chrome, ios") == ("ios", "chromium")
    assert parse_required("all") == tuple(ENVIRONMENTS)
    assert parse_required(None) == ()
    for wrong in ("netscape", "", ",,"):
        with pytest.raises(Refused):
            parse_required(wrong)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x y:1",), "is no name and no address"),
        (("127.0.0.1:1", "--require", "netscape"), "There is no environment 'netscape'."),
        (("127.0.0.1:1", "--anchor", "nowhere.pem"), "nowhere.pem can't be read"),
        (("127.0.0.1:1", "--at", "yesterday"), "time"),
        (("127.0.0.1:1", "--timeout", "-1"), "no time to wait"),
        (("127.0.0.1:1", "--timeout", "nan"), "no time to wait"),
    ],
)
def test_a_wrong_argument_is_one_clear_line_and_status_2(
    arguments: tuple[str, ...], words: str
) -> None:
    told = probe(*arguments)
    assert told.status == 2
    assert words in told.err
    assert len(told.err.splitlines()) == 1


def test_an_anchor_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "junk.pem"
    file.write_bytes(b"junk")
    told = probe("127.0.0.1:1", "--anchor", file)
    assert told.status == 2
    assert "holds no X.509 certificate" in told.err


def test_curl_agrees_with_the_verdict_on_curl(tmp_path: Path, ca: Path) -> None:
    for fault in ("none", "expired", "name"):
        with openssl_serving(tmp_path, fault, "-www") as server:
            told = probe(server, "--anchor", ca, "--require", "curl")
            real = curl("--cacert", ca, f"https://{server}/")
        assert (told.status == 0) is (real.returncode == 0), fault


def looked_at(certificate: x509.Certificate) -> Looked:
    return Looked(
        target=Target(HOST, 8443),
        address=HOST,
        version="TLSv1.3",
        cipher="TLS_AES_128_GCM_SHA256",
        alpn=None,
        versions={"TLSv1.3": True, "TLSv1.2": True, "TLSv1.1": False, "TLSv1.0": False},
        chain=(certificate, certificate),
        staple=None,
        asks_for_certificate=False,
        plain_http=None,
        seconds=0.1,
    )


@given(
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=6),
    st.sampled_from(["127.0.0.2", "box.example", "::1"]),
)
@settings(max_examples=150, deadline=None)
def test_any_certificate_that_can_be_loaded_is_reported_or_refused(
    damage: list[tuple[float, int]], host: str
) -> None:
    data = bytearray(shown("none").leaf.public_bytes(serialization.Encoding.DER))
    for at, value in damage:
        data[int(at * len(data))] = value
    try:
        with collected_warnings():
            certificate = x509.load_der_x509_certificate(bytes(data))
    except UNREADABLE:
        return
    try:
        result = result_of(
            looked_at(certificate), host=host, at=NOON, trusted=Trusted("nothing", ())
        )
    except Refused:
        return
    assert report(result, width=80, colour=True)
    assert json.dumps(result.as_json())
    ElementTree.fromstring(junit(result))
