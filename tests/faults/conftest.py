from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.provoking import Provoked, provoked


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provoked]:
    """A box with a Booster Server, in order whenever a test begins."""
    with provoked(tmp_path_factory.mktemp("faults")) as box:
        yield box
