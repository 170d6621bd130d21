"""Waiting for what the box does by itself, and seeing it with a client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import osbiz
from tests.acme.conftest import LAN_IP, NAME
from tests.clients import curl


def moment(text: str) -> datetime:
    """A time as the API writes it."""
    return datetime.fromisoformat(text)


async def status_when(
    sim: osbiz.Simulator, holds: Callable[[dict[str, Any]], bool], *, seconds: float = 20
) -> dict[str, Any]:
    """How it stands once `holds` of it."""
    end = asyncio.get_running_loop().time() + seconds
    while not holds(status := await sim.box.acme_status()):
        assert asyncio.get_running_loop().time() < end, status
        await asyncio.sleep(0.03)
    return status


async def installed_after(sim: osbiz.Simulator, before: str) -> dict[str, Any]:
    """How it stands once another certificate than `before` is installed."""
    return await status_when(
        sim, lambda status: status["state"] == "installed" and status["certificate"] != before
    )


async def failed_again(sim: osbiz.Simulator, times: int) -> dict[str, Any]:
    """How it stands once so many attempts in a row have failed."""
    return await status_when(
        sim, lambda status: status["state"] == "failed" and status["failures"] >= times
    )


def trusted(sim: osbiz.Simulator, root: Path, name: str = NAME) -> str:
    """What curl says of the portal under `name`, trusting the CA's root and nothing else."""
    port = sim.box.portal_url.rpartition(":")[2]
    url = f"https://{name}:{port}/"
    done = curl("--cacert", root, "--resolve", f"{name}:{port}:{LAN_IP}", "-o", "/dev/null", url)
    return done.stderr
