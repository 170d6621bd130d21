"""What an environment is: a way to build paths, rules in an order, and words.

The environments themselves are tables, in the modules `clients_…` and in `environments`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from appliance.trust.material import Material
from appliance.trust.names import Host
from appliance.trust.paths import Builder
from appliance.trust.rules import Case, Rule
from appliance.trust.verdicts import Finding, Standing

# A client's own verifier, called for its verdict: what it minds, or None when it accepts.
Oracle = Callable[[Material, Host | None, datetime], str | None]
# A client's words for the first thing that it minds.
Words = Callable[[Finding, Case], str | None]
_RULES: dict[Rule, Rule] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """Rules that a client asks together.

    order: how it meets what they find: rule by rule (`listed`), or certificate by certificate
        from the leaf (`up`) or from the anchor (`down`).
    """

    rules: tuple[Rule, ...]
    order: str = "listed"

    def __post_init__(self) -> None:
        """Equal rules become one, so that what one client's has found serves the next."""
        rules = tuple(_RULES.setdefault(rule, rule) for rule in self.rules)
        object.__setattr__(self, "rules", rules)

    def findings(self, case: Case) -> Iterator[Finding]:
        """What the rules find, in the order the client meets it."""
        lone = case.path.lone
        found = [
            finding
            for rule in self.rules
            if rule.lone or not lone
            for finding in case.found_by(rule)
        ]
        if self.order != "listed" and len(found) > 1:
            found.sort(key=_height, reverse=self.order == "down")
        yield from found


def _height(finding: Finding) -> int:
    return -1 if finding.certificate is None else finding.certificate


@dataclass(frozen=True, slots=True)
class Environment:
    """One kind of client.

    id: as in the contract. title: for people. about: which version and what of it is meant.
    standing: how sure its verdicts are, unless a rule says otherwise.
    steps: its rules, in the order in which it asks them.
    oracle: where the client's verifier is at hand, its word counts, and the rules explain.
    transport: rules of the TLS it speaks, which its verifier knows nothing of.
    parts: other environments that a client of this kind stands on; each has to accept.
    overridable: whether a person in front of it can go on nevertheless.
    """

    id: str
    title: str
    about: str
    standing: Standing
    builder: Builder | None = None
    steps: tuple[Step, ...] = ()
    words: Words | None = None
    oracle: Oracle | None = None
    transport: tuple[Step, ...] = ()
    parts: tuple[str, ...] = ()
    overridable: bool = False

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All its rules, in order."""
        return tuple(rule for step in (*self.transport, *self.steps) for rule in step.rules)
