"""Everything a node holds as one sealed file, and back.

The file is a short header and AES-256-GCM over compressed JSON; its key comes from the
passphrase by scrypt. Private keys are in it: without the passphrase it is worth nothing,
and it says nothing, not even whose it is. Slow on purpose: call off the event loop.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.certificate import Certificate, iso_time
from store.inventory import Holding, Kind
from store.journal import Entry
from store.keys import key_to_der
from store.people import Account, Subscriber
from store.refusals import Refused

MAGIC = b"OSBIZ-BACKUP-1\n"
MAX_FILE = 8 << 20
_MAX_CONTENT = 64 << 20
_SALT, _NONCE = 16, 12
# 32 MiB and about 80 ms: RFC 7914's recommendation for interactive use.
_SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 << 20, "dklen": 32}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a backup holds.

    made: when, on the calendar of the box that made it.
    settings: as the node's own, `active` included.
    journal: what had happened there, oldest first.
    """

    made: datetime
    settings: Mapping[str, Any]
    holdings: tuple[Holding, ...]
    accounts: tuple[Account, ...]
    subscribers: tuple[Subscriber, ...]
    journal: tuple[Entry, ...]


def write_backup(snapshot: Snapshot, *, passphrase: str) -> bytes:
    """The file for `snapshot`."""
    content = {
        "made": iso_time(snapshot.made),
        "settings": dict(snapshot.settings),
        "holdings": [_holding_out(holding) for holding in snapshot.holdings],
        "accounts": [[a.name, a.role, a.password_hash, a.must_change] for a in snapshot.accounts],
        "subscribers": [[s.extension, s.name, s.password] for s in snapshot.subscribers],
        "journal": [[e.seq, e.time, e.event, dict(e.detail)] for e in snapshot.journal],
    }
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    sealed = _cipher(passphrase, salt).encrypt(
        nonce, zlib.compress(json.dumps(content).encode()), MAGIC
    )
    return MAGIC + salt + nonce + sealed


def read_backup(data: bytes, *, passphrase: str) -> Snapshot:
    """The snapshot in a backup file.

    Refused when it is no backup (`not-a-backup`), too large, or when the passphrase does
    not open it (`passphrase-wrong`), which can't be told from damage.
    """
    if len(data) > MAX_FILE:
        raise Refused.because(
            "too-large",
            f"The backup has {len(data)} bytes.",
            field="file",
            instead=f"At most {MAX_FILE} are read.",
        )
    head = len(MAGIC) + _SALT + _NONCE
    if not data.startswith(MAGIC) or len(data) <= head:
        raise _no_backup()
    salt = data[len(MAGIC) : len(MAGIC) + _SALT]
    nonce = data[len(MAGIC) + _SALT : head]
    try:
        opened = _cipher(passphrase, salt).decrypt(nonce, data[head:], MAGIC)
    except InvalidTag:
        raise Refused.because(
            "passphrase-wrong",
            "The backup can't be opened with this passphrase, or it is damaged.",
            field="passphrase",
            instead="Give the passphrase that it was made with.",
        ) from None
    try:
        reader = zlib.decompressobj()
        content = json.loads(reader.decompress(opened, _MAX_CONTENT))
        return _snapshot(content)
    except (ValueError, TypeError, KeyError, AssertionError, zlib.error):
        raise _no_backup() from None


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    secret = passphrase.encode("utf-8", "surrogatepass")
    return AESGCM(hashlib.scrypt(secret, salt=salt, **_SCRYPT))


def _no_backup() -> Refused:
    return Refused.because(
        "not-a-backup",
        "The file is no backup of a box.",
        field="file",
        instead="Choose a file that Data Backup made.",
    )


def _snapshot(content: dict[str, Any]) -> Snapshot:
    holdings = tuple(_holding_in(row) for row in content["holdings"])
    active = content["settings"]["active"]
    assert any(held.id == active and held.certificate and held.key for held in holdings)
    return Snapshot(
        made=datetime.fromisoformat(content["made"]),
        settings=content["settings"],
        holdings=holdings,
        accounts=tuple(Account(*row) for row in content["accounts"]),
        subscribers=tuple(Subscriber(*row) for row in content["subscribers"]),
        journal=tuple(Entry(*row) for row in content["journal"]),
    )


def _holding_out(holding: Holding) -> dict[str, Any]:
    certificate, request, key = holding.certificate, holding.request, holding.key
    der = serialization.Encoding.DER
    return {
        "id": holding.id,
        "name": holding.name,
        "kind": holding.kind.value,
        "created": iso_time(holding.created),
        "leaf": certificate and _text(certificate.leaf.public_bytes(der)),
        "chain": [_text(part.public_bytes(der)) for part in certificate.chain]
        if certificate
        else [],
        "request": request and _text(request.public_bytes(der)),
        "key": key and _text(key_to_der(key)),
        "issued_by": holding.issued_by,
        "pkcs12": holding.pkcs12 and _text(holding.pkcs12),
    }


def _holding_in(row: dict[str, Any]) -> Holding:
    key: rsa.RSAPrivateKey | None = None
    if row["key"] is not None:
        # Whoever knows the passphrase can have written anything: checked like any foreign key.
        loaded = serialization.load_der_private_key(base64.b64decode(row["key"]), password=None)
        assert isinstance(loaded, rsa.RSAPrivateKey)
        key = loaded
    certificate = None
    if row["leaf"] is not None:
        certificate = Certificate(
            leaf=x509.load_der_x509_certificate(base64.b64decode(row["leaf"])),
            chain=tuple(
                x509.load_der_x509_certificate(base64.b64decode(part)) for part in row["chain"]
            ),
            key=key,
        )
    request = row["request"] and x509.load_der_x509_csr(base64.b64decode(row["request"]))
    return Holding(
        id=row["id"],
        name=row["name"],
        kind=Kind(row["kind"]),
        created=datetime.fromisoformat(row["created"]),
        certificate=certificate,
        request=request,
        key=key,
        issued_by=row["issued_by"],
        pkcs12=row["pkcs12"] and base64.b64decode(row["pkcs12"]),
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
