"""Whether a certificate is for the name that a client uses, and if not, why not."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from appliance.trust.facts import Facts
from appliance.trust.matching import Matcher
from store.refusals import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MAX_NAMES = 5_000  # of one certificate; what comes after is not compared

_IA5 = 0x16


@dataclass(frozen=True, slots=True)
class Host:
    """The name that a client uses. address: when it is an IP address."""

    text: str
    address: Address | None = None


def parse_host(text: str) -> Host:
    """A DNS name, in A-labels, or an IP address; with or without brackets.

    Refused: what is neither.
    """
    bare = text.removeprefix("[").removesuffix("]")
    try:
        return Host(bare, ipaddress.ip_address(bare))
    except ValueError:
        pass
    name = text
    if not text.isascii():
        try:
            name = text.encode("idna").decode("ascii")
        except UnicodeError:
            name = ""
    if not 0 < len(name) <= 254 or not name.isprintable() or set(name) & set(" /:@?#[]"):
        raise Refused.because(
            "host",
            f"{text[:100]!r} is neither a DNS name nor an IP address.",
            field="host",
            instead="Give the name as clients have it, without https:// and without a port.",
        )
    return Host(name)


CommonName = Literal["never", "any", "last", "single"]


@dataclass(frozen=True, slots=True)
class NameMatching:
    """How an environment looks for a name.

    dns: compares one DNS name. common_name: which CN is looked at, when there is none of the
    kinds `instead_of` among the alternative names. addresses: whether an IP address is looked
    for in the CN as well (curl). mapped: whether an IPv4-mapped address is the IPv4 address.
    undotted: whether the program takes a dot from the end of its user's name.
    """

    dns: Matcher
    common_name: CommonName = "never"
    instead_of: frozenset[str] = frozenset({"DNS"})
    addresses: bool = False
    mapped: bool = False
    undotted: bool = False

    def matches(self, facts: Facts, host: Host) -> bool:
        """Whether the certificate is for `host`."""
        if self.undotted and host.text.endswith("."):
            host = Host(host.text.removesuffix("."))
        names = facts.names or ()
        if host.address is None:
            if any(
                self.dns(name.text, host.text) for name in names[:MAX_NAMES] if name.kind == "DNS"
            ):
                return True
        elif any(
            self._same(name.content, host.address)
            for name in names[:MAX_NAMES]
            if name.kind == "IP"
        ):
            return True
        if any(name.kind in self.instead_of for name in names):
            return False
        return any(self._common(text, host) for text in self._common_names(facts))

    def _same(self, packed: bytes, address: Address) -> bool:
        if packed == address.packed:
            return True
        return self.mapped and packed == b"\0" * 10 + b"\xff\xff" + address.packed

    def _common(self, text: str, host: Host) -> bool:
        if "\0" in text:
            return False
        if host.address is None:
            return self.dns(text, host.text)
        return self.addresses and text == host.text

    def _common_names(self, facts: Facts) -> Iterator[str]:
        found = facts.common_names
        match self.common_name:
            case "never":
                return
            case "last":
                found = found[-1:]
            case "single":
                found = found if len(found) == 1 and found[0].tag != _IA5 else ()
            case _:
                pass
        yield from (one.text for one in found if one.text is not None)


def names_text(facts: Facts) -> str:
    """The names in the certificate for people, the first few."""
    names = [str(name) for name in facts.names or () if name.kind in ("DNS", "IP")]
    if names:
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        return ", ".join(names[:5]) + more
    commons = [one.text for one in facts.common_names if one.text]
    return f"CN={commons[-1]}" if commons else "none"


def why_not(facts: Facts, host: Host, matching: NameMatching) -> tuple[str, str]:
    """A variant and a sentence: why the certificate is not for `host`."""
    names = facts.names or ()
    common = any(one.text and one.text.lower() == host.text.lower() for one in facts.common_names)
    if host.address is not None:
        if any(name.kind == "DNS" and name.text == host.text for name in names):
            return (
                "address-as-dns",
                f"The address {host.text} is in the certificate as a DNS name; clients look for "
                "an address among the IP addresses.",
            )
        if common and not any(name.kind == "IP" for name in names):
            return (
                "address-in-cn",
                f"The address {host.text} is in the Common Name only, where this client does not "
                "look for an address.",
            )
    elif common and not any(name.kind == "DNS" for name in names):
        return (
            "cn-only",
            f"The name {host.text} is in the Common Name only, where this client does not look.",
        )
    if not names and matching.common_name == "never":
        return "no-names", "The certificate has no subject alternative name."
    if any("*" in name.text for name in names if name.kind == "DNS") and host.address is None:
        return "wildcard", f"No name in the certificate stands for {host.text} with this client."
    return "other", f"The certificate is for {names_text(facts)}, not for {host.text}."
