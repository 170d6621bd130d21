"""Signed requests, read and verified: RFC 8555 6.2 and RFC 7515, as strictly as they have it.

josepy knows keys and algorithms. Whatever bytes come, the answer is a value or an `AcmeError`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from josepy import errors as jose_errors
from josepy.jwa import ES256, ES384, ES512, HS256, RS256
from josepy.jwk import JWK, JWKEC, JWKRSA

from appliance.acme.signing import b64url
from appliance.ca.problems import Extra, error

MAX_BYTES = 64 * 1024  # of a request; a CSR with a hundred names has 6 KiB
MAX_KEY_BITS = 8192
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")

# Algorithms, with the type and curve of the key that goes with each (RFC 7518 3.1).
_CURVES: dict[str, tuple[Any, str]] = {
    "ES256": (ES256, "secp256r1"),
    "ES384": (ES384, "secp384r1"),
    "ES512": (ES512, "secp521r1"),
}
ALGORITHMS = ("RS256", *_CURVES)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verified public key of a client.

    jwk: its members, with nothing but what makes the key (RFC 7638 3.2).
    thumbprint: RFC 7638, SHA-256.
    """

    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    jwk: Mapping[str, str]
    thumbprint: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A flattened JWS, taken apart but not verified."""

    protected: Mapping[str, Any]
    payload: bytes
    signature: bytes
    signing_input: bytes

    @property
    def algorithm(self) -> str:
        """Its `alg`, one of ours."""
        return str(self.protected["alg"])

    def verify(self, key: PublicKey) -> None:
        """Refused when the signature is not made with `key`."""
        if self.algorithm == "RS256":
            fits, algorithm = isinstance(key.key, rsa.RSAPublicKey), RS256
        else:
            algorithm, curve = _CURVES[self.algorithm]
            fits = isinstance(key.key, ec.EllipticCurvePublicKey) and key.key.curve.name == curve
        if not fits:
            raise error(
                "malformed", f"The algorithm {self.algorithm} does not go with the account's key."
            )
        if not algorithm.verify(key.key, self.signing_input, self.signature):
            raise error("malformed", "The signature of the request does not verify.", status=401)

    def json(self) -> dict[str, Any]:
        """The payload as a JSON object."""
        return read_object(self.payload, "the payload")


def read_object(data: bytes | str, what: str) -> dict[str, Any]:
    """A JSON object; refused when it is none, or has a member twice."""
    try:
        value = json.loads(data, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise error("malformed", f"{what[0].upper()}{what[1:]} is no JSON.") from None
    if not isinstance(value, dict):
        raise error("malformed", f"{what[0].upper()}{what[1:]} is no JSON object.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found


def _no_constant(_name: str) -> None:
    raise ValueError("no number")  # NaN and Infinity are Python's, not JSON's


def decode(text: object, what: str) -> bytes:
    """Base64url without padding (RFC 7515 2); refused when it is anything else."""
    if not isinstance(text, str) or not _BASE64URL.match(text) or len(text) % 4 == 1:
        raise error("malformed", f"{what} is no base64url without padding.")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise error("malformed", f"{what} is no base64url without padding.") from None


def read_jws(value: bytes | Mapping[str, Any], *, inner: bool = False) -> Signed:
    """A flattened JWS (RFC 8555 6.2).

    inner: one that is the payload of another: without a nonce (RFC 8555 7.3.5).
    """
    members = read_object(value, "the request") if isinstance(value, bytes) else value
    if "header" in members or "signatures" in members:
        raise error("malformed", "The JWS has an unprotected header, or several signatures.")
    head = members.get("protected")
    protected = read_object(decode(head, "The protected header"), "the protected header")
    payload = decode(members.get("payload"), "The payload")
    signature = decode(members.get("signature"), "The signature")
    if "crit" in protected or protected.get("b64") is False:
        raise error("malformed", "The protected header wants extensions that are not known here.")
    algorithm = protected.get("alg")
    if algorithm not in ALGORITHMS:
        raise error(
            "badSignatureAlgorithm",
            f"The algorithm {str(algorithm)[:40]!r} is not taken; {', '.join(ALGORITHMS)} are.",
            extra=Extra(members={"algorithms": list(ALGORITHMS)}),
        )
    if not isinstance(protected.get("url"), str):
        raise error("malformed", "The protected header has no url.")
    if inner and "nonce" in protected:
        raise error("malformed", "The inner JWS has a nonce; only the outer one may.")
    if ("jwk" in protected) == ("kid" in protected):
        raise error("malformed", "The protected header needs either jwk or kid.")
    return Signed(protected, payload, signature, f"{head}.{members['payload']}".encode())


def read_key(value: object) -> PublicKey:
    """A client's key from its JWK; refused when it is none, too weak, too long, or private."""
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise error("badPublicKey", "The jwk is no object of texts.")
    if {"d", "k", "p", "q"} & value.keys():
        raise error("badPublicKey", "The jwk tells a private key; make another one.")
    needed = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}.get(value.get("kty", ""))
    if needed is None or not all(name in value for name in needed):
        raise error("badPublicKey", "The jwk is neither a whole RSA key nor a whole EC key.")
    plain = {name: value[name] for name in needed}
    if max(map(len, plain.values())) > MAX_KEY_BITS // 6 + 2:
        raise error("badPublicKey", f"The key is longer than {MAX_KEY_BITS} bits.")
    try:
        jwk = JWK.from_json(plain)
        assert isinstance(jwk, JWKRSA | JWKEC)
        key = jwk.key.public_numbers().public_key()
        thumbprint = b64url(jwk.thumbprint())
    except (jose_errors.Error, ValueError, TypeError, OverflowError, AssertionError):
        raise error("badPublicKey", "The jwk is no public key.") from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        raise error("badPublicKey", f"The RSA key has {key.key_size} bits; 2048 are needed.")
    return PublicKey(key, plain, thumbprint)


def verify_binding(value: object, *, key: PublicKey, url: str, secrets: Mapping[str, bytes]) -> str:
    """The customer that an account is bound to (RFC 8555 7.3.4): the binding's kid.

    secrets: HMAC keys by kid.
    """
    if not isinstance(value, dict):
        raise error("malformed", "The externalAccountBinding is no JWS.")
    head = value.get("protected")
    protected = read_object(decode(head, "The binding's header"), "the binding's header")
    payload = decode(value.get("payload"), "The binding's payload")
    signature = decode(value.get("signature"), "The binding's signature")
    kid = protected.get("kid")
    if protected.get("alg") != "HS256" or "nonce" in protected or protected.get("url") != url:
        raise error("malformed", "The binding needs alg HS256, the newAccount url and no nonce.")
    secret = secrets.get(kid) if isinstance(kid, str) else None
    if secret is None or not HS256.verify(secret, f"{head}.{value['payload']}".encode(), signature):
        raise error("unauthorized", "Nobody with this kid and key is a customer here.")
    if read_key(read_object(payload, "the binding's payload")).thumbprint != key.thumbprint:
        raise error("malformed", "The binding is for another key.")
    return str(kid)
