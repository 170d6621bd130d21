"""Incidents happen again, on real listeners, with real clients, as they are expected to."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from appliance.incidents import incident_names
from tests.incidents.conftest import Run, needs
from tests.system.program import osbiz
from webserver.incidents.running import TOO_SLOW
from webserver.processes import run_program

MANY_STEPS = {"47-day-rehearsal"}
# One of each sort: an end, a move, a chain, a clock, the other node.
QUICK = {
    "2024-01-01",
    "ip-change-undoes-trust",
    "root-expired",
    "clock-at-1970",
    "booster-left-behind",
}

# Three seconds around the end of a leaf, of an intermediate and of a root.
EDGES = """\
title = "Edges"
summary = "The second before an end, that second, and the one after it."
[start]
clock = 2026-05-01T11:59:59Z
trusted = "Root"
[[authority]]
name = "Root"
not_before = 2020-01-01
not_after = 2026-05-03T12:00:00Z
[[authority]]
name = "Middle"
issued_by = "Root"
not_before = 2020-01-01
not_after = 2026-05-02T12:00:00Z
[[certificate]]
name = "Leaf"
authority = "Middle"
not_before = 2026-04-01
not_after = 2026-05-01T12:00:00Z
active_on = "system"
[[certificate]]
name = "Longer"
authority = "Middle"
not_before = 2026-04-01
not_after = 2026-06-01
[[certificate]]
name = "Under the root"
authority = "Root"
not_before = 2026-05-02T18:00:00Z
not_after = 2026-06-01
"""
MOMENTS = [
    ("2026-05-01T11:59:59Z", "", "all"),
    ("2026-05-01T12:00:00Z", "", ""),
    ("2026-05-01T12:00:01Z", "", "none"),
    ("2026-05-02T11:59:59Z", 'activate = "Longer"', "all"),
    ("2026-05-02T12:00:00Z", "", ""),
    ("2026-05-02T12:00:01Z", "", "none"),
    ("2026-05-02T17:59:59Z", 'activate = "Under the root"', "none"),
    ("2026-05-02T18:00:00Z", "", "all"),
    ("2026-05-03T11:59:59Z", "", "all"),
    ("2026-05-03T12:00:01Z", "", ""),
]


def edges(folder: Path) -> Path:
    path = folder / "edges.toml"
    steps = [
        f'[[step]]\nat = {at}\ntitle = "{number}"\n{action}\n'
        + {
            "all": '[step.expect]\naccepted = "all"\n',
            "none": '[step.expect]\nrefused = "all"\n',
        }.get(who, "")
        for number, (at, action, who) in enumerate(MOMENTS, start=1)
    ]
    path.write_text(EDGES + "".join(steps))
    return path


def clients(*names: str) -> list[str]:
    return [word for name in names for word in ("--client", name)]


def outcomes(replay: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Who accepts and who refuses at each step: environments, people, programs."""
    return [
        (
            step["number"],
            {
                node: (
                    view["serves"],
                    {one["environment"]: one["outcome"] for one in view["verdicts"]},
                )
                for node, view in step["nodes"].items()
            },
            [(one["name"], one["connected"], one["state"]) for one in step["clients"]],
            [(one["name"], one["node"], one["accepted"]) for one in step["programs"]],
        )
        for step in replay["steps"]
    ]


def spread(names: set[str]) -> list[Any]:
    """All of them, the quick run's first."""
    rest = sorted(names - QUICK - MANY_STEPS)
    return [*sorted(QUICK), *(pytest.param(name, marks=pytest.mark.slow) for name in rest)]


@pytest.mark.parametrize("name", spread(set(incident_names())))
def test_an_incident_goes_as_it_is_expected_to(name: str, incident: Run) -> None:
    done = incident("replay", name, "--step")
    assert done.returncode == 0, done.stdout
    assert " expectations met" in done.stdout.splitlines()[-1]


def test_a_year_of_renewals_goes_as_it_is_expected_to(incident: Run) -> None:
    done = incident("replay", "47-day-rehearsal", "--step")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("issues 47 days") == 12  # the first of the year, eleven renewals


def test_real_clients_see_an_end_to_the_second_in_both_ways(tmp_path: Path, replayed: Any) -> None:
    """With simulated dates under faketime, with projected dates as they are."""
    needs("faketime", "openssl", "gnutls-cli")
    path = edges(tmp_path)
    programs = clients("openssl", "gnutls")
    simulated = replayed(path, "--step", *programs)
    projected = replayed(path, "--step", "--dates", "projected", *programs)
    assert outcomes(simulated) == outcomes(projected)
    accepted = {
        name: [
            next(one["accepted"] for one in step["programs"] if one["name"] == name)
            for step in simulated["steps"]
        ]
        for name in ("openssl", "gnutls")
    }
    before, at, after = True, True, False
    assert accepted["gnutls"][:6] == [before, at, after] * 2
    assert accepted["openssl"][:6] == [before, False, after] * 2
    alerts = {one["alert"] for step in simulated["steps"] for one in step["programs"]}
    assert "certificate_expired" in alerts


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(incident_names())))
@pytest.mark.timeout(900)
def test_every_incident_agrees_in_both_ways_with_five_real_clients(
    name: str, replayed: Any
) -> None:
    needs("faketime", "openssl", "curl", "node", "java")
    programs = clients("openssl", "curl", "node", "java", "python")
    simulated = replayed(name, "--step", *programs, limit=400)
    projected = replayed(name, "--step", "--dates", "projected", *programs, limit=400)
    both = zip(outcomes(simulated), outcomes(projected), strict=True)
    for one, other in both:
        if name == "forgotten-renewal" and one[0] == 4:
            # At exactly notAfter Java accepts only while no millisecond has passed, which a
            # frozen clock can show, and a running one can not.
            assert ("java", "system", True) in one[3]
            assert ("java", "system", False) in other[3]
            assert one[:3] == other[:3]
        else:
            assert one == other


