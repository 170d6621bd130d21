"""`osbiz validity`: a certificate of a box that runs, issued again with other dates."""

from __future__ import annotations

import argparse
import json
from urllib.parse import quote

from webserver.remote import add_remote_arguments, remote_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One way of saying the dates, and which certificate is meant."""
    dates = parser.add_argument_group("dates (one way of saying them)")
    for name, what in (
        ("expire-in", "it expires after SPAN: 10s, 90d"),
        ("expired-since", "it expired SPAN ago"),
        ("not-valid-for", "its validity begins after SPAN"),
    ):
        dates.add_argument(f"--{name}", metavar="SPAN", help=what)
    for name in ("not-before", "not-after"):
        dates.add_argument(f"--{name}", metavar="TIME", help="the date itself")
    parser.add_argument("--certificate", metavar="ID", help="which one (the active one)")
    parser.add_argument("--node", default="system", metavar="NODE", help="system or booster")
    parser.add_argument("--json", action="store_true", help="print the certificate as JSON")
    add_remote_arguments(parser)
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    box = remote_of(options)
    names = (
        "certificate", "expire_in", "expired_since", "not_valid_for", "not_before", "not_after",
    )  # fmt: skip
    body = {name: value for name in names if (value := getattr(options, name)) is not None}
    made = box.put(f"nodes/{quote(options.node, safe='')}/validity", body)
    if options.json:
        print(json.dumps(made))
        return 0
    print(f"{made['name']}: valid from {made['not_before']} until {made['not_after']}")
    if made["real"] is not None:
        real = made["real"]
        print(f"clients see, on the real calendar: {real['not_before']} to {real['not_after']}")
    return 0
