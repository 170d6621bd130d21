"""Faults as they are written on a command line: `[NODE/]NAME[:KEY=VALUE,…]`.

For example `expired`, or `booster/delay:stage=finished,seconds=2,connections=5`. Parameters
and limits stand side by side. Knows neither a running node nor what a fault does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from store.refusals import Refused

NODES = ("system", "booster")
LIMITS = ("connections", "probability", "seed", "endpoint")


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """One fault to set.

    given: parameters and limits, as they were written.
    """

    node: str
    name: str
    given: dict[str, str]


def read_specs(texts: Iterable[str], *, node: str = NODES[0]) -> list[FaultSpec]:
    """What `texts` say, looked over as far as can be done without a node.

    node: whose they are, where they don't say so.
    Refused: an unknown node or fault, a parameter that will not do.
    """
    specs = [_read(text, node) for text in texts]
    if specs:
        from appliance.faults import parse_fault  # no start without faults needs it

        for spec in specs:
            parameters = {key: spec.given[key] for key in spec.given if key not in LIMITS}
            parse_fault(spec.name, parameters)
    return specs


def _read(text: str, node: str) -> FaultSpec:
    head, _, rest = text.partition(":")
    before, slash, after = head.partition("/")
    node, name = (before, after) if slash else (node, head)
    if node not in NODES:
        raise Refused.because(
            "no-such-node",
            f"There is no node {node[:40]!r}.",
            field="fault",
            instead=f"Nodes are {' and '.join(NODES)}.",
        )
    example = "expired:days=3,connections=5"
    return FaultSpec(node, name, read_pairs(rest.split(",") if rest else [], example=example))


def read_pairs(pairs: Iterable[str], *, example: str) -> dict[str, str]:
    """`KEY=VALUE`, one or more; refused when one is not of that form, or is there twice.

    example: what is written where, with such pairs.
    """
    given: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        key = key.strip().replace("-", "_")
        if not equals or not key or key in given:
            why = "is there twice" if key in given else "is no KEY=VALUE"
            raise Refused.because(
                "fault-parameter",
                f"{pair[:60]!r} {why}.",
                field="fault",
                instead=f"Write, for example, {example}.",
            )
        given[key] = value.strip()
    return given
