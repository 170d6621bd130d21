"""Certificate policies (RFC 5280 6.1): whether a path has a valid one where one is asked for.

Of the valid policy tree only its lowest level is kept: whether anything is left of it is all
that is asked here. Clients start with any policy, and ask for none by themselves; a CA can.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from appliance.trust.extensions import (
    ANY_POLICY,
    CERTIFICATE_POLICIES,
    INHIBIT_ANY_POLICY,
    POLICY_CONSTRAINTS,
    POLICY_MAPPINGS,
    PolicyLimits,
)
from appliance.trust.facts import Facts

_Level = dict[str, set[str]]  # a valid policy, and the policies expected below it


def lacks_policy(path: Sequence[Facts], *, anchor_too: bool) -> int | None:
    """The number in `path` (0 is the leaf) of the certificate at which no valid policy is left
    although one is asked for; None when the path is right.

    anchor_too: whether what the anchor says of policies counts, as if it had been sent.
    """
    walked = list(reversed(path if anchor_too else path[:-1]))
    rest = len(walked)
    explicit = mapping = inhibit = rest + 1
    level: _Level = {ANY_POLICY: {ANY_POLICY}}
    for number, facts in enumerate(walked, start=1):
        index = rest - number
        last = index == 0
        anchor = anchor_too and number == 1
        if CERTIFICATE_POLICIES in facts.values or not anchor:
            any_too = inhibit > 0 or (facts.self_issued and not last)
            level = _below(level, facts, any_too=any_too)
        if explicit == 0 and not level:
            return index
        if not last:
            if not _mapped(level, facts, allowed=mapping > 0):
                return index
            if not facts.self_issued:
                explicit, mapping, inhibit = (
                    max(0, one - 1) for one in (explicit, mapping, inhibit)
                )
        limits = cast("PolicyLimits | None", facts.values.get(POLICY_CONSTRAINTS))
        if limits is not None and (not last or limits.explicit == 0):
            explicit = explicit if limits.explicit is None else min(explicit, limits.explicit)
            mapping = mapping if limits.mapping is None else min(mapping, limits.mapping)
        skipped = facts.values.get(INHIBIT_ANY_POLICY)
        if isinstance(skipped, int):
            inhibit = min(inhibit, skipped)
        if last and explicit <= 1 and not level:  # 6.1.5 (a): it is counted down once more
            return index
    return None


def _below(level: _Level, facts: Facts, *, any_too: bool) -> _Level:
    """RFC 5280 6.1.3 (d) and (e): the level for `facts` under `level`."""
    policies = cast("tuple[str, ...] | None", facts.values.get(CERTIFICATE_POLICIES))
    if policies is None:
        return {}
    expected = {policy for wanted in level.values() for policy in wanted}
    found: _Level = {
        policy: {policy}
        for policy in policies
        if policy != ANY_POLICY and (policy in expected or ANY_POLICY in level)
    }
    if ANY_POLICY in policies and any_too:
        for policy in expected:
            found.setdefault(policy, {policy})
    return found


def _mapped(level: _Level, facts: Facts, *, allowed: bool) -> bool:
    """RFC 5280 6.1.4 (a) and (b): the mappings of `facts` worked into `level`; False when one
    of them is forbidden."""
    pairs = cast("tuple[tuple[str, str], ...]", facts.values.get(POLICY_MAPPINGS, ()))
    if any(ANY_POLICY in pair for pair in pairs):
        return False
    wanted: dict[str, set[str]] = {}
    for issuer, subject in pairs:
        wanted.setdefault(issuer, set()).add(subject)
    for issuer, subjects in wanted.items():
        if not allowed:
            level.pop(issuer, None)
        elif issuer in level or ANY_POLICY in level:
            level[issuer] = subjects
    return True
