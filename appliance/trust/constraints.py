"""Name constraints (RFC 5280 4.2.1.10): whether a name lies within the subtrees of an authority.

Plain matching. Which names of which certificates are looked at, and which kinds of names a
client understands, differ; that is in the rule that uses this.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from appliance.trust.der import Malformed
from appliance.trust.naming import GeneralName, attributes, prepared


def within(name: GeneralName, base: GeneralName, *, wildcards: bool, domains: bool) -> bool:
    """Whether `name` lies in the subtree under `base`; both are of one kind.

    wildcards: whether `*.example.com` is within whatever is below example.com, as it has to be
        where a subtree is excluded. domains: whether a host in a mail or web address may be a
        subdomain without the subtree beginning with a dot (Go).
    """
    match name.kind:
        case "DNS":
            return _domain_within(name.text.lower(), base.text.lower(), wildcards)
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


def _domain_within(name: str, base: str, wildcards: bool) -> bool:
    if not base:
        return True
    if base.startswith("."):
        inside = name.endswith(base) and len(name) > len(base)
    else:
        inside = name == base or name.endswith(f".{base}")
    if inside or not (wildcards and name.startswith("*.")):
        return inside
    parent = name[1:]  # the names it stands for have one label before this
    return base.removeprefix(".").endswith(parent)


def _address_within(address: bytes, base: bytes) -> bool:
    if len(base) != 2 * len(address) or len(address) not in (4, 16):
        return False
    network, mask = base[: len(address)], base[len(address) :]
    return all(
        octet & bits == wanted & bits
        for octet, wanted, bits in zip(address, network, mask, strict=True)
    )


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
