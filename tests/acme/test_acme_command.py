"""`osbiz acme` as a person types it, against the real program and a real CA; the portal's HTTP."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acme.authorities import Authority, challtestsrv, free_port, pebble
from tests.clients import curl
from tests.system.program import Program, osbiz, program

IP = "127.0.0.43"


@dataclass
class Practice:
    """A box that runs as a program of its own, and a CA that can reach it."""

    box: Program
    authority: Authority
    directory: Path

    def osbiz(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Type `osbiz acme …`."""
        environment = os.environ | {"OSBIZ_READY_FILE": str(self.directory / "ready")}
        line = osbiz("acme", *arguments)
        return subprocess.run(line, capture_output=True, text=True, timeout=60, env=environment)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    port = free_port()
    arguments = ("--ephemeral", "--lan-ip", IP, "--no-booster", "--restart-time", "200ms")
    with (
        program(tmp_path, *arguments, "--http-port", str(port)) as box,
        challtestsrv(tmp_path, address=IP) as names,
        pebble(tmp_path, http_port=port, dns=names.dns, life=86_400 * 47) as authority,
    ):
        (tmp_path / "ready").write_text(json.dumps(box.ready))
        (tmp_path / "trust.pem").write_text(authority.trust)
        (tmp_path / "root.pem").write_text(authority.root())
        yield Practice(box, authority, tmp_path)


def test_a_person_gets_a_certificate_by_the_command_and_renews_it(practice: Practice) -> None:
    assert practice.osbiz("status").stdout == "No certificate is asked of an ACME CA.\n"
    asked = ["setup", "--directory", practice.authority.directory, IP, "pbx.example"]
    asked += ["--trust", str(practice.directory / "trust.pem"), "--contact", "anna@example.com"]
    refused = practice.osbiz(*asked)
    assert refused.returncode == 2
    assert "terms of service are not accepted" in refused.stderr
    done = practice.osbiz(*asked, "--accept-terms")
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()
    assert first[0].startswith(f"installed: {IP}, pbx.example from https://")
    assert first[1].endswith("is being served")
    assert first[2].startswith("next renewal at ")
    url = practice.box.ready["portal"]
    answer = curl("--cacert", practice.directory / "root.pem", "-o", "/dev/null", url + "/")
    assert answer.stderr == ""
    again = practice.osbiz("renew", "--json")
    assert json.loads(again.stdout)["certificate"] not in first[1]
    identity = json.loads(again.stdout)["certificate"]
    assert practice.osbiz("revoke", identity, "--reason", "superseded").returncode == 0
    assert practice.osbiz("key-change").returncode == 0
    practice.authority.stop()
    failed = practice.osbiz("renew")
    assert failed.returncode == 1
    assert "Call the CA (127.0.0.1)." in failed.stdout
    assert "next attempt at" in failed.stdout
    assert practice.osbiz("stop").stdout == "No certificate is asked of an ACME CA.\n"


def test_the_http_port_leads_people_to_the_portal_and_tells_strangers_nothing(
    practice: Practice,
) -> None:
    http = practice.box.ready["http"]
    answer = curl("-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", http + "/any/where?x=1")
    assert answer.stdout == f"302 {practice.box.ready['portal']}/"
    for path in ("x", "..%2f..%2fetc", "a" * 4000):
        challenge = f"{http}/.well-known/acme-challenge/{path}"
        assert curl("-o", "/dev/null", "-w", "%{http_code}", challenge).stdout == "404"
    assert practice.box.box()["http"] == http
