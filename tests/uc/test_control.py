"""`/v1/clients`: what others report, looked over before it is shown."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from appliance.uc_clients import PROFILES
from appliance.uc_states import Life
from tests.appliance.test_uc_clients import moment
from tests.system.program import Program, program
from webserver.client_runs import MAX_RUNS, ClientRuns
from webserver.control_clients import MAX_ROWS, ROW

A_ROW = Life(1, PROFILES["mycontacts"], "200", moment()).row()


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("box")
    with program(folder, "--ephemeral", "--no-booster") as running:
        yield running


def put(box: Program, run: str, body: Any) -> Any:
    return box.call("PUT", f"/v1/clients/{run}", body)


def rows(box: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = box.call("GET", "/v1/clients").body["clients"]
    return found


def test_a_row_is_what_a_client_s_life_says() -> None:
    assert A_ROW.keys() == ROW.keys()
    assert all(isinstance(A_ROW[name], types) for name, types in ROW.items())


def test_rows_from_elsewhere_are_shown_until_they_are_not_renewed(box: Program) -> None:
    assert put(box, "mine", {"clients": [A_ROW], "seconds": 60}).status == 204
    assert rows(box) == [{"run": "mine", **A_ROW}]
    assert put(box, "mine", {"clients": [], "seconds": 60}).status == 204
    assert rows(box) == []
    assert put(box, "mine", {"clients": [A_ROW], "seconds": 0.2}).status == 204
    end = time.monotonic() + 5
    while rows(box):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert box.call("DELETE", "/v1/clients/mine").status == 404


def test_a_run_that_is_over_says_so(box: Program) -> None:
    put(box, "mine", {"clients": [A_ROW]})
    assert box.call("DELETE", "/v1/clients/mine").status == 204
    assert rows(box) == []


@pytest.mark.parametrize(
    ("run", "body", "code"),
    [
        ("mine", [], "body"),
        ("mine", {}, "client-rows"),
        ("mine", {"clients": {}}, "client-rows"),
        ("mine", {"clients": [A_ROW] * (MAX_ROWS + 1)}, "client-rows"),
        ("mine", {"clients": [None]}, "client-row"),
        ("mine", {"clients": [{}]}, "client-row"),
        ("mine", {"clients": [A_ROW | {"more": 1}]}, "client-row"),
        ("mine", {"clients": [A_ROW | {"tries": True}]}, "client-row"),
        ("mine", {"clients": [A_ROW | {"user": None}]}, "client-row"),
        ("mine", {"clients": [A_ROW | {"error": "x" * 501}]}, "client-row"),
        ("mine", {"clients": [A_ROW | {"state": "happy"}]}, "client-row"),
        ("mine", {"clients": [A_ROW | {"profile": "fax"}]}, "client-row"),
        ("mine", {"clients": [], "seconds": 0}, "client-seconds"),
        ("mine", {"clients": [], "seconds": 1e9}, "client-seconds"),
        ("mine", {"clients": [], "seconds": "9"}, "client-seconds"),
        ("mine", {"clients": [], "why": 1}, "unknown-field"),
        ("%20", {"clients": []}, "client-run"),
        ("x" * 41, {"clients": []}, "client-run"),
    ],
)
def test_what_is_no_report_is_refused(box: Program, run: str, body: Any, code: str) -> None:
    answer = put(box, run, body)
    assert answer.status in (400, 413, 422)
    assert answer.body["code"] in (code, "too-large")
    assert rows(box) == []


def test_there_is_an_end_to_the_runs() -> None:
    runs = ClientRuns()
    for number in range(MAX_RUNS):
        runs.tell(f"run-{number}", [A_ROW], seconds=60)
    runs.tell("run-0", [], seconds=60)
    with pytest.raises(Exception, match="report here already"):
        runs.tell("one-more", [], seconds=60)
    assert len(runs.rows()) == MAX_RUNS - 1
