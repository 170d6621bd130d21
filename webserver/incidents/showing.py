"""An incident in words, before it is played."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from appliance.incidents import Incident
from appliance.incidents.actions import described
from appliance.incidents.form import ALL, OTHERS, Expectation, Names, NodeExpectation
from store.certificate import iso_time

WIDTH = 96


def incident_lines(incident: Incident) -> Iterator[str]:
    """The story: what it is about, how it begins, what happens, what would have prevented it."""
    yield incident.title
    yield ""
    for paragraph in (incident.summary, *incident.background):
        yield from textwrap.wrap(paragraph, WIDTH)
        yield ""
    start = incident.start
    booster = "" if start.booster_ip is None else f", Booster Server at {start.booster_ip}"
    yield f"It begins on {iso_time(start.clock)}: {start.firmware} at {start.lan_ip}{booster}."
    if start.trusted:
        yield f"Clients trust {', '.join(start.trusted)}."
    for client in incident.clients:
        yield f"{client.name}: {client.count} x {client.profile}"
    for step in incident.steps:
        yield ""
        yield f"{step.number:3}  {iso_time(step.at)}  {step.title}"
        yield from (f"     {line}" for line in textwrap.wrap(step.text, WIDTH - 5))
        for action in step.actions:
            yield f"     > {described(action)}"
        for line in expectation_lines(step.expect):
            yield f"     = {line}"
    if incident.prevention:
        yield ""
        yield "What would have prevented it:"
        for one in incident.prevention:
            yield from textwrap.wrap(one, WIDTH, initial_indent="  - ", subsequent_indent="    ")


def expectation_lines(expect: Expectation) -> Iterator[str]:
    """What is expected at a step."""
    for node in expect.nodes:
        name = {"system": "the box", "booster": "the Booster Server"}[node.node]
        if node.serves is not None:
            yield f"{name} serves {node.serves}"
        for what in ("refused", "warned", "accepted"):
            names = getattr(node, what)
            if names is not None:
                yield f"{what} by {_listed(names)}"
    for words, wanted in (("cut off", expect.cut_off), ("connected", expect.connected)):
        if wanted is not None:
            yield f"{words}: {_listed(wanted)}"


def _listed(names: Names) -> str:
    if isinstance(names, str):
        return {ALL: "all", OTHERS: "all others"}[names]
    return ", ".join(sorted(names))


def incident_json(incident: Incident) -> dict[str, Any]:
    """The story as values."""
    start = incident.start
    return {
        "name": incident.name,
        "title": incident.title,
        "summary": incident.summary,
        "background": list(incident.background),
        "prevention": list(incident.prevention),
        "sources": list(incident.sources),
        "start": {
            "clock": iso_time(start.clock),
            "installed": iso_time(start.installed),
            "firmware": start.firmware,
            "lan_ip": start.lan_ip,
            "booster_ip": start.booster_ip,
            "trusted": list(start.trusted),
        },
        "clients": [
            {"name": one.name, "profile": one.profile, "count": one.count}
            for one in incident.clients
        ],
        "steps": [
            {
                "number": step.number,
                "time": iso_time(step.at),
                "title": step.title,
                "text": step.text,
                "actions": [described(action) for action in step.actions],
                "expectations": [
                    *(_node_json(node) for node in step.expect.nodes),
                    *(
                        {"clients": words, "names": _names_json(wanted)}
                        for words, wanted in (
                            ("cut_off", step.expect.cut_off),
                            ("connected", step.expect.connected),
                        )
                        if wanted is not None
                    ),
                ],
            }
            for step in incident.steps
        ],
    }


def _node_json(node: NodeExpectation) -> dict[str, Any]:
    return {
        "node": node.node,
        "serves": node.serves,
        **{what: _names_json(getattr(node, what)) for what in ("refused", "warned", "accepted")},
    }


def _names_json(names: Names | None) -> list[str] | str | None:
    return sorted(names) if isinstance(names, frozenset) else names
