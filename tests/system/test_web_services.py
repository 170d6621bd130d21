"""docs/web-services.md: the certificate that every web service says it came with."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from tests.system.program import Program

PAGE = Path(__file__).parents[2] / "docs" / "web-services.md"


def test_the_example_finds_one_certificate_on_all_pages(box: Program) -> None:
    (script,) = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    for documented, endpoint in (("8443", "portal"), ("8802", "wsi")):
        where = urlsplit(box.ready[endpoint])
        script = script.replace(documented, str(where.port)).replace(
            "127.0.0.2", str(where.hostname)
        )
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    lines = done.stdout.splitlines()
    assert (len(lines), len(set(lines))) == (4, 1), done.stderr
    active = box.box()["nodes"]["system"]["active"]
    named = lines[0].split(" (SHA-256)")[0].removeprefix("Certificate ").replace(" ", "")
    assert named.lower() == active["fingerprint_sha256"]
