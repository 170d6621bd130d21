"""What docs/acme.md says is so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from appliance.acme.failures import CAUSES
from appliance.acme.setup_form import FIELDS
from appliance.acme.states import TRANSITIONS, Event, State, Step
from tests.acme.authorities import challtestsrv, pebble

PAGE = (Path(__file__).resolve().parents[2] / "docs/acme.md").read_text()


def test_the_tour_goes_as_it_says(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    script = "\n".join(["set -euo pipefail", "trap 'kill $(jobs -p)' EXIT", *blocks])
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with (
        challtestsrv(tmp_path, address="127.0.0.44") as names,
        pebble(tmp_path, http_port=8080, dns=names.dns, life=86_400 * 47) as authority,
    ):
        (tmp_path / "ca-server.pem").write_text(authority.trust)
        (tmp_path / "root.pem").write_text(authority.root())
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "DIRECTORY": authority.directory},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    certificates = re.findall(r"certificate (\w+), valid until \S+, is being served", done.stdout)
    assert len(certificates) == 3, done.stdout
    assert certificates[0] == certificates[1] != certificates[2]
    assert done.stderr == ""


def test_every_field_failure_state_and_step_is_there_as_in_the_tables() -> None:
    for field in FIELDS:
        assert f"| `{field}` |" in PAGE
    for code, cause in CAUSES.items():
        assert f"| `{code}` | {cause.words} {cause.cure} | {cause.call} |" in PAGE
    for name in (*State, *Step):
        assert f"`{name}`" in PAGE
    arrows = re.findall(r"^([\w, ]+?) +--(\w+)--> (\w+)$", PAGE, re.MULTILINE)
    drawn = {
        (State(before), Event(event)): State(after)
        for befores, event, after in arrows
        for before in befores.split(", ")
    }
    assert drawn == TRANSITIONS
