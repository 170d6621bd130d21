"""Whether a certificate is for the name that the client uses (RFC 6125, and what clients do)."""

from __future__ import annotations

import ipaddress

from cryptography import x509

from store.certificate import common_name

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_host(host: str) -> str | Address:
    """An address when `host` is one, else the name in lower case without a final dot."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.lower().rstrip(".")


def matches(certificate: x509.Certificate, host: str | Address, *, use_common_name: bool) -> bool:
    """Whether a SAN (or, without any, the CN) of `certificate` is `host`."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        name = common_name(certificate.subject) if use_common_name else None
        return isinstance(host, str) and name is not None and _same(name, host)
    if isinstance(host, str):
        return any(_same(name, host) for name in extension.value.get_values_for_type(x509.DNSName))
    return host in extension.value.get_values_for_type(x509.IPAddress)


def _same(pattern: str, host: str) -> bool:
    pattern = pattern.lower().rstrip(".")
    if pattern.startswith("*."):
        label, dot, rest = host.partition(".")
        return bool(label and dot) and rest == pattern[2:]
    return pattern == host
