"""docs/clients-uc.md: what it says of the clients is what they are, and its examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.uc_clients import PROFILES, Profile
from appliance.uc_states import TRANSITIONS
from appliance.uc_words import Trouble
from webserver.control_clients import ROW

PAGE = (Path(__file__).parents[2] / "docs" / "clients-uc.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_states_are_those_of_the_table_that_runs() -> None:
    told = set(re.findall(r"^([a-z-]+) +--([a-z-]+)--> +([a-z-]+)$", PAGE, re.MULTILINE))
    assert told == {
        (before.value, event.value, after.value) for (before, event), after in TRANSITIONS.items()
    }


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_each_kind_of_client_is_described_as_it_is(profile: Profile) -> None:
    (line,) = re.findall(rf"^\| `{profile.id}` \|.*\|$", PAGE, re.MULTILINE)
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1:3] == [profile.client, profile.platform.name]
    assert re.findall("`([A-Za-z]+)`", cells[3]) == [command.name for command in profile.first]
    assert f"{profile.interval:g} s" in cells[4]
    assert cells[5:] == [str(profile.when_lost), str(profile.when_refused)]
    for fact in profile.facts:
        assert f"| {fact.text} | {fact.standing.value} | {fact.source} |" in PAGE


def test_every_member_of_a_row_and_every_cause_is_explained() -> None:
    table = PAGE.partition("## The table")[2].partition("## A recorded run")[0]
    assert {"run", *ROW, *Trouble} <= set(re.findall("`([a-z_-]+)`", table))


def test_the_examples_for_the_shell_go_as_they_say(tmp_path: Path) -> None:
    script = "\n".join(["set -euo pipefail", "trap 'kill $(jobs -p)' EXIT", *blocks("sh")])
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"error": "net::ERR_CERT_' in done.stdout
    assert "→ locked out: net::ERR_CERT_" in done.stdout
    assert '"to": "locked-out"' in (tmp_path / "run.jsonl").read_text()


def test_the_example_in_python_runs(tmp_path: Path) -> None:
    (code,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "'logged-on': 4" in done.stdout
