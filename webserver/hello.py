"""What a ClientHello says, read from the bytes as they came.

Pure and lazy: the listener keeps the bytes, and only who looks at a handshake pays for
reading them. Never raises: what is not a ClientHello is None, what is cut short gives
what there was.
"""

from __future__ import annotations

from dataclasses import dataclass

from webserver.tls_names import CIPHERS, GROUPS, SIGNATURE_ALGORITHMS, VERSIONS

_HANDSHAKE = 22
_CLIENT_HELLO = 1
SERVER_NAME, ALPN = 0, 16
_GROUPS, _SIGNATURE_ALGORITHMS, _VERSIONS = 10, 13, 43

# RFC 8446 4.1.3: a ServerHello with this random asks the client to try again.
_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a client offered, as numbers in the order offered, GREASE included.

    legacy_version: the version field of the message (0x0303 from TLS 1.2 on).
    versions: the supported_versions extension; empty when it was absent.
    server_name: None when the client named none (always so when it dialled an address).
    extensions: the types, in order.
    complete: False when the bytes ended before the message did.
    """

    legacy_version: int
    versions: tuple[int, ...] = ()
    ciphers: tuple[int, ...] = ()
    server_name: str | None = None
    alpn: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()
    signature_algorithms: tuple[int, ...] = ()
    extensions: tuple[int, ...] = ()
    complete: bool = True

    def as_json(self) -> dict[str, object]:
        """The handshake record's `offered`: names where known, hex where not, no GREASE."""
        versions = self.versions or (self.legacy_version,)
        return {
            "versions": _names(versions, VERSIONS),
            "server_name": self.server_name,
            "alpn": list(self.alpn),
            "ciphers": _names(self.ciphers, CIPHERS),
            "groups": _names(self.groups, GROUPS),
            "signature_algorithms": _names(self.signature_algorithms, SIGNATURE_ALGORITHMS),
        }


def parse_client_hello(data: bytes) -> ClientHello | None:
    """The ClientHello at the start of `data` (TLS records), or None when there is none.

    A message in several records is put together; one that is cut short comes back with
    `complete` False and whatever could be read.
    """
    message = _handshake_bytes(data)
    if len(message) < 6 or message[0] != _CLIENT_HELLO:
        return None
    length = int.from_bytes(message[1:4], "big")
    body = _Reader(message[4 : 4 + length])
    complete = len(message) >= 4 + length
    try:
        legacy_version = body.number(2)
    except _Truncated:
        return None
    ciphers: tuple[int, ...] = ()
    extensions: list[tuple[int, bytes]] = []
    try:
        body.take(32)
        body.vector(1)
        ciphers = _numbers(body.vector(2, partial=True))
        body.vector(1)
        if not body.at_end:
            rest = _Reader(body.vector(2, partial=True))
            while not rest.at_end:
                extensions.append((rest.number(2), rest.vector(2)))
    except _Truncated:
        complete = False
    found: dict[int, bytes] = {}
    for kind, content in extensions:
        found.setdefault(kind, content)
    return ClientHello(
        legacy_version=legacy_version,
        versions=_numbers(_inner(found.get(_VERSIONS, b""), 1)),
        ciphers=ciphers,
        server_name=_server_name(found.get(SERVER_NAME, b"")),
        alpn=_alpn(_inner(found.get(ALPN, b""), 2)),
        groups=_numbers(_inner(found.get(_GROUPS, b""), 2)),
        signature_algorithms=_numbers(_inner(found.get(_SIGNATURE_ALGORITHMS, b""), 2)),
        extensions=tuple(kind for kind, _ in extensions),
        complete=complete,
    )


def asks_for_retry(flight: bytes) -> bool:
    """Whether a server's first flight is a HelloRetryRequest, which shows no certificate."""
    return flight[11:43] == _RETRY_RANDOM


def is_grease(value: int) -> bool:
    """Whether a 16-bit number is one of RFC 8701's meaningless ones (0x0A0A … 0xFAFA)."""
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF


class _Truncated(Exception):
    """The bytes end before the field does."""


class _Reader:
    """Takes big-endian numbers and length-prefixed vectors off the front of bytes."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._data)

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise _Truncated
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, length_size: int, *, partial: bool = False) -> bytes:
        length = self.number(length_size)
        if partial:
            length = min(length, len(self._data) - self._at)
        return self.take(length)


def _handshake_bytes(data: bytes) -> bytes:
    pieces = []
    at = 0
    while at + 5 <= len(data) and data[at] == _HANDSHAKE:
        length = int.from_bytes(data[at + 3 : at + 5], "big")
        pieces.append(data[at + 5 : at + 5 + length])
        at += 5 + length
    return b"".join(pieces)


def _inner(content: bytes, length_size: int) -> bytes:
    """The one vector that an extension consists of; cut short when the extension is."""
    try:
        return _Reader(content).vector(length_size, partial=True)
    except _Truncated:
        return b""


def _numbers(content: bytes) -> tuple[int, ...]:
    return tuple(
        int.from_bytes(content[at : at + 2], "big") for at in range(0, len(content) - 1, 2)
    )


def _alpn(content: bytes) -> tuple[str, ...]:
    reader = _Reader(content)
    names = []
    try:
        while not reader.at_end:
            names.append(reader.vector(1).decode("latin-1"))
    except _Truncated:
        pass
    return tuple(names)


def _server_name(content: bytes) -> str | None:
    reader = _Reader(_inner(content, 2))
    try:
        while not reader.at_end:
            kind, name = reader.number(1), reader.vector(2)
            if kind == 0:
                return name.decode("ascii", "backslashreplace")
    except _Truncated:
        pass
    return None


def _names(values: tuple[int, ...], table: dict[int, str]) -> list[str]:
    return [table.get(value, f"0x{value:04X}") for value in values if not is_grease(value)]
