"""`osbiz catalogue`: listed, served at addresses of their own, and put to real clients."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import subprocess
import sys
import time
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


def catalogue(*arguments: str, timeout: float = 110) -> Any:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "webserver.cli", "catalogue", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def rows() -> list[dict[str, Any]]:
    done = catalogue("list", "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["cases"]
    return found


def test_the_list_says_of_each_case_where_it_is_and_what_every_environment_does() -> None:
    found = rows()
    # Three are about an instant, which no client can be at while time goes on.
    assert [row["name"] for row in found] == [one.name for one in CASES.values() if not one.frozen]
    assert len({row["address"] for row in found}) == len(found)
    for row in found:
        assert set(row) >= {"name", "title", "wrong", "host", "port", "cafile", "expected"}
        assert set(row["expected"]) == set(ENVIRONMENTS) == set(row["standing"])
        for environment, outcome in measured().outcomes[row["name"]].items():
            if environment in ENVIRONMENTS:
                assert row["expected"][environment] == outcome
                assert row["standing"][environment] == "measured"
        for reason in row["reasons"]:
            assert reason["rule"] in row["rules"]
            assert reason["source"]
            assert all(row["expected"][one] != "accepted" for one in reason["environments"])
    long = next(row for row in found if row["name"] == "826-days")
    (limit,) = [one for one in long["reasons"] if one["rule"] == "lifetime"]
    assert limit["since"] == "2019-07-01"
    assert "ios" in limit["environments"]


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


def test_a_second_catalogue_leaves_the_files_of_the_first_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    one = ["--cases", "good-ip", "--index-port", "0"]
    with serving(tmp_path, "--cases", "good-ip") as ready:
        (case,) = ready["cases"]
        before = Path(case["cafile"]).read_bytes()
        again = catalogue("serve", *one, "--port", str(case["port"]))
        assert again.returncode == 2
        assert "another program is using that port" in again.stderr
        nowhere = catalogue("serve", *one, "--port", "0", "--ready-file", "nowhere/ready.json")
        assert nowhere.returncode == 2
        assert "nowhere/ready.json can't be written" in nowhere.stderr
        assert Path(case["cafile"]).read_bytes() == before


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


def test_a_client_that_does_the_same_everywhere_is_told_what_it_may_be_due_to() -> None:
    cases = ["--cases", "good-ip", "--cases", "expired"]
    done = catalogue("check", *cases, "--", "curl", "-sSk", CURL[-1])
    assert "1 wrongly accepted, 0 wrongly refused" in done.stdout
    assert "it does not look at certificates" in done.stdout
    done = catalogue("check", *cases, "--", "curl", "-sS", CURL[-1])
    assert "0 wrongly accepted, 1 wrongly refused" in done.stdout
    assert "{cafile}" in done.stdout
    assert "SSL certificate problem" in done.stdout  # and not the advice that curl ends with


def unclear(*client: str, timeout: str = "30") -> str:
    """Why a client was not tested."""
    done = catalogue(
        "check", "--json", "--cases", "good-ip", "--timeout", timeout, "--", *client,
        "{host}", "{port}", "{cafile}",
    )  # fmt: skip
    assert done.returncode == 2, done.stdout
    (case,) = json.loads(done.stdout)["cases"]
    assert case["outcome"] is None
    return str(case["said"])


@pytest.mark.parametrize("client", ["true", "false", "exit 2"])
def test_who_never_comes_to_the_server_has_said_nothing(client: str) -> None:
    assert unclear("sh", "-c", client)


def test_a_client_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = f"(sleep 2.5; touch {mark}) & yes"
    assert unclear("sh", "-c", script, timeout="1") == "it did not end within 1 s"
    time.sleep(2)  # a second and more of its time has gone
    assert not mark.exists()


def test_a_client_that_was_killed_has_not_refused() -> None:
    ask = 'curl -sS --cacert "$2" "https://$0:$1/"'
    assert unclear("sh", "-c", f"{ask}; kill -9 $$") == "it was ended by SIGKILL"


def test_a_file_that_is_no_program_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "client"
    file.write_text("no program")
    file.chmod(0o755)
    done = catalogue("check", "--cases", "good-ip", "--", str(file), "{host}", "{port}")
    assert done.returncode == 2
    assert done.stderr == (
        f"osbiz: {file} can't be run (Exec format error). Give a program, or a script that says "
        "in its first line what runs it.\n"
    )


def test_whoever_reads_the_list_may_stop_reading() -> None:
    command = [sys.executable, "-m", "webserver.cli", "catalogue", "list", "--json"]
    script = f"{shlex.join([*command, '--cases', 'names'])} | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("{141\n", "")


EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def example(language: str, folder: Path) -> list[str]:
    """The command of a client in `examples`, built where that has to be."""
    building: list[str] = []
    match language:
        case "node-20":
            command = ["node", str(EXAMPLES / "node" / "ask.mjs")]
        case "python-3.11":
            command = [sys.executable, "-I", str(EXAMPLES / "python" / "ask.py")]
        case "java-17":
            building = ["javac", "-d", str(folder), str(EXAMPLES / "java" / "Ask.java")]
            command = ["java", "-cp", str(folder), "Ask"]
        case _:
            building = ["go", "build", "-o", str(folder / "ask"), "./ask"]
            command = [str(folder / "ask")]
    for program in (*building[:1], command[0]):
        if program != str(folder / "ask") and not shutil.which(program):
            pytest.skip(f"{program} is not here")
    if building:
        subprocess.run(building, cwd=EXAMPLES / "go", check=True, capture_output=True, timeout=100)
    return [*command, "{host}", "{port}", "{cafile}"]


def agrees(language: str, folder: Path, *selection: str) -> None:
    client = example(language, folder)
    done = catalogue("check", *selection, "--as", language, "--", *client, timeout=1500)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "; 0 not tested" in done.stdout


@pytest.mark.parametrize("language", ["node-20", "python-3.11"])
def test_the_examples_in_script_languages_do_as_they_were_measured(
    language: str, tmp_path: Path
) -> None:
    agrees(language, tmp_path, "--cases", "good-*", "--cases", "cn-only-*", "--cases", "expired")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", ["node-20", "python-3.11", "java-17", "go"])
def test_each_example_does_in_all_cases_as_it_was_measured(language: str, tmp_path: Path) -> None:
    agrees(language, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["check"], "missing"),
        (["check", "--", "curl"], "{host}"),
        (["check", "--", "no-such-client", "{host}", "{port}"], "no-such-client"),
        (["check", "--as", "ie6", "--", *CURL], "ie6"),
        (["list", "--cases", "nothing-*"], "nothing-*"),
        (["serve", "--port", "70000"], "70000"),
        (["serve", "--cases", "last-instant"], "last-instant"),
        (["check", "--timeout", "0", "--", *CURL], "0 s"),
        (["check", "--junit", "nowhere/j.xml", "--", *CURL], "nowhere"),
        (["check", "--", " ".join(CURL)], "without quotes"),
    ],
)
def test_what_can_not_be_meant_is_refused_in_one_line(arguments: list[str], word: str) -> None:
    done = catalogue(*arguments)
    assert done.returncode == 2
    assert word in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
