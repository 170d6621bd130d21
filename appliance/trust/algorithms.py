"""Keys and signature algorithms: what they are, and how strong each is said to be.

Read off their DER, so that an algorithm nobody supports is known by its name too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from appliance.trust.der import (
    BIT_STRING,
    INTEGER,
    NULL,
    OID,
    SEQUENCE,
    Element,
    Malformed,
    elements,
    expect,
    integer,
    members,
    oid,
)

CURVES = {
    "1.2.840.10045.3.1.1": ("P-192", 192),
    "1.3.132.0.33": ("P-224", 224),
    "1.2.840.10045.3.1.7": ("P-256", 256),
    "1.3.132.0.34": ("P-384", 384),
    "1.3.132.0.35": ("P-521", 521),
    "1.3.132.0.10": ("secp256k1", 256),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512),
}
_EC = "1.2.840.10045.2.1"
_KEYS = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    _EC: "EC",
    "1.2.840.10040.4.1": "DSA",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}
_FIXED_BITS = {"Ed25519": 256, "Ed448": 456}

_HASHES = {
    "1.2.840.113549.2.2": "MD2",
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA-1",
    "2.16.840.1.101.3.4.2.4": "SHA-224",
    "2.16.840.1.101.3.4.2.1": "SHA-256",
    "2.16.840.1.101.3.4.2.2": "SHA-384",
    "2.16.840.1.101.3.4.2.3": "SHA-512",
}
_PSS = "1.2.840.113549.1.1.10"
_SHA3 = ("SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512")
SHA3 = frozenset(_SHA3)
# Object identifier: the kind of key that signs, and the hash.
_SIGNATURES = {
    "1.2.840.113549.1.1.2": ("RSA", "MD2"),
    "1.2.840.113549.1.1.4": ("RSA", "MD5"),
    "1.2.840.113549.1.1.5": ("RSA", "SHA-1"),
    "1.3.14.3.2.29": ("RSA", "SHA-1"),
    "1.2.840.113549.1.1.14": ("RSA", "SHA-224"),
    "1.2.840.113549.1.1.11": ("RSA", "SHA-256"),
    "1.2.840.113549.1.1.12": ("RSA", "SHA-384"),
    "1.2.840.113549.1.1.13": ("RSA", "SHA-512"),
    "1.2.840.10045.4.1": ("EC", "SHA-1"),
    "1.2.840.10045.4.3.1": ("EC", "SHA-224"),
    "1.2.840.10045.4.3.2": ("EC", "SHA-256"),
    "1.2.840.10045.4.3.3": ("EC", "SHA-384"),
    "1.2.840.10045.4.3.4": ("EC", "SHA-512"),
    **{f"2.16.840.1.101.3.4.3.{9 + at}": ("EC", name) for at, name in enumerate(_SHA3)},
    **{f"2.16.840.1.101.3.4.3.{13 + at}": ("RSA", name) for at, name in enumerate(_SHA3)},
    "1.2.840.10040.4.3": ("DSA", "SHA-1"),
    "2.16.840.1.101.3.4.3.1": ("DSA", "SHA-224"),
    "2.16.840.1.101.3.4.3.2": ("DSA", "SHA-256"),
    "1.3.101.112": ("Ed25519", "SHA-512"),
    "1.3.101.113": ("Ed448", "SHAKE256"),
}

# How many bits of security OpenSSL counts for a hash in a certificate's signature.
HASH_SECURITY = {
    "MD2": 39,
    "MD5": 39,
    "SHA-1": 63,
    "SHA-224": 112,
    "SHA-256": 128,
    "SHA-384": 192,
    "SHA-512": 256,
    "SHAKE256": 224,
    **dict(zip(_SHA3, (112, 128, 192, 256), strict=True)),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A public key.

    kind: `RSA`, `RSA-PSS`, `EC`, `DSA`, `Ed25519`, `Ed448`, or the object identifier.
    bits: of the modulus, prime or curve; 0 when that is not known.
    curve: the curve's name; `explicit` when its parameters are written out; None without one.
    parameters: whether the algorithm's parameters are as RFC 3279 and 8410 have them.
    """

    kind: str
    bits: int
    curve: str | None = None
    exponent: int | None = None
    parameters: bool = True

    @property
    def text(self) -> str:
        """For people."""
        if self.kind == "EC":
            return f"EC {self.curve}"
        return self.kind if self.kind in _FIXED_BITS else f"{self.kind} {self.bits}"

    @property
    def security(self) -> int:
        """Bits of security as OpenSSL counts them (`EVP_PKEY_get_security_bits`)."""
        if self.kind in ("RSA", "RSA-PSS", "DSA"):
            return factoring_security(self.bits)
        if self.kind in _FIXED_BITS:
            return {"Ed25519": 128, "Ed448": 224}[self.kind]
        steps = ((512, 256), (384, 192), (256, 128), (224, 112), (160, 80))
        return next((bits for size, bits in steps if self.bits >= size), self.bits // 2)


def factoring_security(bits: int) -> int:
    """Bits of security of an RSA modulus or a DSA prime, by NIST SP 800-56B appendix D.

    The usual sizes have round numbers by definition; the formula fills in between.
    """
    named = {2048: 112, 3072: 128, 4096: 152, 6144: 176, 7680: 192, 8192: 200, 15360: 256}
    if bits in named:
        return named[bits]
    if bits < 8:
        return 0
    x = bits * math.log(2)
    strength = (1.923 * (x * math.log(x) ** 2) ** (1 / 3) - 4.69) / math.log(2)
    capped = min(strength, 192 if bits <= 7680 else 256 if bits <= 15360 else 1200)
    return (int(capped) + 4) & ~7


def read_key(spki: bytes) -> Key:
    """The key in a SubjectPublicKeyInfo. Malformed: when that can't be read."""
    parts = members(spki)
    if len(parts) != 2:
        raise Malformed("a public key has not two parts")
    algorithm = elements(expect(parts[0], SEQUENCE))
    octets = expect(parts[1], BIT_STRING)[1:]
    if not algorithm:
        raise Malformed("a public key has no algorithm")
    identifier = oid(expect(algorithm[0], OID))
    kind = _KEYS.get(identifier, identifier)
    parameters = algorithm[1] if len(algorithm) > 1 else None
    if kind in ("RSA", "RSA-PSS"):
        modulus, exponent = (expect(one, INTEGER) for one in members(octets)[:2])
        proper = kind == "RSA-PSS" or (parameters is not None and parameters.tag == NULL)
        number = integer(modulus)
        return Key(kind, max(0, number).bit_length(), None, integer(exponent), proper)
    if kind == "EC":
        return _curve_key(parameters)
    if kind == "DSA":
        prime = (
            elements(parameters.content)[0].content if parameters and parameters.content else b""
        )
        return Key(kind, int.from_bytes(prime, "big").bit_length())
    return Key(kind, _FIXED_BITS.get(kind, 0), parameters=parameters is None)


def _curve_key(parameters: Element | None) -> Key:
    if parameters is None or parameters.tag != OID:
        return Key("EC", 0, "explicit", parameters=False)
    identifier = oid(parameters.content)
    name, bits = CURVES.get(identifier, (identifier, 0))
    return Key("EC", bits, name)


@dataclass(frozen=True, slots=True)
class Signature:
    """How a certificate is signed.

    oid: of the algorithm. kind: of the key that signs, as in `Key`. hash: None when unknown.
    """

    oid: str
    kind: str
    hash: str | None
    pss: bool = False

    @property
    def text(self) -> str:
        """For people."""
        if self.hash is None:
            return self.oid
        if self.kind in _FIXED_BITS:
            return self.kind
        kind = {"EC": "ECDSA"}.get(self.kind, self.kind)
        return f"{kind}{'-PSS' if self.pss else ''} with {self.hash}"


def read_signature(algorithm: bytes) -> Signature:
    """The signature algorithm in an AlgorithmIdentifier. Malformed: when it can't be read."""
    parts = members(algorithm)
    if not parts:
        raise Malformed("a signature has no algorithm")
    identifier = oid(expect(parts[0], OID))
    if identifier == _PSS:
        return Signature(identifier, "RSA", _pss_hash(parts[1:]), pss=True)
    kind, name = _SIGNATURES.get(identifier, (identifier, None))
    return Signature(identifier, kind, name)


def _pss_hash(parameters: list[Element]) -> str | None:
    """RFC 4055 3.1: the hash is SHA-1 where none is named."""
    for element in elements(parameters[0].content) if parameters else []:
        if element.tag == 0xA0:
            return _HASHES.get(oid(expect(members(element.content)[0], OID)))
    return "SHA-1"
