"""Cases of self-signed certificates, as the box makes them, most of them trusted themselves."""

from __future__ import annotations

from typing import Any

from appliance.catalogue import recipes
from appliance.catalogue.recipes import BARE, DAY, Case, Recipe

_case = recipes.self_signed("self-signed")
_TEN_YEARS = 3649 * DAY
_CA: dict[str, Any] = {"ca": True, "usages": None, "purposes": None}
_NOT_TRUSTED = "The client does not trust it."


def _other(**changes: Any) -> dict[str, Recipe]:
    """A sound self-signed certificate that is gone, and the one that is presented now."""
    return {"gone": Recipe(), "leaf": Recipe(**changes)}


CASES: tuple[Case, ...] = (
    _case(
        "self-signed-bare",
        "CN is the address, no extensions, ten years: the box's default certificate",
        "Nothing but the CN names the box, and there are no extensions at all.",
        leaf=Recipe(common_names=("{ip}",), ends=_TEN_YEARS, **BARE),
    ),
    _case(
        "self-signed-bare-dns",
        "CN is the name, no extensions, reached by name",
        "Nothing but the CN names the box, and there are no extensions at all.",
        leaf=Recipe(ends=_TEN_YEARS, **BARE),
        host="{dns}",
    ),
    _case(
        "self-signed-leaf",
        "Made as a server certificate (CA:FALSE), ten years",
        "A certificate that is no authority is the anchor.",
        leaf=Recipe(names=("IP:{ip}",), ends=_TEN_YEARS),
    ),
    _case(
        "self-signed-leaf-one-year",
        "Made as a server certificate (CA:FALSE), one year",
        "A certificate that is no authority is the anchor.",
        leaf=Recipe(),
    ),
    _case(
        "self-signed-ca",
        "Made as an authority (CA:TRUE) without KeyUsage, as `openssl req -x509` does",
        "An authority is used as a server certificate.",
        leaf=Recipe(names=("IP:{ip}",), ends=_TEN_YEARS, **_CA),
    ),
    _case(
        "self-signed-ca-all-usages",
        "CA:TRUE, KeyUsage for a server and for an authority, serverAuth",
        "An authority is used as a server certificate.",
        leaf=Recipe(ca=True, usages=(*recipes.SERVER_USAGES, *recipes.AUTHORITY_USAGES)),
    ),
    _case(
        "self-signed-ca-signing-only",
        "CA:TRUE, KeyUsage for an authority only",
        "Its key may sign certificates, not handshakes.",
        leaf=Recipe(ca=True, usages=recipes.AUTHORITY_USAGES, purposes=None),
    ),
    _case(
        "self-signed-no-basic-constraints",
        "With SAN, without BasicConstraints",
        "Nothing says whether it is an authority.",
        leaf=Recipe(ca=None),
    ),
    _case(
        "self-signed-san-only",
        "With SAN and no other extension",
        "Nothing says what it is for.",
        leaf=Recipe(**(BARE | {"names": ("IP:{ip}",)})),
    ),
    _case(
        "self-signed-san-and-purpose",
        "With SAN, serverAuth and no other extension",
        "Nothing says whether it is an authority.",
        leaf=Recipe(**(BARE | {"names": ("IP:{ip}",), "purposes": ("server",)})),
    ),
    _case(
        "self-signed-san-and-identifiers",
        "With SAN, serverAuth, SKI and an AKI of its own",
        "Nothing says whether it is an authority.",
        leaf=Recipe(ca=None, usages=None, authority_identifier="own"),
    ),
    _case(
        "self-signed-own-authority-identifier",
        "Made as a server certificate, with an AKI of its own",
        "A certificate that is no authority is the anchor.",
        leaf=Recipe(authority_identifier="own"),
    ),
    _case(
        "self-signed-no-identifier",
        "Made as a server certificate, without subject key identifier",
        "RFC 5280 4.2.1.2 recommends one.",
        leaf=Recipe(key_identifier=False),
    ),
    _case(
        "self-signed-expired",
        "Made as a server certificate, expired yesterday",
        "It has expired.",
        leaf=Recipe(starts=-366 * DAY, ends=-DAY),
    ),
    _case(
        "self-signed-wrong-name",
        "Made as a server certificate, for another address: the LAN IP has changed",
        "It is for another address.",
        leaf=Recipe(names=("IP:127.0.40.99",), common_names=("127.0.40.99",)),
    ),
    _case(
        "self-signed-untrusted",
        "Made as a server certificate, and not trusted",
        _NOT_TRUSTED,
        leaf=Recipe(),
        anchors=(),
    ),
    _case(
        "self-signed-ca-untrusted",
        "Made as an authority, and not trusted",
        _NOT_TRUSTED,
        leaf=Recipe(**_CA),
        anchors=(),
    ),
    _case(
        "self-signed-expired-untrusted",
        "Expired, and not trusted either",
        _NOT_TRUSTED,
        leaf=Recipe(starts=-366 * DAY, ends=-DAY),
        anchors=(),
    ),
    Case(
        "self-signed-remade",
        "self-signed",
        "The box made itself a new one with a new key; the client trusts the old one",
        "The client trusts a certificate of the same name, but of another key.",
        _other(),
        anchors=("gone",),
    ),
    Case(
        "self-signed-renewed",
        "self-signed",
        "It was made again with the same key; the client trusts the old one",
        "The client trusts another certificate, of the same name and key.",
        _other(key_of="gone"),
        anchors=("gone",),
    ),
    Case(
        "self-signed-renewed-ca",
        "self-signed",
        "An authority used as server certificate was renewed with the same key",
        "The client trusts another certificate, of the same name and key.",
        {"gone": Recipe(**_CA), "leaf": Recipe(key_of="gone", **_CA)},
        anchors=("gone",),
    ),
)
