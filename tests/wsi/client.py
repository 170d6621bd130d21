"""A WSI client written from the public shapes only: GETs, XML, JSON, 200 ms between polls.

It knows nothing of the simulator, and blocks: in a coroutine, call it in a thread.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from typing import Any

PAUSE = 0.2
Lost = (OSError, http.client.HTTPException)


class NotLoggedIn(Exception):
    """The session is over."""


class Client:
    """One session. trust: a PEM authority, or None for the plain port."""

    def __init__(self, url: str, *, trust: str | None = None, timeout: float = 20.0) -> None:
        self.url = url
        self.timeout = timeout
        self.session = ""
        handlers: list[Any] = [urllib.request.ProxyHandler({})]
        if trust is not None:
            context = ssl.create_default_context(cadata=trust)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def get(self, path: str = "", **parameters: object) -> str:
        """The body of one GET."""
        if self.session:
            parameters["gsSession"] = self.session
        query = urllib.parse.urlencode(parameters)
        address = f"{self.url}/cgi-bin/gadgetapi{path}?{query}"
        with self._opener.open(address, timeout=self.timeout) as answer:
            content: bytes = answer.read()
            return content.decode()

    def ask(self, command: str, **parameters: object) -> ElementTree.Element:
        """One command's answer; `NotLoggedIn` when that is what it says."""
        body = self.get(cmd=command, **parameters)
        if "NOT_LOGGED_IN" in body:
            raise NotLoggedIn
        return ElementTree.fromstring(body)

    def log_in(self, user: str, password: str) -> None:
        """Begin a session."""
        self.session = ""
        found = self.ask("Login", gsUser=user, gsPass=password)
        identity = found.findtext("ID")
        assert identity not in (None, "0"), found.findtext("ERROR")
        self.session = str(identity)

    def poll(self, device: str = "100") -> list[dict[str, Any]]:
        """One poll; an empty list when there was nothing."""
        body = self.get("/GetEvents", deviceObject=device)
        if "NOT_LOGGED_IN" in body:
            raise NotLoggedIn
        if not body.startswith("{"):
            return []
        events: list[dict[str, Any]] = json.loads(body)["events"]
        return events

    def events(self, until: str, *, seconds: float = 15.0) -> list[tuple[str, str]]:
        """Poll until an event `TYPE DEVICE` has come; all that came, in order."""
        heard: list[tuple[str, str]] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            heard += [(event["type"], event.get("deviceID", "")) for event in self.poll()]
            if any(f"{kind} {device}" == until for kind, device in heard):
                return heard
            time.sleep(PAUSE)
        raise AssertionError(f"{until} did not come, but {heard}")
