"""`osbiz faketime`: a command at the time of a box that runs, or at any other."""

from __future__ import annotations

import argparse
import os
from datetime import timedelta

from appliance.clock import Clock, parse_rate, parse_time, real_now
from store.refusals import Refused
from webserver.faketime import Moment, check_command, faketime_line
from webserver.remote import add_remote_arguments, remote_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which time, and the command after `--`."""
    parser.epilog = (
        "Works with programs that use the C library: openssl, curl, wget, gnutls-cli, Node, Java, "
        "Python, Deno and Chromium were seen to. Go programs and Firefox don't: a box with "
        "--dates projected is for those. The exit status is the command's."
    )
    parser.add_argument("--at", metavar="TIME", help="this time, instead of a box's")
    parser.add_argument(
        "--rate", type=parse_rate, metavar="X", help="so many times as fast (with --at)"
    )
    add_remote_arguments(parser)
    parser.add_argument("run", nargs=argparse.REMAINDER, metavar="-- CMD", help="what to run")
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    words = options.run[1:] if options.run[:1] == ["--"] else options.run
    check_command(words)
    line = faketime_line(_moment(options), words)
    os.execvp(line[0], line)  # noqa: S606 - a command that the person gave


def _moment(options: argparse.Namespace) -> Moment:
    if options.at is not None:
        rate = 1.0 if options.rate is None else options.rate
        return Moment(Clock(now=parse_time(options.at, field="at"), rate=rate).now(), rate)
    if options.rate is not None:
        raise Refused.because(
            "rate",
            "The rate is the box's.",
            field="rate",
            instead="Give it together with --at, or set the box's with osbiz clock rate.",
        )
    clock = remote_of(options).get("clock")
    return Moment(real_now() + timedelta(seconds=clock["ahead"]), clock["rate"])
