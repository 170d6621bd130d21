"""The examples in other languages run as their README says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def ran(*command: str, folder: Path = ROOT) -> str:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not here")
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_shell() -> None:
    said = ran("bash", "examples/shell/renewal.sh")
    assert said.count("<LOGIN><ID>") == 2
    assert "curl: (60)" in said


def test_node() -> None:
    assert "# fail 0" in ran(
        "node", "--test", "--test-reporter=tap", "examples/node/client.test.mjs"
    )


def test_java() -> None:
    assert "ok: it refuses" in ran("java", "examples/java/ClientTest.java")


@pytest.mark.slow
def test_go() -> None:
    assert "ok" in ran("go", "test", "./...", folder=ROOT / "examples" / "go")


def test_each_example_is_in_the_readme() -> None:
    text = (ROOT / "examples" / "README.md").read_text()
    for folder in (ROOT / "examples").iterdir():
        assert not folder.is_dir() or f"({folder.name}/" in text
