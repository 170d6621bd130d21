"""`osbiz verdict`: what would each client environment say of these certificates?

Files in; a report or JSON out. Exit status: 0 when every environment accepts, 1 when one
refuses or warns, 2 when there was nothing to judge.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from appliance.clock import parse_time, real_now
from appliance.trust import ENVIRONMENTS, Anchor, Origin, Outcome, Status, presented_chain
from appliance.trust.judging import checked_environments
from appliance.trust.reading import MAX_BYTES, anchors_in, revocation_lists
from store.certificate import iso_time
from store.refusals import Refused
from webserver.foreign_facts import facts_of, name_of
from webserver.paper import Paper
from webserver.verdict_report import write_sum, write_table, write_troubles
from webserver.verdicts import Judged, Question, judged

ACCEPTED, NOT_ACCEPTED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `osbiz verdict`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "exit status: 0 all environments accept, 1 one refuses or warns, 2 there was nothing\n"
        "to judge.\n\nenvironments: " + ", ".join(ENVIRONMENTS)
    )
    parser.add_argument(
        "--chain",
        type=Path,
        required=True,
        metavar="FILE",
        help="what the server sends: PEM, leaf first, or one certificate in DER",
    )
    for option, what in (
        ("--anchor", "trust the certificates in FILE, as ones that the user added"),
        ("--admin-anchor", "the same, as ones that an administrator added"),
        ("--public-anchor", "the same, as public roots that came with the system"),
    ):
        parser.add_argument(
            option, type=Path, action="append", default=[], metavar="FILE", help=what
        )
    parser.add_argument("--host", metavar="NAME|IP", help="the name or address that clients use")
    parser.add_argument("--at", metavar="TIME", help="the clients' time, ISO 8601 UTC (now)")
    parser.add_argument(
        "--environment",
        action="append",
        default=[],
        metavar="ID,…",
        help="ask these only (again for more)",
    )
    parser.add_argument(
        "--crl", type=Path, action="append", default=[], metavar="FILE", help="a revocation list"
    )
    parser.add_argument(
        "--staple", type=Path, metavar="FILE", help="the OCSP answer that the server staples, DER"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the report")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Judge; the exit status."""
    question = Question(
        presented_chain(_read(options.chain, "chain"), field="chain"),
        anchors=(
            *_anchors(options.anchor, Origin.USER),
            *_anchors(options.admin_anchor, Origin.ADMINISTRATOR),
            *_anchors(options.public_anchor, Origin.PUBLIC),
        ),
        host=options.host,
        at=real_now() if options.at is None else parse_time(options.at, field="at"),
        environments=tuple(checked_environments(_asked(options.environment))),
        status=Status(
            crls=tuple(
                crl
                for path in options.crl
                for crl in revocation_lists(_read(path, "crl"), field="crl")
            ),
            stapled=None if options.staple is None else _read(options.staple, "staple"),
        ),
    )
    answer = judged(question)
    if options.json:
        print(json.dumps(answer.as_json(), indent=2, ensure_ascii=False))
    else:
        width = shutil.get_terminal_size((80, 24)).columns
        sys.stdout.write(report(answer, width=width, colour=_colour()))
    accepted = all(verdict.outcome is Outcome.ACCEPTED for verdict in answer.verdicts)
    return ACCEPTED if accepted else NOT_ACCEPTED


def report(answer: Judged, *, width: int = 80, colour: bool = False) -> str:
    """The whole report, ending in a line feed.

    width: columns of the terminal. colour: whether it understands ANSI colours.
    """
    paper = Paper(width, colour)
    question = answer.question
    leaf = question.chain[0]
    facts = facts_of(leaf)
    issuer = "self-signed" if facts["self_issued"] else f"issued by {facts['issuer']}"
    names = _few(facts["san"] or ()) or "no subject alternative name"
    paper.row("Certificate", f"{name_of(leaf)}, {issuer}")
    paper.row("For", names)
    paper.row("Valid", f"{facts['not_before']} to {facts['not_after']} ({facts['days']:,} days)")
    paper.row("Key", f"{facts['key'] or 'unreadable'}, signed with {facts['algorithm'] or '?'}")
    others = [name_of(one) for one in question.chain[1:]]
    paper.row("Sent with it", _few(others) or "nothing")
    trusted = [name_of(anchor.certificate) for anchor in question.anchors]
    paper.row("Trusted", _few(trusted) or "nothing")
    paper.row("Judged as", f"{question.host or 'any name'}, at {iso_time(question.at)}")
    for note in answer.notes:
        paper.row("Note", note)
    write_sum(paper, answer.verdicts)
    write_troubles(paper, answer.verdicts, cures=True)
    write_table(paper, answer.verdicts)
    return paper.text()


def _few(texts: Sequence[str], most: int = 8) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def _asked(wanted: Sequence[str]) -> list[str] | None:
    names = [name.strip() for part in wanted for name in part.split(",") if name.strip()]
    return names or None


def _anchors(paths: Sequence[Path], origin: Origin) -> list[Anchor]:
    return [
        anchor
        for path in paths
        for anchor in anchors_in(_read(path, "anchor"), origin=origin, field="anchor")
    ]


def _read(path: Path, field: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Refused.because(
            "file",
            f"{path} can't be read ({error.strerror}).",
            field=field,
            instead="Give another path.",
        ) from None


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
