"""A bound on the work that encrypted key files ask for, read off their DER.

A PKCS#12 or PKCS#8 file names its own iteration count, and may name two thousand
million. Every scheme in use writes it as an INTEGER after the OCTET STRING of the
salt (PKCS#5 PBKDF2-params, PKCS#12 PBEParameter and MacData, scrypt-params), so
that is what is looked for; nothing is decrypted. What is nested or cut up beyond
what can be looked through counts as too much.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

# OpenSSL writes 2,048; NSS (Firefox) and GnuTLS 600,000 for each of key, certificates and MAC, and
# what BER has cut up, as NSS does, is counted up to three times over: 4,200,000. A round takes
# less than half a microsecond.
MAX_ITERATIONS = 6_000_000
_MAX_DEPTH = 40
_MAX_ELEMENTS = 20_000
_MAX_BLOCKS = 100

_END, _INTEGER, _OCTET_STRING, _OBJECT_IDENTIFIER = 0x00, 0x02, 0x04, 0x06
_CONSTRUCTED = 0x20


_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)


def iterations_asked(data: bytes) -> int:
    """All the rounds that `data` (PEM or DER) asks for; 0 when none, or when it is neither.

    More than `MAX_ITERATIONS`, too, when it can't be told.
    """
    if b"-----BEGIN" not in data:
        return _asked_by_der(data)
    blocks = data.split(b"-----BEGIN ")[1:]
    if len(blocks) > _MAX_BLOCKS:
        return MAX_ITERATIONS + 1
    return max((_asked_by_der(der) for block in blocks for der in _bodies(block)), default=0)


def _bodies(block: bytes) -> Iterator[bytes]:
    """What may be the content of a PEM block: all of it, or what follows headers."""
    text = block.partition(b"-----")[2].partition(b"-----END")[0].replace(b"\r", b"").lstrip()
    for part in (text, text.partition(b"\n\n")[2], text.rpartition(b"\n\n")[2]):
        letters = part.translate(None, _NOT_BASE64)
        if len(letters) % 4 != 1:  # else it is no Base64 at all
            yield b64decode(letters + b"=" * (-len(letters) % 4))


def _asked_by_der(der: bytes) -> int:
    total = 0
    budget = _MAX_ELEMENTS
    pending = [(der, 0)]
    while pending:
        data, depth = pending.pop()
        salted = False
        numbers: list[int] = []
        for tag, content in [*_elements(data), (_OCTET_STRING, b"")]:
            budget -= 1
            if budget < 0 or depth > _MAX_DEPTH:
                return MAX_ITERATIONS + 1
            if tag == _END:  # of an element of indefinite length
                continue
            if tag == _INTEGER:
                numbers.append(int.from_bytes(content, "big", signed=True))
                continue
            if salted:
                total += _rounds(numbers)
            salted = tag & ~_CONSTRUCTED == _OCTET_STRING
            numbers.clear()
            if tag & _CONSTRUCTED:
                pending.append((content, depth + 1))
                if salted:
                    content = _joined(content)
            if salted and content[:1] == b"\x30":
                pending.append((content, depth + 1))
    return total


def _joined(pieces: bytes, depth: int = 0) -> bytes:
    """The octet string that BER has cut to pieces, which may be cut again."""
    return b"".join(
        _joined(piece, depth + 1) if tag & _CONSTRUCTED and depth < 5 else piece
        for tag, piece in _elements(pieces)
        if tag & ~_CONSTRUCTED == _OCTET_STRING
    )


def _rounds(after_salt: list[int]) -> int:
    """Iterations of the INTEGERs that follow a salt; scrypt has three: N, r and p."""
    if len(after_salt) < 3:
        return max(0, after_salt[0]) if after_salt else 0
    return abs(after_salt[0] * after_salt[1] * after_salt[2])


def looks_like_pkcs12(der: bytes) -> bool:
    """Whether `der` opens as a PFX: a SEQUENCE whose first element is INTEGER 3 (RFC 7292 4)."""
    for tag, content in _elements(der):
        for inner, value in _elements(content):
            return tag == 0x30 and inner == _INTEGER and value == b"\x03"
    return False


def looks_like_pkcs7(der: bytes) -> bool:
    """Whether `der` opens as a ContentInfo: a SEQUENCE whose first element is an OID (RFC 5652)."""
    for tag, content in _elements(der):
        for inner, _value in _elements(content):
            return tag == 0x30 and inner == _OBJECT_IDENTIFIER
    return False


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements one after the other in `data`, up to the first that makes no sense."""
    position = 0
    while position + 2 <= len(data):
        tag, first = data[position], data[position + 1]
        position += 2
        if first < 0x80:
            length = first
        elif first == 0x80:  # BER indefinite length: take the rest
            length = len(data) - position
        else:
            count = first & 0x7F
            length = int.from_bytes(data[position : position + count], "big")
            position += count
        yield tag, data[position : position + length]
        position += length
