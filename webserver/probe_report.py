"""A probe in words, for a terminal: what is wrong, for whom, and what to do.

Pure: a result and a width go in, text comes out. Everything that a server said is made
printable first, since a certificate can hold what a terminal would obey.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from appliance.trust import ENVIRONMENTS, Finding, Outcome, Verdict
from store.certificate import fingerprint_groups, iso_time
from webserver.foreign_facts import facts_of, name_of
from webserver.probe_remedies import remedies_for
from webserver.probe_result import Result

NARROWEST, WIDEST = 60, 100
_LABEL = 14
_ORDER = (Outcome.REFUSED, Outcome.WARNED, Outcome.ACCEPTED)
_SUMMED = {
    Outcome.REFUSED: "REFUSED",
    Outcome.WARNED: "WARNED ABOUT",
    Outcome.ACCEPTED: "ACCEPTED",
}
_COLOURS = {Outcome.REFUSED: "31", Outcome.WARNED: "33", Outcome.ACCEPTED: "32"}


def report(result: Result, *, width: int = 80, colour: bool = False) -> str:
    """The whole report, ending in a line feed.

    width: columns of the terminal. colour: whether it understands ANSI colours.
    """
    paper = _Paper(max(NARROWEST, min(width, WIDEST)), colour)
    _head(paper, result)
    _sum(paper, result)
    troubles = troubles_of(result.verdicts)
    if troubles:
        paper.title("What is wrong")
        for number, trouble in enumerate(troubles, 1):
            _trouble(paper, number, trouble, len(result.verdicts))
        paper.title("What to do")
        for remedy in remedies_for(result):
            paper.paragraph(remedy.what)
            for number, step in enumerate(remedy.steps, 1):
                paper.item(step, mark=f"{number}.")
            paper.gap()
    _table(paper, result)
    if result.required:
        _required(paper, result)
    return paper.text()


@dataclass(slots=True)
class Trouble:
    """One thing that is wrong, and for whom.

    findings: what was found, the same but for what clients say of it.
    refusing, warning: the environments' ids.
    """

    findings: list[Finding] = field(default_factory=list)
    refusing: list[str] = field(default_factory=list)
    warning: list[str] = field(default_factory=list)


def troubles_of(verdicts: Iterable[Verdict]) -> list[Trouble]:
    """All findings that decide, each thing that is said once; what hits most first."""
    found: dict[tuple[str, str], Trouble] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            if finding.severity == "note":
                continue
            trouble = found.setdefault((finding.rule, finding.detail), Trouble())
            trouble.findings.append(finding)
            whom = trouble.refusing if finding.severity == "refuse" else trouble.warning
            if verdict.environment not in whom:
                whom.append(verdict.environment)
    return sorted(found.values(), key=lambda one: (-len(one.refusing), -len(one.warning)))


# --- parts


def _head(paper: _Paper, result: Result) -> None:
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
        yield "Also", "it asks for a certificate of the client"
    if looked.plain_http is not None:
        yield "Also", f"plain HTTP is answered on this port: {looked.plain_http}"
    weak = [name for name in ("TLSv1.1", "TLSv1.0") if looked.versions.get(name)]
    if weak:
        yield "Also", f"{' and '.join(weak)} should be switched off (RFC 8996)"


def _sum(paper: _Paper, result: Result) -> None:
    whole = len(result.verdicts)
    counts = {
        outcome: sum(verdict.outcome is outcome for verdict in result.verdicts)
        for outcome in _ORDER
    }
    alone = next((outcome for outcome in _ORDER if counts[outcome] == whole), None)
    paper.gap()
    if alone is not None:
        words = f"{_SUMMED[alone]} by all {whole} client environments."
        paper.line(words, colour=_COLOURS[alone], bold=True)
        return
    told = [f"{_SUMMED[outcome]} by {counts[outcome]}" for outcome in _ORDER if counts[outcome]]
    worst = next(outcome for outcome in _ORDER if counts[outcome])
    paper.line(
        f"{', '.join(told)} of {whole} client environments.", colour=_COLOURS[worst], bold=True
    )


def _trouble(paper: _Paper, number: int, trouble: Trouble, whole: int) -> None:
    first = trouble.findings[0]
    paper.item(first.detail, mark=f"{number}.", bold=True)
    if first.seen is not None or first.wanted is not None:
        said = [f"seen: {first.seen}"] if first.seen is not None else []
        said += [f"wanted: {first.wanted}"] if first.wanted is not None else []
        paper.indented("; ".join(said))
    for ids, word in ((trouble.refusing, "Refused by"), (trouble.warning, "Warned about by")):
        if ids:
            paper.indented(f"{word} {_whom(ids, whole)}")
    paper.gap()


def _whom(ids: list[str], whole: int) -> str:
    if len(ids) == whole:
        return f"all {whole}."
    missing = [name for name in ENVIRONMENTS if name not in ids]
    if len(missing) < len(ids):
        return f"all but {', '.join(missing)}."
    return f"{', '.join(ids)}."


def _table(paper: _Paper, result: Result) -> None:
    paper.title("Who says what")
    for outcome in _ORDER:
        for verdict in result.verdicts:
            if verdict.outcome is not outcome:
                continue
            paper.cells(
                outcome.value,
                ENVIRONMENTS[verdict.environment].id,
                verdict.standing.value,
                verdict.message or "",
                colour=_COLOURS[outcome],
            )
    paper.gap()
    paper.paragraph(
        "measured: such clients did so. published: predicted from the maker's rule. "
        "assumed: nobody says; see docs/assumptions.md."
    )


def _required(paper: _Paper, result: Result) -> None:
    if not result.lacking:
        paper.line(f"Required: all of {', '.join(result.required)} accept.", colour="32", bold=True)
        return
    names = ", ".join(verdict.environment for verdict in result.lacking)
    paper.line(f"Required, but not accepted by {names}.", colour="31", bold=True)


def printable(text: str) -> str:
    """`text` with what a terminal might obey written as escapes."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )


