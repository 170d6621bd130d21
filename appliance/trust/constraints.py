"""Name constraints (RFC 5280 4.2.1.10): whether a name lies within the subtrees of an authority.

Plain matching. Which names of which certificates are looked at, and which kinds of names a
client understands, differ; that is in the rule that uses this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from appliance.trust.der import Malformed
from appliance.trust.naming import GeneralName, attributes, prepared


class Subtrees:
    """Subtrees that names can be looked for in.

    An authority may list thousands, and a certificate may have thousands of names, so names are
    looked up and not compared with one after the other.
    """

    def __init__(self, bases: Sequence[GeneralName]) -> None:
        self.bases: dict[str, list[GeneralName]] = {}
        for base in bases:
            self.bases.setdefault(base.kind, []).append(base)
        self._texts = {kind: frozenset(map(_lookup_key, of)) for kind, of in self.bases.items()}
        domains = self._texts.get("DNS", frozenset())
        self._parents = frozenset(str(one).removeprefix(".").partition(".")[2] for one in domains)
        self._networks = _networks([base.content for base in self.of("IP")])

    def of(self, kind: str) -> list[GeneralName]:
        """The subtrees for names of this kind."""
        return self.bases.get(kind, [])

    def hold(self, name: GeneralName, *, wildcards: bool, domains: bool) -> bool:
        """Whether `name` lies in one of them.

        wildcards: whether `*.example.com` counts as lying in whatever is one label below
            example.com, as it has to where subtrees are excluded. domains: whether a host in a
            mail or web address may be a subdomain without the subtree beginning with a dot (Go).
        """
        there = self._texts.get(name.kind)
        if not there:
            return False
        match name.kind:
            case "DNS":
                return self._holds_domain(name.text.lower(), there, wildcards)
            case "IP":
                return self._holds_address(name.content)
            case "DirName":
                mine = prepared(name.content)
                return isinstance(mine, tuple) and any(
                    mine[:length] in there for length in range(len(mine) + 1)
                )
            case "email":
                local, at, host = name.text.rpartition("@")
                host = host.lower()
                mailbox = f"{local}@{host}" in there or f"@{host}" in there
                return bool(at) and (mailbox or _holds_host(host, there, domains))
            case "URI":
                return _holds_host(_host_of(name.text), there, domains)
            case _:
                return name.content in there

    def _holds_domain(self, name: str, there: frozenset[object], wildcards: bool) -> bool:
        if any(place in there for place in _above(name)):
            return True
        return wildcards and name.startswith("*.") and name[2:] in self._parents

    def _holds_address(self, packed: bytes) -> bool:
        address = int.from_bytes(packed, "big")
        return any(
            len(packed) == octets and address & mask in networks
            for (octets, mask), networks in self._networks.items()
        )


def _lookup_key(base: GeneralName) -> object:
    """What a name that lies in `base`, or a part of that name, is equal to."""
    match base.kind:
        case "DirName":
            return prepared(base.content)
        case "DNS" | "URI":
            return base.text.lower()
        case "email":
            local, at, host = base.text.rpartition("@")
            return f"{local}{at}{host.lower()}"
        case _:
            return base.content


def _networks(bases: Sequence[bytes]) -> dict[tuple[int, int], set[int]]:
    """By octets of an address and mask: the networks, as numbers."""
    found: dict[tuple[int, int], set[int]] = {}
    for base in bases:
        if len(base) in (8, 32):
            half = len(base) // 2
            network, mask = (int.from_bytes(part, "big") for part in (base[:half], base[half:]))
            found.setdefault((half, mask), set()).add(network & mask)
    return found


def _holds_host(host: str, there: frozenset[object], domains: bool) -> bool:
    """Whether a host is one of those, or below one that begins with a dot; an empty one is all."""
    if host in there or "" in there:
        return True
    return any(
        (at > 0 and host[at:] in there) or (domains and host[at + 1 :] in there)
        for at, letter in enumerate(host)
        if letter == "."
    )


def _above(name: str) -> Iterator[str]:
    """The subtrees that hold a domain: itself, what is above it with and without a dot, all."""
    yield name
    at = name.find(".")
    while at >= 0:
        if at > 0:
            yield name[at:]
        yield name[at + 1 :]
        at = name.find(".", at + 1)
    yield ""


@lru_cache(maxsize=256)
def subtrees(bases: tuple[GeneralName, ...]) -> Subtrees:
    """`Subtrees`, made once for the same bases."""
    return Subtrees(bases)


def _host_of(uri: str) -> str:
    try:
        return (urlsplit(uri).hostname or "").lower()
    except ValueError:
        return ""


def mailboxes(subject: bytes) -> list[GeneralName]:
    """The e-mail addresses in a subject, which constraints are about as well."""
    try:
        return [
            GeneralName("email", one.text.encode("latin-1", "replace"))
            for relative in attributes(subject)
            for one in relative
            if one.type == "1.2.840.113549.1.9.1" and one.text is not None
        ]
    except Malformed:
        return []


def size_of(subject: bytes) -> int:
    """How many attributes a subject has."""
    try:
        return sum(map(len, attributes(subject)))
    except Malformed:
        return 0
