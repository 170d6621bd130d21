"""A client put to the test: one command a case, its exit status against what is expected.

Owns how the command is run and read. A command accepts with status 0, can't be tested with 2,
and refuses with anything else; but only who has come to the server at all has said anything.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from appliance.catalogue import Case
from appliance.trust import Outcome
from store.refusals import Refused
from webserver.catalogue_serving import CatalogueServer, Place
from webserver.handshakes import Handshake
from webserver.processes import run_program

CAN_NOT_BE_TESTED = 2
SECONDS = 30.0
_TRIES = 3
SAID = 300  # characters kept of what a command said
PLACES = ("{host}", "{port}", "{cafile}", "{address}")


@dataclass(frozen=True, slots=True)
class Result:
    """What a client did in one case.

    outcome: None when it could not be tested; `said` then tells why.
    said: the line of what the command wrote that says why; the last one, when none does.
    seconds: how long it took.
    """

    case: Case
    wanted: Outcome
    outcome: Outcome | None
    said: str = ""
    seconds: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether it did what is expected; a warned user does not go on by herself."""
        return self.outcome is None or (self.outcome is Outcome.ACCEPTED) == (
            self.wanted is Outcome.ACCEPTED
        )


def check_command(command: Sequence[str]) -> list[str]:
    """The command, looked over; refused when it can't be run or would ask nobody."""
    if not command:
        raise Refused.because(
            "command",
            "The client to be checked is missing.",
            field="command",
            instead="Write it after --, as in: osbiz catalogue check -- curl -sS --cacert "
            "{cafile} https://{host}:{port}/",
        )
    text = " ".join(command)
    missing = [place for place in ("{host}", "{port}") if place not in text]
    if missing:
        raise Refused.because(
            "command",
            f"The command has no {' and no '.join(missing)}, so it would ask the same everywhere.",
            field="command",
            instead="{host}, {port} and {cafile} stand for a case's address, port and authority.",
        )
    if shutil.which(command[0]) is None:
        raise Refused.because(
            "command",
            f"There is no program {command[0]!r}.",
            field="command",
            instead="Write the command without quotes around the whole of it."
            if " " in command[0]
            else "Give its path, or install it.",
        )
    return list(command)


def filled(command: Iterable[str], place: Place) -> list[str]:
    """The command for one case."""
    values = {
        "{host}": place.host,
        "{port}": str(place.port),
        "{cafile}": str(place.cafile),
        "{address}": place.address,
    }
    found = []
    for part in command:
        for name, value in values.items():
            part = part.replace(name, value)
        found.append(part)
    return found


