"""What a fleet is asked to be, looked over: each reader refuses what it can't take."""

from __future__ import annotations

from cryptography import x509

from appliance.trust import Anchor, Origin
from appliance.trust.names import parse_host
from store.refusals import Refused

DEFAULT_CALLS = 12.0  # a minute
MAX_CALLS = 6_000.0


def exports(trust: str) -> bool:
    """Whether they trust what the box would export; refused when `trust` is neither."""
    if trust not in ("exported", "none"):
        raise Refused.because(
            "client-trust",
            f"Clients can't trust {trust[:40]!r}.",
            field="trust",
            instead="They trust what the box would export (exported), or nothing of it (none).",
        )
    return trust == "exported"


def rolled_out(exported: x509.Certificate) -> Anchor:
    """What an administrator exported from the box has been put on the clients by one."""
    return Anchor(exported, Origin.ADMINISTRATOR)


def anchor(given: Anchor | x509.Certificate) -> Anchor:
    """What a client is given to trust; by its user, unless it says otherwise."""
    return given if isinstance(given, Anchor) else Anchor(given, Origin.USER)


def checked_host(name: str | None) -> str | None:
    """The name by which they call the box; refused when no host can have it."""
    if name is None:
        return None
    try:
        host = parse_host(name)
        if host.address is None:
            host.text.encode("idna")  # as it is sent in the ClientHello
    except (UnicodeError, Refused):
        raise Refused.because(
            "client-host",
            f"{name[:60]!r} is no name of a host.",
            field="host",
            instead="Give a DNS name or an IP address, without https:// and without a port.",
        ) from None
    return host.text


def checked_calls(per_minute: float) -> float:
    """How many calls they make a minute; refused when that can't be."""
    if not 0 <= per_minute <= MAX_CALLS:
        raise Refused.because(
            "client-calls",
            f"There can't be {per_minute:g} calls a minute.",
            field="calls",
            instead=f"Give 0 to {MAX_CALLS:g}.",
        )
    return per_minute
