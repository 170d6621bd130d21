"""What the CA certifies, for how long and how often: its rules as tables."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from appliance.acme.wire import Challenge, Identifier
from appliance.ca.problems import AcmeError, error

# CA/B Forum ballot SC-081v3: from when on, how long a certificate may be valid, and how long
# the proof of a name may be used again; days.
LIMITS: tuple[tuple[datetime, int, int], ...] = (
    (datetime(2029, 3, 15, tzinfo=UTC), 47, 10),
    (datetime(2027, 3, 15, tzinfo=UTC), 100, 100),
    (datetime(2026, 3, 15, tzinfo=UTC), 200, 200),
    (datetime.min.replace(tzinfo=UTC), 398, 398),
)

# What one can ask for (whitepaper 3.2: "90-Day Certificate", "1-Year Certificate").
# None: the longest.
VALIDITIES: dict[str, int | None] = {"90-days": 90, "1-year": 365, "longest": None}

ZONES = ("test", "example", "internal")  # RFC 6761; ICANN resolution 2024.07.29.06
MAX_NAMES = 100

# Which challenge can prove what: an address has no DNS records of its own (RFC 8738 7), a wildcard
# needs the DNS (BR 3.2.2.4.19 and .20 forbid the others).
CHALLENGES: dict[str, tuple[Challenge, ...]] = {
    "dns": (Challenge.HTTP, Challenge.DNS, Challenge.TLS_ALPN),
    "wildcard": (Challenge.DNS,),
    "ip": (Challenge.HTTP, Challenge.TLS_ALPN),
}

PENDING_LIFE = timedelta(days=7)  # of an order and what is not proved yet
PROOF_LIFE = timedelta(days=30)  # of a proved name, where SC-081v3 does not say less


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many in so long, on the CA's calendar; `what` in words for people."""

    most: int
    within: timedelta
    what: str


# Let's Encrypt's, as it published them in 2025.
RATE_LIMITS: dict[str, RateLimit] = {
    "orders": RateLimit(300, timedelta(hours=3), "orders of one account"),
    "certificates": RateLimit(5, timedelta(days=7), "certificates for exactly the same names"),
    "failures": RateLimit(5, timedelta(hours=1), "failed validations of one name and account"),
}

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")


def longest(at: datetime) -> timedelta:
    """How long a certificate issued at `at` may be valid (SC-081v3)."""
    return timedelta(days=next(days for since, days, _ in LIMITS if at >= since))


def proof_life(at: datetime) -> timedelta:
    """How long the proof of a name given at `at` may be used again."""
    days = next(days for since, _, days in LIMITS if at >= since)
    return min(PROOF_LIFE, timedelta(days=days))


def life_of(validity: str, at: datetime) -> timedelta:
    """How long a certificate is valid for which `validity` was asked: never more than `longest`."""
    days = VALIDITIES[validity]
    return longest(at) if days is None else min(timedelta(days=days), longest(at))


def challenges_for(identifier: Identifier) -> tuple[Challenge, ...]:
    """How `identifier` can be proved."""
    return CHALLENGES["wildcard" if identifier.wildcard else identifier.kind]


def in_zones(name: str, zones: tuple[str, ...]) -> bool:
    """Whether `name` (lower case) is in one of `zones`, or one of them."""
    return any(name == zone or name.endswith("." + zone) for zone in zones)


def check_identifier(identifier: Identifier, *, zones: tuple[str, ...] = ZONES) -> None:
    """Nothing when the CA certifies such names; else an `AcmeError` that says why not."""
    if identifier.kind == "ip":
        _check_address(identifier)
    elif identifier.kind == "dns":
        _check_name(identifier, zones)
    else:
        raise error(
            "unsupportedIdentifier",
            f"Identifiers of type {identifier.kind!r} are not known here; dns and ip are.",
            identifier=identifier,
        )


def _check_address(identifier: Identifier) -> None:
    address = ipaddress.ip_address(identifier.value)
    if "%" in identifier.value:
        raise _no(identifier, f"{address} means something on one machine only.", kind="malformed")
    if not may_reach(address):
        raise _no(
            identifier,
            f"{address} is nothing to practise with: loopback and private addresses are.",
        )


def may_reach(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether the CA connects to `address`: never to somebody else's network."""
    if address.is_loopback:
        return True  # ::1 is among what Python calls reserved
    usable = not (address.is_multicast or address.is_unspecified or address.is_reserved)
    return usable and address.is_private and not _broadcast(address)


def _broadcast(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return str(address) == "255.255.255.255"


def _check_name(identifier: Identifier, zones: tuple[str, ...]) -> None:
    name = identifier.value.removeprefix("*.")
    if "*" in name:
        raise _no(identifier, "A wildcard stands for the first label, alone: *.example.test.")
    labels = name.split(".")
    if not all(map(_LABEL.match, labels)) or len(identifier.value) > 253:
        raise _no(identifier, f"{name!r} is no name of a host.", kind="malformed")
    if labels[-1].isdigit():
        raise _no(identifier, "This is an address; ask for an identifier of type ip (RFC 8738).")
    if any(label[2:4] == "--" and not label.startswith("xn--") for label in labels):
        raise _no(identifier, "A label has hyphens in third and fourth place (BR 7.1.2.7.12).")
    if not in_zones(name, zones):
        raise _no(
            identifier,
            f"{name!r} is in no practice zone ({', '.join('.' + zone for zone in zones)}).",
        )
    if name in zones:
        raise _no(identifier, f"{name!r} is a whole zone, like a public suffix.")


def _no(identifier: Identifier, detail: str, *, kind: str = "rejectedIdentifier") -> AcmeError:
    return error(kind, detail, identifier=identifier)
