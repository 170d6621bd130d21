"""What the trust engine calls measured is in the record. Its cells: `tests/trust`."""

from __future__ import annotations

from appliance.catalogue.measured import measured
from appliance.trust import ENVIRONMENTS, Standing


def test_what_is_said_to_be_measured_was_measured() -> None:
    said = {name for name, one in ENVIRONMENTS.items() if one.standing is Standing.MEASURED}
    assert said == set(measured().environments)
