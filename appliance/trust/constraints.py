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

    Domains, of which an authority may list thousands, are looked up; the rest is compared.
    """

    def __init__(self, bases: Sequence[GeneralName]) -> None:
        self.bases: dict[str, list[GeneralName]] = {}
        for base in bases:
            self.bases.setdefault(base.kind, []).append(base)
        domains = [base.text.lower() for base in self.bases.get("DNS", ())]
        self._domains = frozenset(domains)
        self._parents = frozenset(one.removeprefix(".").partition(".")[2] for one in domains)

    def of(self, kind: str) -> list[GeneralName]:
        """The subtrees for names of this kind."""
        return self.bases.get(kind, [])

    def hold(self, name: GeneralName, *, wildcards: bool, domains: bool) -> bool:
        """Whether `name` lies in one of them.

        wildcards: whether `*.example.com` counts as lying in whatever is one label below
            example.com, as it has to where subtrees are excluded. domains: whether a host in a
            mail or web address may be a subdomain without the subtree beginning with a dot (Go).
        """
        if name.kind == "DNS":
            return self._holds_domain(name.text.lower(), wildcards)
        return any(within(name, base, domains=domains) for base in self.of(name.kind))

    def _holds_domain(self, name: str, wildcards: bool) -> bool:
        if any(place in self._domains for place in _above(name)):
            return True
        return wildcards and name.startswith("*.") and name[2:] in self._parents


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


def within(name: GeneralName, base: GeneralName, *, domains: bool) -> bool:
    """Whether `name`, which is no domain, lies in the subtree under `base` of the same kind."""
    match name.kind:
        case "IP":
            return _address_within(name.content, base.content)
        case "DirName":
            return _directory_within(name.content, base.content)
        case "email":
            return _mailbox_within(name.text, base.text, domains)
        case "URI":
            return _host_within(_host_of(name.text), base.text.lower(), domains)
        case _:
            return name.content == base.content


def _address_within(address: bytes, base: bytes) -> bool:
    if len(base) != 2 * len(address) or len(address) not in (4, 16):
        return False
    network, mask = (
        int.from_bytes(base[at : at + len(address)], "big") for at in (0, len(address))
    )
    return int.from_bytes(address, "big") & mask == network & mask


def _directory_within(name: bytes, base: bytes) -> bool:
    mine, wanted = prepared(name), prepared(base)
    if not isinstance(mine, tuple) or not isinstance(wanted, tuple):
        return False
    return mine[: len(wanted)] == wanted


def _mailbox_within(mailbox: str, base: str, domains: bool) -> bool:
    local, at, host = mailbox.rpartition("@")
    if not at:
        return False
    if "@" in base:
        wanted_local, _, wanted_host = base.rpartition("@")
        return host.lower() == wanted_host.lower() and wanted_local in ("", local)
    return _host_within(host.lower(), base.lower(), domains)


def _host_of(uri: str) -> str:
    try:
        return (urlsplit(uri).hostname or "").lower()
    except ValueError:
        return ""


def _host_within(host: str, base: str, domains: bool) -> bool:
    if not base:
        return True
    if base.startswith("."):
        return host.endswith(base) and len(host) > len(base)
    return host == base or (domains and host.endswith(f".{base}"))


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
