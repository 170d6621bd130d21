"""What a certificate from anywhere says, as values for people and programs.

Anything in it may be unreadable; then that one fact is None, and the rest is still told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from store.certificate import (
    alternative_names,
    common_name,
    iso_time,
    key_bits,
    serial_hex,
    signature_algorithm,
)
from store.foreign import UNREADABLE, collected_warnings

_T = TypeVar("_T")
_KEYS: tuple[tuple[type, str], ...] = (
    (rsa.RSAPublicKey, "RSA"),
    (ec.EllipticCurvePublicKey, "EC"),
    (dsa.DSAPublicKey, "DSA"),
    (ed25519.Ed25519PublicKey, "Ed25519"),
    (ed448.Ed448PublicKey, "Ed448"),
)


def facts_of(certificate: x509.Certificate) -> dict[str, Any]:
    """`subject`, `issuer`, `common_name`, `self_issued`, `serial_hex`, `not_before`,
    `not_after`, `days`, `algorithm`, `key`, `san`, `ca`, `fingerprint_sha256` and `pem`."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    with collected_warnings():
        return {
            "subject": _or_none(lambda: certificate.subject.rfc4514_string()),
            "issuer": _or_none(lambda: certificate.issuer.rfc4514_string()),
            "common_name": _or_none(lambda: common_name(certificate.subject)),
            "self_issued": _or_none(lambda: certificate.subject == certificate.issuer),
            "serial_hex": _or_none(lambda: serial_hex(certificate.serial_number)),
            "not_before": _or_none(lambda: iso_time(certificate.not_valid_before_utc)),
            "not_after": _or_none(lambda: iso_time(certificate.not_valid_after_utc)),
            "days": _or_none(lambda: _days(certificate)),
            "algorithm": _or_none(lambda: signature_algorithm(certificate)),
            "key": _or_none(lambda: _key(certificate)),
            "san": _or_none(lambda: list(alternative_names(certificate.extensions))),
            "ca": _or_none(lambda: _is_authority(certificate)),
            "fingerprint_sha256": hashlib.sha256(der).hexdigest(),
            "pem": certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        }


def name_of(certificate: x509.Certificate) -> str:
    """How people call it: its common name, else its whole subject, else what can be said."""
    with collected_warnings():
        name = _or_none(lambda: common_name(certificate.subject))
        return name or _or_none(lambda: certificate.subject.rfc4514_string()) or "(no subject)"


def _days(certificate: x509.Certificate) -> int:
    """Of its validity, begun ones counted, both ends included; as clients count them."""
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return -(-(life + timedelta(seconds=1)) // timedelta(days=1))


def _or_none(read: Callable[[], _T]) -> _T | None:
    try:
        return read()
    except UNREADABLE:
        return None


def _key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    kind = next((name for known, name in _KEYS if isinstance(key, known)), type(key).__name__)
    bits = key_bits(certificate)
    return kind if bits is None else f"{kind} {bits}"


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
