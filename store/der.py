"""A bound on the work that encrypted key files ask for, read off their DER.

A PKCS#12 or PKCS#8 file names its own iteration count, and may name two thousand
million. Every scheme in use writes it as an INTEGER after the OCTET STRING of the
salt (PKCS#5 PBKDF2-params, PKCS#12 PBEParameter and MacData, scrypt-params), so
that pair is what is looked for; nothing is decrypted.
"""

from __future__ import annotations

from collections.abc import Iterator

MAX_ITERATIONS = 5_000_000  # OpenSSL writes 2,048, careful tools up to a million
_MAX_DEPTH = 30
_MAX_ELEMENTS = 20_000

_INTEGER, _OCTET_STRING = 0x02, 0x04
_CONSTRUCTED = 0x20


def iterations_asked(der: bytes) -> int:
    """The sum of all iteration counts in `der`; 0 when it has none or is no DER."""
    total = 0
    budget = _MAX_ELEMENTS
    pending = [(der, 0)]
    while pending and budget:
        data, depth = pending.pop()
        before = None
        for tag, content in _elements(data):
            budget -= 1
            if budget == 0:
                break
            if tag == _INTEGER and before == _OCTET_STRING:
                total += max(0, int.from_bytes(content, "big", signed=True))
            if depth < _MAX_DEPTH and (
                tag & _CONSTRUCTED or (tag == _OCTET_STRING and content[:1] == b"\x30")
            ):
                pending.append((content, depth + 1))
            before = tag
    return total


def looks_like_pkcs12(der: bytes) -> bool:
    """Whether `der` opens as a PFX: a SEQUENCE whose first element is INTEGER 3 (RFC 7292 4)."""
    for tag, content in _elements(der):
        for inner, value in _elements(content):
            return tag == 0x30 and inner == _INTEGER and value == b"\x03"
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
            if count > 4 or position + count > len(data):
                return
            length = int.from_bytes(data[position : position + count], "big")
            position += count
        yield tag, data[position : position + length]
        position += length
