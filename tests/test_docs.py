"""The examples in the documentation do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_tour_of_the_readme_goes_as_it_says(tmp_path: Path) -> None:
    script = "\n".join(["set -euo pipefail", "trap 'kill $(jobs -p)' EXIT", *blocks(README, "sh")])
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for line in (
        "subject=CN = 127.0.0.2",
        "curl does not trust it",
        '"alert": {"name": "unknown_ca", "code": 48, "from": "client"}',
        "subject=CN = 127.0.0.9",
        "<LOGIN><ID>",
        "notAfter=Jan  1 00:00:00 2024 GMT",
        "Certificate will not expire",
        "Certificate will expire",
    ):
        assert line in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("code", blocks(README, "python"))
def test_the_python_of_the_readme_runs(code: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "127.0.0.9" in done.stdout


TESTING = (ROOT / "docs" / "testing.md").read_text()


@pytest.mark.parametrize("code", blocks(TESTING, "python test"))
def test_the_tests_in_the_documentation_pass(code: str, tmp_path: Path) -> None:
    (tmp_path / "test_client.py").write_text(code)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def needed(name: str) -> set[str]:
    """A distribution and all that it requires, extras left out."""
    found, todo = set[str](), [canonicalize_name(name)]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += [
                canonicalize_name(requirement.name)
                for requirement in map(Requirement, distribution(one).requires or ())
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            ]
    return found


def test_the_test_of_the_readme_passes_where_only_the_wheel_is_installed(tmp_path: Path) -> None:
    wheels, project = tmp_path / "wheels", tmp_path / "project"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(ROOT)]
    subprocess.run([*pip, *build], check=True, capture_output=True, timeout=100)
    # An environment with the wheel, and what pip would bring with it and pytest: no more.
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")],
        check=True,
        timeout=60,
    )
    (packages,) = (tmp_path / "env").glob("lib/*/site-packages")
    install = ["install", "--no-deps", "--target", str(packages), *map(str, wheels.glob("*.whl"))]
    subprocess.run([*pip, *install], check=True, capture_output=True, timeout=60)
    wanted = needed("osbiz-simulator") | needed("pytest")
    for installed in map(distribution, wanted - {"osbiz-simulator"}):
        for name in {file.parts[0] for file in installed.files or () if file.parts[0] != ".."}:
            if not (packages / name).exists():
                (packages / name).symlink_to(installed.locate_file(name))
    project.mkdir()
    (code,) = blocks(README, "python test")
    (project / "test_client.py").write_text(code)
    done = subprocess.run(
        [tmp_path / "env" / "bin" / "python", "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=project,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda page: page.name,
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target
