"""One case made real: certificates, key, and what a client needs to meet it."""

from __future__ import annotations

import base64
import warnings
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.utils import CryptographyDeprecationWarning

from appliance.catalogue.crafting import Crafted, crafted
from appliance.catalogue.keyring import CaseKey, Keyring
from appliance.catalogue.recipes import Case
from appliance.catalogue.revocation import ocsp_answer, revocation_list

NOWHERE = "http://127.0.0.1:9"  # the port of discard, where nobody answers


@dataclass(frozen=True, slots=True)
class Built:
    """A case at an address, made for a time.

    host: the name or address that the client uses; address: where it is served.
    at: the time that clients are to ask at (aware UTC).
    chain, anchors: DER, since not every library reads all of them; leaf first.
    key: the leaf's.
    crl, ocsp: a revocation list and an OCSP answer (DER) that are to be had at the URLs
        below; staple: an OCSP answer for the handshake. Empty when there is none.
    """

    case: Case
    host: str
    address: str
    at: datetime
    chain: tuple[bytes, ...]
    anchors: tuple[bytes, ...]
    key: CaseKey = field(repr=False)
    crl: bytes = field(default=b"", repr=False)
    ocsp: bytes = field(default=b"", repr=False)
    staple: bytes = field(default=b"", repr=False)

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
    revocation: str = NOWHERE,
) -> Built:
    """The certificates of `case`, made for the time `at` (aware UTC).

    at: what `case` counts from; parts of a second are dropped. keys: keep one, since making
    keys takes up to seconds and a case a millisecond. address: an IPv4 address as text.
    revocation: the base URL at which lists (`NAME.crl`) and answers (`NAME.ocsp`) can be had.
    """
    at = at.replace(microsecond=0)
    texts = {
        "ip": address,
        "ip_end": address.partition(".")[2],
        "dns": dns,
        "domain": dns.partition(".")[2],
        "crl": f"{revocation}/{case.name}.crl",
        "ocsp": f"{revocation}/{case.name}.ocsp",
    }
    made: dict[str, Crafted] = {}
    for number, (role, recipe) in enumerate(case.certificates.items()):
        key = made[recipe.key_of].key if recipe.key_of else keys.key(recipe.key, number)
        issuer = made[recipe.issuer] if recipe.issuer else None
        made[role] = crafted(recipe, key, case=case.name, texts=texts, issuer=issuer, at=at)
    built = Built(
        case,
        case.host.format_map(texts),
        address,
        at + case.asked,
        tuple(made[role].der for role in case.chain),
        tuple(made[role].der for role in case.anchors),
        made[case.chain[0]].key,
    )
    return _with_revocation(built, made["root"], at) if case.revocation else built


def _with_revocation(built: Built, root: Crafted, at: datetime) -> Built:
    kind = built.case.revocation
    leaf, issuer, key = built.presented()[0], _read((root.der,))[0], root.key.private
    assert isinstance(key, rsa.RSAPrivateKey)
    if kind == "listed":
        return replace(built, crl=revocation_list(leaf, issuer, key, at=at))
    answer = ocsp_answer(leaf, issuer, key, at=at, revocation=kind)
    return replace(built, ocsp=answer) if kind == "answered" else replace(built, staple=answer)


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
