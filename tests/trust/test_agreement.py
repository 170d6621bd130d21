"""What is judged is what was measured: every cell of the record, for every client in it."""

from __future__ import annotations

import pytest

from appliance.catalogue import CASES, Case, Keyring
from tests.clients.agreement import differences

KEYS = Keyring()


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_every_measured_cell_is_judged_as_it_was_measured(case: Case) -> None:
    assert [str(one) for one in differences(case, KEYS)] == []
