"""Which certificate a page came with: asked of the connection itself, not of the box.

So that whoever looks sees that all pages of a box hang on one certificate.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from store.certificate import Certificate, fingerprint_groups


@dataclass(frozen=True, slots=True)
class Served:
    """What one line says of a certificate."""

    fingerprint: str
    until: str


def served_with(request: web.Request) -> Served | None:
    """The certificate that the connection of `request` was served with; None without TLS."""
    connection = None
    if request.transport is not None:
        connection = request.transport.get_extra_info("ssl_object")
    shown = None if connection is None else connection.get_certificate(as_cryptography=True)
    if shown is None:
        return None
    certificate = Certificate(leaf=shown)
    return Served(
        fingerprint=fingerprint_groups(certificate.fingerprint("sha256")),
        until=f"{certificate.not_after:%Y-%m-%d %H:%M}",
    )
