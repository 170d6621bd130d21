"""A client put to the test: one command a case, its exit status against what is expected.

Owns how the command is run and read. A command accepts with status 0, can't be tested with 2,
and refuses with anything else; but only who has come to the server at all has said anything.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.catalogue import Case
from appliance.trust import Outcome
from store.refusals import Refused
from webserver.catalogue_serving import CatalogueServer, Place

CAN_NOT_BE_TESTED = 2
SECONDS = 30.0
SAID = 300  # characters kept of what a command said
PLACES = ("{host}", "{port}", "{cafile}", "{address}")


@dataclass(frozen=True, slots=True)
class Result:
    """What a client did in one case.

    outcome: None when it could not be tested; `said` then tells why.
    said: the last line that the command wrote.
    """

    case: Case
    wanted: Outcome
    outcome: Outcome | None
    said: str = ""

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
            instead="Give its path, or install it.",
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

    wrapper: what a command is run under when its host is a name, so that it is found; None
        when that can't be done here, and such cases can't be tested (unless the command
        says `{address}` itself).
    """

    def __init__(
        self,
        server: CatalogueServer,
        command: Sequence[str],
        *,
        folder: Path,
        at_once: int = 2,
        on_result: Callable[[Result], None] = lambda _result: None,
    ) -> None:
        self._server = server
        self._command = check_command(command)
        self._folder = folder
        self._turn = asyncio.Semaphore(at_once)
        self._on_result = on_result
        self._namespaces: bool | None = None

    async def run(self, wanted: Iterable[tuple[str, Outcome]]) -> list[Result]:
        """What the client did in each case of `wanted`, in that order."""
        self._namespaces = await _has_namespaces()
        return list(await asyncio.gather(*(self._one(name, outcome) for name, outcome in wanted)))

    async def _one(self, name: str, wanted: Outcome) -> Result:
        async with self._turn:
            place = self._server.places[name]
            outcome, said = await self._ask(place)
            result = Result(place.case, wanted, outcome, said)
            self._on_result(result)
            return result

    async def _ask(self, place: Place) -> tuple[Outcome | None, str]:
        command = filled(self._command, place)
        by_name = place.host != place.address
        if by_name and not any("{address}" in part for part in self._command):
            if not self._namespaces:
                return None, f"the name {place.host} is not found here; say {{address}} in it"
            command = self._under_hosts(command, place)
        before = len(self._server.handshakes_of(place.case.name))
        status, said = await _run(command)
        came = self._server.handshakes_of(place.case.name)[before:]
        if status == 0:
            if not came:
                return None, "it ended well without having come to the server"
            return Outcome.ACCEPTED, said
        if status == CAN_NOT_BE_TESTED:
            return None, said or "it said that it can't be tested"
        if status is None:
            return None, f"no answer within {SECONDS:.0f} s"
        if not any(record.hello for record in came):
            return None, said or f"status {status}, without a TLS handshake"
        return Outcome.REFUSED, said

    def _under_hosts(self, command: list[str], place: Place) -> list[str]:
        """The command where `/etc/hosts` is another one, in a mount namespace of its own."""
        hosts = self._folder / f"{place.case.name}.hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{place.address} {place.host.rstrip('.')}\n")
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return [*_NAMESPACE, "sh", "-c", script, str(hosts), *command]


_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


async def _has_namespaces() -> bool:
    """Whether this user may have a mount namespace, in which names can be set."""
    if shutil.which("unshare") is None:
        return False
    status, _ = await _run([*_NAMESPACE, "mount", "--bind", "/etc/hosts", "/etc/hosts"])
    return status == 0


async def _run(command: list[str]) -> tuple[int | None, str]:
    """Exit status and last line of a command; None when it took too long, and was ended."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"NO_PROXY": "*", "no_proxy": "*"},
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return None, ""
    except BaseException:
        process.kill()
        raise
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return process.returncode, lines[-1][:SAID] if lines else ""
