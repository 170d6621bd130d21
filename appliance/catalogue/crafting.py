"""Certificates from recipes, written as DER by hand.

By hand because most cases are what no library agrees to write. Owns the encoding of a
certificate's parts; which of them a case wants is for its recipe to say.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from appliance.catalogue.keyring import CaseKey
from appliance.catalogue.recipes import Recipe
from store.asn1 import (
    NULL,
    attribute,
    bit_string,
    extension,
    integer,
    octet_string,
    oid,
    sequence,
    tlv,
)

_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "md5": hashes.MD5(),  # noqa: S303 - what clients say of it is the point
    "sha1": hashes.SHA1(),  # noqa: S303
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha3-256": hashes.SHA3_256(),
}
# RFC 8017 and RFC 5758: with RSA, and with ECDSA.
_RSA = "1.2.840.113549.1.1."
_RSA_OIDS = {"md5": 4, "sha1": 5, "sha256": 11, "sha384": 12, "sha512": 13, "sha224": 14}
_EC_OIDS = {
    "sha1": "1.2.840.10045.4.1",
    "sha224": "1.2.840.10045.4.3.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
    "sha3-256": "2.16.840.1.101.3.4.3.10",
}
_EDWARDS_OIDS = {"ed25519": "1.3.101.112", "ed448": "1.3.101.113"}
SIGNATURES = (*_HASHES, "pss-sha256")

_SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"), NULL)
_PSS_SHA256 = sequence(
    oid(_RSA + "10"),
    sequence(
        tlv(0xA0, _SHA256),
        tlv(0xA1, sequence(oid(_RSA + "8"), _SHA256)),
        tlv(0xA2, integer(32)),
    ),
)

PURPOSES: Mapping[str, str] = {
    "server": "1.3.6.1.5.5.7.3.1",
    "client": "1.3.6.1.5.5.7.3.2",
    "code": "1.3.6.1.5.5.7.3.3",
    "email": "1.3.6.1.5.5.7.3.4",
    "ocsp": "1.3.6.1.5.5.7.3.9",
    "any": "2.5.29.37.0",
    "netscape-step-up": "2.16.840.1.113730.4.1",
}
_TEXT_TAGS = {"utf8": (0x0C, "utf-8"), "printable": (0x13, "ascii"), "bmp": (0x1E, "utf-16-be")}
_GENERAL_NAMES = {"email": 0x81, "DNS": 0x82, "URI": 0x86, "IP-text": 0x87}
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Crafted:
    """A certificate that was made, and what those that it issues need to know of it."""

    recipe: Recipe
    key: CaseKey
    serial: int
    issuer_name: bytes
    der: bytes


def crafted(
    recipe: Recipe,
    key: CaseKey,
    *,
    case: str,
    texts: Mapping[str, str],
    issuer: Crafted | None,
    at: datetime,
) -> Crafted:
    """The certificate of `recipe`, made for the time `at` (aware UTC, whole seconds).

    case: goes into every name, so that no two cases have an authority in common.
    texts: what `{ip}` and the like stand for; `crl` and `ocsp`: URLs.
    issuer: None when it signs itself.
    """
    above = issuer.recipe if issuer else recipe
    issuer_name = _name(
        (recipe.issuer_name,) if recipe.issuer_name is not None else above.common_names,
        recipe.issuer_text or above.text,
        case,
        texts,
    )
    serial = secrets.randbits(126) | 1 << 126 if recipe.serial is None else recipe.serial
    signer = issuer.key if issuer else key
    signature = _algorithm(signer, recipe.signature)
    claimed = recipe.claimed_signature
    extensions = b"".join(_extensions(recipe, key, issuer, texts))
    signed = sequence(
        tlv(0xA0, integer(recipe.version - 1)) if recipe.version > 1 else b"",
        integer(serial),
        _algorithm(signer, claimed) if claimed else signature,
        issuer_name,
        sequence(*(_time(moment, recipe, at) for moment in (recipe.starts, recipe.ends))),
        _name(recipe.common_names, recipe.text, case, texts),
        key.public_der,
        tlv(0xA3, sequence(extensions)) if extensions else b"",
    )
    proof = bytearray(_signed(signer, recipe.signature, signed))
    if recipe.damaged:
        proof[len(proof) // 2] ^= 1
    der = sequence(signed, signature, bit_string(bytes(proof)))
    return Crafted(recipe, key, serial, issuer_name, der)


def _name(common_names: tuple[str, ...], text: str, case: str, texts: Mapping[str, str]) -> bytes:
    if not common_names:
        return sequence()
    tag, codec = _TEXT_TAGS[text]
    return sequence(
        attribute("2.5.4.6", b"DE", tag=0x13),
        attribute("2.5.4.10", "Example Org".encode(codec), tag=tag),
        attribute("2.5.4.11", case.encode(codec), tag=tag),
        *(
            attribute("2.5.4.3", name.format_map(texts).encode(codec), tag=tag)
            for name in common_names
        ),
    )


def _time(moment: timedelta | datetime, recipe: Recipe, at: datetime) -> bytes:
    if isinstance(moment, timedelta):
        moment = at + moment
    if recipe.generalized or not 1950 <= moment.year < 2050:
        return tlv(0x18, f"{moment:%Y%m%d%H%M%SZ}".rjust(15, "0").encode())
    return tlv(0x17, f"{moment:%y%m%d%H%M%SZ}".encode())


def _algorithm(key: CaseKey, signature: str) -> bytes:
    if signature == "pss-sha256":
        return _PSS_SHA256
    if isinstance(key.private, rsa.RSAPrivateKey):
        return sequence(oid(f"{_RSA}{_RSA_OIDS[signature]}"), NULL)
    if isinstance(key.private, ec.EllipticCurvePrivateKey):
        return sequence(oid(_EC_OIDS[signature]))
    return sequence(oid(_EDWARDS_OIDS[key.kind]))


def _signed(key: CaseKey, signature: str, data: bytes) -> bytes:
    private = key.private
    if isinstance(private, rsa.RSAPrivateKey):
        if signature == "pss-sha256":
            chosen = hashes.SHA256()
            return private.sign(data, padding.PSS(padding.MGF1(chosen), 32), chosen)
        return private.sign(data, padding.PKCS1v15(), _HASHES[signature])
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(data, ec.ECDSA(_HASHES[signature]))
    return private.sign(data)


def _extensions(
    recipe: Recipe, key: CaseKey, issuer: Crafted | None, texts: Mapping[str, str]
) -> Iterator[bytes]:
    if recipe.ca is not None:
        basic = x509.BasicConstraints(recipe.ca, recipe.path_length)
        yield _known(basic, critical=recipe.ca_critical)
    if recipe.usages is not None:
        usage = x509.KeyUsage(**{name: name in recipe.usages for name in _USAGES})
        yield _known(usage, critical=recipe.usages_critical)
    if recipe.purposes is not None:
        purposes = sequence(*(oid(PURPOSES.get(name, name)) for name in recipe.purposes))
        yield extension("2.5.29.37", purposes, critical=recipe.purposes_critical)
    if recipe.names is not None:
        names = sequence(*(_general_name(name.format_map(texts)) for name in recipe.names))
        yield extension("2.5.29.17", names, critical=recipe.names_critical)
    if recipe.key_identifier:
        yield extension("2.5.29.14", octet_string(_identifier(key)))
    if recipe.authority_identifier == "own":
        yield extension("2.5.29.35", sequence(tlv(0x80, _identifier(key))))
    elif issuer is not None and recipe.authority_identifier != "none":
        yield extension("2.5.29.35", _authority_identifier(recipe, issuer))
    if recipe.permitted or recipe.excluded:
        constraints = sequence(
            *(
                tlv(tag, *(sequence(_subtree(one.format_map(texts))) for one in subtrees))
                if subtrees
                else b""
                for tag, subtrees in ((0xA0, recipe.permitted), (0xA1, recipe.excluded))
            )
        )
        yield extension("2.5.29.30", constraints, critical=recipe.constraints_critical)
    if recipe.crl:
        place = tlv(_GENERAL_NAMES["URI"], texts["crl"].encode())
        yield extension("2.5.29.31", sequence(sequence(tlv(0xA0, tlv(0xA0, place)))))
    if recipe.ocsp:
        place = tlv(_GENERAL_NAMES["URI"], texts["ocsp"].encode())
        access = sequence(oid("1.3.6.1.5.5.7.48.1"), place)
        yield extension("1.3.6.1.5.5.7.1.1", sequence(access))
    for extra in recipe.more:
        yield extension(extra.oid, extra.der, critical=extra.critical)


def _known(value: x509.ExtensionType, *, critical: bool) -> bytes:
    return extension(value.oid.dotted_string, value.public_bytes(), critical=critical)


def _general_name(name: str) -> bytes:
    kind, _, text = name.partition(":")
    if kind == "IP":
        return tlv(0x87, ipaddress.ip_address(text).packed)
    if kind == "OCTETS":
        return tlv(0x87, bytes.fromhex(text))
    return tlv(_GENERAL_NAMES[kind], text.encode())


def _subtree(constraint: str) -> bytes:
    kind, _, text = constraint.partition(":")
    if kind == "IP":
        network = ipaddress.ip_network(text)
        return tlv(0x87, network.network_address.packed, network.netmask.packed)
    return tlv(_GENERAL_NAMES[kind], text.encode())


def _identifier(key: CaseKey) -> bytes:
    """RFC 5280 4.2.1.2, method 1; GnuTLS looks for the signer of an OCSP answer by it."""
    return x509.SubjectKeyIdentifier.from_public_key(key.private.public_key()).digest


def _authority_identifier(recipe: Recipe, issuer: Crafted) -> bytes:
    kind = recipe.authority_identifier
    if kind in ("key", "wrong-key"):
        identifier = _identifier(issuer.key)
        return sequence(tlv(0x80, identifier if kind == "key" else identifier[::-1]))
    serial = issuer.serial + (kind == "wrong-issuer-serial")
    return sequence(tlv(0xA1, tlv(0xA4, issuer.issuer_name)), tlv(0x82, integer(serial)[2:]))
