"""What a rule is: parameters, a source, a date, and a question asked of a case.

A rule looks at one path and says what is wrong with it, in findings. Environments differ in
which rules they have, in their parameters and in their order, which is the order in which the
client asks. The rules themselves are in the modules `rules_…`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import ClassVar, Literal

from appliance.trust.facts import Facts
from appliance.trust.material import Material
from appliance.trust.names import Host
from appliance.trust.paths import Path
from appliance.trust.status import Status
from appliance.trust.verdicts import Finding, Origin, Severity, Standing

MAX_REMEMBERED = 10_000  # rules by paths, for one chain and its anchors
MAX_FINDINGS = 20  # of one rule about one path: hostile certificates have thousands of faults

Place = Literal["leaf", "issuer", "anchor"]
LEAF: tuple[Place, ...] = ("leaf",)
SENT: tuple[Place, ...] = ("leaf", "issuer")
ISSUERS: tuple[Place, ...] = ("issuer",)
ANCHORS: tuple[Place, ...] = ("anchor",)
AUTHORITIES: tuple[Place, ...] = ("issuer", "anchor")
ALL: tuple[Place, ...] = ("leaf", "issuer", "anchor")


@dataclass(frozen=True, slots=True)
class Case:
    """One path, and all that a client knows when it judges it.

    host: None when no name is checked. status: what is known of revocation.
    """

    path: Path
    material: Material
    host: Host | None
    at: datetime
    status: Status

    @property
    def leaf(self) -> Facts:
        """The server's own certificate."""
        return self.path.certificates[0]

    @property
    def origin(self) -> Origin | None:
        """Who made the path's anchor one; None without an anchor."""
        if not self.path.anchored:
            return None
        return self.material.origins.get(self.path.certificates[-1].fingerprint)

    def place(self, index: int) -> Place:
        """What the certificate with this number is in the path."""
        if index == 0:
            return "leaf"
        return "anchor" if index >= self.path.trusted else "issuer"

    def each(self, over: tuple[Place, ...]) -> Iterator[tuple[int, Facts]]:
        """The certificates in these places with their numbers, the leaf first."""
        for index, facts in enumerate(self.path.certificates):
            if self.place(index) in over:
                yield index, facts

    def found_by(self, rule: Rule) -> tuple[Finding, ...]:
        """What `rule` finds; remembered for the path when nothing else can change it."""
        if rule.varies:
            return tuple(islice(rule.check(self), MAX_FINDINGS))
        found = self.material.found
        key = (id(rule), id(self.path))
        if key not in found:
            if len(found) >= MAX_REMEMBERED:
                found.clear()
            found[key] = tuple(islice(rule.check(self), MAX_FINDINGS))
        return found[key]

    def called(self, index: int) -> str:
        """The certificate with this number, at the beginning of a sentence."""
        title = self.path.certificates[index].title
        match self.place(index):
            case "leaf":
                return "The certificate"
            case "issuer":
                return f"The intermediate “{title}”"
            case _:
                return f"The trusted certificate “{title}”"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as one environment has it.

    source: where it is written, or how it was measured. since: the day from which the client
    has it, or from which certificates must keep it; None when it was always so, or the day is
    not known. standing: None for that of the environment. over: the certificates it is about.
    lone: whether it is asked, too, when the leaf itself is what is trusted.
    varies: whether what it finds depends on more than the path: on time, name or status.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    varies: ClassVar[bool] = False

    source: str
    since: date | None = None
    standing: Standing | None = None
    over: tuple[Place, ...] = LEAF
    lone: bool = True
    severity: Severity = "refuse"

    @abstractmethod
    def check(self, case: Case) -> Iterator[Finding]:
        """What is wrong with `case`."""

    def finding(
        self,
        index: int | None,
        detail: str,
        cure: str | None,
        *,
        variant: str = "",
        seen: str | None = None,
        wanted: str | None = None,
    ) -> Finding:
        """A finding of this rule about the certificate with this number in the path."""
        return Finding(
            rule=self.id,
            severity=self.severity,
            detail=detail,
            source=self.source,
            cure=cure,
            seen=seen,
            wanted=wanted,
            certificate=index,
            variant=variant,
            standing=self.standing,
        )
