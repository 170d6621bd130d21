"""What a box saw of its clients, as lines for a person: after a failed test, for instance.

Knows no terminal and no test tool.
"""

from __future__ import annotations

from store.certificate import alternative_names, fingerprint_groups, iso_time
from webserver.handshakes import Handshake
from webserver.observed import observe
from webserver.simulator import Simulator


def told(simulator: Simulator, *, latest: int) -> str:
    """The certificate that is active now, and the `latest` connections, oldest first."""
    box = simulator.box
    active = box.active
    names = ", ".join(alternative_names(active.leaf.extensions)) or "none"
    lines = [
        f"Box at {box.lan_ip}, {box.state.value}, its clock at {iso_time(box.clock.now())} "
        f"({box.clock.dates.value} dates)",
        f"Active: {box.model.active.name}, valid {iso_time(active.not_before)} to "
        f"{iso_time(active.not_after)}, SAN {names}",
        f"SHA-256 {fingerprint_groups(active.fingerprint('sha256'))}",
    ]
    records = simulator.handshakes.since(0)
    if not records:
        lines.append("No TLS connection came.")
    elif len(records) > latest:
        lines.append(f"{len(records)} TLS connections came; the latest {latest}:")
    lines += [_line(record) for record in records[-latest:]]
    return "\n".join(lines)


def _line(record: Handshake) -> str:
    offered = record.offered
    words = [f"#{record.id} {record.node}/{record.endpoint} {record.version or 'no TLS'}"]
    if offered is not None and offered.server_name:
        words.append(f"SNI {offered.server_name}")
    words.append(record.outcome)
    if record.alert is not None:
        words.append(f"alert {record.alert.name} from {record.alert.sender}")
    seen = observe(record)
    if seen.guess is not None:
        words.append(f"perhaps {seen.guess.title}")
    decision = seen.decision
    words.append(f"{decision.decided} ({decision.certainty}): {decision.reason}")
    return ", ".join(words)
