"""Time from outside: commands, control API and Python, looked at by clients on the real clock."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import osbiz
from tests.clients import curl, served
from tests.system.program import Program, program
from tests.system.program import osbiz as command

DAY = 86_400


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with program(tmp_path_factory.mktemp("time"), "--ephemeral", "--restart-time", "0") as running:
        yield running


def call(box: Program, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`osbiz …` against the box."""
    named = 2 if arguments[0] == "clock" else 1
    which = ["--ready-file", str(box.ready_file)]
    line = [*command(*arguments[:named]), *which, *arguments[named:]]
    return subprocess.run(line, capture_output=True, text=True, timeout=40, input="")


def clock(box: Program, *arguments: str) -> dict[str, Any]:
    done = call(box, "clock", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def seconds_left(url: str) -> float:
    return (datetime.fromisoformat(served(url).not_after) - datetime.now(UTC)).total_seconds()


def test_the_clock_is_set_shifted_frozen_and_sped_up_from_the_command_line(box: Program) -> None:
    assert clock(box, "set", "2024-01-01T00:00:00Z", "--rate", "0")["now"] == "2024-01-01T00:00:00Z"
    assert clock(box, "shift", "90d")["now"] == "2024-03-31T00:00:00Z"
    assert clock(box, "shift", "-1d12h")["now"] == "2024-03-29T12:00:00Z"
    assert clock(box, "rate", "100000")["rate"] == 100_000
    assert clock(box, "freeze")["rate"] == 0
    assert clock(box, "dates", "projected")["dates"] == "projected"
    back = clock(box, "set", "real", "--rate", "1", "--dates", "simulated")
    assert (back["rate"], back["dates"], back["goes_with_the_machine"]) == (1, "simulated", True)
    assert "goes with this machine's clock" in call(box, "clock", "show").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("shift", "1y"), "'1y' is no duration"),
        (("shift", "-999999d"), "1970 to 9000"),
        (("rate", "0.5"), "can't run at rate 0.5"),
        (("rate", "100001"), "1 to 100,000"),
        (("rate", "nan"), "can't run at rate nan"),
        (("rate", "fast"), "1 to 100,000"),
        (("shift", "9999999d"), "Moved by 9999999d from "),
        (("set", "tomorrow"), "is no time"),
        (("set", "1969-12-31"), "1970 to 9000"),
        (("dates", "real"), "simulated"),
        (("set", "real", "--rate", "2"), "rate 1"),
    ],
)
def test_what_no_clock_can_do_is_refused_and_nothing_changes(
    box: Program, arguments: tuple[str, ...], words: str
) -> None:
    before = clock(box, "show")["goes_with_the_machine"]
    done = call(box, "clock", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert clock(box, "show")["goes_with_the_machine"] == before


def test_a_certificate_expires_while_no_clock_is_moved(box: Program, tmp_path: Path) -> None:
    done = call(box, "validity", "--expire-in", "3s", "--json")
    assert done.returncode == 0, done.stderr
    root = tmp_path / "root.pem"
    root.write_text(json.loads(done.stdout)["pem"])
    url = box.ready["portal"] + "/robots.txt"
    assert curl("--cacert", root, url).returncode == 0
    time.sleep(4)
    assert "certificate has expired" in curl("--cacert", root, url).stderr
    told = call(box, "validity", "--not-valid-for", "2d").stdout
    assert told.startswith("Default (127.0.0.2): valid from ")
    root.write_text(box.call("GET", "/v1/box").body["nodes"]["system"]["active"]["pem"])
    assert "not yet valid" in curl("--cacert", root, url).stderr


def test_the_booster_servers_own_certificate_is_redated_alone(box: Program) -> None:
    before = served(box.ready["portal"])
    answer = box.call("PUT", "/v1/nodes/booster/validity", {"expired_since": "3d"})
    assert answer.status == 200
    assert answer.body["active_on"] == ["booster"]
    assert -3.01 < seconds_left(box.ready["booster"]) / DAY < -2.99
    assert served(box.ready["portal"]) == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "field-missing"),
        ({"expire_in": "soon"}, 422, "duration"),
        ({"expire_in": 5, "expired_since": 5}, 422, "validity-twice"),
        ({"expire_in": 5, "certificate": 7}, 404, "no-such-certificate"),
        ({"expire_in": 5, "certificate": "0123456789"}, 404, "no-such-certificate"),
        ({"until": 5}, 422, "unknown-field"),
    ],
)
def test_a_validity_that_makes_no_sense_is_refused(
    box: Program, body: dict[str, Any], status: int, code: str
) -> None:
    before = served(box.ready["portal"])
    answer = box.call("PUT", "/v1/nodes/system/validity", body)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert served(box.ready["portal"]) == before


def test_the_api_shifts_the_clock_and_refuses_to_be_told_twice(box: Program) -> None:
    box.call("PUT", "/v1/clock", {"now": "2024-01-01T00:00:00Z", "rate": 0})
    assert box.call("PUT", "/v1/clock", {"shift": "1h"}).body["now"] == "2024-01-01T01:00:00Z"
    assert box.call("PUT", "/v1/clock", {"shift": -3600}).body["now"] == "2024-01-01T00:00:00Z"
    twice = box.call("PUT", "/v1/clock", {"shift": "1h", "now": "2025-01-01T00:00:00Z"})
    assert (twice.status, twice.body["code"], twice.body["field"]) == (422, "clock-twice", "shift")
    vague = box.call("PUT", "/v1/clock", {"shift": "1h", "allow_unprojected": "yes"})
    assert (vague.status, vague.body["field"]) == (422, "allow_unprojected")
    assert box.call("GET", "/v1/clock").body["now"] == "2024-01-01T00:00:00Z"
    box.call("PUT", "/v1/clock", {"now": "real", "rate": 1})


