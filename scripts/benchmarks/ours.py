"""The simulator as its users start it: the command, and the control API."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .measuring import START_LIMIT, address_of, client_context, get, process

OSBIZ = Path(sys.executable).with_name("osbiz")
ANY_PORTS = ["--portal-port", "0", "--wsi-port", "0", "--wsi-http-port", "0", "--control-port", "0"]
# The lightest answer that the portal has; the first of these that it knows.
PAGES = ("/robots.txt", "/favicon.ico", "/")


@dataclass(frozen=True, slots=True)
class Box:
    """A box that runs in a process of its own."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]

    @property
    def portal(self) -> tuple[str, int]:
        """The portal's address and port."""
        return address_of(self.ready["portal"])

    def page(self) -> tuple[str, int]:
        """The path of the lightest page, and the size of its body in bytes."""
        for path in PAGES:
            head, _, body = get(client_context(), self.portal, path).partition(b"\r\n\r\n")
            if head.startswith(b"HTTP/1.1 200 "):
                return path, len(body)
        raise RuntimeError("the portal answers none of " + ", ".join(PAGES))

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One call of the control API; its answer's JSON."""
        request = urllib.request.Request(
            self.ready["control"] + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.ready['token']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            content = answer.read()
        return json.loads(content) if content else None


@contextlib.contextmanager
def box(folder: Path, *options: str | Path, core: int | None = None) -> Iterator[Box]:
    """An ephemeral box with any free ports, started with `options`, and ready."""
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    log = folder / "osbiz.log"
    command: Sequence[str | Path] = [OSBIZ, "run", "--ephemeral", "--ready-file", ready]
    with process([*command, *ANY_PORTS, *options], core=core, log=log) as started:
        end = time.monotonic() + START_LIMIT
        while not ready.exists():
            if started.poll() is not None or time.monotonic() > end:
                raise RuntimeError(
                    "osbiz does not start: " + log.read_text("utf-8").strip().rpartition("\n")[2]
                )
            time.sleep(0.01)
        yield Box(started, json.loads(ready.read_text("utf-8")))
