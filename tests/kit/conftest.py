"""The box of the system tests, for these too."""

from tests.system.conftest import box

__all__ = ["box"]
