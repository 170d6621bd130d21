"""SIGKILL at any moment leaves the old state or the new, and nothing acknowledged is lost."""

from __future__ import annotations

import http.client
import random
import threading
import time
import urllib.error
from pathlib import Path
from typing import Any

import pytest

from tests.clients import served
from tests.system.conftest import Issued
from tests.system.program import Program, program

KILLS_PER_LANE = 18
# Seeds; together at least 50 kills, a third of them in the quick run.
LANES = (1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow))


class Acknowledged:
    """What the box has said yes to, and what it was asked without an answer."""

    def __init__(self) -> None:
        self.certificates: set[str] = set()
        self.active = ""
        self.lan_ip = "127.0.0.2"
        self.pending: dict[str, Any] = {}

    def settle(self, box: dict[str, Any], found: dict[str, dict[str, Any]]) -> None:
        """The state after a kill must be what was acknowledged, or that and what was asked."""
        active = box["nodes"]["system"]["active"]
        assert self.certificates <= found.keys(), "an acknowledged certificate is lost"
        moved = box["lan_ip"] != self.lan_ip
        if moved:
            assert self.pending.get("lan_ip") == box["lan_ip"]
            assert active["subject"]["CN"] == box["lan_ip"]
        elif active["id"] != self.active:
            assert self.pending.get("certificate") == active["id"]
        assert active["has_key"]
        self.certificates = set(found)
        self.active, self.lan_ip = active["id"], box["lan_ip"]
        self.pending = {}


def change_something(
    box: Program, issued: Issued, known: Acknowledged, chance: random.Random
) -> None:
    """One import, activation or move, at random; noted before it is asked and when answered."""
    what = chance.choice(["import", "make", "activate", "move"])
    if what == "import":
        answer = box.upload(
            name="imported", passphrase="seven77", certificate=issued.certificate, key=issued.key
        )
        known.certificates.add(answer.body["id"])
    elif what == "make":
        form = {"kind": "self-signed", "name": "made", "subject": {"CN": "127.0.0.2"}}
        known.certificates.add(box.call("POST", "/v1/certificates", form).body["id"])
    elif what == "activate":
        identity = chance.choice(sorted(known.certificates))
        known.pending = {"certificate": identity}
        answer = box.call("POST", "/v1/nodes/system/activate", {"certificate": identity})
        if answer.status == 202:
            known.active, known.pending = identity, {}
    else:
        lan_ip = f"127.0.0.{chance.choice([n for n in range(40, 48) if n != 3])}"
        known.pending = {"lan_ip": lan_ip}
        answer = box.call("PATCH", "/v1/box", {"lan_ip": lan_ip})
        if answer.status in (200, 202):
            known.lan_ip, known.pending = lan_ip, {}
            known.active = answer.body["nodes"]["system"]["active"]["id"]
            known.certificates.add(known.active)


@pytest.mark.parametrize("seed", LANES)
def test_a_kill_at_any_moment_leaves_the_old_state_or_the_new(
    tmp_path: Path, issued: Issued, seed: int
) -> None:
    chance = random.Random(seed)
    known = Acknowledged()
    arguments = ("--data", str(tmp_path / "data"), "--restart-time", "0", "--no-booster")
    for number in range(KILLS_PER_LANE + 1):
        with program(tmp_path, *arguments) as box:
            found = {
                one["id"]: one for one in box.call("GET", "/v1/certificates").body["certificates"]
            }
            state = box.box()
            if number == 0:
                known.active = state["nodes"]["system"]["active"]["id"]
            known.settle(state, found)
            shown = served(box.ready["portal"])
            assert shown.fingerprint == found[known.active]["fingerprint_sha256"]
            if number < KILLS_PER_LANE:
                kill_in_the_middle(box, issued, known, chance)


def kill_in_the_middle(
    box: Program, issued: Issued, known: Acknowledged, chance: random.Random
) -> None:
    """Keep changing things until the process is shot."""

    def shoot() -> None:
        time.sleep(chance.uniform(0.005, 0.25))
        box.process.kill()

    shooter = threading.Thread(target=shoot)
    shooter.start()
    try:
        while box.process.poll() is None:
            change_something(box, issued, known, chance)
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError):
        pass
    finally:
        shooter.join()
        box.process.wait(10)
