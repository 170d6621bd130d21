"""The commands of docs/interop.md, as the tables there have them, and how one is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "interop.md").read_text()
_PROGRAMS = {
    "openssl": "openssl",
    "keytool": "default-jre-headless",
    "certtool": "gnutls-bin",
    "certutil": "libnss3-tools",
    "pk12util": "libnss3-tools",
    "node": "nodejs",
    "curl": "curl",
}


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below `heading`, as cells; what is in backquotes without them."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert section, heading
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def settings() -> dict[str, str]:
    """The configuration files of the page, by name."""
    return dict(re.findall(r"^```ini (\S+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))


def run(command: str, directory: Path, **environment: str) -> str:
    """What `command` says; it must succeed. Skips where a program of it is not here."""
    for program, package in _PROGRAMS.items():
        if re.search(rf"(^|&& ){program} ", command) and shutil.which(program) is None:
            pytest.skip(f"{program} is not here (Debian: {package})")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=directory,
        # A JVM that lives for one command starts sooner so.
        env=os.environ
        | {"JAVA_TOOL_OPTIONS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"}
        | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"{command}\n{said}"
    return said
