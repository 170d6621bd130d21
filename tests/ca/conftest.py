from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import osbiz
from webserver.ca.practice import PracticeCA

LAN_IP = "127.0.0.43"
NAME = "osbiz.example.test"


@pytest.fixture
async def sim() -> AsyncIterator[osbiz.Simulator]:
    """A box with a practice CA beside it."""
    async with osbiz.Simulator(ca=True, lan_ip=LAN_IP, booster=False) as running:
        yield running


@pytest.fixture
def ca(sim: osbiz.Simulator) -> PracticeCA:
    """That CA."""
    assert sim.ca is not None
    return sim.ca


@pytest.fixture
def root(ca: PracticeCA, tmp_path: Path) -> Path:
    """Its root, in a file."""
    path = tmp_path / "root.pem"
    path.write_text(ca.trust)
    return path


def setup(ca: PracticeCA, **more: Any) -> dict[str, Any]:
    """What is asked of the box, unless told otherwise."""
    return {
        "directory": ca.directory,
        "names": [NAME],
        "trust": ca.trust,
        "contact": "anna@example.com",
        "accept_terms": True,
        **more,
    }
