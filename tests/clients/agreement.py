"""Where the trust engine and the measured clients differ: `python -m tests.clients.agreement`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.catalogue import CASES, Case, Keyring, build
from appliance.catalogue.measured import measured
from appliance.trust import ENVIRONMENTS, Anchor, Status, Verdict, judge

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell. judged: what the engine says, with its findings."""

    case: str
    environment: str
    measured: str
    judged: str

    def __str__(self) -> str:
        return f"{self.environment} {self.measured}, judged: {self.judged}"


def verdicts(case: Case, keys: Keyring) -> list[Verdict]:
    """What the engine says of `case`, for each environment that was measured in it."""
    built = build(case, at=NOW, keys=keys, address="127.0.40.1")
    return judge(
        built.presented(),
        host=built.host,
        anchors=[Anchor(one) for one in built.trusted()],
        at=built.at,
        environments=[name for name in measured().outcomes[case.name] if name in ENVIRONMENTS],
        status=Status(answers=(built.ocsp,) if built.ocsp else (), stapled=built.staple or None),
    )


def differences(case: Case, keys: Keyring) -> Iterator[Difference]:
    """The cells of `case` in which the engine does not say what was measured."""
    outcomes = measured().outcomes[case.name]
    for verdict in verdicts(case, keys):
        wanted = outcomes[verdict.environment]
        # Where the user may go on after a warning, the client did not go on by itself.
        judged = "accepted" if verdict.outcome.value == "accepted" else "refused"
        if judged != wanted:
            found = [one.rule for one in verdict.findings if one.severity != "note"]
            yield Difference(
                case.name,
                verdict.environment,
                wanted,
                f"{verdict.outcome.value} {', '.join(found)}".strip(),
            )


def tell(found: list[Difference]) -> int:
    """Print all of them, by case, and how many there are for each environment; 1 if any."""
    for case in dict.fromkeys(one.case for one in found):
        print(f"{case}: {CASES[case].title}")
        for one in found:
            if one.case == case:
                print(f"    {one}")
    print(dict(Counter(one.environment for one in found)))
    print(f"{len(found)} cells differ")
    return int(bool(found))


if __name__ == "__main__":
    KEYS = Keyring()
    sys.exit(tell([one for case in CASES.values() for one in differences(case, KEYS)]))
