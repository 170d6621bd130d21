"""A probe in words, for a terminal: what is wrong, for whom, and what to do.

Pure: a result and a width go in, text comes out. Everything that a server said is made
printable first, since a certificate can hold what a terminal would obey.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from appliance.trust import Outcome
from store.certificate import fingerprint_groups, iso_time
from webserver.foreign_facts import facts_of, name_of
from webserver.paper import Paper
from webserver.probe_remedies import remedies_for
from webserver.probe_result import Result
from webserver.verdict_report import write_sum, write_table, write_troubles


def report(result: Result, *, width: int = 80, colour: bool = False) -> str:
    """The whole report, ending in a line feed.

    width: columns of the terminal. colour: whether it understands ANSI colours.
    """
    paper = Paper(width, colour)
    _head(paper, result)
    write_sum(paper, result.verdicts)
    write_troubles(paper, result.verdicts, cures=False)
    if any(verdict.outcome is not Outcome.ACCEPTED for verdict in result.verdicts):
        paper.title("What to do")
        for remedy in remedies_for(result):
            paper.paragraph(remedy.what)
            for number, step in enumerate(remedy.steps, 1):
                paper.item(step, mark=f"{number}.")
            paper.gap()
    write_table(paper, result.verdicts)
    if result.required:
        _required(paper, result)
    return paper.text()


# --- parts


def _head(paper: Paper, result: Result) -> None:
    looked = result.looked
    leaf = facts_of(looked.chain[0])
    also = [name for name, taken in looked.versions.items() if taken and name != looked.version]
    connection = f"{looked.version}, {looked.cipher}"
    if also:
        connection += f"; also {', '.join(also)}"
    if looked.alpn:
        connection += f"; ALPN {looked.alpn}"
    paper.row(
        "Server",
        f"{looked.target} ({looked.address})" if _elsewhere(result) else str(looked.target),
    )
    paper.row("Speaks", connection)
    paper.row("Shows", _whose(looked.chain[0], leaf))
    paper.row("For", ", ".join(leaf["san"]) if leaf["san"] else _no_names(leaf))
    paper.row("Valid", _validity(result, leaf))
    paper.row("Key", f"{leaf['key'] or 'unreadable'}, signed with {leaf['algorithm'] or '?'}")
    paper.row("SHA-256", fingerprint_groups(leaf["fingerprint_sha256"]))
    others = [name_of(one) for one in looked.chain[1:]]
    paper.row("Sent with it", ", ".join(others) if others else "nothing")
    for label, text in _odd(result):
        paper.row(label, text)
    count = len(result.trusted.anchors)
    authorities = "1 authority" if count == 1 else f"{count} authorities"
    paper.row("Judged as", f"{result.host}, at {iso_time(result.at)}")
    paper.row("Trusting", f"{authorities}: {result.trusted.name}" if count else result.trusted.name)


def _elsewhere(result: Result) -> bool:
    return result.looked.address != result.looked.target.host


def _whose(certificate: Any, leaf: Mapping[str, Any]) -> str:
    if leaf["self_issued"]:
        return f"{name_of(certificate)}, self-signed"
    return f"{name_of(certificate)}, issued by {leaf['issuer'] or '(unreadable)'}"


def _no_names(leaf: Mapping[str, Any]) -> str:
    name = leaf["common_name"]
    return f"no subject alternative name; its common name is {name}" if name else "no name at all"


def _validity(result: Result, leaf: Mapping[str, Any]) -> str:
    start, end = leaf["not_before"], leaf["not_after"]
    if start is None or end is None:
        return "unreadable"
    certificate = result.looked.chain[0]
    left = (certificate.not_valid_after_utc - result.at).days
    if result.at > certificate.not_valid_after_utc:
        state = "expired"
    elif result.at < certificate.not_valid_before_utc:
        state = "not valid yet"
    else:
        state = f"{left:,} days left" if left != 1 else "1 day left"
    return f"{start[:10]} to {end[:10]} ({leaf['days']:,} days); {state}"


def _odd(result: Result) -> Iterator[tuple[str, str]]:
    """What is worth a line only when it is so."""
    looked = result.looked
    if looked.staple is not None:
        until = looked.staple.next_update
        yield "OCSP staple", looked.staple.status + (f", until {iso_time(until)}" if until else "")
    if looked.asks_for_certificate:
        yield "Also", "it asks for a certificate of the client, and may turn away who has none"
    if looked.plain_http is not None:
        yield "Also", f"plain HTTP is answered on this port: {looked.plain_http}"
    weak = [name for name in ("TLSv1.1", "TLSv1.0") if looked.versions.get(name)]
    if weak:
        yield "Also", f"{' and '.join(weak)} should be switched off (RFC 8996)"


def _required(paper: Paper, result: Result) -> None:
    if not result.lacking:
        paper.line(f"Required: all of {', '.join(result.required)} accept.", colour="32", bold=True)
        return
    names = ", ".join(verdict.environment for verdict in result.lacking)
    paper.line(f"Required, but not accepted by {names}.", colour="31", bold=True)
