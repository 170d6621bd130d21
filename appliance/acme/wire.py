"""What goes over the wire in ACME, as values: identifiers, problems, directory, orders.

For a client and a CA alike. What a CA sends is looked over before it becomes a value; what
is not as RFC 8555 has it raises `Malformed`.
"""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

ERROR = "urn:ietf:params:acme:error:"
MAX_URL = 2048


class Malformed(ValueError):
    """Raised for an answer that is not as the RFC has it; says what is amiss."""


class Challenge(enum.StrEnum):
    """Ways to show that a name is ours: RFC 8555 8.3, RFC 8737, RFC 8555 8.4."""

    HTTP = "http-01"
    TLS_ALPN = "tls-alpn-01"
    DNS = "dns-01"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A name to be certified.

    kind: `dns`, or `ip` (RFC 8738).
    value: lower case; an address in its shortest form.
    """

    kind: str
    value: str

    @property
    def general_name(self) -> x509.GeneralName:
        """As it stands in requests and certificates."""
        if self.kind == "ip":
            return x509.IPAddress(ipaddress.ip_address(self.value))
        return x509.DNSName(self.value)

    @property
    def server_name(self) -> str:
        """What a CA names in the TLS handshake: for an address its reverse name (RFC 8738 6)."""
        if self.kind == "ip":
            return ipaddress.ip_address(self.value).reverse_pointer
        return self.value

    @property
    def wildcard(self) -> bool:
        """Whether it is `*.` and a name."""
        return self.value.startswith("*.")

    def as_json(self) -> dict[str, str]:
        """`{"type", "value"}`."""
        return {"type": self.kind, "value": self.value}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error of a CA (RFC 8555 6.7, RFC 9457).

    kind: the type without ACME's prefix (`badNonce`), or the whole of a foreign one.
    detail: the CA's own words.
    below: what it says of single identifiers.
    """

    kind: str
    detail: str
    status: int | None = None
    identifier: Identifier | None = None
    below: tuple[Problem, ...] = ()

    @property
    def words(self) -> str:
        """All that the CA says, on one line."""
        parts = [self.detail or self.kind]
        parts += [f"{one.identifier.value}: {one.words}" for one in self.below if one.identifier]
        return " ".join(" ".join(parts).split())[:1000]


@dataclass(frozen=True, slots=True)
class Directory:
    """Where a CA has what (RFC 8555 7.1.1, RFC 9773 3)."""

    new_nonce: str
    new_account: str
    new_order: str
    revoke: str | None
    key_change: str | None
    renewal_info: str | None
    terms: str | None
    binding_required: bool
    profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A challenge of an authorization: type, URL, token, and how it stands."""

    kind: str
    url: str
    token: str
    status: str
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Authorization:
    """Whether a name is shown to be ours, and how it can be."""

    identifier: Identifier
    status: str
    wildcard: bool
    tasks: tuple[Task, ...]

    @property
    def problem(self) -> Problem | None:
        """Why it failed, as far as the CA says."""
        return next((task.problem for task in self.tasks if task.problem is not None), None)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the CA sees it."""

    url: str
    status: str
    authorizations: tuple[str, ...]
    finalize: str
    certificate: str | None
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class RenewalInfo:
    """When the CA would have a certificate renewed (RFC 9773 4.2), on the CA's calendar."""

    start: datetime
    end: datetime
    explanation: str | None


def read_directory(value: Any) -> Directory:
    """The directory of a CA."""
    members = _object(value, "the directory")
    meta = members.get("meta", {})
    meta = meta if isinstance(meta, dict) else {}
    profiles = meta.get("profiles", {})
    return Directory(
        new_nonce=_url(members, "newNonce"),
        new_account=_url(members, "newAccount"),
        new_order=_url(members, "newOrder"),
        revoke=_maybe_url(members, "revokeCert"),
        key_change=_maybe_url(members, "keyChange"),
        renewal_info=_maybe_url(members, "renewalInfo"),
        terms=_text(meta, "termsOfService"),
        binding_required=meta.get("externalAccountRequired") is True,
        profiles=tuple(profiles) if isinstance(profiles, dict) else (),
    )


