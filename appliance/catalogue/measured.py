"""What real clients were seen to do in the cases of the catalogue: `measured.json`, read.

`scripts/matrix --write` writes that file; nobody writes it by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Measurement:
    """With what an environment was measured. date: the day, ISO 8601."""

    version: str
    date: str


@dataclass(frozen=True, slots=True)
class Measured:
    """environments: those that were measured, by id.

    outcomes: by case and environment, `accepted` or `refused`; what was not measured is missing.
    """

    environments: Mapping[str, Measurement]
    outcomes: Mapping[str, Mapping[str, str]]


@cache
def measured() -> Measured:
    """The record that comes with this release; read when it is first asked for."""
    text = (files("appliance.catalogue") / "measured.json").read_text("utf-8")
    record = json.loads(text)
    return Measured(
        {name: Measurement(**one) for name, one in record["environments"].items()},
        record["cases"],
    )
