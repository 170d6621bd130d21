"""TLS 1.3's record protection (RFC 8446 5 and 7): one direction of a connection.

Pure: bytes in, bytes out. Knows no socket, no handshake, and not what records say.
"""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23
HEADER = 5
MOST = 1 << 14  # bytes of content in one record
_TAG = 16
OVERHEAD = HEADER + 1 + _TAG  # of a record without padding
LONGEST = MOST + 256  # what a record's length may say
_VERSION = bytes([3, 3])


class Traffic:
    """What protects the records that go one way.

    suite: the name of the cipher suite. secret: the traffic secret.
    count: the records that have gone under it so far.
    Keys are derived when they are needed, and can be forgotten meanwhile.
    """

    __slots__ = ("_count", "_keys", "_secret", "_suite")

    def __init__(self, suite: str, secret: bytes, count: int = 0) -> None:
        self._suite = suite
        self._secret = secret
        self._count = count
        self._keys: tuple[AESGCM | ChaCha20Poly1305, int] | None = None

    def seal(self, kind: int, content: bytes) -> bytes:
        """One record with at most `MOST` bytes."""
        inner = content + bytes([kind])
        header = bytes([APPLICATION_DATA]) + _VERSION + (len(inner) + _TAG).to_bytes(2, "big")
        aead, nonce = self._next()
        return header + aead.encrypt(nonce, inner, header)

    def open(self, record: bytes) -> tuple[int, bytes] | None:
        """Kind and content of the next record; None when it is not what was sealed.

        The kind is 0 when there is none, which no peer may send.
        """
        aead, nonce = self._next()
        try:
            inner = aead.decrypt(nonce, record[HEADER:], record[:HEADER]).rstrip(b"\0")
        except InvalidTag:
            return None
        return (inner[-1], inner[:-1]) if inner else (0, b"")

    def update(self) -> None:
        """Go on with the next secret (RFC 8446 7.2)."""
        self._secret = self._expanded(b"traffic upd", len(self._secret))
        self._count = 0
        self.rest()

    def rest(self) -> None:
        """Keep the secret alone."""
        self._keys = None

    def _next(self) -> tuple[AESGCM | ChaCha20Poly1305, bytes]:
        if self._keys is None:
            key = self._expanded(b"key", 16 if "AES_128" in self._suite else 32)
            aead = ChaCha20Poly1305(key) if "CHACHA20" in self._suite else AESGCM(key)
            self._keys = aead, int.from_bytes(self._expanded(b"iv", 12), "big")
        aead, base = self._keys
        nonce = (base ^ self._count).to_bytes(12, "big")
        self._count += 1
        return aead, nonce

    def _expanded(self, label: bytes, size: int) -> bytes:
        """HKDF-Expand-Label without context, for no more than a hash is long (RFC 8446 7.1)."""
        whole = b"tls13 " + label
        info = size.to_bytes(2, "big") + bytes([len(whole)]) + whole + b"\0"
        digest = "sha384" if self._suite.endswith("SHA384") else "sha256"
        return hmac.digest(self._secret, info + b"\1", digest)[:size]


def encrypted_records(wire: bytes) -> int:
    """How many of the whole records in `wire` are encrypted as in TLS 1.3."""
    at = found = 0
    while at < len(wire):
        found += wire[at] == APPLICATION_DATA
        at += HEADER + int.from_bytes(wire[at + 3 : at + HEADER], "big")
    return found


def after_finished(flight: bytes) -> int | None:
    """How many bytes follow the client's Finished in `flight`, the last of its handshake.

    None when that can't be told: it does not begin with a record, or has not all of it.
    """
    at = 0
    while at + HEADER <= len(flight) and flight[at] in (CHANGE_CIPHER_SPEC, APPLICATION_DATA):
        finished = flight[at] == APPLICATION_DATA
        at += HEADER + int.from_bytes(flight[at + 3 : at + HEADER], "big")
        if finished:
            return len(flight) - at if at <= len(flight) else None
    return None
