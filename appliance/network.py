"""The addresses a node may have, as the LAN page takes them.

Whether this machine really has an address is found out by binding to it, one floor up.
"""

from __future__ import annotations

import ipaddress

from store.refusals import Refused


def parse_address(text: object, *, field: str = "lan_ip") -> str:
    """An IPv4 address a node can have, in its one spelling.

    Refused: what is no IPv4 address (the box's LAN interface has no other), and those no
    host can have: 0.0.0.0, multicast, broadcast and reserved ones.
    """
    try:
        if not isinstance(text, str):
            raise ValueError
        address = ipaddress.IPv4Address(text.strip())
    except ValueError:
        raise Refused.because(
            "address-malformed",
            f"{text!r} is no IPv4 address.",
            field=field,
            instead="Write four numbers from 0 to 255 with dots, for example 192.168.1.2.",
        ) from None
    if address.is_unspecified or address.is_multicast or address.is_reserved:
        raise Refused.because(
            "address-not-usable",
            f"{address} can't be the address of a host.",
            field=field,
            instead="Use an address of one of this machine's interfaces.",
        )
    return str(address)
