"""`osbiz clock`: the clock of a box that runs."""

from __future__ import annotations

import argparse
import json
import re
from typing import Any

from appliance.clock import parse_rate
from webserver.remote import add_remote_arguments, remote_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be done with a clock, each with its own words."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def action(name: str, what: str) -> argparse.ArgumentParser:
        one = actions.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
        add_remote_arguments(one)
        one.add_argument("--json", action="store_true", help="print it as JSON")
        one.set_defaults(command=_run, action=name)
        return one

    action("show", "say what time it is there")
    one = action("set", "set it to a time, or let it go with this machine's again")
    one.add_argument("now", metavar="TIME", help="ISO 8601 in UTC, or `real`")
    _add_more(one)
    one = action("shift", "move it forward, or back with a minus")
    one.add_argument("shift", metavar="SPAN", help="for example 90d, -2h or 1d12h")
    # A span that goes back is no option, although it begins like one.
    one._negative_number_matcher = re.compile(r"-[0-9]")
    action("freeze", "let it stand still").set_defaults(rate=0.0)
    one = action("rate", "let it run so many times as fast")
    one.add_argument("rate", type=parse_rate, metavar="X", help="1 to 100000; 0 freezes it")
    one = action("dates", "which dates certificates carry")
    one.add_argument("dates", metavar="MODE", help="simulated or projected")
    _add_allowed(one)


def _add_more(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rate", type=parse_rate, metavar="X", help="and run it so many times as fast"
    )
    parser.add_argument("--dates", metavar="MODE", help="and which dates certificates carry")
    _add_allowed(parser)


def _add_allowed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--allow-unprojected",
        action="store_true",
        help="although an active certificate's dates can't be moved",
    )


def _run(options: argparse.Namespace) -> int:
    box = remote_of(options)
    names = ("now", "shift", "rate", "dates", "allow_unprojected")
    setting = {name: getattr(options, name, None) for name in names}
    setting = {
        name: value for name, value in setting.items() if value is not None and value is not False
    }
    clock = box.get("clock") if options.action == "show" else box.put("clock", setting)
    print(json.dumps(clock) if options.json else "\n".join(_told(clock)))
    return 0


def _told(clock: dict[str, Any]) -> list[str]:
    rate = clock["rate"]
    pace = "stands still" if rate == 0 else f"runs {rate:g} times as fast" if rate != 1 else "runs"
    if clock["goes_with_the_machine"]:
        pace = "goes with this machine's clock"
    return [f"{clock['now']}  {pace}; dates in certificates are {clock['dates']}"]
