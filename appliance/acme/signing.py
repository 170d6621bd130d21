"""Keys and signatures of ACME: JWS, bindings, and what answers a challenge.

josepy knows JOSE's keys and algorithms; what ACME makes of them (RFC 8555 6.2, 7.3.4, 7.3.5,
8.1; RFC 8737; RFC 9773 4.1) is here. Imported when somebody uses ACME, never at a start.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from josepy.jwa import ES256, HS256
from josepy.jwk import JWKEC

from appliance.acme.wire import Identifier
from store.issuing import random_serial

ACME_IDENTIFIER = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31")  # RFC 8737 6.1
ACME_PROTOCOL = "acme-tls/1"
_CHALLENGE_LIFE = timedelta(days=7)


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class AccountKey:
    """The key of an account: P-256, which every ACME server knows (ES256, RFC 8555 6.2)."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._jwk = JWKEC(key=key)

    @classmethod
    def make(cls) -> AccountKey:
        """A new one, in a tenth of a millisecond."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_der(cls, der: bytes) -> AccountKey:
        """One that `to_der` wrote."""
        key = serialization.load_der_private_key(der, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("no account key")
        return cls(key)

    def to_der(self) -> bytes:
        """Unencrypted PKCS#8; only ever handed to `store.sealing`."""
        return self._key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def __repr__(self) -> str:
        return f"AccountKey({self.thumbprint})"

    @property
    def public(self) -> dict[str, str]:
        """The public half as a JWK."""
        members: dict[str, str] = dict(self._jwk.public_key().fields_to_partial_json())
        return {"kty": "EC", **members}

    @property
    def thumbprint(self) -> str:
        """RFC 7638, SHA-256."""
        return b64url(self._jwk.thumbprint())

    def sign(
        self, payload: object, *, url: str, nonce: str | None = None, kid: str | None = None
    ) -> dict[str, str]:
        """`payload` as a flattened JWS for `url`.

        payload: what becomes JSON; None for POST-as-GET, whose payload is empty.
        kid: the account's URL; None says who signs by the public key itself.
        """
        protected: dict[str, Any] = {"alg": "ES256", "url": url}
        if nonce is not None:
            protected["nonce"] = nonce
        if kid is None:
            protected["jwk"] = self.public
        else:
            protected["kid"] = kid
        head = b64url(json.dumps(protected).encode())
        body = "" if payload is None else b64url(json.dumps(payload).encode())
        signature = ES256.sign(self._key, f"{head}.{body}".encode())
        return {"protected": head, "payload": body, "signature": b64url(signature)}

    def authorize(self, token: str) -> str:
        """The key authorization of a challenge's token."""
        return f"{token}.{self.thumbprint}"


def bind_account(key: AccountKey, *, kid: str, secret: bytes, url: str) -> dict[str, str]:
    """The binding of an account to one that the CA has beside ACME (RFC 8555 7.3.4)."""
    head = b64url(json.dumps({"alg": "HS256", "kid": kid, "url": url}).encode())
    body = b64url(json.dumps(key.public).encode())
    signature = HS256.sign(secret, f"{head}.{body}".encode())
    return {"protected": head, "payload": body, "signature": b64url(signature)}


def dns_value(authorization: str) -> str:
    """What the TXT record at `_acme-challenge` says for a key authorization."""
    return b64url(hashlib.sha256(authorization.encode()).digest())


def challenge_certificate(
    identifier: Identifier, authorization: str, key: rsa.RSAPrivateKey, *, now: datetime
) -> x509.Certificate:
    """What is shown to a CA that asks with `acme-tls/1` (RFC 8737 3): self-signed, one name.

    now: real time, since that is the CA's.
    """
    digest = hashlib.sha256(authorization.encode()).digest()
    name = x509.Name([])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(random_serial())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _CHALLENGE_LIFE)
        .add_extension(x509.SubjectAlternativeName([identifier.general_name]), critical=True)
        .add_extension(
            x509.UnrecognizedExtension(ACME_IDENTIFIER, b"\x04\x20" + digest), critical=True
        )
        .sign(key, hashes.SHA256())
    )


def certificate_id(certificate: x509.Certificate) -> str | None:
    """What names a certificate in renewal information: AKI and serial (RFC 9773 4.1).

    None when it has no authority key identifier.
    """
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    except x509.ExtensionNotFound:
        return None
    if found.key_identifier is None:
        return None
    serial = certificate.serial_number
    octets = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    return f"{b64url(found.key_identifier)}.{b64url(octets)}"
