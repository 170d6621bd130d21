"""What docs/practice-ca.md and the walk say is so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from appliance.ca import policy
from appliance.ca.register import Conduct
from appliance.ca.zones import RCODES
from tests.acme.authorities import program
from webserver.ca import command, fetching

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "practice-ca.md").read_text()
WALK = (DOCS / "walks/public-ca.md").read_text()


def test_the_tour_goes_as_it_says(tmp_path: Path) -> None:
    program("gnutls-cli")
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    script = "\n".join(["set -euo pipefail", "trap 'kill $(jobs -p)' EXIT", *blocks])
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line for line in done.stdout.splitlines() if "revoked" in line or line == "trusted"]
    assert said == ["trusted", "certificate not revoked", "Certificate was revoked"], done.stdout


def test_every_port_option_rule_and_lie_is_there_as_in_the_tables() -> None:
    assert f"| {command.ACME_PORT} | `--port` |" in PAGE
    assert f"| {command.PAGE_PORT} | `--page-port` |" in PAGE
    assert f"| {command.DNS_PORT} | `--dns-port` |" in PAGE
    words = " ".join(PAGE.split())
    for days in (days for _, days, _ in policy.LIMITS):
        assert re.search(rf"\b{days}\b", words)
    for name in (*policy.VALIDITIES, *Conduct, *RCODES):
        assert f"`{name}`" in PAGE
    for limit in policy.RATE_LIMITS.values():
        assert re.search(rf"\b{limit.most} (orders|certificates|failed)", words), limit
    assert f"reads {fetching.MAX_ANSWER} bytes" in words


def test_the_walk_shows_pictures_that_are_there() -> None:
    for picture in re.findall(r"\(pictures/([\w-]+\.png)\)", WALK):
        assert (DOCS / "walks/pictures" / picture).exists(), picture