def read_problem(value: Any, *, status: int | None = None) -> Problem:
    """A problem document; whatever it is, something comes of it."""
    members = value if isinstance(value, dict) else {}
    kind = str(members.get("type", "about:blank"))[:200]
    below = members.get("subproblems", [])
    identifier: Identifier | None
    try:
        identifier = read_identifier(members["identifier"])
    except (KeyError, Malformed):
        identifier = None
    return Problem(
        kind=kind.removeprefix(ERROR),
        detail=str(members.get("detail", ""))[:1000],
        status=status,
        identifier=identifier,
        below=tuple(read_problem(one) for one in below[:100]) if isinstance(below, list) else (),
    )


def read_identifier(value: Any) -> Identifier:
    """An identifier; an address in its shortest form."""
    members = _object(value, "an identifier")
    kind, name = members.get("type"), members.get("value")
    if not isinstance(kind, str) or not isinstance(name, str):
        raise Malformed("an identifier lacks its type or value")
    if kind == "ip":
        try:
            if "%" in name:  # a scope is its machine's own
                raise ValueError
            return Identifier("ip", str(ipaddress.ip_address(name)))
        except ValueError:
            raise Malformed(f"{name[:60]!r} is no address") from None
    return Identifier(kind[:40], name[:255].lower())


def read_authorization(value: Any) -> Authorization:
    """An authorization with its challenges."""
    members = _object(value, "an authorization")
    challenges = members.get("challenges")
    if not isinstance(challenges, list):
        raise Malformed("an authorization has no challenges")
    return Authorization(
        identifier=read_identifier(members.get("identifier")),
        status=_status(members),
        wildcard=members.get("wildcard") is True,
        tasks=tuple(_task(one) for one in challenges[:50]),
    )


def _task(value: Any) -> Task:
    members = _object(value, "a challenge")
    error = members.get("error")
    return Task(
        kind=str(members.get("type", ""))[:40],
        url=_url(members, "url"),
        token=str(members.get("token", ""))[:400],
        status=_status(members),
        problem=None if error is None else read_problem(error),
    )


def read_order(value: Any, *, url: str) -> Order:
    """An order; `url` is where it is."""
    members = _object(value, "an order")
    found = members.get("authorizations")
    if not isinstance(found, list) or not found:
        raise Malformed("an order has no authorizations")
    error = members.get("error")
    return Order(
        url=url,
        status=_status(members),
        authorizations=tuple(_checked_url(one) for one in found[:200]),
        finalize=_url(members, "finalize"),
        certificate=_maybe_url(members, "certificate"),
        problem=None if error is None else read_problem(error),
    )


def read_renewal_info(value: Any) -> RenewalInfo:
    """Renewal information; a window that ends before it begins is none (RFC 9773 4.2)."""
    members = _object(value, "the renewal information")
    window = _object(members.get("suggestedWindow"), "the suggested window")
    start, end = _moment(window.get("start")), _moment(window.get("end"))
    if end <= start:
        raise Malformed("the suggested window ends before it begins")
    return RenewalInfo(start, end, _text(members, "explanationURL"))


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise Malformed(f"{str(value)[:40]!r} is no time") from None
    if moment.tzinfo is None:
        raise Malformed(f"{str(value)[:40]!r} is a time of nowhere")
    return moment.astimezone(UTC)


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{what} is no JSON object")
    return value


def _status(members: Mapping[str, Any]) -> str:
    status = members.get("status")
    if not isinstance(status, str):
        raise Malformed("a status is missing")
    return status


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    return value[:MAX_URL] if isinstance(value, str) else None


def _url(members: Mapping[str, Any], name: str) -> str:
    if name not in members:
        raise Malformed(f"{name} is missing")
    return _checked_url(members[name])


def _maybe_url(members: Mapping[str, Any], name: str) -> str | None:
    return _url(members, name) if members.get(name) else None


def _checked_url(value: Any) -> str:
    """RFC 8555 6.1: all of it is over HTTPS, whatever a CA says."""
    if not isinstance(value, str) or len(value) > MAX_URL:
        raise Malformed("a URL is no text, or too long")
    try:
        parts = urlsplit(value)
        good = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise Malformed(f"{value[:100]!r} is no https URL")
    return value
