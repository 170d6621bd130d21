"""`osbiz clients`: UC clients at a box, one that runs or one of their own.

Arguments in; a live table on a terminal, lines elsewhere, until the end. What the clients
do is for the fleet to know.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509

from appliance.spans import parse_span
from appliance.trust import Anchor, Origin, presented_chain
from appliance.uc_clients import DEFAULT_COUNT, PROFILES
from appliance.uc_states import ON, State
from store.refusals import Refused
from webserver.announcing import announced, running
from webserver.clients.boxes import NearBox, ServedBox
from webserver.clients.display import beside, drawing, telling
from webserver.clients.far_box import FarBox
from webserver.clients.fleet import Fleet
from webserver.clients.recording import Recorder
from webserver.clients.wishes import DEFAULT_CALLS
from webserver.commands import raise_file_limit, ready_of, until_signal
from webserver.remote import READY_FILE, Remote, add_remote_arguments, remote_of
from webserver.simulator import Simulator

OWN_RESTART_SECONDS = 3.0
_REPORT_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_remote_arguments(parser)
    parser.add_argument(
        "--own-box", action="store_true", help="give them a box of their own, though one runs"
    )
    kinds = ", ".join(PROFILES)
    parser.add_argument(
        "--count", type=int, metavar="N", help=f"how many, of all kinds in turn ({DEFAULT_COUNT})"
    )
    parser.add_argument(
        "--profile",
        action="append",
        default=[],
        metavar="NAME=N",
        help=f"so many of one kind, instead; may be given again: {kinds}, or myportal-to-go",
    )
    parser.add_argument(
        "--anchor",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="a certificate, PEM or DER, that users have added on every client",
    )
    parser.add_argument(
        "--admin-anchor",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="the same, as one that an administrator added",
    )
    parser.add_argument(
        "--trust",
        default="exported",
        metavar="WHAT",
        help="trust besides what the box would export when they start (exported), or none",
    )
    parser.add_argument(
        "--host", metavar="NAME", help="call the box by this name, not by its address"
    )
    parser.add_argument(
        "--client-clock",
        default="auto",
        metavar="CLOCK",
        help="judge certificates by the box's clock (box), by the real one (real), or by the one "
        "that the box's dates are meant for (auto)",
    )
    parser.add_argument(
        "--calls",
        type=float,
        default=DEFAULT_CALLS,
        metavar="RATE",
        help=f"calls a minute among them ({DEFAULT_CALLS:g}; 0: none)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="make their choices repeatable")
    parser.add_argument("--duration", metavar="D", help="end after 90s, 5m, …")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write the run as JSON lines")
    parser.add_argument(
        "--json", action="store_true", help="print the run as JSON lines, and nothing else"
    )
    parser.add_argument(
        "--expect",
        metavar="STATE",
        help="end with status 1 when a client is not logged-on, locked-out, … at the end",
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    wanted = _profiles(options.profile)
    anchors = [
        Anchor(certificate, origin)
        for paths, origin in (
            (options.anchor, Origin.USER),
            (options.admin_anchor, Origin.ADMINISTRATOR),
        )
        for path in paths
        for certificate in _certificates(path)
    ]
    seconds = None
    if options.duration is not None:
        seconds = _seconds(options.duration)
    if options.expect is not None and options.expect not in tuple(State):
        raise Refused.because(
            "client-state",
            f"Clients are never {options.expect[:40]!r}.",
            field="expect",
            instead=f"They are {', '.join(State)}.",
        )
    raise_file_limit()
    return asyncio.run(_clients(options, wanted, anchors, seconds))


def _seconds(text: str) -> float:
    instead = "Write 90s, 5m or 1h."
    span = parse_span(text, field="duration", instead=instead)
    if span < timedelta(0):
        raise Refused.because(
            "duration", f"{text!r} is no duration.", field="duration", instead=instead
        )
    return span.total_seconds()


def _profiles(given: list[str]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for text in given:
        name, _, number = text.partition("=")
        if not (number.isascii() and number.isdigit() and len(number) < 9):
            raise Refused.because(
                "client-count",
                f"{text[:60]!r} does not say how many there are of what.",
                field="profile",
                instead="Write --profile mycontacts=3.",
            )
        wanted[name] = wanted.get(name, 0) + int(number)
    return wanted


def _certificates(path: Path) -> Sequence[x509.Certificate]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refused.because(
            "file", f"{path} can't be read ({error.strerror}).", field="anchor"
        ) from None
    return presented_chain(data, field="anchor")


# --- the run


async def _clients(
    options: argparse.Namespace,
    wanted: dict[str, int],
    anchors: list[Anchor],
    seconds: float | None,
) -> int:
    ended = until_signal()
    values: dict[str, Any] = {
        "count": options.count,
        "profiles": wanted,
        "trust": options.trust,
        "anchors": anchors,
        "calls": options.calls,
        "seed": options.seed,
        "host": options.host,
        "client_clock": options.client_clock,
    }
    async with AsyncExitStack() as stack:
        remote = _remote(options)
        if remote is not None:
            box, fleet, hint = *await _at(remote, values, stack), ""
        else:
            box, fleet, hint = await _with_a_box_of_their_own(values, stack)
        where = f"https://{box.place().address}:{box.place().port}"
        loop = asyncio.get_running_loop()

        def enough() -> None:
            loop.call_soon_threadsafe(ended.set)

        records = [options.record] if options.record else []
        for path in [*records, *([None] if options.json else [])]:
            stack.callback(Recorder(path, fleet, wsi=where, on_failed=enough).close)
        if options.json:
            shown: AbstractAsyncContextManager[None] = nullcontext()
        elif sys.stdout.isatty():
            shown = drawing(fleet, box, hint)
        else:
            shown = telling(fleet, ended)
        async with shown:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await ended.wait()
        status = _status(fleet, options.expect)
        await fleet.stop()
    return status


def _remote(options: argparse.Namespace) -> Remote | None:
    """The box that is meant, or the one that runs; None when they are to have their own."""
    named = options.ready_file or options.control
    if options.own_box and named:
        raise Refused.because(
            "client-box",
            "A box is named, and they are to have one of their own.",
            field="own_box",
            instead="Say one of the two.",
        )
    if not options.own_box and (named or os.environ.get(READY_FILE) or running()):
        return remote_of(options)
    return None


async def _at(
    remote: Remote, values: dict[str, Any], stack: AsyncExitStack
) -> tuple[ServedBox, Fleet]:
    """A fleet at a box that runs elsewhere, and tells it its rows."""
    box = await stack.enter_async_context(FarBox(remote))
    fleet = await stack.enter_async_context(Fleet(box, **values))
    await stack.enter_async_context(_reporting(box, fleet))
    return box, fleet


async def _with_a_box_of_their_own(
    values: dict[str, Any], stack: AsyncExitStack
) -> tuple[ServedBox, Fleet, str]:
    """A fleet at a box that it trusts, both in this process; with a hint at what to try."""
    simulator = await stack.enter_async_context(
        Simulator(trusted=True, restart_time=OWN_RESTART_SECONDS)
    )
    stack.enter_context(announced(ready_of(simulator)))
    fleet = await simulator.clients(**values)
    hint = (
        f"A box of their own: {simulator.box.portal_url}, administrator@system / administrator\n"
        "See what a new LAN IP does to them:\n"
        f'curl -X PATCH {simulator.control_url}/v1/box -d \'{{"lan_ip": "127.0.0.9"}}\' \\\n'
        f"  -H 'Authorization: Bearer {simulator.token}'"
    )
    return NearBox(simulator.box), fleet, hint


def _status(fleet: Fleet, expected: str | None) -> int:
    """0, when everybody is as `expected`."""
    if expected is None:
        return 0
    wanted = ON if expected == State.LOGGED_ON else {State(expected)}
    return 0 if all(State(state) in wanted for state in fleet.states()) else 1


@asynccontextmanager
async def _reporting(box: FarBox, fleet: Fleet) -> AsyncIterator[None]:
    async def report() -> None:
        while True:
            with contextlib.suppress(Refused):  # it is away, and its table with it
                await box.tell(fleet.run, fleet.rows())
            await asyncio.sleep(_REPORT_SECONDS)

    async with beside(report()):
        yield
    await box.untell(fleet.run, len(fleet.profiles))
