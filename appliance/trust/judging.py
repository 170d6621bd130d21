"""The judgement: each environment's paths, its rules over them, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from cryptography import x509

from appliance.trust.environment import Environment
from appliance.trust.environments import ENVIRONMENTS
from appliance.trust.material import Material, material
from appliance.trust.names import Host, parse_host
from appliance.trust.paths import Path
from appliance.trust.rules import Case
from appliance.trust.status import Status
from appliance.trust.verdicts import Anchor, Finding, Outcome, Standing, Verdict
from store.refusals import Refused

_SERIOUS = ("refuse", "warn")


def judge(
    presented: Sequence[x509.Certificate],
    *,
    host: str | None,
    anchors: Sequence[Anchor],
    at: datetime,
    environments: Iterable[str] | None = None,
    status: Status = Status(),  # noqa: B008
) -> list[Verdict]:
    """One verdict for each environment, in the order asked for.

    presented: as the server sends it, leaf first. host: the DNS name or IP address that the
    client uses; None leaves names out. at: the client's time (aware UTC).
    environments: ids; all when None. status: what is known of revocation.
    Refused: an empty chain, an unknown environment, a host that is none, a certificate that
    can't be read.
    """
    if not presented:
        raise Refused.because("no-certificate", "There is no certificate.", field="chain")
    wanted = checked_environments(environments)
    known = material(tuple(presented), tuple(anchors))
    name = None if host is None else parse_host(host)
    found: dict[str, Verdict] = {}
    for identity in wanted:
        _judge_one(ENVIRONMENTS[identity], known, name, at.astimezone(UTC), status, found)
    return [found[identity] for identity in wanted]


def checked_environments(wanted: Iterable[str] | None) -> list[str]:
    """Environment ids, each once; all when None. Refused: one that there is not."""
    if wanted is None:
        return list(ENVIRONMENTS)
    names = list(dict.fromkeys(wanted))
    for name in names:
        if name not in ENVIRONMENTS:
            raise Refused.because(
                "no-such-environment",
                f"There is no environment {name[:40]!r}.",
                field="environments",
                instead=f"There are {', '.join(ENVIRONMENTS)}.",
            )
    return names


def _judge_one(
    environment: Environment,
    known: Material,
    host: Host | None,
    at: datetime,
    status: Status,
    found: dict[str, Verdict],
) -> Verdict:
    if environment.id not in found:
        if environment.parts:
            parts = [
                _judge_one(ENVIRONMENTS[part], known, host, at, status, found)
                for part in environment.parts
            ]
            found[environment.id] = _combined(environment, parts)
        else:
            found[environment.id] = _verdict(environment, known, host, at, status)
    return found[environment.id]


def _combined(environment: Environment, parts: Sequence[Verdict]) -> Verdict:
    """The worst of the parts, with what all of them found."""
    order = (Outcome.ACCEPTED, Outcome.WARNED, Outcome.REFUSED)
    worst = max(parts, key=lambda one: order.index(one.outcome))
    return replace(
        worst,
        environment=environment.id,
        standing=environment.standing,
        findings=tuple(dict.fromkeys(finding for part in parts for finding in part.findings)),
    )


def _verdict(
    environment: Environment, known: Material, host: Host | None, at: datetime, status: Status
) -> Verdict:
    assert environment.builder is not None
    best: tuple[tuple[bool, int], Case, list[Finding]] | None = None
    for path in environment.builder.paths(known, at.timestamp()):
        case = Case(known.keep(path), known, host, at, status)
        findings = _findings(environment, case)
        wrong = sum(finding.severity in _SERIOUS for finding in findings)
        rank = (not path.anchored, wrong)
        if best is None or rank < best[0]:
            best = (rank, case, findings)
        if wrong == 0:
            break
    assert best is not None  # a builder has one path at least
    _, case, findings = best
    if environment.oracle is not None:
        findings = _settled(environment.oracle(known, host, at), environment, findings)
    spoken = [finding for step in environment.transport for finding in step.findings(case)]
    findings = [*spoken, *findings]
    return _concluded(environment, case, findings)


def _findings(environment: Environment, case: Case) -> list[Finding]:
    """What the rules find, each thing once."""
    found = [finding for step in environment.steps for finding in step.findings(case)]
    return list(dict.fromkeys(found))


def _settled(said: str | None, environment: Environment, findings: list[Finding]) -> list[Finding]:
    """`findings` beside the word of the client's own verifier, which counts."""
    if said is None:
        return [
            replace(one, severity="note") if one.severity in _SERIOUS else one for one in findings
        ]
    if any(one.severity == "refuse" for one in findings):
        return findings
    return [
        *findings,
        Finding(
            "verifier",
            "refuse",
            f"The client's own verifier says: {said}.",
            environment.about,
            "Have it issued again, by a CA that keeps to RFC 5280 and the Baseline Requirements.",
        ),
    ]


def _concluded(environment: Environment, case: Case, findings: list[Finding]) -> Verdict:
    path: Path = case.path
    outcome, first = Outcome.ACCEPTED, None
    for severity, worse in (("refuse", Outcome.REFUSED), ("warn", Outcome.WARNED)):
        first = next((one for one in findings if one.severity == severity), None)
        if first is not None:
            outcome = worse
            break
    message = None
    if first is not None and environment.words is not None:
        message = environment.words(first, case)
    return Verdict(
        environment.id,
        outcome,
        _standing(environment, findings),
        tuple(findings),
        message,
        tuple(one.certificate for one in path.certificates) if path.anchored else None,
    )


def _standing(environment: Environment, findings: list[Finding]) -> Standing:
    """That of the environment, or of what decides, where that is less sure."""
    decisive = [one.standing for one in findings if one.severity in _SERIOUS]
    if decisive and all(one is Standing.ASSUMED for one in decisive):
        return Standing.ASSUMED
    return environment.standing
