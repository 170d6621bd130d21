"""The image of `examples/container`, built and started without a registry."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.provoking import said

ROOT = Path(__file__).parent.parent.parent
RUN = ["--ephemeral", "--trusted", "--no-booster", "--lan-ip", "127.0.0.74"]
PORTS = [f"--{name}-port=0" for name in ("portal", "wsi", "wsi-http", "control")]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        os.geteuid() != 0 or not all(map(shutil.which, ("buildah", "debootstrap"))),
        reason="buildah, debootstrap and root are not all here",
    ),
]


def ran(*command: str | Path) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=1200, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_the_image_is_built_and_its_box_answers(tmp_path: Path) -> None:
    buildah = [
        "buildah", "--storage-driver", "vfs",
        "--root", str(tmp_path / "storage"), "--runroot", str(tmp_path / "running"),
    ]  # fmt: skip
    # Debian 12 as the base, and what its Python is to install.
    system, wheels, shared = (tmp_path / name for name in ("system", "wheels", "shared"))
    ran("debootstrap", "--variant=minbase", "--include=python3-venv", "bookworm", system)
    pip = [sys.executable, "-m", "pip", "download", "-q", "-d", wheels]
    ran(*pip, "--only-binary=:all:", "--python-version=3.11", ROOT, "setuptools>=77")
    offline = tmp_path / "pip.conf"
    offline.write_text("[global]\nfind-links = /wheels\nno-index = true\n")
    base = ran(*buildah, "from", "scratch")
    ran(*buildah, "add", "-q", base, system, "/")
    ran(*buildah, "commit", "-q", base, "base")

    ran(
        *buildah, "build", "--isolation", "chroot", "--build-arg", "BASE=localhost/base",
        "--volume", f"{wheels}:/wheels:ro", "--volume", f"{offline}:/etc/pip.conf:ro",
        "-t", "osbiz", "-f", "examples/container/Containerfile", ".",
    )  # fmt: skip

    shared.mkdir()
    shared.chmod(0o777)
    image = ran(*buildah, "from", "localhost/osbiz")
    ready, root = shared / "ready.json", tmp_path / "root.pem"
    start = ["osbiz", "run", *RUN, *PORTS, "--ready-file", "/shared/ready.json"]
    box = subprocess.Popen(
        [*buildah, "run", "--isolation", "chroot", "-v", f"{shared}:/shared", image, "--", *start],
        stdout=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while not ready.exists():
            assert box.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)
        told = json.loads(ready.read_text())
        ran(sys.executable, "-m", "webserver.cli", "fault", "root",
            "--ready-file", ready, "--out", root)  # fmt: skip
        assert said("curl", "-sS", "--cacert", str(root), told["portal"] + "/").status == 0
    finally:
        with contextlib.suppress(ProcessLookupError, KeyError, FileNotFoundError):
            os.kill(json.loads(ready.read_text())["pid"], signal.SIGTERM)
        assert box.wait(30) == 0
