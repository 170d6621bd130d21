"""Verifiers that are at hand, asked for their own word: cryptography's."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from appliance.trust.material import Material
from appliance.trust.names import Host
from store.foreign import collected_warnings


def cryptography_says(material: Material, host: Host | None, at: datetime) -> str | None:
    """What `cryptography`'s server verifier minds; None when it accepts.

    It can't do without a name: when none is to be checked, one of the certificate's own is
    taken.
    """
    return _cryptography_says(material, host, at)


@lru_cache(maxsize=256)
def _cryptography_says(material: Material, host: Host | None, at: datetime) -> str | None:
    if not material.anchors:
        return "there is no anchor"
    leaf, *rest = (facts.certificate for facts in material.presented)
    try:
        with collected_warnings():
            store = Store([facts.certificate for facts in material.anchors])
            builder = PolicyBuilder().store(store).time(at)
            verifier = builder.build_server_verifier(_subject(material, host))
            verifier.verify(leaf, rest)
    except (VerificationError, ValueError) as error:
        return str(error).partition(" (encountered processing")[0]
    return None


def _subject(material: Material, host: Host | None) -> x509.DNSName | x509.IPAddress:
    if host is not None:
        return x509.DNSName(host.text) if host.address is None else x509.IPAddress(host.address)
    for name in material.leaf.names or ():
        if name.kind == "DNS":
            return x509.DNSName(name.text.replace("*", "a", 1))
        if name.kind == "IP" and len(name.content) in (4, 16):
            return x509.IPAddress(ipaddress.ip_address(name.content))
    return x509.DNSName("name.invalid")
