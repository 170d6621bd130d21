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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.certificate import Certificate, iso_time
from store.foreign import UNREADABLE, why_unreadable
from store.inventory import Holding, Kind
from store.journal import Entry
from store.keys import key_to_der
from store.people import Account, Subscriber
from store.refusals import Refused
from store.telephones import Memory, memory_as_json, memory_from_json

MAGIC = b"OSBIZ-BACKUP-1\n"
MAX_FILE = 8 << 20
_MAX_CONTENT = 64 << 20
_SALT, _NONCE = 16, 12
_T = TypeVar("_T")
# 32 MiB and about 80 ms: RFC 7914's recommendation for interactive use.
_SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 << 20, "dklen": 32}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a backup holds.

    made: when, on the calendar of the box that made it.
    settings: as the node's own, `active` included.
    journal: what had happened there, oldest first.
    telephones: what they remember; nothing in a file of an older program.
    """

    made: datetime
    settings: Mapping[str, Any]
    holdings: tuple[Holding, ...]
    accounts: tuple[Account, ...]
    subscribers: tuple[Subscriber, ...]
    journal: tuple[Entry, ...]
    telephones: Memory


def write_backup(snapshot: Snapshot, *, passphrase: str) -> bytes:
    """The file for `snapshot`."""
    content = {
        "made": iso_time(snapshot.made),
        "settings": dict(snapshot.settings),
        "holdings": [_holding_out(holding) for holding in snapshot.holdings],
        "accounts": [[a.name, a.role, a.password_hash, a.must_change] for a in snapshot.accounts],
        "subscribers": [[s.extension, s.name, s.password] for s in snapshot.subscribers],
        "journal": [[e.seq, e.time, e.event, dict(e.detail)] for e in snapshot.journal],
        "telephones": memory_as_json(snapshot.telephones),
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
    except (*UNREADABLE, KeyError, AttributeError, RecursionError, zlib.error):
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


# Whoever knows the passphrase can have written anything into a backup: every value is looked
# over before it can be kept, and what no box writes is a ValueError or TypeError.


def _snapshot(content: dict[str, Any]) -> Snapshot:
    made, settings = _moment(content["made"]), _object(content["settings"])
    accounts = tuple(
        Account(_word(name), _word(role), _maybe(_word, password_hash), bool(must_change))
        for name, role, password_hash, must_change in content["accounts"]
    )
    subscribers = tuple(
        Subscriber(_word(extension), _word(name), _word(password))
        for extension, name, password in content["subscribers"]
    )
    journal = tuple(_entry_in(*row) for row in content["journal"])
    telephones = memory_from_json(content["telephones"]) if "telephones" in content else Memory()
    # Last, because checking a key takes a while.
    holdings = tuple(_holding_in(row) for row in content["holdings"])
    _need(
        any(held.id == settings["active"] and held.certificate and held.key for held in holdings),
        "what is active is not there",
    )
    for names in (
        [held.id for held in holdings],
        [account.name for account in accounts],
        [subscriber.extension for subscriber in subscribers],
    ):
        _need(len(set(names)) == len(names), "something is there twice")
    return Snapshot(
        made=made,
        settings=settings,
        holdings=holdings,
        accounts=accounts,
        subscribers=subscribers,
        journal=journal,
        telephones=telephones,
    )


def _entry_in(seq: Any, time: Any, event: Any, detail: Any) -> Entry:
    return Entry(int(seq), iso_time(_moment(time)), _word(event), _object(detail))


def _object(value: Any) -> dict[str, Any]:
    _need(isinstance(value, dict), "no object")
    _word(json.dumps(value, ensure_ascii=False))
    return dict(value)


def _need(holds: object, why: str) -> None:
    if not holds:
        raise ValueError(why)


def _word(value: Any) -> str:
    _need(isinstance(value, str), "no text")
    value.encode()  # a lone surrogate can't be kept
    return str(value)


def _maybe(read: Callable[[Any], _T], value: Any) -> _T | None:
    return None if value is None else read(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    _need(moment.tzinfo is not None, "a time of nowhere")
    return moment.astimezone(UTC)


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
    key = _maybe(_key_in, row["key"])
    certificate = None
    if row["leaf"] is not None:
        chain = tuple(_certificate_in(part) for part in row["chain"])
        certificate = Certificate(leaf=_certificate_in(row["leaf"]), chain=chain, key=key)
    request = _maybe(_request_in, row["request"])
    _need((certificate is None) != (request is None), "neither certificate nor request, or both")
    return Holding(
        id=_word(row["id"]),
        name=_word(row["name"]),
        kind=Kind(row["kind"]),
        created=_moment(row["created"]),
        certificate=certificate,
        request=request,
        key=key,
        issued_by=_maybe(_word, row["issued_by"]),
        pkcs12=_maybe(base64.b64decode, row["pkcs12"]),
    )


def _key_in(text: Any) -> rsa.RSAPrivateKey:
    loaded = serialization.load_der_private_key(base64.b64decode(text), password=None)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise TypeError("no RSA key")
    return loaded


def _certificate_in(text: Any) -> x509.Certificate:
    certificate = x509.load_der_x509_certificate(base64.b64decode(text))
    _need(why_unreadable(certificate) is None, "a certificate that can't be shown")
    return certificate


def _request_in(text: Any) -> x509.CertificateSigningRequest:
    request = x509.load_der_x509_csr(base64.b64decode(text))
    repr((request.subject.rfc4514_string(), [*request.extensions], request.public_key()))
    return request


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
