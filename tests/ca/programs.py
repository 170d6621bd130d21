"""A CA run as a program, and the programs that get certificates from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.acme.authorities import HOST, free_port, running

COMMAND_SECONDS = 60


@dataclass
class Program:
    """A running `osbiz ca run`. ready: its ready file. folder: where clients keep theirs."""

    ready: dict[str, Any]
    folder: Path
    root: Path

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Its API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.ready["pages"] + path, data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def run(self, *line: str | Path, good: bool = True, **environment: str) -> str:
        """What a client says, stdout and stderr; it has to end well, unless told otherwise."""
        done = subprocess.run(
            [str(part) for part in line],
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            cwd=self.folder,
            env=os.environ | {"HOME": str(self.folder)} | environment,
        )
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == good, said
        return said

    def revoked(self, certificate: Path) -> bool:
        """What `openssl verify -crl_check` and `openssl ocsp` both say of a certificate file."""
        import re

        pem = certificate.read_text()
        leaf = self.folder / "leaf.pem"
        leaf.write_text(pem[: pem.index("-----END CERTIFICATE-----") + 26])
        issuer, crl = self.folder / "issuer.pem", self.folder / "crl.pem"
        for what, path, form in (("issuer.cer", issuer, "x509"), ("crl", crl, "crl")):
            with urllib.request.urlopen(f"{self.ready['pages']}/{what}", timeout=10) as answer:
                der = answer.read()
            done = subprocess.run(
                ["openssl", form, "-inform", "DER"], input=der, capture_output=True, check=True
            )
            path.write_bytes(done.stdout)
        verify = ["openssl", "verify", "-crl_check", "-CAfile", self.root]
        done = subprocess.run(
            [*verify, "-untrusted", issuer, "-CRLfile", crl, leaf], capture_output=True, text=True
        )
        by_list = "certificate revoked" in done.stdout + done.stderr
        assert by_list or done.returncode == 0, done.stdout + done.stderr
        told = self.run(
            *("openssl", "ocsp", "-issuer", issuer, "-cert", leaf, "-CAfile", self.root),
            *("-url", f"{self.ready['pages']}/ocsp"),
        )
        assert "Response verify OK" in told
        found = re.search(r": (good|revoked)\n", told)
        assert found is not None, told
        assert (found[1] == "revoked") == by_list, told
        return by_list


@contextmanager
def ca_program(folder: Path, *more: str) -> Iterator[Program]:
    """`osbiz ca run` on free ports until the block ends; it validates http-01 at a free one."""
    folder.mkdir(parents=True, exist_ok=True)
    ports = [free_port() for _ in range(3)]
    ready, root = folder / "ready.json", folder / "root.pem"
    line = [sys.executable, "-W", "error", "-m", "webserver.cli", "ca", "run"]
    line += ["--port", str(ports[0]), "--page-port", str(ports[1]), "--dns-port", "0"]
    line += ["--http-01-port", str(ports[2]), "--tls-alpn-01-port", str(free_port())]
    line += ["--trust-file", str(root), "--ready-file", str(ready), *more]
    with running(line, folder / "ca.log", ports=(ports[0], ports[1])):
        import time

        while not ready.exists():
            time.sleep(0.02)
        yield Program(json.loads(ready.read_text()), folder, root)
    said = (folder / "ca.log").read_text()
    assert "Traceback" not in said, said


__all__ = ["HOST", "Program", "ca_program"]