def test_python_has_the_same(tmp_path: Path) -> None:
    with osbiz.run() as sim:
        sim.box.set_clock(now="2024-01-01T00:00:00Z", rate=0)
        sim.box.set_clock(shift=timedelta(days=1))
        sim.box.set_clock(shift="-1h")
        assert sim.box.clock.now() == datetime(2024, 1, 1, 23, tzinfo=UTC)
        sim.box.set_clock(now=date(2024, 5, 5))
        assert sim.box.clock.now() == datetime(2024, 5, 5, tzinfo=UTC)
        with pytest.raises(osbiz.Refused, match="can't run at rate fast"):
            sim.box.set_clock(rate="fast")
        sim.box.set_clock(now="real", rate=1)
        sim.box.expire_in(90)
        assert 89 < seconds_left(sim.box.portal_url) <= 91
        sim.box.expired_since(2)
        assert -2.01 < seconds_left(sim.box.portal_url) / DAY < -1.99
        held = sim.box.not_valid_for("12h", node="booster")
        assert held.certificate.not_before > datetime.now(UTC) + timedelta(hours=11)
        assert served(sim.box.booster_url).fingerprint == held.certificate.fingerprint("sha256")


def test_a_booster_server_takes_certificates_although_its_dates_are_projected() -> None:
    with osbiz.run(now="2030-01-01T00:00:00Z", dates="projected", rate=0) as sim:
        held = sim.box.make(kind="self-signed", name="s", subject={"CN": "127.0.0.3"})
        sim.box.activate(held.id, node="booster")
        assert served(sim.box.booster_url).common_name == "127.0.0.3"


# faketime


def test_a_command_runs_at_the_boxs_time_and_its_status_comes_back(box: Program) -> None:
    clock(box, "set", "2024-01-01T00:00:00Z")
    script = "import time, sys; print(time.strftime('%F %H', time.gmtime())); sys.exit(7)"
    done = call(box, "faketime", "--", "python3", "-c", script)
    assert (done.returncode, done.stdout) == (7, "2024-01-01 00\n"), done.stderr
    clock(box, "set", "real")


def test_a_frozen_box_freezes_the_command_to_the_second(box: Program, tmp_path: Path) -> None:
    """openssl and curl refuse at notAfter; GnuTLS, which is as good a client, does not."""
    clock(box, "set", "real")
    end = datetime(2031, 3, 4, 12, 0, 0, tzinfo=UTC)
    answer = box.call("PUT", "/v1/nodes/system/validity", {"not_after": end.isoformat()})
    root = tmp_path / "root.pem"
    root.write_text(answer.body["pem"])
    url = box.ready["portal"] + "/robots.txt"
    for seconds, expired in ((-1, False), (0, True), (1, True)):
        clock(box, "set", (end + timedelta(seconds=seconds)).isoformat(), "--rate", "0")
        line = ["--", "curl", "-sS", "--cacert", str(root), url]
        done = call(box, "faketime", *line)
        assert ("certificate has expired" in done.stderr) == expired, done.stderr
    clock(box, "set", "real", "--rate", "1")


@pytest.mark.parametrize(
    ("program_name", "words"),
    [
        ("go", "Go program"),
        ("firefox", "does not start under faketime"),
        ("ldconfig", "statically linked"),
    ],
)
def test_a_program_whose_clock_can_not_be_moved_is_not_run(program_name: str, words: str) -> None:
    path = shutil.which(program_name, path="/usr/bin:/sbin:/usr/sbin")
    if path is None:
        pytest.skip(f"{program_name} is not here")
    line = command("faketime", "--at", "2024-01-01T00:00:00Z", "--", path, "--version")
    done = subprocess.run(line, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "--dates projected" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--at", "2024-01-01T00:00:00Z"), "There is no command"),
        (("--at", "2024-01-01T00:00:00Z", "--", "no-such-program"), "no-such-program"),
        (("--at", "noon", "--", "true"), "'noon' is no time"),
        (("--rate", "2", "--", "true"), "The rate is the box's"),
        (("--at", "2024-01-01T00:00:00Z", "--rate", "0.1", "--", "true"), "can't run at rate"),
        (("--", "true"), "No box of yours runs here"),
    ],
)
def test_what_faketime_is_told_wrong_is_said(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = subprocess.run(
        command("faketime", *arguments),
        capture_output=True,
        text=True,
        timeout=30,
        cwd=tmp_path,
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},  # no box runs there
    )
    assert done.returncode == 2
    assert words in done.stderr


def test_that_faketime_is_not_installed_is_said_clearly(tmp_path: Path) -> None:
    only = tmp_path / "bin"
    only.mkdir()
    (only / "true").symlink_to("/bin/true")
    line = command("faketime", "--at", "2024-01-01T00:00:00Z", "--", "true")
    done = subprocess.run(
        line, capture_output=True, text=True, timeout=30, env=os.environ | {"PATH": str(only)}
    )
    assert done.returncode == 2
    assert "faketime is not installed. On Debian: apt-get install faketime." in done.stderr
