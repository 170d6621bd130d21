"""Fixtures for tests of clients: a box a test, in milliseconds, gone afterwards.

Loaded by every pytest run where the simulator is installed, so it imports nothing of it
until a test asks for a box.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from webserver.kit import AsyncKit, Kit

_MARK = "osbiz"
_SEEN = 12  # connections told of after a failure

_boxes = pytest.StashKey[list["Kit"]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers",
        f"{_MARK}(**options): how this test's box is to be, as for osbiz.Simulator: "
        "firmware, installed_at, now, rate, dates, booster, restart_time, trusted …",
    )


class Factory:
    """Makes boxes for one test; all are gone when it ends.

    Options are those of `osbiz.Simulator`. Unless told otherwise a box keeps nothing, has no
    Booster Server, listens at free ports of an address of this worker's own, and presents a
    certificate that a client accepts which trusts `ca_file`; `trusted=False` leaves the one
    that a new box has.
    """

    def __init__(
        self, stack: ExitStack, defaults: dict[str, Any], folder: Callable[[], Any]
    ) -> None:
        self._stack = stack
        self._defaults = {"trusted": True, "booster": False, "lan_ip": _address(2), **defaults}
        self._folder = folder
        self.boxes: list[Kit] = []

    def __call__(self, **options: Any) -> Kit:
        """One more box, its methods blocking."""
        from webserver.kit import Kit

        kit: Kit = self._make(Kit, options)
        return kit

    def for_async(self, **options: Any) -> AsyncKit:
        """One more box, its methods awaited."""
        from webserver.kit import AsyncKit

        kit: AsyncKit = self._make(AsyncKit, options)
        return kit

    def _make(self, kind: type[Kit], options: dict[str, Any]) -> Any:
        from webserver.blocking import started

        simulator, loop = self._stack.enter_context(started(**self._defaults | options))
        self.boxes.append(kind(simulator, loop, self._folder))
        return self.boxes[-1]


def _address(last: int) -> str:
    """A loopback address that no other worker of pytest-xdist uses."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    number = int(worker[2:]) + 1 if worker.startswith("gw") else 0
    return f"127.{number // 256}.{number % 256}.{last}"


@pytest.fixture
def osbiz(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Factory]:
    """Makes boxes: `box = osbiz(firmware="V3R1", trusted=False)`."""
    mark = request.node.get_closest_marker(_MARK)
    folders: list[Any] = []

    def folder() -> Any:
        if not folders:
            folders.append(tmp_path_factory.mktemp("osbiz"))
        return folders[0]

    with ExitStack() as stack:
        factory = Factory(stack, dict(mark.kwargs) if mark else {}, folder)
        request.node.stash[_boxes] = factory.boxes
        yield factory


@pytest.fixture
def osbiz_box(osbiz: Factory) -> Kit:
    """A box of this test's own; its methods block until they are done."""
    return osbiz()


@pytest.fixture
def osbiz_box_async(osbiz: Factory) -> AsyncKit:
    """A box of this test's own; its methods are awaited."""
    return osbiz.for_async()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """After a failure, be it in the test or in a fixture: what the boxes saw of the client."""
    report = yield
    if report.failed:
        for box in item.stash.get(_boxes, []):
            report.sections.append((f"what the box at {box.url} saw", _seen(box)))
    return report


def _seen(box: Kit) -> str:
    from webserver.seen import told

    return told(box.simulator, latest=_SEEN)
