"""Key files that ask for work without end: refused at once, however they are spelt."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import padding as block_padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from store.asn1 import integer, oid, sequence, tlv
from store.bundles import read_files, read_pkcs12, write_pkcs12
from store.certificate import Certificate
from store.der import MAX_ITERATIONS, iterations_asked
from store.issuing import Wanted, self_signed
from tests.helpers import (
    PASSPHRASE,
    a_key,
    certificate_der,
    certificate_pem,
    crafted_pkcs12,
    key_der,
    plain_key_bag,
    subject,
)

BEGIN, END = datetime(2023, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)
LEAF = self_signed(Wanted(subject(), BEGIN, END, 1), a_key())


def encrypted_key(rounds: int, *, octets: Callable[..., bytes] | None = None) -> bytes:
    """An EncryptedPrivateKeyInfo, derived with `rounds` rounds of PBKDF2."""
    octets = octets or (lambda *parts: tlv(0x04, *parts))
    salt, start = os.urandom(8), os.urandom(16)
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, min(rounds, 1000)).derive(PASSPHRASE.encode())
    padder = block_padding.PKCS7(128).padder()
    padded = padder.update(key_der(a_key())) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    hmac_sha256 = sequence(oid("1.2.840.113549.2.9"), tlv(0x05))
    derivation = sequence(
        oid("1.2.840.113549.1.5.12"), sequence(octets(salt), integer(rounds), hmac_sha256)
    )
    cipher = sequence(oid("2.16.840.1.101.3.4.1.42"), tlv(0x04, start))
    scheme = sequence(oid("1.2.840.113549.1.5.13"), sequence(derivation, cipher))
    return sequence(scheme, tlv(0x04, encryptor.update(padded) + encryptor.finalize()))


def scrypt_key(cost: int, block: int, lanes: int) -> bytes:
    """An EncryptedPrivateKeyInfo that asks for so much of scrypt, and holds nothing."""
    parameters = sequence(tlv(0x04, b"saltsalt"), integer(cost), integer(block), integer(lanes))
    derivation = sequence(oid("1.3.6.1.4.1.11591.4.11"), parameters)
    cipher = sequence(oid("2.16.840.1.101.3.4.1.42"), tlv(0x04, bytes(16)))
    scheme = sequence(oid("1.2.840.113549.1.5.13"), sequence(derivation, cipher))
    return sequence(scheme, tlv(0x04, bytes(32)))


def shrouded(key: bytes) -> bytes:
    return sequence(oid("1.2.840.113549.1.12.10.1.2"), tlv(0xA0, key))


def whole(data: bytes) -> bytes:
    return tlv(0x04, data)


def in_pieces(data: bytes) -> bytes:
    """BER, of indefinite length, cut every seven octets."""
    pieces = (tlv(0x04, data[at : at + 7]) for at in range(0, len(data), 7))
    return b"\x24\x80" + b"".join(pieces) + b"\x00\x00"


def in_pieces_of_pieces(data: bytes) -> bytes:
    return tlv(0x24, *(tlv(0x24, tlv(0x04, data[at : at + 5])) for at in range(0, len(data), 5)))


def with_a_long_length(data: bytes) -> bytes:
    return b"\x04\x87" + len(data).to_bytes(7, "big") + data


SPELLINGS = [whole, in_pieces, in_pieces_of_pieces, with_a_long_length]
BEGINNING, ENDING = (f"-----{word} ENCRYPTED PRIVATE KEY-----\n" for word in ("BEGIN", "END"))


def body(der: bytes) -> str:
    return base64.encodebytes(der).decode()


PEM_SPELLINGS: dict[str, Callable[[bytes], str]] = {
    "plain": lambda der: BEGINNING + body(der) + ENDING,
    "with a header": lambda der: f"{BEGINNING}Note: x\n\n{body(der)}{ENDING}",
    "with two headers and CRLF": lambda der: (
        f"{BEGINNING}Note: x\nMore: y\n\n{body(der)}{ENDING}".replace("\n", "\r\n")
    ),
    "after blank lines and a header": lambda der: f"{BEGINNING}\n\nNote: x\n\n{body(der)}{ENDING}",
    "behind a certificate": lambda der: (
        certificate_pem(LEAF).decode() + BEGINNING + body(der) + ENDING
    ),
    "on one line": lambda der: BEGINNING.strip() + body(der).replace("\n", "") + ENDING,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_pkcs12_asking_for_two_thousand_million_rounds_is_refused_at_once(
    spelling: Callable[[bytes], bytes],
) -> None:
    bag = shrouded(encrypted_key(2**31, octets=spelling))
    data = crafted_pkcs12(certificate_der(LEAF), bag, octets=spelling)
    began = time.monotonic()
    material = read_pkcs12(data, PASSPHRASE)
    assert time.monotonic() - began < 1
    assert [refusal.code for refusal in material.wrong] == ["too-many-iterations"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_however_it_is_spelt_a_pkcs12_that_asks_for_little_is_opened(
    spelling: Callable[[bytes], bytes],
) -> None:
    bag = shrouded(encrypted_key(1000, octets=spelling))
    data = crafted_pkcs12(certificate_der(LEAF), bag, octets=spelling)
    assert iterations_asked(data) == 1000
    material = read_pkcs12(data, PASSPHRASE)
    assert material.wrong == []
    assert material.key is not None


def test_rounds_of_the_mac_are_counted_too() -> None:
    rounds = [sequence(sequence(), tlv(0x04, b"salt"), integer(count)) for count in (1, 2**31)]
    bare = crafted_pkcs12(certificate_der(LEAF), plain_key_bag(a_key()), octets=whole)[4:]
    assert [iterations_asked(sequence(bare, mac)) for mac in rounds] == [1, 2**31]


def test_what_the_box_itself_writes_asks_for_a_bearable_number() -> None:
    good = write_pkcs12(Certificate(LEAF, key=a_key()), name="n", passphrase=PASSPHRASE)
    assert 2048 < iterations_asked(good) < MAX_ITERATIONS


@pytest.mark.parametrize("spelling", PEM_SPELLINGS.values(), ids=PEM_SPELLINGS.keys())
def test_a_pem_key_asking_for_two_thousand_million_rounds_is_refused_at_once(
    spelling: Callable[[bytes], str],
) -> None:
    data = spelling(encrypted_key(2**31)).encode()
    began = time.monotonic()
    material = read_files(certificate_pem(LEAF), data, PASSPHRASE)
    assert time.monotonic() - began < 1
    assert [refusal.code for refusal in material.wrong] == ["too-many-iterations"]


@pytest.mark.parametrize("spelling", PEM_SPELLINGS.values(), ids=PEM_SPELLINGS.keys())
def test_however_it_is_spelt_a_pem_key_that_asks_for_little_is_opened(
    spelling: Callable[[bytes], str],
) -> None:
    data = spelling(encrypted_key(1000)).encode()
    assert read_files(certificate_pem(LEAF), data, PASSPHRASE).key is not None


def test_a_der_key_asking_for_two_thousand_million_rounds_is_refused_at_once() -> None:
    material = read_files(certificate_pem(LEAF), encrypted_key(2**31), PASSPHRASE)
    assert [refusal.code for refusal in material.wrong] == ["too-many-iterations"]


@pytest.mark.parametrize(
    "asked", [(2**30, 8, 1), (16384, 2**20, 1), (16384, 8, 2**20), (1024, 8, 1000)]
)
def test_scrypt_is_measured_by_all_its_numbers(asked: tuple[int, int, int]) -> None:
    material = read_files(certificate_pem(LEAF), scrypt_key(*asked), PASSPHRASE)
    assert [refusal.code for refusal in material.wrong] == ["too-many-iterations"]


@pytest.mark.parametrize(
    "data",
    [
        sequence(*[tlv(0x05)] * 30_000, tlv(0x04, b"salt"), integer(2**31)),
        b"\x30\x80" * 500_000,
        b"\x24\x80" * 500_000,
        b"-----BEGIN A-----" * 50_000,
        b"-----BEGIN A-----\n" + b"\n\n" * 500_000,
        b"\x30" * 1_000_000,
    ],
    ids=["padding", "nesting", "pieces", "blocks", "blank lines", "thirties"],
)
def test_a_megabyte_of_nonsense_is_looked_through_in_no_time(data: bytes) -> None:
    began = time.monotonic()
    iterations_asked(data)
    assert time.monotonic() - began < 1
