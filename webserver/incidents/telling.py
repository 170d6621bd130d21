"""A replay in words, line by line, as it goes on. Knows no terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from appliance.incidents.form import Client, Step
from appliance.trust import Outcome
from store.certificate import iso_time
from webserver.incidents.checking import NODE_NAMES
from webserver.incidents.playing import Watcher
from webserver.incidents.results import ClientView, Done, NodeView, ProgramRun, Replay, StepResult
from webserver.incidents.world import World

MANY = 6  # names are counted, not listed, from here on

# What a line is about: a terminal may show it by a colour, and words always say it as well.
Kind = str
Say = Callable[[str, Kind], None]


class Teller(Watcher):
    """Says what happens with `say(line, kind)`; kinds are plain, time, good, bad and soft."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def begun(self, replay: Replay, world: World) -> None:
        """What is played, and where."""
        self._say(replay.incident.title, "title")
        where = f"box at {world.lan_ip}"
        if world.simulator.booster is not None:
            where += f", Booster Server at {world.simulator.booster.model.ip}"
        self._say(f"{replay.dates.value} dates, {replay.pace}; {where}", "soft")

    def step(self, step: Step) -> None:
        """When it is, and what it is called."""
        self._say("", "plain")
        self._say(f"{iso_time(step.at)}  {step.title}", "time")

    def done(self, done: Done) -> None:
        """What was done."""
        self._say(f"  > {done.text}", "plain")
        if done.refused is not None:
            self._say(f"    refused: {done.refused}", "bad")

    def looked(self, result: StepResult) -> None:
        """What was seen, and whether that was expected."""
        for line, kind in step_lines(result):
            self._say(f"  {line}", kind)

    def client(self, client: Client, happening: dict[str, Any]) -> None:
        """Clients are told of when everybody has settled."""

    def passing(self, now: datetime, until: Step) -> None:
        """Lines are for what happens."""


def step_lines(result: StepResult) -> Iterator[tuple[str, Kind]]:
    """What was seen at a step."""
    for node in result.nodes:
        yield from _node_lines(node)
    for client in result.clients:
        yield _client_line(client)
    for run in result.programs:
        yield _program_line(run)
    for check in result.checks:
        if check.met:
            yield f"ok   {check.text}", "good"
        else:
            yield f"NO   {check.text} Seen: {check.seen}", "bad"


def _node_lines(view: NodeView) -> Iterator[tuple[str, Kind]]:
    name = NODE_NAMES[view.node]
    if view.shown is None:
        yield f"{name}: {view.trouble}", "bad"
        return
    end = iso_time(view.shown.certificate.not_after)
    yield f"{name} serves {view.shown.label}, valid until {end}", "plain"
    if view.verdicts:
        yield f"  {outcome_words(view)}", "soft"


def outcome_words(view: NodeView) -> str:
    """Who accepts and who does not: `accepted by all 29`, `refused by curl and wget …`."""
    outcomes = view.outcomes()
    parts = []
    for outcome in (Outcome.ACCEPTED, Outcome.WARNED, Outcome.REFUSED):
        names = [name for name, one in outcomes.items() if one is outcome]
        if not names:
            continue
        if len(names) == len(outcomes):
            return f"{_said(outcome)} all {len(names)} environments"
        listed = ", ".join(names) if len(names) < MANY else str(len(names))
        parts.append(f"{_said(outcome)} {listed}")
    return "; ".join(parts)


def _said(outcome: Outcome) -> str:
    return "users warned by" if outcome is Outcome.WARNED else f"{outcome.value} by"


def _client_line(view: ClientView) -> tuple[str, Kind]:
    some = f" ({view.connected} of {view.count})" if view.count > 1 else ""
    if view.connected == view.count:
        extra = f"; {view.warning}" if view.warning else ""
        return f"{view.name}: connected{some}{extra}", "plain"
    return f"{view.name}: {view.state}{some}: {view.words}", "soft"


def _program_line(run: ProgramRun) -> tuple[str, Kind]:
    what = "accepted" if run.accepted else "refused"
    if run.environment is None:
        what = "no answer in time" if run.status is None else f"exit status {run.status}"
    where = "" if run.node == "system" else " at the Booster Server"
    line = f"{run.name}{where}: {what}"
    if run.agrees is False:
        return f"{line}; predicted: {run.expected}. {telling_line(run.output)}", "bad"
    return f"{line}{'' if run.accepted else ': ' + telling_line(run.output)}", "soft"


_COMPLAINT = re.compile(
    r"problem|error|fail|expired|not yet|NOT|mismatch|does not match|unknown|self-signed"
    r"|CERT_|ERR_|No subject"
)


def telling_line(text: str) -> str:
    """The line of a program's output that says most: its first complaint, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    complaints = [line for line in lines if _COMPLAINT.search(line)]
    return (complaints[0] if complaints else lines[-1] if lines else "(no output)")[:120]


def verdict_of(replay: Replay) -> tuple[str, Kind]:
    """How it ended, in a line."""
    checks = [check for step in replay.steps for check in step.checks]
    met = sum(check.met for check in checks)
    agreed = [run for step in replay.steps for run in step.programs if run.agrees is not None]
    told = f"{met} of {len(checks)} expectations met"
    if not replay.over:
        told = f"ended after step {len(replay.steps)} of {len(replay.incident.steps)}; {told}"
    if agreed:
        as_predicted = sum(run.agrees is True for run in agreed)
        told += f"; {as_predicted} of {len(agreed)} program runs as predicted"
    refused = sum(one.refused is not None for step in replay.steps for one in step.done)
    if refused:
        told += f"; {refused} of the actions refused by the box"
    return f"{told}; {replay.seconds:.1f} s.", "good" if replay.met else "bad"
