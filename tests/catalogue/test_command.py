"""`osbiz catalogue`: listed, served at addresses of their own, and put to real clients."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from appliance.catalogue import CASES
from appliance.catalogue.measured import measured
from appliance.trust import ENVIRONMENTS

CURL = ["curl", "-sS", "--cacert", "{cafile}", "https://{host}:{port}/"]
SOME = ["--cases", "self-signed", "--cases", "wildcards", "--cases", "*expired*"]


def catalogue(*arguments: str, env: dict[str, str] | None = None) -> Any:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "webserver.cli", "catalogue", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        env=env,
    )


def rows() -> list[dict[str, Any]]:
    done = catalogue("list", "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["cases"]
    return found


def test_the_list_says_of_each_case_where_it_is_and_what_every_environment_does() -> None:
    found = rows()
    assert [row["name"] for row in found] == list(CASES)
    assert len({row["address"] for row in found}) == len(found)
    for row in found:
        assert set(row) >= {"name", "title", "wrong", "host", "port", "cafile", "expected"}
        assert set(row["expected"]) == set(ENVIRONMENTS) == set(row["standing"])
        for environment, outcome in measured().outcomes[row["name"]].items():
            if environment in ENVIRONMENTS:
                assert row["expected"][environment] == outcome
                assert row["standing"][environment] == "measured"
        assert (
            bool(row["rules"]) or set(row["expected"].values()) == {"accepted"} or row["expected"]
        )


@contextmanager
def serving(tmp_path: Path, *arguments: str) -> Iterator[dict[str, Any]]:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "webserver.cli", "catalogue", "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--index-port", "0", "--ready-file", str(ready), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not ready.exists():
            assert process.poll() is None, process.stderr and process.stderr.read()
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
        yield json.loads(ready.read_text())
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr is not None
        process.stderr.close()


def test_what_is_served_is_what_curl_was_expected_to_meet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with serving(tmp_path, "--cases", "validity") as ready:
        for case in ready["cases"]:
            name = f"{case['host']}:{case['port']}"
            asked = subprocess.run(
                ["curl", "-sS", "--cacert", case["cafile"], "--resolve",
                 f"{name}:{case['address']}", f"https://{name}/"],
                capture_output=True,
                text=True,
                timeout=20,
            )  # fmt: skip
            accepted = f"this is the case {case['name']}." in asked.stdout
            assert accepted == (case["expected"]["curl"] == "accepted"), case["name"]
        with urllib.request.urlopen(ready["index"], timeout=5) as answer:
            page = answer.read().decode()
        assert all(case["title"] in page for case in ready["cases"])
        with urllib.request.urlopen(f"{ready['index']}cases.json", timeout=5) as answer:
            assert json.load(answer)["cases"] == ready["cases"]


def test_curl_does_as_all_measured_clients_do() -> None:
    done = catalogue("check", "--json", *SOME, "--", *CURL)
    result = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert not result["untested"]
    assert result["agrees"] > 10


def test_curl_does_as_curl_was_measured() -> None:
    done = catalogue("check", "--json", *SOME, "--as", "curl", "--", *CURL)
    result = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert len(result["cases"]) > len(SOME)


def test_a_client_that_checks_nothing_accepts_wrongly_whatever_is_to_be_refused(
    tmp_path: Path,
) -> None:
    junit = tmp_path / "junit.xml"
    client = ["curl", "-sSk", "https://{host}:{port}/"]
    done = catalogue("check", "--json", "--junit", str(junit), *SOME, "--", *client)
    result = json.loads(done.stdout)
    to_refuse = [one["name"] for one in result["cases"] if one["expected"] == "refused"]
    assert done.returncode == 1
    assert result["wrongly_accepted"] == to_refuse
    assert to_refuse
    failures = ElementTree.parse(junit).findall("testcase/failure")
    assert len(failures) == len(to_refuse)
    text = catalogue("check", *SOME, "--", *client).stdout
    assert "Accepted, and should not be" in text
    assert all(name in text for name in to_refuse)


def test_a_client_that_refuses_everything_is_told_what_it_should_accept() -> None:
    done = catalogue("check", "--json", "--cases", "good-*", "--", "curl", "-sS", CURL[-1])
    assert done.returncode == 1
    assert json.loads(done.stdout)["wrongly_refused"]


def test_who_never_comes_to_the_server_has_said_nothing() -> None:
    for client in (["true"], ["false"], ["sh", "-c", "exit 2"]):
        done = catalogue("check", "--json", "--cases", "good-ip", "--", *client, "{host}{port}")
        assert json.loads(done.stdout)["untested"] == ["good-ip"]
        assert done.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["check"], "missing"),
        (["check", "--", "curl"], "{host}"),
        (["check", "--", "no-such-client", "{host}", "{port}"], "no-such-client"),
        (["check", "--as", "ie6", "--", *CURL], "ie6"),
        (["list", "--cases", "nothing-*"], "nothing-*"),
        (["serve", "--port", "70000"], "70000"),
    ],
)
def test_what_can_not_be_meant_is_refused_in_one_line(arguments: list[str], word: str) -> None:
    done = catalogue(*arguments)
    assert done.returncode == 2
    assert word in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
