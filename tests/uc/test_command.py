"""`osbiz clients`, as somebody types it: with a box of its own, and at one that runs."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.program import Program, osbiz, program
from webserver.cli import REFUSED, main
from webserver.control_clients import ROW

SECONDS = 30.0
SIX = ("--profile", "myportal-at-work=4", "--profile", "mycontacts=2")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Program]:
    """A box that clients trust, and that restarts in no time."""
    with program(
        tmp_path, "--ephemeral", "--trusted", "--no-booster", "--restart-time", "0"
    ) as one:
        yield one


@pytest.fixture(autouse=True)
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes of other tests are not found."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("OSBIZ_READY_FILE", raising=False)


def clients(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    line = osbiz("clients", *map(str, arguments))
    return subprocess.run(line, capture_output=True, text=True, timeout=60)


def at(box: Program, *arguments: object) -> list[str]:
    """The command line for clients at a running box."""
    return osbiz("clients", "--ready-file", str(box.ready_file), *map(str, arguments))


def test_the_box_that_runs_is_the_one_unless_they_are_to_have_their_own(box: Program) -> None:
    for arguments, own in (((), False), (("--own-box",), True)):
        done = clients("--count", 1, "--duration", "300ms", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        where = json.loads(done.stdout.splitlines()[0])["wsi"]
        assert (where != box.ready["wsi"]) == own


def rows_when(box: Program, ready: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """The table, once it is as it should be."""
    end = time.monotonic() + SECONDS
    while True:
        rows: list[dict[str, Any]] = box.call("GET", "/v1/clients").body["clients"]
        if ready(rows):
            return rows
        assert time.monotonic() < end, rows
        time.sleep(0.05)


def states(rows: list[dict[str, Any]]) -> set[str]:
    return {row["state"] for row in rows}


def test_a_newcomer_sees_clients_log_on_without_naming_a_box(tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    done = clients(
        *SIX, "--calls", 0, "--duration", "1.5s", "--record", record, "--expect", "logged-on"
    )
    assert done.returncode == 0, done.stderr
    told = re.findall(r"Z  (\d+ ×|20\d) myPortal @work  connecting → logged on\n", done.stdout)
    assert sum(1 if one.startswith("20") else int(one[:-2]) for one in told) == 4
    assert "Z  204 myContacts  connecting → logged on\n" in done.stdout
    assert done.stdout.endswith("In the end: 6 logged on.\n")

    lines = [json.loads(line) for line in record.read_text().splitlines()]
    head, *happenings, end = lines
    assert (head["record"], head["format"], len(head["clients"])) == ("osbiz-clients", 1, 6)
    assert end["states"] == {"logged-on": 6}
    assert [line["seq"] for line in happenings] == list(range(1, len(happenings) + 1))
    for number in range(1, 7):
        own = [line for line in happenings if line["client"] == number]
        assert [line["event"] for line in own] == ["start", "admitted", "stop"]
        path = [own[0]["from"], *(line["to"] for line in own)]
        assert path == ["off", "connecting", "logged-on", "off"]
    assert not re.search("password|gsPass", record.read_text())


def test_clients_at_a_running_box_are_in_its_table_as_long_as_they_run(box: Program) -> None:
    running = subprocess.Popen(
        at(box, *SIX, "--calls", 0),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        rows = rows_when(box, lambda rows: len(rows) == 6 and states(rows) == {"logged-on"})
        assert {frozenset(row) for row in rows} == {frozenset({"run", *ROW})}
        assert len({row["run"] for row in rows}) == 1
        people = box.call("GET", "/v1/subscribers").body["subscribers"]
        assert {row["user"] for row in rows} < {one["extension"] for one in people}

        # They follow the box to its new address, and don't like what they are shown there.
        box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.17"})
        rows = rows_when(box, lambda rows: states(rows) == {"locked-out"})
        shown = box.box()["nodes"]["system"]["active"]["fingerprint_sha256"]
        assert {(row["cause"], row["shown"]) for row in rows} == {("untrusted", shown)}
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
    finally:
        running.kill()
        said, _ = running.communicate()
    assert "Traceback" not in said, said
    assert re.search(r"logged on → (cut off|locked out)", said)
    assert box.call("GET", "/v1/clients").body == {"clients": []}
    assert len(box.call("GET", "/v1/subscribers").body["subscribers"]) == 2


def test_when_the_box_is_gone_for_good_the_clients_go_on_trying_and_end_quietly(
    box: Program,
) -> None:
    running = subprocess.Popen(
        at(box, *SIX, "--calls", 0), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        rows_when(box, lambda rows: len(rows) == 6 and states(rows) == {"logged-on"})
        box.process.kill()
        box.process.wait(10)
        time.sleep(1.5)
        running.send_signal(signal.SIGTERM)
        said, complained = running.communicate(timeout=15)
    finally:
        running.kill()
    assert (running.returncode, complained) == (0, "")
    assert "logged on → cut off: net::ERR_CONNECTION_RE" in said
    assert "cut off" in said.splitlines()[-1]


def test_what_clients_trust_is_what_they_are_given(box: Program, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text(box.call("GET", "/v1/trust").body["anchor"]["pem"])
    several = ("--profile", "mycontacts=1", "--profile", "myportal-at-work=1", "--duration", "1s")
    common = ("--ready-file", box.ready_file, *several, "--calls", 0, "--trust", "none")
    outside = clients(*common, "--expect", "locked-out")
    assert outside.returncode == 0, outside.stdout + outside.stderr
    assert clients(*common, "--expect", "logged-on").returncode == 1
    inside = clients(*common, "--anchor", authority, "--expect", "logged-on")
    assert inside.returncode == 0, inside.stdout + inside.stderr


def test_as_json_it_prints_the_run_and_nothing_else(box: Program) -> None:
    done = subprocess.run(
        at(box, "--count", 2, "--calls", 0, "--duration", "500ms", "--json", "--seed", 5),
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (lines[0]["seed"], lines[-1]["event"]) == (5, "end")
    assert (done.returncode, done.stderr) == (0, "")


def test_on_a_terminal_it_is_a_table() -> None:
    ours, theirs = pty.openpty()
    line = osbiz(
        "clients", "--profile", "application-launcher=3", "--calls", "0", "--duration", "2s"
    )
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "110", "LINES": "30"}
    running = subprocess.Popen(line, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    try:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and select.select([ours], [], [], 10)[0]:
            try:
                shown += os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
        assert running.wait(10) == 0
    finally:
        running.kill()
        os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert "UC clients at https://127.0.0.2:" in text
    assert "3 logged on" in text
    assert re.search(r"Application Launcher +201 +logged on", text)
    assert "curl -X PATCH http://127.0.0.1:" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--count", "0"], "can't be 0 clients"),
        (["--count", "2", "--profile", "mycontacts=1"], "Give one of the two"),
        (["--profile", "fax=1"], "no client 'fax'"),
        (["--profile", "mycontacts"], "mycontacts=3"),
        (["--trust", "all"], "exported"),
        (["--client-clock", "mine"], "real or auto"),
        (["--calls", "-1"], "calls a minute"),
        (["--calls", "nan"], "calls a minute"),
        (["--duration", "soon"], "no duration"),
        (["--duration", "real"], "90s, 5m or 1h"),
        (["--duration=-5s"], "no duration"),
        (["--expect", "happy"], "logged-on"),
        (["--host", "a..b"], "no name of a host"),
        (["--host", ""], "no name of a host"),
        (["--host", "a box"], "no name of a host"),
        (["--host", "https://box"], "no name of a host"),
        (["--anchor", "/nowhere/ca.pem"], "can't be read"),
        (["--admin-anchor", "/nowhere/ca.pem"], "can't be read"),
        (["--record", "/nowhere/run.jsonl"], "can't be written"),
        (["--ready-file", "/nowhere/ready.json"], "can't be read"),
        (["--control", "http://127.0.0.1:9"], "token"),
        (["--own-box", "--ready-file", "ready.json"], "one of the two"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["clients", *arguments]) == REFUSED
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert len(shown.err.splitlines()) == 1


def test_a_certificate_that_is_none_is_refused_as_an_anchor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("hello")
    assert main(["clients", "--anchor", str(file)]) == REFUSED
    assert "no X.509 certificate" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_nobody_reading_on_is_no_reason_to_complain(more: list[str]) -> None:
    line = osbiz("clients", "--count", "3", "--calls", "0", "--duration", "20s", *more)
    running = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    try:
        assert running.wait(15) == 0
        assert running.stderr.read() == ""
    finally:
        running.kill()
        running.stderr.close()


def test_a_full_disk_ends_the_run_with_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    line = ["clients", "--own-box", "--count", "1", "--calls", "0", "--duration", "20s"]
    assert main([*line, "--record", "/dev/full"]) == REFUSED
    assert capfd.readouterr().err == (
        "osbiz: /dev/full can't be written (No space left on device). Give another path.\n"
    )
