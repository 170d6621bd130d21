"""The commands of `osbiz`, in the order in which a person meets them: names, words, modules.

Owns what the help says of them all. Knows nothing of what they do.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, NamedTuple, NoReturn


class Command(NamedTuple):
    """What it does, and the module that has it; None for those of the command line itself.

    The module has `add_arguments(parser)`, which also sets `command`: options in, the exit
    status out. It is imported when its command is called.
    """

    what: str
    module: str | None = None


GROUPS: dict[str, dict[str, Command]] = {
    "A box": {
        "run": Command("run a box with its Booster Server"),
        "boxes": Command(
            "run many boxes in one process, for a class or a scan", "webserver.boxes_command"
        ),
        "booster": Command("run a Booster Server alone"),
        "trust": Command("let clients trust a running box", "webserver.trust_cli"),
    },
    "Its time and its troubles": {
        "incident": Command(
            "incidents that happen again on your desk: list, show, replay, record",
            "webserver.incident_command",
        ),
        "clock": Command(
            "the clock of a box that runs: show it, set it", "webserver.clock_command"
        ),
        "validity": Command(
            "have a certificate expire soon, or long ago, without moving a clock",
            "webserver.validity_command",
        ),
        "faketime": Command(
            "run a command at the time of a box that runs", "webserver.faketime_command"
        ),
        "fault": Command(
            "have something go wrong on purpose at a running box", "webserver.fault_command"
        ),
    },
    "What clients say": {
        "probe": Command(
            "say what each kind of client makes of a TLS server", "webserver.probe_command"
        ),
        "verdict": Command(
            "say what each kind of client makes of certificates", "webserver.verdict_command"
        ),
        "catalogue": Command(
            "bad endpoints: listed, served, put to a client", "webserver.catalogue_cli"
        ),
        "clients": Command(
            "run UC clients at a box and see how they fare", "webserver.clients.command"
        ),
    },
    "Certificate authorities": {
        "acme": Command(
            "a certificate from Let's Encrypt, or another ACME CA", "webserver.acme_command"
        ),
        "ca": Command("a public CA to practise on: ACME, CRL, OCSP, DNS", "webserver.ca.command"),
    },
}
COMMANDS = {name: command for group in GROUPS.values() for name, command in group.items()}


class Parser(argparse.ArgumentParser):
    """The parser of `osbiz` itself: its help has the commands in groups, and it guesses."""

    def format_help(self) -> str:
        """What `osbiz --help` prints."""
        lines = ["usage: osbiz COMMAND …", "", str(self.description), ""]
        for title, commands in GROUPS.items():
            lines += [title, *(f"  {name:<10} {one.what}" for name, one in commands.items()), ""]
        lines += [
            "Try first:  osbiz run --ephemeral          a box, gone when you end it",
            "            osbiz incident replay 2024-01-01 --step",
            "osbiz COMMAND --help says more of each; osbiz --version, which one this is.",
        ]
        return "\n".join(lines) + "\n"

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse; a first word that is no command is refused with the nearest one."""
        given = list(args or ())
        if not given:
            self.print_help(sys.stderr)
            self.exit(2)
        if not given[0].startswith("-") and given[0] not in COMMANDS:
            self._no_such(given[0])
        return super().parse_args(given, namespace)

    def _no_such(self, word: str) -> NoReturn:
        import difflib  # for who mistyped only

        near = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else "osbiz --help lists them."
        self.exit(2, f"osbiz: There is no command {word[:40]!r}. {hint}\n")


def version() -> str:
    """The version of the simulator that is installed."""
    from importlib import metadata  # a tenth of the start

    return f"osbiz {metadata.version('osbiz-simulator')}"
