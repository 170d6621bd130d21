"""Clients here notice what the table of faults says that they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.faults import FAULTS
from appliance.faults.noticed import NOTICED
from tests.clients.environments import MEASURABLE, Needs
from tests.faults.measuring import PLAIN, WAITED_FOR, greeting, measured
from tests.faults.provoking import provoked


@pytest.mark.slow
@pytest.mark.parametrize("name", ["openssl", "curl", "wget", "python-3.11", "requests"])
def test_a_client_notices_what_it_is_said_to(name: str, tmp_path: Path) -> None:
    if not MEASURABLE[name].version():
        pytest.skip(f"{name} is not here (Debian: {MEASURABLE[name].package})")
    faults = [fault for fault in FAULTS if fault not in (*WAITED_FOR, PLAIN)]
    with provoked(tmp_path) as box:
        greeting(box)
        client = MEASURABLE[name].start(Needs([box.ca_file], tmp_path))
        try:
            found = measured(client, box, faults)
        finally:
            client.close()
    assert found == {fault: name in NOTICED[fault] for fault in faults}
