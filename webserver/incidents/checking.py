"""Holding what was seen against what was expected. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from appliance.incidents.form import ALL, NOTHING, OTHERS, Expectation, Names, NodeExpectation
from appliance.trust import Outcome
from webserver.incidents.results import Check, ClientView, NodeView

NODE_NAMES = {"system": "The box", "booster": "The Booster Server"}
_OUTCOMES = (Outcome.REFUSED, Outcome.WARNED, Outcome.ACCEPTED)
_VERBS = {Outcome.REFUSED: "refuse", Outcome.WARNED: "warn", Outcome.ACCEPTED: "accept"}


def checks(
    expect: Expectation, nodes: Iterable[NodeView], clients: Sequence[ClientView]
) -> list[Check]:
    """One check for each expectation, in the order in which people read them."""
    views = {view.node: view for view in nodes}
    found: list[Check] = []
    for node in expect.nodes:
        found += _node_checks(node, views[node.node])
    cut_off = {view.name for view in clients if view.connected == 0}
    connected = {view.name for view in clients if view.connected == view.count}
    sides = ((expect.cut_off, cut_off, "cut off"), (expect.connected, connected, "connected"))
    for position, (wanted, being, words) in enumerate(sides):
        if wanted is None:
            continue
        other = sides[1 - position][0]
        names = _meant(wanted, [other], {view.name for view in clients})
        wrong = sorted(names - being)
        seen = ", ".join(f"{view.name}: {_state(view)}" for view in clients if view.name in wrong)
        found.append(Check(_said(wanted, names, f"{words}"), not wrong, seen or "as expected"))
    return found


def _state(view: ClientView) -> str:
    some = f", {view.connected} of {view.count} connected" if view.count > 1 else ""
    return f"{view.state}{some}"


def _node_checks(expected: NodeExpectation, view: NodeView) -> list[Check]:
    found: list[Check] = []
    name = NODE_NAMES[expected.node]
    if expected.serves is not None:
        served = NOTHING if view.shown is None else view.shown.label
        seen = view.trouble or served
        found.append(Check(f"{name} serves {expected.serves}.", served == expected.serves, seen))
    wanted = {
        Outcome.REFUSED: expected.refused,
        Outcome.WARNED: expected.warned,
        Outcome.ACCEPTED: expected.accepted,
    }
    outcomes = view.outcomes()
    for outcome in _OUTCOMES:
        names = wanted[outcome]
        if names is None:
            continue
        others = [value for key, value in wanted.items() if key is not outcome]
        meant = _meant(names, others, set(outcomes))
        wrong = [one for one in sorted(meant) if outcomes.get(one) is not outcome]
        seen = ", ".join(
            f"{one}: {outcomes[one].value if one in outcomes else 'not asked'}" for one in wrong
        )
        found.append(
            Check(
                _said(names, meant, _VERBS[outcome], node=f"t{name[1:]}"),
                not wrong,
                seen or view.trouble or "as expected",
            )
        )
    return found


def _meant(names: Names, others: Iterable[Names | None], all_names: set[str]) -> set[str]:
    if names == ALL:
        return all_names
    if names == OTHERS:
        named = (other for other in others if isinstance(other, frozenset))
        return all_names - {one for other in named for one in other}
    return set(names)


def _said(names: Names, meant: set[str], what: str, *, node: str = "") -> str:
    if names == ALL:
        who = "All"
    elif names == OTHERS:
        who = "All others"
    else:
        who = ", ".join(sorted(meant))
    if not node:
        return f"{who}: {what}."
    verb = what if names in (ALL, OTHERS) or len(meant) != 1 else f"{what}s"
    return f"{who} {verb} {node}."
