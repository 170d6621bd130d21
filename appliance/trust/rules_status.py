"""Rules about standing: who made the anchor one, policies, revocation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from appliance.trust.extensions import TLS_FEATURE
from appliance.trust.facts import Facts
from appliance.trust.policies import lacks_policy
from appliance.trust.rules import AUTHORITIES, LEAF, SENT, Case, Place, Rule
from appliance.trust.status import Evidence, Status
from appliance.trust.verdicts import Finding, Origin
from store.certificate import iso_time

STATUS_REQUEST = 5  # the number of the TLS extension that asks for a stapled answer


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorOrigin(Rule):
    """The anchor was made one by somebody whom the client heeds."""

    id = "anchor-origin"
    title = "The anchor was added by somebody whom the client heeds"

    origins: frozenset[Origin]

    def check(self, case: Case) -> Iterator[Finding]:
        origin = case.origin
        if origin is not None and origin not in self.origins:
            yield self.finding(
                len(case.path.certificates) - 1,
                f"The anchor was added by the {origin.value}; apps on this system do not heed it "
                "unless they say so.",
                "Use a certificate of a public CA, or an app that trusts the user's CAs.",
                seen=origin.value,
                wanted=" or ".join(sorted(one.value for one in self.origins)),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies(Rule):
    """There is a valid certificate policy where an authority asks for one.

    anchor_too: whether what the anchor says counts.
    """

    id = "policy"
    title = "There is a valid policy where a CA asks for one"

    anchor_too: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        path = case.path
        if path.lone or not path.anchored:
            return
        index = lacks_policy(path.certificates[: path.trusted + 1], anchor_too=self.anchor_too)
        if index is not None:
            yield self.finding(
                index,
                f"{case.called(index)} has no certificate policy, and a CA above it asks for one.",
                "Have it issued with the CA's policy in it.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MustStaple(Rule):
    """A certificate that asks for a stapled OCSP answer comes with one (RFC 7633)."""

    id = "must-staple"
    title = "A certificate that asks for a stapled OCSP answer comes with one"
    varies = True

    over: tuple[Place, ...] = LEAF

    def check(self, case: Case) -> Iterator[Finding]:
        wanted = case.leaf.values.get(TLS_FEATURE)
        if isinstance(wanted, tuple) and STATUS_REQUEST in wanted and case.status.stapled is None:
            yield self.finding(
                0,
                "The certificate asks for a stapled OCSP answer (must-staple), and the server "
                "sends none.",
                "Have it issued without the TLS feature extension, or have the server staple.",
                wanted="a stapled OCSP answer",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Features(Rule):
    """The leaf asks for the TLS features that its issuers ask for (RFC 7633 4.2.2).

    known: the features that the client can see to; it refuses a leaf that asks for others.
    None when it does not mind.
    """

    id = "tls-feature"
    title = "The TLS features that are asked for can be had"

    known: frozenset[int] | None = None

    def check(self, case: Case) -> Iterator[Finding]:
        asked = _features(case.leaf)
        unknown = sorted(asked - self.known) if self.known is not None else []
        if unknown:
            yield self.finding(
                0,
                f"The certificate asks for a TLS feature ({unknown[0]}) that this client can't see "
                "to.",
                "Have it issued without the TLS feature extension.",
                variant="unknown",
                seen=str(unknown[0]),
            )
        for index, facts in case.each(AUTHORITIES):
            lacking = sorted(_features(facts) - asked)
            if lacking:
                yield self.finding(
                    index,
                    f"{case.called(index)} asks for a TLS feature ({lacking[0]}) that the "
                    "certificate does not ask for.",
                    "Have it issued with that TLS feature, or by a CA that asks for none.",
                    variant="lacking",
                    wanted=str(lacking[0]),
                )


def _features(facts: Facts) -> frozenset[int]:
    found = facts.values.get(TLS_FEATURE)
    return frozenset(found) if isinstance(found, tuple) else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked(Rule):
    """No certificate is known to be revoked.

    heeds: the evidence that the client looks at by itself; of the rest it is only noted.
    stale: whether a stapled answer that has ended is as bad as a revocation.
    """

    id = "revoked"
    title = "No certificate is known to be revoked"
    varies = True

    over: tuple[Place, ...] = SENT
    heeds: frozenset[Evidence] = frozenset()
    stale: bool = False

    def check(self, case: Case) -> Iterator[Finding]:
        status, certificates = case.status, case.path.certificates
        if status == Status():
            return
        for index, facts in case.each(self.over):
            if index + 1 >= len(certificates):
                continue
            issuer = certificates[index + 1]
            for evidence, when in status.revocations(facts, issuer, case.at):
                yield self._revoked(case, index, evidence, when)
            staple = status.staple(facts, issuer, case.at) if index == 0 else None
            if staple is not None and staple.stale and self.stale:
                yield self.finding(
                    index,
                    "The OCSP answer that the server staples has ended, or has not begun.",
                    "Have the server fetch a new answer, or staple none.",
                    variant="stale",
                )

    def _revoked(self, case: Case, index: int, evidence: Evidence, when: datetime) -> Finding:
        heeded = evidence in self.heeds
        how = {"list": "a revocation list", "answer": "OCSP", "staple": "the stapled answer"}
        habit = "" if heeded else " This client does not look there by itself."
        found = self.finding(
            index,
            f"{case.called(index)} was revoked at {iso_time(when)}, by {how[evidence]}.{habit}",
            "Activate another certificate.",
            variant=evidence,
            seen=iso_time(when),
        )
        return found if heeded else replace(found, severity="note")
