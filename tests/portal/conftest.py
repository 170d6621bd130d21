"""A box with its portal, and somebody who has logged on to it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.portal.browser import a_chromium
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


@pytest.fixture
async def expert(simulator: Simulator) -> AsyncIterator[Visitor]:
    async with Visitor(simulator) as visitor:
        await visitor.log_on_as_expert()
        yield visitor


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with a_chromium() as browser:
        yield browser
