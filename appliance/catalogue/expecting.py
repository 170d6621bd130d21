"""What each environment is expected to do in a case: as measured, else as judged.

Pure. A measured outcome goes before the engine's: it is what a client really did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from appliance.catalogue.building import Built
from appliance.catalogue.measured import measured
from appliance.trust import ENVIRONMENTS, Anchor, Outcome, Standing, judge


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one environment does in a case.

    reasons: the rules for which it refuses or warns, as judged, each by its id and source;
        empty when it accepts.
    """

    outcome: Outcome
    standing: Standing
    reasons: tuple[tuple[str, str], ...] = ()


def expected(built: Built, environments: Iterable[str] | None = None) -> dict[str, Expectation]:
    """What the `environments` (all that are known) do when they trust the case's anchors.

    Milliseconds of work for all of them: call off the event loop.
    """
    outcomes = measured().outcomes.get(built.case.name, {})
    verdicts = judge(
        built.presented(),
        host=built.host,
        anchors=[Anchor(one) for one in built.trusted()],
        at=built.at,
        environments=ENVIRONMENTS if environments is None else environments,
    )
    found: dict[str, Expectation] = {}
    for verdict in verdicts:
        seen = outcomes.get(verdict.environment)
        outcome = verdict.outcome if seen is None else Outcome(seen)
        reasons = [(one.rule, one.source) for one in verdict.findings if one.severity != "note"]
        # An engine that judges only what was measured would be a copy; else it says so itself.
        standing = Standing.MEASURED if seen is not None else _unmeasured(verdict.standing)
        found[verdict.environment] = Expectation(
            outcome, standing, () if outcome is Outcome.ACCEPTED else tuple(dict.fromkeys(reasons))
        )
    return found


def _unmeasured(standing: Standing) -> Standing:
    return Standing.PUBLISHED if standing is Standing.MEASURED else standing


def unanimous(case: str) -> Outcome | None:
    """What all measured environments did in the case; None when they differ, or none was."""
    outcomes = set(measured().outcomes.get(case, {}).values())
    return Outcome(outcomes.pop()) if len(outcomes) == 1 else None
