"""The examples in the documentation of `osbiz probe` and of connections do what they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.system.program import program
from tests.test_docs import ROOT, blocks


def test_the_pipeline_of_the_documentation_passes(tmp_path: Path) -> None:
    (script,) = blocks((ROOT / "docs" / "probe.md").read_text(), "sh")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with program(tmp_path, "--ephemeral", "--trusted") as running:
        (tmp_path / "ready.json").write_text(json.dumps(running.ready))
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{script}"],
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    suite = ElementTree.parse(tmp_path / "probe.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("5", "0")


def test_the_example_about_connections_shows_a_decision(tmp_path: Path) -> None:
    (script,) = blocks((ROOT / "docs" / "connections.md").read_text(), "sh")
    with program(tmp_path, "--ephemeral") as running:
        for written, real in (
            ("https://127.0.0.2:8443", running.ready["portal"]),
            ("http://127.0.0.1:8900", running.ready["control"]),
        ):
            assert written in script
            script = script.replace(written, real)
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{script}"],
            env=os.environ | {"token": running.ready["token"]},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    first, second = done.stdout.splitlines()
    assert first == "curl does not trust it"
    assert '"decided": "refused", "certainty": "certain", "reason": "unknown authority"' in second
