"""Material for tests of the store and the model: keys made once, DER by hand, real openssl."""

from __future__ import annotations

import base64
import datetime
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from appliance.box import Box
from appliance.clock import Clock
from store.asn1 import NULL, attribute, bit_string, integer, octet_string, oid, sequence, tlv
from store.keys import KeyPool, make_key
from store.names import Subject
from store.opening import open_store
from store.refusals import Refused

PASSPHRASE = "seven-7"
NOON = datetime.datetime(2023, 11, 17, 12, 0, 0, tzinfo=datetime.UTC)


@cache
def a_key(number: int = 0) -> rsa.RSAPrivateKey:
    """The same RSA-2048 key for the same number, in one run."""
    return make_key()


@cache
def foreign_authority() -> trustme.CA:
    """An authority that is not the box's."""
    return trustme.CA(key_type=trustme.KeyType.RSA)


class FewKeys(KeyPool):
    """A pool that hands out a few keys in turn: making one for each test takes too long."""

    def __init__(self, count: int = 4) -> None:
        super().__init__()
        self._count = count
        self._next = 0

    def take(self, *, used_will_do: bool = False) -> rsa.RSAPrivateKey:
        """The next of the few."""
        self._next += 1
        return a_key(self._next % self._count)


def a_box(directory: Path | None = None, *, clock: Clock | None = None, **installation: Any) -> Box:
    """An installed box at 127.0.0.2, on noon of a Friday; ephemeral without a directory."""
    box = Box(
        open_store(directory, "osbiz"), clock=clock or Clock(now=NOON, rate=0), keys=FewKeys()
    )
    if not box.installed:
        box.install(**({"lan_ip": "127.0.0.2"} | installation))
    return box


def refusals(function: Callable[..., object], *args: Any, **kwargs: Any) -> list[str]:
    """The codes with which `function` says no."""
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return [refusal.code for refusal in caught.value.refusals]


def fields(function: Callable[..., object], *args: Any, **kwargs: Any) -> set[str | None]:
    """The fields that `function` complains about."""
    with pytest.raises(Refused) as caught:
        function(*args, **kwargs)
    return {refusal.field for refusal in caught.value.refusals}


def openssl(*arguments: str | Path, data: bytes = b"") -> bytes:
    """What the real openssl prints; it must succeed."""
    done = subprocess.run(
        ["openssl", *map(str, arguments)], input=data, capture_output=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


# Bytes of the usual things


def certificate_pem(*certificates: x509.Certificate) -> bytes:
    """PEM, one after the other."""
    return b"".join(part.public_bytes(serialization.Encoding.PEM) for part in certificates)


def certificate_der(certificate: x509.Certificate) -> bytes:
    """DER."""
    return certificate.public_bytes(serialization.Encoding.DER)


def key_pem(key: Any, passphrase: str | None = None) -> bytes:
    """A private key as PKCS#8 PEM, encrypted when there is a passphrase."""
    return bytes(_key_bytes(key, serialization.Encoding.PEM, passphrase))


def key_der(key: Any, passphrase: str | None = None) -> bytes:
    """A private key as PKCS#8 DER."""
    return bytes(_key_bytes(key, serialization.Encoding.DER, passphrase))


def _key_bytes(key: Any, encoding: serialization.Encoding, passphrase: str | None) -> Any:
    encryption = (
        serialization.NoEncryption()
        if passphrase is None
        else serialization.BestAvailableEncryption(passphrase.encode())
    )
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, encryption)


def pem(der: bytes, label: str) -> bytes:
    """`der` between the lines of PEM."""
    return (
        b"-----BEGIN "
        + label.encode()
        + b"-----\n"
        + base64.encodebytes(der)
        + b"-----END "
        + label.encode()
        + b"-----\n"
    )


# Certificates by hand, for what no library would write

SHA256_RSA = sequence(oid("1.2.840.113549.1.1.11"), NULL)
BOX = sequence(attribute("2.5.4.3", b"box"))


def crafted(
    *,
    version: bytes = tlv(0xA0, integer(2)),
    serial: bytes = integer(77),
    issuer: bytes = BOX,
    not_before: bytes = tlv(0x17, b"230101000000Z"),
    not_after: bytes = tlv(0x17, b"330101000000Z"),
    subject: bytes = BOX,
    public_key: bytes = b"",
    extensions: tuple[bytes, ...] = (),
) -> bytes:
    """The DER of a certificate with `a_key()`, each part of it as wished."""
    key = a_key()
    public_key = public_key or key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = sequence(
        version,
        serial,
        SHA256_RSA,
        issuer,
        sequence(not_before, not_after),
        subject,
        public_key,
        tlv(0xA3, sequence(*extensions)) if extensions else b"",
    )
    signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return sequence(signed, SHA256_RSA, bit_string(signature))


def crafted_pkcs12(certificate: bytes, key_bag: bytes, *, octets: Callable[..., bytes]) -> bytes:
    """A PKCS#12 file without MAC around the DER of a certificate and of a bag with a key.

    octets: writes an OCTET STRING, which BER allows in many ways.
    """
    data = "1.2.840.113549.1.7.1"
    certificate_bag = sequence(
        oid("1.2.840.113549.1.12.10.1.3"),
        tlv(0xA0, sequence(oid("1.2.840.113549.1.9.22.1"), tlv(0xA0, octet_string(certificate)))),
    )
    safe = sequence(certificate_bag, key_bag)
    safes = sequence(sequence(oid(data), tlv(0xA0, octets(safe))))
    return sequence(integer(3), sequence(oid(data), tlv(0xA0, octets(safes))))


def plain_key_bag(key: rsa.RSAPrivateKey) -> bytes:
    """A PKCS#12 bag with an unencrypted key."""
    return sequence(oid("1.2.840.113549.1.12.10.1.1"), tlv(0xA0, key_der(key)))


def subject(common_name: str = "osbiz.example") -> Subject:
    """A subject with all four attributes."""
    return Subject(common_name, country="DE", organization="Muster GmbH", unit="IT")
