"""The record of what was measured: whole, shown as it is, and still true of the clients here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from appliance.catalogue import CASES, Keyring
from appliance.catalogue.measured import measured
from tests.clients.__main__ import QUICK, main
from tests.clients.environments import MEASURABLE
from tests.clients.measuring import measure
from tests.clients.questions import Unclear
from tests.clients.recording import PAGE, Record, differences, paged

KEYS = Keyring()
# The quick ones of those that were measured; scripts/matrix runs them all.
FAST = ("openssl", "curl", "wget", "gnutls", "node-20", "python-3.11", "requests", "cryptography")


def test_every_environment_of_the_record_was_measured_in_every_case() -> None:
    record = measured()
    assert set(record.outcomes) == set(CASES)
    for case, outcomes in record.outcomes.items():
        # Two browsers can't be run with their clocks stopped.
        missing = set(record.environments) - set(outcomes)
        assert missing <= ({"chromium", "firefox"} if CASES[case].frozen else set()), case
        assert set(outcomes.values()) <= {"accepted", "refused"}


def test_the_page_shows_what_is_recorded() -> None:
    text = PAGE.read_text("utf-8")
    assert paged(text, Record.load()) == text, "run scripts/matrix --write"
    topics = {case.topic for case in CASES.values()}
    assert [topic for topic in topics if f"<!-- measured: {topic} -->" not in text] == []


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in FAST else (pytest.mark.slow,)) for name in MEASURABLE],
)
def test_real_clients_still_do_what_is_recorded(name: str, tmp_path: Path) -> None:
    client = MEASURABLE[name]
    version = client.version()
    if version is None:
        pytest.skip(f"needs {client.package}, which is not here")
    recorded = measured().environments[name].version
    if version != recorded:
        pytest.skip(f"measured with {recorded}, and here is {version}")
    cells = measure(client, QUICK, folder=tmp_path, keys=KEYS)
    assert len(cells) == len(set(QUICK))
    assert differences(Record.load(), cells) == []


def test_a_client_that_takes_anything_is_not_believed(tmp_path: Path) -> None:
    from tests.clients.environments import Measurable
    from tests.clients.programs import Program

    def careless(_: object) -> Program:
        return Program(
            [],
            lambda asked: ["curl", "-ksS", "--connect-to", f"::{asked.address}:", asked.url],
            "(.+)",
        )

    if shutil.which("curl") is None:
        pytest.skip("needs curl, which is not here")
    client = Measurable("curl", "curl", lambda: "curl -k", careless)
    with pytest.raises(Unclear, match="not sane"):
        measure(client, [], folder=tmp_path, keys=KEYS)


def test_unknown_clients_and_cases_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--clients", "netscape"], ["--cases", "unheard-of"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        assert arguments[1] in capsys.readouterr().err
