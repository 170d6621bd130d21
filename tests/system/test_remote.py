"""A running box as other programs hold it: found by its ready file, refusing in its own words."""

from __future__ import annotations

import threading
from argparse import ArgumentParser
from pathlib import Path

import pytest

from store.refusals import Refused
from tests.system.program import Program, program
from webserver.remote import Remote, add_remote_arguments, read_ready, remote_of


def test_the_ready_file_leads_to_the_box(box: Program) -> None:
    remote = read_ready(box.ready_file)
    assert remote.get("box")["lan_ip"] == box.ready["portal"].split("/")[2].split(":")[0]
    assert remote.put("clock", {"rate": 5})["rate"] == 5


def test_the_box_refuses_in_its_own_words(box: Program) -> None:
    with pytest.raises(Refused) as refused:
        read_ready(box.ready_file).put("clock", {"rate": "quick"})
    assert refused.value.code == "rate"
    assert refused.value.refusals[0].field == "rate"


def test_a_wrong_token_is_named(box: Program) -> None:
    with pytest.raises(Refused, match="token"):
        Remote(box.ready["control"], "wrong").get("box")


def test_events_arrive_as_they_happen(box: Program) -> None:
    remote = read_ready(box.ready_file)
    begun = threading.Timer(0.3, lambda: remote.put("clock", {"rate": 2}))
    begun.start()
    kind, entry = next(remote.events())
    begun.join()
    assert (kind, entry["event"]) == ("journal", "clock-set")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--ready-file", "nowhere.json"], "file"),
        (["--ready-file", "no.json"], "ready-file"),
        (["--control", "http://127.0.0.1:8900"], "token"),
        (["--control", "gopher://x", "--token-file", "no.json"], "control"),
    ],
)
def test_what_names_no_box_is_refused(
    arguments: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OSBIZ_READY_FILE", raising=False)
    Path("no.json").write_text("[]")
    parser = ArgumentParser()
    add_remote_arguments(parser)
    with pytest.raises(Refused) as refused:
        remote_of(parser.parse_args(arguments))
    assert refused.value.code == code


def test_a_box_that_is_gone_is_said_to_be() -> None:
    with pytest.raises(Refused) as refused:
        Remote("http://127.0.0.1:9", "token").get("box")
    assert refused.value.code == "box-away"


def test_the_box_that_runs_here_is_meant_when_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("OSBIZ_READY_FILE", raising=False)
    parser = ArgumentParser()
    add_remote_arguments(parser)
    options = parser.parse_args([])
    with pytest.raises(Refused, match="No box"):
        remote_of(options)
    with program(tmp_path, "--ephemeral") as one:
        assert remote_of(options).get("box")["portal"] == one.ready["portal"]
        (announced,) = (tmp_path / "osbiz").iterdir()
        assert announced.stat().st_mode & 0o777 == 0o600
        with (
            program(tmp_path, "--ephemeral") as two,
            pytest.raises(Refused, match="Several") as refused,
        ):
            remote_of(options)
        assert two.ready["portal"] in str(refused.value)
    assert not list((tmp_path / "osbiz").iterdir())
    (tmp_path / "osbiz").chmod(0o755)  # somebody else might have put it there
    with program(tmp_path, "--ephemeral"), pytest.raises(Refused, match="No box"):
        remote_of(options)
