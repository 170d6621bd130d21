"""A server's flights, taken apart where faults may happen, and alerts made by hand.

Pure: bytes in, bytes out. OpenSSL writes each handshake message in records of its own, so
a flight can be cut between records without reading what TLS 1.3 has encrypted. An alert
in the middle of one is something OpenSSL never sends by itself: here it is sealed with
the handshake's own keys (RFC 8446 5.2, 7.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.serving import Stage
from webserver.hello import asks_for_retry
from webserver.records import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HEADER,
    Traffic,
)

_CERTIFICATE = 11
_FATAL = 2
# In TLS 1.3, what follows the Certificate: CertificateVerify and Finished, a record each.
_AFTER_CERTIFICATE = 2
# EncryptedExtensions and Finished: all there is when a session is resumed.
_RESUMED = 2

_INFORMATIONAL = b"HTTP/1.1 1"  # such as 100 Continue: the response is still to come

_SECRET = b"SERVER_HANDSHAKE_TRAFFIC_SECRET "


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a flight.

    stage: what has been reached before it is sent; None when no stage begins here.
    certificate: whether our certificate is in it.
    """

    stage: Stage | None
    wire: bytes
    certificate: bool = False


def pieces_of(flight: bytes, *, first: bool) -> list[Piece]:
    """`flight` in the pieces between stages.

    first: whether it answers a ClientHello; else it ends a handshake of TLS 1.2.
    """
    records = list(_records(flight))
    if asks_for_retry(flight):
        return [Piece(Stage.HELLO, flight)]
    kinds = [record[0] for record in records]
    if APPLICATION_DATA in kinds:
        return _new_style(records, kinds)
    if first and (end := _certificate_end(records)):
        head, tail = b"".join(records[:end]), b"".join(records[end:])
        return [Piece(Stage.HELLO, head, certificate=True), Piece(Stage.CERTIFICATE, tail)]
    # ChangeCipherSpec says that what follows it, Finished, is encrypted.
    end = kinds.index(CHANGE_CIPHER_SPEC) if CHANGE_CIPHER_SPEC in kinds else len(records)
    head, tail = b"".join(records[:end]), b"".join(records[end:])
    found = [Piece(Stage.HELLO if first else None, head)] if head else []
    return [*found, Piece(Stage.FINISHED, tail)] if tail else found


def _new_style(records: list[bytes], kinds: list[int]) -> list[Piece]:
    last = records[-1]
    if kinds.count(APPLICATION_DATA) <= _RESUMED:
        return [Piece(Stage.HELLO, b"".join(records[:-1])), Piece(Stage.FINISHED, last)]
    return [
        Piece(Stage.HELLO, b"".join(records[:-_AFTER_CERTIFICATE]), certificate=True),
        Piece(Stage.CERTIFICATE, b"".join(records[-_AFTER_CERTIFICATE:-1])),
        Piece(Stage.FINISHED, last),
    ]


def _certificate_end(records: list[bytes]) -> int:
    """How many records of an unencrypted flight it takes to the end of the Certificate."""
    owed = 0
    seen = False
    for number, record in enumerate(records, 1):
        body = record[HEADER:]
        if not owed and body[0] == _CERTIFICATE:
            seen = True
        owed = owed - len(body) if owed else 4 + int.from_bytes(body[1:4], "big") - len(body)
        if seen and not owed:
            return number
    return 0


def _records(wire: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(wire):
        end = at + HEADER + int.from_bytes(wire[at + 3 : at + HEADER], "big")
        yield wire[at:end]
        at = end


def plain_alert(code: int) -> bytes:
    """A fatal alert as it is sent before anything is encrypted."""
    return bytes([ALERT, 3, 3, 0, 2, _FATAL, code])


def handshake_secret(line: bytes) -> bytes | None:
    """The server's handshake traffic secret, when `line` of a key log has it."""
    if not line.startswith(_SECRET):
        return None
    return bytes.fromhex(line.split()[2].decode("ascii"))


def sealed_alert(code: int, *, secret: bytes, cipher: str, sequence: int) -> bytes:
    """A fatal alert encrypted with TLS 1.3's handshake keys.

    secret: as `handshake_secret` gives it.
    cipher: the suite's name.
    sequence: how many encrypted records were sent before.
    """
    return Traffic(cipher, secret, sequence).seal(ALERT, bytes([_FATAL, code]))


class ResponseCut:
    """Lets through the first part of a response, and says when that was it.

    fraction: of the body; of the head, when there is no body or nobody says how long it is.
    """

    def __init__(self, fraction: float) -> None:
        self._fraction = fraction
        self._held = b""
        self._left: int | None = None
        self.done = False

    def passes(self, data: bytes) -> bytes:
        """What of `data` (and of what was held before) may be sent."""
        if self._left is None:
            self._held += data
            end = self._held.find(b"\r\n\r\n") + 4
            if end < 4:
                return b""
            data, self._held = self._held, b""
            if data.startswith(_INFORMATIONAL):
                return data[:end] + self.passes(data[end:])
            self._left = self._allowed(data[:end])
        allowed = data[: self._left]
        self._left -= len(allowed)
        self.done = self._left == 0
        return allowed

    def _allowed(self, head: bytes) -> int:
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        if length:
            return len(head) + min(int(length * self._fraction), length - 1)
        return max(1, int(len(head) * self._fraction))
