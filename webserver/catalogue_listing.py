"""The catalogue as rows, for programs and for the page about it: the contract's CASE."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from appliance.catalogue import Built, Case, Keyring, build
from appliance.catalogue.expecting import expected
from appliance.clock import real_now
from appliance.trust import ENVIRONMENTS
from store.refusals import Refused
from webserver.announcing import folder, made
from webserver.catalogue_serving import NAME, PORT, CatalogueServer, address_of, host_of


def anchors_folder(port: int, *, make: bool = False) -> Path:
    """Where `osbiz catalogue serve` writes what clients are to trust in each case.

    port: that of the cases; two catalogues at a time have files of their own.
    """
    names = {PORT: "catalogue", 0: f"catalogue-of-{os.getpid()}"}
    path = folder() / names.get(port, f"catalogue-{port}")
    if make:
        try:
            made()
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            raise Refused.because(
                "folder",
                f"{path} can't be used: it is not yours, or not to be written to.",
                field="XDG_RUNTIME_DIR",
                instead="Set XDG_RUNTIME_DIR to a folder of your own.",
            ) from None
    return path


def planned(cases: Iterable[Case], *, port: int) -> list[dict[str, Any]]:
    """The cases as they are served on `port`; keys and certificates are made for it (seconds)."""
    keys, at = Keyring(), real_now()
    return [
        _row(
            build(case, at=at, keys=keys, address=address_of(case.name), dns=NAME),
            host=host_of(case),
            port=port,
            cafile=anchors_folder(port) / f"{case.name}.pem",
        )
        for case in cases
    ]


def rows_of(server: CatalogueServer) -> list[dict[str, Any]]:
    """The cases that `server` serves; judges every one of them (call off the loop)."""
    return [
        _row(place.built, host=place.host, port=place.port, cafile=place.cafile)
        for place in server.places.values()
    ]


def _row(built: Built, *, host: str, port: int, cafile: Path) -> dict[str, Any]:
    case = built.case
    found = expected(built)
    reasons: dict[tuple[str, str], list[str]] = {}
    for environment, expectation in found.items():
        for reason in expectation.reasons:
            reasons.setdefault(reason, []).append(environment)
    return {
        "name": case.name,
        "topic": case.topic,
        "title": case.title,
        "wrong": case.wrong,
        "host": host,
        "address": built.address,
        "port": port,
        "cafile": str(cafile),
        "expected": {name: one.outcome.value for name, one in found.items()},
        "standing": {name: one.standing.value for name, one in found.items()},
        "rules": list(dict.fromkeys(rule for rule, _ in reasons)),
        "reasons": [
            {
                "rule": rule,
                "source": source,
                "since": _since().get((rule, source)),
                "environments": environments,
            }
            for (rule, source), environments in reasons.items()
        ],
    }


@cache
def _since() -> dict[tuple[str, str], str]:
    """From which day on a client has a rule with that source, where that is known."""
    return {
        (rule.id, rule.source): rule.since.isoformat()
        for environment in ENVIRONMENTS.values()
        for rule in environment.rules
        if rule.since is not None
    }
