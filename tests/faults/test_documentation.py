"""What docs/faults.md says is so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from appliance.faults import FAULTS
from appliance.faults.noticed import NOTICED, TRIED
from appliance.trust import ENVIRONMENTS
from tests.faults.documenting import PAGE, page
from tests.test_docs import README, blocks


def test_the_tables_are_those_of_the_faults() -> None:
    text = PAGE.read_text()
    assert text == page(text), "run python -m tests.faults.documenting"


def test_who_notices_is_known_by_its_id() -> None:
    assert NOTICED.keys() == FAULTS.keys()
    assert set(TRIED) <= set(ENVIRONMENTS)
    for who in NOTICED.values():
        assert set(who) <= set(TRIED)


def test_the_tour_goes_as_it_says(tmp_path: Path) -> None:
    (script,) = blocks(PAGE.read_text(), "sh")
    command = tmp_path / "osbiz"  # the command of this tree, wherever another one is installed
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m webserver.cli "$@"\n')
    command.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\ntrap 'kill $(jobs -p)' EXIT\n{script}"],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = iter(done.stdout.splitlines())
    for told in (
        "302",
        "expired  set: days=3 hits=0",
        "curl refuses",
        "reset-handshake  set: stage=certificate connections=1 hits=0 left=1",
        "the next one is reset",
        "302",
        "  * reset-handshake    set: stage=certificate connections=1 hits=1 left=0",
    ):
        assert told in lines, done.stdout  # in this order


def test_the_python_runs(tmp_path: Path) -> None:
    (code,) = blocks(PAGE.read_text(), "python")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "timed out" in done.stdout
    assert "the second: 200" in done.stdout


def test_the_readme_counts_them_right() -> None:
    assert f"there are {len(FAULTS)} of them" in " ".join(README.split())
