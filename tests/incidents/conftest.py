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
        found: dict[str, Any] = json.loads(done.stdout) if done.stdout else {"steps": []}
        if status == 0:
            assert unmet(found) == []
        assert (done.returncode, done.stderr) == (status, "")
        return found

    return replay


def unmet(replay: dict[str, Any]) -> list[str]:
    """What did not go as expected, in short."""
    return [
        f"{step['number']} {step['title']}: {told}"
        for step in replay["steps"]
        for told in (
            *(f"{one['text']} {one['seen']}" for one in step["expectations"] if not one["met"]),
            *(f"{one['text']} {one['refused']}" for one in step["done"] if one["refused"]),
            *(
                f"{one['name']}, predicted {one['expected']}: {one['output'][-200:]}"
                for one in step["programs"]
                if one["agrees"] is False
            ),
        )
    ]


def needs(*programs: str) -> None:
    """Skip, saying so, when a client program is not here."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here")
