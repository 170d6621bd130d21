"""The examples in other languages run as their README says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def ran(*command: str, folder: Path = ROOT, seconds: float = 110) -> str:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not here")
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=seconds,
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


@pytest.mark.slow
def test_rust(tmp_path: Path) -> None:
    crates = Path("/usr/share/cargo/registry")
    if not list(crates.glob("openssl-0.10.*")):
        pytest.skip("the openssl crate is not here (Debian: librust-openssl-dev)")
    project = shutil.copytree(ROOT / "examples" / "rust", tmp_path / "rust")
    settings = [
        'source.crates-io.replace-with="debian"',
        f'source.debian.directory="{crates}"',
    ]
    options = [word for setting in settings for word in ("--config", setting)]
    assert "2 passed" in ran("cargo", *options, "test", "--offline", folder=project, seconds=280)


def test_each_example_is_in_the_readme() -> None:
    text = (ROOT / "examples" / "README.md").read_text()
    for folder in (ROOT / "examples").iterdir():
        assert not folder.is_dir() or f"({folder.name}/" in text
