"""The command as people start it: what it prints, writes, refuses, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

from tests.clients import address_of, served
from tests.system.program import FREE_PORTS, osbiz, program
from webserver.command_list import COMMANDS


def refused(*arguments: str) -> str:
    """Standard error of a start that is refused: one line, status 2."""
    done = subprocess.run(
        osbiz(*arguments), capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stderr.startswith("osbiz: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(("arguments", "status"), [((), 2), (("--help",), 0)])
def test_who_says_nothing_or_asks_for_help_is_told_every_command(
    arguments: tuple[str, ...], status: int
) -> None:
    done = subprocess.run(osbiz(*arguments), capture_output=True, text=True, timeout=30)
    assert done.returncode == status
    told = done.stdout + done.stderr
    assert re.findall(r"^  ([a-z]+) +\S", told, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize(("word", "hint"), [("rnu", "Did you mean run?"), ("xyzzy", "--help")])
def test_a_mistyped_command_is_refused_with_the_nearest(word: str, hint: str) -> None:
    assert hint in refused(word)


def test_the_version_is_said() -> None:
    done = subprocess.run(osbiz("--version"), capture_output=True, text=True, timeout=30)
    assert re.fullmatch(r"osbiz \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help(name: str) -> None:
    done = subprocess.run(osbiz(name, "--help"), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: osbiz {name}")


def test_the_ready_file_has_every_key_of_the_contract(tmp_path: Path) -> None:
    with program(tmp_path, "--ephemeral") as box:
        assert set(box.ready) == {
            "portal", "wsi", "wsi_http", "booster", "control", "token", "pid",
        }  # fmt: skip
        assert box.ready["pid"] == box.process.pid
        assert re.fullmatch(r"https://127\.0\.0\.2:\d+", box.ready["portal"])
        assert re.fullmatch(r"https://127\.0\.0\.3:\d+", box.ready["booster"])
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", box.ready["control"])
        (file,) = tmp_path.glob("ready-*.json")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_within_a_second_with_status_0(tmp_path: Path, number: int) -> None:
    with (
        program(tmp_path, "--ephemeral") as box,
        socket.create_connection(address_of(box.ready["wsi_http"])),  # an idle client
    ):
        begun = time.monotonic()
        assert box.end(number) == 0
        assert time.monotonic() - begun < 1.0


def test_an_ended_restart_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with program(tmp_path, "--ephemeral", "--restart-time", "real") as box:
        assert box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.4"}).status == 202
        begun = time.monotonic()
        assert box.end() == 0
        assert time.monotonic() - begun < 1.0


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refused("run", "--data", str(tmp_path / "data"), "--wsi-port", port)
    assert f"127.0.0.2:{port}" in line
    assert "using that port" in line


def test_an_address_of_another_machine_is_one_clear_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    line = refused("run", "--data", str(data), "--lan-ip", "192.0.2.7", *FREE_PORTS)
    assert "192.0.2.7" in line
    assert "does not have that address" in line
    with program(tmp_path, "--data", str(data)) as box:  # nothing was installed at it
        assert box.box()["lan_ip"] == "127.0.0.2"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--lan-ip", "fax"), "no IPv4 address"),
        (("--firmware", "V9"), "V3R2.1"),
        (("--installed-at", "yesterday"), "ISO 8601"),
        (("--clock", "2024-13-01T00:00:00Z"), "ISO 8601"),
        (("--rate", "0.5"), "1 to 100,000"),
        (("--restart-time", "soon"), "no duration"),
        (("--portal-port", "70000"), "no port"),
        (("--dates", "lunar"), "simulated"),
        (("--config", "/nonexistent"), "can't be read"),
    ],
)
def test_a_wrong_argument_is_one_clear_line(arguments: tuple[str, ...], says: str) -> None:
    assert says in refused("run", "--ephemeral", *arguments)


def test_a_later_start_finds_everything_as_it_was(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with program(tmp_path, "--data", data, "--restart-time", "0") as box:
        assert box.call("PATCH", "/v1/box", {"lan_ip": "127.0.0.5"}).status == 202
        before, booster = box.box(), served(box.ready["booster"])
    with program(tmp_path, "--data", data) as box:
        after = box.box()
        assert after["lan_ip"] == "127.0.0.5"
        assert after["nodes"]["system"]["active"] == before["nodes"]["system"]["active"]
        assert served(box.ready["portal"]).fingerprint == _system(before)["fingerprint_sha256"]
        assert served(box.ready["booster"]) == booster
        names = [entry["event"] for entry in box.call("GET", "/v1/journal").body["journal"]]
    assert names[0] == "installed"
    assert names[-2:] == ["stopped", "started"]


def _system(box: dict[str, object]) -> dict[str, str]:
    active: dict[str, str] = box["nodes"]["system"]["active"]  # type: ignore[index]
    return active


def test_an_ephemeral_box_is_new_every_time(tmp_path: Path) -> None:
    seen = set()
    for _ in range(2):
        with program(tmp_path, "--ephemeral") as box:
            seen.add(served(box.ready["portal"]).fingerprint)
    assert len(seen) == 2


def test_two_boxes_do_not_share_a_data_directory(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with program(tmp_path, "--data", data):
        assert "in use" in refused("run", "--data", data, *FREE_PORTS)


def test_a_damaged_database_is_one_clear_line_and_left_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with program(tmp_path, "--data", str(data)):
        pass
    database = data / "osbiz.db"
    content = bytearray(database.read_bytes())
    content[4096:8192] = b"\xee" * 4096
    database.write_bytes(content)
    line = refused("run", "--data", str(data), *FREE_PORTS)
    assert "damaged" in line
    assert "restore a backup" in line
    assert database.read_bytes() == content


def test_an_installation_of_2021_ends_with_2023(tmp_path: Path) -> None:
    when = ("--installed-at", "2021-05-04T03:02:01Z", "--clock", "2023-12-31T23:59:50Z")
    with program(tmp_path, "--ephemeral", "--firmware", "V3R1", *when) as box:
        shown = served(box.ready["portal"])
        assert shown.not_before == "2021-05-04T03:02:01Z"
        assert shown.not_after == "2024-01-01T00:00:00Z"
        assert box.box()["now"].startswith("2023-12-31T23:59:5")


def test_a_configuration_file_is_read_and_the_command_line_wins(tmp_path: Path) -> None:
    config = tmp_path / "box.toml"
    config.write_text(
        'ephemeral = true\nlan-ip = "127.0.0.6"\nfirmware = "V3R2"\n'
        '[[subscribers]]\nextension = "42"\nname = "Zoë"\npassword = "deep-thought"\n'
    )
    with program(tmp_path, "--config", str(config), "--lan-ip", "127.0.0.7") as box:
        found = box.box()
        people = box.call("GET", "/v1/subscribers").body["subscribers"]
    assert (found["lan_ip"], found["firmware"]) == ("127.0.0.7", "V3R2")
    (person,) = people
    assert (person["extension"], person["name"], person["password"]) == (
        "42",
        "Zoë",
        "deep-thought",
    )


def test_a_wrong_key_in_the_configuration_is_named(tmp_path: Path) -> None:
    config = tmp_path / "box.toml"
    config.write_text('lan-pi = "127.0.0.6"\n')
    assert "'lan-pi'" in refused("run", "--config", str(config))


def test_elsewhere_the_box_can_listen_at_another_address_than_its_own(tmp_path: Path) -> None:
    arguments = ("--ephemeral", "--lan-ip", "192.168.1.2", "--bind", "127.0.0.1")
    with program(tmp_path, *arguments, "--restart-time", "0") as box:
        assert box.ready["portal"].startswith("https://127.0.0.1:")
        assert served(box.ready["portal"]).common_name == "192.168.1.2"
        assert box.call("PATCH", "/v1/box", {"lan_ip": "10.1.1.1"}).status == 202
        assert served(box.ready["portal"]).common_name == "10.1.1.1"


def test_without_a_terminal_no_token_is_printed(tmp_path: Path) -> None:
    with program(tmp_path, "--ephemeral") as box:
        token = box.ready["token"]
        (log,) = tmp_path.glob("*.log")
        assert "Admin Portal" in log.read_text()
        assert token not in log.read_text()


def test_the_ready_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with program(tmp_path, "--ephemeral"):
        (file,) = tmp_path.glob("ready-*.json")
        json.loads(file.read_text())
        assert not list(tmp_path.glob(".ready-*"))
