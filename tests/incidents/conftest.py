"""The command, as people call it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.system.program import osbiz

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def incident(tmp_path: Path) -> Run:
    """`osbiz incident …`; a traceback is a failure of its own."""

    def run(*arguments: str | Path, limit: float = 110) -> subprocess.CompletedProcess[str]:
        line = osbiz("incident", *map(str, arguments))
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=limit, cwd=tmp_path, input=""
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


@pytest.fixture
def replayed(incident: Run) -> Callable[..., dict[str, Any]]:
    """What a replay found, as JSON."""

    def replay(*arguments: str | Path, status: int = 0, limit: float = 110) -> dict[str, Any]:
        done = incident("replay", *arguments, "--json", limit=limit)
        assert done.returncode == status, done.stdout + done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return replay


def needs(*programs: str) -> None:
    """Skip, saying so, when a client program is not here."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here")