FAULTS = """\
title = "Faults"
summary = "A handshake that is cut, then a certificate that is not the box's."
[start]
clock = 2026-05-01
trusted = "CA"
[[authority]]
name = "CA"
[[certificate]]
name = "Good"
authority = "CA"
active_on = "system"
[[client]]
name = "Reception"
profile = "myportal-at-work"
[[step]]
at = "+1s"
title = "The handshake is cut"
fault = { name = "close-handshake", probability = 1 }
reconnect = true
[step.expect]
serves = "nothing"
refused = "all"
cut_off = "all"
[[step]]
at = "+1s"
title = "An expired certificate is shown"
fault = "expired"
clear_fault = "close-handshake"
[step.expect]
refused = "all"
cut_off = "all"
[[step]]
at = "+1s"
title = "It is over"
clear_fault = "expired"
[step.expect]
serves = "Good"
accepted = "all"
connected = "all"
"""


@pytest.mark.parametrize("dates", ["simulated", "projected"])
def test_a_fault_is_a_step_like_any_other(tmp_path: Path, replayed: Any, dates: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(FAULTS)
    found = replayed(path, "--step", "--dates", dates, "--client", "openssl")
    assert found["steps"][0]["nodes"]["system"]["trouble"].startswith("no handshake")
    assert [step["programs"][0]["agrees"] for step in found["steps"]] == [True, True, True]
    assert found["steps"][0]["programs"][0]["accepted"] is False


# The command


def test_the_list_has_names_and_titles(incident: Run) -> None:
    listed = json.loads(incident("list", "--json").stdout)["incidents"]
    assert {one["name"] for one in listed} == set(incident_names())
    assert all(one["title"] for one in listed)
    plain = incident("list").stdout
    assert all(one["name"] in plain and one["title"] in plain for one in listed)


def test_an_incident_is_shown_as_a_story_as_values_and_as_its_file(incident: Run) -> None:
    shown = incident("show", "booster-left-behind").stdout
    assert "Booster Server at 127.0.0.3" in shown
    assert "> Year two is activated on the box." in shown
    assert "What would have prevented it:" in shown
    values = json.loads(incident("show", "booster-left-behind", "--json").stdout)
    assert len(values["steps"]) == 4
    source = incident("show", "booster-left-behind", "--source").stdout
    assert source.startswith('title = "The box renewed')


STORY = """\
title = "Mine"
summary = "Something of my own."
[start]
clock = 2026-05-01
trusted = "default"
[[step]]
at = "+1s"
title = "It serves"
[step.expect]
serves = "default"
{more}
"""


def test_an_expectation_that_is_not_met_ends_with_status_1(tmp_path: Path, replayed: Any) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(STORY.format(more='accepted = ["firefox"]'))
    found = replayed(path, "--step", status=1)
    assert found["met"] is False
    checks = {one["text"]: one for one in found["steps"][0]["expectations"]}
    assert checks["The box serves default."]["met"] is True
    assert checks["firefox accepts the box."] == {
        "text": "firefox accepts the box.",
        "met": False,
        "seen": "firefox: refused",
    }


def test_what_the_box_refuses_to_do_is_told_and_is_not_as_expected(
    tmp_path: Path, replayed: Any
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(STORY.format(more="") + 'remove = "default"\n'.join(
        ["[[step]]\nat = '+1s'\ntitle = 'No'\n", ""]
    ))  # fmt: skip
    found = replayed(path, "--step", status=1)
    assert "is active on this node" in found["steps"][1]["done"][0]["refused"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("replay", "no-such"), "There is no incident 'no-such'"),
        (("replay", "no-such.toml"), "can't be read"),
        (("replay", "2024-01-01", "--rate", "0.5"), "can't run at rate 0.5"),
        (("replay", "2024-01-01", "--rate", "0"), "or --step"),
        (("replay", "2024-01-01", "--rate", "fast"), "1 to 100,000"),
        (("replay", "2024-01-01", "--dates", "real"), "simulated"),
        (("replay", "2024-01-01", "--client", "no-such-program x"), "no-such-program"),
        (("replay", "2024-01-01", "--client", "ios"), "no program here that stands for ios"),
        (("replay", "2024-01-01", "--client", "'"), "no command line"),
        (("replay", "2024-01-01", "--report", "no/such/folder/r.html"), "can't be written"),
        (("show", "nobody"), "There is no incident"),
    ],
)
def test_bad_input_ends_with_status_2_and_a_clear_line(
    incident: Run, arguments: tuple[str, ...], words: str
) -> None:
    done = incident(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_every_mistake_of_a_file_stands_on_its_line(tmp_path: Path, incident: Run) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(STORY.format(more='accepted = ["firefx"]').replace("+1s", "soon"))
    done = incident("replay", path)
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert f"{path}, line 7: step[1].at:" in first
    assert f"{path}, line 11: step[1].expect.accepted[1]: 'firefx'" in second


def test_a_rate_that_is_asked_for_is_kept(tmp_path: Path, replayed: Any) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(STORY.format(more="").replace('"+1s"', '"+1d"'))
    began = time.monotonic()
    found = replayed(path, "--rate", "43200")
    assert time.monotonic() - began > 2  # a day at this rate
    assert found["pace"] == "at rate 43,200"
    assert found["steps"][0]["time"] == "2026-05-02T00:00:00Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_replay_that_is_ended_says_so_and_leaves_a_report_of_what_was(
    tmp_path: Path, number: signal.Signals
) -> None:
    path, report = tmp_path / "mine.toml", tmp_path / "report.html"
    path.write_text(STORY.format(more="") + '[[step]]\nat = "+1d"\ntitle = "Never"\n')
    line = osbiz("incident", "replay", str(path), "--rate", "1", "--report", str(report))
    if number == signal.SIGTERM:  # as a script starts what it leaves in the background
        line = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *line]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        assert one.stderr is not None
        while "ok   The box serves default." not in one.stdout.readline():
            pass
        one.send_signal(number)
        try:
            assert one.wait(30) == 130
        finally:
            one.kill()
        assert one.stderr.read() == "osbiz: ended before the incident was over.\n"
    assert "It was ended before it was over" in report.read_text()
    assert "ended after step 1 of 2" in report.read_text()


