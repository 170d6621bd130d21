"""Faults: what can go wrong with a node on purpose, each a small frozen dataclass.

`FAULTS` has them all by name. A fault turns a plan into another (`Fault.change`), and the
listener obeys the plan. `Settings` keeps those that are set on a node, with limits and
counts. Imported when the first fault is set: no start needs it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from appliance.faults import connection, handshake, presented
from appliance.faults.base import Fault, Group, Occasion, Ports
from appliance.faults.parameters import parameters_of
from appliance.faults.setting import (
    LIMITS,
    Limit,
    Setting,
    Settings,
    afflicted,
    parameters_json,
    read_limit,
)
from store.refusals import Refusal, Refused, refuse_all

FAULTS: Mapping[str, type[Fault]] = MappingProxyType(
    {fault.name: fault for fault in (*presented.ALL, *handshake.ALL, *connection.ALL)}
)


def fault_class(name: str) -> type[Fault]:
    """The fault called `name`; refused (`no-such-fault`) when there is none."""
    try:
        return FAULTS[name]
    except KeyError:
        close = difflib.get_close_matches(name[:40], FAULTS, n=3)
        raise Refused.because(
            "no-such-fault",
            f"There is no fault {name[:40]!r}.",
            field="fault",
            instead=f"Did you mean {' or '.join(close)}?" if close else "The list has their names.",
        ) from None


def parse_fault(name: str, parameters: Mapping[str, object]) -> Fault:
    """The fault called `name` with these parameters; the rest have their defaults.

    Values may be text, as from a command line. Refused, all reasons at once: an unknown
    fault, a parameter it does not have, a value out of bounds.
    """
    kind = fault_class(name)
    known = parameters_of(kind)
    wrong: list[Refusal] = []
    values: dict[str, Any] = {}
    for key, value in parameters.items():
        if key not in known:
            wrong.append(_unknown(name, key, tuple(known)))
            continue
        try:
            values[key] = known[key][0].read(key, value)
        except Refused as refused:
            wrong.extend(refused.refusals)
    refuse_all(wrong)
    return kind(**values)


def read_fault(
    name: str, given: Mapping[str, object], *, endpoints: dict[str, bool]
) -> tuple[Fault, Limit]:
    """The fault called `name` and its limit, from parameters and limits side by side.

    endpoints: those of the node, and whether each is there for TLS. Refused, all reasons at once.
    """
    limits = {key: value for key, value in given.items() if key in LIMITS}
    own = {key: value for key, value in given.items() if key not in LIMITS}
    fault, wrong = fault_class(name)(), list[Refusal]()
    try:
        fault = parse_fault(name, own)
    except Refused as refused:
        wrong.extend(refused.refusals)
    try:
        limit = read_limit(fault, **limits, endpoints=endpoints)
    except Refused as refused:
        wrong.extend(refused.refusals)
    refuse_all(wrong)
    return fault, limit


def _unknown(name: str, key: str, known: tuple[str, ...]) -> Refusal:
    instead = f"It has {', '.join(known)}." if known else "It has none."
    return Refusal("unknown-field", f"{name} has no parameter {key[:40]!r}.", key[:40], instead)


__all__ = [
    "FAULTS",
    "LIMITS",
    "Fault",
    "Group",
    "Limit",
    "Occasion",
    "Ports",
    "Setting",
    "Settings",
    "afflicted",
    "fault_class",
    "parameters_json",
    "parameters_of",
    "parse_fault",
    "read_fault",
    "read_limit",
]
