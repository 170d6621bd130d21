"""Which rows the picture of a replay has, and what stands in each. Knows no geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.trust import ENVIRONMENTS, Outcome, Standing
from appliance.uc_clients import PROFILES
from store.certificate import Certificate, common_name, iso_time
from webserver.incidents.results import ClientView, NodeView, ProgramRun, Replay, StepResult
from webserver.incidents.telling import telling_line

TONES = 6  # as many certificates are told apart by their colour


@dataclass(frozen=True, slots=True)
class Cell:
    """How things are from one step to the next: how it is drawn, in a word, in a sentence.

    more: said after the word where there is room.
    turns: when it becomes another meanwhile, and which; None when it does not.
    """

    kind: str
    text: str
    title: str
    more: str = ""
    turns: tuple[datetime, Cell] | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """From when to when a certificate is valid, and after which steps (from 1) it was served."""

    begin: datetime
    end: datetime
    served: frozenset[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """A row: a cell for each step, or a life. marks: what is to be seen at a step (from 0)."""

    label: str
    title: str = ""
    cells: tuple[Cell, ...] = ()
    life: Life | None = None
    marks: tuple[tuple[int, str, str], ...] = ()


_BEST_KNOWN_FIRST = sorted(
    ENVIRONMENTS, key=lambda name: list(Standing).index(ENVIRONMENTS[name].standing)
)


def rows_of(replay: Replay) -> list[tuple[str, list[Plan]]]:
    """The groups of rows, from top to bottom, each with its title; some may be empty."""
    steps = replay.steps
    return [
        ("What was valid", _lives(steps)),
        ("What was served", _served(steps)),
        ("People with UC clients", _people(steps)),
        ("Programs that were run", _programs(steps)),
        ("Environments", _environments(replay)),
    ]


# Certificates


def _lives(steps: Sequence[StepResult]) -> list[Plan]:
    served: dict[str, set[int]] = {}
    leaves: dict[str, tuple[str, Certificate]] = {}
    above: dict[str, tuple[str, Certificate]] = {}
    for number, step in enumerate(steps, start=1):
        for view in step.nodes:
            if view.shown is None:
                continue
            one = view.shown.certificate
            leaves.setdefault(one.fingerprint("sha256"), (view.shown.label, one))
            served.setdefault(one.fingerprint("sha256"), set()).add(number)
            for part in one.chain:
                name = common_name(part.subject) or "intermediate"
                above.setdefault(Certificate(part).fingerprint("sha256"), (name, Certificate(part)))
        for name, one in step.trusted.items():
            above.setdefault(one.fingerprint("sha256"), (name, one))
    found = [
        _life(label, one, frozenset(served[print_])) for print_, (label, one) in leaves.items()
    ]
    found += [
        _life(f"{name} (authority)", one, frozenset())
        for print_, (name, one) in above.items()
        if print_ not in leaves
    ]
    return found


def _life(label: str, one: Certificate, served: frozenset[int]) -> Plan:
    title = f"{label}: {iso_time(one.not_before)} to {iso_time(one.not_after)}"
    return Plan(label, title, life=Life(one.not_before, one.not_after, served))


def _served(steps: Sequence[StepResult]) -> list[Plan]:
    titles = {"system": "Box", "booster": "Booster Server"}
    shown = (view.shown for step in steps for view in step.nodes)
    known = list(dict.fromkeys(one.label for one in shown if one is not None))
    return [
        Plan(
            titles[node.node],
            cells=tuple(_served_cell(step.nodes[position], step.at, known) for step in steps),
        )
        for position, node in enumerate(steps[0].nodes)
    ]


def _served_cell(view: NodeView, at: datetime, known: Sequence[str]) -> Cell:
    if view.shown is None:
        return Cell("nobody", "nobody answers", view.trouble or "nobody answers")
    label, one = view.shown.label, view.shown.certificate
    why = _why_outdated(one, at)
    if why:
        return _outdated(label, why)
    end = min(part.not_after for part in _parts(one))
    over = _outdated(label, _why_outdated(one, end + timedelta(seconds=1)) or "expired")
    return Cell(f"tone{known.index(label) % TONES}", label, label, turns=(end, over))


def _outdated(label: str, why: str) -> Cell:
    return Cell("outdated", f"{label}, {why}", f"{label}, {why}")


def _why_outdated(one: Certificate, at: datetime) -> str | None:
    """What is wrong with its dates, or with those of what is sent with it."""
    for part in _parts(one):
        whose = "" if part is one else "intermediate "
        if at > part.not_after:
            return f"{whose}expired"
        if at < part.not_before:
            return f"{whose}not yet valid"
    return None


def _parts(one: Certificate) -> list[Certificate]:
    return [one, *map(Certificate, one.chain)]


# Clients


def _people(steps: Sequence[StepResult]) -> list[Plan]:
    return [
        Plan(
            f"{first.name}, {PROFILES[first.profile].client}"
            + (f" ({first.count})" if first.count > 1 else ""),
            cells=tuple(_client_cell(step.clients[position]) for step in steps),
        )
        for position, first in enumerate(steps[0].clients)
    ]


def _client_cell(view: ClientView) -> Cell:
    if view.connected == view.count:
        kind = "warned" if view.warning else "accepted"
        return Cell(kind, "connected", view.warning or "connected")
    words = view.words or view.state
    if view.connected:
        return Cell("warned", f"{view.connected} of {view.count}", words)
    return Cell("refused", view.state.replace("-", " "), words, view.words or "")


def _programs(steps: Sequence[StepResult]) -> list[Plan]:
    plans = []
    for position, first in enumerate(steps[0].programs):
        runs = [step.programs[position] for step in steps]
        where = "" if first.node == "system" else " at the Booster Server"
        differs = tuple(
            (number, "differs", f"predicted: {run.expected}")
            for number, run in enumerate(runs)
            if run.agrees is False
        )
        cells = tuple(map(_program_cell, runs))
        plans.append(Plan(f"{first.name}{where}", cells=cells, marks=differs))
    return plans


def _program_cell(run: ProgramRun) -> Cell:
    kind = "accepted" if run.accepted else "refused"
    status = "no answer in time" if run.status is None else f"exit status {run.status}"
    said = "" if run.accepted else telling_line(run.output)
    # What somebody's own program means by its status is for them to say.
    text = status if run.environment is None else kind
    return Cell(kind, text, ": ".join(filter(None, (run.name, status, said))), said)


def _environments(replay: Replay) -> list[Plan]:
    """Those that always agree stand in one row; UC clients have rows of their own."""
    steps = replay.steps
    people = {client.profile for client in replay.incident.clients}
    plans = []
    for position, node in enumerate(steps[0].nodes):
        outcomes = [step.nodes[position].outcomes() for step in steps]
        alike: dict[tuple[Outcome | None, ...], list[str]] = {}
        for name in _BEST_KNOWN_FIRST:
            lived = tuple(one.get(name) for one in outcomes)
            if name not in people and any(lived):
                alike.setdefault(lived, []).append(name)
        where = {"system": "", "booster": "Booster Server: "}[node.node]
        for lived, names in sorted(alike.items(), key=lambda one: -len(one[1])):
            listed = ", ".join(names)
            cells = tuple(
                Cell("nobody", "nobody answers", listed)
                if outcome is None
                else Cell(outcome.value, outcome.value, f"{outcome.value} by {listed}")
                for outcome in lived
            )
            who = listed if len(alike) > 1 else f"all {len(names)} environments"
            plans.append(Plan(f"{where}{who}", cells=cells))
    return plans
