"""One case made real: certificates, key, and what a client needs to meet it."""

from __future__ import annotations

import base64
import warnings
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from appliance.catalogue.crafting import Crafted, crafted
from appliance.catalogue.keyring import CaseKey, Keyring
from appliance.catalogue.recipes import Case


@dataclass(frozen=True, slots=True)
class Built:
    """A case at an address, made for a time.

    host: the name or address that the client uses; address: where it is served.
    at: the time that clients are to ask at (aware UTC).
    chain, anchors: DER, since not every library reads all of them; leaf first.
    key: the leaf's.
    """

    case: Case
    host: str
    address: str
    at: datetime
    chain: tuple[bytes, ...]
    anchors: tuple[bytes, ...]
    key: CaseKey = field(repr=False)

    def presented(self) -> tuple[x509.Certificate, ...]:
        """The chain as `cryptography` reads it; ValueError when it can't."""
        return _read(self.chain)

    def trusted(self) -> tuple[x509.Certificate, ...]:
        """The anchors as `cryptography` reads them; ValueError when it can't."""
        return _read(self.anchors)

    def anchors_pem(self) -> bytes:
        """The anchors as PEM, one after the other."""
        return _pem(self.anchors)

    def chain_pem(self) -> bytes:
        """The chain as PEM, leaf first."""
        return _pem(self.chain)


def build(
    case: Case,
    *,
    at: datetime,
    keys: Keyring,
    address: str = "127.0.0.1",
    dns: str = "osbiz.example.test",
) -> Built:
    """The certificates of `case`, made for the time `at` (aware UTC).

    at: what `case` counts from; parts of a second are dropped. keys: keep one, since making
    keys takes up to seconds and a case a millisecond. address: an IPv4 address as text.
    """
    at = at.replace(microsecond=0)
    texts = {
        "ip": address,
        "ip_end": address.partition(".")[2],
        "dns": dns,
        "domain": dns.partition(".")[2],
    }
    made: dict[str, Crafted] = {}
    for number, (role, recipe) in enumerate(case.certificates.items()):
        key = made[recipe.key_of].key if recipe.key_of else keys.key(recipe.key, number)
        issuer = made[recipe.issuer] if recipe.issuer else None
        made[role] = crafted(recipe, key, case=case.name, texts=texts, issuer=issuer, at=at)
    return Built(
        case,
        case.host.format_map(texts),
        address,
        at + case.asked,
        tuple(made[role].der for role in case.chain),
        tuple(made[role].der for role in case.anchors),
        made[case.chain[0]].key,
    )


def _read(ders: tuple[bytes, ...]) -> tuple[x509.Certificate, ...]:
    with warnings.catch_warnings():
        # It reads serials of zero and below, and says that one day it will not.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return tuple(x509.load_der_x509_certificate(der) for der in ders)


def _pem(ders: tuple[bytes, ...]) -> bytes:
    lines = []
    for der in ders:
        text = base64.b64encode(der).decode()
        body = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
        lines.append(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    return "".join(lines).encode()
