"""The example in the documentation of `osbiz probe` does what it says."""

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
