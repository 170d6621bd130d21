"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def _boxes_of_this_run_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Boxes say where they are in this folder; those of other workers, and of whoever runs the
    tests, are not to be found."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    folder: Path = tmp_path_factory.mktemp("runtime")
    folder.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    yield
    if before is None:
        del os.environ["XDG_RUNTIME_DIR"]
    else:
        os.environ["XDG_RUNTIME_DIR"] = before
