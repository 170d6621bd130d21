from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.box import Box
from tests.helpers import a_box


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = a_box(tmp_path)
    yield box
    box.close()
