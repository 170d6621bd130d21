"""Every command of the description, with good parameters, bad ones, and none that make sense."""

from __future__ import annotations

import http.client
import json
import re
import socket
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.system.program import Program, program

ROOT = Path(__file__).parent.parent.parent
WSI: dict[str, Any] = json.loads((ROOT / "docs" / "wsi.json").read_text("utf-8"))
PATH: str = WSI["path"]
COMMANDS: list[dict[str, Any]] = WSI["commands"]
IN_TABLE = [one for one in COMMANDS if one["name"] not in ("Login", "Logout", "GetEvents")]
NAMES = [name for one in COMMANDS for name in (one["name"], *one["aliases"])]
SPELLINGS = sorted(
    {
        spelling
        for one in COMMANDS
        for parameter in one["parameters"]
        for spelling in (parameter["name"], *parameter["aliases"])
    }
)


class Raw:
    """Requests as they are given, over one connection while it lasts."""

    def __init__(self, box: Program) -> None:
        at = urlsplit(box.ready["wsi_http"])
        assert at.hostname
        assert at.port
        self.address = at.hostname, at.port
        self._connection = self._connect()
        self.session = self.log_in()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.address, timeout=20)

    def get(self, target: str, method: str = "GET") -> tuple[int, str]:
        """Status and body of one request."""
        try:
            self._connection.request(method, target)
            answer = self._connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            self._connection.close()

    def ask(self, command: str, *pairs: tuple[str, str]) -> str:
        """The body of one command's answer, in the session."""
        query = urlencode([("cmd", command), ("gsSession", self.session), *pairs])
        status, body = self.get(f"{PATH}?{query}")
        assert status == 200
        return body

    def log_in(self) -> str:
        """A new session."""
        _, body = self.get(f"{PATH}?cmd=Login&gsUser=100&gsPass=100-1234")
        found = ElementTree.fromstring(body).findtext("ID")
        assert found
        return found


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with program(tmp_path_factory.mktemp("wsi"), "--ephemeral", "--no-booster") as running:
        yield running


@pytest.fixture(scope="module")
def raw(box: Program) -> Raw:
    return Raw(box)


def says_no(command: dict[str, Any], body: str) -> bool:
    """Whether `body` refuses in the way that the command's clients look for."""
    root = ElementTree.fromstring(body)
    if command["errors"] == "csta":
        return root.tag == "CSTAErrorCode" and len(root) == 1
    if command["errors"] == "local":
        return 'local="false"' in body
    return root.tag == "ERROR" and bool(root.findtext("REASON"))


def test_the_description_is_that_of_the_program() -> None:
    from webserver.wsi.description import description

    assert description() == WSI


@pytest.mark.parametrize("command", IN_TABLE, ids=lambda one: one["name"])
def test_good_parameters_are_understood(raw: Raw, command: dict[str, Any]) -> None:
    for name in (command["name"], *command["aliases"], command["name"].upper()):
        pairs = [
            (one["name"], WSI["kinds"][one["kind"]]["good"][0]) for one in command["parameters"]
        ]
        body = raw.ask(name, *pairs)
        assert "INVALID" not in body
        assert "invalidParameterValue" not in body
        assert "NOT_LOGGED_IN" not in body
        answered = ElementTree.fromstring(body).tag == command["answer"]
        assert answered or says_no(command, body), body


@pytest.mark.parametrize("command", IN_TABLE, ids=lambda one: one["name"])
def test_bad_and_missing_parameters_are_refused_as_clients_expect(
    raw: Raw, command: dict[str, Any]
) -> None:
    for wrong in command["parameters"]:
        good = [
            (one["name"], WSI["kinds"][one["kind"]]["good"][0])
            for one in command["parameters"]
            if one is not wrong
        ]
        for spelling in (wrong["name"], *wrong["aliases"]):
            for value in WSI["kinds"][wrong["kind"]]["bad"]:
                body = raw.ask(command["name"], *good, (spelling, value))
                assert says_no(command, body), (spelling, value, body)
        for left_out in ([], [(wrong["name"], "")]):
            body = raw.ask(command["name"], *good, *left_out)
            if wrong["required"]:
                assert says_no(command, body), (wrong["name"], body)
            assert "INVALID" not in body, (wrong["name"], body)


