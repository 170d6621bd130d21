"""Why an address and a port can't be listened on, in our words."""

from __future__ import annotations

import errno

from store.refusals import Refused

_BIND_REFUSALS = {
    errno.EADDRNOTAVAIL: ("address-not-available", "this machine does not have that address"),
    errno.EADDRINUSE: ("port-taken", "another program is using that port"),
    errno.EACCES: ("port-forbidden", "the system does not allow this user to use that port"),
    errno.EPERM: ("port-forbidden", "the system does not allow this user to use that port"),
}


def binding_refused(error: OSError, address: str, port: int) -> Refused:
    """Why `address` and `port` can't be listened on: `address-not-available`, `port-taken` or
    `port-forbidden`."""
    where = f"[{address}]" if ":" in address else address
    code, why = _BIND_REFUSALS.get(
        error.errno or 0, ("address-not-available", error.strerror or "it cannot be used")
    )
    return Refused.because(
        code,
        f"Cannot listen on {where}:{port}: {why}.",
        field="address" if code == "address-not-available" else "port",
    )
