"""The report of a replay: one HTML page that stands by itself, with its picture in it.

Needs nothing from elsewhere: no script, no font, no image. What a client wrote is text in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

from appliance.clock import Dates
from appliance.trust import Outcome
from appliance.uc_clients import PROFILES
from store.certificate import (
    Certificate,
    alternative_names,
    fingerprint_groups,
    iso_time,
    serial_hex,
    signature_algorithm,
)
from store.refusals import Refused
from webserver.incidents.drawing import BAR, LINE, draw
from webserver.incidents.results import NodeView, Replay, StepResult, shown_certificates
from webserver.incidents.telling import verdict_of

_FOLDER = Path(__file__).parent.parent / "templates"
_WORDS = {
    Outcome.ACCEPTED: "accepted by",
    Outcome.WARNED: "users warned by",
    Outcome.REFUSED: "refused by",
}


def write_report(path: Path, replay: Replay) -> None:
    """Write the report to `path`; refused when it can't be written."""
    try:
        path.write_text(report(replay), "utf-8")
    except OSError as error:
        raise Refused.because(
            "file",
            f"{path} can't be written ({error.strerror}).",
            field="report",
            instead="Give another path.",
        ) from None


def report(replay: Replay) -> str:
    """The page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["time"] = iso_time
    environment.filters["moment"] = lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}"
    return environment.get_template("incident_report.html").render(
        style=(_FOLDER / "incident_report.css").read_text("utf-8"),
        replay=replay,
        incident=replay.incident,
        verdict=verdict_of(replay)[0],
        outcome=_outcome(replay),
        picture=draw(replay) if replay.steps else None,
        line=LINE,
        bar=BAR,
        projected=replay.dates is Dates.PROJECTED,
        steps=[_step(step) for step in replay.steps],
        certificates=[_certificate(one.label, one.certificate) for one in _shown(replay)],
        clients=[
            (client.name, PROFILES[client.profile].client, client.count)
            for client in replay.incident.clients
        ],
    )


def _outcome(replay: Replay) -> str:
    if not replay.over:
        return "It was ended before it was over"
    return "It went as expected" if replay.met else "It did not go as expected"


def _shown(replay: Replay) -> list[Any]:
    return shown_certificates(replay.steps)


def _step(result: StepResult) -> dict[str, Any]:
    return {
        "result": result,
        "nodes": [
            {"view": view, "says": _said(view), "reasons": _reasons(view)} for view in result.nodes
        ],
    }


def _said(view: NodeView) -> list[tuple[str, str, str]]:
    """Who does what: kind, words, names."""
    outcomes = view.outcomes()
    found = []
    for outcome, words in _WORDS.items():
        names = [name for name, one in outcomes.items() if one is outcome]
        if names:
            everybody = len(names) == len(outcomes)
            listed = f"all {len(names)} environments" if everybody else ", ".join(names)
            found.append((outcome.value, words, listed))
    return found


def _reasons(view: NodeView) -> list[tuple[str, str]]:
    """What is wrong by whom: each reason once, with the environments that give it."""
    reasons: dict[str, list[str]] = {}
    for verdict in view.verdicts:
        for finding in verdict.findings:
            if finding.severity != "note":
                reasons.setdefault(finding.detail, []).append(verdict.environment)
                break
    asked = len(view.verdicts)
    return [
        (reason, "all" if len(names) == asked else ", ".join(names))
        for reason, names in sorted(reasons.items(), key=lambda one: -len(one[1]))
    ]


def _certificate(label: str, certificate: Certificate) -> dict[str, Any]:
    leaf = certificate.leaf
    return {
        "label": label,
        "rows": [
            ("Subject", leaf.subject.rfc4514_string()),
            ("Issued by", leaf.issuer.rfc4514_string()),
            ("Alternative names", ", ".join(alternative_names(leaf.extensions)) or "none"),
            ("Valid", f"{iso_time(certificate.not_before)} to {iso_time(certificate.not_after)}"),
            ("Days", str((certificate.not_after - certificate.not_before).days)),
            ("Serial number", serial_hex(certificate.serial)),
            ("Signature", signature_algorithm(leaf)),
            ("SHA-256", fingerprint_groups(certificate.fingerprint("sha256"))),
            (
                "Sent with it",
                ", ".join(part.subject.rfc4514_string() for part in certificate.chain) or "nothing",
            ),
        ],
        "pem": certificate.pem,
    }