@pytest.mark.parametrize("command", COMMANDS[1:], ids=lambda one: one["name"])
def test_without_a_session_every_command_says_so(raw: Raw, command: dict[str, Any]) -> None:
    for session in ("", "&gsSession=", "&gsSession=00000000", "&gsSession=%00"):
        _, body = raw.get(f"{PATH}?cmd={command['name']}{session}")
        assert "NOT_LOGGED_IN" in body
        assert not body.startswith("{")


@pytest.mark.parametrize(
    ("method", "target", "status", "reason"),
    [
        ("GET", f"{PATH}?cmd=Fly", 200, "UNKNOWN_COMMAND Fly"),
        ("GET", PATH, 200, "NO_COMMAND"),
        ("GET", f"{PATH}/Fly", 200, "UNKNOWN_COMMAND Fly"),
        ("GET", "/", 404, "NOT_FOUND"),
        ("GET", "/cgi-bin/gadgetapi2?cmd=Login", 404, "NOT_FOUND"),
        ("POST", f"{PATH}?cmd=Login", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", f"{PATH}/GetEvents", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", f"{PATH}/Answer", 405, "METHOD_NOT_ALLOWED"),
        ("GET", f"{PATH}?cmd={'x' * 100_000}", 200, "UNKNOWN_COMMAND " + "x" * 40),
        ("GET", f"{PATH}?" + "cmd=Logout&" * 10_000, 200, "NOT_LOGGED_IN"),
    ],
)
def test_what_is_no_command_is_answered_in_xml(
    raw: Raw, method: str, target: str, status: int, reason: str
) -> None:
    answered, body = raw.get(target, method)
    assert answered == status
    assert ElementTree.fromstring(body).findtext("REASON") == reason


@pytest.mark.parametrize(
    "tail",
    [b"x" * 200_000 + b" HTTP/1.1", b"\x00 HTTP/1.1", b" HTTP/9.x", b" HTTP/1.1\r\nNo Header: x"],
)
def test_what_is_no_request_is_refused_and_no_password_is_logged(
    tmp_path: Path, tail: bytes
) -> None:
    with program(tmp_path, "--ephemeral", "--no-booster") as box:
        host, _, port = box.host("wsi_http").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as sock:
            line = f"GET {PATH}?cmd=Login&gsUser=100&gsPass=Geheimnis"
            sock.sendall(line.encode() + tail + b"\r\nHost: x\r\n\r\n")
            sock.shutdown(socket.SHUT_WR)
            head, _, body = sock.makefile("rb").read().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.0 400 ")
        why = ElementTree.fromstring(body.decode()).findtext("REASON")
        assert why == ("REQUEST_TOO_LONG" if len(tail) > 1_000 else "BAD_REQUEST")
    (log,) = tmp_path.glob("*.log")
    assert "Geheimnis" not in log.read_text()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_text_that_is_not_quoted_is_taken_as_it_stands(raw: Raw, encoding: str) -> None:
    with socket.create_connection(raw.address, timeout=10) as sock:
        query = f"cmd=SetDisplay&device=100&contentsOfDisplay=Grüße&gsSession={raw.session}"
        sock.sendall(f"GET {PATH}?{query} HTTP/1.0\r\n\r\n".encode(encoding))
        assert sock.makefile("rb").read().endswith(b"<SetDisplay/>")


def test_who_asks_for_a_head_alone_takes_no_events_with_it(raw: Raw) -> None:
    assert raw.get(f"{PATH}/GetEvents?gsSession={raw.session}", "HEAD") == (405, "")


def test_the_first_of_repeated_parameters_counts_whatever_its_case(raw: Raw) -> None:
    body = raw.ask("GetPresence", ("USER", "101"), ("user", "100"))
    assert ElementTree.fromstring(body).findtext("USER") == "101"


