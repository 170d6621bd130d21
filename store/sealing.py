"""Private keys at rest: sealed with AES-256-GCM under a key file of mode 0600.

The context given when sealing must be given again when opening, so that a sealed
key can't be moved to another certificate's row. Nothing here is ever shown.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.refusals import Refused

_NONCE = 12
_KEY = 32


class Seal:
    """Seals and opens short secrets; one per data directory."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def in_memory(cls) -> Seal:
        """A seal whose key is nowhere else, for boxes that keep nothing."""
        return cls(secrets.token_bytes(_KEY))

    @classmethod
    def from_file(cls, path: Path, *, may_create: bool) -> Seal:
        """The seal whose key is in `path`; made, durably, when it may be.

        Refused when the file is missing although there are sealed keys, or is no key.
        """
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            if not may_create:
                raise Refused.because(
                    "key-file-missing",
                    f"The key file {path} is missing, and the private keys are sealed with it.",
                    instead="Put it back, or start with another data directory.",
                ) from None
            key = secrets.token_bytes(_KEY)
            write_durably(path, key)
        if len(key) != _KEY:
            raise Refused.because(
                "key-file-damaged",
                f"The key file {path} has {len(key)} bytes, not {_KEY}.",
                instead="Put the right one back; the file was left as it is.",
            )
        return cls(key)

    def seal(self, secret: bytes, *, context: str) -> bytes:
        """`secret`, sealed for `context`."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """The secret in `sealed`; refused when it was not sealed by this key for `context`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], context.encode())
        except (InvalidTag, ValueError):
            raise Refused.because(
                "seal-broken",
                "A private key in the store can't be unsealed: the key file is not the one "
                "that belongs to this database, or the database is damaged.",
                instead="Put both back from one backup; they were left as they are.",
            ) from None


def write_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write `path` whole or not at all, and make it last: temporary file, fsync, rename, fsync."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
