"""Running client programs: at the right time, for so long, with so much of their output.

Under `faketime` where certificates carry the box's own dates; as they are, where the dates
are projected. There, near an end, a program has to look within the very second whose dates it is
shown: it is started so much before as it took the last time to connect, and once more when its
connection was in another second.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

from cryptography import x509

from appliance.clock import Dates, real_now
from appliance.trust import Anchor, Outcome, judge
from store.certificate import iso_time
from store.issuing import Profile, Wanted, random_serial, self_signed
from store.keys import process_pool
from store.names import Subject
from webserver.faketime import Moment, faketime_line
from webserver.handshakes import Handshake
from webserver.incidents.looking import address_of
from webserver.incidents.programs import JAVA_CLASS, JAVA_SOURCE, Program, write_anchors
from webserver.incidents.results import NodeView, ProgramRun
from webserver.incidents.world import Trusted, World
from webserver.processes import run_program

LIMIT_SECONDS = 25.0
_TRIES = 10
_AIM_SECONDS = 0.3  # after its second began, a program is to connect, at the latest
_PREPARING_SECONDS = 0.1  # files are written, dates are signed
TOO_SLOW = f"(osbiz: too slow on this machine for the second that was meant, {_TRIES} times)"
# A program that was shown a certificate just when a second began may have read the one before.
_LATE_SECONDS = 0.02
_NEAR = timedelta(seconds=3)
_HALF = timedelta(milliseconds=500)
# What would have a known program trust something else, or go another way.
_FOREIGN = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_OPTIONS",
    "NODE_EXTRA_CA_CERTS", "DENO_CERT", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY",
    "ALL_PROXY", "all_proxy",
)  # fmt: skip


class Programs:
    """The programs of one replay, with a folder of their own while it lasts."""

    def __init__(self, world: World, programs: Sequence[Program]) -> None:
        self._world = world
        self._programs = programs
        self._folder = Path()
        self._java = JAVA_CLASS
        self._stack = contextlib.ExitStack()
        self._seen: list[tuple[Handshake, float]] = []
        # Of each program: seconds from its start until it connects, and until it has decided.
        self._paces: dict[str, list[tuple[float, float]]] = {}

    async def __aenter__(self) -> Self:
        folder = tempfile.TemporaryDirectory(prefix="osbiz-incident-")
        self._folder = Path(self._stack.enter_context(folder))
        if any("{java}" in program.command for program in self._programs):
            await self._prepare_java()
        self._world.simulator.handshakes.listeners.append(self._remember)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._world.simulator.handshakes.listeners.remove(self._remember)
        self._stack.close()

    def _remember(self, record: Handshake) -> None:
        self._seen.append((record, real_now().timestamp()))

    async def _prepare_java(self) -> None:
        source = self._folder / f"{JAVA_CLASS}.java"
        source.write_text(JAVA_SOURCE)
        if shutil.which("javac") is None:  # then it is compiled at each run, which takes longer
            self._java = str(source)
        else:
            await run_program(
                ["javac", "-d", str(self._folder), str(source)],
                dict(os.environ),
                limit=LIMIT_SECONDS,
            )

    async def run(self, view: NodeView, trusted: Sequence[Trusted]) -> list[ProgramRun]:
        """Every program once, one after the other, against the node of `view`."""
        anchors = await self._world.anchors(trusted)  # of the second in which the node was seen
        return [await self._one(program, view, trusted, anchors) for program in self._programs]

    async def _one(
        self,
        program: Program,
        view: NodeView,
        trusted: Sequence[Trusted],
        anchors: Sequence[Anchor],
    ) -> ProgramRun:
        exact = self._projected and self._is_near(view, anchors)
        for _ in range(_TRIES):
            start = await self._aim(program) if exact else None
            given = await self._world.anchors(trusted)
            values = await self._values(self._world.url(view.node), given)
            words = program.line(values)
            if start is not None:
                await asyncio.sleep(start - real_now().timestamp())
            begun, before = real_now().timestamp(), len(self._seen)
            status, output = await run_program(
                self._at_its_time(words), self._settings(program, values), limit=LIMIT_SECONDS
            )
            seconds = real_now().timestamp() - begun
            met = [seen for seen in self._seen[before:] if _at_portal(seen[0], view.node)]
            if not exact or not any(_strays(seen, self._world.second) for seen in met):
                expected = self._expected(program, view, anchors)
                break
            pace = (_begin(met[0]) - begun, met[0][0].seconds)
            self._paces.setdefault(program.name, []).append(pace)
        else:
            expected, output = None, f"{TOO_SLOW}\n{output}"
        alerts = [record.alert.name for record, _ in met if record.alert is not None]
        return ProgramRun(
            name=program.name,
            environment=program.environment,
            node=view.node,
            command=shlex.join(words),
            status=status,
            output=output,
            seconds=seconds,
            alert=alerts[-1] if alerts else None,
            expected=expected,
            agrees=None if expected is None else (status == 0) == (expected is not Outcome.REFUSED),
        )

    async def _aim(self, program: Program) -> float:
        """Choose the second in which a program is to look, and have its dates presented then.

        When the program is to be started, in seconds since 1970.
        """
        seen = self._paces.get(program.name, [(0.0, 0.0)])
        lead, deciding = (median(one[part] for one in seen) for part in (0, 1))
        aim = min(max((1 - deciding) / 2, 2 * _LATE_SECONDS), _AIM_SECONDS)
        now = real_now()
        if _LATE_SECONDS < now.microsecond / 1e6 < aim and lead < aim:
            await self._world.present()  # this second will do
            return now.timestamp()
        soonest = now.timestamp() + _PREPARING_SECONDS
        second = math.ceil(soonest + lead - aim)
        await self._world.present_in(datetime.fromtimestamp(second, UTC))
        return second + aim - lead

    async def _values(self, url: str, trusted: Sequence[Anchor]) -> dict[str, str]:
        """What the placeholders of a command line stand for now."""
        certificates = [anchor.certificate for anchor in trusted] or [await _somebody_else()]
        host, port = address_of(url)
        return {
            "host": host,
            "port": str(port),
            "url": f"{url}/",
            "wsi": self._world.box.wsi_url,
            "folder": str(self._folder),
            "java": self._java,
            "time": iso_time(self._world.box.clock.now()),
            **await asyncio.to_thread(write_anchors, self._folder, certificates),
        }

    @staticmethod
    def _settings(program: Program, values: Mapping[str, str]) -> dict[str, str]:
        settings = dict(os.environ)
        if program.environment is not None:  # somebody's own has what its owner wants it to have
            settings = {name: text for name, text in settings.items() if name not in _FOREIGN}
        return settings | program.settings(values)

    @property
    def _projected(self) -> bool:
        return self._world.box.clock.dates is Dates.PROJECTED

    def _at_its_time(self, words: list[str]) -> list[str]:
        if self._projected:
            return words
        return faketime_line(Moment(self._world.box.clock.now(), rate=0), words)

    def _is_near(self, view: NodeView, anchors: Sequence[Anchor]) -> bool:
        """Whether a second more or less may matter."""
        wire = () if view.shown is None else view.shown.wire
        parts = (*wire, *(anchor.certificate for anchor in anchors))
        dates = [
            date for part in parts for date in (part.not_valid_before_utc, part.not_valid_after_utc)
        ]
        return any(abs(date - view.at) < _NEAR for date in dates)

    def _expected(
        self, program: Program, view: NodeView, anchors: Sequence[Anchor]
    ) -> Outcome | None:
        if program.environment is None:
            return None
        if view.shown is None:
            return Outcome.REFUSED
        at = view.at + _HALF if program.fractions and self._projected else view.at
        host = address_of(self._world.url(view.node))[0]
        (verdict,) = judge(
            view.shown.wire, host=host, anchors=anchors, at=at, environments=[program.environment]
        )
        return verdict.outcome


def _at_portal(record: Handshake, node: str) -> bool:
    return record.endpoint == "portal" and record.node == node


def _strays(seen: tuple[Handshake, float], second: datetime) -> bool:
    """Whether a client's clock may have been in another second than the dates it was shown."""
    begun, end = _begin(seen) - second.timestamp(), seen[1] - second.timestamp()
    return not (begun >= _LATE_SECONDS and end < 1)


def _begin(seen: tuple[Handshake, float]) -> float:
    """When a handshake began, in seconds since 1970."""
    record, settled = seen
    return settled - record.seconds


async def _somebody_else() -> x509.Certificate:
    """An authority that nobody has heard of, for clients that trust nothing of the story."""

    def make() -> x509.Certificate:
        now = real_now().replace(microsecond=0)
        wanted = Wanted(
            subject=Subject(common_name="Somebody else"),
            not_before=now - timedelta(days=36_500),
            not_after=now + timedelta(days=36_500),
            serial=random_serial(),
            profile=Profile.AUTHORITY,
        )
        return self_signed(wanted, process_pool().take())

    return await asyncio.to_thread(make)
