"""`osbiz incident`: incidents listed, shown, replayed, and recorded from a box."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.clock import MAX_RATE, Dates, parse_dates, parse_rate
from appliance.incidents import find_incident, incident_names
from store.refusals import Refused
from webserver.remote import add_remote_arguments, remote_of

if TYPE_CHECKING:
    from webserver.incidents.playing import Watcher

MET, NOT_MET, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions, each with its own words."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    one = actions.add_parser("list", help="say which there are")
    one.add_argument("--json", action="store_true", help="as JSON")
    one.set_defaults(command=_reported(_list))

    one = actions.add_parser("show", help="tell the story of one")
    one.add_argument("incident", metavar="NAME|FILE")
    one.add_argument("--source", action="store_true", help="print its file")
    one.add_argument("--json", action="store_true", help="as JSON")
    one.set_defaults(command=_reported(_show))

    one = actions.add_parser(
        "replay",
        help="have it happen again, on a box of its own",
        epilog="Exit status: 0 when everything went as expected, 1 when it did not, 2 for bad "
        "input. In --client commands {host}, {port}, {url}, {cafile}, {truststore}, {wsi} and "
        "{time} are filled in.",
    )
    one.add_argument("incident", metavar="NAME|FILE")
    pace = one.add_mutually_exclusive_group()
    pace.add_argument("--rate", type=_rate, metavar="X", help="run the calendar X times as fast")
    pace.add_argument("--step", action="store_true", help="go from step to step without waiting")
    one.add_argument(
        "--dates",
        metavar="MODE",
        default=Dates.SIMULATED.value,
        help="dates in certificates: simulated (clients run under faketime), or projected onto "
        "the real calendar (clients run as they are)",
    )
    one.add_argument(
        "--client",
        action="append",
        default=[],
        metavar="CMD",
        help="run this at every step: a command line, or openssl, curl, wget, gnutls, node, java, "
        "python, requests or deno, which are also held against what is predicted of them",
    )
    one.add_argument("--report", type=Path, metavar="FILE", help="write an HTML page about it")
    one.add_argument("--json", action="store_true", help="print all of it as JSON")
    one.set_defaults(command=_reported(_replay))

    one = actions.add_parser("record", help="write an incident from the journal of a running box")
    one.add_argument("--output", type=Path, metavar="FILE", help="write it here (to the terminal)")
    one.add_argument("--title", metavar="TEXT", help="what it is called")
    add_remote_arguments(one)
    one.set_defaults(command=_reported(_record))


def _reported(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Tell every mistake on a line of its own: an incident file may have many."""

    def run(options: argparse.Namespace) -> int:
        try:
            return command(options)
        except Refused as refused:
            for one in refused.refusals:
                print(f"osbiz: {one}", file=sys.stderr)
            return BAD_INPUT

    return run


def _list(options: argparse.Namespace) -> int:
    found = [find_incident(name) for name in incident_names()]
    if options.json:
        listed = [{"name": one.name, "title": one.title, "summary": one.summary} for one in found]
        print(json.dumps({"incidents": listed}, ensure_ascii=False))
        return MET
    width = max(len(one.name) for one in found)
    for one in found:
        print(f"{one.name:{width}}  {one.title}")
    return MET


def _show(options: argparse.Namespace) -> int:
    from webserver.incidents.showing import incident_json, incident_lines

    incident = find_incident(options.incident)
    if options.source:
        print(incident.source, end="")
    elif options.json:
        print(json.dumps(incident_json(incident), ensure_ascii=False))
    else:
        print("\n".join(incident_lines(incident)))
    return MET


def _replay(options: argparse.Namespace) -> int:
    from webserver.incidents.playing import Pace, Player
    from webserver.incidents.programs import parse_program
    from webserver.incidents.telling import verdict_of
    from webserver.processes import end_as_by_ctrl_c

    incident = find_incident(options.incident)
    dates = parse_dates(options.dates)
    _check_report(options.report)
    moved = dates is Dates.SIMULATED
    programs = [parse_program(text, moved_clock=moved) for text in options.client]
    end_as_by_ctrl_c()
    with _watcher(options) as watcher:
        player = Player(
            incident,
            dates=dates,
            pace=Pace(options.rate, skip=options.step),
            programs=programs,
            watcher=watcher,
        )
        interrupted = False
        try:
            asyncio.run(player.play())
        except KeyboardInterrupt:
            interrupted = True
    replay = player.replay
    if interrupted:
        print("osbiz: ended before the incident was over.", file=sys.stderr)
    elif options.json:
        print(json.dumps(replay.as_json(), ensure_ascii=False))
    else:
        print(f"\n{verdict_of(replay)[0]}")
    if options.report is not None and replay.steps:
        from webserver.incidents.report import write_report

        write_report(options.report, replay)
        if not options.json:
            print(f"Report: {options.report}")
    if interrupted:
        return INTERRUPTED
    return MET if replay.met else NOT_MET


@contextmanager
def _watcher(options: argparse.Namespace) -> Iterator[Watcher]:
    from webserver.incidents.live import live, printed
    from webserver.incidents.playing import Watcher

    if options.json:
        yield Watcher()
        return
    with live() if sys.stdout.isatty() else printed() as watcher:
        yield watcher


def _rate(text: str) -> float:
    rate = parse_rate(text)
    if rate == 0:
        raise Refused.because(
            "rate",
            "A calendar that stands still gets nowhere.",
            field="rate",
            instead=f"Use 1 to {MAX_RATE:,.0f}, or --step.",
        )
    return rate


def _check_report(path: Path | None) -> None:
    """Better said before a replay of five minutes than after it."""
    if path is None:
        return
    folder = path.absolute().parent
    writable = os.access(path if path.exists() else folder, os.W_OK)
    if path.is_dir() or not folder.is_dir() or not writable:
        raise Refused.because(
            "file", f"{path} can't be written.", field="report", instead="Give another path."
        )


def _record(options: argparse.Namespace) -> int:
    from webserver.incidents.recording import record

    text = record(remote_of(options), title=options.title)
    if options.output is None:
        print(text, end="")
        return MET
    try:
        options.output.write_text(text, "utf-8")
    except OSError as error:
        raise Refused.because(
            "file",
            f"{options.output} can't be written ({error.strerror}).",
            field="output",
            instead="Give another path.",
        ) from None
    print(f"Written to {options.output}. Try: osbiz incident replay {options.output} --step")
    return MET