class _Paper:
    """Lines of a width, with or without colour."""

    def __init__(self, width: int, colour: bool) -> None:
        self._width = width
        self._colour = colour
        self._lines: list[str] = []

    def text(self) -> str:
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        return "\n".join(self._lines) + "\n"

    def gap(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def line(self, text: str, *, colour: str = "", bold: bool = False) -> None:
        for part in self._wrapped(text, "", ""):
            self._lines.append(self._painted(part, colour, bold=bold))

    def title(self, text: str) -> None:
        self.gap()
        self._lines.append(self._painted(text, bold=True))
        self._lines.append("")

    def row(self, label: str, text: str) -> None:
        start = f"{label:<{_LABEL}}"
        first, *rest = self._wrapped(text, start, " " * _LABEL)
        self._lines.append(self._painted(start, "2") + first[_LABEL:])
        self._lines += rest

    def paragraph(self, text: str) -> None:
        self._lines += self._wrapped(text, "", "")
        self.gap()

    def item(self, text: str, *, mark: str = "-", bold: bool = False) -> None:
        self._lines += [
            self._painted(part, bold=bold) for part in self._wrapped(text, f"{mark:<3}", "   ")
        ]

    def indented(self, text: str) -> None:
        self._lines += self._wrapped(text, "   ", "   ")

    def cells(self, outcome: str, name: str, standing: str, message: str, *, colour: str) -> None:
        head = f"{outcome:<9} {name:<24} {standing:<10}"
        room = self._width - len(head)
        said = printable(message)
        if len(said) > room:
            said = said[: room - 1] + "…"
        self._lines.append((self._painted(head[:9], colour) + head[9:] + said).rstrip())

    def _wrapped(self, text: str, first: str, rest: str) -> list[str]:
        return textwrap.wrap(
            printable(text),
            self._width,
            initial_indent=first,
            subsequent_indent=rest,
            break_on_hyphens=False,
        ) or [first.rstrip()]

    def _painted(self, text: str, colour: str = "", *, bold: bool = False) -> str:
        codes = ";".join(code for code in ("1" if bold else "", colour) if code)
        return f"\x1b[{codes}m{text}\x1b[0m" if self._colour and codes else text
