from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import osbiz
from tests.acme.authorities import Authority, challtestsrv, pebble

LAN_IP = "127.0.0.41"
NAME = "osbiz.example"

Start = Callable[..., Authority]


@pytest.fixture
async def sim() -> AsyncIterator[osbiz.Simulator]:
    """A box with an HTTP port, at an address of its own."""
    async with osbiz.Simulator(http_port=0, lan_ip=LAN_IP, booster=False) as running:
        yield running


@pytest.fixture
def start(sim: osbiz.Simulator, tmp_path: Path) -> Iterator[Start]:
    """Starts a pebble that validates at the box; every name is at the box's address."""
    with ExitStack() as stack:

        def begin(*, life: int | None = 90 * 86400, **more: Any) -> Authority:
            http, tls = (
                int(str(url).rpartition(":")[2]) for url in (sim.box.http_url, sim.box.portal_url)
            )
            names = stack.enter_context(challtestsrv(tmp_path, address=LAN_IP))
            authority = stack.enter_context(
                pebble(tmp_path, http_port=http, tls_port=tls, dns=names.dns, life=life, **more)
            )
            authority.names = names
            return authority

        yield begin


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