class Checker:
    """Runs one client against the cases of a running catalogue.

    folder: where files for the command are written.
    at_once: how many run at the same time.
    limit: in seconds; who takes longer is ended, and has not been tested.
    """

    def __init__(
        self,
        server: CatalogueServer,
        command: Sequence[str],
        *,
        folder: Path,
        at_once: int = 2,
        limit: float = SECONDS,
        on_result: Callable[[Result], None] = lambda _result: None,
    ) -> None:
        self._server = server
        self._command = check_command(command)
        self._folder = folder
        self._limit = limit
        self._turn = asyncio.Semaphore(at_once)
        self._on_result = on_result
        self._namespaces: bool | None = None

    async def run(self, wanted: Iterable[tuple[str, Outcome]]) -> list[Result]:
        """What the client did in each case of `wanted`, in that order.

        Refused when the command can't be run.
        """
        self._namespaces = await _has_namespaces()
        return list(await asyncio.gather(*(self._one(name, outcome) for name, outcome in wanted)))

    async def _one(self, name: str, wanted: Outcome) -> Result:
        async with self._turn:
            place = self._server.places[name]
            begun = time.monotonic()
            outcome, said = await self._ask(place)
            result = Result(place.case, wanted, outcome, said, time.monotonic() - begun)
            self._on_result(result)
            return result

    async def _ask(self, place: Place) -> tuple[Outcome | None, str]:
        command = filled(self._command, place)
        by_name = place.host != place.address
        if by_name and not any("{address}" in part for part in self._command):
            if not self._namespaces:
                return None, f"the name {place.host} is not found here; say {{address}} in it"
            command = self._under_hosts(command, place)
        for _ in range(_TRIES):
            outcome, said, came = await self._once(command, place)
            if not _late(place, came):
                return outcome, said
        return None, "it came too late for the second that it is about: the machine is busy"

    async def _once(
        self, command: list[str], place: Place
    ) -> tuple[Outcome | None, str, Sequence[Handshake]]:
        """What it did, what it said, and the connections that it made meanwhile."""
        before = len(self._server.handshakes_of(place.case.name))
        try:
            status, output = await run_program(
                command, os.environ | {"NO_PROXY": "*", "no_proxy": "*"}, limit=self._limit
            )
        except OSError as error:
            raise Refused.because(
                "command",
                f"{command[0]} can't be run ({error.strerror}).",
                field="command",
                instead="Give a program, or a script that says in its first line what runs it.",
            ) from None
        came = self._server.handshakes_of(place.case.name)[before:]
        return *self._read(status, telling_line(output), came), came

    def _read(
        self, status: int | None, said: str, came: Sequence[Handshake]
    ) -> tuple[Outcome | None, str]:
        """What an exit status means, and what is said about it."""
        if status is None:
            return None, f"it did not end within {self._limit:g} s"
        if status == CAN_NOT_BE_TESTED:
            return None, said or "it said that it can't be tested"
        if status == 0:
            if not came:
                return None, "it ended well without having come to the server"
            return Outcome.ACCEPTED, said
        if status < 0 and -status != signal.SIGABRT:  # which is how some say no, uncaught
            return None, f"it was ended by {signal.Signals(-status).name}"
        if not any(record.hello for record in came):
            return None, said or f"status {status}, without a TLS handshake"
        return Outcome.REFUSED, said

    def _under_hosts(self, command: list[str], place: Place) -> list[str]:
        """The command where `/etc/hosts` is another one, in a mount namespace of its own."""
        hosts = self._folder / f"{place.case.name}.hosts"
        # A name with a final dot is looked up with it by some, and without by others.
        names = f"{place.host} {place.host.rstrip('.')}"
        hosts.write_text(f"127.0.0.1 localhost\n{place.address} {names}\n")
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return [*_NAMESPACE, "sh", "-c", script, str(hosts), *command]


def _late(place: Place, came: Sequence[Handshake]) -> bool:
    """Whether a case about one second was met when that second was over."""
    if not place.case.asked or not came:
        return False
    met = came[-1].at + timedelta(seconds=came[-1].seconds)
    return met >= place.built.at.replace(microsecond=0) + timedelta(seconds=1)


_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


async def _has_namespaces() -> bool:
    """Whether this user may have a mount namespace, in which names can be set."""
    if shutil.which("unshare") is None:
        return False
    line = [*_NAMESPACE, "mount", "--bind", "/etc/hosts", "/etc/hosts"]
    status, _ = await run_program(line, os.environ, limit=SECONDS)
    return status == 0


# Words that tell a reason from a stack of calls, a greeting or an advice.
_SUBJECT = re.compile(r"certif|handshake|\bssl|\btls|x509|hostname|peer", re.IGNORECASE)
_TROUBLE = re.compile(
    r"error|fail|alert|expired|not |n't |unknown|unable|untrusted|invalid|mismatch|self-signed"
    r"|exception|problem|refus",
    re.IGNORECASE,
)


def telling_line(output: str) -> str:
    """The line of a program's output that most likely says why; the last one otherwise."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if not lines:
        return ""
    troubles = [line for line in lines if _TROUBLE.search(line)]
    about = [line for line in troubles if _SUBJECT.search(line)]
    return (about or troubles or lines[-1:])[0][:SAID]