# A person's own client


def test_a_program_that_is_slow_to_connect_still_sees_the_second_that_is_meant(
    tmp_path: Path, replayed: Any
) -> None:
    needs("curl")
    path = tmp_path / "edge.toml"
    path.write_text(
        EDGES + "[[step]]\nat = 2026-05-01T11:59:59Z\ntitle = 'The last'\n"
        "[[step]]\nat = 2026-05-01T12:00:01Z\ntitle = 'Over'\n"
    )
    slow = "sh -c 'sleep 1.1; curl -sS -o /dev/null --cacert {cafile} {url}'"
    found = replayed(path, "--step", "--dates", "projected", "--client", slow)
    runs = [step["programs"][0] for step in found["steps"]]
    assert [(run["accepted"], TOO_SLOW in run["output"]) for run in runs] == [
        (True, False),
        (False, False),
    ]


async def test_what_a_program_writes_does_not_steer_a_terminal() -> None:
    line = ["printf", r"\033[31mred\033[0m\r\nbell\a \033]0;title\007ä\n"]
    assert await run_program(line, {"PATH": "/usr/bin:/bin"}, limit=9) == (0, "red\nbell\ufffd ä")


def test_a_persons_own_client_is_run_at_every_step_and_recorded(
    tmp_path: Path, replayed: Any
) -> None:
    needs("faketime")
    path = tmp_path / "mine.toml"
    path.write_text(STORY.format(more=""))
    code = (
        "import sys, time; pem = open('{cafile}').read()[:10];"
        "print('{host}', '{port}', '{url}', '{time}', pem);"
        "print(time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())); print('x' * 9000);"
        "print({1: 2}); sys.exit(9)"
    )
    found = replayed(path, "--step", "--client", f'{sys.executable} -c "{code}"')
    (run,) = found["steps"][0]["programs"]
    assert (run["status"], run["agrees"], run["environment"]) == (9, None, None)
    first, second, *_ = run["output"].splitlines()
    host, port, url, moment, pem = first.split(" ", 4)
    assert (host, url) == ("127.0.0.2", f"https://127.0.0.2:{port}/")
    assert moment == second == "2026-05-01T00:00:01Z"
    assert pem == "-----BEGIN"
    assert len(run["output"]) <= 4000
    assert found["met"] is True


async def test_a_client_that_does_not_end_is_ended_with_all_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    line = ["sh", "-c", f"(sleep 2; touch {mark}) & echo begun; sleep 60"]
    status, output = await run_program(line, {"PATH": "/usr/bin:/bin"}, limit=0.5)
    assert (status, output) == (None, "begun")
    await asyncio.sleep(2.5)
    assert not mark.exists()


def test_a_client_whose_clock_can_not_be_moved_is_refused_with_simulated_dates(
    incident: Run,
) -> None:
    needs("go")
    done = incident("replay", "2024-01-01", "--step", "--client", "go version")
    assert done.returncode == 2
    assert "Go program" in done.stderr
    assert "--dates projected" in done.stderr
