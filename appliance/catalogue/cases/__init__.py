"""All cases, by name: the tables of this package put together, in the order people read them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from appliance.catalogue.cases import (
    algorithms,
    chains,
    constraints,
    identifiers,
    names,
    oddities,
    revocation,
    self_signed,
    usages,
    validity,
    wildcards,
)
from appliance.catalogue.recipes import Case

_TABLES = (
    chains.CASES,
    identifiers.CASES,
    self_signed.CASES,
    names.CASES,
    wildcards.CASES,
    validity.CASES,
    usages.CASES,
    constraints.CASES,
    algorithms.CASES,
    oddities.CASES,
    revocation.CASES,
)

CASES: Mapping[str, Case] = MappingProxyType(
    {case.name: case for table in _TABLES for case in table}
)
assert len(CASES) == sum(map(len, _TABLES)), "two cases have the same name"
