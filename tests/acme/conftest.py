from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import osbiz
from tests.acme.authorities import Authority, challtestsrv, pebble

LAN_IP = "127.0.0.41"
NAME = "osbiz.example"


class Start:
    """Starts a pebble that validates at the box; every name is at the box's address."""

    def __init__(self, sim: osbiz.Simulator, directory: Path, stack: ExitStack) -> None:
        self._sim = sim
        self._directory = directory
        self._stack = stack
        self.authority: Authority

    def __call__(self, *, life: int | None = 90 * 86400, **more: Any) -> Authority:
        """life: seconds that its certificates are valid. more: as `pebble` takes it."""
        box = self._sim.box
        http, tls = (int(str(url).rpartition(":")[2]) for url in (box.http_url, box.portal_url))
        names = self._stack.enter_context(challtestsrv(self._directory, address=LAN_IP))
        told = {"http_port": http, "tls_port": tls, "dns": names.dns, "life": life, **more}
        self.authority = self._stack.enter_context(pebble(self._directory, **told))
        self.authority.names = names
        return self.authority


@pytest.fixture
async def sim() -> AsyncIterator[osbiz.Simulator]:
    """A box with an HTTP port, at an address of its own."""
    async with osbiz.Simulator(http_port=0, lan_ip=LAN_IP, booster=False) as running:
        yield running


@pytest.fixture
def start(sim: osbiz.Simulator, tmp_path: Path) -> Iterator[Start]:
    """Starts a CA for the box; it ends with the test."""
    with ExitStack() as stack:
        yield Start(sim, tmp_path, stack)


def setup(authority: Authority, **more: Any) -> dict[str, Any]:
    """What is asked of the box, unless told otherwise."""
    return {
        "directory": authority.directory,
        "names": [NAME],
        "trust": authority.trust,
        "contact": "anna@example.com",
        "accept_terms": True,
        **more,
    }
