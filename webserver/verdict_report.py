"""Verdicts in words, for a terminal: what is wrong, for whom, and who says what.

Pure, and the same for a server that was probed and for files that were given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from appliance.trust import ENVIRONMENTS, Finding, Outcome, Verdict
from webserver.paper import Paper

_ORDER = (Outcome.REFUSED, Outcome.WARNED, Outcome.ACCEPTED)
_SUMMED = {
    Outcome.REFUSED: "REFUSED",
    Outcome.WARNED: "WARNED ABOUT",
    Outcome.ACCEPTED: "ACCEPTED",
}
_COLOURS = {Outcome.REFUSED: "31", Outcome.WARNED: "33", Outcome.ACCEPTED: "32"}


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
            # Clients stop at different places of a path that leads nowhere: it is one trouble.
            said = "" if finding.rule == "path" else finding.detail
            trouble = found.setdefault((finding.rule, said), Trouble())
            trouble.findings.append(finding)
            whom = trouble.refusing if finding.severity == "refuse" else trouble.warning
            if verdict.environment not in whom:
                whom.append(verdict.environment)
    return sorted(found.values(), key=lambda one: (-len(one.refusing), -len(one.warning)))


def write_sum(paper: Paper, verdicts: Sequence[Verdict]) -> None:
    """One line: how many say what."""
    whole = len(verdicts)
    counts = {
        outcome: sum(verdict.outcome is outcome for verdict in verdicts) for outcome in _ORDER
    }
    alone = next((outcome for outcome in _ORDER if counts[outcome] == whole), None)
    paper.gap()
    if alone is not None:
        words = f"{_SUMMED[alone]} by all {whole} client environments."
        if whole == 1:
            words = f"{_SUMMED[alone]} by {verdicts[0].environment}."
        paper.line(words, colour=_COLOURS[alone], bold=True)
        return
    told = [f"{_SUMMED[outcome]} by {counts[outcome]}" for outcome in _ORDER if counts[outcome]]
    worst = next(outcome for outcome in _ORDER if counts[outcome])
    paper.line(
        f"{', '.join(told)} of {whole} client environments.", colour=_COLOURS[worst], bold=True
    )


def write_troubles(paper: Paper, verdicts: Sequence[Verdict], *, cures: bool) -> None:
    """What is wrong, one thing after the other, with its source, and for whom.

    cures: whether to say after each what would make it go away.
    """
    troubles = troubles_of(verdicts)
    if not troubles:
        return
    paper.title("What is wrong")
    for number, trouble in enumerate(troubles, 1):
        _write_trouble(paper, number, trouble, [one.environment for one in verdicts], cures)


def _write_trouble(
    paper: Paper, number: int, trouble: Trouble, asked: list[str], cures: bool
) -> None:
    first = trouble.findings[0]
    paper.item(first.detail, mark=f"{number}.", bold=True)
    if first.seen is not None or first.wanted is not None:
        said = [f"seen: {first.seen}"] if first.seen is not None else []
        said += [f"wanted: {first.wanted}"] if first.wanted is not None else []
        paper.indented("; ".join(said))
    for ids, word in ((trouble.refusing, "Refused by"), (trouble.warning, "Warned about by")):
        if ids:
            paper.indented(f"{word} {_whom(ids, asked)}")
    if cures:
        for cure in dict.fromkeys(one.cure for one in trouble.findings if one.cure):
            paper.indented(f"→ {cure}")
        sources = list(dict.fromkeys(one.source for one in trouble.findings))
        more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
        paper.indented(f"Rule {first.rule}: {sources[0]}{more}")
    paper.gap()


def _whom(ids: list[str], asked: list[str]) -> str:
    if len(ids) == len(asked):
        return f"all {len(asked)}."
    missing = [name for name in asked if name not in ids]
    if len(missing) < len(ids):
        return f"all but {', '.join(missing)}."
    return f"{', '.join(ids)}."


def write_table(paper: Paper, verdicts: Sequence[Verdict]) -> None:
    """Every environment's verdict and its words, those that refuse first."""
    paper.title("Who says what")
    for outcome in _ORDER:
        for verdict in verdicts:
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
