"""What a client is asked, and what it answers: values only."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

Outcome = Literal["accepted", "refused"]


@dataclass(frozen=True, slots=True)
class Question:
    """Will you talk to this server?

    case: whose endpoint it is, which is also what its answer over HTTP says.
    host, port: as the client has them in its URL. address: where that is.
    anchors: a PEM file with what the client is to trust.
    proxy: port of an HTTP proxy on 127.0.0.1 that finds `host`, for clients that can't be told.
    """

    case: str
    host: str
    port: int
    address: str
    anchors: Path
    proxy: int

    @property
    def by_name(self) -> bool:
        """Whether `host` has to be found first."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return True
        return False

    @property
    def url(self) -> str:
        """What the client is to fetch."""
        return f"https://{self.host}:{self.port}/"

    @property
    def greeting(self) -> str:
        """What the server answers over HTTP: only who has really talked to it knows."""
        return f"this is the case {self.case}."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client did, and its words for it (the first line that says why)."""

    outcome: Outcome
    said: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What starting a client may need.

    anchors: the PEM files of all cases. folder: one of its own.
    clock: the time at which its clock is to stand (aware UTC); None leaves it alone.
    """

    anchors: list[Path]
    folder: Path
    clock: datetime | None = None

    @property
    def prefix(self) -> list[str]:
        """What to put in front of a command, so that it runs by that clock."""
        if self.clock is None:
            return []
        settings = ["TZ=UTC", "FAKETIME_DONT_FAKE_MONOTONIC=1", f"OSBIZ_TIME={self.clock:%FT%TZ}"]
        return ["env", *settings, "faketime", "-f", f"{self.clock:%F %T}"]


class Unclear(Exception):
    """A client neither talked to the server nor said why not: the measurement is no good."""


class Client(Protocol):
    """A client that can be asked."""

    def ask(self, question: Question) -> Answer:
        """Blocking. Unclear when no answer can be had."""

    def close(self) -> None:
        """End what runs."""
