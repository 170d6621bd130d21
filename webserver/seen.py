"""What a box saw of its clients, as lines for a person: after a failed test, for instance.

Knows no terminal and no test tool.
"""

from __future__ import annotations

from appliance.clock import Dates
from appliance.trust import Anchor, Outcome, judge
from appliance.trusting import anchor_of
from store.certificate import alternative_names, fingerprint_groups, iso_time
from webserver.handshakes import Handshake
from webserver.observed import Observed, observe
from webserver.simulator import Simulator


def told(simulator: Simulator, *, latest: int) -> str:
    """The certificate that is active, what clients that trust it make of it, and who came.

    latest: how many connections to tell of, the last one last.
    """
    box = simulator.box
    active = box.active
    names = ", ".join(alternative_names(active.leaf.extensions)) or "none"
    lines = [
        f"Box at {box.lan_ip}, {box.state.value}, its clock at {iso_time(box.clock.now())} "
        f"({box.clock.dates.value} dates)",
        f"Active: {box.model.active.name}, valid {iso_time(active.not_before)} to "
        f"{iso_time(active.not_after)}, SAN {names}",
        f"SHA-256 {fingerprint_groups(active.fingerprint('sha256'))}",
        *_verdicts(simulator),
    ]
    lines += [
        f"Fault {name} is set, and happened to {setting.hits}"
        for name, setting in box.faults().items()
    ]
    records = simulator.handshakes.since(0)
    if not records:
        lines.append("No TLS connection came.")
    elif len(records) > latest:
        lines.append(f"{len(records)} TLS connections came; the latest {latest}:")
    lines += [_line(record) for record in records[-latest:]]
    return "\n".join(lines)


def _verdicts(simulator: Simulator) -> list[str]:
    """Who refuses the certificate although what `ca_file` has is trusted, and why."""
    box = simulator.box
    presented = box.model.as_presented(box.model.active).certificate
    assert presented is not None
    anchor = anchor_of(box.model)
    clock = box.clock
    now = clock.now()
    verdicts = judge(
        (presented.leaf, *presented.chain),
        host=box.station.host,
        anchors=[] if anchor is None else [Anchor(anchor.leaf)],
        at=now if clock.dates is Dates.SIMULATED else clock.to_real(now),
    )
    by_reason: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.outcome is not Outcome.ACCEPTED:
            first = next(one for one in verdict.findings if one.severity != "note")
            by_reason.setdefault(first.detail, []).append(verdict.environment)
    if not by_reason:
        return ["Every known client that trusts its authority accepts it."]
    return [
        f"Who trusts its authority still refuses it as {', '.join(who)}: {why}"
        for why, who in by_reason.items()
    ]


def _line(record: Handshake) -> str:
    seen = observe(record)
    decision = seen.decision
    words = [f"#{record.id} {record.node}/{record.endpoint} {_reached(record, seen)}"]
    if seen.guess is not None:
        words.append(f"perhaps {seen.guess.title}")
    if seen.offered is not None and seen.offered.server_name:
        words.append(f"SNI {seen.offered.server_name}")
    words.append(record.outcome)
    if record.faults:
        words.append(f"by fault {' and '.join(record.faults)}")
    if record.alert is not None:
        words.append(f"alert {record.alert.name} from {record.alert.sender}")
    words.append(f"{decision.decided.value}: {decision.reason.value}")
    return ", ".join(words)


def _reached(record: Handshake, seen: Observed) -> str:
    """How far TLS came: its version, once that is agreed on."""
    if record.version is not None:
        return record.version
    return "no TLS" if seen.offered is None else "handshake not finished"
