"""Which certificate a page came with: asked of the connection itself, not of the box.

So that whoever looks sees that all pages of a box hang on one certificate.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from store.certificate import fingerprint_groups


@dataclass(frozen=True, slots=True)
class Served:
    """What one line says of a certificate."""

    fingerprint: str
    until: str


def served_with(request: web.Request) -> Served | None:
    """The certificate that the connection of `request` was served with; None without TLS."""
    context = None
    if request.transport is not None:
        context = request.transport.get_extra_info("sslcontext")
    shown = None if context is None else context.get_app_data()
    if shown is None:
        return None
    return Served(
        fingerprint=fingerprint_groups(shown.fingerprint_sha256),
        until=f"{shown.not_after:%Y-%m-%d %H:%M}",
    )
