"""A box with its portal, and somebody who has logged on to it."""

from collections.abc import AsyncIterator

import pytest

from tests.portal.visitor import Visitor
from webserver.simulator import Simulator


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as running:
        yield running


@pytest.fixture
async def stranger(simulator: Simulator) -> AsyncIterator[Visitor]:
    async with Visitor(simulator) as visitor:
        yield visitor


@pytest.fixture
async def admin(simulator: Simulator) -> AsyncIterator[Visitor]:
    async with Visitor(simulator) as visitor:
        await visitor.log_on()
        yield visitor
