"""A box that runs elsewhere, seen through its control API; what commands that talk to one share.

Owns how such a box is named on the command line and found. Blocking, on the standard library
alone: a command that asks one question should not wait for the imports of a server.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from store.refusals import Refusal, Refused
from webserver.announcing import running

READY_FILE = "OSBIZ_READY_FILE"
LIMIT_SECONDS = 60.0  # a restart, an order at a CA: nothing that is asked takes longer to begin


def add_remote_arguments(parser: argparse.ArgumentParser) -> None:
    """How a running box is named: its ready file, or URL and token; else the one that runs."""
    group = parser.add_argument_group("which box", "the one that runs here, or:")
    group.add_argument(
        "--ready-file",
        type=Path,
        metavar="PATH",
        help=f"what `osbiz run --ready-file` wrote (or in {READY_FILE})",
    )
    group.add_argument("--control", metavar="URL", help="its control API, http://127.0.0.1:8900")
    group.add_argument("--token-file", type=Path, metavar="PATH", help="a file with its token")


def remote_of(options: argparse.Namespace) -> Remote:
    """The box that the arguments of `add_remote_arguments` name, else the only one that runs.

    Refused when there is none, or more than one.
    """
    if options.control is not None:
        if options.token_file is None:
            raise Refused.because(
                "token",
                "The control API wants its token.",
                field="token_file",
                instead="Name a file that holds it with --token-file, or use --ready-file.",
            )
        return Remote(options.control, _read(options.token_file, "token_file").strip())
    path = options.ready_file or os.environ.get(READY_FILE)
    return read_ready(_only_one() if path is None else Path(path))


def _only_one() -> Path:
    found = running()
    if not found:
        raise Refused.because(
            "no-box-named",
            "No box of yours runs here.",
            field="ready_file",
            instead="Start one with `osbiz run`, or name another one's with --ready-file.",
        )
    if len(found) > 1:
        boxes = ", ".join(f"{ready['portal']} ({path})" for path, ready in found.items())
        raise Refused.because(
            "no-box-named",
            f"Several boxes run here: {boxes}.",
            field="ready_file",
            instead="Name one of these files with --ready-file.",
        )
    return next(iter(found))


def read_ready(path: Path) -> Remote:
    """The box that wrote this ready file; refused when the file is not one."""
    try:
        ready = json.loads(_read(path, "ready_file"))
        return Remote(ready["control"], ready["token"])
    except (ValueError, TypeError, KeyError):
        raise Refused.because(
            "ready-file",
            f"{path} is no ready file of a box.",
            field="ready_file",
            instead="Give the file that `osbiz run --ready-file` wrote.",
        ) from None


def _read(path: Path, field: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise Refused.because("file", f"{path} can't be read ({why}).", field=field) from None


class Remote:
    """The control API of a running box.

    url: as `http://127.0.0.1:8900`. What the box refuses is raised as `Refused`, with the
    box's own words; so is a box that does not answer (`box-away`).
    """

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        try:
            port = parts.port or 80
        except ValueError:
            port = 0
        if parts.scheme != "http" or not parts.hostname or not port:
            raise Refused.because(
                "control",
                f"{url!r} is no control API.",
                field="control",
                instead="http://HOST:PORT",
            )
        self.url = f"http://{parts.netloc}"
        self._host, self._port, self._token = parts.hostname, port, token

    def __repr__(self) -> str:
        return f"Remote({self.url!r})"

    def get(self, path: str) -> Any:
        """The JSON at `/v1/PATH`."""
        return self.call("GET", path)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """What `/v1/PATH` answers to a PUT of `body`."""
        return self.call("PUT", path, body)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What `/v1/PATH` answers to a POST of `body`."""
        return self.call("POST", path, body or {})

    def delete(self, path: str) -> Any:
        """What `/v1/PATH` answers to a DELETE."""
        return self.call("DELETE", path)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON of one answer, text where it is none, None where it is empty."""
        data = None if body is None else json.dumps(body).encode()
        with self._asked(method, path, data) as response:
            content = response.read()
            media_type = response.headers.get_content_type()
            if response.status >= 400:
                raise _refused(response.status, content)
        if media_type.endswith("json") and content:
            return json.loads(content)
        return content.decode("utf-8", "replace") or None

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Journal entries and handshakes as they happen: `("journal", {…})`; ends with the box."""
        with self._asked("GET", "events", None, endless=True) as response:
            kind = ""
            for line in response:
                name, _, value = line.decode("utf-8").rstrip("\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)

    @contextmanager
    def _asked(
        self, method: str, path: str, data: bytes | None, *, endless: bool = False
    ) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=LIMIT_SECONDS)
        headers = {"Authorization": f"Bearer {self._token}"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.connect()
            if endless:
                connection.sock.settimeout(None)
            connection.request(method, f"/v1/{path.lstrip('/')}", data, headers)
            yield connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise Refused.because(
                "box-away",
                f"No box answers at {self.url} ({getattr(error, 'strerror', None) or error}).",
                field="control",
                instead="See that `osbiz run` still runs.",
            ) from None
        finally:
            connection.close()


def _refused(status: int, content: bytes) -> Refused:
    try:
        problem = json.loads(content)
        return Refused(
            *(
                Refusal(one["code"], one["detail"], one.get("field"), one.get("instead"))
                for one in problem["errors"]
            )
        )
    except (ValueError, TypeError, KeyError):
        return Refused.because("control", f"The control API answered {status}.", field="control")