@pytest.mark.parametrize("command", IN_TABLE, ids=lambda one: one["name"])
def test_huge_and_repeated_parameters_are_answered_like_any_other(
    raw: Raw, command: dict[str, Any]
) -> None:
    good = [(one["name"], WSI["kinds"][one["kind"]]["good"][0]) for one in command["parameters"]]
    for name, value in good:
        body = raw.ask(command["name"], *((name, "9" * 50_000) for _ in range(2)))
        assert says_no(command, body) or ElementTree.fromstring(body).tag == command["answer"]
        body = raw.ask(command["name"], *good, *[(name.upper(), value)] * 2_000)
        assert says_no(command, body) or ElementTree.fromstring(body).tag == command["answer"]


VALUES = st.one_of(
    st.sampled_from(["", "100", "101", "999", "0891", "*44*", "1", "9", "true", "ALL", "100,101"]),
    st.text(max_size=30),
    st.integers().map(str),
    st.just("9" * 20_000),
)
PAIRS = st.lists(st.tuples(st.sampled_from(SPELLINGS) | st.text(max_size=8), VALUES), max_size=6)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=st.sampled_from(NAMES) | st.text(max_size=10), pairs=PAIRS)
def test_whatever_is_asked_the_answer_is_in_a_shape_of_wsi(
    raw: Raw, name: str, pairs: list[tuple[str, str]]
) -> None:
    if name.lower() in ("getevents", "logout"):
        return  # the one may rightly wait; the other would end the fun
    query = urlencode([("cmd", name), ("gsSession", raw.session), *pairs], errors="surrogatepass")
    status, body = raw.get(f"{PATH}?{query}")
    assert status == 200
    assert body.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    root = ElementTree.fromstring(body)
    assert "NOT_LOGGED_IN" not in body
    answers = {one["answer"] for one in COMMANDS}
    assert root.tag in answers | {"ERROR", "CSTAErrorCode"} | {one.upper() for one in NAMES}


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(junk=st.binary(max_size=60))
def test_junk_in_the_query_is_never_an_error_of_the_server(raw: Raw, junk: bytes) -> None:
    status, body = raw.get(f"{PATH}?{quote(junk, safe='%&=+;/?')}")
    assert status == 200
    ElementTree.fromstring(body)


GOOD = [
    (one, [(p["name"], WSI["kinds"][p["kind"]]["good"]) for p in one["parameters"]])
    for one in IN_TABLE
]
ASKED = st.sampled_from(GOOD).flatmap(
    lambda one: st.tuples(
        st.just(one[0]),
        st.tuples(*(st.tuples(st.just(name), st.sampled_from(good)) for name, good in one[1])),
    )
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=st.lists(ASKED | st.sampled_from(["Login", "Logout"]), max_size=12))
def test_in_whatever_order_commands_come_each_answers_in_its_own_shapes(
    raw: Raw, asked: list[Any]
) -> None:
    lives = True
    for one in asked:
        if one == "Login":
            raw.session, lives = raw.log_in(), True
        elif one == "Logout":
            assert "<LOGOUT/>" in raw.ask("Logout") or not lives
            lives = False
        else:
            command, pairs = one
            body = raw.ask(command["name"], *pairs)
            assert ("NOT_LOGGED_IN" in body) is not lives
            if lives:
                tag = ElementTree.fromstring(body).tag
                assert tag == command["answer"] or says_no(command, body), body
    raw.session = raw.log_in()


# The examples of the documentation, one after the other on one box.

EXAMPLE = re.compile(r"^```wsi\nGET (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_examples_of_the_documentation_go_as_they_say(tmp_path: Path) -> None:
    examples = EXAMPLE.findall((ROOT / "docs" / "wsi.md").read_text("utf-8"))
    assert len(examples) > 5
    with program(tmp_path, "--ephemeral", "--no-booster") as box:
        raw = Raw(box)
        for target, expected in examples:
            _, body = raw.get(target.replace("SESSION", raw.session))
            pattern = re.escape(expected.strip()).replace("…", ".*?")
            assert re.fullmatch(pattern, body.strip(), re.DOTALL), (target, body)
            if "cmd=Login" in target:
                found = ElementTree.fromstring(body).findtext("ID")
                raw.session = raw.session if found in (None, "0") else found
