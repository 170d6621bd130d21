"""Rules about time: whether certificates are valid now, and whether for too long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from appliance.trust.facts import Facts
from appliance.trust.rules import ALL, Case, Place, Rule
from appliance.trust.verdicts import Finding, Origin
from store.certificate import iso_time

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity(Rule):
    """Certificates are valid at the client's time.

    last_second: whether the last second (notAfter) is still part of the validity, as RFC 5280
    has it. first_second: whether the first one is. fractions: whether the client's clock has more
    than whole seconds, so that the last one ends as it begins. ordered: whether a validity that
    ends before it begins is minded as such.
    """

    id = "validity"
    title = "Certificates are valid at the client's time"
    varies = True

    over: tuple[Place, ...] = ALL
    last_second: bool = True
    first_second: bool = True
    fractions: bool = False
    ordered: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        at = case.at if self.fractions else case.at.replace(microsecond=0)
        for index, facts in case.each(self.over):
            if self.ordered and facts.not_before > facts.not_after:
                yield self.finding(
                    index,
                    f"{case.called(index)} ends before it begins.",
                    "Have it issued again.",
                    variant="inverted",
                    seen=f"{iso_time(facts.not_before)} to {iso_time(facts.not_after)}",
                )
            elif at < facts.not_before or (at == facts.not_before and not self.first_second):
                yield self._early(case, index, facts, at)
            elif at > facts.not_after or (at == facts.not_after and not self.last_second):
                yield self._late(case, index, facts, at)

    def _early(self, case: Case, index: int, facts: Facts, at: datetime) -> Finding:
        begin = iso_time(facts.not_before)
        finding = self.finding(
            index,
            f"{case.called(index)} is not valid before {begin}; for the client it is "
            f"{iso_time(at)}.",
            "Wait, or have it issued with an earlier start; look at the client's clock.",
            variant="not-yet-valid",
            seen=begin,
            wanted=f"at or before {iso_time(at)}",
        )
        return _renamed(finding, "not-yet-valid")

    def _late(self, case: Case, index: int, facts: Facts, at: datetime) -> Finding:
        end = iso_time(facts.not_after)
        detail = f"{case.called(index)} expired at {end}; for the client it is {iso_time(at)}."
        if at == facts.not_after:
            detail = f"{case.called(index)} expires at {end}, and this client takes it for expired "
            detail += "from that very second."
        cure = {
            "leaf": "Activate a certificate that is still valid.",
            "issuer": "Have the server send the CA's present intermediate.",
            "anchor": "Make the CA's present root known to the client.",
        }[case.place(index)]
        finding = self.finding(
            index, detail, cure, variant="expired", seen=end, wanted=f"after {iso_time(at)}"
        )
        return _renamed(finding, "expired")


def _renamed(finding: Finding, rule: str) -> Finding:
    """Early and late are two things to whoever reads findings, though one rule finds both."""
    return replace(finding, rule=rule, variant="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime(Rule):
    """Certificates are not valid for longer than the client takes.

    days: the longest validity. issued_from: the first notBefore that it is asked of; None for
    all. origins: the kinds of anchors under which it is asked.
    """

    id = "lifetime"
    title = "Certificates are not valid for too long"

    days: int
    issued_from: date | None = None
    origins: frozenset[Origin] = frozenset(Origin)

    def check(self, case: Case) -> Iterator[Finding]:
        if len(self.origins) < len(Origin) and case.origin not in self.origins:
            return
        for index, facts in case.each(self.over):
            if self.issued_from is not None and facts.not_before.date() < self.issued_from:
                continue
            life = facts.not_after - facts.not_before + _SECOND  # both ends belong to it
            if life > timedelta(days=self.days):
                days = -(-life // timedelta(days=1))
                issued = "" if self.issued_from is None else f", issued from {self.issued_from} on,"
                yield self.finding(
                    index,
                    f"{case.called(index)}{issued} is valid for {days} days; this client takes "
                    f"{self.days} at most.",
                    f"Have one issued that is valid for {self.days} days or less.",
                    seen=f"{days} days",
                    wanted=f"{self.days} days or less",
                )
