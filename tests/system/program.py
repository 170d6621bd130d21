"""The real command in a process of its own, and the control API as a client sees it."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_SECONDS = 30.0
FREE_PORTS = (
    "--portal-port",
    "0",
    "--wsi-port",
    "0",
    "--wsi-http-port",
    "0",
    "--control-port",
    "0",
)


@dataclass
class Answer:
    """An answer of the control API."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Program:
    """A running `osbiz run`."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]
    arguments: list[str] = field(default_factory=list)

    @property
    def ready_file(self) -> Path:
        """What it wrote when it listened."""
        return Path(self.arguments[self.arguments.index("--ready-file") + 1])

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        token: str | None = None,
    ) -> Answer:
        """One call of the control API."""
        data = raw if raw is not None or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.ready["control"] + path, method=method, data=data)
        request.add_header("Authorization", f"Bearer {token or self.ready['token']}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return _answer(response.status, response.read(), dict(response.headers))
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.read(), dict(error.headers))

    def upload(self, **parts: str | bytes) -> Answer:
        """An import."""
        boundary = secrets.token_hex(16)
        lines: list[bytes] = []
        for name, value in parts.items():
            file = "" if isinstance(value, str) else f'; filename="{name}.bin"'
            header = f'Content-Disposition: form-data; name="{name}"{file}'
            lines += [
                f"--{boundary}\r\n{header}\r\n\r\n".encode(),
                value.encode() if isinstance(value, str) else value,
                b"\r\n",
            ]
        lines.append(f"--{boundary}--\r\n".encode())
        return self.call(
            "POST",
            "/v1/certificates/import",
            raw=b"".join(lines),
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )

    def box(self) -> dict[str, Any]:
        """`GET /v1/box`."""
        body: dict[str, Any] = self.call("GET", "/v1/box").body
        return body

    def host(self, url: str) -> str:
        """The `host:port` of the endpoint `url` of the ready file."""
        value: str = self.ready[url]
        return value.partition("://")[2]

    def wait_until_running(self, node: str = "system", seconds: float = 20.0) -> None:
        """Wait until `node` says that it runs."""
        end = time.monotonic() + seconds
        while self.box()["nodes"][node]["state"] != "running":
            assert time.monotonic() < end, f"{node} did not come back"
            time.sleep(0.02)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(10)


def _answer(status: int, content: bytes, headers: dict[str, str]) -> Answer:
    if "json" in headers.get("Content-Type", ""):
        return Answer(status, json.loads(content), headers)
    return Answer(status, content, headers)


def osbiz(*arguments: str) -> list[str]:
    """The command line of the real command, warnings as errors."""
    return [sys.executable, "-W", "error", "-m", "webserver.cli", *arguments]


@contextmanager
def program(
    directory: Path, *arguments: str, command: str = "run", ports: tuple[str, ...] = FREE_PORTS
) -> Iterator[Program]:
    """`osbiz run` with free ports until the block ends; its output must hold no traceback."""
    ready_file = directory / f"ready-{secrets.token_hex(4)}.json"
    line = osbiz(command, *ports, *arguments, "--ready-file", str(ready_file))
    log = directory / f"{ready_file.stem}.log"
    with log.open("w") as output:
        process = subprocess.Popen(line, stdout=output, stderr=subprocess.STDOUT, text=True)
    try:
        end = time.monotonic() + START_SECONDS
        while not ready_file.exists():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, "it did not get ready"
            time.sleep(0.005)
        yield Program(process, json.loads(ready_file.read_text()), line)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    said = log.read_text()
    assert "Traceback" not in said, said
