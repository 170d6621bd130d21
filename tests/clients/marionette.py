"""A thin Marionette client: JSON over TCP, as Firefox speaks it to those that drive it.

The protocol: a message is its length in digits, a colon, and JSON; a command is
`[0, id, name, parameters]`, its answer `[1, id, error, result]`.
"""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress
from typing import Any


class MarionetteError(Exception):
    """Firefox says no. `kind` is its name for that, as `insecure certificate`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class Marionette:
    """A session with the Firefox that listens on `port` of 127.0.0.1.

    Waits up to `seconds` for it to listen; ConnectionError when it never does.
    """

    def __init__(self, port: int, *, seconds: float = 60) -> None:
        self._socket = _connected(port, seconds)
        self._socket.settimeout(60)
        self._data = b""
        self._last = 0
        self._message()  # what Firefox says of itself
        self.capabilities = self("WebDriver:NewSession", {"pageLoadStrategy": "normal"})

    def __call__(self, name: str, parameters: dict[str, Any] | None = None) -> Any:
        """The result of one command. MarionetteError when Firefox says no."""
        self._last += 1
        text = json.dumps([0, self._last, name, parameters or {}]).encode()
        self._socket.sendall(b"%d:%b" % (len(text), text))
        while True:
            kind, number, error, result = self._message()
            if (kind, number) == (1, self._last):
                break
        if error is not None:
            raise MarionetteError(error["error"], error["message"])
        return result

    def script(self, text: str, *arguments: object, chrome: bool = False) -> Any:
        """What `text` returns, as the body of a function, in the page or in Firefox itself."""
        self("Marionette:SetContext", {"value": "chrome" if chrome else "content"})
        done = self("WebDriver:ExecuteScript", {"script": text, "args": [*arguments]})
        return done["value"]

    def close(self) -> None:
        """Have Firefox end."""
        with suppress(OSError, ValueError, MarionetteError):  # it may go before it answers
            self("Marionette:Quit", {"flags": ["eForceQuit"]})
        self._socket.close()

    def _message(self) -> Any:
        while b":" not in self._data:
            self._read()
        length, _, self._data = self._data.partition(b":")
        while len(self._data) < int(length):
            self._read()
        text, self._data = self._data[: int(length)], self._data[int(length) :]
        return json.loads(text)

    def _read(self) -> None:
        part = self._socket.recv(65536)
        if not part:
            raise ConnectionError("Firefox has gone")
        self._data += part


def _connected(port: int, seconds: float) -> socket.socket:
    end = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
