"""What docs/incidents.md and the README say of incidents is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from appliance.incidents import incident_names
from tests.incidents.conftest import Run, needs
from tests.incidents.documenting import PAGE, page
from tests.test_docs import README, blocks

TEXT = PAGE.read_text()


def test_the_tables_are_those_of_the_incidents_and_of_the_fields() -> None:
    assert page(TEXT) == TEXT, "run python -m tests.incidents.documenting"


def test_the_readme_leads_to_them_and_counts_them_right() -> None:
    number = {12: "twelve"}[len(incident_names()) - 1]
    assert f"[{number} more incidents](docs/incidents.md)" in README


@pytest.mark.parametrize("where", [README, TEXT], ids=["README", "page"])
def test_the_first_command_does_what_it_says(where: str, tmp_path: Path, incident: Run) -> None:
    command = re.findall(r"^    osbiz incident (replay .*)$", where, re.MULTILINE)[0]
    done = incident(*command.split(), "--step")  # without the waiting
    assert done.returncode == 0, done.stdout + done.stderr
    assert "expectations met" in done.stdout
    assert "What would have prevented it" in (tmp_path / "midnight.html").read_text()


def test_clients_are_put_to_it_as_the_page_has_it(incident: Run) -> None:
    needs("faketime", "openssl", "curl")
    (script,) = blocks(TEXT, "sh")
    done = incident(*shlex.split(script.replace("\\\n", " "))[2:])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 program runs as predicted" in done.stdout
    assert re.search(r"openssl s_client .* …: exit status 0", done.stdout)


def test_the_example_is_an_incident_and_a_mistake_in_it_is_told_as_shown(
    tmp_path: Path, incident: Run, replayed: Any
) -> None:
    (example,) = blocks(TEXT, "toml")
    (told,) = blocks(TEXT, "text")
    path = tmp_path / "mine.toml"
    path.write_text(example)
    assert replayed("./mine.toml", "--step")["met"]
    path.write_text(example.replace('authority = "Old CA"', 'authority = "Old C"'))
    assert incident("show", "./mine.toml").stderr == told
