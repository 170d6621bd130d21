"""Keys of every kind that a case may want, made once for all cases.

Making keys is what takes time, and cases differ in their certificates: the first
authority of every case has the same key, under another name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from store.asn1 import bit_string, integer, octet_string, oid, sequence

PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)

_PSS = sequence(oid("1.2.840.113549.1.1.10"))


@dataclass(frozen=True, slots=True)
class CaseKey:
    """A private key, its kind, and its two encodings: SubjectPublicKeyInfo and PKCS#8, DER."""

    kind: str
    private: PrivateKey
    public_der: bytes
    private_der: bytes


def _rsa(bits: int, exponent: int = 65537) -> Callable[[], PrivateKey]:
    return lambda: rsa.generate_private_key(exponent, bits)


def _curve(curve: ec.EllipticCurve) -> Callable[[], PrivateKey]:
    return lambda: ec.generate_private_key(curve)


KINDS: Mapping[str, Callable[[], PrivateKey]] = {
    "rsa-1024": _rsa(1024),
    "rsa-1536": _rsa(1536),
    "rsa-2047": _rsa(2047),
    "rsa-2048": _rsa(2048),
    "rsa-2048-exponent-3": _rsa(2048, 3),
    "rsa-3072": _rsa(3072),
    "rsa-4096": _rsa(4096),
    "rsa-pss-2048": _rsa(2048),  # an RSA key whose certificate allows PSS signatures only
    "p-256": _curve(ec.SECP256R1()),
    "p-384": _curve(ec.SECP384R1()),
    "p-521": _curve(ec.SECP521R1()),
    "p-224": _curve(ec.SECP224R1()),
    "secp256k1": _curve(ec.SECP256K1()),
    "brainpool-256": _curve(ec.BrainpoolP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ed448": ed448.Ed448PrivateKey.generate,
}


class Keyring:
    """Keys by kind and number, each made when it is first asked for (blocking: up to seconds)."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, int], CaseKey] = {}

    def key(self, kind: str, number: int) -> CaseKey:
        """The same key for the same `kind` (of `KINDS`) and `number`."""
        if (kind, number) not in self._keys:
            self._keys[kind, number] = _made(kind)
        return self._keys[kind, number]


def _made(kind: str) -> CaseKey:
    private = KINDS[kind]()
    encoding = serialization.Encoding.DER
    public = private.public_key()
    if kind.startswith("rsa-pss"):
        assert isinstance(private, rsa.RSAPrivateKey)
        assert isinstance(public, rsa.RSAPublicKey)
        inner = serialization.PublicFormat.PKCS1
        return CaseKey(
            kind,
            private,
            sequence(_PSS, bit_string(public.public_bytes(encoding, inner))),
            sequence(
                integer(0),
                _PSS,
                octet_string(
                    private.private_bytes(
                        encoding,
                        serialization.PrivateFormat.TraditionalOpenSSL,
                        serialization.NoEncryption(),
                    )
                ),
            ),
        )
    return CaseKey(
        kind,
        private,
        public.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo),
        private.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
