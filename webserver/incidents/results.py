"""What came of a replay: values, and their JSON. Knows nothing of how it was played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509

from appliance.clock import Dates
from appliance.incidents import Incident
from appliance.incidents.form import Actor, Step
from appliance.trust import Outcome, Verdict
from store.certificate import Certificate, alternative_names, common_name, iso_time


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate that a node presented, as the box's calendar has it.

    label: what the incident calls it. certificate: leaf and chain with the box's dates.
    wire: what was seen on the wire, leaf first; the same but for projected dates.
    """

    label: str
    certificate: Certificate
    wire: tuple[x509.Certificate, ...]

    def as_json(self) -> dict[str, Any]:
        """With both fingerprints: of the certificate, and of what a client saw."""
        leaf = self.certificate
        seen = Certificate(self.wire[0])
        return {
            "label": self.label,
            "subject": leaf.leaf.subject.rfc4514_string(),
            "issuer": leaf.leaf.issuer.rfc4514_string(),
            "san": list(alternative_names(leaf.leaf.extensions)),
            "serial": format(leaf.serial, "X"),
            "not_before": iso_time(leaf.not_before),
            "not_after": iso_time(leaf.not_after),
            "fingerprint_sha256": leaf.fingerprint("sha256"),
            "on_the_wire": {
                "not_before": iso_time(seen.not_before),
                "not_after": iso_time(seen.not_after),
                "fingerprint_sha256": seen.fingerprint("sha256"),
                "chain": [common_name(part.subject) or "" for part in self.wire],
            },
        }


@dataclass(frozen=True, slots=True)
class NodeView:
    """What was seen of one node at a step.

    shown: None when nobody answered, for the reason in `trouble`; then `asked` has the
        environments that could not be asked.
    at: what a client's clock said then. verdicts: one for each environment that is asked.
    """

    node: str
    shown: Shown | None
    at: datetime
    verdicts: tuple[Verdict, ...] = ()
    trouble: str | None = None
    asked: tuple[str, ...] = ()

    def outcomes(self) -> dict[str, Outcome]:
        """What each environment does; when nobody answers, none of them accepts."""
        if self.shown is None:
            return dict.fromkeys(self.asked, Outcome.REFUSED)
        return {one.environment: one.outcome for one in self.verdicts}

    def as_json(self) -> dict[str, Any]:
        """`serves` is the label, null when nobody answered."""
        return {
            "serves": None if self.shown is None else self.shown.label,
            "certificate": None if self.shown is None else self.shown.as_json(),
            "trouble": self.trouble,
            "verdicts": [verdict.as_json() for verdict in self.verdicts],
        }


@dataclass(frozen=True, slots=True)
class ClientView:
    """A group of UC clients at a step.

    connected: how many of `count` work. words: what the first that does not shows its user.
    """

    name: str
    profile: str
    count: int
    connected: int
    state: str
    words: str | None = None
    warning: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Its fields."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """A real program that was run at a step.

    environment: whose verdict it is held against; None for somebody's own program.
    status: its exit status; None when it was ended after its time limit.
    output: what it wrote, cut to a bound. expected: the verdict; None when there is none.
    agrees: None when there is nothing to agree with.
    """

    name: str
    environment: str | None
    node: str
    command: str
    status: int | None
    output: str
    seconds: float
    alert: str | None = None
    expected: Outcome | None = None
    agrees: bool | None = None

    @property
    def accepted(self) -> bool:
        """Whether it ended well."""
        return self.status == 0

    def as_json(self) -> dict[str, Any]:
        """Its fields."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return values | {"seconds": round(self.seconds, 3), "accepted": self.accepted}


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation: what was expected, whether it is so, and what was seen instead."""

    text: str
    met: bool
    seen: str

    def as_json(self) -> dict[str, Any]:
        """Its fields."""
        return {"text": self.text, "met": self.met, "seen": self.seen}


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done in a step; `refused` says why it could not be."""

    actor: Actor
    text: str
    refused: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Its fields."""
        return {"actor": self.actor.value, "text": self.text, "refused": self.refused}


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step as it was.

    at: by the box's calendar when it was looked at.
    trusted: what everybody trusts by then, by name, with the box's dates.
    """

    step: Step
    at: datetime
    trusted: Mapping[str, Certificate]
    done: tuple[Done, ...]
    nodes: tuple[NodeView, ...]
    clients: tuple[ClientView, ...]
    programs: tuple[ProgramRun, ...]
    checks: tuple[Check, ...]

    @property
    def met(self) -> bool:
        """Whether all was done, every expectation is met and every known program agrees."""
        return (
            all(check.met for check in self.checks)
            and all(one.refused is None for one in self.done)
            and all(run.agrees is not False for run in self.programs)
        )

    def as_json(self) -> dict[str, Any]:
        """The step with all that was seen."""
        return {
            "number": self.step.number,
            "time": iso_time(self.at),
            "title": self.step.title,
            "met": self.met,
            "done": [one.as_json() for one in self.done],
            "nodes": {view.node: view.as_json() for view in self.nodes},
            "clients": [view.as_json() for view in self.clients],
            "programs": [run.as_json() for run in self.programs],
            "expectations": [check.as_json() for check in self.checks],
        }


@dataclass(slots=True)
class Replay:
    """A whole replay.

    seconds: real ones it took. pace: in words.
    """

    incident: Incident
    dates: Dates
    pace: str
    begun: datetime
    seconds: float = 0.0
    steps: list[StepResult] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether it was played to its end."""
        return len(self.steps) == len(self.incident.steps)

    @property
    def met(self) -> bool:
        """Whether every step went as expected."""
        return self.over and all(one.met for one in self.steps)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "incident": self.incident.name,
            "title": self.incident.title,
            "dates": self.dates.value,
            "pace": self.pace,
            "begun": iso_time(self.begun),
            "seconds": round(self.seconds, 3),
            "met": self.met,
            "steps": [one.as_json() for one in self.steps],
        }


def shown_certificates(steps: Sequence[StepResult]) -> list[Shown]:
    """Every certificate that was seen, once each, in the order in which they appeared."""
    found: dict[str, Shown] = {}
    for step in steps:
        for view in step.nodes:
            if view.shown is not None:
                found.setdefault(view.shown.certificate.fingerprint("sha256"), view.shown)
    return list(found.values())
